#!/usr/bin/env bash
# Two runs in one OUT, killed at any moment, copied without their dates: no table is
# ever another setting's.
. "${0%/*}/lib.sh"
. "$root/tests/tones.sh"
tones 4
printf 'globalavgpool\ndense classes\nsoftmax\n' >tiny.net

audio() { # OUT EPOCHS [VARIABLE=VALUE...]
	make -f "$root/pipelines/recipes.mk" CORPUS=folders DIR=corpus GROUP='spk[0-9]' NFOLDS=2 NETS=tiny SETS=plain \
		WAVNORM_FLAGS='--seconds 0.5' TRAIN_FLAGS='--patience 0' OUT="$1" EPOCHS="$2" "${@:3}" audio
}
# in_group COMMAND...: in the background, in a group of its own, $pid.
in_group() {
	setsid env --default-signal=INT,QUIT bash -c "$(declare -f audio); root='$root'; \"\$@\"" - "$@" >>log 2>&1 &
	pid=$!
}
results() { (cd "$1" && sha256sum fold?/*/{model.bin,predictions.tsv,figures.tsv} ./*.figures.tsv ./*.confusion.tsv); }
rows() { cat "$1/table.tsv" "$1/table.md"; }
epochs() { for m in "$1"/fold?/*/model.bin; do tsrdump --field pg "$m" | sed -n 's/.* epochs=\([0-9]*\).*/\1/p' | tail -n 1; done | sort -u | tr '\n' ' '; }

for e in 2 3; do
	run 0 "$e epochs" audio clean$e $e
	is "$(epochs clean$e)" "$e " "are $e"
done
wrong=0 finished=0
for i in $(seq 12); do
	in_group audio x 2
	first=$pid
	in_group audio x 3
	sleep 0.$((i * 37 % 90 + 10))
	kill -KILL -- -$first -$pid 2>/dev/null
	wait $first $pid 2>/dev/null
	[ $((i % 3)) != 0 ] || { cp -R x y && rm -r x && mv y x; }
	# What is asked for next is what is there then.
	if [ $((i % 4)) = 0 ]; then
		e=$((i / 4 % 2 + 2))
		audio x $e >out 2>err && finished=$((finished + 1))
		[ "$(results x) $(rows x)" = "$(results clean$e) $(rows clean$e)" ] || wrong=$((wrong + 1))
	fi
done
is "$finished finished, $wrong wrong" '3 finished, 0 wrong' 'killed at once and copied twelve times, each table is of its own setting'

# The dates lie: summaries of another setting look newest, or what they are made of was exchanged.
for e in 2 3; do run 0 "again $e" audio lies $e && cp -R lies lies$e; done
cp lies2/tiny-plain.* lies2/table.* lies
cp lies2/.tiny-plain.sums lies2/.table.sums lies
touch lies/tiny-plain.* lies/table.*
run 0 'rows of another setting' audio lies 3
is "$(rows lies)" "$(rows clean3)" 'are made again'
cp clean2/fold1/tiny-plain/{predictions,figures}.tsv lies/fold1/tiny-plain/
touch lies/fold1/tiny-plain/*.tsv lies/tiny-plain.* lies/table.*
run 0 'predictions of another setting' audio lies 3
is "$(results lies)" "$(results clean3)" 'are made again'

# A recording is replaced by another of the same name.
cp -R -p corpus mine
run 0 'a corpus' audio rec 2 DIR=mine
sleep 0.1
cp mine/low/spk1-2.wav mine/low/spk1-1.wav
run 0 'of which a recording was changed' audio rec 2 DIR=mine
like "$(cat err)" 'audio: features of 24' 'is heard again'
touch -d '1 day' mine/low/spk2-1.wav
run 0 'but for one of tomorrow' audio rec 2 DIR=mine
is "$(grep -c 'features of\|training' err)" 0 'all is as it was'

# Two at once: one has the folder, and is held there, and the other says who.
in_group audio two 20
first=$pid
for _ in $(seq 600); do
	[ ! -e two/.lock-holder ] || break
	sleep 0.05
done
kill -STOP -- -$first
audio two 2 >out 2>err
second=$?
kill -CONT -- -$first
wait $first
is "$second $? $(epochs two)" "2 0 20 " 'two at once: the first ends, the other fails'
like "$(cat err)" "audio: two is in use: sertools audio .*EPOCHS=20" 'and says who has the folder'

# Terminated, nothing goes on.
in_group audio term 90000
for _ in $(seq 600); do
	! ls term/fold1/tiny-plain/*.checkpoint >/dev/null 2>&1 || break
	sleep 0.05
done
kill -TERM "$(pgrep -g $pid -x make | head -n 1)"
for _ in $(seq 200); do
	pgrep -g $pid >/dev/null || break
	sleep 0.05
done
is "$(pgrep -g $pid)" '' 'terminated: no training goes on'
wait $pid 2>/dev/null
run 0 'and the folder is free' audio term 2
is "$(results term)" "$(results clean2)" 'for another setting'
finish
