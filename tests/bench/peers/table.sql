-- responses.csv and actors.csv to features as csvprep makes them by responses.prep, in
-- DuckDB: duckdb -cmd 'SET threads TO 2' <table.sql
SET disabled_optimizers = 'build_side_probe_side'; -- keeps the rows in their order
CREATE MACRO one(a, b) AS (a = b)::INTEGER::FLOAT;
CREATE TEMP TABLE joined AS
SELECT r.ttr::DOUBLE ttr, r.respLevel::DOUBLE respLevel, r.numTries::DOUBLE numTries, a.Age::DOUBLE Age, r.respEmo, r.queryType,
	substr(r.clipName, 6, 3) phrase, a.Sex, a.Race, a.Ethnicity, r.dispEmo
FROM read_csv('responses.csv', header = true, auto_detect = false, delim = ',', quote = '"', columns = {
	'n': 'VARCHAR', 'localid': 'VARCHAR', 'pos': 'VARCHAR', 'ans': 'VARCHAR', 'ttr': 'INTEGER', 'queryType': 'INTEGER',
	'numTries': 'INTEGER', 'clipNum': 'VARCHAR', 'questNum': 'VARCHAR', 'subType': 'VARCHAR', 'clipName': 'VARCHAR',
	'sessionNums': 'VARCHAR', 'respEmo': 'VARCHAR', 'respLevel': 'INTEGER', 'dispEmo': 'VARCHAR', 'dispVal': 'DOUBLE',
	'dispLevel': 'VARCHAR' }) r
LEFT JOIN read_csv('actors.csv', header = true) a ON a.ActorID = substr(r.clipName, 1, 4)::BIGINT
WHERE r.dispVal IS NOT NULL;
COPY (
WITH quartiles AS (SELECT quantile_cont(ttr, 0.25) q1, quantile_cont(ttr, 0.75) q3 FROM joined),
clipped AS (SELECT j.* REPLACE (greatest(least(ttr, q3 + 1.5 * (q3 - q1)), q1 - 1.5 * (q3 - q1)) AS ttr) FROM joined j, quartiles),
moments AS (SELECT avg(ttr) mt, stddev_samp(ttr) st, avg(respLevel) ml, stddev_samp(respLevel) sl, avg(numTries) mn,
	stddev_samp(numTries) sn, avg(Age) ma, stddev_samp(Age) sa FROM clipped)
SELECT one(respEmo, 'A') e1, one(respEmo, 'D') e2, one(respEmo, 'F') e3, one(respEmo, 'H') e4, one(respEmo, 'N') e5, one(respEmo, 'S') e6,
	((respLevel - ml) / sl)::FLOAT respLevel, one(queryType, 1) q1, one(queryType, 2) q2, one(queryType, 3) q3,
	((ttr - mt) / st)::FLOAT ttr, ((numTries - mn) / sn)::FLOAT numTries,
	one(phrase, 'DFA') p1, one(phrase, 'IEO') p2, one(phrase, 'IOM') p3, one(phrase, 'ITH') p4, one(phrase, 'ITS') p5, one(phrase, 'IWL') p6,
	one(phrase, 'IWW') p7, one(phrase, 'MTI') p8, one(phrase, 'TAI') p9, one(phrase, 'TIE') p10, one(phrase, 'TSI') p11, one(phrase, 'WSI') p12,
	((Age - ma) / sa)::FLOAT Age, one(Sex, 'Female') s1, one(Sex, 'Male') s2,
	one(Race, 'African American') r1, one(Race, 'Asian') r2, one(Race, 'Caucasian') r3, one(Race, 'Unknown') r4,
	one(Ethnicity, 'Hispanic') h1, one(Ethnicity, 'Not Hispanic') h2, (strpos('ADFHNS', dispEmo) - 1)::INTEGER AS label
FROM clipped, moments
) TO 'duckdb.parquet' (FORMAT parquet, COMPRESSION uncompressed);
