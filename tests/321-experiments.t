#!/usr/bin/env bash
# What an experiment's folder promises: plain scripts, one owner at a time, results
# that count by their own provenance, and the same bytes however it was stopped.
. "${0%/*}/lib.sh"
. "$root/tests/tones.sh"
tones 6

recipe() { # OUT [VARIABLE=VALUE...]
	local out=$1
	shift
	make -f "$root/pipelines/recipes.mk" CORPUS=folders DIR=corpus GROUP='spk[0-9]' NFOLDS=2 NETS=crnn EPOCHS=2 \
		WAVNORM_FLAGS='--seconds 0.5' OUT="$out" "$@"
}
audio() { recipe "$@" audio; }
# in_group COMMAND...: runs it in the background in a group of its own, $pid.
in_group() {
	setsid env --default-signal=INT,QUIT bash -c "$(declare -f recipe audio); root='$root'; \"\$@\"" - "$@" >out 2>err &
	pid=$!
}
wait_for() { # until the command is true, half a minute at most
	local i
	for i in $(seq 600); do
		"$@" 2>/dev/null && return
		sleep 0.05
	done
	return 1
}
begun() { # OUT: its first training has done an epoch
	set -- "$1"/fold1/crnn-plain/*.checkpoint
	[ -e "$1" ]
}
# scripts OUT ...: the scripts that make would run, as a list of words.
scripts() { audio "$@" -n 2>err | sed -n 's/.*bash \(.*\)\.sh$/\1/p' | sed 's,/run$,,' | tr '\n' ' '; }
state() { find "$1" -type f -printf '%p %T@ %s\n' | sort; }
results() { (cd "$1" && sha256sum fold?/*/model.bin fold?/*/predictions.tsv ./*.figures.tsv); }

# Targets, one at a time, all.
run 0 'plan' recipe a -s plan audio
is "$(tr '\n' ' ' <out)" 'features/plain features/x3 fold1/crnn-plain fold1/crnn-x3 fold2/crnn-plain fold2/crnn-x3 '"$(
	)crnn-plain$(command -v gnuplot >/dev/null && echo ' crnn-plain.plots') crnn-x3$(command -v gnuplot >/dev/null && echo ' crnn-x3.plots') table$(
	command -v gnuplot >/dev/null && echo ' compare') " 'lists the targets'
is "$(ls a/features)" $'plain.sh\nx3.sh' 'and makes none'
run 0 'one' recipe a one audio ONE=fold1/crnn-x3
is "$(grep -c 'audio: \[' err) $(ls a/fold1/crnn-x3 | tr '\n' ' ') $(ls a/fold2/crnn-x3)" \
	'1 figures.tsv history.tsv model.bin predictions.tsv run.sh  run.sh' 'makes one'
run 0 'one without a recipe' recipe a one ONE=fold1/crnn-x3
is "$(grep -c 'audio: \[' err)" 0 'is of audio'
run 2 'one that there is not' recipe a one ONE=fold3/crnn-x3
like "$(cat err)" 'ONE=fold3/crnn-x3: sertools plan lists' 'is refused'
run 0 'all' audio a
is "$(grep -c 'audio: \[' err)" 3 'makes the others'
is "$(awk 'NR > 5 && /: / && !/^[^ ].*: .*; \$\(RUN\) bash [a-z0-9.\/-]*\.sh$/' a/Makefile | grep -v '^	' | grep -v '^all')" '' \
	'a rule a line in its Makefile'
is "$(grep -c 'eval\|call\|shell\|foreach' a/Makefile)" 0 'and no function'
is "$(cat a/*.sh a/*/*.sh a/*/*/*.sh | grep -c "$PWD")" 0 'no script knows where it is'
run 0 'make' make -C a
like "$(cat out)" 'Nothing to be done' 'has nothing to do in there'
if command -v shellcheck >/dev/null; then
	run 0 'shellcheck' shellcheck -e SC2086,SC2154 a/*.sh a/*/*.sh a/*/*/*.sh
else
	skip 'shellcheck is not installed'
fi

