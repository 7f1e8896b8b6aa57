#!/bin/bash
# wavnorm: what it reads, what it makes of it and what it refuses.
. "${0%/*}/lib.sh"
. "$root/tests/streams.sh"

# audio FILE FORMAT RATE CHANNELS FRAMES [WHAT]: see unit/mkaudio.c.
audio() {
	"$BUILD/unit/mkaudio" "$@"
}
# stats FILE COLUMNS: those of tsrdump's table.
stats() {
	tsrdump --tsv "$1" | tail -n +2 | cut -f "$2"
}
# close A B TOLERANCE: numbers.
close() {
	awk -v a="$1" -v b="$2" -v t="$3" 'BEGIN { exit !(a - b <= t && b - a <= t) }'
}

audio a.wav wav 16000 1 40000
audio long.flac flac 44100 2 200000
options wavnorm
fails 2 'rate' "a rate of 0" wavnorm --rate 0 a.wav
fails 2 'seconds.*not a number' "NaN seconds" wavnorm --seconds nan a.wav
fails 2 "'middle' is none of start, centre" "an unknown place" wavnorm --at middle a.wav
fails 2 'exclude' "two levels" wavnorm --peak -1 --rms -20 a.wav
fails 2 'requires --window' "a step without a window" wavnorm --step 1 a.wav
fails 2 'excludes' "a window and a length" wavnorm --window 1 --seconds 1 a.wav
fails 2 'excludes' "windows and the centre" wavnorm --window 1 --at centre a.wav
fails 2 'exclude' "a manifest and files" wavnorm --manifest m.tsv a.wav

# One stream, three ways in.
cp a.wav stdin.wav
run 0 "reads a file" wavnorm stdin.wav
mv out file.tsr
run 0 "the stream is whole" tsrdump --check file.tsr
wavnorm - <a.wav >out 2>err
same out file.tsr "- is standard input"
# shellcheck disable=SC2002
cat a.wav | wavnorm >out 2>err
same out file.tsr "no operand is standard input, a pipe too"
run 0 "-o" wavnorm -o named.tsr stdin.wav
same named.tsr file.tsr "the file named is the same"
is "$(tsrdump --head file.tsr)" 'type=wave
rate=22050
samples=55125
at=start
level=none
trim=none
pg=wavnorm '"$(cat "$root/VERSION")"' rate=22050 seconds=2.5 at=start peak=none rms=none trim=none window=none '\
'step=none' \
	"the head says what was done"
is "$(stats file.tsr 1,2,3,6,7)" $'stdin\t-\t-\tf32\t55125' "and the record's shape is right"

# Formats.
for format in wav24 wavf wavx flac aiff au caf w64 rf64 nist; do
	audio a.$format $format 16000 1 40000
	wavnorm a.$format >x.tsr 2>err
	run 0 "$format has the same samples" tsrdiff --values --atol 5e-5 file.tsr x.tsr
done
for format in ogg opus mp3; do
	if audio a.$format $format 48000 2 96000 2>/dev/null; then
		run 0 "$format" wavnorm a.$format
		close "$(stats out 11)" 0.7 0.5
		ok $? "$format is audible"
	else
		skip "libsndfile here cannot write $format"
	fi
done

# Channels and rates.
audio opposed.wav wavf 48000 2 96000 opposed
wavnorm opposed.wav >out
is "$(stats out 9,11)" $'0\t0' "channels are mixed by their mean: opposites cancel"
audio three.wav wavf 22050 3 55125 constant
wavnorm three.wav >out
is "$(stats out 9,10,11)" $'0.25\t0.25\t0.25' "three equal channels stay what they are"
audio click.wav wavf 22050 1 1000 click
wavnorm --seconds 0.1 click.wav >out
is "$(tsrdump --data out | grep -c '0\.5')" 1 "the same rate: the samples stay as they are"
is "$(stats out 7)" 2205 "0.1 s at 22050 Hz"
wavnorm --rate 8000 --seconds 1 a.wav >out
is "$(tsrdump --field rate out) $(stats out 7)" '8000 8000' "another rate"
wavnorm long.flac >start.tsr
wavnorm --at centre long.flac >centre.tsr
run 1 "the centre is another part" tsrdiff --values start.tsr centre.tsr
is "$(tsrdump --field at centre.tsr)" centre "and says so"
wavnorm --at centre --seconds 4 a.wav >x.tsr
wavnorm --seconds 4 a.wav >y.tsr
run 0 "short audio has its zeros at the end both ways" tsrdiff --values x.tsr y.tsr

