#!/bin/bash
# lengths: training on sequences of many lengths.
. "${0%/*}/lib.sh"
ln -s "$BUILD/unit" unit

# lengths N SEED PREFIX GROUPS: a lld stream of N records of 1 to 30 frames of 4 columns, the label's being higher.
lengths() {
	awk -v n="$1" -v seed="$2" -v prefix="$3" -v groups="$4" 'BEGIN {
		srand(seed)
		split("ANG,HAP,SAD", class, ",")
		g = split(groups, group, ",")
		print "H type=lld hop=256 pg=descriptors"
		for (i = 0; i < n; i++) {
			t = i == 1 ? 1 : 1 + int(30 * rand())
			printf "T f32 %d,4 ", t
			for (j = 0; j < 4 * t; j++) printf "%s%.3f", j ? "," : "", 3 * (j % 4) + (j % 4 == i % 3) + rand() - 0.5
			printf " key=%s%d label=%s group=%s\n", prefix, i, class[i % 3 + 1], group[int(i / 3) % g + 1]
		}
		print "E" }' | unit/maketsr "$5"
}
lengths 60 1 t a,b,c,d train.tsr
lengths 30 2 v x,y,z valid.tsr
cat >any.net <<'END'
normalize
conv1d 6 width=3
batchnorm
relu
globalavgpool
dense classes
softmax
END
fit=(nntrain -j1 --net any.net --rate 0.02 --batch 16 --epochs 6 --patience 0)
# log_loss MODEL STREAM: of what nnpredict says of each record by itself.
log_loss() {
	nnpredict -q --temperature 1 "$1" "$2" | evalconf -q --tsv --bootstrap 0 | awk -F '\t' '$1 == "log_loss" { print $3 }'
}
cell() {
	awk -F '\t' -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i } END { print $c }' "$1"
}
# near A B NAME: to what a history prints.
near() {
	is "$(echo "$1 $2" | awk '{ print ($1 - $2) ^ 2 < 1e-10 }')" 1 "$3"
}

for option in "" "--crop 8" "--crop 30" "--crop 4000"; do
	name=${option:-whole}
	# shellcheck disable=SC2086
	run 0 "training: $name" "${fit[@]}" $option --epochs 20 --valid valid.tsr --keep last --history h.tsv -o m.bin train.tsr
	is "$(tsrdump --field input m.bin)" '*,4' "$name: the model takes any length"
	near "$(cell h.tsv val_loss)" "$(log_loss m.bin valid.tsr)" "$name: validation sees whole records"
	is "$(awk -v x="$(cell h.tsv val_accuracy)" 'BEGIN { print (x > 0.9) }')" 1 "$name: it is learnt"
done
# Pools that overlap, also over records shorter than a window: the same whatever -j is, alone and in batches.
printf '%s\n' 'conv1d 9 3' 'maxpool1d 5 stride=2 padding=same' relu 'avgpool1d 9 stride=4' 'maxpool2d 2 2 1 padding=same' globalavgpool \
	'dense classes' softmax >overlap.net
for j in 1 4; do
	nntrain -q -j$j --net overlap.net --rate 0.02 --batch 16 --epochs 8 --valid valid.tsr --keep last --history h$j.tsv -o j$j.bin train.tsr
	nnpredict -q -j$j j$j.bin valid.tsr >j$j.tsv
done
is "$(tsrdump --data j4.bin | cksum)" "$(tsrdump --data j1.bin | cksum)" "pools that overlap: the same weights by 1 and 4 threads"
same j4.tsv j1.tsv "the same predictions"
near "$(cell h1.tsv val_loss)" "$(log_loss j1.bin valid.tsr)" "and in batches as alone"
# Without anything random or of the batch, training sees what prediction does.
grep -v batchnorm any.net >plain.net
nntrain --net plain.net --epochs 1 --rate 1e-12 --batch 64 --history h.tsv -o m.bin train.tsr
near "$(cell h.tsv loss)" "$(log_loss m.bin train.tsr)" "training sees whole records"
# normalize has the mean and the deviation of all frames that there are, and no others.
tsrdump --data train.tsr | awk -F '\t' '{ for (k = 1; k <= 4; k++) { s[k] += $(k + 2); q[k] += $(k + 2) ^ 2 }; n++ }
	END { for (k = 1; k <= 4; k++) print s[k] / n, sqrt(q[k] / n - (s[k] / n) ^ 2) }' >want
tsrdump --data m.bin | awk -F '\t' '$1 == "01.normalize/mean" { for (k = 3; k <= 6; k++) m[k] = $k }
	$1 == "01.normalize/deviation" { for (k = 3; k <= 6; k++) print m[k], $k }' >got
