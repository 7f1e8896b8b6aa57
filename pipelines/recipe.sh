# recipe.sh: what experiments on a corpus have of recipe(5): one model's features, training
# and tests, or several models whose probabilities are averaged.
# shellcheck shell=bash disable=SC1091,SC2015,SC2016,SC2028,SC2034,SC2086,SC2153,SC2154
declare -A r=() read_recipes=()

# read_recipe NAME VARIANT PROTOCOL: sets r to its lines that hold then, and r[variants].
read_recipe() {
	local key="$1 $2 $3" name value file
	memo file text_of "recipes/$1.recipe"
	[ -e "$file" ] || die "no recipe $1 here or in $here/recipes (sertools list recipes)"
	[ -n "${read_recipes[$key]:-}" ] || read_recipes[$key]=$(RECIPE=$recipe FILE=$file FLAGS=${RECIPE_FLAGS:-} awk -v protocol="$3" -v variant="$2" \
		-f "$here/visible.awk" -f "$here/recipe.awk" "$file") || exit
	r=([protocol]=alone [variants]='' [enroll]=cmvn)
	while IFS=$'\t' read -r name value; do
		if [ "$name" = has ]; then r[variants]+="${r[variants]:+ }$value"; else r[$name]=$value; fi
	done <<<"${read_recipes[$key]}"
}
# check_recipe NAME: ends unless it, its variants and its members can be had, before any work.
check_recipe() {
	local m of
	read_recipe "$1" '' alone
	of=${r[members]:-}
	[ -n "$of" ] || check_model "$1"
	for m in $of; do
		is_recipe "${m%:*}" || die "recipe $1: no recipe ${m%:*} here or in $here/recipes (sertools list recipes)"
		read_recipe "${m%:*}" '' alone
		[ -z "${r[members]:-}" ] || die "recipe $1: its member ${m%:*} has members itself"
		check_model "${m%:*}"
	done
	check_views "$1" alone
	check_views "$1" enrolled
}
# check_views NAME PROTOCOL: several models that are tested on variants have the same.
check_views() {
	local m of first=''
	read_recipe "$1" '' "$2"
	[ "${r[test]:-}" = variants ] || return 0
	of=${r[members]:-}
	for m in $of; do
		read_recipe "${m%:*}" '' "$2"
		[ -n "${r[augment]:-}" ] || die "recipe $1: test variants: its member ${m%:*} has none (augment)"
		: "${first:=${r[augment]}}"
		[ "${r[augment]}" = "$first" ] || die "recipe $1: test variants: its member ${m%:*} has others (augment ${r[augment]}, not $first)"
	done
}
# check_model NAME: the same for the recipe of one model, which r is.
check_model() {
	local p v
	for v in '' ${r[variants]}; do for p in alone enrolled; do
		read_recipe "$1" "$v" $p
		[ -e "$(net "${r[net]}")" ] || die "recipe $1: no net ${r[net]} here or in $here/nets (sertools list nets)"
		check_features "$1" features "${r[features]}"
		[ -z "${r[beside]:-}" ] || check_features "$1" beside "${r[beside]#* }"
	done; done
}
# check_features NAME LINE FEATURES: the same for what it reads.
check_features() {
	local words
	read -ra words <<<"$3"
	case ${words[0]} in
	mel | lld) ;;
	functionals)
		[ -e "$(text_of "functionals/${words[1]:-}.fun")" ] ||
			die "recipe $1: $2 $3: no ${words[1]:-}.fun here or in $here/functionals (sertools list functionals)"
		;;
	*) die "recipe $1: $2 $3: mel, lld and functionals are known" ;;
	esac
}
# protocol_name PROTOCOL: as tables call it.
protocol_name() {
	local k=${1#enrolled-}
	case $1 in
	alone) echo alone ;;
	enrolled) echo 'enrolled (all other clips)' ;;
	enrolled-*-*) echo "enrolled ($(clips "${k%%-*}"), ${k#*-} first)" ;;
	*) echo "enrolled ($(clips "$k"))" ;;
	esac
}
clips() { if [ "$1" = 1 ]; then echo '1 clip'; else echo "$1 clips"; fi; }

