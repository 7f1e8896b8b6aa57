#!/bin/bash
# lengths: every way in which a header leaves the size of the samples open or padded,
# read to the sample; and what was cut off, refused.
. "${0%/*}/lib.sh"

decoded() {
	"$BUILD/unit/decoded" "$@"
}
# slowly FILE: in pieces that end anywhere.
slowly() {
	perl -e 'local $/ = \777; $| = 1; while (<>) { print; select undef, undef, undef, 0.002 }' "$1"
}

perl "$data/lengths.pl" . >want
while read -r name sum; do
	is "$(decoded "$name" 2>&1)" "$sum" "$name"
	# shellcheck disable=SC2002
	is "$(cat "$name" | decoded - 2>&1)" "$sum" "$name by a pipe"
done <want
bad=
for name in ffmpeg-pipe.wav arecord.wav open.w64 sox-pipe.aiff open.au joined-open.wav extensible-24.wav; do
	[ "$(slowly $name | decoded - 2>&1)" = "$(sed -n "s/^$name //p" want)" ] || bad+=" $name"
done
is "$bad" '' "a slow pipe gives the same"
run 0 "-v" wavnorm -v arecord.wav
like "$(cat err)" 'arecord.wav: the header leaves the size open: read to the end' "says so"
# shellcheck disable=SC2016
run 0 "-v of a pipe" bash -c 'cat counts-header.wav | wavnorm -v'
like "$(cat err)" 'standard input: the header claims more samples than its own file has' "says so too"
run 0 "without" wavnorm arecord.wav
is "$(cat err)" '' "nothing is said"
run 0 "and where the size is right" wavnorm -v riff-open.wav
is "$(wc -l <err)" 1 "neither"

# What is shorter than a plausible size stays refused, and can be had.
cuts() { # FILE
	local name=$1 size at bad=
	size=$(stat -c %s "$name")
	for at in $((size - 1)) $((size - 2)) $((size - 900)) $((size / 2)) $((size / 3)); do
		head -c "$at" "$name" >cut.bin
		decoded cut.bin >out 2>err && bad+=" $at"
		decoded - <cut.bin >out 2>err && bad+=" $at(-)"
		# shellcheck disable=SC2002
		cat cut.bin | decoded - >out 2>err && bad+=" $at(pipe)"
		grep -q -- --ignore-length err || bad+=" $at(unsaid)"
		decoded -l cut.bin >out 2>err || bad+=" $at(-l)"
		# shellcheck disable=SC2002
		is "$(cat cut.bin | decoded -l - 2>&1)" "$(cat out)" "$name cut at $at: --ignore-length reads the same from a pipe"
		[ "$(cut -d ' ' -f 3 out)" = $(((at - $2) / 2)) ] || bad+=" $at($(cat out))"
	done
	is "$bad" '' "$name cut off is refused, and read with --ignore-length"
}
sized() { # NAME FORMAT HEADER-BYTES
	"$BUILD/unit/mkaudio" "$1" "$2" 8000 1 3001 && cuts "$1" "$3"
}
sized a.wav wav 44
sized a.aiff aiff 54
sized a.au au 24
head -c 3000 a.wav >cut.wav
fails 3 'cut.wav: cut off: the header claims 6002 bytes of audio, the file has 2956 \(--ignore-length' "wavnorm of a cut file" \
	wavnorm cut.wav
run 0 "wavnorm --ignore-length" wavnorm --ignore-length --rate 8000 --seconds 0.5 cut.wav
is "$(tsrdump --data out | cut -f 3- | tr '\t' '\n' | awk '$1 != 0 { n = NR } END { print n }')" 1478 "has its samples"
finish
