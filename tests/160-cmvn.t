#!/bin/bash
# cmvn: standardised by speaker, by saved statistics, by what speakers have in common.
. "${0%/*}/lib.sh"
. "$root/tests/streams.sh"

# Three speakers of 8, 5 and 3 recordings of 4 columns; the last column never changes.
{
	echo 'H type=table column=a column=b column=c column=d pg=csvprep_x'
	for i in 1 2 3 4 5 6 7 8; do echo "T f32 4 $((i * i % 11)).5,$((i % 3)),-$((i * 7 % 5))e3,0.1 key=s1-$i label=$((i % 2)) group=s1 sex=f"; done
	for i in 1 2 3 4 5; do echo "T f32 4 $((i * i % 7)),$((i % 2)).25,$((i * 3 % 4))e2,0.1 key=s2-$i label=$((i % 2)) group=s2"; done
	for i in 1 2 3; do echo "T f32 4 $((i * i)),$i,${i}e1,0.1 key=s3-$i label=$((i % 2)) group=s3"; done
	echo E
} | maketsr t.tsr
options cmvn
reads_streams t.tsr cmvn
for flags in '--leave-one-out' '--clips 2' '--fit f.stats -j 3'; do
	# shellcheck disable=SC2086
	cmvn -q $flags t.tsr >want 2>err
	# shellcheck disable=SC2002,SC2086
	cat t.tsr | cmvn -q $flags >out 2>err
	same out want "a pipe gives what a file does: $flags"
done

# rows FILE: key, group and values, a line a record.
rows() {
	paste <(tsrdump --tsv "$1" | tail -n +2 | cut -f 1,3) <(tsrdump --data "$1" | cut -f 3-)
}
# close_to FILE FILE NAME: rows of equal keys and nearly equal values.
close_to() {
	paste "$1" "$2" | awk -F '\t' '{ n = NF / 2
		for (i = 1; i <= n; i++) {
			d = i > 2 ? $i - $(n + i) : ($i != $(n + i))
			if (d > 2e-6 || d < -2e-6) { print "# row", NR, "field", i ":", $i, $(n + i); bad++ } } }
		END { exit NR == 0 || bad > 0 }'
	ok $? "$3"
}
# formula [-v out=1] [-v prior=1] [-v unknown=1] [-v a=2] [-v b=20]: direct sums over rows of standard input.
formula() {
	awk -F '\t' -v OFS='\t' -v CONVFMT=%.9g "$@" '
		function clip(z) { return z > 5 ? 5 : z < -5 ? -5 : z }
		{ key[NR] = $1; g[NR] = $2; n = NF - 2; for (i = 1; i <= n; i++) x[NR, i] = $(i + 2) }
		# Mean and variance of column i over the rows of group q but for row r.
		function sums(q, i, r,   t) {
			k = m = v = 0
			for (t = 1; t <= NR; t++) if (g[t] == q && t != r) { k++; m += x[t, i] }
			m = k > 0 ? m / k : 0
			for (t = 1; t <= NR; t++) if (g[t] == q && t != r) v += (x[t, i] - m) ^ 2
			v = k > 0 ? v / k : 0
		}
		function expected(i,   q, t) {
			all = within = groups = 0
			for (t = 1; t <= NR; t++) seen[g[t]] = 1
			for (q in seen) { sums(q, i, 0); all += m; within += v * k; groups++ }
			all /= groups
			within /= NR
		}
		END {
			for (t = 1; t <= NR; t++) {
				line = key[t] OFS g[t]
				for (i = 1; i <= n; i++) {
					if (prior) expected(i)
					sums(g[t], i, out ? t : 0)
					if (unknown) k = 0
					if (prior) { m = (k * m + a * all) / (k + a); v = (k * v + b * within) / (k + b) }
					line = line OFS (v < 1e-14 ? 0 : clip((x[t, i] - m) / sqrt(v)))
				}
				print line
			} }'
}
rows t.tsr >t.rows
run 0 'the stream by its own speakers' cmvn -q t.tsr
mv out own.tsr
rows own.tsr >got
formula <t.rows >want
close_to got want 'is what the formula gives'
is "$(tsrdump --field cmvn own.tsr)" 'group limit=5' 'the head says so'
is "$(tsrdump --field column own.tsr | xargs)" 'a b c d' 'and keeps the columns'
is "$(tsrdump --field pg own.tsr)" "csvprep_x
cmvn $(cat "$root/VERSION") own=yes leave-one-out=no clips=0 skew=none together=no group=none shrink-mean=2 shrink-variance=20 limit=5 seed=0" \
	'provenance is continued'