# ---- features

# The standard front end: a recording whole, but for its silent ends.
FRONT='--rate 16000 --seconds all --trim 40 --trim-frame short --peak -0.915'
# chain FEATURES VARIANT: sets $made to the file of these features, of the recordings as they
# are or of one variant of each, and plans what makes it.
chain() {
	local words name front=" ${r[front]:-$FRONT}" make text='' augmented=''
	read -ra words <<<"$1"
	name=${words[*]}
	case ${words[0]} in
	mel) make="melspec $j$skip$(w MELSPEC_FLAGS)" front=$(w WAVNORM_FLAGS) ;;
	lld) make="descriptors $j$skip --columns ${words[1]:-mel,mfcc,pitch,shape}${words[2]:+ ${words[*]:2}}" ;;
	functionals)
		name=${words[*]:1} text=functionals/${words[1]:-}.fun
		make="descriptors $j$skip | functionals $j$skip $text${words[2]:+ ${words[*]:2}}"
		;;
	esac
	[ -z "${r[front]:-}" ] || name+=-$(sha256sum <<<"$front" | cut -c 1-8)
	[ -z "$2" ] || augmented="augment $j$skip -s $SEED --variants $2 | tsrpick --not-aug --invert | "
	memo name stem_of "$name${2:+-$2}"
	[ "$name" != mel ] || name=plain
	made=features/$name.tsr
	[ -z "${makes[features/$name.sh]:-}" ] || return 0
	features_by "$name" "wavnorm $j$skip$front" "$augmented$make" "$text"
}

# ---- models and their tests

