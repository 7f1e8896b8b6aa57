#!/bin/bash
# beside: nets with a second input, trained and asked.
. "${0%/*}/lib.sh"
ln -s "$BUILD/unit" unit

# Sequences of many lengths that say whether a label is the first, rows that tell the other two apart; -v v=1: variants, too.
make_both() {
	local prefix=$1 n=$2 groups=$3
	awk -v n="$n" -v prefix="$prefix" -v groups="$groups" -v kind="$4" -v v="${5-0}" -v seed="$n" 'BEGIN {
		srand(seed)
		split("ANG,HAP,SAD", class, ",")
		g = split(groups, group, ",")
		print kind == "lld" ? "H type=lld hop=256" : "H type=table column=a column=b"
		for (i = 0; i < n; i++) for (k = 0; k <= v; k++) {
			t = 1 + int(12 * rand())
			if (kind == "lld") {
				printf "T f32 %d,2 ", t
				for (j = 0; j < t; j++) printf "%s%.3f,%.3f", j ? "," : "", (i % 3 == 0) + rand() - 0.5, 5 + rand()
			} else
				printf "T f32 2 %.3f,%.3f", (i % 3 == 1) + (rand() - 0.5) / 2, 100 + 30 * rand()
			printf " key=%s%d%s label=%s group=%s%s\n", prefix, i, k ? "@v" k : "", class[i % 3 + 1], group[int(i / 3) % g + 1],
				k ? " src=" prefix i " aug=v" k : ""
		}
		print "E" }' | unit/maketsr "$prefix.$4.tsr"
}
for kind in lld table; do
	make_both t 60 a,b,c,d $kind 1
	make_both v 30 x,y,z $kind
done
cat >both.net <<'END'
normalize
conv1d 4 width=3
relu
globalavgpool
save sound
input rows
normalize
concat sound
dense classes
softmax
END
cat t.table.tsr v.table.tsr >rows.tsr
fit=(nntrain --net both.net --beside rows=rows.tsr --rate 0.03 --batch 16 --epochs 30 --patience 0 --valid v.lld.tsr)
run 0 "training with two inputs" "${fit[@]}" -j1 --checkpoint c.bin --history h.tsv -o one.bin t.lld.tsr
is "$(awk -F '\t' 'END { print ($5 > 0.9) }' h.tsv)" 1 "learns what neither knows alone"
is "$(tsrdump --head one.bin | grep -E '^(input|beside)' | tr '\n' ' ')" \
	"input=*,2 beside=rows beside.feature.type=table beside.feature.column=a beside.feature.column=b beside.input=2 " \
	"the model says what it reads"
like "$(tsrdump --field pg one.bin)" "train=120 valid=30 beside=rows" "the provenance, too"
"${fit[@]}" -j4 -o m t.lld.tsr
same one.bin m "1 thread equals 4"
"${fit[@]}" --resume c.bin -o m t.lld.tsr
same one.bin m "a resumed one gives the same bytes"
# The rows may be in any order and in several streams.
nntrain --net both.net --beside rows=v.table.tsr --beside rows=t.table.tsr "${fit[@]:5}" -o m t.lld.tsr
is "$(tsrdump --data m | cmp - <(tsrdump --data one.bin) && echo same)" same "in whatever order the rows come"
tsrdump --data t.table.tsr | awk -F '\t' '{ s[1] += $3; s[2] += $4 } END { printf "%.9g %.9g\n", s[1] / NR, s[2] / NR }' >want
tsrdump --data one.bin | awk -F '\t' '$1 == "07.normalize/mean" { print $3, $4 }' >got
is "$(paste -d ' ' got want | awk '{ print ($1 - $3) ^ 2 + ($2 - $4) ^ 2 < 1e-8 }')" 1 "the second input is standardised by itself"

run 0 "prediction" nnpredict -q --beside rows=v.table.tsr one.bin v.lld.tsr
loss=$(nnpredict -q --temperature 1 --beside rows=v.table.tsr one.bin v.lld.tsr | evalconf -q --tsv --bootstrap 0 |
	awk -F '\t' '$1 == "log_loss" { print $3 }')