is "$(tsrdump --tsv --columns sex,enrolled own.tsr | sed -n '2p;10p;15p' | cut -f 1-3,13-)" \
	"s1-1	1	s1	f	8
s2-1	1	s2	-	5
s3-1	1	s3	-	3" 'records keep what they have, and say how many recordings counted'
cmvn -q --leave-one-out t.tsr >loo.tsr
rows loo.tsr | cut -f 1-5 >got
formula -v out=1 <t.rows | cut -f 1-5 >want
close_to got want '--leave-one-out: by all others'
is "$(rows loo.tsr | cut -f 6 | sort -u)" 0 'a column that never changes is 0'
for j in 1 4; do
	cmvn -q -j $j --leave-one-out t.tsr >out
	same out loo.tsr "-j $j: the same bytes"
done

# Saved statistics.
cmvn -q --fit t.stats -o o.tsr t.tsr
same o.tsr own.tsr '--fit changes no output'
rows t.stats | head -n 1 >got
is "$(tsrdump --tsv --columns count,rows t.stats | cut -f 1,3,6,7,13,14)" \
	"key	group	dtype	shape	count	rows
s1	s1	f64	2,4	8	8
s2	s2	f64	2,4	5	5
s3	s3	f64	2,4	3	3" 'a record a speaker'
awk -F '\t' '{ n[$2]++; x[$2] = x[$2] " " $3 }
	END { for (g in x) { c = split(x[g], v, " "); m = s = 0
		for (i = 1; i <= c; i++) m += v[i] / c
		for (i = 1; i <= c; i++) s += (v[i] - m) ^ 2 / c
		printf "%s\t%.9g\t%.9g\n", g, m, s } }' t.rows | sort >want
tsrdump --data t.stats | awk -F '\t' '{ v[$1] = v[$1] sprintf("\t%.9g", $3) } END { for (g in v) print g v[g] }' | sort >got
same got want 'its mean and variance'
is "$(tsrdump --field feature.column t.stats | xargs)" 'a b c d' 'of which columns'
run 0 'whole streams put together are one' bash -c 'tsrpick --group s1 t.tsr | cmvn -q --fit s1.stats -o o.tsr &&
	tsrpick --group s1 --invert t.tsr | cmvn -q --fit s23.stats -o o.tsr && cat s1.stats s23.stats >s123.stats'
cmvn -q --apply t.stats t.tsr >want
cmvn -q --apply s123.stats t.tsr >new.tsr
run 0 'and give the same values' tsrdiff --atol 0 --rtol 0 --values want new.tsr

