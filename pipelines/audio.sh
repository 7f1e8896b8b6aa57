# audio.sh: `sertools audio CORPUS=ravdess DIR=...` compares nets and recipes on unseen
# speakers: nets with and without augmented training data, recipes as they say. See sertools(7).
# shellcheck shell=bash disable=SC1091,SC2015,SC2016,SC2028,SC2034,SC2086,SC2153,SC2154,SC2155
: "${NETS=cnn1d lstm crnn mlp1558}" "${SETS=plain x3}" "${PROTOCOL=speaker}" "${INNER=3}" "${OUTER=}" "${VARIANTS=}" "${FINAL=}"
choose=${CHOOSE:-} warn=''
[ -z "$choose" ] || [ "$choose" = inner ] || die "CHOOSE=$choose: inner is known: folds of the training speakers alone"
[ -z "$choose" ] || [[ " $PROTOCOL " != *' notebook '* ]] || die "PROTOCOL=$PROTOCOL: notebook knows no inner folds (CHOOSE=inner)"
[[ $FINAL =~ ^(yes)?$ ]] || die "FINAL=$FINAL: yes is known: a model of each kind is also trained on all speakers"
[ -z "$FINAL" ] || [ -z "$choose" ] || die "CHOOSE=$choose: it compares; FINAL=yes is for what was chosen"
[ -z "$choose" ] || ledger=no
for p in $PROTOCOL; do
	[[ $p =~ ^(speaker|notebook|alone|enrolled(-[1-9][0-9]{0,5}(-[A-Za-z0-9_]+)?)?)$ ]] ||
		die "PROTOCOL=$PROTOCOL: speaker and notebook are known, and for recipes alone, enrolled and enrolled-10"
done
. "$here/corpus.sh"
. "$here/recipe.sh"
out=${OUT:-out/${choose:-audio}-$CORPUS}

# The training, validation and test set of a protocol: in fold $1 with
# set $2.
protocol_speaker() {
	rows_of "$1" "features/$2.tsr"
	[ "$1" != all ] || about
	memo train pick "$1" train "features/$2.tsr"
	# Where only one speaker is left to train on, no one validates.
	memo valid pick "$1" valid features/plain.tsr
	memo test pick "$1" test features/plain.tsr
}
# The reference's own: variants are made first, then records are split at random.
protocol_notebook() { random "features/$2.tsr"; }

# protocols NAME VARIANT: the recipe's own, where all are asked for, and what else is; a corpus
# without speakers enrolls none.
protocols() {
	local p
	read_recipe "$1" "$2" alone
	for p in $PROTOCOL; do
		if [ "$p" = speaker ]; then
			tr ' ' '\n' <<<"${r[protocol]}" | { [[ $mark = every* ]] && sed '/^enrolled/d' || cat; }
		elif [[ $p != notebook && ! (" $PROTOCOL " = *' speaker '* && " ${r[protocol]} " = *" $p "*) ]]; then
			echo "$p"
		fi
	done | while IFS= read -r p; do
		[ -z "$2" ] || ! same_recipe "$1" "$2" "$p" || continue
		echo "$p"
	done
}
# same_recipe NAME VARIANT PROTOCOL: the variant is for the other protocol, and changes nothing.
same_recipe() {
	read_recipe "$1" '' "$3"
	read_recipe "$1" "$2" "$3"
	[ "${read_recipes[$1 $2 $3]}" = "${read_recipes[$1  $3]}" ]
}
# variants NAME: those of the recipe that VARIANTS asks for.
variants() {
	local v
	read_recipe "$1" '' alone
	for v in ${r[variants]}; do [[ $VARIANTS != all && " $VARIANTS " != *" $v "* ]] || echo "$v"; done
}
runs_of() { # PROTOCOL FOLDER FOLD
	local n s seed d end
	for n in $plain_nets; do for s in $SETS; do for seed in $SEEDS; do
		memo end after "$seed"
		d=$2/$n-$s$end before='' options='' texts='manifest.tsv features/plain.sh' results=features/plain.tsr
		[ "$s" = plain ] || { texts+=" features/$s.sh" && results+=" features/$s.tsr"; }
		"protocol_$1" "$3" "$s"
		run "$d" "$n" "$seed"
	done; done; done
}

# net_rows NAME: a net's configurations.
net_rows() {
	local s p c where
	for s in $SETS; do for p in $PROTOCOL; do
		c=$1-$s where=("${folds[@]/#/fold}")
		case $p in
		speaker | alone) ;;
		notebook) c+=-notebook where=(notebook) ;;
		*) continue ;;
		esac
		[ -z "$mixed" ] || models=${where[0]}/$1-$s/model.bin
		configuration "$c" "net\ttraining${VARIANTS:+\tvariant}|$protocol" "$1\t$s${VARIANTS:+\t-}|${protocol:+${means[$p]}}" "$1-$s" "${where[@]}"
		models=''
	done; done
}
# recipe_rows NAME: a recipe's, as a whole and as VARIANTS says.
recipe_rows() {
	local v p c
	for v in '' $(variants "$1"); do for p in $(protocols "$1" "$v"); do
		read_recipe "$1" "$v" "$p"
		c=$1${v:++$v}-$p
		recipe_models "$1" "$v" "$p"
		[ -z "$warn" ] || warned=$([[ $p = enrolled-* ]] && echo yes || echo no)
		configuration "$c" "net\ttraining${VARIANTS:+\tvariant}|protocol" \
			"$1\t${r[members]:-${r[augment]:-plain}}${VARIANTS:+\t${v:--}}|$(protocol_name "$p")${mark:+; $mark}" "$c" "${folds[@]/#/fold}"
		models='' histories='' warned=''
	done; done
}