best=$(awk -F '\t' '$9 == 1 { l = $4 } END { print l }' h.tsv)
is "$(echo "$loss $best" | awk '{ print ($1 - $2) ^ 2 < 1e-10 }')" 1 "gives what validation saw"
nnpredict -q -j4 --beside rows=v.table.tsr one.bin v.lld.tsr >j4
nnpredict -q -j1 --beside rows=v.table.tsr one.bin - <v.lld.tsr >j1
same j1 j4 "1 thread equals 4"
run 0 "a random crop and mixup" "${fit[@]}" --crop 4 --mixup 0.2 --variants random --init one.bin -o m t.lld.tsr

# Rows that cmvn has standardised: the model knows what it needs for others'.
cmvn -q --fit rows.stats -o z.tsr rows.tsr
run 0 "--stats of the second input" nntrain --net both.net --beside rows=z.tsr --stats rows.stats --epochs 1 -o z.bin t.lld.tsr
cmvn -q --like z.bin -o like.tsr v.table.tsr
cmvn -q --like rows.stats -o fit.tsr v.table.tsr
is "$(tsrdump --data like.tsr)" "$(tsrdump --data fit.tsr)" "cmvn --like takes them"
run 0 "and the model takes those" nnpredict -q --beside rows=like.tsr z.bin v.lld.tsr
fails 3 "v.table.tsr: the features have no cmvn; z.bin was trained beside cmvn=.*; cmvn --like z.bin makes such" "rows as they were" \
	nnpredict --beside rows=v.table.tsr z.bin v.lld.tsr

# What is refused
fails 3 "t.lld.tsr: record 1 \(t0\): v.table.tsr has none of this key" "a row is missing" \
	nntrain --net both.net --beside rows=v.table.tsr -o m t.lld.tsr
cat rows.tsr rows.tsr >twice.tsr
fails 3 "twice.tsr: key 't0' appears twice" "a row twice" nntrain --net both.net --beside rows=twice.tsr -o m t.lld.tsr
fails 3 "t.lld.tsr: its records differ in length; --beside requires" "sequences beside" \
	nntrain --net both.net --beside rows=t.lld.tsr -o m t.lld.tsr
fails 3 "both.net: line 6: input: no input 'rows' is given" "none given" nntrain --net both.net -o m t.lld.tsr
fails 3 "no input 'rows' is given" "another one" nntrain --net both.net --beside cols=rows.tsr -o m t.lld.tsr
printf '%s\n' globalavgpool 'dense classes' softmax >one.net
fails 3 "one.net: no line has 'input rows'" "one that the net does not read" nntrain --net one.net --beside rows=rows.tsr -o m t.lld.tsr
for bad in rows rows= =rows.tsr; do
	fails 2 "--beside: '$bad' is not NAME=STREAM" "--beside $bad" nntrain --net both.net --beside $bad -o m t.lld.tsr
	fails 2 "--beside: '$bad' is not NAME=STREAM" "nnpredict --beside $bad" nnpredict --beside $bad one.bin v.lld.tsr
done
fails 2 "may be one input" "two inputs" nntrain --net both.net --beside a=rows.tsr --beside b=rows.tsr -o m t.lld.tsr
fails 2 "one.bin: its net has a second input: --beside rows=STREAM gives it" "prediction without" nnpredict one.bin v.lld.tsr
fails 2 "no model's net has an input 'cols'" "prediction beside another" \
	nnpredict --beside cols=rows.tsr one.bin v.lld.tsr
printf 'H type=table column=a column=c\nT f32 2 1,2 key=v0 label=ANG\nE\n' | unit/maketsr other.tsr
fails 3 "other.tsr: the features have column=c; one.bin was trained beside column=b" "other rows" \
	nnpredict --beside rows=other.tsr one.bin v.lld.tsr
printf 'H type=table column=a column=b\nT f32 3 1,2,3 key=v0 label=ANG\nE\n' | unit/maketsr other.tsr
fails 3 "other.tsr: record 1 \(v0\): its shape is \(3\); \(2\) is required" "rows of another shape" \
	nnpredict --beside rows=other.tsr one.bin v.lld.tsr
fails 3 "made with other records|cannot go on" "a checkpoint beside other rows" \
	nntrain --net both.net --beside rows=v.table.tsr --beside rows=t.table.tsr "${fit[@]:5}" --resume c.bin -o m t.lld.tsr
finish