# Levels.
wavnorm --peak -6 --seconds 1 a.wav >out
close "$(stats out 11)" 0.50119 1e-4
ok $? "--peak"
is "$(tsrdump --field level out)" 'peak -6' "and says so"
audio half.wav wavf 22050 1 11025 constant
wavnorm --rms -20 --seconds 1 half.wav >out
is "$(stats out 10,11)" $'0.05\t0.1' "--rms counts the samples, not the padding"
audio zero.wav wav 22050 1 2205 click
wavnorm --peak 0 --seconds 0.01 zero.wav >out
is "$(stats out 9,11)" $'0\t0' "silence is not scaled"
audio voice.wav wav 22050 1 44100 voice
wavnorm --trim 40 --seconds 1 voice.wav >out
close "$(stats out 11)" 0.25 1e-3
ok $? "--trim keeps the voice"
is "$(tsrdump --field trim out)" 40 "and says so"
first=$(tsrdump --data out | cut -f 3- | tr '\t' '\n' | grep -nE '^-?0\.(0[1-9]|[1-9])' | head -n 1 | cut -d : -f 1)
[ "${first:-99999}" -lt 2100 ]
ok $? "it begins within a frame of the beginning (${first:-nowhere})"

# Windows.
audio w.wav wav 22050 1 55125
wavnorm --window 1 w.wav >out
is "$(tsrdump --tsv --columns start out | tail -n +2 | awk -F '\t' '{ print $1, $NF, $7 }')" 'w 0.000 22050
w 1.000 22050
w 2.000 22050' "--window: the last, partial one is kept"
is "$(tsrdump --field samples out) $(tsrdump --field at out)" '22050 start' "a window's length is the record's"
wavnorm --window 1 --step 0.5 w.wav >out
is "$(tsrdump --tsv --columns start out | tail -n +2 | awk -F '\t' '{ print $NF }' | xargs)" '0.000 0.500 1.000 1.500' \
	"--step: until one reaches the end"
wavnorm --window 5 w.wav >out
is "$(stats out 7)" 110250 "audio shorter than a window is one"
wavnorm --window 2.5 w.wav >x.tsr
wavnorm w.wav >y.tsr
run 0 "the first window is what there is without" tsrdiff --values x.tsr y.tsr

# Manifests.
printf '# corpus\n\na.wav\tone\tangry\t07\tsentence=DFA\tsex=male\nlong.flac\n a.wav\t\t\t08\r\n' | sed 's/^ //' >m.tsv
run 0 "a manifest" wavnorm --manifest m.tsv
is "$(tsrdump --tsv --columns sentence,sex out | tail -n +2 | awk -F '\t' '{ print $1, $2, $3, $(NF-1), $NF }')" \
	'one angry 07 DFA male
long - - - -
a - 08 - -' "with keys, labels, groups and more, or without"
wavnorm --manifest - <m.tsv >y.tsr
same out y.tsr "from standard input"
printf 'a.wav\tk\tl\tg\tnonsense\n' >bad.tsv
fails 3 "bad.tsv: line 1: 'nonsense' is not NAME=VALUE" "a cell that is no pair" wavnorm --manifest bad.tsv
printf 'a.wav\nb.wav\tk\tl\tg\tkey=3\n' >bad.tsv
fails 3 'line 2: the name key is reserved' "a reserved name" wavnorm --manifest bad.tsv
printf 'a.wav\tk\tl\tg\tsex=m\tsex=m\n' >bad.tsv
fails 3 'line 1: the name sex (stands|appears) twice' "a name twice" wavnorm --manifest bad.tsv
printf '\tk\n' >bad.tsv
fails 3 'line 1: the path is empty' "no path" wavnorm --manifest bad.tsv
echo '# nothing' >bad.tsv
fails 3 'no files in it' "an empty manifest" wavnorm --manifest bad.tsv
fails 3 'nowhere.tsv' "no manifest" wavnorm --manifest nowhere.tsv

run 0 "-v" wavnorm -v --window 1 a.wav w.wav
is "$(tail -n 1 err)" 'wavnorm: 2 files, 6 records' "sums up"

# What is refused, by name.
: >empty.wav
echo 'no audio, but some text' >text.wav
audio zero.flac wav 16000 1 0
audio nan.wav wavf 16000 1 4000 nan
audio inf.wav wavf 16000 2 4000 inf
fails 3 'empty.wav: empty input' "an empty file" wavnorm empty.wav
fails 3 'standard input: empty' "an empty pipe" wavnorm < <(:)
fails 3 'text.wav: not audio' "no audio" wavnorm text.wav
fails 3 'zero.flac: no audio' "zero frames" wavnorm zero.flac
fails 3 'nan.wav: a sample in frames 0 to .* NaN' "a NaN" wavnorm nan.wav
fails 3 'inf.wav: .* infinite' "an infinite sample" wavnorm inf.wav
fails 3 'nowhere.wav: No such file' "a path that is not there" wavnorm nowhere.wav
fails 3 '\.: is a directory' "a directory" wavnorm .
wavnorm text.wav >bad.tsr 2>err
run 3 "and nothing that passes for a stream is left" tsrdump --check bad.tsr
fails 4 'No space left' "/dev/full" bash -c 'wavnorm a.wav >/dev/full'
wavnorm -o kept.tsr text.wav 2>err
[ ! -e kept.tsr ]
ok $? "no output file is left by a failure"

