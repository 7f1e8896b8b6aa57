# search.sh: `sertools search CORPUS=ravdess DIR=... BASE=mlp1558` tries settings of a recipe, chooses among them by inner
# folds of each fold's training speakers, and tests the chosen one and the recipe as it is. See sertools(7).
# shellcheck shell=bash disable=SC1091,SC2015,SC2016,SC2046,SC2028,SC2034,SC2086,SC2153,SC2154,SC2155
: "${BASE=mlp1558}" "${SEARCH=$BASE}" "${SETTINGS=24}" "${INNER=3}" "${RUNGS=3}" "${ETA=3}" "${OUTER=}" "${SHUFFLE=}" "${PROTOCOL=alone}"
[ "$SETTINGS" = grid ] || whole SETTINGS 1
whole RUNGS 1
whole ETA 2
RUNGS=$((10#$RUNGS)) ETA=$((10#$ETA))
[[ $SHUFFLE =~ ^(yes)?$ ]] || die "SHUFFLE=$SHUFFLE: yes is known: the labels of each speaker's recordings are exchanged, so that nothing can be learnt"
[[ $PROTOCOL =~ ^(alone|enrolled)$ ]] || die "PROTOCOL=$PROTOCOL: a search is for one, alone or enrolled"
for n in BASE SEARCH; do
	[[ ${!n} =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]*$ ]] || die "$n=${!n}: a name of letters, digits and ._- is required, as mlp1558"
done
family=audio NETS=$BASE SETS='' VARIANTS='' nested=yes shuffle=$SHUFFLE warn=''
. "$here/corpus.sh"
. "$here/recipe.sh"
out=${OUT:-out/search-$CORPUS${SHUFFLE:+-shuffled}}

# ---- settings

# draw_settings: sets $drawn to what settings.awk makes of the table of parameters.
draw_settings() {
	local file=$(text_of "search/$SEARCH.tsv")
	[ -e "$file" ] || die "SEARCH=$SEARCH: no $SEARCH.tsv here or in $here/search (sertools list searches)"
	drawn=$(RECIPE=$recipe FILE=$file awk -v settings="$SETTINGS" -v seed="$SEED" -f "$here/visible.awk" -f "$here/draw.awk" \
		-f "$here/search/settings.awk" "$file") || exit
}
# setting NAME PARAMETERS VALUES: writes its recipe, the last lines of which are what it changes, and its net, where it
# changes that.
setting() {
	local i name value text='' edits='' net names values
	IFS=$'\t' read -ra names <<<"$2"
	IFS=$'\t' read -ra values <<<"$3"
	read_recipe "$BASE" '' "$PROTOCOL"
	net=${r[net]}
	for ((i = 1; i < ${#names[@]}; i++)); do
		name=${names[i]} value=${values[i]}
		case $name,$value in
		*,-) ;;
		net,*) net=$value ;;
		net\ *) edits+="${name#net }"$'\t'"$value"$'\n' ;;
		train\ *,none) [[ " ${r[train]:-} " != *" ${name#train } "* ]] || text+="drop ${name#train }"$'\n' ;;
		*) text+="$name $value"$'\n' ;;
		esac
	done
	[ -e "$(net "$net")" ] || die "$SEARCH.tsv: no net $net here or in $here/nets$(near "$net" $(cd "$here/nets" && echo *.net | sed 's/\.net//g'))"
	if [ -n "$edits" ]; then
		edits=$(EDITS=$edits RECIPE=$recipe FILE=$SEARCH.tsv NET=$net awk -f "$here/visible.awk" -f "$here/net.awk" "$(net "$net")") || exit
		own "nets/$1.net" "$edits"
		net=$1
	fi
	# Its variants may change what the setting changes.
	own "recipes/$1.recipe" "$(awk '$1 == "variant" { skip = 1 } $1 == "for" { skip = 0 } !skip' "$(text_of "recipes/$BASE.recipe")")"$'\n\n'"# $1 of a search.