# A model tests speakers of whom nothing is known (alone), or whose features, or what a layer
# sees, are standardised by their other clips (enrolled), or by as many of these as enrolled-10
# says, which may be those of one label first (enrolled-10-sad).
# draw_of PROTOCOL: the options that draw its clips.
draw_of() {
	local k=${1#enrolled-}
	[[ $1 = enrolled-* ]] || return 0
	echo " --clips ${k%%-*} -s $SEED$([[ $k != *-* ]] || echo " --skew ${k#*-}")"
}
# cmvn_options: r's, with a blank before each; they are not for what stands beside a net's layer.
cmvn_options() { [ "${r[enroll]}" = net ] || echo "${r[enroll]#cmvn}"; }
# enroll TEST PROTOCOL SPEAKERS: TEST, with what is known of its speakers, where training
# speakers have SPEAKERS in common; as it is without.
enroll() {
	[ -n "$1" ] || return 0 # no one validates
	case $2,$3 in
	alone,* | *,) echo "$1" ;;
	unknown,*) echo "$1 | cmvn -q $j --like $3$(cmvn_options)" ;;
	*) echo "$1 | cmvn $j --like $3 --leave-one-out$(draw_of "$2")$(cmvn_options)" ;;
	esac
}
# enroll_net PROTOCOL: where the layer does it, nnpredict is told so, and reads its records twice.
enroll_net() {
	[ "$1" != alone ] && [ "${r[enroll]}" = net ] || return 0
	twice=yes
	[[ $predict = *--leave-one-out* ]] || predict+=" --leave-one-out$(draw_of "$1")"
}
# stem_of TEXT: as the name of a file.
stem_of() { tr -s -c 'A-Za-z0-9.\n' - <<<"$1"; }
# tested STREAMS: those of a test, of the recordings as they are or with their variants.
tested() { if [ "$views" = variants ]; then echo "$1"; else echo "${1%% *}"; fi; }
# average_variants: tells nnpredict to, where $streams has any that are tested.
average_variants() {
	[ "$views" = variants ] && [[ $streams = *' '* && $predict != *--average-variants* ]] || return 0
	predict+=' --average-variants'
}
# common FOLD STREAM: sets $speakers to what the fold's training speakers have in common, which
# is the same for all models of the same features, and plans what makes it.
common() {
	local name=${2#features/} before texts options part
	part=$(learns)
	speakers=$(folder_of "$1")/speakers/${name%.tsr}$([ "$part" = train ] || echo -rest).tsr
	[ -z "${makes[${speakers%.tsr}.sh]:-}" ] || return 0
	texts="manifest.tsv features/${name%.tsr}.sh"
	rows_of "$1" "$2"
	script "${speakers%.tsr}.sh" "$speakers" "$texts" "$2" <<-END
		d=${speakers%/*}
		$before$(pick "$1" "$part" "$2") |
		    cmvn -q $j --fit $speakers -o /dev/null
	END
}
# known PROTOCOL FOLD: sets $main_speakers and $row_speakers to what is known of training
# speakers, for the records of r's model and for those of its second input.
known() {
	local speakers=''
	main_speakers='' row_speakers=''
	[ "$1" != alone ] || return 0
	[ "${r[enroll]}" = net ] || { common "$2" "${streams%% *}" && main_speakers=$speakers; }
	[ -z "$beside" ] || { common "$2" "${beside%% *}" && row_speakers=$speakers; }
}
# standardised PICKED SPEAKERS: records of training speakers, by all clips of each.
standardised() { echo "$1${2:+ | cmvn -q $j$(cmvn_options)}"; }
# learns: which records train r's model: all but those of validation and test, or of the test.
learns() { if [ "${r[validate]:-}" = none ]; then echo rest; else echo train; fi; }
# records_of FOLD: sets $train, $valid and $options to what trains and validates r's model:
# training speakers by all their clips, validation speakers as those of a test.
records_of() {
	local part picked speakers
	part=$(learns) valid=''
	memo picked pick "$1" "$part" "$streams"
	train=$(standardised "$picked" "$main_speakers")
	[ "$part" = rest ] || valid=$(enroll "$(pick "$1" valid "${streams%% *}")" enrolled "$main_speakers")
	for speakers in $main_speakers $row_speakers; do
		texts+=" ${speakers%.tsr}.sh" results+=" $speakers" options+=" --stats $speakers"
	done
	[ -n "$beside" ] || return 0
	picked=$(standardised "$(pick "$1" "$part" "$beside")" "$row_speakers")
	[ -z "$valid" ] || picked="{ $picked; $(enroll "$(pick "$1" valid "${beside%% *}")" enrolled "$row_speakers"); }"
	options+=" --beside ${r[beside]%% *}=<($picked)"
}
# inputs: sets $streams to what r's model reads, the recordings as they are first, $beside to
# what its second input reads, $results to both, and $texts to what makes them.
inputs() {
	local v made
	streams='' beside=''
	for v in '' ${r[augment]:-}; do
		chain "${r[features]}" "$v"
		streams+="${streams:+ }$made"
		[ -n "${r[beside]:-}" ] || continue
		chain "${r[beside]#* }" "$v"
		beside+="${beside:+ }$made"
	done
	texts=manifest.tsv results="$streams${beside:+ $beside}"
	for v in $results; do texts+=" ${v%.tsr}.sh"; done
	for v in "${r[features]}" "${r[beside]:-}"; do
		[[ ! $v =~ (^| )functionals\ ([^ ]+) ]] || texts+=" functionals/${BASH_REMATCH[2]}.fun"
	done
}
# final FOLD: a model that no one tests has the temperature that its tests have.
final() {
	[ "$1" = all ] || return 0
	[[ ! " ${r[predict]:-} " =~ \ (--temperature\ +[^ ]+)\  ]] || options+=" ${BASH_REMATCH[1]}"
	about
}
# training: sets EPOCHS and TRAIN_FLAGS to r's.
training() {
	EPOCHS=40 TRAIN_FLAGS=" ${r[train]:-} "
	[[ ! $TRAIN_FLAGS =~ \ --epochs\ +([0-9]+)\  ]] || EPOCHS=${BASH_REMATCH[1]} TRAIN_FLAGS=${TRAIN_FLAGS/"${BASH_REMATCH[0]}"/ }
}
# second_of PROTOCOL FOLD: sets $second and $second_unknown to the name of the net's second
# input and, behind a blank, what writes its records of a test, and those of the enrolled
# clips as if nothing were known of their speakers; or to nothing.
second_of() {
	local picked
	[ -n "$beside" ] || return 0
	picked=$(pick "$2" test "$(tested "$beside")")
	picked=${picked//\$d\//$dir/}
	second="${r[beside]%% *} $(enroll "$picked" "$1" "$row_speakers")"
	second_unknown="${r[beside]%% *} $(enroll "$picked | tsrpick --invert --keys \$d/others.txt" unknown "$row_speakers")"
}
# model NAME VARIANT PROTOCOL FOLD SEED: plans its training, and sets $dir to where that is,
# $streams and $beside to what it reads, the recordings as they are first, and what is known. $trainer plans it.
model() {
	local EPOCHS TRAIN_FLAGS predict views end picked twice='' second='' second_unknown
	read_recipe "$1" "$2" "$3"
	views=${r[test]:-}
	memo dir folder_of "$4"
	memo end after "$5"
	dir+=/$1${2:++$2}-${3%%-*}$end
	inputs
	known "${3%%-*}" "$4"
	[ -z "${makes[$dir/run.sh]:-}" ] || return 0
	rows_of "$4" "$streams"
	training
	records_of "$4"
	final "$4"
	memo picked pick "$4" test "$(tested "$streams")"
	test=$(enroll "$picked" "${3%%-*}" "$main_speakers")
	predict=${r[predict]:+ ${r[predict]}}
	average_variants
	enroll_net "${3%%-*}"
	second_of "${3%%-*}" "$4"
	${trainer:-run} "$dir" "${r[net]}" "$5"
}
# predicted DIR PROTOCOL MODEL...: plans a test alone, of models that are trained elsewhere.
# Each MODEL is three fields with tabs between: its folder, what writes its test records, and
# what writes those of the enrolled clips, as if nothing were known of their speakers.
predicted() {
	local d=$1 m from='' results='' warns='' told=''
	[ -z "$warn" ] || [[ $2 != enrolled-* ]] || warns=yes
	[ -z "$warns" ] || told=$'\n'$(warning "${@:2}")
	for m in "${@:3}"; do from+="${m%%$'\t'*}/model.bin"$'\n' results+=" ${m%%$'\t'*}/figures.tsv"; done
	put "$d/members" "$from"
	look "$d"
	script "$d/predict.sh" "$d/figures.tsv $d/predictions.tsv${warns:+ $d/mixed.tsv}" "$d/members${warns:+ share/mixed.awk}" "${results# }" <<-END
		d=$d
		rm -f \$d/{predictions.tsv,figures.tsv,mixed.tsv}*
		$(predicting 2 " -o \$d/predictions.tsv" "${@:3}")
		${looked}evalconf -q --tsv --bootstrap 0 -o \$d/figures.tsv \$d/predictions.tsv$told
	END
}
# predicting FIELD OPTIONS MODEL...: the commands that predict the records of that field. Where
# a model reads them twice, all have files; the same records are read by all at once.
predicting() {
	local m text i all=() texts=() second=$second
	[ "$1" = 2 ] || second=$second_unknown
	for m in "${@:3}"; do
		text=$(cut -f "$1" <<<"$m")
		for ((i = 0; i < ${#texts[@]}; i++)); do [ "${texts[i]}" != "$text" ] || break; done
		texts[i]=$text
		m=${m%%$'\t'*}/model.bin
		if [ $i = 0 ]; then all+=("$m"); elif [ -n "$twice" ]; then all+=("$m=\$d/test$i.tsr"); else all+=("$m=<($text)"); fi
	done
	if [ -z "$twice" ]; then
		printf '%s |\n    ' "${texts[0]}"
	else
		for i in "${!texts[@]}"; do echo "${texts[i]} -o \$d/test$i.tsr"; done
		second_file
	fi
	printf 'nnpredict %s%s' "$j$skip${predict:+ ${predict# }}$(second_option)" "$2"
	[ ${#all[@]} = 1 ] || printf ' \\\n        --with %s' "${all[@]:1}"
	printf ' \\\n        %s%s' "${all[0]}" "${twice:+ \$d/test0.tsr}"
	[ -z "$twice" ] || printf '\nrm $d/test*.tsr'
}
# warning PROTOCOL MODEL...: the commands that tell of which speakers the clips that were drawn are
# too few, or of one emotion, as sertools enroll does.
warning() {
	local picked predict=${predict%% --leave-one-out*} twice=''
	picked=$(cut -f 2 <<<"$2")
	echo "${picked%% | cmvn *} | cmvn -q $j$(draw_of "$1") | tsrdump --tsv | awk -F '\\t' 'NR > 1 { print \$1 }' >\$d/others.txt\$new"
	echo 'mv $d/others.txt$new $d/others.txt'
	echo "$(predicting 3 '' "${@:2}") | awk -f share/mixed.awk >\$d/mixed.tsv\$new"
	echo 'mv $d/mixed.tsv$new $d/mixed.tsv'
	echo 'rm $d/others.txt'
}

# members: r's, as NAME:COPY words; a name with :3 stands for three trainings of it.
members() {
	local m i
	for m in ${r[members]}; do
		for ((i = 1; i <= $([[ $m = *:* ]] && echo "${m#*:}" || echo 1); i++)); do echo "${m%:*}:$i"; done
	done
}
# weights: r's, one for each of members: trainings of one member share its weight.
weights() {
	local w m i=0 n list=''
	read -ra w <<<"${r[weights]}"
	for m in ${r[members]}; do
		n=1
		[[ $m != *:* ]] || n=${m#*:}
		for ((; n > 0; n--)); do
			list+=,$(awk -v w="${w[i]}" -v m="$m" 'BEGIN { split(m, of, ":"); printf "%.6g", of[2] ? w / of[2] : w }')
		done
		i=$((i + 1))
	done
	echo "${list#,}"
}
# test_of PROTOCOL FOLD: the model in $dir, as predicted wants it.
test_of() {
	local picked
	picked=$(pick "$2" test "$(tested "$streams")")
	picked=${picked//\$d\//$dir/}
	printf '%s\t%s\t%s\n' "$dir" "$(enroll "$picked" "$1" "$main_speakers")" \
		"$(enroll "$picked | tsrpick --invert --keys \$d/others.txt" unknown "$main_speakers")"
}
# recipe_runs NAME VARIANT PROTOCOL FOLD: with all seeds.
recipe_runs() {
	local s m d dir streams beside main_speakers row_speakers found=() names predict views twice second second_unknown
	for s in $SEEDS; do
		twice='' second='' second_unknown=''
		read_recipe "$1" "$2" "$3"
		d=fold$4/$1${2:++$2}-$3$(after "$s") predict=${r[predict]:-} views=${r[test]:-}
		if [ -z "${r[members]:-}" ]; then
			model "$1" "$2" "$3" "$4" "$s"
			average_variants
			enroll_net "$3"
			second_of "$3" "$4"
			[ "$dir" = "$d" ] || predicted "$d" "$3" "$(test_of "$3" "$4")"
			continue
		fi
		found=() names=$(members)
		[ -z "${r[weights]:-}" ] || predict+="${predict:+ }--weights $(weights)"
		for m in $names; do
			model "${m%:*}" '' "$3" "$4" $((s + ${m#*:} - 1))
			average_variants
			enroll_net "$3"
			second_of "$3" "$4"
			found+=("$(test_of "$3" "$4")")
		done
		predicted "$d" "$3" "${found[@]}"
	done
}
# recipe_models NAME VARIANT PROTOCOL: sets $models to those of one fold and seed, and
# $histories to those of all trainings where these are not the tests, as recipe_runs names them.
recipe_models() {
	local m s stems=() all=()
	read_recipe "$1" "$2" "$3"
	if [ -z "${r[members]:-}" ]; then m=$1${2:++$2}:1; else m=$(members); fi
	for m in $m; do for s in $SEEDS; do
		stems+=("${m%:*}-${3%%-*}$(after $((s + ${m#*:} - 1)))")
		[ "$s" != "${SEEDS%% *}" ] || all+=("${stems[-1]}")
	done; done
	models=fold${folds[0]}/$(braces "${all[@]}")/model.bin
	histories=''
	[[ -z ${r[members]:-} && $3 != *-* ]] || histories=$(braces "${folds[@]/#/fold}")/$(braces "${stems[@]}")/history.tsv
}
