#!/usr/bin/env bash
# KERNEL=: which kernels compute an experiment, and what its table says of models that different
# ones trained.
. "${0%/*}/lib.sh"
. "$root/tests/tones.sh"
audio() {
	make -f "$root/pipelines/recipes.mk" audio CORPUS=folders DIR=corpus GROUP='spk[0-9]' NETS=tiny SETS=plain EPOCHS=2 \
		NFOLDS=2 WAVNORM_FLAGS='--seconds 0.5' "$@"
}
kinds() { tsrdump --head "$@" | awk -v list=yes -f "$root/pipelines/kinds.awk"; }
lowest=$(levels | sed q)
now=$(nntrain -V -v | sed -n 's/^kernels: //p')
printf 'globalavgpool\ndense classes\nsoftmax\n' >tiny.net
tones 6

run 0 'a run' audio OUT=a
is "$(grep -c '^The models' a/table.md)" 0 'of one kind says nothing'
is "$(grep -c KERNEL= a/*/*/run.sh a/features/plain.sh | cut -d : -f 2 | paste -s -d +)" '0+0+0' 'and pins nothing'
run 0 'on another kind' env SERTOOLS_KERNEL="$lowest" make -f "$root/pipelines/recipes.mk" audio CORPUS=folders DIR=corpus \
	GROUP='spk[0-9]' NETS=tiny SETS=plain EPOCHS=2 NFOLDS=2 WAVNORM_FLAGS='--seconds 0.5' OUT=a
is "$(grep -c 'audio: \[' err)" 0 'trains nothing again'
rm a/fold1/tiny-plain/figures.tsv
run 0 'one fold on another kind' env SERTOOLS_KERNEL="$lowest" make --no-print-directory -C a
if [ "$lowest" = "$now" ]; then
	skip 'the processor has one kind'
	skip 'the processor has one kind'
else
	is "$(tail -n 1 a/table.md)" \
		"The models were trained by kernels that round differently ($lowest; $now): KERNEL=$lowest pins one." \
		'the table says so'
	is "$(head -n 3 a/table.md | grep -c '^|')" 3 'below it'
fi

run 0 "KERNEL=$lowest" audio OUT=b KERNEL="$lowest"
is "$(kinds b/fold?/*/model.bin)" "$lowest" 'trains by it'
is "$(grep -l "^export SERTOOLS_KERNEL=$lowest" b/features/*.sh b/fold?/*/run.sh b/*.sh | wc -l)" \
	"$(find b -name '*.sh' | wc -l)" 'all scripts have it'
run 0 "whatever the environment says" env SERTOOLS_KERNEL="$now" make -f "$root/pipelines/recipes.mk" audio \
	CORPUS=folders DIR=corpus GROUP='spk[0-9]' NETS=tiny SETS=plain EPOCHS=2 NFOLDS=2 WAVNORM_FLAGS='--seconds 0.5' OUT=c KERNEL="$lowest"
is "$(cat c/table.tsv c/table.md c/fold?/*/model.bin | sha256sum)" "$(cat b/table.tsv b/table.md b/fold?/*/model.bin | sha256sum)" \
	'the same bytes'
is "$(head -n 1 b/table.tsv | grep -c seconds),$(head -n 1 b/costs.tsv | grep -c seconds)" 0,1 'seconds are apart'
run 2 'a level that is not there' audio OUT=d KERNEL=v9
like "$(cat err)" "KERNEL=v9: 'v9' is none of .*, which run here" 'is said'
run 2 'no name' audio OUT=d KERNEL='v3;ls'
like "$(cat err)" 'KERNEL=v3;ls: a level is required' 'is said'

# A training that goes on where it was not begun.
train=(nntrain -q --net tiny.net --epochs 2 -s 1)
run 0 'a checkpoint' "${train[@]}" --checkpoint ck -o m a/features/plain.tsr
run 0 'is continued elsewhere' env SERTOOLS_KERNEL="$lowest" "${train[@]}" --resume ck -o m2 a/features/plain.tsr
is "$(tsrdump --field kernel m2 | sort -u | paste -s -d ' ')" "$(printf '%s\n' "$lowest" "$now" | sort -u | paste -s -d ' ')" 'the model names both'
run 0 'or where it was' "${train[@]}" --resume ck -o m3 a/features/plain.tsr
is "$(sha256sum <m3)" "$(sha256sum <m)" 'the same bytes'
finish