# A launcher.
cat >launch <<'END'
#!/bin/sh
echo "$@" >>launched
exec "$@"
END
chmod +x launch
run 0 'RUN' audio r RUN="$PWD/launch"
is "$(sort r/launched | sed 's/^bash //' | tr '\n' ' ')" "$(find r -name '*.sh' -printf '%P\n' | sort | tr '\n' ' ')" \
	'stands before each script'
is "$(results r)" "$(results a)" 'and changes no result'

# One setting, and only what depends on it.
is "$(scripts a)" '' 'nothing to make'
mkdir w && echo half >w/manifest.tsv
is "$(scripts w | wc -w) $(ls w) $(cat w/manifest.tsv)" "$(find a -name '*.sh' | wc -l) manifest.tsv half" 'nor does -n change what a killed plan left'
plots() { command -v gnuplot >/dev/null && echo "$1 "; }
is "$(scripts a EPOCHS=3)" "fold1/crnn-plain fold1/crnn-x3 fold2/crnn-plain fold2/crnn-x3 crnn-plain $(plots crnn-plain.plots
	)crnn-x3 $(plots crnn-x3.plots)table $(plots compare)" 'EPOCHS: runs'
is "$(scripts a AUGMENT_FLAGS='--snr 20' | tr ' ' '\n' | grep -v plots)" \
	$'features/x3\nfold1/crnn-x3\nfold2/crnn-x3\ncrnn-x3\ntable'"$(plots $'\ncompare' | tr -d ' ')" 'AUGMENT_FLAGS: x3'
is "$(scripts a SETS=plain)" "table $(plots compare)" 'SETS: the table'
is "$(scripts a TRAIN_FLAGS='--rate 0.001' SETS=plain | tr ' ' '\n' | grep -c fold)" 2 'TRAIN_FLAGS'
is "$(scripts a NFOLDS=3 SETS=plain | tr ' ' '\n' | grep -c fold)" 3 'NFOLDS'
is "$(scripts a VALID=0.5 SETS=plain | tr ' ' '\n' | grep -c fold)" 0 'VALID, where that changes no fold'
is "$(scripts a THREADS=1)" '' 'THREADS: nothing'
cp -r corpus more && cp more/low/spk1-1.wav more/low/spk1-3.wav
is "$(scripts a DIR=more SETS=plain | tr ' ' '\n' | grep -v plots)" \
	$'features/plain\nfold1/crnn-plain\nfold2/crnn-plain\ncrnn-plain\ntable'"$(plots $'\ncompare' | tr -d ' ')" 'a new recording: all'
cp -r corpus swap && run 0 'recordings of its own' audio swapped DIR=swap SETS=plain
cp -p swap swap.first -r && mv swap/low/spk1-1.wav x.wav && mv swap/low/spk1-2.wav swap/low/spk1-1.wav && mv x.wav swap/low/spk1-2.wav
is "$(scripts swapped DIR=swap SETS=plain | tr ' ' '\n' | grep -v plots | head -n 3)" $'features/plain\nfold1/crnn-plain\nfold2/crnn-plain' \
	'two recordings that changed names, older than the features'
rm -r swap && mv swap.first swap
is "$(scripts swapped DIR=swap SETS=plain)" '' 'as they were: nothing'
cp -a a net && cp a/nets/crnn.net crnn.net && sed -i 's/lstm 64/lstm 32/' crnn.net
is "$(scripts net SETS=plain | tr ' ' '\n' | grep -c fold)" 2 'a net of that name here: its runs'
rm crnn.net
state a >before
audio a -n EPOCHS=5 >out 2>err
state a >after
same before after 'make -n changes nothing'

