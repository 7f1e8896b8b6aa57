#!/bin/sh
# sertools: runs the recipes in the current folder, and tells what there is. A
# recipe is a target in pipelines/*.mk whose line ends in "## VARIABLES: purpose".
set -eu
source='@SOURCE@'
installed='@DATADIR@'
version='@VERSION@'

fail() {
	status=$1
	shift
	if [ -f "${pipelines:-}/visible.awk" ]; then # what was typed may act on a terminal
		echo 'BEGIN { print visible(ENVIRON["TEXT"]) }' |
			TEXT="sertools: $*" LC_ALL=C awk -f "$pipelines/visible.awk" -f - >&2
	else
		echo "sertools: $*" >&2
	fi
	exit "$status"
}

# The tree: what the environment says, the source tree where this was built in one,
# what lies beside this script, or what was told at installation.
bin=$0
[ ! -L "$0" ] || bin=$(readlink -f -- "$0")
case $bin in */*) bin=${bin%/*} ;; *) bin=. ;; esac
case $bin in /*) ;; *) bin=$PWD/$bin ;; esac
data=${SERTOOLS_DATADIR:-$source}
[ -n "$data" ] || [ ! -d "$bin/../share/sertools/pipelines" ] || data=$bin/../share/sertools
[ -n "$data" ] || data=$installed
pipelines=$data/pipelines
[ -d "$pipelines" ] || fail 4 "there are no recipes in $pipelines; SERTOOLS_DATADIR names the folder that has pipelines/"
case $data in /*/../* | [!/]*) data=$(CDPATH='' cd -- "$data" && pwd) ;; esac
pipelines=$data/pipelines
export SERTOOLS_DATADIR="$data" USER_PATH="$PATH" PATH="$bin:$PATH"

# Each recipe: NAME<tab>VARIABLES: purpose<tab>FILE.
recipes() {
	awk '/^[a-z-]+:.*## / { text = $0; sub(/^[^#]*## */, "", text); sub(/:.*/, ""); print $0 "\t" text "\t" FILENAME }' \
		"$pipelines"/*.mk | sort
}

# near WORD: of the names on standard input the nearest one, in words, or nothing.
near() { [ ! -e "$pipelines/nearest.awk" ] || WORD=$1 awk -f "$pipelines/nearest.awk"; }

# recipe_file NAME: where that recipe is, or nothing.
recipe_file() { recipes | NAME=$1 awk -F '\t' '$1 == ENVIRON["NAME"] { print $3 }'; }

help() {
	cat <<-END
		usage: sertools [options] RECIPE... [VARIABLE=VALUE...]
		       sertools help [RECIPE|PROGRAM|FORMAT]
		       sertools list nets|recipes|corpora|models|preps|functionals|rules|labels|searches
		       sertools path [FILE]
		       sertools enroll NAME [MODEL=FILE] RECORDING...
		       sertools predict [--speaker NAME] [options] [MODEL] RECORDING...
		       sertools listen [--speaker NAME] [options] [MODEL]
		       sertools timeline [--format NAME] [options] [MODEL] RECORDING...
		sertools: run the recipes in the current folder

		  -j, --jobs N              run up to N steps side by side; in predict, threads
		  -k, --keep-going          after a failure, do what does not depend on it
		  -n, --dry-run             show the commands, run none
		  -s, --silent              do not show the commands
		      --speaker NAME        predict what a speaker says who was enrolled
		      --top N               of nnpredict, as are the following
		      --threshold X
		      --temperature X
		      --check-speech yes|no
		      --labels FILE
		      --columns LIST
		      --json
		  -o, --output FILE
		      --tsv                 the table on a terminal, too
		      --window S            of wavnorm, as are the following
		      --step S
		      --segments
		      --min-speech S
		      --min-pause S
		      --max-speech S
		      --channels WHAT
		      --raw FORMAT,RATE[,CHANNELS]
		      --manifest FILE
		      --key WHAT
		      --ignore-length
		      --skip-bad N          of all that predict runs, as are the following
		      --profile
		  -q, --quiet
		  -v, --verbose
		      --format NAME         of a timeline: tsv, json, vtt, srt, audacity, rttm, textgrid or elan
		      --smooth N            average N neighbouring pieces
		      --causal              do not wait for what comes later
		      --merge               join what is alike
		      --with PROGRAM        of listen, the recorder: arecord, parec, pw-record, rec, sox, ffmpeg
		      --device NAME         its microphone
		      --from FILE           a recording, or - for standard input, instead of it
		      --silence DB          show no label for what is less loud
		  -h, --help                show this help
		  -V, --version             show the version

		Recipes:
	END
	recipes | awk -F '\t' '{ printf "  %-14s %s\n", $1, $2 }'
	printf '\nMore in the manual: man sertools; an overview: man 7 sertools.\n'
}

