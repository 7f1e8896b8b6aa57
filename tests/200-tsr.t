#!/bin/bash
# tsr: damage to a stream never passes, whatever made it.
# (unit/tsr tries every prefix and every bit; here the tool itself, on some.)
. "${0%/*}/lib.sh"
. "$root/tests/streams.sh"

maketsr a.tsr <<'END'
H type=mel rate=22050 pg=x
T f32 3,5 noise:1 key=a label=angry group=01
T i64 - ramp key=b
T u8 0,4 ramp key=c
E
END
size=$(stat -c %s a.tsr)
run 0 "a whole stream passes" tsrdump --check a.tsr
is "$(cat out err)" '' "in silence"
bad=
for at in $(boundaries a.tsr | every 8); do
	head -c "$at" a.tsr >cut.tsr
	[ "$at" = "$size" ] || refused tsrdump --check cut.tsr || bad+=" $at"
	[ ! -s out ] || bad+=" $at(output)"
done
is "$bad" '' "no cut at a field's beginning does"
bad=
for n in $(seq 0 62 | every 8); do
	at=$((size * n / 63))
	flip a.tsr $at $((n % 8)) flipped.tsr
	refused tsrdump --check flipped.tsr || bad+=" $at"
done
is "$bad" '' "no flipped bit does"
cat a.tsr a.tsr >b.tsr
run 0 "cat makes a stream of two" tsrdump --check b.tsr
cat a.tsr >>b.tsr
is "$(tsrdump --tsv b.tsr | tail -n 1 | cut -f 4,5)" $'9\t3' "and of three"
{ cat a.tsr && echo; } >b.tsr
fails 3 'b.tsr: byte [0-9]+: the stream is cut off' "a byte after the end" tsrdump --check b.tsr
{ head -c $((size - 128)) a.tsr && cat a.tsr; } >b.tsr
fails 3 'before the last one ended' "two that are joined where one is cut off" tsrdump --check b.tsr

# Records above the 4 MiB that are read at a time, by a pipe; their hash is checked.
maketsr large.tsr <<<$'H\nT u8 9000001 noise:7 key=a\nT u8 13000000 noise:8 key=b\nE'
run 0 "large records by a pipe" bash -c 'cat large.tsr | tsrdump --check'
fails 3 'cut off' "cut in their second part" bash -c 'head -c 5000000 large.tsr | tsrdump --check'
rm large.tsr
printf 'H rate=22050\nT f32 2 ramp key=a\nE\n' | maketsr none.tsr
fails 3 'none.tsr: the stream does not say its type; a wave stream is (wanted|expected)' "no type where one is wanted" melspec none.tsr

# The example in the manual is such a stream.
sed -nE 's/^([0-9a-f]{4})  (([0-9a-f]{2} {1,2}){8}).*/\1 \2/p' "$root/man/tsr.5" | while read -r at bytes; do
	truncate -s $((16#$at)) manual.tsr
	for byte in $bytes; do
		# shellcheck disable=SC2059
		printf "\\x$byte" >>manual.tsr
	done
done
printf 'H type=table\nT u8 2,3 1,2,3,4,5,6 key=a label=sad\nE\n' | maketsr >example.tsr
same manual.tsr example.tsr "tsr.5 shows a stream as it is"

# A filter killed in the middle, its input still open.
# killed SIGNAL NAME COMMAND...: COMMAND reads ./fifo and writes ./out or ./killed.tsr.
killed() {
	local signal=$1 name=$2 pid begun=1
	shift 2
	rm -f out killed.tsr*
	"$@" >out 2>err &
	pid=$!
	exec 9>fifo
	head -c $((size - 128)) a.tsr >&9
	for _ in {1..200}; do
		# An unfinished file has no name where the file system knows such files.
		for file in out killed.tsr* /proc/$pid/fd/*; do
			[ -s "$file" ] && [[ $(readlink "$file" || echo "$tmp/$file") = "$tmp"/* ]] && begun=0 && break 2
		done
		sleep 0.05
	done
	kill -s "$signal" $pid
	wait $pid 2>/dev/null
	exec 9>&-
	ok $begun "$name had begun to write"
	for file in out killed.tsr*; do
		[ ! -e "$file" ] || ! tsrdump --check "$file" 2>/dev/null
		ok $? "$name leaves nothing that passes ($file)"
	done
}
mkfifo fifo
killed KILL "SIGKILL" tsrpick fifo
killed KILL "SIGKILL with -o" tsrpick -o killed.tsr fifo
[ ! -e killed.tsr ]
ok $? "no output file"
if [ -d /proc/self/fd ]; then
	is "$(echo killed.tsr*)" 'killed.tsr*' "nor an unfinished one"
else
	skip "only where unnamed files can get a name"
fi
killed TERM "SIGTERM with -o" tsrpick -o killed.tsr fifo
is "$(echo killed.tsr*)" 'killed.tsr*' "no file at all, unfinished ones neither"
# Where the file system has no unnamed files: the call that asks for one fails.
if [ -z "${SER_VALGRIND-}" ] && LD_PRELOAD=$BUILD/faults/faults.so tsrdump --help >out 2>err && [ ! -s err ]; then
	named=(env LD_PRELOAD="$BUILD/faults/faults.so" FAULT_CALL=open FAULT_AT=1 tsrpick -o killed.tsr)
	run 0 "an unfinished file with a name" "${named[@]}" a.tsr
	tsrpick a.tsr >want
	same killed.tsr want "becomes the output"
	killed TERM "SIGTERM with a name" "${named[@]}" fifo
	is "$(echo killed.tsr*)" 'killed.tsr*' "removes it"
	killed KILL "SIGKILL with a name" "${named[@]}" fifo
	like "$(echo killed.tsr*)" '^killed.tsr.[0-9a-f]{6}$' "does not"
else
	skip "faults.so cannot be preloaded"
fi

# Poison runs through a pipe of any length.
fails 3 'cut off' "a cut passes no filter" bash -c \
	'head -c '$((size - 64))' a.tsr | tsrpick | tsrpick --invert | tsrdump --check'
finish
