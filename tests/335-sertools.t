#!/bin/bash
# sertools: what it gives to make, what it refuses, and what it lists.
. "${0%/*}/lib.sh"
unset MAKEFLAGS MAKELEVEL

mkdir -p 'a tree/pipelines/datasets' 'a tree/pipelines/nets' work
cat >'a tree/pipelines/things.mk' <<'END'
show: ## A=... B=...: show what came
	@printf '<%s>\n' '$(A)' '$(B)' '$(CURDIR)'
again: ## and once more
	@echo again $(A)
steps: ## five steps
steps: s1 s2 s3 s4 s5
s%:
	@echo $@; test $@ != s2
help-less:
	@echo hidden
END
export SERTOOLS_DATADIR="$tmp/a tree"
cd work || exit 99

run 0 'a recipe runs in the current folder' sertools show A=1 "B=two words"
is "$(cat out)" "<1>"$'\n'"<two words>"$'\n'"<$PWD>" 'with its variables as they are'
run 0 'before its variables, options' sertools -j2 -s show 'A=^x$'
is "$(sed -n 1p out)" '<^x$>' 'a dollar sign is one'
run 0 'and behind them' sertools show A=1 --jobs=3 --jobs 3 -j 3 -k
run 0 '-n' sertools show A=1 -n
like "$(cat out)" "^printf '<%s>" 'shows the commands'
run 0 'two recipes' sertools show again A=1
is "$(tail -n 1 out)" 'again 1' 'run one after the other'
run 2 'a recipe that fails' sertools steps
is "$(tr '\n' ' ' <out)" 's1 s2 ' 'stops'
run 2 'with -k' sertools steps --keep-going
is "$(tr '\n' ' ' <out)" 's1 s2 s3 s4 s5 ' 'does the rest'

fails 2 "no recipe is named 'sho'" 'an unknown recipe' sertools sho
for word in $'\e[31mx' $'a\nb' $'\u202e' $'\xc2\x9bm' $'\xff' 'a\tb'; do
	for command in "" help path list; do
		# shellcheck disable=SC2086
		fails 2 '^sertools: [^[:cntrl:]]*$' "of $(printf %q "$word") nothing raw: sertools $command" env SERTOOLS_DATADIR="$root" sertools $command "$word"
	done
	fails 2 '^sertools: [^[:cntrl:]]*$' "as a variable" env SERTOOLS_DATADIR="$root" sertools audio "$word=1"
done
while read -r near words; do
	# shellcheck disable=SC2086
	fails 2 "did you mean $near" "sertools $words: the nearest name" env SERTOOLS_DATADIR="$root" sertools $words
done <<'END'
audio adio
list lst
leak-demo leakdemo
nntrain help nntrian
csv help cvs
--dry-run --dryrun demo
datasets/ravdess.awk path datasets/ravdes.awk
END
if [ -w /dev/full ]; then
	for words in 'list corpora' path; do
		# shellcheck disable=SC2086
		fails 4 '^sertools: standard output cannot be written$' "a full disk: $words" env SERTOOLS_DATADIR="$root" sh -c 'sertools "$@" >/dev/full' - $words
	done
else
	skip '/dev/full is not here'
fi
fails 2 'how many steps' "-j 0" sertools -j 0 demo
fails 2 "no recipe is named 'help-less'" 'a target that is no recipe' sertools help-less
fails 2 "'ravdess' is no VARIABLE=VALUE, as CORPUS=ravdess is" 'a word without =' sertools show ravdess
fails 2 'no recipe has a variable C ' 'a variable that no recipe has' sertools show C=1
fails 2 "'A B=\.\.\.'" 'a variable with a blank' sertools show 'A B=1'
fails 2 "unknown option '-x'" 'an option of make alone' sertools -x show
fails 2 'how many steps' '-j without a number' sertools show -j
fails 2 'how many steps' '-j with a word' sertools -j two show
fails 2 'a recipe is required' 'no recipe' sertools -n
fails 4 'no recipes in .*nowhere/pipelines; SERTOOLS_DATADIR' 'no tree' env SERTOOLS_DATADIR=nowhere sertools show

run 0 'no word at all' sertools
like "$(cat out)" 'usage: sertools.*  show +A=\.\.\. B=\.\.\.: show what came' 'shows the usage with the recipes'
run 0 'help' sertools help
like "$(cat out)" '^usage: sertools' 'does, too'
fails 2 "no help on 'foo'" 'help on what is not there' sertools help foo
fails 2 "no help on '../x'" 'help on a path' sertools help ../x

printf '# mine: a net of one layer. For a test.\ndense classes\n' >mine.net
printf '# theirs: another\n# net of one layer.\ndense classes\n' >'../a tree/pipelines/nets/theirs.net'
cp mine.net '../a tree/pipelines/nets/'
echo 'dense classes' >"it's.net"
run 0 'list nets' sertools list nets
is "$(cat out)" "mine             a net of one layer
theirs           another net of one layer" 'the current folder first, then the tree'
fails 2 "list 'net'\?" 'a list of what is not known' sertools list net
fails 2 "list ''\?" 'a list of nothing' sertools list
fails 0 'no models here and none in' 'a list without members' sertools list models

run 0 'path of a file of the recipes' sertools path nets/mine.net
is "$(cat out)" "$tmp/a tree/pipelines/nets/mine.net" 'where it is'
is "$(sertools path)" "$tmp/a tree/pipelines" 'and where they are'
fails 2 "there is no 'nowhere.awk' in .*pipelines" 'one that is not there' sertools path nowhere.awk

export SERTOOLS_DATADIR=$root
for what in nets corpora preps functionals rules labels searches; do
	run 0 "list $what of this tree" sertools list $what
	missing=
	case $what in corpora) set -- "$root"/pipelines/datasets/*.awk ;; preps) set -- "$root"/pipelines/prep/* ;;
	searches) set -- "$root"/pipelines/search/*.tsv ;;
	*) set -- "$root/pipelines/$what"/* ;; esac
	for file; do
		grep -Eq "^$(basename "${file%.*}") +.{10}" out || missing+=" $file"
	done
	is "$missing" '' 'has a line on each'
done
if command -v man mandoc nroff >/dev/null; then
	run 0 'help on a recipe' sertools help spectrogram
	like "$(cat out)" '^sertools spectrogram FILE=.*plots the features that a network gets' 'shows its part of the manual'
	[[ $(cat out) != *MANIFESTS* ]]
	ok $? 'and no more'
	run 0 'help on a program' sertools help melspec
	like "$(cat out)" 'melspec' 'shows its page'
else
	for _ in 1 2 3 4 5; do skip 'nothing shows manual pages here'; done
fi
finish