# page NAME SECTION...: the file of its manual page in the first section that has one.
page() {
	name=$1
	shift
	for section; do
		for file in "$data/man" "$bin/../share/man/man$section" "$data/../man/man$section"; do
			file=$file/$name.$section
			for packed in '' .gz; do
				[ ! -e "$file$packed" ] || { echo "$file$packed" && return; }
			done
		done
	done
}

# show FILE: a manual page, by what is there to show it.
show() {
	for viewer in man mandoc nroff; do
		command -v $viewer >/dev/null || continue
		case $viewer in
		nroff) gzip -cdf <"$1" | nroff -mdoc ;;
		*) $viewer "$1" ;;
		esac
		return
	done
	fail 4 "man, mandoc or nroff is required to show $1"
}

# The recipe's part of the overview, whose headings are indented by three at most.
help_recipe() {
	recipes | awk -F '\t' -v name="$1" '$1 == name { printf "sertools %s %s\n\n", name, $2 }'
	case $1 in plan | one) set -- audio ;; esac # which tells of these, too
	show "$(page sertools 7)" | sed "s/.$(printf '\b')//g" |
		awk -v want="sertools $1" '/^ ? ? ?[^ ]/ { found = $1 " " $2 == want } found && seen++'
}

topics() {
	recipes | cut -f 1
	for topic in augment blend cmvn csvprep descriptors evalcmp evalconf functionals fuse melspec nnexport nnimport nnpredict nntrain tsrdiff tsrdump tsrnpy tsrpick \
		wavnorm net prep recipe rules search sertools-hosts sertools-models tsr; do echo "$topic"; done
}

help_on() {
	case $1 in *[!a-z0-9-]*) file= ;; enroll | predict | timeline | listen) file=$(page sertools 1) ;; *) file=$(page "$1" 1 5 7) ;; esac
	if [ -n "$(recipe_file "$1")" ]; then
		help_recipe "$1"
	elif [ -n "$file" ]; then
		show "$file"
	else
		fail 2 "no help on '$1': it is no recipe, program or format$(topics | near "$1") (sertools help)"
	fi
}