# Drawn towards what is expected.
cmvn --apply t.stats t.tsr >a.tsr 2>err
is "$(cat err)" '' '--apply knows all speakers'
rows a.tsr >got
formula -v prior=1 -v a=2 -v b=20 <t.rows >want
close_to got want 'shrinkage is what the formula gives'
cmvn -q --like t.stats --own t.tsr >new.tsr
run 0 '--like --own: the same of the stream itself' tsrdiff --values a.tsr new.tsr
cmvn -q --like t.stats --leave-one-out t.tsr >new.tsr
rows new.tsr >got
formula -v prior=1 -v a=2 -v b=20 -v out=1 <t.rows >want
close_to got want 'with --leave-one-out'
cmvn -q --like t.stats --leave-one-out --shrink-mean 0.5 --shrink-variance 3 t.tsr >new.tsr
rows new.tsr >got
formula -v prior=1 -v a=0.5 -v b=3 -v out=1 <t.rows >want
close_to got want 'with other constants'
cmvn -q --like t.stats t.tsr >alone.tsr
rows alone.tsr >got
formula -v prior=1 -v a=2 -v b=20 -v unknown=1 <t.rows >want
close_to got want '--like alone knows no speaker'
is "$(tsrdump --tsv --columns enrolled alone.tsr | tail -n +2 | cut -f 13 | sort -u)" 0 'and says so'
tsrdump --head alone.tsr | grep -v ^pg= >want
tsrdump --head a.tsr | grep -v ^pg= >got
same got want 'the heads of all of them describe the same features'
like "$(tsrdump --field pg a.tsr)" ' apply=xxh3:[0-9a-f]{16}' 'provenance has a checksum of the statistics'
cmvn -q --apply s1.stats --like t.stats t.tsr >new.tsr
tsrpick --group s1 new.tsr >x.tsr
tsrpick --group s1 a.tsr >y.tsr
run 0 '--apply with --like: a speaker that is known' tsrdiff --values x.tsr y.tsr
tsrpick --group s1 --invert new.tsr >x.tsr
tsrpick --group s1 --invert alone.tsr >y.tsr
run 0 'others that are not' tsrdiff --values x.tsr y.tsr
run 0 'which a notice counts' cmvn --apply s1.stats --like t.stats t.tsr
is "$(cat err)" "cmvn: 8 records of speakers that s1.stats does not know (the first is 's2') are standardised as anyone's" 'and names'
tsrpick --key s1-1 t.tsr >one.tsr
cmvn -q --apply t.stats --group s2 one.tsr >x.tsr
is "$(tsrdump --tsv --columns enrolled x.tsr | tail -n 1 | cut -f 3,13)" 's1	5' '--group: as a recording of that speaker'
cmvn -q --limit 1 t.tsr >new.tsr
is "$(tsrdump --tsv new.tsr | cut -f 9,11 | awk 'NR > 1 && ($1 < -1 || $2 > 1)')" '' '--limit'
is "$(tsrdump --field cmvn new.tsr)" 'group limit=1' 'is in the head'

# So many clips.
cmvn --clips 99 --like t.stats t.tsr >out 2>err
like "$(cat err)" '^cmvn: [0-9]+ records .* are left out, and no other is there: a smaller N leaves some, --leave-one-out all$' '--clips of more than there are says what to type'
run 0 '--clips' cmvn --clips 2 --like t.stats t.tsr
is "$(cat err)" 'cmvn: 6 records of the recordings that --clips has drawn are left out' 'leaves these out, and says so'
mv out two.tsr
is "$(tsrdump --tsv --columns enrolled two.tsr | tail -n +2 | cut -f 3,13 | uniq -c | xargs)" '6 s1 2 3 s2 2 1 s3 2' 'of each speaker'
tsrdump --tsv two.tsr | tail -n +2 | cut -f 1 >kept
cmvn -q --fit o.stats -o o.tsr --clips 2 t.tsr
tsrpick --keys kept t.tsr | cmvn -q --apply o.stats --like t.stats >new.tsr
run 0 '--fit saves what was drawn' tsrdiff --values two.tsr new.tsr
tsrpick --keys kept --invert t.tsr | cmvn -q --fit d.stats -o o.tsr
run 0 'which is of the others' tsrdiff --values --atol 1e-9 o.stats d.stats
cmvn -q --clips 2 --like t.stats --seed 1 t.tsr | tsrdump --tsv | tail -n +2 | cut -f 1 >other
! cmp -s kept other
ok $? 'another seed draws others'
cmvn -q --clips 2 --leave-one-out --like t.stats t.tsr >new.tsr
is "$(tsrdump --tsv --columns enrolled new.tsr | tail -n +2 | cut -f 13 | uniq -c | xargs)" '16 2' 'with --leave-one-out no record goes'
tsrpick --keys kept new.tsr >x.tsr
run 0 'those that were not drawn are as before' tsrdiff --values x.tsr two.tsr
key=$(tsrpick --keys kept --invert --group s1 t.tsr | tsrdump --tsv | sed -n 2p | cut -f 1)
cmvn -q --clips 3 --fit o.stats -o o.tsr t.tsr
cmvn -q --clips 3 t.tsr | tsrdump --tsv | cut -f 1 | sort >left
tsrdump --tsv t.tsr | cut -f 1 | sort | comm -23 - left >drawn
tsrpick --keys drawn t.tsr | tsrpick --group s1 | tsrpick --key "$key" --invert | cmvn -q --fit e.stats -o o.tsr
tsrpick --key "$key" t.tsr | cmvn -q --apply e.stats --like t.stats >y.tsr
tsrpick --key "$key" new.tsr >x.tsr
run 0 'one that was is standardised by the next in its place' tsrdiff --atol 1e-6 --values x.tsr y.tsr
cmvn -q --clips 3 --skew 1 --like t.stats t.tsr >new.tsr
is "$(tsrpick --label 1 new.tsr | tsrdump --tsv | tail -n +2 | cut -f 3 | uniq -c | xargs)" '1 s1' '--skew draws those with a label first'
is "$(tsrdump --tsv new.tsr | tail -n +2 | wc -l)" 7 'and others where they do not suffice'
fails 3 "no record has the label 'x'" '--skew with a label that is not there' cmvn --clips 2 --skew x t.tsr
cmvn -q --clips 99 t.tsr >new.tsr
is "$(tsrpick --count new.tsr)" 0 '--clips of all: nothing is left to test'

