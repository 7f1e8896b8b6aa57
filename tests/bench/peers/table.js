// responses.csv and actors.csv to features as csvprep makes them by responses.prep, in
// Polars: POLARS_MAX_THREADS=2 node table.js OUT.parquet
const pl = require('nodejs-polars');

const { col, lit } = pl;
const joined = pl.scanCSV('responses.csv', { inferSchemaLength: 200 })
	.select('clipName', 'dispVal', 'ttr', 'respLevel', 'numTries', 'respEmo', 'queryType', 'dispEmo')
	.filter(col('dispVal').isNotNull())
	.withColumns(col('clipName').str.slice(0, 4).cast(pl.Int64).alias('ActorID'), col('clipName').str.slice(5, 3).alias('phrase'))
	.join(pl.scanCSV('actors.csv'), { on: 'ActorID', how: 'left' })
	.collectSync();
const [low, high] = joined.select(col('ttr').quantile(0.25, 'linear').alias('low'), col('ttr').quantile(0.75, 'linear').alias('high')).row(0);
const reach = 1.5 * (high - low);
const scaled = (name, e = col(name).cast(pl.Float64)) => e.minus(e.mean()).div(e.std()).cast(pl.Float32).alias(name);
const onehot = (name, levels) => levels.map((v) => col(name).eq(lit(v)).cast(pl.Float32).alias(`${name}=${v}`));
const out = joined.lazy()
	.withColumns(col('ttr').cast(pl.Float64).clip(low - reach, high + reach).alias('ttr'))
	.select(
		...onehot('respEmo', [...'ADFHNS']), scaled('respLevel'), ...onehot('queryType', [1, 2, 3]), scaled('ttr'), scaled('numTries'),
		...onehot('phrase', 'DFA IEO IOM ITH ITS IWL IWW MTI TAI TIE TSI WSI'.split(' ')), scaled('Age'), ...onehot('Sex', ['Female', 'Male']),
		...onehot('Race', ['African American', 'Asian', 'Caucasian', 'Unknown']), ...onehot('Ethnicity', ['Hispanic', 'Not Hispanic']), col('dispEmo'))
	.collectSync();
out.writeParquet(process.argv[2], { compression: 'uncompressed' });