# NAME<tab>the first sentence of the comment that the file begins with.
describe() {
	awk '!/^#/ { exit }
		{ sub(/^# */, ""); text = text (NR == 1 ? "" : " ") $0 }
		text ~ /[.] |[.]$/ { exit }
		END { sub(/[.] .*|[.]$/, "", text); sub(/^[a-z0-9.-]*: */, "", text); print text }' "$1"
}

# path FILE: where a file of the recipes is, as plot/confusion.gp; their folder without.
path() {
	[ -e "$pipelines/${1-}" ] || fail 2 "there is no '$1' in $pipelines$(cd "$pipelines" && find . -type f | cut -c 3- | near "${1-}")"
	echo "$pipelines${1:+/$1}"
}

# list_files FOLDER ENDING: what is in the current folder, then the rest of the tree's.
list_files() {
	for file in ./*"$2" "$pipelines/$1"/*"$2"; do
		case $2 in
		.bin) text=$(tsrdump --field class "$file" 2>/dev/null | tr '\n' ' ') || continue ;;
		*) text=$([ ! -f "$file" ] || describe "$file") ;;
		esac
		[ -z "$text" ] || printf '%s\t%s\n' "$(basename "$file" "$2")" "$text"
	done | awk -F '\t' '!seen[$1]++'
}

list_corpora() {
	for file in "$pipelines"/datasets/*.awk; do
		awk -F '\t' -v name="$(basename "$file" .awk)" '$1 == name { print $1 "\t" $2 ", " $5; found = 1 }
			END { if (!found) print name "\trecordings of your own: see sertools(7)" }' "$pipelines/datasets/credits.tsv"
	done
}

list() {
	case $1 in
	nets) table=$(list_files nets .net) ;;
	recipes) table=$(list_files recipes .recipe) ;;
	rules) table=$(list_files rules .rules) ;;
	preps) table=$(list_files prep .prep) ;;
	functionals) table=$(list_files functionals .fun) ;;
	labels) table=$(cd "$pipelines/labels" && list_files labels .tsv) ;; # other tables end so, too
	searches) table=$(cd "$pipelines/search" && list_files search .tsv) ;;
	models) table=$(list_files models .bin) ;;
	corpora) table=$(list_corpora) ;;
	*) fail 2 "list '$1'? nets, recipes, corpora, models, preps, functionals, rules, labels and searches are known" ;;
	esac
	if [ -z "$table" ]; then
		echo "sertools: no $1 here and none in $pipelines" >&2
	else
		printf '%s\n' "$table" | awk -F '\t' '{ printf "%-16s %s\n", $1, $2 }'
	fi
}

# nearest NAME: of the recipes' variables, in words, or nothing.
nearest() {
	sed -n '/^VARIABLES := /,/[^\\]$/p' "$pipelines"/*.mk | tr -s ' \t' '\n' | near "$1"
}

# know NAME: ends unless some recipe has that variable, so that a mistyped one does
# not pass unseen.
know() {
	case $1 in
	'' | [0-9]* | *[!A-Za-z0-9_]*) fail 2 "'$1=...': a variable's name has letters, digits and _" ;;
	esac
	grep -Eqsw -e "$1" "$pipelines"/*.mk "$pipelines"/*.sh "$pipelines"/*.awk "$pipelines"/datasets/* ||
		fail 2 "no recipe has a variable $1$(nearest "$1") (sertools help $recipe)"
}

# find_model NAME: sets $model, the file of the model of that name, or, without one, of the only one there is.
find_model() {
	name=$1
	if [ -z "$name" ]; then
		models=$(list_files models .bin | cut -f 1)
		[ -n "$models" ] || fail 2 'MODEL=FILE is required: there is no model here, and none comes with the recipes'
		[ "$(printf '%s\n' "$models" | wc -l)" = 1 ] ||
			fail 2 "MODEL=NAME: which of $(printf '%s\n' "$models" | paste -s -d , - | sed 's/,/, /g')?"
		name=$models
	fi
	for model in "$name" "./$name.bin" "$pipelines/models/$name.bin"; do
		[ ! -f "$model" ] || return 0
	done
	fail 3 "$name: no such model, nor $name.bin here or in $pipelines/models (sertools list models)"
}

# is_model WORD: whether the first word is a model, not the first recording.
is_model() {
	case $1 in *.bin) return 0 ;; esac
	[ ! -e "$1" ] && { [ -f "./$1.bin" ] || [ -f "$pipelines/models/$1.bin" ]; }
}

# people: the speakers that are enrolled.
people() {
	for file in "$folder"/*.stats; do
		[ ! -f "$file" ] || basename "$file" .stats | sed 's/\.[^.]*-layers$//'
	done | sort -u
}

# open_model: of $model, a file or a name, sets $makers, the programs behind wavnorm that make its features, without
# cmvn; $cmvn, whether that follows; the same of its second input, $row_makers and $row_cmvn, and that one's name,
# $beside; $waves, "shared" where one wavnorm is enough for both; and of $speaker the files, and $layer, whether
# the net has a speakernorm. Without a model it is $default of the recipes, or the only one that there is.
open_model() {
	case $speaker in
	.* | */* | *[[:cntrl:]]*) fail 2 "'$speaker': a speaker's name may not begin with a dot or have / or a control character in it" ;;
	esac
	layer='' cmvn='' beside='' waves='' row_makers='' row_cmvn='' tab='	'
	default=ravdess${speaker:+-speaker}
	[ -n "$model" ] || [ ! -f "$pipelines/models/$default.bin" ] || model=$pipelines/models/$default.bin
	find_model "$model"
	inputs=$(tsrdump --inputs "$model" 2>&1) || {
		inputs=${inputs#"tsrdump: "}
		fail 3 "$model: is no model: ${inputs#"$model: "}"
	}
	{
		read -r _
		IFS=$tab read -r _ _ layer makers
		IFS=$tab read -r beside waves _ row_makers || :
	} <<-END
		$inputs
	END
	case -$makers-$row_makers- in *---*) fail 3 "$model: its features are not made of sound by programs that are known here" ;; esac
	case $makers in *' cmvn') cmvn=cmvn ;; esac
	case $row_makers in *' cmvn') row_cmvn=cmvn ;; esac
	makers=${makers#wavnorm } makers=${makers% cmvn} row_makers=${row_makers#wavnorm } row_makers=${row_makers% cmvn}
	layer=${layer#no}
	[ -n "$speaker" ] || return 0
	name=${model##*/}
	stats=$folder/$speaker.stats layers=$folder/$speaker.${name%.bin}-layers.stats
}

# The chain: text for eval, with "$model", "$beside", "$speaker" and so on in it, and the recordings "$@". All that
# answers to sound is made of it, live or not: open_model; sources; ask anyone " $options"; eval "$ask".

# filters INPUT PROGRAM...: sets $filters, these programs in a pipe, of the first input or the one that INPUT, an option,
# names.
filters() {
	like=" --like \"\$model\"$1$every" filters=''
	shift
	for program; do filters="$filters${filters:+ | }$program$like"; done
}

# A model knows a speaker by the statistics of features, $stats, of what a layer sees, $layers, or both.
# standardise anyone|known: adds cmvn to $filters, for features of one of whom nothing is known, or of the speaker.
standardise() {
	filters="$filters${filters:+ | }cmvn -q$like"
	[ "$1" = anyone ] || filters="$filters --apply \"\$stats\" --group \"\$speaker\""
}

# copy: passes standard input on, and to the second input's programs, through $fifo. Where those fail, it goes on, so
# that one message is printed.
copy() {
	trap '' PIPE
	[ -d /dev/fd ] || exec tee "$fifo" 2>/dev/null
	exec 5>"$fifo" # once the other end is open, too
	rm -f -- "$fifo" >/dev/null &
	exec tee /dev/fd/5 2>/dev/null
}

# new_pipe NAME: a FIFO for this user alone. Where /proc is not mounted, mkfifo makes one and cannot set its mode.
new_pipe() { mkfifo -m 600 -- "$1" 2>/dev/null || { rm -f -- "$1" 2>/dev/null && (umask 077 && mkfifo -- "$1"); }; }
# sources: sets $source and $row_source, what the programs behind wavnorm read, for both inputs, and makes $fifo.
sources() {
	source="$wavnorm -- \"\$@\" | " row_source=''
	case $waves in
	own) # the first wavnorm has said what is wrong
		case " $* " in *' - '*) fail 3 "-: $model requires other waves for each of its inputs, and reads them from files" ;; esac
		row_source="$wavnorm --beside \"\$beside\" -- \"\$@\" 2>/dev/null | "
		;;
	shared)
		{ : <&0; } 2>/dev/null || exec </dev/null # it may be closed
		fifo=${TMPDIR:-/tmp}/sertools.$$
		trap 'rm -f -- "$fifo"; exit 4' HUP INT TERM
		new_pipe "$fifo" 2>/dev/null || { fifo=$(mktemp -u) && new_pipe "$fifo"; } || exit 4
		source="${source}copy | " row_source="<\"\$fifo\" "
		;;
	esac
}

