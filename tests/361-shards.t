#!/usr/bin/env bash
# FEATURE_SHARDS=: features that several jobs make, in parts of the manifest.
. "${0%/*}/lib.sh"
. "$root/tests/tones.sh"
audio() {
	make -f "$root/pipelines/recipes.mk" audio CORPUS=folders DIR=corpus GROUP='spk[0-9]' NETS=tiny SETS="${sets-plain}" EPOCHS=2 \
		NFOLDS=2 WAVNORM_FLAGS='--seconds 0.5' "$@"
}
# values STREAM: all but its heads.
values() { tsrdump --data "$1" | sed 's/segment [0-9]*//'; }
printf 'globalavgpool\ndense classes\nsoftmax\n' >tiny.net
tones 6

run 0 'at once' audio OUT=a
for n in 1 3 1000; do
	run 0 "in $n" audio OUT=a$n FEATURE_SHARDS=$n
	is "$(cat a$n/table.tsv a$n/fold?/*/predictions.tsv | sha256sum)" "$(cat a/table.tsv a/fold?/*/predictions.tsv | sha256sum)" 'the same results'
	is "$(tsrdump --head a$n/fold1/*/model.bin | sed 's/ note=.*//' | sha256sum)" "$(tsrdump --head a/fold1/*/model.bin | sed 's/ note=.*//' | sha256sum)" \
		'the same provenance'
	is "$(tsrdump --tsv a$n/features/plain.tsr | cut -f 1-3,6-)" "$(tsrdump --tsv a/features/plain.tsr | cut -f 1-3,6-)" 'the same records, in this order'
done
is "$(find a1/features a3/features -name '[!.]*of*' | wc -l)" 6 'three scripts and streams'
is "$(find a1000/features -name '*.tsr' | wc -l)" $(($(wc -l <a/manifest.tsv) + 1)) 'no more parts than recordings'
is "$(cat a3/features/plain.[123]of3.tsr | sha256sum)" "$(sha256sum <a3/features/plain.tsr)" 'cat has made it'
run 0 'again' audio OUT=a3 FEATURE_SHARDS=3
is "$(grep -c features err)" 0 'makes nothing'
first=$(cut -f 1 a/manifest.tsv | sed q)
cp "$first" was.wav
cp "$(cut -f 1 a/manifest.tsv | tail -n 1)" "$first"
run 0 'with another recording' audio OUT=a3 FEATURE_SHARDS=3
is "$(sed -n 's/.*recordings, //p' err | paste -s -d ' ')" 'plain.1of3 plain' 'one part is made again'
run 0 'another number' audio OUT=a3 FEATURE_SHARDS=2
is "$(sed -n 's/.*recordings, //p' err | paste -s -d ' ')" 'plain.1of2 plain.2of2 plain' 'makes all again'
cp was.wav "$first"

sets='plain x3'
mapfile -t files < <(cut -f 1 a/manifest.tsv)
for i in 0 $((${#files[@]} - 1)); do head -c 60 "${files[i]}" >cut.wav && cp cut.wav "${files[i]}"; done
run 2 'two broken recordings in two parts' audio OUT=b FEATURE_SHARDS=2
like "$(cat err)" 'SKIP_BAD=1 leaves one broken recording out' 'say what to type'
run 2 'are more than one' audio OUT=b FEATURE_SHARDS=2 SKIP_BAD=1
like "$(cat err)" 'more than SKIP_BAD=1 recordings are broken' 'and are refused'
run 0 'SKIP_BAD=2' audio OUT=b FEATURE_SHARDS=2 SKIP_BAD=2
like "$(cat b/table.md)" '2 of [0-9]* recordings are broken and were skipped: ' 'leaves them out'
run 2 'none' audio OUT=b FEATURE_SHARDS=0
like "$(cat err)" 'FEATURE_SHARDS=0: a whole number is required, 1 at least' 'is refused'
finish