# Variants and windows.
{
	echo 'H type=table column=a'
	for i in 1 2 3; do
		echo "T f32 1 $((i * i)) key=r$i group=s"
		echo "T f32 1 1$((i * i)) key=r$i@speed0.9 src=r$i aug=speed_0.9 group=s"
		echo "T f32 1 7$i key=r$i@speed0.9@noise src=r$i@speed0.9 aug=noise group=s"
	done
	echo E
} | maketsr v.tsr
cmvn -q v.tsr >new.tsr
for kind in '' @speed0.9; do
	tsrpick --key r1$kind,r2$kind,r3$kind v.tsr | cmvn -q >x.tsr
	tsrpick --key r1$kind,r2$kind,r3$kind new.tsr >y.tsr
	run 0 "variants of a kind are standardised by each other: '$kind'" tsrdiff --values x.tsr y.tsr
done
cmvn -q --together v.tsr >new.tsr
is "$(tsrdump --tsv --columns enrolled new.tsr | tail -n +2 | cut -f 13 | sort -u)" 3 '--together: three recordings'
tsrdump --data v.tsr | awk -F '\t' '{ x[NR] = $3; m += $3 / 9 } END { for (i in x) v += (x[i] - m) ^ 2 / 9; for (i = 1; i <= 9; i++) printf "%.5f\n", (x[i] - m) / sqrt(v) }' >want
tsrdump --data new.tsr | awk -F '\t' '{ printf "%.5f\n", $3 }' >got
same got want 'of nine rows'
cmvn -q --together --leave-one-out v.tsr >new.tsr
tsrdump --data v.tsr | awk -F '\t' '{ x[NR] = $3 }
	END { for (r = 1; r <= 9; r++) { m = v = 0; q = int((r - 1) / 3)
		for (i = 1; i <= 9; i++) if (int((i - 1) / 3) != q) m += x[i] / 6
		for (i = 1; i <= 9; i++) if (int((i - 1) / 3) != q) v += (x[i] - m) ^ 2 / 6
		printf "%.5f\n", (x[r] - m) / sqrt(v) } }' >want