# both COMMAND...: in place of this shell, so that nobody else reads and all before it ends with it: the first
# input is in $first, and standard input becomes descriptor 3.
both() {
	exec 3<&0 <"$first"
	rm -f -- "$first" >/dev/null 3<&- &
	exec "$@"
}

# ask anyone|known OPTIONS: sets $ask, the command that predicts with these options of nnpredict.
ask() {
	# shellcheck disable=SC2086 # words
	filters '' $makers
	[ -z "$cmvn" ] || standardise "$1"
	[ -n "$beside" ] || { ask="$source$filters${filters:+ | }nnpredict$every$2 \"\$model\"" && return; }
	first=${fifo:-${TMPDIR:-/tmp}/sertools.$$}.first
	trap 'rm -f -- "$fifo" "$first"; exit 4' HUP INT TERM
	ask="new_pipe \"\$first\" || exit 4; $source${filters:-cat} >\"\$first\""
	# shellcheck disable=SC2086
	filters " --beside \"\$beside\"" $row_makers
	[ -z "$row_cmvn" ] || standardise "$1"
	if [ -d /dev/fd ]; then
		ask="$ask | { $row_source${filters:-cat} | both nnpredict$every$2 --beside \"\$beside=/dev/fd/3\" \"\$model\"; }"
	else # as in a chroot without /proc: by their names, which stay until the end
		ask="$ask | { $row_source${filters:-cat} | nnpredict$every$2 --beside \"\$beside=-\" \"\$model\" \"\$first\"; } && rc=0 || rc=\$?
			rm -f -- \"\$fifo\" \"\$first\"
			(exit \$rc)"
	fi
}

