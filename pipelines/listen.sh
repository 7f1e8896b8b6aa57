# shellcheck shell=sh disable=SC2034,SC2154
# listen.sh: sertools listen, of which sertools.sh has the rest: sound from a recorder, or
# of --from, through the programs that make the model's features of it.

# has_socket FOLDER NAME: whether a sound server listens there; without FOLDER, where such are.
has_socket() { [ -S "${1:-${XDG_RUNTIME_DIR:-/nowhere}}/$2" ]; }

# servers: the recorders whose sound server runs.
servers() {
	if [ -n "${PULSE_SERVER-}" ] || has_socket "${PULSE_RUNTIME_PATH-}" native || has_socket '' pulse/native; then echo parec; fi
	! has_socket "${PIPEWIRE_RUNTIME_DIR-}" "${PIPEWIRE_REMOTE:-pipewire-0}" || echo pw-record
}

# choose_recorder: sets $recorder where none was named. A sound server keeps the microphone
# to itself, so that its own recorder comes first; without one, that of ALSA.
choose_recorder() {
	recorders='arecord parec pw-record rec sox ffmpeg'
	running=$(servers)
	case " $recorders " in
	*" ${recorder:-arecord} "*) ;;
	*) fail 2 "--with '$recorder': arecord, parec, pw-record, rec, sox and ffmpeg are known$(printf '%s\n' "$recorders" |
		tr ' ' '\n' | near "$recorder"); any other can be piped: $recorder ... | sertools listen --raw s16le,$rate,1" ;;
	esac
	if [ -n "$recorder" ]; then
		command -v "$recorder" >/dev/null || fail 4 "$recorder is not installed"
		return
	fi
	for recorder in $running $recorders; do
		! command -v "$recorder" >/dev/null || return 0
	done
	fail 4 "no program that records is installed: arecord (alsa-utils), parec (pulseaudio-utils), pw-record (pipewire-bin), sox or ffmpeg; any other can be piped: ... | sertools listen --raw s16le,$rate,1"
}

# record: becomes the recorder, which writes samples of s16le and one channel, without a
# header, and often: by default sox and PulseAudio do so every two seconds.
record() {
	case $recorder in
	parec) set -- --raw --format=s16le --rate="$rate" --channels=1 --latency-msec=50 ${device:+--device="$device"} ;;
	pw-record)
		set -- --rate "$rate" --channels 1 --format s16 ${device:+--target "$device"} -
		! pw-record --help 2>&1 | grep -q -e --raw || set -- --raw "$@" # without which newer ones write a header
		;;
	arecord) set -- -q -t raw -f S16_LE -r "$rate" -c 1 ${device:+-D "$device"} ;;
	rec | sox)
		[ -z "$device" ] || export AUDIODEV="$device"
		set -- -t raw -e signed -b 16 -L -r "$rate" -c 1 -
		[ "$recorder" = rec ] || set -- -d "$@"
		set -- -q --buffer 1024 "$@"
		;;
	ffmpeg)
		set -- -ac 1 -ar "$rate" -f s16le -flush_packets 1 -
		case $(uname -s):$running in
		Darwin:*) set -- -f avfoundation -i ":${device:-default}" "$@" ;;
		*:*parec*) set -- -f pulse -fragment_size 3200 -i "${device:-default}" "$@" ;;
		*) set -- -f alsa -i "${device:-default}" "$@" ;;
		esac
		set -- -nostdin -loglevel error "$@"
		;;
	esac
	export PULSE_LATENCY_MSEC="${PULSE_LATENCY_MSEC:-50}" # for sox and arecord, too, by way of PulseAudio
	exec "$recorder" "$@"
}

# sound: what is heard, to standard output; of whom that is, $work keeps process and status.
sound() {
	case $from in
	'') record ;;
	-) exec cat <&3 ;;
	*) exec cat <"$from" ;;
	esac 2>"$work/said" &
	echo $! >"$work/process"
	rc=0
	{ wait $! || rc=$?; } 2>/dev/null # some shells say what a signal has ended
	echo $rc >"$work/sound"
}

# silence SIGNAL: ends what writes the sound; the programs then come to their end by themselves.
silence() {
	[ -s "$work/process" ] || sleep 1
	kill -"$1" "$(cat "$work/process" 2>/dev/null)" 2>/dev/null || :
}