tsrdump --data new.tsr | awk -F '\t' '{ printf "%.5f\n", $3 }' >got
same got want 'a variant, and one of it, is left out with its recording'
cmvn -q --fit v.stats -o o.tsr v.tsr
is "$(tsrdump --tsv --columns aug v.stats | tail -n +2 | cut -f 1,3,13 | tr '\t' ' ')" 's s -
s@speed0.9 s speed0.9
s@noise s noise' 'statistics of each kind are saved'
cmvn -q --like v.stats v.tsr >new.tsr
tsrpick --key r1@speed0.9 new.tsr | tsrdump --data | awk -F '\t' '{ printf "%.4f\n", $3 }' >got
awk 'BEGIN { m = (1 + 4 + 9) / 3; v = ((1 - m) ^ 2 + (4 - m) ^ 2 + (9 - m) ^ 2) / 3; printf "%.4f\n", (11 - m) / sqrt(v) }' >want
same got want 'what is expected is of recordings as they are'
maketsr w.tsr <<'END'
H type=table column=a
T f32 1 1 key=a start=0 group=s
T f32 1 5 key=a start=1 group=s
T f32 1 2 key=b start=0 group=s
T f32 1 4 key=b start=1 group=s
E
END
cmvn -q --leave-one-out w.tsr >new.tsr
is "$(tsrdump --data new.tsr | cut -f 3 | xargs)" '-2 2 -0.5 0.5' 'windows of a recording are left out together'
is "$(tsrdump --tsv --columns enrolled new.tsr | tail -n +2 | cut -f 13 | sort -u)" 1 'which is one recording'

# Sequences: each column over all frames.
maketsr m.tsr <<'END'
H type=mel rate=16000 hop=256
T f32 3,2 1,10,2,20,3,60 key=a group=s
T f32 1,2 6,30 key=b group=s
T f32 0,2 0 key=none group=s
T f32 2,2 1,1,3,3 key=c group=t
E
END
run 0 'mel spectrograms of several lengths' cmvn m.tsr
tsrdump --data out | awk -F '\t' '{ printf "%.4f %.4f \n", $3, $4 }' >got
awk 'BEGIN { a = "1 2 3 6"; b = "10 20 60 30"
	split(a, x, " "); split(b, y, " ")
	for (i = 1; i <= 4; i++) { v += (x[i] - 3) ^ 2 / 4; w += (y[i] - 30) ^ 2 / 4 }
	for (i = 1; i <= 4; i++) printf "%.4f %.4f \n", (x[i] - 3) / sqrt(v), (y[i] - 30) / sqrt(w)
	printf "-1.0000 -1.0000 \n1.0000 1.0000 \n" }' >want
same got want 'are standardised over frames'
is "$(tsrdump --tsv --columns enrolled out | tail -n +2 | cut -f 7,13 | tr '\t' ' ')" '3,2 2
1,2 2
0,2 2
2,2 1' 'a recording without frames says nothing'
printf 'H type=lld column=a\nT f32 2,1 1,3 key=a group=s\nE\n' | maketsr l.tsr
run 0 'descriptors' cmvn l.tsr
is "$(tsrdump --data out | cut -f 3- | xargs)" '-1 1' 'are taken, too'

# Numbers that a sum of squares would lose; a constant that no float shows differ.
{
	echo 'H type=table column=a column=b'
	for i in 0 1 2 3 4 5 6 7; do echo "T f32 2 $((16777208 + i % 2)),3e30 key=k$i group=s"; done
	echo E
} | maketsr big.tsr
cmvn -q big.tsr >new.tsr
is "$(tsrdump --data new.tsr | cut -f 3- | tr '\t' '\n' | sort | uniq -c | xargs)" '4 -1 8 0 4 1' 'a deviation of 0.5 at 16777208, and of 0'
maketsr far.tsr <<'END'
H type=table column=a
T f32 1 1 key=a group=s
T f32 1 2 key=b group=s
T f32 1 1e15 key=c group=s
T f32 1 3 key=d group=s
E
END
cmvn -q --leave-one-out far.tsr >new.tsr
is "$(tsrdump --data new.tsr | sed -n 3p | cut -f 3)" 5 'far from all others is the limit'

