#!/bin/bash
# descriptors: its options, shapes and head; the numbers are 131's.
. "${0%/*}/lib.sh"
. "$root/tests/streams.sh"

maketsr a.tsr <<'END'
H type=wave rate=16000 samples=all at=start level=peak:-0.915 trim=40 pg=wavnorm_x
T f32 6000 noise:1 key=a label=angry group=01 gain=-6.000000 sex=male
T f32 4000 noise:2 key=b start=1.500 gain=20
T f32 3000 0 key=silent gain=0.5
T f32 1 0.5 key=sample gain=0
T f32 255 noise:3 key=frame gain=0
E
END
options descriptors
reads_streams a.tsr descriptors
fails 2 'fft: 2047 is odd' "an odd transform" descriptors --fft 2047 a.tsr
fails 2 'window 1025 is longer than --fft 1024' "a window longer than the transform" descriptors --window 1025 a.tsr
fails 2 'mfcc 65: .* no more than --mels 64' "more coefficients than bands" descriptors --mfcc 65 a.tsr
fails 2 'fmin 8000 is not below' "an empty range" descriptors --fmin 8000 a.tsr
fails 2 'f0-min 500 is not below' "an empty range of F0" descriptors --f0-min 500 a.tsr
fails 2 'hop' "a hop of 0" descriptors --hop 0 a.tsr
fails 2 'delta' "three orders of differences" descriptors --delta 3 a.tsr
fails 2 "columns: 'mels' is none of mel, mfcc, pitch, shape" "an unknown group" descriptors --columns mfcc,mels a.tsr
fails 2 "columns: '' is none of" "an empty word" descriptors --columns mfcc, a.tsr
fails 2 "columns: mfcc appears twice" "a group twice" descriptors --columns mfcc,mel,mfcc a.tsr
maketsr other.tsr <<'END'
H type=mel rate=16000
T f32 3,4 ramp key=a
E
END
fails 3 'other.tsr: this is a mel stream; a wave stream is expected' "another type is refused, with both names" \
	descriptors other.tsr
descriptors -o lld.tsr a.tsr
fails 3 'this is a lld stream; a wave stream is expected: descriptors comes after augment' "as is its own output" \
	augment lld.tsr
maketsr odd.tsr <<'END'
H type=wave
T f32 3 ramp key=a
E
END
fails 3 "rate, '', is not in Hz" "no rate" descriptors odd.tsr
# rate HZ: a stream of that rate.
rate() { printf 'H type=wave rate=%s\nT f32 9000 noise:1 key=a\nE\n' "$1" | maketsr rate.tsr; }
rate 8000
fails 3 'rate.tsr: .*8000 Hz.* 8000 Hz.* 4000 Hz: try wavnorm --rate 16000, or other values for --fmax' \
	"a rate that does not reach the bands says what to type" descriptors rate.tsr
run 0 "which helps" descriptors --fmax 4000 rate.tsr
rate 16000
fails 3 "16000 Hz, 456 samples: try other values for --fmax, --window" "of the right rate, only the values are to be others" \
	descriptors --window 400 rate.tsr
rate 48000
fails 3 'a window of 640 samples is shorter than two periods of 70 Hz at a rate of 48000 Hz, 1370 samples: try wavnorm' \
	"a rate for which the window is too short" descriptors rate.tsr