for $PROTOCOL
net $net${text:+$'\n'}${text%$'\n'}"
	check_recipe "$1"
	accepted "$1"
}
# accepted SETTING: ends unless nntrain takes its options, which it checks before it reads.
accepted() {
	local EPOCHS TRAIN_FLAGS why rc=0
	read_recipe "$1" '' "$PROTOCOL"
	training
	why=$(nntrain -q --net "$(net "${r[net]}")" --epochs "$EPOCHS" $TRAIN_FLAGS </dev/null 2>&1 >/dev/null) || rc=$?
	[ $rc != 2 ] || die "$SEARCH.tsv: $1: ${why%%$'\n'*}"
}
# own FILE TEXT: a net or a recipe of the plan's own.
own() {
	put "$1" "$2"$'\n'
	taken[$1]=own
}

# ---- what there is to run

declare -A only_if=()

# stem SETTING SEED: how its runs are called.
stem() { echo "$1-$PROTOCOL$(after "$2")"; }
# only TABLE SETTING WHY: sets guard for a run that is made where the table says so, and otherwise says WHY in its files.
only() {
	guard="if ! grep -q \$'^$2\\t.*\\tyes\$' $1; then
    echo '$3, says $1' | tee \$d/{${outputs// /,}} >/dev/null
else
"
	where="$1 $2"
}
# rungs DIR NET SEED: the trainings of one setting in an inner fold, each of which goes on where that before it ended.
rungs() {
	local k of=$before at from where fold=${1%%-inner*} first guard leave ledger=no training=$options results=$results name=${1##*/}
	local outputs='figures.tsv history.tsv predictions.tsv' noted or=''
	name=${name%"-$PROTOCOL"}
	[ "$name" = setting0 ] || or=' 2>$d/said || { lost "${PIPESTATUS[@]}"; break; }'
	for ((k = 1; k <= RUNGS; k++)); do
		at="$1-rung$k" first="$1-rung1" from="$1-rung$((k - 1))" before=$of guard='' noted='' options=$training
		leave='find $d -name "*.checkpoint*" ! -name $SERTOOLS_NOTE.checkpoint -delete'
		if [ $k -gt 1 ]; then
			only "$fold/rung$((k - 1)).tsv" "$name" dropped
			results+=" $fold/rung$((k - 1)).tsv"
			# All have the note of the first, by which checkpoints know their training.
			noted="$texts nets/$2.net $first/run.sh"
			before="[ -e \$d/\$SERTOOLS_NOTE.checkpoint ] || [ ! -e $from/\$SERTOOLS_NOTE.checkpoint ] || {
    cp $from/\$SERTOOLS_NOTE.checkpoint \$d/\$SERTOOLS_NOTE.checkpoint\$new
    mv \$d/\$SERTOOLS_NOTE.checkpoint\$new \$d/\$SERTOOLS_NOTE.checkpoint
}
$before"
			leave+=$'\n'"rm -f $from/*.checkpoint*"
		fi
		if [ $k -lt $RUNGS ]; then
			options+=" --pause-after $(epochs_at $k)"
		else
			leave='rm -f $d/*.checkpoint*'${leave#*-delete}
		fi
		leave+=$'\n''rm $d/model.bin'
		[ "$name" = setting0 ] || {
			before=$lost$before
			leave+=$'\n''cat $d/said >&2'$'\n''rm $d/said'$'\n''done'
		}
		run "$at" "$2" "$3"
		[ -z "$guard" ] || only_if[$at/run.sh]=$where
	done
}
# A setting that cannot be trained, as its loss grows without end or its net is too large, is dropped, too; the recipe as it is
# must not fail, nor may what reads the records.
lost='lost() {
    cat $d/said >&2
    [[ $* =~ ^((0|141)\ )*3$ ]] || exit 1
    echo "search: $d: so this setting is dropped" >&2
    sed "s/^/failed: /" $d/said | tee $d/{figures.tsv,history.tsv,predictions.tsv} >/dev/null
    rm -f $d/{model.bin,said,*.checkpoint*}
}
for once in 1; do
'
# epochs_at RUNG: how many epochs a training has there: all at the last one, and at each before a part of that behind.
epochs_at() {
	local of=$((ETA ** (RUNGS - $1)))
	echo $(((EPOCHS + of - 1) / of))
}
# halve FOLD RUNG KEEP: who goes on; all inner folds' predictions together are one test.
halve() {
	local at=fold$1/rung$2 inner s runs
	inner=$(braces "${within[@]/#/fold}")
	runs=$(eval "echo $inner/$(braces "${settings[@]/%/"-$PROTOCOL-rung$2"}")/figures.tsv")
	script "$at.sh" "$at.tsv" share/halve.awk "$runs" <<-END
		for s in ${settings[*]}; do
		    set -- $inner/\$s-$PROTOCOL-rung$2/predictions.tsv
		    case \$(awk 'FNR == 1 { printf "%s ", \$1 }' "\$@") in
		    dropped,*) continue ;;
		    *failed:*) uar=- ;;
		    *) uar=\$(evalconf -q --tsv --bootstrap 0 "\$@" | awk -F '\\t' '\$1 == "uar" { print \$3 }') ;;
		    esac
		    printf '%s\\t%s\\n' \$s "\$uar"
		done | awk -v keep=$3$([ $2 -lt $RUNGS ] || echo ' -v last=yes') -f share/halve.awk >$at.tsv\$new
		# Who was dropped trains no more.
		while read -r s _ next; do
		    [ "\$next" = yes ] || rm -f $inner/\$s-$PROTOCOL-rung$2/*.checkpoint*
		done <$at.tsv\$new
		mv $at.tsv\$new $at.tsv
	END
}
# outer FOLD: the tests: of the recipe as it is, and of the setting that was chosen, whose runs are in FOLD/chosen.
outer() {
	local s seed at=fold$1/rung$RUNGS.tsv guard where results figures whole=$outputs
	local outputs=$whole
	for seed in $SEEDS; do
		figures=''
		for s in "${settings[@]}"; do
			guard='' outputs=$whole
			# What verify() takes for the model's own is last.
			[ $s = setting0 ] || { outputs='figures.tsv model.bin history.tsv predictions.tsv' && only $at $s 'not chosen'; }
			guarded=${guard:+ $at}
			trainer=guarded_run model "$s" '' "$PROTOCOL" "$1" "$seed"
			figures+=" fold$1/$(stem "$s" "$seed")/figures.tsv"
		done
		guard=''
		s=fold$1/chosen$(after "$seed")
		script "$s/take.sh" "$s/figures.tsv $s/model.bin $s/history.tsv $s/predictions.tsv" '' "$at$figures" <<-END
			s=\$(awk -F '\\t' '\$3 == "yes" { print \$1 }' $at)
			for f in figures.tsv model.bin history.tsv predictions.tsv; do
			    cp fold$1/\$s-$PROTOCOL$(after "$seed")/\$f $s/\$f\$new
			    mv $s/\$f\$new $s/\$f
			done
		END
	done
}
# guarded_run DIR NET SEED: a run of an outer fold.
guarded_run() {
	results+=$guarded
	run "$@"
	[ -z "$guard" ] || only_if[$1/run.sh]=$where
}
# idle SCRIPT: is it that of a setting that was dropped or not chosen?
idle() { [ -n "${only_if[$1]:-}" ] && ! grep -q "^${only_if[$1]#* }"$'\t.*\tyes$' "$out/${only_if[$1]%% *}"; }

# ---- what is told

summaries() {
	local f k files='' figures='' choices='' EPOCHS TRAIN_FLAGS versus
	read_recipe "$BASE" '' "$PROTOCOL"
	training
	for f in "${outer[@]}"; do
		files+=" $(eval "echo fold$f/rung$(braces $(seq $RUNGS)).tsv")"
		choices+=" fold$f/rung$RUNGS.tsv" figures+=" fold$f/$(stem setting0 "$SEED")/figures.tsv fold$f/chosen/figures.tsv"
	done
	script settings.sh settings.tsv "drawn.tsv share/gains.awk" "${files# }" <<-END
		awk -v rungs=$RUNGS -f share/gains.awk drawn.tsv$files >settings.tsv\$new
		mv settings.tsv\$new settings.tsv
	END
	[ "$plots" = no ] || script search.sh search.svg 'share/style.gp share/search.gp share/rungs.awk' "${files# }" <<-END
		awk -v epochs='$(for ((k = 1; k <= RUNGS; k++)); do epochs_at $k; done | paste -s -d ' ')' -f share/rungs.awk$files >.search.tsv
		gnuplot -e "input='.search.tsv'; output='.search.svg'" share/search.gp
		mv .search.svg search.svg
		rm .search.tsv
	END
	script final.sh 'chosen.recipe chosen.net' '' "settings.tsv" <<-END
		s=\$(awk -F '\\t' 'NR > 1 && (NR == 2 || \$NF > most) { s = \$1; most = \$NF } END { print s }' settings.tsv)
		net=\$(awk '\$1 == "net" { n = \$2 } END { print n }' recipes/\$s.recipe)
		cp nets/\$net.net chosen.net
		{
		    echo "# chosen: \$s of a search that began with $BASE; what it is worth on new speakers is the row of what was chosen in table.md."
		    sed "s/^net \$net\\\$/net chosen/" recipes/\$s.recipe
		} >chosen.recipe\$new
		mv chosen.recipe\$new chosen.recipe
	END
	versus="$(braces "${outer[@]/#/fold}")"
	script versus.sh versus.tsv '' "${figures# }" <<-END
		evalcmp -q --tsv -s $SEED -o versus.tsv \$(printf -- '--versus=%s ' $versus/$(stem setting0 "$SEED")/predictions.tsv) $versus/chosen/predictions.tsv
	END
	script folds.sh folds.tsv "drawn.tsv share/folds.awk" "ledger.tsv$choices$figures" <<-END
		awk -v seeds=$(wc -w <<<"$SEEDS") -f share/folds.awk drawn.tsv ledger.tsv$choices$figures >folds.tsv\$new
		mv folds.tsv\$new folds.tsv
	END
}

plan() {
	local drawn names line within outer=() settings=() f k s n keep trainer='' guarded='' chance=''
	is_recipe "$BASE" || die "BASE=$BASE: no recipe $BASE here or in $here/recipes (sertools list recipes)"
	check_recipe "$BASE"
	read_recipe "$BASE" '' "$PROTOCOL"
	[ -z "${r[members]:-}" ] || die "BASE=$BASE: a search is for the recipe of one model, and this one averages several: try $(tr ' ' '\n' <<<"${r[members]}" | sed 's/:.*//;q')"
	draw_settings
	names=${drawn%%$'\n'*}
	while IFS= read -r line; do
		settings+=("setting${line%%$'\t'*}")
		setting "${settings[-1]}" "$names" "$line"
	done <<<"${drawn#*$'\n'}"
	put drawn.tsv "$drawn"$'\n'
	corpus
	: >>"$out/ledger.tsv"
	for f in "${folds[@]}"; do [[ $f = *-inner* ]] || outer+=("$f"); done
	for f in "${outer[@]}"; do
		within=()
		for s in "${folds[@]}"; do [[ $s != "$f"-inner* ]] || within+=("$s"); done
		for s in "${settings[@]}"; do for n in "${within[@]}"; do
			trainer=rungs model "$s" '' "$PROTOCOL" "$n" "$SEED"
		done; done
		keep=${#settings[@]}
		for ((k = 1; k <= RUNGS; k++)); do
			keep=$((keep / ETA > 0 ? keep / ETA : 1))
			halve "$f" $k $keep
		done
		outer "$f"
	done
	summaries
	configuration chosen "net\tsetting" "$BASE\tchosen" chosen "${outer[@]/#/fold}"
	configuration default "net\tsetting" "$BASE\tdefault" "setting0-$PROTOCOL" "${outer[@]/#/fold}"
	shown='folds.tsv versus.tsv settings.tsv chosen.recipe'
	[ -z "$SHUFFLE" ] || chance=" -v chance=$(awk -v chance=yes -f "$here/draw.awk" -f "$here/shuffle.awk" "$out/manifest.tsv")"
	below=$'\n'"{ echo && awk -v seeds=$(wc -w <<<"$SEEDS")$chance -f share/searched.awk folds.tsv versus.tsv settings.tsv chosen.figures.tsv; } >>table.md\$new"
	table "net setting mean seeds uar accuracy epochs" 2 "names='net setting'; by='setting'"
}
