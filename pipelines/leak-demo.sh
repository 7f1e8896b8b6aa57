# leak-demo.sh: `sertools leak-demo CORPUS=ravdess DIR=...` shows what a test is worth
# whose speakers or recordings were in training, too: the same net or recipe, data and sizes under three protocols,
# which leak.awk has. See sertools(7).
# shellcheck shell=bash disable=SC1091,SC2015,SC2016,SC2028,SC2034,SC2086,SC2153,SC2154,SC2155
: "${NETS=cnn1d}" "${REPEATS=3}"
[ "$(wc -w <<<"$NETS")" = 1 ] || die "NETS=$NETS: one net is wanted"
SETS=x3 streams=features/x3.tsr beside=''
. "$here/corpus.sh"
. "$here/recipe.sh"
out=${OUT:-out/leak-$CORPUS}

# records PROTOCOL FOLD PART [STREAMS]
records() {
	echo "tsrpick --keys <(awk -F '\\t' '\$1 == \"$1\" && \$2 == \"$2\" && \$3 == \"$3\" { print \$4 }' plan.tsv) ${4:-$streams}"
}
plan() {
	local f p seed net=${NETS// /}
	local -A means=([record]='augment, then split records' [clip]='split recordings, then augment'
		[speaker]='split speakers, then augment')
	if is_recipe "$net"; then
		check_recipe "$net"
		corpus
		read_recipe "$net" '' alone
		[ -z "${r[members]:-}" ] || die "NETS=$net: one model is expected, and this recipe has several"
		[ -n "${r[augment]:-}" ] || die "NETS=$net: this recipe has no variants of recordings (augment) that could leak"
		inputs
		training
		net=${r[net]}
	else
		corpus x3
		texts='manifest.tsv features/x3.sh' results=$streams
	fi
	[ "$REPEATS" -le ${#folds[@]} ] || die "REPEATS=$REPEATS, but there are ${#folds[@]} folds"
	folds=("${folds[@]:0:REPEATS}")
	script plan.sh 'plan.tsv records.tsv' 'split.tsv share/draw.awk share/leak.awk' "$streams" <<-END
		tsrdump --tsv --columns src -o records.tsv $streams
		awk -v seed=$SEED -v repeats='${folds[*]}' -f share/draw.awk -f share/leak.awk split.tsv records.tsv >plan.tsv\$new
		mv plan.tsv\$new plan.tsv
	END
	texts+=" ${reads[plan.sh]}" results+=' plan.tsv'
	for f in "${folds[@]}"; do for p in record clip speaker; do for seed in $SEEDS; do
		train=$(records $p "$f" train) valid=${who[$f/valid]:+$(records $p "$f" valid)} test=$(records $p "$f" test)
		options=${beside:+" --beside ${r[beside]%% *}=<(cat $beside)"}
		second=${beside:+"${r[beside]%% *} $(records $p "$f" test "$beside")"}
		[ $p = speaker ] || options+=' --allow-overlap'
		run "fold$f/$p$(after "$seed")" "$net" "$seed"
	done; done; done
	for p in record clip speaker; do
		row=(table.awk -v "protocol=$p" records.tsv plan.tsv)
		configuration $p protocol "${means[$p]}" $p "${folds[@]/#/fold}"
	done
	table 'protocol speaker_heard copy_in_training uar accuracy sizes epochs' 3 \
		"names='protocol'; title='The same net and data under three protocols'"
}