# Cut-off files: every format, at some places; the FLAC also damaged.
for format in $(printf '%s\n' wav flac ogg wavf wavx aiff au caf w64 rf64 nist | every 4); do
	[ -e a."$format" ] || continue
	size=$(stat -c %s a."$format")
	bad=
	for at in $(printf '%d\n' 12 44 60 $((size / 3)) $((size / 2)) $((size - 900)) $((size - 2)) $((size - 1)) | every 3); do
		head -c "$at" a."$format" >cut."$format"
		refused wavnorm cut."$format" || bad+=" $at"
		grep -q 'cut\.' err || bad+=" $at(unnamed)"
	done
	is "$bad" '' "refuses $format that is cut off"
done
# The decoder of MP3 looks for tags at the end of what is there; its own messages stay out of this.
if [ -e a.mp3 ]; then
	bad=
	for at in 12 13 40 100 127 128 129 200; do
		head -c $at a.mp3 >cut.mp3
		wavnorm cut.mp3 >out 2>err
		[ $? = 3 ] && [ "$(grep -c '^wavnorm: cut.mp3: ' err)" = 1 ] || bad+=" $at"
	done
	is "$bad" '' "refuses an MP3 that is cut off in its first frame"
fi
# Chunks that claim to go on beyond the file, behind the samples: these are whole.
le32() { printf "\\x$(printf %02x $(($1 & 255)))\\x$(printf %02x $(($1 >> 8 & 255)))\\x$(printf %02x $(($1 >> 16 & 255)))\\x$(printf %02x $(($1 >> 24 & 255)))"; }
bad=
for claim in 0 1 9 10 11 100 100000 $((0x7fffffff)) $((0xfffffff0)); do
	{ cat a.wav && printf junk && le32 $claim && printf 0123456789; } >chunk.wav
	wavnorm chunk.wav >x.tsr 2>err
	tsrdiff --values file.tsr x.tsr >out || bad+=" $claim"
done
is "$bad" '' "a last chunk of any size changes nothing"
head -c 20000 a.wav >cut.wav
fails 3 'cut.wav: cut off: the header claims 80000 bytes of audio, the file has 19956' "and says what is missing" \
	wavnorm cut.wav
# shellcheck disable=SC2002
fails 3 'standard input: cut off' "in a pipe too" bash -c 'cat cut.wav | wavnorm -'
size=$(stat -c %s a.flac)
bad=
for at in $(seq $((size / 2)) $((size / 20)) "$size" | every 4); do
	[ "$at" -ge "$size" ] || { flip a.flac "$at" 3 damaged.flac && refused wavnorm damaged.flac; } || bad+=" $at"
done
is "$bad" '' "refuses FLAC with a flipped bit"

# --skip-bad.
fails 3 'text.wav' "the first bad file stops it" wavnorm a.wav text.wav nan.wav
run 0 "--skip-bad passes over as many" wavnorm --skip-bad 2 text.wav a.wav nan.wav
is "$(stats out 1) $(wc -l <err)" 'a 2' "naming each"
run 3 "but no more" wavnorm --skip-bad 1 text.wav nan.wav a.wav
like "$(tail -n 1 err)" '^wavnorm: nan.wav:' "the one too many is named last"
run 0 "all may be bad" wavnorm --skip-bad 3 -o x.tsr text.wav
run 0 "it is a whole stream then" tsrdump --check x.tsr
is "$(stats x.tsr 1)" '' "without records"

# Threads change nothing: order and bytes.
files=()
for n in {1..24}; do
	rate=$((8000 + n % 3 * 8000))
	audio "t$n.wav" wav $rate $((1 + n % 2)) $((rate + n * 1234))
	files+=("t$n.wav")
done
wavnorm -j 1 "${files[@]}" >one.tsr 2>err
is "$(stats one.tsr 1 | xargs)" "$(printf '%s\n' "${files[@]%.wav}" | xargs)" "the order is the operands'"
for j in 2 4 7; do
	wavnorm -j $j "${files[@]}" >out 2>err
	same out one.tsr "-j $j gives the same bytes"
done
bad=
for n in 1 4 6 11; do # others of the same rate were resampled together with these
	wavnorm "t$n.wav" >x.tsr
	tsrpick --key "t$n" one.tsr | tsrdiff x.tsr - >out 2>err || bad+=" $n"
done
is "$bad" '' "and each alone the same record"
finish
