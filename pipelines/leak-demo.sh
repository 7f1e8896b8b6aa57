# leak-demo.sh: `sertools leak-demo CORPUS=ravdess DIR=...` shows what a test is worth
# that has heard its answers: the same net, data and sizes under three protocols,
# which leak.awk has. See sertools(7).
# shellcheck shell=bash disable=SC1091,SC2015,SC2016,SC2028,SC2034,SC2086,SC2153,SC2154,SC2155
: "${NETS=cnn1d}" "${REPEATS=3}"
[ "$(wc -w <<<"$NETS")" = 1 ] || die "NETS=$NETS: one net is wanted"
SETS=x3
. "$here/corpus.sh"
out=${OUT:-out/leak-$CORPUS}

# records PROTOCOL FOLD PART
records() {
	echo "tsrpick --keys <(awk -F '\\t' '\$1 == \"$1\" && \$2 == \"$2\" && \$3 == \"$3\" { print \$4 }' plan.tsv) features/x3.tsr"
}
plan() {
	local f p seed
	local -A means=([record]='augment, then split records' [clip]='split recordings, then augment'
		[speaker]='split speakers, then augment')
	corpus x3
	[ "$REPEATS" -le ${#folds[@]} ] || die "REPEATS=$REPEATS, but there are ${#folds[@]} folds"
	folds=("${folds[@]:0:REPEATS}")
	script plan.sh 'plan.tsv records.tsv' 'split.tsv share/draw.awk share/leak.awk' features/x3.tsr <<-END
		tsrdump --tsv --columns src -o records.tsv features/x3.tsr
		awk -v seed=$SEED -v repeats='${folds[*]}' -f share/draw.awk -f share/leak.awk split.tsv records.tsv >plan.tsv.new
		mv plan.tsv.new plan.tsv
	END
	texts="manifest.tsv features/x3.sh ${reads[plan.sh]}" results='features/x3.tsr plan.tsv'
	for f in "${folds[@]}"; do for p in record clip speaker; do for seed in $SEEDS; do
		train=$(records $p "$f" train) valid=${who[$f/valid]:+$(records $p "$f" valid)} test=$(records $p "$f" test)
		options=' --allow-overlap'
		[ $p != speaker ] || options=''
		run "fold$f/$p$(after "$seed")" "$NETS" "$seed"
	done; done; done
	for p in record clip speaker; do
		row=(table.awk -v "protocol=$p" records.tsv plan.tsv)
		configuration $p protocol "${means[$p]}" $p "${folds[@]/#/fold}"
	done
	table 'protocol speaker_heard copy_in_training uar accuracy sizes epochs seconds' 3 \
		"names='protocol'; title='The same net and data under three protocols'"
}
