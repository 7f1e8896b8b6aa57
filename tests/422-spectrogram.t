#!/usr/bin/env bash
# sertools spectrogram: from recordings and streams, to SVG and PNG.
. "${0%/*}/lib.sh"
need_tools gnuplot make perl
unset MAKEFLAGS MAKELEVEL
draw() { make -f "$root/pipelines/recipes.mk" spectrogram "$@"; }
texts() { sed -n 's/.*<text>\(.*\)<\/text>.*/\1/p' "$1" | tr '\n' '|'; }
# The image in an SVG file: frames and bands.
pixels() {
	sed -n 's/.*base64,\([^'"'"'"]*\).*/\1/p' "$1" | base64 -d | od -An -tu1 -j 16 -N 8 | awk '{ print $3 * 256 + $4, $7 * 256 + $8 }'
}

perl -e '
	my $x = join "", map { pack "v", 0xffff & int(8000 * sin(6.2831853 * 1000 * $_ / 16000)) } 0 .. 15999;
	open my $o, ">:raw", "it'"'"'s a tone.wav" or die;
	print $o "RIFF", pack("V", 36 + length $x), "WAVEfmt ", pack("VvvVVvv", 16, 1, 1, 16000, 32000, 2, 16),
		"data", pack("V", length $x), $x;' || exit 99
mkdir pictures
here() { (cd pictures && draw "$@"); }
run 0 'a recording' here FILE="../it's a tone.wav"
is "$(cat out) $(cat err)" "out/it's_a_tone.svg " 'tells where the picture is, and nothing else'
run 0 'another name' draw FILE="it's a tone.wav" OUT='new folder/x.svg' WAVNORM_FLAGS='--seconds 1'
is "$(pixels 'new folder/x.svg')" '44 128' 'a pixel for each frame and band'
like "$(texts 'new folder/x.svg')" "\|it's a tone\|" 'has its name'
like "$(texts 'new folder/x.svg')" '\|time \(s\)\|' 'seconds'
like "$(texts 'new folder/x.svg')" '\|frequency \(Hz\), even in mel\|' 'hertz'
like "$(texts 'new folder/x.svg')" '\|level \(dB, 0 is the loudest\)\|' 'decibels'
like "$(texts 'new folder/x.svg')" '^0\|250\|.*\|1000\|.*\|8000\|' 'and ticks'
run 0 'PNG' draw FILE="it's a tone.wav" OUT=x.png
is "$(od -An -c -N 4 x.png | tr -d ' ')" '211PNG' 'is PNG'

printf 'H\ttype=wave\trate=8000\tsamples=4096\nT\tf32\t4096\tramp\tkey=one\nT\tf32\t4096\tnoise:1\tkey=two\tlabel=sad\tstart=3\nE\n' |
	"$BUILD/unit/maketsr" wave.tsr
run 0 'the second record of a wave stream' draw FILE=wave.tsr RECORD=2 OUT=x.svg \
	MELSPEC_FLAGS='--nfft 512 --hop 256 --center no --mels 40 --formula htk --fmax 4000 --scale log'
is "$(pixels x.svg)" '15 40' 'with options of melspec'
like "$(texts x.svg)" '\|two \(sad\)\|' 'has its name and label'
like "$(texts x.svg)" '\|power, natural logarithm\|' 'and its unit'
# Frames of 512 at 8000 Hz, from 3 s on: the first is centred at 3.032 s.
like "$(texts x.svg)" '\| 3.05\| 3.1\|.*\| 3.45\|two' 'its time begins where the window starts'
melspec -q wave.tsr -o mel.tsr --fmax 4000
run 0 'a mel stream' draw FILE=mel.tsr OUT=x.svg
like "$(texts x.svg)" '\|4000\| [^|]*\|.*one' 'is drawn as it is'
cp x.svg before.svg
fails_make() { # REGEX NAME ARGUMENT...
	local re=$1 name=$2
	shift 2
	run 2 "$name" draw "$@"
	like "$(cat err)" "$re" 'is named'
}
fails_make 'mel.tsr: no record 3' 'a record that is not there' FILE=mel.tsr RECORD=3 OUT=x.svg
fails_make 'none.wav' 'a file that is not there' FILE=none.wav OUT=x.svg
fails_make 'x.pdf: a name that ends in .svg or .png' 'another format' FILE=mel.tsr OUT=x.pdf
fails_make 'usage: sertools spectrogram FILE=' 'no FILE' OUT=x.svg
printf 'H\ttype=table\nT\tf32\t4\tramp\tkey=a\nE\n' | "$BUILD/unit/maketsr" table.tsr
fails_make 'table.tsr: this is a table stream; wave or mel is wanted' 'a table' FILE=table.tsr OUT=x.svg
head -c 2000 mel.tsr >cut.tsr
fails_make 'cut' 'a cut stream' FILE=cut.tsr OUT=x.svg
same x.svg before.svg 'and the picture that was there stays'
finish