# hear: sound on standard input to nnpredict's output.
hear() {
	rc=0
	eval "$ask" || rc=$?
	echo $rc >"$work/status"
	[ $rc = 0 ] || silence KILL # it may never write again, and so never learn
}

# show_live: the table as it comes, on the terminal.
show_live() {
	find_at_once
	case ${LC_ALL:-${LC_CTYPE:-${LANG-}}} in *[Uu][Tt][Ff]8 | *[Uu][Tt][Ff]-8) set -- "$@" -v utf8=1 ;; esac
	[ -n "${NO_COLOR-}" ] || set -- "$@" -v colour=1
	# shellcheck disable=SC2086 # two words
	HINT=$hint WAIT="listening${window:+: the first label comes after $window seconds}" LEVEL=$level LC_ALL=C \
		awk $at_once "$@" -v plain="$plain" -v top="$top" -v smooth="$smooth" -v silence="$quiet" -f "$pipelines/visible.awk" -f "$pipelines/listen.awk"
}

# What is typed would be drawn into; the terminal gets its modes and its cursor back.
seize() {
	modes=$(stty -g </dev/tty 2>/dev/null) && stty -echo </dev/tty || modes=''
}
release() {
	[ -z "$modes" ] || { stty "$modes" </dev/tty && printf '\033[?25h'; } 2>/dev/null || :
}

# pause: Ctrl-Z, and what follows fg.
pause() {
	release
	trap - TSTP
	kill -TSTP $$
	trap pause TSTP
	seize
	[ -z "$modes" ] || printf '\033[?25l'
}

# leave: nothing stays behind.
leave() {
	release
	rm -rf "$work" ${fifo:+"$fifo"}
}

# stop SIGNAL: the first ends the sound, so that what was said is still predicted; a second does not wait.
stop() {
	if [ -z "$stopped" ]; then silence TERM; else silence KILL; fi
	stopped=$1
}

# run: from the sound to the last prediction. What the programs say is kept until then,
# as it would be lost in what is drawn.
run() {
	if [ -z "$lines" ]; then
		case ${TERM:-dumb} in
		dumb) plain=1 ;;
		*) seize && trap pause TSTP ;;
		esac
		sound | hear - 2>"$work/told" | show_live &
	else
		sound | hear - 2>"$work/told" &
	fi
	until wait; do :; done # a signal ends it early
}

# give_up: where it ended by itself, and not well, says why.
give_up() {
	read -r rc <"$work/sound" || rc=0
	read -r status <"$work/status" || status=4
	case $rc in
	0 | 137 | 141) ;; # it ended, or the programs behind it did
	*)
		text=$(sed -n '/[^[:space:]]/h; ${ g; s/^'"${recorder:-cat}"': *//; p; }' "$work/said")
		fail 4 "${recorder:-$from}: ${text:-ended with status $rc}$(advice)"
		;;
	esac
	[ ! -s "$work/told" ] || cat "$work/told" >&2
	exit "$status"
}

# advice: how the recorder's devices are found.
advice() {
	case $recorder in
	arecord) echo '; arecord -L lists devices for --device' ;;
	parec) echo '; pactl list short sources lists devices for --device' ;;
	pw-record) echo '; wpctl status lists devices for --device' ;;
	rec | sox | ffmpeg) echo "; --device names a microphone, --with another recorder" ;;
	esac
}

# open_source: what is heard: a recorder, a file or a pipe; and how that is called.
open_source() {
	[ -z "$raw" ] || from=${from:--}
	if [ -z "$from" ]; then
		choose_recorder
		raw=s16le,$rate,1 heard=$recorder
		return
	fi
	heard=$from
	[ -z "$device" ] || fail 2 '--device is for a microphone; --from, --raw and - hear something else'
	case $from in
	-)
		heard='standard input'
		[ ! -t 0 ] || fail 2 'standard input is a terminal; sound is required: PROGRAM | sertools listen -'
		;;
	*) if [ ! -r "$from" ] || [ -d "$from" ]; then fail 3 "$from: cannot be read"; fi ;;
	esac
}

