#!/usr/bin/env bash
# sertools csv on its made-up tables: all of it, again, with other settings.
. "${0%/*}/lib.sh"
command -v make >/dev/null || {
	echo "1..0 # SKIP make is not installed"
	exit 0
}
[ -z "${SER_VALGRIND:-}" ] || {
	echo "1..0 # SKIP too slow under valgrind, and the programs have tests of their own"
	exit 0
}
unset MAKEFLAGS MAKELEVEL

# csv OUT [VARIABLE=VALUE...]: the recipe as installed, without the Makefile.
csv() {
	local out=$1
	shift
	make -f "$root/pipelines/recipes.mk" csv NFOLDS=2 EPOCHS=2 OUT="$out" "$@"
}
state() { find "$1" -type f -printf '%p %T@ %s\n' | sort; }

run 0 'runs' csv a TABLES='notebook clip-voice'
is "$(grep -c 'csv: \[' err) $(wc -l <a/table.tsv) $(grep -c '^| notebook\|^| clip-voice' out)" '12 9 8' \
	'three folds, two tables, two nets; a line for each net and split'
is "$(cut -f 1-3,5 a/table.tsv | tr '\t\n' ' |')" "recipe net split folds|$(for t in notebook clip-voice; do for n in mlp mlp-mse; do
	printf '%s %s rows 1|%s %s actors 2|' $t $n $t $n; done; done)" 'the table'
is "$(find a -name '*.tsr' -o -name '*.rows')" '' 'tables of features are gone again'
for f in rows/notebook-mlp/model.bin actors1/clip-voice-mlp-mse/history.tsv actors2/notebook-mlp-mse/predictions.tsv \
	clip-voice-mlp-actors.report.txt clip-voice-mlp-actors.confusion.tsv table.md; do
	[ -s a/$f ]
	ok $? "makes $f"
done
if command -v gnuplot >/dev/null; then
	is "$(ls a/*.svg | wc -l) $(head -n 1 -q a/*.svg | grep -vc '^<?xml')" '17 0' 'plots'
else
	skip 'gnuplot is not installed'
fi
is "$(tail -q -n +2 a/actors?/notebook-mlp/predictions.tsv | cut -f 1 | sort | uniq -d | wc -l)" 0 'no row is tested twice'
is "$(for f in 1 2; do tail -n +2 a/actors$f/notebook-mlp/predictions.tsv | cut -f 3 | sort -u; done | sort | uniq -c |
	awk '$1 != 1' | wc -l)" 0 'nor an actor in two folds'
is "$(tail -q -n +2 a/actors?/clip-voice-mlp/predictions.tsv | wc -l) $(tail -n +2 a/rows/clip-voice-mlp/predictions.tsv | wc -l)" \
	'864 173' 'every clip is tested with actors apart, a fifth at random'
like "$(tsrdump --field pg a/actors1/notebook-mlp/model.bin)" "fit-groups=$(awk -F '\t' '$1 == 1 && $2 == "train" { print $3 }' a/split.tsv)" \
	'what steps learn they learn from the actors who train'
like "$(tsrdump --field pg a/rows/notebook-mlp/model.bin)" 'fit-groups=none' 'or from all rows'
is "$(tsrdump --head a/actors1/clip-voice-mlp/model.bin | grep -c 'column=.*\.voice')" 13 'one modality alone'
is "$(tsrdump --head a/actors1/clip-voice-mlp/model.bin | grep 'column=' | grep -vc voice)" 0 'and no other'

state a >before
run 0 'a second run' csv a TABLES='notebook clip-voice'
state a >after
same before after 'writes nothing'
like "$(cat out)" '\| notebook +\| mlp +\| actors' 'but shows the table'
run 0 'one table of them' csv a TABLES=clip-voice
is "$(grep -c 'csv: \[' err) $(cut -f 1 a/table.tsv | sort -u | tr '\n' ' ')" '0 clip-voice recipe ' 'trains nothing'
run 0 'other settings' csv a TABLES=clip-voice EPOCHS=3 SPLITS=rows
is "$(grep -c 'csv: \[' err) $(wc -l <a/table.tsv)" '2 3' 'train again'
run 0 'side by side' csv b -j2 TABLES=notebook NETS=mlp
run 0 'one after the other' csv c TABLES=notebook NETS=mlp
same b/actors1/notebook-mlp/model.bin c/actors1/notebook-mlp/model.bin 'the same model'
same b/rows/notebook-mlp/predictions.tsv c/rows/notebook-mlp/predictions.tsv 'the same answers'

run 2 'one table without the other' csv d RESPONSES=b/responses.csv
like "$(cat err)" 'usage: sertools csv RESPONSES=' 'is a usage error'
run 2 'a table that is not there' csv d RESPONSES=none.csv ACTORS=b/actors.csv
like "$(cat err)" 'no file none.csv' 'is named'
run 2 'an unknown table' csv d TABLES=none
like "$(cat err)" 'there is no table none' 'is named'
run 2 'a mistyped one' csv d TABLES=notebok
like "$(cat err)" 'there is no table notebok; did you mean notebook\?' 'the nearest is'
run 0 'given tables' csv d TABLES=notebook NETS=mlp SPLITS=rows RESPONSES=b/responses.csv ACTORS=b/actors.csv
same b/rows/notebook-mlp/predictions.tsv d/rows/notebook-mlp/predictions.tsv 'the same answers as made-up ones'
cp b/responses.csv ./-a=b.csv && cp b/actors.csv "x=\$(touch pwned).csv"
run 0 'tables of odd names' csv f TABLES=notebook NETS=mlp SPLITS=rows RESPONSES=-a=b.csv ACTORS="x=\$(touch pwned).csv"
same b/rows/notebook-mlp/predictions.tsv f/rows/notebook-mlp/predictions.tsv 'the same'
[ ! -e pwned ]
ok $? 'and nothing ran'
head -n 100 b/responses.csv >short.csv && echo 'x,y' >>short.csv
run 2 'a damaged table' csv e TABLES=notebook RESPONSES=short.csv ACTORS=b/actors.csv
like "$(cat err)" 'short.csv: line 101: cells: 2; the header has 17' 'is named'
[ ! -e e/split.tsv ]
ok $? 'and nothing is left that passes for a result'
finish
