#!/bin/bash
# melspec: its options, shapes and head; the numbers are unit/dsp's and 140's.
. "${0%/*}/lib.sh"
. "$root/tests/streams.sh"

maketsr a.tsr <<'END'
H type=wave rate=22050 samples=6000 at=start level=none trim=none pg=wavnorm_x
T f32 6000 noise:1 key=a label=angry group=01 sex=male
T f32 6000 noise:2 key=b start=1.500
T f32 6000 0 key=silent
E
END
options melspec
reads_streams a.tsr melspec
fails 2 'nfft: 2047 is odd' "an odd frame" melspec --nfft 2047 a.tsr
fails 2 'longer than --nfft' "a window longer than the frame" melspec --nfft 512 --window 513 a.tsr
fails 2 'fmin 8000 is not below' "an empty range" melspec --fmin 8000 a.tsr
fails 2 'hop' "a hop of 0" melspec --hop 0 a.tsr
fails 2 'power' "a power of 0" melspec --power 0 a.tsr
fails 2 "ref: '-1' is neither a positive number nor max" "a negative reference" melspec --ref -1 a.tsr
fails 2 "top-db: 'inf' is neither" "an infinite range" melspec --top-db inf a.tsr
fails 2 "'bels' is none of db, power, log" "an unknown scale" melspec --scale bels a.tsr
fails 3 'fmax 12000 is above half of the stream.s rate of 22050' "a band the rate does not reach" \
	melspec --fmax 12000 a.tsr
maketsr mel.tsr <<'END'
H type=mel rate=22050
T f32 3,4 ramp key=a
E
END
fails 3 'mel.tsr: this is a mel stream; a wave stream is expected' "another type is refused, with both names" \
	melspec mel.tsr
maketsr odd.tsr <<'END'
H type=wave
T f32 3 ramp key=a
E
END
fails 3 "rate, '', is not in Hz" "no rate" melspec odd.tsr
maketsr odd.tsr <<'END'
H type=wave rate=22050
T f32 4000 noise:1 key=a
T f32 3,4 ramp key=b
E
END
fails 3 'record 2 \(b\): rank is 2' "another shape is refused" melspec odd.tsr
maketsr odd.tsr <<'END'
H type=wave rate=22050
T f32 4000 noise:1 key=a
T f32 4000 0,0,nan key=b
T f32 100 noise:3 key=c
T f32 0 noise:3 key=d
E
END
fails 3 'record 2 \(b\): a sample is NaN' "NaN is refused" melspec odd.tsr
run 0 "unless --skip-bad" melspec --skip-bad 2 odd.tsr
is "$(tsrdump --tsv out | tail -n +2 | cut -f 1,7 | xargs)" \
	'a 8,128 c 1,128' "which passes over that record, and over an empty one"
like "$(tail -n 1 err)" 'record 4 \(d\): the signal, 0 samples, is shorter than one frame' "naming it"
run 0 "with frames that must lie inside" melspec --center no --skip-bad 3 odd.tsr
is "$(tsrdump --tsv out | tail -n +2 | cut -f 1,7 | xargs)" 'a 4,128' "a short record is too short"
fails 4 'No space left' "/dev/full" bash -c 'melspec a.tsr >/dev/full'

# Heads: all that describes the features, and nothing else.
run 0 "the defaults" melspec a.tsr
mv out mel.tsr
version=$(cat "$root/VERSION")
is "$(tsrdump --head mel.tsr)" "type=mel
rate=22050
samples=6000
at=start
level=none
trim=none
nfft=2048
window=2048
hop=512
mels=128
fmin=0
fmax=8000
formula=slaney
norm=area
power=2
center=yes
scale=db
ref=max
topdb=80
amin=1e-10
pg=wavnorm_x
pg=melspec $version nfft=2048 window=2048 hop=512 center=yes power=2 mels=128 fmin=0 fmax=8000 formula=slaney norm=area \
scale=db ref=max amin=1e-10 top-db=80" "the head"
is "$(tsrdump --tsv --columns start,sex mel.tsr | tail -n +2 | awk -F '\t' '{ print $1, $2, $3, $7, $(NF-1), $NF }')" \
	'a angry 01 12,128 - male
b - - 12,128 1.500 -
silent - - 12,128 - -' "records are (T,F) and keep their metadata"
is "$(tsrdump --tsv mel.tsr | sed -n 2p | cut -f 11)" 0 "the largest value is 0 dB"
is "$(tsrdump --tsv mel.tsr | sed -n 4p | cut -f 9,11)" $'0\t0' "silence is 0 dB"
# head OPTION...: what it has that the defaults' head does not.
head_of() {
	melspec "$@" a.tsr | tsrdump --head | grep -v ^pg= | grep -vxFf <(tsrdump --head mel.tsr) | xargs
}
is "$(head_of --top-db 60.0 --ref 1.00)" 'ref=1 topdb=60' "numbers are written in one way"
is "$(head_of --nfft 1024)" 'nfft=1024 window=1024' "the window is as long as the frame"
is "$(head_of --scale log --ref 1 --amin 1e-5)" 'scale=log amin=1e-05' "with log, only amin counts"
is "$(melspec --scale log a.tsr | tsrdump --head | grep -cE '^(ref|topdb)=')" 0 "and ref and top-db are not in the head"
is "$(melspec --scale power a.tsr | tsrdump --head | grep -cE '^(ref|topdb|amin)=')" 0 "with power, nor is amin"
is "$(head_of --top-db none --formula htk --norm peak --center no --fmin 50)" \
	'fmin=50 formula=htk norm=peak center=no topdb=none' "the others"
