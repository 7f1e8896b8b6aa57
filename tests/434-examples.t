#!/bin/bash
# examples: what training does to them at random.
. "${0%/*}/lib.sh"
units example
ln -s "$BUILD/unit" unit
awk -v n=48 -v seed=1 -v variants=1 -f "$data/clips.awk" | unit/maketsr train.tsr
awk -v n=18 -v seed=2 -v prefix=v -v groups=x,y,z -f "$data/clips.awk" | unit/maketsr valid.tsr
printf '%s\n' normalize 'conv1d 6 width=3' batchnorm relu globalavgpool 'dense classes' softmax >small.net
fit=(nntrain --net small.net --rate 0.02 --epochs 20 --valid valid.tsr --patience 0)
all=(--crop 5 --masks "1x3,1x2" --jitter 0.15 --input-noise 0.1 --mixup 0.2 --mixup-within group --variants random
	--batch-groups 2x8 --label-smoothing 0.1 --optimizer adamw --schedule onecycle --ema 0.9 --clip-norm 2)
run 0 "all at once" "${fit[@]}" -j1 "${all[@]}" --history h.tsv --checkpoint c.bin -o whole.bin train.tsr
is "$(awk -F '\t' 'END { print ($5 > 0.9) }' h.tsv)" 1 "learns"
like "$(tsrdump --field pg whole.bin)" \
	"crop=5 masks=1x3,1x2 jitter=0.15 input-noise=0.1 mixup=0.2 mixup-within=group " "the provenance tells"
"${fit[@]}" -j4 "${all[@]}" -o m train.tsr
same whole.bin m "1 thread equals 4"
"${fit[@]}" "${all[@]}" --resume c.bin -o m train.tsr
same whole.bin m "a resumed one gives the same bytes"
long=("${fit[@]}" "${all[@]}" --epochs 200)
"${long[@]}" -o whole.bin train.tsr
rm c.bin h.tsv
"${long[@]}" --checkpoint c.bin --history h.tsv -o m.killed train.tsr 2>/dev/null &
until [ "$(wc -l 2>/dev/null <h.tsv)" -gt 5 ] 2>/dev/null || ! kill -0 $! 2>/dev/null; do sleep 0.002; done
kill -9 $! 2>/dev/null
wait $! 2>/dev/null
run 0 "a killed one goes on" "${long[@]}" --resume c.bin -o m train.tsr
same whole.bin m "and gives the same bytes"
for option in "--masks 1x3,1x2" "--jitter 0.15" "--input-noise 0.1" "--mixup 0.2"; do
	# shellcheck disable=SC2086
	"${fit[@]}" $option --history h.tsv -o m train.tsr
	is "$(awk -F '\t' 'END { print ($5 > 0.9) }' h.tsv)" 1 "$option learns too"
done
"${fit[@]}" -o plain.bin train.tsr
"${fit[@]}" --masks 0x9,3x1 -o m train.tsr
is "$(tsrdump --data m | cmp - <(tsrdump --data plain.bin) && echo same)" same "masks of fewer than 1 change nothing"
printf 'H type=table\nT f32 2 1,2 key=a label=ANG\nT f32 2 2,1 key=b label=HAP\nE\n' | unit/maketsr rows.tsr
run 0 "mixup and noise on rows of a table" nntrain --net mlp --epochs 2 --mixup 0.2 --input-noise 0.1 -o m rows.tsr
run 0 "mixup in the mean squared error" "${fit[@]}" --loss mse --mixup 0.2 -o m train.tsr
for bad in 2 2x24 2x24,2 2x24,2x10, 2x24,-2x10 "2x24, 2x10"; do
	fails 2 "--masks: '$bad' is not masks x frames, masks x bands" "--masks '$bad'" "${fit[@]}" --masks "$bad" -o m train.tsr
done
fails 2 "belongs to --mixup" "a group to mix in, without mixup" "${fit[@]}" --mixup-within group -o m train.tsr
fails 2 "none of batch, group" "another one" "${fit[@]}" --mixup 1 --mixup-within sex -o m train.tsr
finish
