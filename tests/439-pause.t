#!/bin/bash
# --pause-after: a training that is paused and goes on is one that never was.
. "${0%/*}/lib.sh"
ln -s "$BUILD/unit" unit
awk -v n=36 -v seed=1 -v variants=1 -f "$data/clips.awk" | unit/maketsr train.tsr
awk -v n=18 -v seed=2 -v prefix=v -v groups=x,y,z -v spread=2 -f "$data/clips.awk" | unit/maketsr valid.tsr
printf '%s\n' 'conv1d 4 width=3' batchnorm relu 'dropout 0.2' 'lstm 4' 'dense classes' softmax >small.net
# A second input: each clip's row of a table.
for f in train valid; do
	tsrdump --tsv $f.tsr | awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; print "H type=table"; next }
		{ print "T f32 3 " NR % 7 "," NR % 3 ",1 key=" $c["key"] " label=" $c["label"] " group=" $c["group"] } END { print "E" }' |
		unit/maketsr $f-row.tsr
done
printf '%s\n' 'lstm 4' 'dense classes' 'save mel' 'input row' normalize 'dense 4' batchnorm relu 'dense classes' 'add mel' softmax >two.net
fit=(nntrain -q --net small.net --epochs 6 --rate 0.02)
valid=(--valid valid.tsr)

# figures FILE: of a history, without the seconds.
figures() { cut -f 1-7,9 "$1"; }
# paused NAME OPTION...: paused after epochs 2 and 5, killed somewhere in between, and with a
# checkpoint for each; then on to the end.
paused() {
	local name=$1 pid
	shift
	"${fit[@]}" "$@" -j1 --history whole.tsv -o whole.bin train.tsr
	rm -f ./*-[a-c].*
	run 0 "$name: a pause" "${fit[@]}" "$@" -j1 --pause-after 2 --history h-a.tsv --checkpoint k-a.ck -o m-a.bin train.tsr
	is "$(wc -l <h-a.tsv) $(tsrdump --field pg m-a.bin | grep -c ' pause-after=2$')" "3 1" "two epochs, which the model says"
	"${fit[@]}" "$@" --pause-after 5 --checkpoint k-b.ck --resume k-a.ck -o m-b.bin train.tsr 2>/dev/null &
	pid=$!
	until [ -e k-b.ck ] || ! kill -0 $pid 2>/dev/null; do sleep 0.002; done
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
	run 0 "another, killed and resumed" "${fit[@]}" "$@" -j4 --pause-after 5 --history h-b.tsv --checkpoint k-b.ck --resume k-b.ck -o m-b.bin train.tsr
	run 0 "and the end" "${fit[@]}" "$@" --history h-c.tsv --checkpoint k-c.ck --resume k-b.ck -o m-c.bin train.tsr
	same m-c.bin whole.bin "has the bytes of a training without"
	is "$(figures h-c.tsv)" "$(figures whole.tsv)" "and the history"
	"${fit[@]}" "$@" -j1 --pause-after 5 --history h-d.tsv --checkpoint k-d.ck -o m-d.bin train.tsr
	same m-d.bin m-b.bin "so had the model of epoch 5"
}
paused plateau "${valid[@]}" --plateau-patience 1 --min-delta 0.05
paused onecycle --schedule onecycle --optimizer adamw --ema 0.9 --keep last "${valid[@]}"
paused 'cosine, without validation' --schedule cosine --warmup 0.2 --mixup 0.2 --masks 1x2,1x1 --variants random --crop 5
paused 'groups held out' --holdout-groups 2 --batch-groups 2x6 --optimizer sgd --variants random
paused 'two inputs' --net two.net --beside row=train-row.tsr --beside row=valid-row.tsr "${valid[@]}" --schedule onecycle --ema 0.9 --jitter 0.1

# The model of a pause is what it would be if its epoch were the last.
constant=("${fit[@]}" --schedule constant "${valid[@]}")
for keep in best last; do
	"${constant[@]}" --keep $keep --epochs 3 -o third.bin train.tsr
	"${constant[@]}" --keep $keep --pause-after 3 --checkpoint c.ck -o m train.tsr
	run 0 "--keep $keep: weights, temperature and threshold of epoch 3" diff \
		<(tsrdump --head third.bin | sed 's/epochs=3/epochs=6/; s/\(^pg=nntrain.*\)$/\1 pause-after=3/') <(tsrdump --head m)
	run 0 "all of them" diff <(tsrdump --data third.bin) <(tsrdump --data m)
done
like "$(tsrdump --head m)" 'threshold=' "which there were"
run 0 "a model that begins with its weights" nntrain -q --init m --epochs 1 -o n train.tsr
is "$(tsrdump --field pg n | grep -c 'pause-after=3$'), $(tsrdump --field pg n | grep -c nntrain)" "1, 2" "knows it"

# At the end, by itself or early, there is no pause.
"${constant[@]}" -o whole.bin train.tsr
for n in 6 99999; do
	rm -f c.ck
	"${constant[@]}" --pause-after $n --checkpoint c.ck -o m train.tsr
	same m whole.bin "--pause-after $n of 6: the end"
done
early=("${constant[@]}" --epochs 60 --patience 2 --rate 0.5)
"${early[@]}" --history h.tsv -o whole.bin train.tsr
n=$(tail -n 1 h.tsv | cut -f 1)
ok $((n < 60 ? 0 : 1)) "early stopping, after $n of 60 epochs"
for pause in "$n" $((n + 1)); do
	"${early[@]}" --pause-after "$pause" --checkpoint c.ck -o m train.tsr
	same m whole.bin "--pause-after $pause: as without"
done
run 0 "from its checkpoint" "${early[@]}" --pause-after $((n + 1)) --checkpoint c2.ck --resume c.ck -o m train.tsr
same m whole.bin "the same again"
same c2.ck c.ck "and the other --checkpoint is there"

# Of a pause that lies behind
"${constant[@]}" --pause-after 4 --checkpoint c.ck -o m train.tsr
fails 3 "^nntrain: c.ck: this checkpoint is of epoch 4; --pause-after 3 requires one of an epoch before it, or none$" "a later checkpoint" \
	"${constant[@]}" --pause-after 3 --checkpoint c.ck --resume c.ck -o m train.tsr
"${constant[@]}" --pause-after 4 --checkpoint c.ck --resume c.ck -o n train.tsr
same m n "one of that epoch: its model again"
fails 2 "^nntrain: --pause-after requires --checkpoint FILE" "no checkpoint" "${constant[@]}" --pause-after 3 -o m train.tsr
for n in 0 -1 1.5 x; do fails 2 "--pause-after" "--pause-after $n" "${constant[@]}" --pause-after $n --checkpoint c.ck -o m train.tsr; done
finish