# What is refused.
printf 'H type=wave\nE\n' | maketsr x.tsr
fails 3 'wave stream; a mel or table stream' 'another type' cmvn x.tsr
fails 3 'standardised already \(cmvn=group limit=5\)' 'twice' cmvn own.tsr
printf 'H type=table\nE\n' | maketsr x.tsr
fails 3 'x.tsr: the features have no column; t.stats is of column=a' 'statistics of other features' cmvn --apply t.stats x.tsr
printf 'H type=table column=a\nT f32 1 1 key=x\nT f32 1 2 key=y group=s\nE\n' | maketsr g.tsr
fails 3 'record 1 \(x\): group= is missing.*--group' 'no group' cmvn g.tsr
run 0 '--skip-bad' cmvn --skip-bad 1 g.tsr
is "$(tsrdump --tsv out | tail -n +2 | cut -f 1)" y 'passes over it'
is "$(wc -l <err), $(grep -c 'x.*group= is missing' err), $(grep -c '1 records are standardised by one row alone' err)" '2, 1, 1' \
	'names it once, and says that one is alone'
run 0 'or --group' cmvn --group s g.tsr
for value in nan inf -inf; do
	printf 'H type=table column=a\nT f32 1 1 key=x group=s\nT f32 1 %s key=y group=s\nT f32 1 3 key=z group=s\nE\n' "$value" | maketsr n.tsr
	fails 3 'record 2 \(y\): a value is NaN or infinite' "$value" cmvn n.tsr
	for way in 'cmvn --skip-bad 1 n.tsr' 'cat n.tsr | cmvn --skip-bad 1 -' 'cmvn --skip-bad 1 --like v.stats n.tsr'; do
		run 0 "$value: $way" bash -c "$way"
		is "$(tsrdump --tsv out | tail -n +2 | cut -f 1 | xargs), $(wc -l <err)" 'x z, 1' 'passes over that one alone'
	done
done
printf 'H type=table column=a\nT f32 1 1 key=x group=s\nT f32 2 1 key=y group=s\nE\n' | maketsr n.tsr
fails 3 'record 2 \(y\): it has 2 columns; 1 are expected' 'another width' cmvn n.tsr
fails 3 'record 2 \(y\): it has 2 columns; the statistics of v.stats have 1' 'than that of the statistics' cmvn --like v.stats n.tsr
printf 'H type=table column=a\nT f64 1 1 key=x group=s\nE\n' | maketsr n.tsr
fails 3 'record 1 \(x\): dtype is f64' 'another dtype' cmvn n.tsr
cat t.tsr v.tsr >n.tsr
fails 3 'the features have .*column' 'segments of different features' cmvn n.tsr
printf 'H type=table column=a\nT f32 1 1 key=x group=s\nE\n' | maketsr n.tsr
fails 3 "record 1 \(x\): no other recording of 's' counts.*--like" 'no other recording' cmvn --leave-one-out n.tsr
printf 'H type=table column=a\nE\n' | maketsr none.tsr
run 0 'no records' cmvn none.tsr
is "$(tsrpick --count out)" 0 'give none'
fails 3 'no record.*--fit' 'but no statistics' cmvn --fit none.stats none.tsr
[ ! -e none.stats ]
ok $? 'and no file of them'
fails 2 '--apply uses.*--own the stream' '--apply and --own' cmvn --apply t.stats --own t.tsr
fails 2 '--apply uses.*--clips the stream' '--apply and --clips' cmvn --apply t.stats --clips 3 t.tsr
fails 2 '--skew.*--clips' '--skew without --clips' cmvn --skew 1 t.tsr
fails 2 'cannot both' '--fit - to the stream' cmvn --fit - t.tsr
run 0 '--fit - alone' cmvn --fit - -o o.tsr t.tsr
same out t.stats 'is the statistics'
fails 2 'limit' '--limit 0' cmvn --limit 0 t.tsr
fails 2 't.tsr' '--fit to the input' cmvn --fit t.tsr -o o.tsr t.tsr
fails 3 'nowhere' 'statistics that are not there' cmvn --apply nowhere t.tsr
fails 3 'table stream; a stats or model stream' 'a stream of features as statistics' cmvn --apply t.tsr t.tsr
bad_stats() { # REGEX NAME LINES...: a stream of a head and these
	local re=$1 name=$2
	shift 2
	printf '%s\n' 'H type=stats feature.type=table feature.column=a' "$@" E | maketsr bad.stats
	fails 3 "$re" "$name" cmvn --apply bad.stats t.tsr
}
bad_stats 'group= is missing' 'statistics of nobody' 'T f64 2,1 1 key=s count=3 rows=3'
bad_stats 'count is missing' 'without a count' 'T f64 2,1 1 key=s group=s rows=3'
bad_stats 'rows is 0' 'of no rows' 'T f64 2,1 1 key=s group=s count=3 rows=0'
bad_stats 'variance of column 1' 'a negative variance' 'T f64 2,1 1,-1 key=s group=s count=3 rows=3'
bad_stats 'mean of column 1' 'a mean that is none' 'T f64 2,1 nan,1 key=s group=s count=3 rows=3'
bad_stats 'appear twice' 'a speaker twice' 'T f64 2,1 1 key=s group=s count=3 rows=3' 'T f64 2,1 1 key=s group=s count=3 rows=3'
bad_stats 'its shape is not' 'another shape' 'T f64 3,1 1 key=s group=s count=3 rows=3'
printf 'H type=stats layer=07.speakernorm feature.type=table\nE\n' | maketsr bad.stats
fails 3 'bad.stats: is of the layer 07.speakernorm, not of features' 'statistics of a layer' cmvn --apply bad.stats t.tsr
bad_stats 'no speaker' 'no speaker' "T f64 2,1 1 key=s@x group=s aug=x count=3 rows=3"
printf 'H type=stats\nE\n' | maketsr bad.stats
fails 3 'which features' 'statistics that do not say of what' cmvn --apply bad.stats t.tsr
fails 4 'No space left' '/dev/full' bash -c 'cmvn t.tsr >/dev/full'
fails 4 'No space left' '--fit /dev/full' cmvn --fit /dev/full -o o.tsr t.tsr
cp t.tsr same.tsr
run 0 'in place' cmvn -o same.tsr same.tsr
run 0 'is what it is elsewhere' tsrdiff same.tsr own.tsr