# A script changed by hand counts for itself, and is planned anew.
cp -a a edited
sed -i 's/--epochs 2/--epochs 3/' edited/fold1/crnn-plain/run.sh
run 0 'an edited script' make -C edited
is "$(tsrdump --head edited/fold1/crnn-plain/model.bin | grep -c 'epochs=3')" 1 'does as it says'
touch -d '1 hour ago' edited/fold1/crnn-plain/run.sh
run 0 'the plan' audio edited
is "$(grep 'audio: \[' err)" 'audio: [1/1] fold1/crnn-plain: training' 'makes it again as planned'
is "$(results edited)" "$(results a)" 'with the same bytes'
# The dates lie, the provenance does not.
cp -a a lies
audio other EPOCHS=3 SETS=plain >out 2>err
cp other/fold1/crnn-plain/model.bin lies/fold1/crnn-plain/
touch lies/fold1/crnn-plain/*
is "$(scripts lies | tr ' ' '\n' | grep fold)" 'fold1/crnn-plain' 'a model that another script made, newer than all: made again'
cp -a a back
run 0 'planned otherwise, but not run' recipe back plan audio EPOCHS=9
run 0 'and planned back' audio back
is "$(grep -c 'audio: \[' err)" 0 'needs no training'
is "$(scripts back)" '' 'nor later'

# Two at a time.
long=(EPOCHS=20000 SETS=plain TRAIN_FLAGS='--patience 0')
in_group audio cut "${long[@]}"
wait_for grep -q fold1 err
mv err first
state cut | grep -v '/fold1/' >before
audio cut EPOCHS=2 >out 2>err
is $? 2 'a second run in one folder'
like "$(cat err)" "audio: cut is in use: sertools audio .*EPOCHS=20000.*, process [0-9]+ on $(uname -n), since 20" 'says who has it'
state cut | grep -v '/fold1/' >after
same before after 'and changes nothing'
run 2 'nor does make in there run a script twice' make -C cut
like "$(cat err)" 'fold1/crnn-plain/run.sh: in use' 'which says so'
kill -0 $pid
ok $? 'the first goes on'
# The issue of old: the 25-epoch model taken for one of 2 epochs.
wait_for begun cut
kill -KILL -- -$pid
wait $pid 2>/dev/null
[ ! -e cut/fold1/crnn-plain/model.bin ]
ok $? 'killed in the middle'
cp -a cut short
run 0 'then fewer epochs' audio short SETS=plain
is "$(grep -c training err) $(for m in short/fold?/*/model.bin; do tsrdump --head $m; done | grep -c 'epochs=2')" '2 2' 'are trained as asked'
audio want SETS=plain >out 2>err
is "$(results short)" "$(results want)" 'the same bytes'

# make alone is killed: what it started has the folder still.
in_group audio orphan "${long[@]}"
wait_for begun orphan
kill -KILL $(pgrep -g "$pid" -x make) $(pgrep -g "$pid" -f experiment.sh)
audio orphan EPOCHS=2 SETS=plain >out 2>err
is $? 2 'make killed, its training not'
like "$(cat err)" 'orphan is in use: ' 'the folder is in use'
kill -KILL -- -$pid
wait $pid 2>/dev/null

# Interrupted at any moment, the end is the same.
whole=(EPOCHS=400 SETS=plain TRAIN_FLAGS='--patience 0')
audio whole "${whole[@]}" >out 2>err
in_group audio int "${whole[@]}"
wait_for begun int
kill -INT -- -$pid
wait $pid
is $? 130 'interrupted'
like "$(cat err)" 'audio: interrupted; the same command resumes' 'it says how to go on'
gone() { ! pgrep -g $pid >/dev/null; }
wait_for gone
ok $? 'and nothing is left running'
run 0 'and goes on' audio int "${whole[@]}"
like "$(cat err)" '\[1/2\] fold1/crnn-plain: continuing' 'in the middle of the training'
is "$(results int)" "$(results whole)" 'to the same bytes'
for i in 1 2 3 4 5 6; do
	in_group audio kills "${whole[@]}"
	sleep 0.$((i * 15 % 97))
	kill -KILL -- -$pid 2>/dev/null
	wait $pid 2>/dev/null
done
run 0 'killed six times' audio kills "${whole[@]}"
is "$(results kills)" "$(results whole)" 'the same bytes'

# Sent to somebody, and made there.
mkdir away
cp -a a 'away/the folder'
mv corpus gone
(cd away && state 'the folder') >before
run 0 'moved' make -C 'away/the folder'
(cd away && state 'the folder') >after
same before after 'is as it was'
rm -r away/the*/fold?/*/[fmp]*.* away/the*/table.[mt]*
run 0 'without its models and recordings' make -C 'away/the folder'
is "$(results 'away/the folder')" "$(results a)" 'makes the same again of its features'
mv gone corpus