is "$(paste -d ' ' got want | awk '($1 - $3) ^ 2 + ($2 - $4) ^ 2 > 1e-10' | wc -l) $(wc -l <got)" "0 4" "normalize learns from valid frames"

# The same bytes: mapped or not, threads, a resumed one.
crop=("${fit[@]}" --crop 8 --valid valid.tsr)
"${crop[@]}" --checkpoint c.bin -o whole.bin train.tsr
cat train.tsr | "${crop[@]}" -o m
same whole.bin m "a pipe equals a file"
"${crop[@]}" -j4 -o m train.tsr
same whole.bin m "1 thread equals 4"
"${crop[@]}" --resume c.bin -o m train.tsr
same whole.bin m "a resumed one gives the same bytes"
fails 3 "made with crop=8, this training has crop=9" "another crop" "${crop[@]}" --crop 9 --resume c.bin -o m train.tsr
run 0 "--init takes its lengths over" nntrain --init whole.bin --crop 8 --epochs 1 -o m valid.tsr
is "$(tsrdump --field input m)" '*,4' "to any"

# Records of one length are as ever; a crop that is longer changes no weight.
awk -v n=48 -v seed=1 -f "$data/clips.awk" | unit/maketsr fixed.tsr
"${fit[@]}" -o one.bin fixed.tsr
is "$(tsrdump --field input one.bin)" 6,4 "records of one length: the model has it"
"${fit[@]}" --crop 6 -o m fixed.tsr
is "$(tsrdump --field input m) $(tsrdump --data m | cmp - <(tsrdump --data one.bin) && echo same)" '*,4 same' \
	"with --crop it takes any, and has the same weights"

# What is refused
head="H type=lld hop=256"
for case in "shape is .3,5.; that of the first record is .6,4|f32 3,5 ramp key=b label=HAP" \
	"shape is .0,4.; .*6,4|f32 0,4 ramp key=b label=HAP" "shape is .4.; .*6,4|f32 4 ramp key=b label=HAP" \
	"NaN|f32 3,4 1,nan key=b label=HAP"; do
	printf '%s\nT f32 6,4 ramp key=a label=ANG\nT %s\nE\n' "$head" "${case#*|}" | unit/maketsr bad.tsr
	fails 3 "bad.tsr: record 2 \(b\): .*${case%|*}" "a record: ${case%|*}" "${fit[@]}" -o m bad.tsr
done
printf 'H type=lld\nT f32 6,4 ramp key=a label=ANG\nT f32 5,4 ramp key=b label=HAP\nE\n' | unit/maketsr head.tsr
fails 3 "head.tsr: the features have no hop" "validation of other features" "${fit[@]}" --valid head.tsr -o m train.tsr
printf 'H type=table\nT f32 2 1,2 key=a label=ANG\nT f32 3 2,1 key=b label=HAP\nE\n' | unit/maketsr rows.tsr
fails 3 "record 2 \(b\): its shape is \(3\); that of the first record is \(2\)" "rows of a table differ" \
	nntrain --net mlp -o m rows.tsr
printf 'H type=table\nT f32 2 1,2 key=a label=ANG\nT f32 2 2,1 key=b label=HAP\nE\n' | unit/maketsr rows.tsr
fails 3 "rows.tsr: .*--crop, --jitter and --masks require mel or lld" "a crop of a table" nntrain --net mlp --crop 2 -o m rows.tsr
printf 'flatten\ndense classes\nsoftmax\n' >flat.net
fails 3 "flat.net: line 1: flatten: " "a net that has no place for other lengths" "${fit[@]}" --net flat.net -o m train.tsr
printf "maxpool2d\nmaxpool2d\nmaxpool2d height=1\nglobalavgpool\ndense classes\nsoftmax\n" >pools.net
fails 3 "pools.net: line 2: maxpool2d: 1 rows .* come in, fewer than 2 of 2 .examples have the 3 frames of --crop: try more.$" \
	"a crop too short for the net" "${fit[@]}" --net pools.net --crop 3 -o m train.tsr
fails 3 "requires more than 1 MiB" "memory" "${fit[@]}" --max-memory 1 --batch 4000 --net <(echo "conv1d 99 width=3
globalavgpool
dense classes
softmax") -o m train.tsr
printf '%s\nT f32 1,4 1 key=a label=ANG\nT f32 1,4 2 key=b label=HAP\nE\n' "$head" | unit/maketsr ones.tsr
run 0 "records of one frame" "${fit[@]}" -o m ones.tsr
run 0 "cropped" "${fit[@]}" --crop 1 --valid ones.tsr --allow-overlap -o m train.tsr
finish
