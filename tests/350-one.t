#!/usr/bin/env bash
# sertools one, of the plan that lies in OUT: many at once in any order, killed and again, the same bytes, and nothing twice.
. "${0%/*}/lib.sh"
. "$root/tests/tones.sh"
tiny

recipe() { # OUT [VARIABLE=VALUE...]
	make -s -f "$root/pipelines/recipes.mk" CORPUS=folders DIR=corpus GROUP='spk[0-9]' NFOLDS=2 NETS=tiny SETS=plain EPOCHS=300 \
		TRAIN_FLAGS='--patience 0' WAVNORM_FLAGS='--seconds 0.5' OUT="$1" "${@:2}"
}
one() { make -s -f "$root/pipelines/recipes.mk" one OUT="$1" ONE="$2" "${@:3}"; }
results() { (cd "$1" && sha256sum features/*.tsr fold?/*/{model.bin,predictions.tsv,figures.tsv} ./*.figures.tsv table.tsv table.md); }
state() { find "$1" -type f -printf '%p %T@ %s\n' | sort; }

run 0 'as one command' recipe want audio
out="it's a \$HOME & ü"
# The shell of make and make itself see two dollars as one.
typed=${out//\$/\$\$}
recipe "$typed" plan audio >plan 2>err
is "$(for n in $(cat plan); do echo "${n%%/*}"; done | uniq | tr '\n' ' ' | sed 's/tiny.*//')" 'features fold1 fold2 ' 'a plan lists each after what it needs'

# Who is told what.
fails 2 '^one: ONE=fold1/nope: sertools plan lists what there is' 'a name that there is not' \
	bash -c 'make -s -f "$1" one OUT="$2" ONE=fold1/nope 2>&1 | grep -v "^make" >&2; exit ${PIPESTATUS[0]}' - "$root/pipelines/recipes.mk" "$typed"
one "$typed" tabel >out 2>err
like "$(cat err)" 'ONE=tabel: sertools plan lists what there is; did you mean table[?]' 'and a name that is near'
for bad in '$(touch pwned)' "a'b" '@' '../plan' ''; do
	one "$typed" "${bad//\$/\$\$}" >out 2>err
	is "$? $(ls pwned 2>/dev/null)$(grep -c 'sertools plan lists' err)" '2 1' "ONE=$bad is refused"
done
run 2 'no plan there' one corpus fold1/tiny-plain
like "$(cat err)" 'OUT=corpus: no plan is in there: sertools plan audio OUT=corpus ... writes one' 'says what to type'
state "$out" >before
is "$(one "$typed" fold1/tiny-plain -n 2>err | grep '^bash')" $'bash features/plain.sh\nbash fold1/tiny-plain/run.sh' 'sertools -n one shows what it would run'
state "$out" >after
same before after 'and changes nothing'

# All at once, the last first.
mv corpus away
mkdir corpus # what is planned is enough, but for the recordings
mv away/* corpus
for n in $(tac plan); do
	one "$typed" "$n" >"log.${n//\//-}" 2>&1 &
	pids+=($!)
done
failed=0
for p in "${pids[@]}"; do wait "$p" || failed=$((failed + 1)); done
is "$failed" 0 'all at once, in the wrong order: none fails'
is "$(results "$out")" "$(results want)" 'the same bytes as of one command'
is "$(sort "$out/ledger.tsv" | cut -f 2 | tr '\n' ' ')" 'fold1/tiny-plain fold2/tiny-plain ' 'each training and test once'
is "$(awk -F '\t' 'NF != 5 || $2 !~ /^[0-9]+\.[0-9]+$/ || $3 !~ /^[0-9]/ || $4 !~ /^[0-9]/ { bad++ } END { print NR, bad + 0 }' "$out"/fold?/*/.run.time)" '2 0' \
	'a line of times for each run'
state "$out" >before
for n in $(cat plan); do one "$typed" "$n" >>out 2>err || failed=$((failed + 1)); done
state "$out" >after
same before after 'again: nothing is to be done'
is "$(recipe "$typed" plan audio 2>err)" "$(cat plan)" 'the plan again lists the same'

# Killed at any moment, by ones, and again.
recipe kills plan audio >plan 2>err
for i in 1 2 3 4 5 6; do
	pids=()
	for n in fold1/tiny-plain fold2/tiny-plain table; do
		setsid bash -c "$(declare -f one); root='$root'; one kills $n" >>log 2>&1 &
		pids+=($!)
	done
	sleep 0.$((i * 37 % 83 + 10))
	for p in "${pids[@]}"; do kill -"$([ $((i % 2)) = 0 ] && echo TERM || echo KILL)" -- "-$p" 2>/dev/null; done
	wait "${pids[@]}" 2>/dev/null
done
run 0 'killed six times, and again' one kills table
is "$(results kills)" "$(results want)" 'the same bytes'
# What was made, but not noted as whole, as by a kill between, and what was damaged.
rm kills/fold1/tiny-plain/.run.sums
printf 'x' >>kills/fold2/tiny-plain/predictions.tsv
touch -d '1 hour' kills/fold?/tiny-plain/figures.tsv
run 0 'without its sums, damaged, and newer than all' one kills table
is "$(results kills)" "$(results want)" 'is made again'

# A clock that is behind or ahead.
recipe skew plan audio >plan 2>err
one skew fold1/tiny-plain >out 2>err
touch -d '1 hour ago' skew/fold1/tiny-plain/{figures,history,predictions}.tsv skew/features/plain.tsr
touch -d '1 hour' skew/fold2/tiny-plain/run.sh
run 0 'clocks that differ' one skew table
run 0 'and again' one skew table
is "$(results skew) $(wc -l <skew/ledger.tsv)" "$(results want) 2" 'no run is made twice'

# While they work, a plan that changes nothing lists, and one that changes something is refused.
recipe busy plan audio EPOCHS=20000 >plan 2>err
setsid bash -c "$(declare -f one); root='$root'; one busy fold1/tiny-plain" >log 2>&1 &
pid=$!
for _ in $(seq 600); do
	! ls busy/fold1/tiny-plain/*.checkpoint >/dev/null 2>&1 || break
	sleep 0.05
done
is "$(recipe busy plan audio EPOCHS=20000 2>err)" "$(cat plan)" 'a plan while they work'
run 2 'another plan' recipe busy plan audio EPOCHS=3
like "$(cat err)" 'audio: busy is in use: a script of it runs' 'is refused'
kill -TERM -- -$pid
wait $pid 2>/dev/null
finish