# enroll RECORDING...: writes the speaker's statistics, and warns of one-sided recordings.
enroll() {
	[ -n "$cmvn$row_cmvn$layer" ] || fail 3 "$model: was trained neither on features of cmvn nor with speakernorm, so that enrolling changes nothing; such a model is made by cmvn --fit FILE ... | nntrain --stats FILE"
	mkdir -p -- "$folder" || exit 4
	work=$(mktemp -d) || exit 4
	trap 'rm -rf "$work"' EXIT
	trap 'exit 4' HUP INT TERM
	eval "$wavnorm -- \"\$@\"" >"$work/waves.tsr"
	# shellcheck disable=SC2086 # words
	filters '' $makers
	eval "<\"\$work/waves.tsr\" $filters" >"$work/features.tsr"
	[ "$waves" != own ] || eval "$wavnorm --beside \"\$beside\" -- \"\$@\"" >"$work/waves.tsr" 2>/dev/null
	# shellcheck disable=SC2086
	filters " --beside \"\$beside\"" $row_makers
	[ -z "$beside" ] || eval "<\"\$work/waves.tsr\" $filters" >"$work/rows.tsr"
	makers='' source="<\"\$work/features.tsr\" " row_makers='' row_source="<\"\$work/rows.tsr\" "
	[ -z "$cmvn" ] || cmvn -q --like "$model" --fit "$stats" --group "$speaker" -o /dev/null "$work/features.tsr"
	[ -z "$row_cmvn" ] ||
		cmvn -q --like "$model" --beside "$beside" --fit "$stats" --group "$speaker" -o /dev/null "$work/rows.tsr"
	if [ -n "$layer" ]; then
		ask known " -q --collect \"\$layers\" --group \"\$speaker\" -o /dev/null"
		eval "$ask"
	fi
	ask anyone " -q -o \"\$work/predictions.tsv\""
	eval "$ask"
	awk -f "$pipelines/mixed.awk" "$work/predictions.tsv" | {
		IFS='	' read -r _ known _ _ verdict
		echo "sertools: $speaker is known by $known recording$([ "$known" = 1 ] || echo s): $folder" >&2
		case $verdict in
		few) echo "sertools: warning: $known of them tell little, nor whether they are mixed: 20 are better" >&2 ;;
		skewed) echo "sertools: warning: these recordings sound much alike, as if of one emotion, which $speaker will then not be heard to show: add others, as mixed as those to come" >&2 ;;
		esac
	}
}

# recall: sets $how, known|anyone, and adds to $options what nnpredict is told of the speaker.
recall() {
	how=anyone
	[ -n "$speaker" ] || return 0
	[ -n "$cmvn$row_cmvn$layer" ] || fail 3 "$model: was trained neither on features of cmvn nor with speakernorm: it knows no speakers"
	for file in ${cmvn:+"$stats"} ${row_cmvn:+"$stats"} ${layer:+"$layers"}; do
		[ -f "$file" ] || fail 3 "no speaker is known as '$speaker'$(people | near "$speaker") (sertools enroll NAME RECORDING...)"
	done
	how=known options="$options"${layer:+" --speakers \"\$layers\" --group \"\$speaker\""}
}

# predict RECORDING...: nnpredict's table, or on a terminal lines for people.
predict() {
	recall
	sources "$@"
	if [ -n "$table" ] || [ ! -t 1 ]; then
		ask $how "$options"
		eval "$ask"
		return
	fi
	ask $how " --top 3$options"
	show_predictions "$@"
}

