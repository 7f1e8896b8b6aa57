#!/bin/bash
# stream: memory does not grow with a recording, and a window leaves as soon as its last sample has come.
. "${0%/*}/lib.sh"
. "$root/tests/streams.sh"
audio() {
	"$BUILD/unit/mkaudio" "$@"
}

# More memory, in KB, than with 10 s: that of ten minutes.
if is_instrumented; then
	skip 'valgrind and ASan have memory of their own'
else
	audio short.wav wav 22050 1 220500
	audio long.wav wav 22050 1 13230000
	audio short.flac flac 44100 2 441000
	audio long.flac flac 44100 2 26460000
	peak() { # FILE COMMAND...: with FILE as standard input, a pipe
		cat "$1" | "$BUILD/unit/peak" kb "${@:2}" >/dev/null 2>err && cat kb
	}
	flat() { # COMMAND...: of ten seconds and ten minutes
		local short long
		short=$(peak "short.$type" "$@") && long=$(peak "long.$type" "$@")
		[ -n "$long" ] && [ $((long - short)) -le 4096 ]
		ok $? "$* <$type: $short KB, $long KB"
	}
	all=('' '--rate 16000' '--window 1' '--window 1 --step 0.25' '--window 3 --step 60' '--at centre' '--trim 30'
		'--trim 30 --window 1' '--peak -3 --rate 8000'
		'--segments --channels apart')
	for type in wav flac; do
		[ $type = wav ] || all=('' '--window 1' '--trim 30' '--channels apart --trim 30')
		for options in "${all[@]}"; do
			# shellcheck disable=SC2086
			flat wavnorm -j 1 $options
		done
		"$BUILD/unit/peak" kb wavnorm -j 4 --window 1 short.$type >/dev/null && short=$(cat kb)
		for i in 1 2 3 4 5 6 7 8; do ln -f long.$type long$i.$type; done
		"$BUILD/unit/peak" kb wavnorm -j 4 --window 1 long?.$type >/dev/null && long=$(cat kb)
		[ $((long - short)) -le 40960 ]
		ok $? "eight files of ten minutes, four threads: $short KB, $long KB"
	done
	type=wav.tsr
	wavnorm --window 1 short.wav >short.$type
	wavnorm --window 1 long.wav >long.$type
	flat melspec -j 1
	flat augment -j 1
	flat tsrpick --label x
	flat tsrdump --tsv
fi

# A recorder that has given 0.3 s more than a window, and waits: the window is there.
mkfifo pipe
le32() {
	printf '%b' "$(printf '\\x%02x' $(($1 & 255)) $(($1 >> 8 & 255)) $(($1 >> 16 & 255)) $(($1 >> 24 & 255)))"
}
# live NAME FILE BYTES LINES COMMAND: the file's first bytes come by a pipe that stays open, and
# make the command print that many lines; then all of it.
live() {
	: >lines
	bash -c "$5" <pipe >lines 2>err &
	exec 3>pipe
	head -c "$3" "$2" >&3
	for ((i = 0; i < 100; i++)); do
		[ "$(wc -l <lines)" -lt "$4" ] || break
		sleep 0.1
	done
	[ "$(wc -l <lines)" -ge "$4" ]
	ok $? "$1"
	tail -c +$(($3 + 1)) "$2" >&3
	exec 3>&-
	wait
	bash -c "$5" <"$2" 2>err | cmp - lines >err 2>&1
	ok $? "and the rest is that of the file"
}
for rate in 8000 16000 44100; do
	audio l.wav wav $rate 1 $((4 * rate))
	{ # as a recorder writes it, which does not know when it will end
		head -c 40 l.wav
		le32 2147483648
		tail -c +45 l.wav
	} >open.wav
	for window in 1 0.5; do
		for seconds in 1 2; do
			n=$(awk -v w=$window -v s=$seconds 'BEGIN { print 1 + s / w }') # with the table's head
			for j in 1 3; do
				live "$window s at $rate Hz, -j $j: window $((n - 1)) leaves within 0.3 s" open.wav \
					$((44 + 2 * rate * seconds + 3 * rate / 5)) "$n" "wavnorm -j $j --window $window | tsrdump --tsv"
			done
		done
	done
done
live "windows that overlap" open.wav $((44 + 2 * 44100 + 26460)) 7 'wavnorm --window 0.5 --step 0.1 | tsrdump --tsv'
live "a long row of filters" open.wav $((44 + 2 * 44100 + 26460)) 2 \
	'wavnorm --window 1 | augment --variants noise | tsrpick --match "key=*@*" | melspec | tsrdump --tsv'
finish
