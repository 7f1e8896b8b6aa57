#!/usr/bin/env bash
# sertools leak-demo on a corpus of tones: who is where under each protocol, again,
# interrupted; and on RAVDESS's names, the sizes.
. "${0%/*}/lib.sh"
. "$root/tests/tones.sh"
tones 6

leak() {
	local out=$1
	shift
	make -f "$root/pipelines/recipes.mk" leak-demo CORPUS=folders DIR=corpus GROUP='spk[0-9]' NFOLDS=3 REPEATS=2 NETS=crnn \
		EPOCHS=2 WAVNORM_FLAGS='--seconds 0.5' OUT="$out" "$@"
}

run 0 'runs' leak a
is "$(grep -c 'leak-demo: \[' err) $(wc -l <a/table.tsv) $(grep -c '^| ' out)" '6 4 5' 'three protocols, twice; a line for each'
mv out shown
is "$(cut -f 1-3 a/plan.tsv | sort | uniq -c | awk '{ print $1, $4 }' | sort | uniq -c | awk '{ print $1, $2, $3 }' | tr '\n' '|')" \
	'6 12 test|6 12 valid|6 36 train|' 'as many records in each part of each run'

# The plan against the manifest and the records, not against what made it.
judge() { # what is wrong in the plan, if anything
	awk -F '\t' '
	FNR == 1 && FILENAME ~ /records/ { for (i = 1; i <= NF; i++) at[$i] = i; next }
	FILENAME ~ /records/ { who[$at["key"]] = $at["group"]; clip[$at["key"]] = $at["src"] == "-" ? $at["key"] : $at["src"]; next }
	{
		if (!($4 in who)) print "no record " $4
		if (($1, $2, $4) in part) print "in two parts: " $0
		part[$1, $2, $4] = $3
		if ($3 == "test" && ($1, $4) in tested) print "tested twice: " $0
		if ($3 == "test") tested[$1, $4]
		if ($3 != "train" && clip[$4] != $4 && ($1 != "record" || $3 == "valid")) print "augmented: " $0
		line[++lines] = $0
	}
	END {
		for (l = 1; l <= lines; l++) {
			split(line[l], x, "\t")
			voice[x[1], x[2], x[3], who[x[4]]]
			copy[x[1], x[2], x[3], clip[x[4]]]
		}
		for (l = 1; l <= lines; l++) {
			split(line[l], x, "\t")
			if (x[3] == "train") continue
			if (x[1] == "speaker" && (x[1], x[2], "train", who[x[4]]) in voice) print "speaker heard: " line[l]
			if (x[1] != "record" && (x[1], x[2], "train", clip[x[4]]) in copy) print "clip heard: " line[l]
			copies += x[1] == "record" && x[3] == "test" && (x[1], x[2], "train", clip[x[4]]) in copy
			voices += x[1] == "clip" && x[3] == "test" && (x[1], x[2], "train", who[x[4]]) in voice
			tests += x[1] == "record" && x[3] == "test"
		}
		printf "%.6f %.6f\n", copies / tests, voices / tests
	}' a/records.tsv a/plan.tsv
}
is "$(judge | wc -l)" 1 'no part holds what the protocol keeps out of it'
is "$(awk -F '\t' '{ print $12, $13 }' a/table.tsv | tr '\n' '|')" \
	"speaker_heard copy_in_training|1.000000 $(judge | cut -d ' ' -f 1)|$(judge | cut -d ' ' -f 2) 0.000000|0.000000 0.000000|" \
	'the table says what training had heard'
like "$(cat shown)" '\| augment, then split records +\| yes +\| yes \(of [0-9]+ %\) +\|' 'also in words'
like "$(cat shown)" '\| split speakers, then augment +\| no +\| no +\|.*\| +36, 12, 12 \|' 'with the numbers of records'
is "$(cut -f 2 a/table.tsv | tr '\n' ' ')" 'repeats 2 2 2 ' 'of all repeats'
for p in record clip speaker; do
	is "$(cut -f 1 a/fold1/$p/predictions.tsv | sed 1d | sort)" \
		"$(awk -F '\t' -v p=$p '$1 == p && $2 == 1 && $3 == "test" { print $4 }' a/plan.tsv | sort)" "$p: tested on what the plan says"
done
is "$(evalconf -q --tsv -s 1 a/fold?/speaker/predictions.tsv | awk '$1 == "uar" { print $3, $4, $5 }')" \
	"$(awk -F '\t' '/speakers/ { print $6, $7, $8 }' a/table.tsv)" 'the figures are of all repeats together'
if command -v gnuplot >/dev/null; then
	is "$(sed -n 's/.*<text>\(.*\), then .*<\/text>.*/\1/p' a/compare.svg | sort | tr '\n' '|')" \
		'augment|split recordings|split speakers|' 'a bar for each'
else
	skip 'gnuplot is not installed'
fi

state() { find "$1" -type f -printf '%p %T@ %s\n' | sort; }
state a >before
run 0 'a second run' leak a
state a >after
same before after 'writes nothing'
same out shown 'but shows the table'
is "$(leak a -n EPOCHS=3 2>err | grep -c 'bash fold./.*/run.sh$')" 6 'make -n: everything, with other settings'
is "$(leak a -n REPEATS=1 2>err | grep -c 'bash fold./.*/run.sh$')" 3 'or repeats'
cp a/fold1/record/model.bin want && rm a/fold1/record/model.bin
run 0 'a model that is gone' leak a
is "$(grep -c 'leak-demo: \[' err)" 1 'is made again'
same want a/fold1/record/model.bin 'the same bytes'
run 0 'side by side' leak b -j2
same a/plan.tsv b/plan.tsv 'the same plan'
same a/fold2/clip/model.bin b/fold2/clip/model.bin 'the same models'
run 0 'another seed' leak b SEED=2
cmp -s a/plan.tsv b/plan.tsv
is $? 1 'another plan'
# With three speakers one is left to train on, and none to validate.
printf 'fold\ttest_speakers\n1\tspk1 spk2 spk3 spk4 spk5\n' >folds.tsv
run 0 'no one left to validate' leak c FOLDS=folds.tsv REPEATS=1
is "$(cut -f 4,5 c/table.tsv | sed 1d | sort -u | tr '\t' ' ')" '0 30' 'trains all the same'

run 2 'more repeats than folds' leak d REPEATS=4
like "$(cat err)" 'REPEATS=4, but there are 3 folds' 'is named'
run 2 'no share to validate' leak d VALID='2 3'
like "$(cat err)" 'valid is 2 3, not a share' 'is named'
run 2 'two nets' leak d NETS='crnn lstm'
like "$(cat err)" 'NETS=crnn lstm: one net is wanted' 'are too many'
run 2 'no DIR' make -f "$root/pipelines/recipes.mk" leak-demo CORPUS=folders
like "$(cat err)" 'usage: sertools leak-demo CORPUS=\{.*folders.*\} DIR=' 'is a usage error'
run 2 'a wrong name among the recordings' make -f "$root/pipelines/recipes.mk" leak-demo CORPUS=ravdess DIR=corpus OUT=d
like "$(cat err)" 'not a RAVDESS name' 'is named'
run 2 'two recipes at a time' make -f "$root/pipelines/recipes.mk" audio leak-demo CORPUS=folders \
	DIR=corpus GROUP='spk[0-9]' OUT=d
like "$(cat err)" 'audio and leak-demo: one at a time' 'is refused'
finish