run 0 "one as long as asked for" descriptors --window 1370 --fft 2048 --hop 768 rate.tsr
is "$(tsrdump --tsv out | sed -n 2p | cut -f 7)" 12,92 "will do"
run 0 "without pitch, any" descriptors --columns mel,mfcc,shape rate.tsr
run 0 "without bands, any window" descriptors --columns pitch --window 1371 --hop 768 rate.tsr
tsrdump --data out >x
descriptors --window 1371 --fft 2048 --hop 768 rate.tsr | tsrdump --data | cut -f 1,2,87,88 >y
same x y "with the same pitch"
run 0 "fewer bands than coefficients" descriptors --columns mel --mels 2 --window 1370 --fft 2048 rate.tsr
rate 8000
run 0 "pitch alone of a rate that does not reach the bands" descriptors --columns pitch rate.tsr
rate 900
fails 3 'F0 of 500 Hz is above half of the rate of 900 Hz' "a rate below any F0" descriptors --fmax 400 rate.tsr
maketsr odd.tsr <<'END'
H type=wave rate=16000
T f32 4000 noise:1 key=a
T f32 3,4 ramp key=b
E
END
fails 3 'record 2 \(b\): rank is 2' "another shape is refused" descriptors odd.tsr
maketsr odd.tsr <<'END'
H type=wave rate=16000
T f32 4000 noise:1 key=a
T f32 4000 0,0,nan key=b
T f32 4000 0,0,-inf key=c
T f32 4000 1e30,-1e30 key=d
T f32 0 noise:3 key=e
T f32 100 noise:3 key=f
E
END
for columns in mel pitch mel,mfcc,pitch,shape; do
	fails 3 'record 2 \(b\): a sample is NaN' "NaN is refused, $columns" descriptors --columns $columns odd.tsr
	run 0 "unless --skip-bad" descriptors --skip-bad 4 --columns $columns odd.tsr
	is "$(tsrdump --tsv out | tail -n +2 | cut -f 1,7 | sed 's/,.*//' | xargs)" 'a 16 f 1' \
		"which passes over that record, over infinite and too large ones, and over an empty one"
	like "$(tail -n 1 err)" 'record 5 \(e\): the signal is empty' "naming it"
done
fails 4 'No space left' "/dev/full" bash -c 'descriptors a.tsr >/dev/full'

# Heads and metadata
version=$(cat "$root/VERSION")
is "$(tsrdump --head lld.tsr | grep -v ^column=)" "type=lld
rate=16000
samples=all
at=start
level=peak:-0.915
trim=40
hop=256
window=640
fft=1024
mels=64
fmin=50
fmax=8000
amin=1e-08
mfcc=20
f0min=70
f0max=500
octavecost=0.01
jumpcost=0.35
delta=0
restoregain=no
columns=mel,mfcc,pitch,shape
pg=wavnorm_x
pg=descriptors $version columns=mel,mfcc,pitch,shape hop=256 window=640 fft=1024 mels=64 fmin=50 fmax=8000 amin=1e-08 mfcc=20 \
f0-min=70 f0-max=500 octave-cost=0.01 jump-cost=0.35 delta=0 restore-gain=no" "the head"
is "$(tsrdump --field column lld.tsr | xargs)" "$(printf 'mel%02d ' {1..64})$(printf 'mfcc%02d ' {1..20})f0 strength \
slope centroid spread low_high energy flux" "the columns"
is "$(tsrdump --tsv --columns start,sex,gain lld.tsr | tail -n +2 |
	awk -F '\t' '{ print $1, $2, $3, $7, $(NF-2), $(NF-1), $NF }')" 'a angry 01 24,92 - male -6.000000
b - - 16,92 1.500 - 20
silent - - 12,92 - - 0.5
sample - - 1,92 - - 0
frame - - 1,92 - - 0' "records are (T,D) and keep their metadata"
# columns OPTION...: their names, and their number in a record.
columns() {
	descriptors "$@" -o c.tsr a.tsr
	tsrdump --field column c.tsr | xargs
	tsrdump --tsv c.tsr | sed -n 2p | cut -f 7
}
is "$(columns --columns pitch)" $'f0 strength\n24,2' "--columns pitch"
is "$(tsrdump --head c.tsr | grep -E '^(mels|fft|amin|mfcc|restoregain)=')" '' "has no settings of others"
is "$(columns --columns shape,mfcc --mfcc 3)" $'mfcc01 mfcc02 mfcc03 slope centroid spread low_high energy flux\n24,9' \
	"groups are in the order of their own"
is "$(tsrdump --field columns c.tsr) $(tsrdump --head c.tsr | grep -cE '^(f0min|f0max|octavecost|jumpcost)=')" 'mfcc,shape 0' \
	"which the head says"