if find_python numpy; then
	cat >make.py <<'END'
import numpy as np
r = np.random.default_rng(1)
g = np.repeat(['u', 'v', 'w', 'x'], [40, 7, 2, 25])
X = (r.normal(size=(len(g), 50)) * r.uniform(1e-3, 1e3, 50) + r.normal(size=50) * 1e3).astype('f4')
np.savez('x.npz', data=X, key=['k%d' % i for i in range(len(g))], label=np.array(['a', 'b'] * 37), group=g)
END
	cat >compare.py <<'END'
import numpy as np
x, plain, left = (np.load(f) for f in ('x.npz', 'plain.npz', 'left.npz'))
g, D = x['group'], x['data'].astype('f8')
s = sorted(set(g))
everyone = np.mean([D[g == q].mean(0) for q in s], 0)
within = np.average([D[g == q].var(0) for q in s], 0, weights=[(g == q).sum() for q in s])
own, out = np.zeros_like(D), np.zeros_like(D)
for i, q in enumerate(g):
    own[i] = (D[i] - D[g == q].mean(0)) / D[g == q].std(0)
    rest = D[(g == q) & (np.arange(len(g)) != i)]
    k = len(rest)
    out[i] = (D[i] - (k * rest.mean(0) + 2 * everyone) / (k + 2)) / np.sqrt((k * rest.var(0) + 20 * within) / (k + 20))
print('%.0e' % max(abs(plain['data'] - np.clip(own, -5, 5)).max(), abs(left['data'] - np.clip(out, -5, 5)).max(), 1e-6))
END
	"$python" make.py
	tsrnpy -q -o x.tsr x.npz
	cmvn -q --fit x.stats -o plain.tsr x.tsr
	cmvn -q --like x.stats --leave-one-out -o left.tsr x.tsr
	for f in plain left; do tsrnpy -q -o $f.npz $f.tsr; done
	is "$("$python" compare.py)" 1e-06 'NumPy agrees to 1e-6'
else
	skip 'there is no Python with numpy'
fi
finish