# find_at_once: sets $at_once to the options with which awk takes lines as they come. mawk would wait for much
# input before it begins.
find_at_once() {
	at_once=''
	case $(awk -W version 2>&1 </dev/null) in mawk*) at_once='-W interactive' ;; esac
}

# show_predictions RECORDING...: what $ask prints, by predictions.awk.
show_predictions() {
	find_at_once
	# shellcheck disable=SC2086 # two words
	{ (eval "$ask") || printf '\030%s\n' $?; } | awk $at_once -f "$pipelines/predictions.awk"
}

# timeline RECORDING...: through timeline.awk.
# shellcheck source=/dev/null
timeline() { . "$pipelines/timeline.sh"; }

# keep LIST WORD: adds a word to the options in $LIST.
keep() {
	n=$((n + 1))
	eval "option$n=\$2; $1=\"\$$1 \\\"\\\$option$n\\\"\""
}

# take WORD [VALUE]: an option or variable of enroll, predict and timeline; sets $taken, the number of words that it was.
take() {
	taken=1
	case $1 in
	-o | --output) set -- --output ${2+"$2"} ;;
	-o*) set -- "--output=${1#-o}" ;;
	-j | --jobs) set -- --threads ${2+"$2"} ;;
	-j* | --jobs=*) value=${1#-j} && set -- "--threads=${value#*=}" ;;
	esac
	case $1 in
	--speaker | --top | --temperature | --threshold | --check-speech | --labels | --columns | --output | --threads | --skip-bad | \
		--window | --step | --min-speech | --min-pause | --max-speech | --channels | --raw | --key | --manifest | --format | --smooth)
		[ $# -gt 1 ] || case $1 in
		--speaker) fail 2 "--speaker: a name is required (sertools help $command)" ;;
		*) fail 2 "$1: a value is required (sertools help $command)" ;;
		esac
		taken=2
		set -- "$1=$2"
		;;
	esac
	case $1 in
	--speaker=*) speaker=${1#*=} named=$1 ;;
	--top=* | --temperature=* | --threshold=* | --check-speech=* | --labels=* | --columns=* | --output=* | --json) keep options "$1" ;;
	--window=* | --step=* | --segments | --min-speech=* | --min-pause=* | --max-speech=* | --channels=* | --raw=* | --key=* | --manifest=* | --ignore-length) keep wave_options "$1" ;;
	--threads=* | --skip-bad=* | --profile | -q | --quiet | -v | --verbose) keep every "$1" ;;
	--tsv) table=yes ;;
	--format=* | --smooth=*) keep shown "${1#--}" ;;
	--causal | --merge) keep shown "${1#--}=1" ;;
	-h | --help) show "$(page sertools 1)" && exit ;;
	MODEL=*) model=${1#*=} ;;
	SPEAKERS=*) folder=${1#*=} ;;
	*)
		[ ! -e "$1" ] || fail 2 "'$1' begins as an option does: ./$1 is the file"
		fail 2 "unknown option '$1'$(help | sed -n 's/^ *\(-.,\)* *\(--[a-z-]*\).*/\2/p' | near "$1") (sertools help $command)"
		;;
	esac
	case $1 in
	--manifest=*) manifest=yes ;;
	--json | --output=* | --columns=* | --top=0) table=yes ;; # on a terminal, too
	esac
}

