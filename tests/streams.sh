# tests/streams.sh: what every tool that reads tensor streams must pass;
# sourced after lib.sh by the scripts of such tools.
# shellcheck shell=bash

# maketsr FILE: a stream to order, from standard input (see unit/maketsr.c).
maketsr() {
	"$BUILD/unit/maketsr" "$@"
}

# number FILE OFFSET BYTES: a little-endian number.
number() {
	od -An -v -tu"$3" -j "$2" -N "$3" "$1" | tr -d ' '
}

# boundaries FILE: the offsets where a field of a chunk begins, by tsr(5).
boundaries() {
	local at=0 size rank meta payload data
	size=$(stat -c %s "$1")
	while [ "$at" -lt "$size" ]; do
		rank=$(number "$1" $((at + 7)) 1)
		meta=$(number "$1" $((at + 8)) 4)
		payload=$(number "$1" $((at + 16)) 8)
		for field in 0 1 4 5 6 7 8 12 16 24 32 40; do
			echo $((at + field))
		done
		data=$((40 + 8 * rank + meta))
		echo $((at + 40 + 8 * rank)) $((at + data)) | tr ' ' '\n'
		data=$(((data + 63) / 64 * 64))
		echo $((at + data)) $((at + data + payload)) | tr ' ' '\n'
		at=$((at + data + (payload + 63) / 64 * 64))
	done | sort -nu | sed '/^0$/d'
}

# flip FILE OFFSET BIT NEW: a copy with that bit flipped.
flip() {
	cp "$1" "$4"
	chmod u+w "$4"
	# shellcheck disable=SC2059
	printf "\\x$(printf %02x $(($(number "$1" "$2" 1) ^ 1 << $3)))" |
		dd of="$4" bs=1 seek="$2" conv=notrunc status=none
}

# refused COMMAND...: status 3 and one line, and nothing that passes for a stream.
refused() {
	local got=0
	"$@" >out 2>err || got=$?
	[ $got = 3 ] && [ "$(wc -l <err)" = 1 ] && ! tsrdump --check out 2>/dev/null
}

# every N: under valgrind, only each Nth of standard input's lines.
every() {
	if [ -n "${SER_VALGRIND-}" ]; then
		awk -v n="$1" 'NR % n == 1'
	else
		cat
	fi
}

# reads_streams GOOD COMMAND...: COMMAND reads the stream GOOD, named last or
# on standard input.
reads_streams() {
	local good=$1 at bad='' n size
	shift
	size=$(stat -c %s "$good")
	run 0 "reads a file" "$@" "$good"
	# Messages and tables may name the input; binary output may not.
	sed "s|^$good:|INPUT:|" out >file.out
	"$@" - <"$good" 2>err | sed 's|^standard input:|INPUT:|' >out
	same out file.out "- is standard input"
	# shellcheck disable=SC2002
	cat "$good" | "$@" 2>err | sed 's|^standard input:|INPUT:|' >out
	same out file.out "no operand is standard input, a pipe too"
	cat "$good" "$good" >twice.tsr
	run 0 "reads two segments" "$@" twice.tsr
	run 0 "reads two files" "$@" "$good" "$good"
	: >empty.tsr
	fails 3 'empty input' "refuses an empty file" "$@" empty.tsr
	fails 3 'empty input' "refuses an empty pipe" "$@" < <(:)
	fails 3 'nowhere' "refuses a path that is not there" "$@" nowhere.tsr
	fails 3 'directory' "refuses a directory" "$@" .
	fails 3 'not a tsr stream' "refuses another file" "$@" "${BASH_SOURCE[0]}"
	for at in $(boundaries "$good" | every 8); do
		head -c "$at" "$good" >cut.tsr
		[ "$at" = "$size" ] || refused "$@" cut.tsr || bad+=" $at"
	done
	is "$bad" '' "refuses a cut at each field's beginning"
	bad=
	for n in $(seq 0 23 | every 8); do
		at=$((size * n / 24))
		flip "$good" $at $((n % 8)) flipped.tsr
		refused "$@" flipped.tsr || bad+=" $at"
	done
	is "$bad" '' "refuses a flipped bit"
	{ cat "$good" && head -c $((size - 64)) "$good"; } >cut.tsr
	fails 3 'cut off' "refuses a second segment that is cut off" "$@" cut.tsr
	fails 3 'cut off' "refuses what a failed stage leaves" "$@" < <(head -c $((size - 64)) "$good")
}

# options COMMAND: what every tool does with them.
options() {
	run 0 "-h" "$1" -h
	like "$(cat out)" "^usage: $1" "shows the usage"
	run 0 "-V" "$1" -V
	like "$(cat out)" "^$1 .*[0-9]" "shows the version"
	fails 2 'no-such' "an unknown option" "$1" --no-such
}
