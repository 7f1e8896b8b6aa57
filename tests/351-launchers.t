#!/usr/bin/env bash
# RUN, RETRY, on.sh, arrays of jobs and GNU Parallel: launchers that are as srun, ssh and sbatch are; tests/hosts has these.
. "${0%/*}/lib.sh"
. "$root/tests/tones.sh"
tiny

run 0 'without a launcher' recipe want audio

mkdir fake
cat >fake/srun <<'END'
#!/bin/sh
# Has the environment, and says what it was given.
echo "$* THREADS=$THREADS" >>"$LAUNCHED"
shift 5
exec "$@"
END
cat >fake/ssh <<'END'
#!/bin/sh
# Has no environment, is elsewhere, and gives its words to a shell.
[ "$1" = -n ] && shift
[ "$1" = node7 ] || exit 255
shift
echo "$*" >>"$LAUNCHED"
cd / && exec env -i PATH=/usr/bin:/bin SERTOOLS_DATADIR="$SERTOOLS_DATADIR" sh -c "$*"
END
cat >fake/bad <<'END'
#!/bin/sh
# The first time that it is to run something, it does not.
echo "$*" >>"$LAUNCHED"
[ "$(grep -cFx "$*" "$LAUNCHED")" -gt 1 ] || exit 9
exec "$@"
END
chmod +x fake/*
PATH=$PWD/fake:$PATH
export LAUNCHED=$PWD/launched

run 0 'RUN=srun' recipe r audio -j3 THREADS=4 RUN='srun -Q -n 1 -c 4'
is "$(results r)" "$(results want)" 'the same bytes'
is "$(sed 's/ bash .* THREADS/ THREADS/' launched | sort -u)" '-Q -n 1 -c 4 THREADS=4' 'with the options and THREADS'
is "$(cut -f 5 r/fold1/tiny-plain/.run.time)" 4 'which times have, too'

out="o'ut \$x"
run 0 'RUN=on.sh, by ssh' recipe "${out/\$/\$\$}" audio THREADS=2 RUN="$root/pipelines/on.sh node7"
is "$(results "$out")" "$(results want)" 'the same bytes, in a folder of an odd name'
is "$(cut -f 5 "$out/fold1/tiny-plain/.run.time")" 2 'with THREADS'

: >launched
run 2 'a launcher that fails' recipe b audio RUN=bad
rm -r b
: >launched
run 0 'RETRY=1' recipe b audio RUN=bad RETRY=1
like "$(cat err)" 'fold1/tiny-plain/run.sh: status 9 on .*; again' 'is said'
is "$(results b)" "$(results want)" 'and goes on'
: >launched
rm -r b
run 2 'a launcher that fails, with -k' recipe b audio RUN=bad -k
is "$(grep -c . launched)" 1 'does what does not depend on it'
fails 2 'RETRY=x: a whole number is required' 'RETRY=x' \
	bash -c 'make -s -f "$1" one OUT=want ONE=table RETRY=x 2>&1 | grep -v "^make" >&2; exit ${PIPESTATUS[0]}' - "$root/pipelines/recipes.mk"

# An array of jobs, as sbatch's man page has it, all at once.
recipe array plan audio >plan 2>err
for id in $(seq "$(wc -l <plan)"); do
	SLURM_ARRAY_TASK_ID=$id sh -c 'sertools one OUT=array ONE="$(sed -n ${SLURM_ARRAY_TASK_ID}p plan)"' >log.$id 2>&1 &
	pids[id]=$!
done
failed=0
for p in "${pids[@]}"; do wait "$p" || failed=$((failed + 1)); done
is "$failed $(results array)" "0 $(results want)" 'an array of jobs'
is "$(wc -l <array/ledger.tsv)" 2 'which trains nothing twice'

if command -v parallel >/dev/null; then
	run 0 'GNU Parallel' bash -c '"$@" | parallel -j4 --joblog log --retries 3 --resume-failed sertools one OUT=par ONE={}' - \
		make -s -f "$root/pipelines/recipes.mk" plan audio CORPUS=folders DIR=corpus GROUP='spk[0-9]' NFOLDS=2 NETS=tiny SETS=plain EPOCHS=3 \
		WAVNORM_FLAGS='--seconds 0.5' OUT=par
	is "$(results par)" "$(results want)" 'the same bytes'
	is "$(awk -F '\t' 'NR > 1 && $7 != 0' log | wc -l) $(wc -l <par/ledger.tsv)" '0 2' 'no job failed, none was done twice'
else
	skip 'parallel is not installed'
fi
finish