# voice enroll|predict|timeline WORD...: what was typed.
voice() {
	command=$1 fifo='' speaker='' named='' model='' options='' wave_options='' shown='' every='' manifest='' table='' n=0 last='' operands='' i=1 word='' next=''
	folder=${XDG_DATA_HOME:-${HOME-}/.local/share}/sertools/speakers
	shift
	while [ "$i" -le $# ]; do
		eval "word=\${$i} next=\${$((i + 1))-}"
		case $last$word in
		--) last=last ;;
		-?* | MODEL=* | SPEAKERS=*)
			if [ "$i" -lt $# ]; then take "$word" "$next"; else take "$word"; fi
			i=$((i + taken - 1))
			;;
		*) operands="$operands \"\${$i}\"" ;;
		esac
		i=$((i + 1))
	done
	eval "set -- $operands"
	if [ "$command" = enroll ]; then
		[ -z "$named$options" ] || fail 2 "enroll NAME RECORDING...: ${options:+no such option is for it; }--speaker is for predict"
		[ $# -gt 0 ] || fail 2 "enroll: the speaker's name is required (sertools help enroll)"
		speaker=$1
		shift
	fi
	[ "$command" = timeline ] || [ -z "$shown" ] || fail 2 "$command: --format, --smooth, --causal, --merge are for timeline (sertools help timeline)"
	if [ "$command" != enroll ] && [ -z "$model" ] && is_model "${1-}"; then
		model=$1
		shift
	elif [ "$command" != enroll ] && [ $# -gt 0 ] && [ "$1" != - ] && [ ! -e "$1" ]; then
		case $1 in *[./]*) ;; *) fail 3 "'$1': no such recording or model$(list_files models .bin | cut -f 1 | near "$1") (sertools list models)" ;; esac
	fi
	[ $# -gt 0 ] || [ -n "$manifest" ] || fail 2 "$command: recordings are required (sertools help $command)"
	open_model
	# For messages that say what to type.
	case $command in enroll) SERTOOLS_READER='sertools enroll NAME -' ;; *) SERTOOLS_READER="sertools $command -" ;; esac
	export SERTOOLS_READER
	wavnorm="wavnorm --like \"\$model\" --folders --key auto$every$wave_options"
	"$command" "$@"
}

case ${1-} in
enroll | predict | timeline)
	voice "$@"
	exit
	;;
--completion) # sourced: it asks the functions above
	shift
	# shellcheck source=/dev/null
	. "$pipelines/completion.sh"
	exit
	;;
listen)
	shift
	# shellcheck source=/dev/null
	. "$pipelines/listen.sh"
	listen "$@"
	exit
	;;
list | path)
	text=$("$1" "${2-}") || exit
	[ -z "$text" ] || printf '%s\n' "$text" 2>/dev/null || fail 4 'standard output cannot be written'
	exit
	;;
help) [ $# = 1 ] || { help_on "$2" && exit; } ;;
esac
case ${1-} in
'' | -h | --help | help)
	help 2>/dev/null || fail 4 'standard output cannot be written'
	exit
	;;
-V | --version)
	echo "sertools (sertools) $version"
	exit
	;;
esac

# What make is given: each word goes from the front of "$@" to its end.
recipe='' jobs=''
for word; do
	shift
	case $jobs$word in
	-j | --jobs)
		jobs=-j
		continue
		;;
	--jobs=*) word=-j${word#*=} ;;
	--keep-going) word=-k ;;
	--dry-run) word=-n ;;
	--silent) word=-s ;;
	-j*) word=$jobs$word jobs='' ;;
	esac
	case $word in
	-j | -j0* | -j*[!0-9]*) fail 2 "'$word': how many steps side by side?" ;;
	-j* | -k | -n | -s) ;;
	-h | --help) help_on "$recipe" && exit ;;
	-*) fail 2 "unknown option '$word'$(printf '%s\n' --jobs --keep-going --dry-run --silent --help --version |
		near "$word") (sertools --help)" ;;
	*=*)
		know "${word%%=*}"
		case $word in *\$*) word=$(printf '%s\n' "$word" | sed 's/\$/$$/g') ;; esac # make would expand it
		;;
	*)
		file=$(recipe_file "$word")
		[ -n "$recipe$file" ] || fail 2 "no recipe is named '$word'$({
			recipes | cut -f 1
			printf 'enroll\nhelp\nlist\nlisten\npath\npredict\ntimeline\n'
		} | near "$word") (sertools --help lists them)"
		[ -n "$file" ] || fail 2 "'$word' is no VARIABLE=VALUE, as CORPUS=ravdess is (sertools help $recipe)"
		recipe=$word
		;;
	esac
	set -- "$@" "$word"
done
[ -z "$jobs" ] || fail 2 '-j: how many steps side by side?'
[ -n "$recipe" ] || fail 2 'a recipe is required (sertools --help lists them)'
make=$(command -v gmake || command -v make) || fail 4 'GNU make is required'
exec "$make" --no-print-directory -f "$file" "$@"