is "$(columns --columns pitch --delta 2)" $'f0 strength f0.delta strength.delta f0.delta2 strength.delta2\n24,6' "--delta"
is "$(columns --columns mel --mels 101 --hop 100 2>/dev/null | sed 's/ .* / ... /')" $'mel01 ... mel101\n61,101' "--mels, --hop"
run 0 "more bands than bins" descriptors --columns mel --fft 64 --window 64 a.tsr
like "$(cat err)" '^descriptors: [0-9]+ of 64 bands .* stay empty$' "is told"
run 0 "-q" descriptors -q --columns mel --fft 64 --window 64 a.tsr
is "$(cat err)" '' "is quiet"
run 0 "an amin of 1" descriptors --amin 1 --columns mel a.tsr
is "$(tsrdump --tsv out | awk -F '\t' '$1 == "silent" { print $9, $11 }')" '0 0' "is the floor"

# Silence, short ones
silent=$(tsrdump --data lld.tsr | awk -F '\t' '$1 == "silent" { for (i = 3; i < 67; i++) mel[$i]; print $88, $89, $92, $94, $67 }
	END { for (m in mel) print m }' | sort | uniq -c | sed 's/^ *//')
is "$silent" '1 -80
12 0 0 0 0 -640' "silence has its floor in all bands, no strength, slope, difference and flux"
is "$(tsrdump --tsv lld.tsr | cut -f 12 | tail -n +2 | xargs)" '0 0 0 0 0' "no value is infinite or NaN"

# --restore-gain: bands, c(0) and energy are shifted; nothing else changes.
run 0 "--restore-gain" descriptors --restore-gain a.tsr
paste <(tsrdump --data lld.tsr) <(tsrdump --data out) | awk -F '\t' '
	function off(i, by) { d = $(i + 94) - $i - by; if (d > 2e-3 || d < -2e-3) { print $1, $2, i, d; bad = 1 } }
	BEGIN { gain["a"] = -6; gain["b"] = 20; gain["silent"] = 0.5; gain["sample"] = gain["frame"] = 0 }
	{
		for (i = 3; i <= 66; i++) off(i, -gain[$1])
		off(67, -8 * gain[$1])
		for (i = 68; i <= 92; i++) off(i, 0)
		if ($1 != "silent") off(93, -gain[$1])
		off(94, 0)
	}
	END { exit bad }' >diffs
ok $? "restores the level of bands, of the first coefficient and of energy"
is "$(tsrdump --field restoregain out)" yes "which the head says"
maketsr none.tsr <<'END'
H type=wave rate=16000
T f32 400 noise:1 key=a
T f32 400 noise:1 key=b gain=loud
E
END
fails 3 'record 1 \(a\): gain= is missing, which --restore-gain requires' "no gain" descriptors --restore-gain none.tsr
tsrpick --key b -o loud.tsr none.tsr
fails 3 'record 1 \(b\): gain=loud is not a number of dB' "no number" descriptors --restore-gain loud.tsr

# Differences: half of what lies between the neighbours.
descriptors --delta 2 --columns pitch,shape a.tsr | tsrdump --data >got
awk -F '\t' '$1 == "a" { for (i = 3; i <= NF; i++) x[$2, i] = $i; n = $2 }
	END { for (t = 0; t <= n; t++) for (i = 3; i < 19; i++) {
		a = t > 0 ? t - 1 : t
		b = t < n ? t + 1 : t
		d = (x[b, i] - x[a, i]) / (b - a) - x[t, i + 8]
		if (d > 1e-4 || d < -1e-4) bad++
	} exit bad > 0 || n != 23 }' got
ok $? "--delta 2 is the difference of the differences"
is "$(awk -F '\t' '$1 == "sample"' got | cut -f 11- | xargs)" '0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0' "of one frame, 0"

# Segments, rates and threads
rate 16001
run 0 "segments of two rates" descriptors a.tsr rate.tsr a.tsr
is "$(tsrdump --field rate out | xargs)" '16000 16001 16000' "stay segments of theirs"
descriptors rate.tsr >one.tsr
tsrpick --range 6 out 2>err | tsrdump --data >x
tsrdump --data one.tsr >y
same x y "each with lags of its own"
for n in {1..40}; do echo "T f32 $((300 + n * 397)) noise:$n key=k$n"; done |
	{ echo 'H type=wave rate=16000' && cat && echo E; } | maketsr many.tsr
descriptors -j 1 many.tsr >one.tsr
for j in 2 4; do
	descriptors -j $j many.tsr >out
	same out one.tsr "-j $j gives the same bytes"
done
# shellcheck disable=SC2002
cat many.tsr | descriptors -j 3 >out
same out one.tsr "from a pipe too"

# --like: what a model was trained on, here tables with the fields of descriptors.
printf 'dense classes\nsoftmax\n' >tiny.net
model() {
	{
		tsrdump --head | sed 's/^type=lld/type=table/; /^column=/d; $acolumn=x' | tr '\n' '\t' | sed 's/^/H\t/; s/\t$/\n/'
		printf 'T\tf32\t1\tnoise:%s\tkey=k%s\tlabel=%s\tgroup=g%s\n' 1 1 x 1 2 2 y 2
		echo E
	} | maketsr table.tsr && nntrain -q -j1 --epochs 1 --net tiny.net -o "$1" table.tsr
}
settings=(--columns 'mfcc,pitch' --hop 200 --window 600 --fft 800 --mels 30 --fmin 60 --fmax 7000 --amin 1e-7 --mfcc 12 --f0-min 80
	--f0-max 400 --octave-cost 0.02 --jump-cost 0.3 --delta 1 --restore-gain)
descriptors "${settings[@]}" a.tsr >want.tsr
model m.bin <want.tsr
run 0 "--like" descriptors --like m.bin a.tsr
same out want.tsr "takes all settings"
run 0 "said again" descriptors --like m.bin "${settings[@]}" a.tsr
for flags in 'columns mfcc mfcc,pitch' 'hop 256 200' 'window 640 600' 'fft 1024 800' 'mels 64 30' 'fmin 50 60' 'fmax 8000 7000' \
	'amin 1e-06 1e-07' 'mfcc 20 12' 'f0-min 70 80' 'f0-max 500 400' 'octave-cost 0.01 0.02' 'jump-cost 0.35 0.3' 'delta 0 1'; do
	read -r name value has <<<"$flags"
	fails 2 "^descriptors: --$name $value contradicts m.bin, which was trained with --$name $has$" "another $name" \
		descriptors --like m.bin "--$name" "$value" a.tsr
done
descriptors --columns pitch -o want.tsr a.tsr
model p.bin <want.tsr
run 0 "a model on pitch" descriptors --like p.bin a.tsr
same out want.tsr "takes its settings"
model plain.bin <lld.tsr
fails 2 'restore-gain contradicts plain.bin, which was trained without' "a model without" \
	descriptors --like plain.bin --restore-gain a.tsr
fails 3 'a.tsr: .*wave.*model' "a stream that is no model" descriptors --like a.tsr a.tsr
printf 'globalavgpool\ndense classes\nsoftmax\n' >mel.net
printf 'H type=mel rate=16000\nT f32 3,2 ramp key=a label=A\nT f32 3,2 ramp key=b label=B\nE\n' | maketsr bare.tsr
nntrain -q -j1 --epochs 1 --net mel.net -o bare.bin bare.tsr
fails 3 'bare.bin: the columns of the features it was trained on is missing' "a model on other features" \
	descriptors --like bare.bin a.tsr

# What nnpredict says of other features: the commands that make those of the model.
make='wavnorm --like plain.bin \.\.\. \| descriptors --like plain.bin'
fails 3 "this is a mel stream; a table stream is expected; plain.bin is for sound: $make makes its features$" "another type" \
	nnpredict plain.bin bare.tsr
maketsr two.tsr <<'END'
H type=wave rate=16000
T f32 6000 noise:1 key=a label=x group=1
T f32 6000 noise:2 key=b label=y group=2
E
END
descriptors --columns shape two.tsr | nntrain -q -j1 --epochs 1 --net mel.net -o plain.bin
descriptors --columns shape --hop 200 -o x.tsr two.tsr
fails 3 "the features have hop=200; plain.bin was trained on hop=256; $make makes such$" "another setting" nnpredict plain.bin x.tsr
finish