# plan: sets $ask, the commands, for windows of the sound on standard input.
plan() {
	wavnorm="wavnorm --like \"\$model\"$every${raw:+ --raw \"\$raw\"}$wave_options"
	case $pieces in
	yes) wavnorm="$wavnorm --segments" ;;
	*) wavnorm="$wavnorm${window:+ --window \"\$window\"} --step \"\$step\"" ;;
	esac
	if [ "$waves" = own ]; then # of each input, so that each has the sound
		fifo=$work/fifo
		mkfifo "$fifo" || exit 4
		source="tee \"\$fifo\" | $wavnorm - | "
		row_source="<\"\$fifo\" $wavnorm --beside \"\$beside\" - 2>/dev/null | "
	else
		sources -
	fi
	if [ -n "$lines" ]; then
		[ "$top" = 0 ] || keep options "--top=$top"
	elif [ "$level" != none ]; then
		keep options --columns=gain
	fi
	ask "$how" "$options"
}

# start: of a model and a source, all that is required to hear it.
start() {
	open_model
	export SERTOOLS_READER='sertools listen -' # for messages that say what to type
	about=$(tsrdump --head "$model")
	setting() { printf '%s\n' "$about" | sed -n "s/^feature[.]$1=//p"; }
	rate=$(setting rate) level=$(setting level)
	[ "$(setting samples)" != all ] || window=${window:-3} # else it is the model's
	recall
	open_source
	hint=${model##*/}
	hint="${hint%.bin}, $heard$([ "$smooth" = 1 ] || echo ", means of $smooth windows"); Ctrl-C ends"
	work=$(mktemp -d) || exit 4
	trap leave EXIT
	plan
	for signal in INT TERM HUP; do
		# shellcheck disable=SC2064
		trap "stop $signal" $signal
	done
	exec 3<&0
	run </dev/null
	case $stopped in
	'') give_up ;;
	TERM) exit 143 ;;
	HUP) exit 129 ;;
	esac
	[ "$(cat "$work/status")" != 0 ] || cat "$work/told" >&2
}

# set_option OPTION VALUE: one of those that predict has not, or that mean something else for it.
set_option() {
	case $1 in
	--window) window=$2 ;;
	--step) step=$2 ;;
	--with) recorder=$2 ;;
	--device) device=$2 ;;
	--from) from=$2 ;;
	--raw) raw=$2 ;;
	--silence)
		case $2 in '' | *[!0-9.-]* | ?*-* | *.*.*) fail 2 "--silence: '$2' is no number of dB, as -50 (sertools help listen)" ;; esac
		quiet=$2
		;;
	*)
		case $2 in '' | 0* | *[!0-9]*) fail 2 "$1: '$2' is no number from 1 on (sertools help listen)" ;; esac
		if [ "$1" = --top ]; then top=$2; else smooth=$2; fi
		;;
	esac
}

# listen WORD...: what was typed.
listen() {
	command=listen speaker='' named='' model='' options='' wave_options='' shown='' every='' manifest='' table='' n=0 fifo=''
	recorder=${RECORDER-} device='' from='' raw='' window='' step=1 lines=1 top=0 smooth=1 quiet=-50
	modes='' plain='' stopped='' pieces=''
	folder=${XDG_DATA_HOME:-${HOME-}/.local/share}/sertools/speakers
	[ ! -t 1 ] || lines=''
	while [ $# -gt 0 ]; do
		case $1 in
		--window | --step | --with | --device | --from | --raw | --silence | --top | --smooth)
			[ $# -gt 1 ] || fail 2 "$1: a value is required (sertools help listen)"
			set_option "$1" "$2"
			shift
			;;
		--window=* | --step=* | --with=* | --device=* | --from=* | --raw=* | --silence=* | --top=* | --smooth=*)
			set_option "${1%%=*}" "${1#*=}"
			;;
		--tsv) lines=1 ;;
		--segments) pieces=yes ;;
		-) from=- ;;
		-o* | --output* | --manifest* | --key* | --format* | --causal | --merge) fail 2 "$1: is not for listen, which predicts one sound as it comes" ;;
		RECORDER=*) recorder=${1#*=} ;;
		-* | MODEL=* | SPEAKERS=*)
			[ "$1" != --json ] || lines=1
			take "$@"
			shift $((taken - 1))
			;;
		*)
			[ -z "$model" ] || fail 2 "'$1': one model is heard with; --from FILE hears a recording (sertools help listen)"
			is_model "$1" || [ ! -f "$1" ] || fail 2 "'$1' is no model; --from $1 hears a recording"
			model=$1
			;;
		esac
		shift
	done
	start
}
