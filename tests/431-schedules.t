#!/bin/bash
# schedules: the learning rate of each step and the average of the weights, by their formulas.
. "${0%/*}/lib.sh"
ln -s "$BUILD/unit" unit
awk -v n=48 -v seed=1 -f "$data/clips.awk" | unit/maketsr train.tsr
awk -v n=18 -v seed=2 -v prefix=v -v groups=x,y,z -f "$data/clips.awk" | unit/maketsr valid.tsr
printf 'flatten\ndense 2\nbatchnorm\ndense classes\nsoftmax\n' >small.net
fit=(nntrain -j1 --net small.net --rate 0.02 --batch 16 --patience 0)

# rates NAME EPOCHS OPTION...: the rate of each epoch's last step, of 3 an epoch, against the formula of nntrain(1), in
# which s is the step from 0, n how many there are, and w the fraction in which the rate rises.
rates() {
	local name=$1 epochs=$2 formula
	shift 2
	case $* in
	*constant*) formula='s < w * n ? r * (s + 1 < w * n ? (s + 1) / (w * n) : 1) : r' ;;
	*cosine*) formula='s < w * n ? r * (s + 1 < w * n ? (s + 1) / (w * n) : 1) : cosine(r, f, (s - w * n) / (n - w * n))' ;;
	*) formula='s < w * n ? cosine(r / 25, r, s / (w * n)) : cosine(r, f, (s - w * n) / (n - w * n))' ;;
	esac
	"${fit[@]}" --epochs "$epochs" --rate-floor 0.001 --history h.tsv -o m "$@" train.tsr
	cut -f 7 h.tsv | tail -n +2 | awk -v n="$epochs" -v w="$(echo "$*" | sed -n 's/.*--warmup \([^ ]*\).*/\1/p')" '
		function cosine(a, b, x) { return b + (a - b) * (1 + cos(atan2(0, -1) * x)) / 2 }
		BEGIN { n *= 3; r = 0.02; f = 0.001; if (w == "") w = 0.15 }
		{ s = 3 * NR - 1; want = '"$formula"'; if (($1 - want) ^ 2 > (1e-7 * want) ^ 2) print NR ": " $1 ", not " want }' >err
	is "$(cat err) $(wc -l <h.tsv)" " $((epochs + 1))" "$name"
}
rates "onecycle" 20 --schedule onecycle
rates "onecycle that rises for half of the time" 9 --schedule onecycle --warmup 0.5
rates "onecycle that only falls" 9 --schedule onecycle --warmup 0
rates "cosine with a linear start" 20 --schedule cosine --warmup 0.3
rates "constant with a linear start" 20 --schedule constant --warmup 0.3
"${fit[@]}" --epochs 1 --batch 64 --schedule onecycle --history h.tsv -o m train.tsr
is "$(cut -f 7 h.tsv | tail -n 1)" 0.0008 "its first step has a 25th of --rate"
"${fit[@]}" --epochs 4 --schedule onecycle --history h.tsv --checkpoint c.bin -o whole.bin train.tsr
"${fit[@]}" --epochs 4 --schedule onecycle --resume c.bin -o m train.tsr
same whole.bin m "a resumed one gives the same bytes"
fails 2 "--warmup belongs to --schedule cosine, constant and onecycle" "a plateau that warms up" \
	"${fit[@]}" --warmup 0.1 -o m train.tsr
fails 2 "none of plateau, cosine, constant, onecycle" "an unknown schedule" "${fit[@]}" --schedule step -o m train.tsr
fails 2 "warmup" "nothing but warm-up" "${fit[@]}" --schedule onecycle --warmup 1 -o m train.tsr

# The average after step n keeps min(X, (1 + n) / (10 + n)) of the one before, running statistics too: recomputed from
# the weights of trainings of 0 to 5 steps of the whole set each.
steps=("${fit[@]}" --batch 48 --schedule constant --keep last)
"${steps[@]}" --epochs 1 --rate 1e-12 -o w0 train.tsr
for n in 1 2 3 4 5; do "${steps[@]}" --epochs $n -o w$n train.tsr; done
# values MODEL: all its weights, a line "name value" each.
values() {
	tsrdump --data "$1" | awk -F '\t' '{ for (i = 3; i <= NF; i++) print $1, $i }'
}
# averaged X N: those of the average of w0 ... wN.
averaged() {
	for n in $(seq 0 "$2"); do values "w$n" | sed "s/^/$n /"; done | awk -v x="$1" '
		$1 != step { step = $1; i = 0 }
		{ i++; d = (1 + step) / (10 + step); if (d > x) d = x }
		step == 0 { name[i] = $2; a[i] = $2 ~ /mean/ ? 0 : $2 ~ /variance/ ? 1 : $3 }
		step > 0 { a[i] = d * a[i] + (1 - d) * $3 }
		END { for (k = 1; k <= i; k++) printf "%s %.9g\n", name[k], a[k] }'
}
for case in 0.9,5 0.25,3; do
	"${steps[@]}" --epochs "${case#*,}" --ema "${case%,*}" -o average train.tsr
	averaged "${case%,*}" "${case#*,}" >want
	values average | paste -d ' ' - want | awk '$1 != $3 || ($2 - $4) ^ 2 > 1e-12 { print NR ": " $0 } END { print NR }' >out
	is "$(cat out)" "$(wc -l <want)" "an average by hand: ${case/,/, steps }"
done
run 1 "which is not the last weights" tsrdiff -q average w3
# Validation has the average: the same loss as a model without training on.
"${steps[@]}" --epochs 3 --ema 0.25 --valid valid.tsr --calibrate no --history h.tsv -o best train.tsr
loss=$(nnpredict -q average valid.tsr | evalconf -q --tsv --bootstrap 0 | awk -F '\t' '$1 == "log_loss" { print $3 }')
is "$(awk -F '\t' -v l="$loss" 'NR == 4 { print ($4 - l) ^ 2 < 1e-10 }' h.tsv)" 1 "validation has the average's weights"
run 0 "and so has the model" tsrdiff best average
"${fit[@]}" --epochs 6 --ema 0.9 --valid valid.tsr --checkpoint e.bin -o whole.bin train.tsr
"${fit[@]}" --epochs 6 --ema 0.9 --valid valid.tsr --resume e.bin -o m train.tsr
same whole.bin m "a finished checkpoint gives the same bytes"
rm e.bin
"${fit[@]}" --epochs 400 --ema 0.9 --valid valid.tsr --history whole.tsv -o whole.bin train.tsr
long=("${fit[@]}" --epochs 400 --ema 0.9 --valid valid.tsr --checkpoint e.bin --resume e.bin --history h.tsv)
rm -f h.tsv
"${long[@]}" -o m.killed train.tsr 2>/dev/null &
until [ "$(wc -l 2>/dev/null <h.tsv)" -gt 5 ] 2>/dev/null || ! kill -0 $! 2>/dev/null; do sleep 0.002; done
kill -9 $! 2>/dev/null
wait $! 2>/dev/null
run 0 "a killed one goes on" "${long[@]}" -o m train.tsr
same whole.bin m "and gives the same bytes"
fails 3 "made with ema=0.9, this training has ema=0.8" "another decay" "${long[@]}" --ema 0.8 -o m train.tsr
fails 2 "ema" "a decay of 1" "${fit[@]}" --ema 1 -o m train.tsr
finish
