#!/usr/bin/env bash
# sertools audio on a corpus of tones: all of it, again, interrupted, in parallel.
. "${0%/*}/lib.sh"
. "$root/tests/tones.sh"
tones 6

# audio OUT [VARIABLE=VALUE...]: the recipe as installed, without the Makefile.
audio() {
	local out=$1
	shift
	make -f "$root/pipelines/recipes.mk" audio CORPUS=folders DIR=corpus GROUP='spk[0-9]' NFOLDS=2 NETS=crnn EPOCHS=2 \
		WAVNORM_FLAGS='--seconds 0.5' OUT="$out" "$@"
}
# state DIR: what is there, and when it was written.
state() { find "$1" -type f -printf '%p %T@ %s\n' | sort; }

run 0 'runs' audio a
is "$(grep -c 'audio: \[' err) $(wc -l <a/table.tsv) $(grep -c '^| crnn' out)" '4 3 2' 'two folds, two sets; a line for each set'
is "$(cut -f 1-4 a/table.tsv | tr '\t\n' ' |')" 'net training records folds|crnn plain 36 2|crnn x3 36 2|' 'the table'
for f in fold1/crnn-x3/model.bin fold2/crnn-plain/predictions.tsv crnn-x3.figures.tsv crnn-x3.report.txt table.md; do
	[ -s a/$f ]
	ok $? "makes $f"
done
run 0 'the model is whole' tsrdump --check a/fold1/crnn-x3/model.bin
is "$(tsrdump --head a/fold1/crnn-plain/model.bin | grep -c 'pg=augment') $(tsrdump --head a/fold1/crnn-x3/model.bin | grep -c 'pg=augment')" \
	'0 1' 'one learnt from augmented records, one not'
is "$(awk -F '\t' 'FNR > 1 && FNR == NR { seen[$3] } FNR > 1 && FNR != NR && $3 in seen { bad++ } END { print bad + 0 }' \
	a/fold1/crnn-x3/predictions.tsv a/fold2/crnn-x3/predictions.tsv)" 0 'no speaker is tested twice'
is "$(cat a/fold?/crnn-x3/predictions.tsv | cut -f 1 | grep -cv '^key')" 36 'every recording is tested, none augmented'
if command -v gnuplot >/dev/null; then
	is "$(ls a/*.svg | tr '\n' ' ')" \
		'a/compare.svg a/crnn-plain.confusion.svg a/crnn-plain.learning.svg a/crnn-x3.confusion.svg a/crnn-x3.learning.svg ' \
		'plots'
else
	skip 'gnuplot is not installed'
fi

state a >before
run 0 'a second run' audio a
state a >after
same before after 'writes nothing'
like "$(cat out)" '\| crnn +\| plain' 'but shows the table'
is "$(audio a -n 2>err | grep -c 'bash ')" 0 'make -n: nothing to train'
is "$(audio a -n EPOCHS=3 2>err | grep -c 'bash fold./.*/run.sh$')" 4 'make -n: everything, with other settings'
is "$(audio a -n 2>err | grep -c 'bash ')" 0 'which changed nothing'

cp a/fold1/crnn-plain/model.bin want && rm a/fold1/crnn-plain/model.bin
run 0 'a model that is gone' audio a
is "$(grep -c 'audio: \[' err)" 1 'is made again'
same want a/fold1/crnn-plain/model.bin 'the same bytes'

run 0 'side by side' audio b -j2
for f in fold1/crnn-plain/model.bin fold2/crnn-x3/model.bin fold2/crnn-x3/predictions.tsv crnn-x3.figures.tsv; do
	same a/$f b/$f "the same $f"
done
# A launcher says what each training gets: traces of two at a time would mix.
printf '#!/bin/sh\necho "$2 $THREADS" >>%s/threads\nexec "$@"\n' "$PWD" >launch
chmod +x launch
audio b V=1 -j2 EPOCHS=3 RUN="$PWD/launch" >out 2>err
is "$(grep -c 'run.sh 1$' threads)" 4 'one thread each'
like "$(cat err)" 'nntrain' 'V=1 shows the commands'

# Killed in the middle of a training, and taken up again.
long=(EPOCHS=400 SETS=plain TRAIN_FLAGS='--patience 0')
audio whole "${long[@]}" >out 2>err
setsid bash -c "$(declare -f audio); root='$root'; audio cut EPOCHS=400 SETS=plain TRAIN_FLAGS='--patience 0'" >out 2>err &
pid=$!
for _ in $(seq 600); do
	! ls cut/fold1/crnn-plain/*.checkpoint >err 2>&1 || break
	sleep 0.05
done
kill -KILL -- -$pid
wait $pid 2>err
[ ! -e cut/fold1/crnn-plain/model.bin ] && ls cut/fold1/crnn-plain/*.checkpoint >err 2>&1
ok $? 'killed in the middle'
run 0 'goes on' audio cut "${long[@]}"
like "$(cat err)" 'fold1/crnn-plain: continuing' 'with the checkpoint'
same whole/fold1/crnn-plain/model.bin cut/fold1/crnn-plain/model.bin 'to the same model'
is "$(cut -f 1 cut/fold1/crnn-plain/history.tsv | tr '\n' ' ')" "$(cut -f 1 whole/fold1/crnn-plain/history.tsv | tr '\n' ' ')" \
	'with a history of all epochs'
is "$(ls cut/fold1/crnn-plain)" "$(ls whole/fold1/crnn-plain)" 'and removes it'

run 0 'augmented alone' audio b SETS=x3 NETS=cnn1d EPOCHS=1
is "$(cut -f 1,2 b/table.tsv | tr '\t\n' ' |')" 'net training|cnn1d x3|' 'has its own table'
run 0 'fewer configurations than before' audio a SETS=plain
is "$(cut -f 1,2 a/table.tsv | tr '\t\n' ' |')" 'net training|crnn plain|' 'leave fewer lines'
is "$(grep -c 'audio: \[' err)" 0 'and train nothing'
printf 'fold\ttest_speakers\nx\tspk1 spk2\n' >folds.tsv
run 0 'folds from a file' audio c FOLDS=folds.tsv SETS=plain EPOCHS=1
is "$(cut -f 3 c/foldx/crnn-plain/predictions.tsv | sort -u | tr '\n' ' ')" 'group spk1 spk2 ' 'test those speakers'
run 2 'no DIR' make -f "$root/pipelines/recipes.mk" audio CORPUS=folders
like "$(cat err)" 'usage: sertools audio CORPUS=\{.*folders.*\} DIR=' 'is a usage error'
run 2 'an unknown corpus' make -f "$root/pipelines/recipes.mk" audio CORPUS=none DIR=corpus
like "$(cat err)" 'no pipelines/datasets/none.awk' 'is named'
run 2 'a folder that is not there' make -f "$root/pipelines/recipes.mk" audio CORPUS=folders DIR=none
like "$(cat err)" 'no folder none' 'is named'
run 2 'a wrong name among the recordings' make -f "$root/pipelines/recipes.mk" audio CORPUS=ravdess DIR=corpus OUT=d
like "$(cat err)" 'not a RAVDESS name' 'is named'
is "$(ls d)" '' 'and leaves nothing'
finish