# final_models: what users are given: trained on all speakers, so that no test is left for it. Where a
# training is validated, that is by those who validate the first fold. Its card has the tests of its
# kind, all of speakers that the model tested had not heard.
final_models() {
	local n s p m names
	SEEDS=$SEED runs_of speaker all all
	for n in $plain_nets; do for s in $SETS; do
		! [[ " $PROTOCOL " =~ \ (speaker|alone)\  ]] || card "$n-$s" alone "$n-$s"
	done; done
	for n in $mixed; do
		read_recipe "$n" '' alone
		names=$n:1
		[ -z "${r[members]:-}" ] || names=$(members)
		for p in $(protocols "$n" ''); do
			for m in $names; do model "${m%:*}" '' "$p" all $((SEED + ${m#*:} - 1)); done
		done
		[ "$names" = "$n:1" ] || continue
		for s in alone enrolled; do
			p=$(protocols "$n" '' | grep "^$s" | paste -s -d ' ') || true
			[ -z "$p" ] || card "$n-$s" "$p" "$n-"
		done
	done
}
# card MODEL PROTOCOLS STEM: the figures of all tests of its kind, whose runs end in STEM, with the protocol
# where STEM ends in -.
card() {
	local p s stem body='' files='' fields by ends runs first=' -v first=yes'
	fields=$(awk -f "$here/report/fields.awk" "$out/manifest.tsv" | paste -s -d ' ')
	by=$(printf ' --by %s' group $fields)
	[[ $mark != every* ]] || by=''
	for p in $2; do
		stem=$3 ends=()
		[[ $stem != *- ]] || stem+=$p
		for s in $SEEDS; do ends+=("$stem$(after "$s")"); done
		runs=$(braces "${folds[@]/#/fold}")/$(braces "${ends[@]}")/predictions.tsv
		body+="awk -v fields='$fields' -f share/with-fields.awk manifest.tsv $runs |
    evalconf -q --tsv -s $SEED$by | awk -v protocol='$(protocol_name "$p")'$first -f share/card.awk
"
		files+=" $(eval "echo ${runs//predictions/figures}")" first=''
	done
	script "all/$1/card.sh" "all/$1/card.tsv" 'manifest.tsv share/with-fields.awk share/card.awk' "${files# }" <<-END
		{
		${body%$'\n'}
		} >all/$1/card.tsv\$new
		mv all/$1/card.tsv\$new all/$1/card.tsv
	END
}

# settle: the protocols, once labels are known; enroll-demo has its own.
settle() { :; }
# sort_out: which of NETS are recipes, and whether they can be had so.
sort_out() {
	local n
	for n in $NETS; do
		if is_recipe "$n"; then mixed+=" $n" && check_recipe "$n"; else plain_nets+=" $n"; fi
	done
	[ -z "$mixed" ] || [[ " $PROTOCOL " != *' notebook '* ]] || die "PROTOCOL=$PROTOCOL: notebook is for nets, and$mixed is a recipe"
	[ -z "$VARIANTS" ] || [ -n "$choose" ] || die "VARIANTS=$VARIANTS: variants are compared where no test speaker is heard (CHOOSE=inner)"
	[ -z "$VARIANTS" ] || [ -n "$mixed" ] || die "VARIANTS=$VARIANTS: recipes have variants, and NETS=$NETS has no recipe"
}

plan() {
	local n p f v plain_nets='' mixed='' protocol='' bars=''
	local -A means=([speaker]='speakers apart' [notebook]='records at random: leaks')
	sort_out
	corpus ${plain_nets:+plain $SETS}
	settle
	means[speaker]=${mark:-${means[speaker]}}
	[[ $mark != every* || " $PROTOCOL" != *' enrolled'* ]] || die "PROTOCOL=$PROTOCOL: every recording is its own speaker, who has no other clips"
	[ "$PROTOCOL$mark$mixed" = speaker ] || protocol=protocol bars="names='net protocol'; title='UAR by protocol'"
	[ -z "$mixed" ] || means[speaker]=alone${mark:+; $mark} bars="names='net ${VARIANTS:+variant}'; by='protocol'; title='UAR by protocol'"
	means[alone]=${means[speaker]}
	for p in $PROTOCOL; do
		case $p in
		notebook) runs_of notebook notebook - ;;
		speaker | alone) for f in "${folds[@]}"; do runs_of speaker "fold$f" "$f"; done ;;
		esac
	done
	for n in $mixed; do for v in '' $(variants "$n"); do for p in $(protocols "$n" "$v"); do
		for f in "${folds[@]}"; do recipe_runs "$n" "$v" "$p" "$f"; done
	done; done; done
	[ -z "$FINAL" ] || final_models
	for n in $NETS; do if is_recipe "$n"; then recipe_rows "$n"; else net_rows "$n"; fi; done
	[ ${#rows[@]} -gt 0 ] || die "PROTOCOL=$PROTOCOL: that is for recipes, and NETS=$NETS has none"
	left=$((2 + ${#protocol} / 8 + !!${#VARIANTS}))
	table "net training${VARIANTS:+ variant} $protocol mean seeds uar${VARIANTS:+ change} accuracy epochs${mixed:+ parameters}${warn:+ warned}" \
		"$left" "$bars"
}
