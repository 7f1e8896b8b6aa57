#!/bin/bash
# What is no speech is refused, and speech is not: floors that nntrain learns
# from the RAVDESS clips of some speakers, on sounds made here and on the others.
. "${0%/*}/lib.sh"
need "$shared/data/ravdess"
need_tools perl
[ -z "${SER_VALGRIND:-}" ] || {
	echo "1..0 # SKIP too slow under valgrind, and the unit tests go through the code"
	exit 0
}

mkdir sounds
perl "$data/sounds.pl" sounds || exit 99
find "$shared/data/ravdess" -name '*.flac' | sort | awk -f "$root/pipelines/datasets/ravdess.awk" >all.tsv
wavnorm --trim 30 --manifest all.tsv | melspec -o all.tsr
wavnorm --trim 30 sounds/*.wav | melspec -o sounds.tsr
wavnorm --trim 30 "$shared"/data/keras/*.wav "$shared"/data/cremad/*.wav 2>err | melspec -o others.tsr

# A net that learns nothing: only its floors are of interest here.
printf 'avgpool1d 108\nflatten\ndense classes\nsoftmax\n' >tiny.net
refused=0 spoken=0
while read -r fold speakers; do
	tsrpick --invert --group "${speakers// /,}" all.tsr | nntrain -q --net tiny.net --epochs 1 -o $fold.bin
	tsrpick --group "${speakers// /,}" all.tsr | nnpredict --threshold 0 $fold.bin >out
	refused=$((refused + $(cut -f 5 out | grep -c NOSPEECH)))
	spoken=$((spoken + $(wc -l <out) - 1))
	nnpredict $fold.bin sounds.tsr >out
	is "$(cut -f 1,5 out | sed 1d | grep -v NOSPEECH)" "" "fold $fold: $(($(wc -l <out) - 1)) sounds are refused"
	is "$(nnpredict $fold.bin others.tsr | cut -f 5 | grep -c NOSPEECH)" 0 "fold $fold: speech of other corpora is not"
done < <(tail -n +2 "$shared/data/ravdess/folds.tsv" | tr '\t' ' ')
echo "# $refused of $spoken clips of speakers not heard in training are refused"
[ "$spoken" = 1431 ] && [ $((refused * 200)) -le "$spoken" ]
ok $? "speakers not heard in training: at least 99.5 % pass"
nnpredict --check-speech no 1.bin sounds.tsr >out
is "$(cut -f 5 out | grep -c NOSPEECH)" 0 "--check-speech no lets all pass"
nnpredict --with 1.bin 2.bin sounds.tsr >out
is "$(cut -f 5 out | sed 1d | grep -vc NOSPEECH)" 0 "two models together refuse them"

# The same clips on another scale.
for scale in log power; do
	wavnorm --trim 30 --manifest <(tail -n 400 all.tsv) | melspec --scale $scale | nntrain -q --net tiny.net --epochs 1 -o m.bin
	wavnorm --trim 30 sounds/*.wav | melspec --scale $scale | nnpredict m.bin >out
	is "$(cut -f 1,5 out | sed 1d | grep -v NOSPEECH)" "" "melspec --scale $scale: sounds are refused"
	wavnorm --trim 30 --manifest <(head -n 400 all.tsv) | melspec --scale $scale | nnpredict m.bin >out
	[ "$(cut -f 5 out | grep -c NOSPEECH)" -le 4 ]
	ok $? "melspec --scale $scale: speech is not"
done
finish
