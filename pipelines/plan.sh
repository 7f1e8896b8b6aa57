#!/usr/bin/env bash
# plan.sh: writes what a recipe on a corpus starts from, OUT/manifest.tsv and
# OUT/split.tsv, and prints the folds' names. Files that would not change are
# left alone, so that make takes up an old run where it was. OUT/corpus.txt names the
# corpus for reports: CORPUS_NAME (environment), else the adapter.
# usage: [RECIPE=name] plan.sh OUT ADAPTER.awk DIR FOLDS NFOLDS SEED VALID [AWK-OPTION...]
set -euo pipefail
export LC_ALL=C
here=$(dirname "$0")
out=$1 adapter=$2 dir=$3 folds=$4 nfolds=$5 seed=$6 valid=$7
shift 7

die() {
	echo "${RECIPE:-audio}: $*" >&2
	exit 3
}

# keep FILE: FILE.new becomes FILE unless they are equal.
keep() {
	if cmp -s "$1.new" "$1"; then rm "$1.new"; else mv "$1.new" "$1"; fi
}

[ -d "$dir" ] || die "no folder $dir (DIR=...)"
[ -f "$adapter" ] || die "no adapter $adapter (CORPUS=...)"
[ -z "$folds" ] || [ -r "$folds" ] || die "cannot read $folds (FOLDS=...)"
mkdir -p "$out"
trap 'rm -f "$out"/*.new "$out"/.listed' EXIT

find -L "$dir" -type f \( -iname '*.wav' -o -iname '*.flac' -o -iname '*.ogg' -o -iname '*.oga' -o -iname '*.opus' \
	-o -iname '*.mp3' -o -iname '*.aif' -o -iname '*.aiff' -o -iname '*.aifc' -o -iname '*.au' -o -iname '*.caf' \
	-o -iname '*.w64' \) | sort >"$out/.listed"
[ -s "$out/.listed" ] || die "no recordings under $dir"
printf '%s\n' "${CORPUS_NAME:-$(basename "$adapter" .awk)}" >"$out/corpus.txt.new"
awk "$@" -f "$adapter" <"$out/.listed" >"$out/manifest.tsv.new"
keep "$out/corpus.txt"
keep "$out/manifest.tsv"
awk -v foldfile="$folds" -v folds="$nfolds" -v seed="$seed" -v valid="$valid" -f "$here/draw.awk" \
	-f "$here/split.awk" "$out/manifest.tsv" >"$out/split.tsv.new"
keep "$out/split.tsv"
awk -F '\t' '$2 == "test" { print $1 }' "$out/split.tsv" | paste -s -d ' ' -