# 440 Hz in 20 bands up to 8 kHz: it falls into the one whose centre is next by the formula, where area and peak differ
# by half the triangle's width.
"$BUILD/unit/mkaudio" tone.wav wavf 22050 1 22050
wavnorm --seconds 1 tone.wav >tone.tsr
bands() { # FORMULA NORM: each band's power over all frames
	melspec --scale power --mels 20 --fmin 0 --fmax 8000 --formula "$1" --norm "$2" tone.tsr | tsrdump --data - | cut -f 3- |
		awk -F '\t' '{ for (i = 1; i <= NF; i++) sum[(i - 1) % 20] += $i } END { for (k = 0; k < 20; k++) print sum[k] }'
}
for formula in slaney htk; do
	is "$(paste <(bands $formula peak) <(bands $formula area) | awk -v formula=$formula '
		function mel(f) { return formula == "htk" ? 2595 * log(1 + f / 700) / log(10) : \
			f < 1000 ? f * 3 / 200 : 15 + 27 * log(f / 1000) / log(6.4) }
		function hz(m) { return formula == "htk" ? 700 * (10 ^ (m / 2595) - 1) : m < 15 ? m * 200 / 3 : 1000 * 6.4 ^ ((m - 15) / 27) }
		$1 > most { most = $1; at = NR; ratio = $1 / $2 }
		END {
			step = mel(8000) / 21
			half = (hz((at + 1) * step) - hz((at - 1) * step)) / 2
			print at == int(mel(440) / step + 0.5), (ratio / half - 1) ^ 2 < 1e-8
		}')" '1 1' "--formula $formula, --norm"
done

# What the options do.
# range OPTION...: least and largest value of the first record.
range() {
	melspec "$@" a.tsr 2>err | tsrdump --tsv | sed -n 2p | cut -f 7,9,11
}
is "$(range --hop 100 --mels 40 | cut -f 1)" '61,40' "--hop and --mels give the shape"
is "$(range --nfft 1000 --center no | cut -f 1)" '10,128' "so does --center no, with a frame that is no power of two"
is "$(range --top-db 3 | cut -f 2,3)" $'-3\t0' "--top-db"
is "$(range --amin 1e9 | cut -f 2,3)" $'0\t0' "--amin"
range --ref 1e-3 >one && range --ref 1 >two
paste one two | awk '{ exit !($3 - $6 > 29.999 && $3 - $6 < 30.001) }'
ok $? "--ref 0.001 is 30 dB above --ref 1"
range --scale power >one && range --scale power --power 1 >two && range --scale power --power 4 >three
paste one two three | awk '{ exit !($3 > $6 && $9 > $3 * $3 / 10) }'
ok $? "--power"
range --scale log --amin 1e-20 >two
paste one two | awk '{ d = log($3) - $6; exit !(d < 1e-4 && d > -1e-4) }'
ok $? "--scale log is the logarithm of --scale power"
run 0 "more bands than bins" melspec --nfft 64 --hop 32 a.tsr
like "$(cat err)" '^melspec: [0-9]+ of 128 bands .* stay empty$' "is told"
run 0 "-q" melspec -q --nfft 64 --hop 32 a.tsr
is "$(cat err)" '' "is quiet"

# Segments, rates and threads.
maketsr b.tsr <<'END'
H type=wave rate=16000
T f32 6000 noise:1 key=a label=angry group=01 sex=male
E
END
run 0 "segments of two rates" melspec a.tsr b.tsr a.tsr
is "$(tsrdump --tsv out | tail -n +2 | cut -f 5 | uniq -c | xargs)" '3 1 1 2 3 3' "stay three segments"
tsrpick --range 4 out >x.tsr 2>err
is "$(tsrdump --field rate out | xargs)" '22050 16000 22050' "with their rates"
melspec b.tsr >x.tsr
tsrdump --tsv out | sed -n 5p | cut -f 9-11 >one
tsrdump --tsv x.tsr | sed -n 2p | cut -f 9-11 >two
same one two "and each with its own filters"
for n in {1..40}; do echo "T f32 $((3000 + n * 100)) noise:$n key=k$n"; done |
	{ echo 'H type=wave rate=22050' && cat && echo E; } >order
maketsr many.tsr <order
melspec -j 1 many.tsr >one.tsr
for j in 2 4; do
	melspec -j $j many.tsr >out
	same out one.tsr "-j $j gives the same bytes"
done
# shellcheck disable=SC2002
cat many.tsr | melspec -j 3 >out
same out one.tsr "from a pipe too"

# Records go on as they come: the second is not waited for.
mkfifo in
melspec -j 2 in >slow.tsr 2>err &
exec 9>in
size=$(stat -c %s b.tsr)
head -c $((size - 64)) b.tsr >&9
for _ in {1..100}; do
	[ "$(stat -c %s slow.tsr)" -lt 6000 ] || break
	sleep 0.05
done
[ "$(stat -c %s slow.tsr)" -ge 6000 ]
ok $? "a record goes on before the next one is there"
tail -c 64 b.tsr >&9
exec 9>&-
wait
same slow.tsr x.tsr "and the stream is complete"
finish