# Seeds.
run 0 'seeds' audio s SEEDS='1 2' SETS=plain
is "$(cut -f 1,2,4,15 s/table.tsv | tr '\t\n' ' |') $(ls s/fold1 | tr '\n' ' ')" \
	'net training folds seeds|crnn plain 2 2| crnn-plain crnn-plain-seed2 ' 'each fold twice'
same a/fold1/crnn-plain/model.bin s/fold1/crnn-plain/model.bin 'the first as without'
is "$(for i in '' -seed2; do evalconf -q --tsv --bootstrap 0 s/fold?/crnn-plain$i/predictions.tsv | awk '$1 == "uar" { print $3 }'; done |
	awk '{ x[NR] = $1 } END { m = (x[1] + x[2]) / 2; printf "%.6f %.6f", m, sqrt((x[1] - m) ^ 2 + (x[2] - m) ^ 2) }')" \
	"$(sed -n 2p s/table.tsv | cut -f 16,17 | tr '\t' ' ')" 'mean and deviation over seeds'
like "$(cat out)" 'UAR, mean of seeds .* UAR \(95 % interval\)' 'beside the interval over speakers'
is "$(sed -n 2p s/table.tsv | cut -f 3)" 36 'of as many records'

# One speaker out.
run 0 'loso' audio o FOLDS=loso SETS=plain EPOCHS=1
is "$(awk -F '\t' '$2 == "test" { print $1 "=" $3 }' o/split.tsv | tr '\n' ' ')" '1=spk1 2=spk2 3=spk3 4=spk4 5=spk5 6=spk6 ' \
	'tests each speaker alone'
is "$(cut -f 4 o/table.tsv | tail -n 1)" 6 'in a fold'

# The reference's protocol.
run 0 'notebook' audio n PROTOCOL='speaker notebook' SETS=x3 EPOCHS=1
is "$(awk -F '\t' 'NR == 1 { n = NF } { print $1, $2, $n }' n/table.tsv | tr '\n' '|')" \
	'net training protocol|crnn x3 speakers apart|crnn x3 records at random: leaks|' 'is marked as leaking'
like "$(cat out)" '\| augmented \(x3\) \| records at random: leaks' 'in words'
is "$(cut -f 1 n/notebook/crnn-x3/rows.tsv | sort | uniq -c | tr -s ' \n' ' ')" ' 22 test 69 train 17 valid ' 'records of all variants, split at random'
is "$(sed 1d n/notebook/crnn-x3/predictions.tsv | cut -f 1 | sort)" "$(awk -F '\t' '$1 == "test" { print $2 }' n/notebook/crnn-x3/rows.tsv | sort)" \
	'and tested on what it says'

# Names that mean something to the shell and to make.
mv corpus "it's a \$HOME; <corpus> & 100%"
mkdir 'here & there'
cd 'here & there' || exit 99
run 0 'odd paths' recipe "out \$(x)'s" audio DIR="../it's a \$\$HOME; <corpus> & 100%" SETS=plain
is "$(grep -c 'audio: \[' err)" 2 'are taken as they are'
cd ..
mv it*100% corpus

# On a terminal one line is redrawn; elsewhere there is a line for each run.
if script -qec true log >/dev/null 2>&1 </dev/null; then
	make -s -f "$root/pipelines/recipes.mk" plan CORPUS=folders DIR=corpus OUT=t GROUP='spk[0-9]' NETS=crnn NFOLDS=2 SETS=plain \
		EPOCHS=3000 TRAIN_FLAGS='--patience 0' WAVNORM_FLAGS='--seconds 0.5' >out 2>err
	script -qefc "make -f '$root/pipelines/recipes.mk' audio CORPUS=folders DIR=corpus OUT=t GROUP='spk[0-9]' NETS=crnn NFOLDS=2 \
		SETS=plain EPOCHS=3000 TRAIN_FLAGS='--patience 0' WAVNORM_FLAGS='--seconds 0.5'" log >out 2>err </dev/null &
	pid=$!
	wait_for grep -q 'epoch [1-9]' log
	kill $pid
	wait $pid 2>/dev/null
	like "$(tr '\r' '\n' <log)" 'audio: 0 of 2 runs done, \? left; fold1/crnn-plain: epoch [0-9]+ of 3000, loss [0-9.]+' 'a line of progress'
else
	skip 'script is not installed, or has no terminal to give'
fi
finish
