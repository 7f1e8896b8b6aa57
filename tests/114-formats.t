#!/bin/bash
# formats: padded blocks, MP3 with and without headers and tags, recordings that were
# joined, and files that are none.
. "${0%/*}/lib.sh"

decoded() {
	"$BUILD/unit/decoded" "$@"
}
audio() {
	"$BUILD/unit/mkaudio" "$@"
}
# frames [-l] FILE...: rate, channels, frames.
frames() {
	decoded "$@" 2>&1 | cut -d ' ' -f 1-3
}
# both FILE WANT NAME: as a file and by a pipe.
both() {
	# shellcheck disable=SC2002
	is "$(frames "$1") / $(cat "$1" | frames -)" "$2 / $2" "$3"
}
# patched FROM TO WHERE BYTES: a copy with those bytes (in hexadecimal).
patched() {
	perl -0777 -pe 'BEGIN { ($at, $hex) = splice @ARGV, 0, 2; binmode STDIN; binmode STDOUT }
		substr($_, $at, length($hex) / 2) = pack "H*", $hex' "$3" "$4" <"$1" >"$2"
}

# GSM: 27 blocks of 65 bytes and one that makes the chunk even, which sox counts.
audio g27.wav gsm 8000 1 8480
audio g28.wav gsm 8000 1 8961
at=$(perl -0777 -ne 'print index($_, "data") + 4' g27.wav)
patched g27.wav sox27.wav "$at" dc060000 # 1756
for name in g27 sox27; do
	both $name.wav '8000 1 8640' "$name.wav: 27 blocks of 320 samples, and no more"
	decoded -s $name.wav >out
	same <(head -c $((8480 * 4)) out) <(decoded -s g28.wav | head -c $((8480 * 4))) "$name.wav: those that were encoded"
done
both g28.wav '8000 1 9280' "g28.wav: one more that is padded"
head -c 1600 g28.wav >cut.wav
fails 3 'cut off' "GSM that is cut off" decoded cut.wav
is "$(frames -l cut.wav)" "8000 1 $(((1600 - at - 4) / 65 * 320))" "--ignore-length reads its whole blocks"

# ADPCM: whole blocks as ffmpeg and sox read them, and a last one that is short.
audio ima.wav ima 8000 1 4000
audio ms.wav msadpcm 8000 1 4000
both ima.wav '8000 1 4040' "IMA ADPCM: 8 blocks of 505"
both ms.wav '8000 1 4000' "MS ADPCM: 8 blocks of 500"
at=$(perl -0777 -ne 'print index($_, "data") + 4' ima.wav)
patched ima.wav open.wav "$at" ffffffff
both open.wav '8000 1 4040' "IMA of open size"
head -c $(($(stat -c %s ima.wav) - 100)) ima.wav >short.wav
is "$(frames -l short.wav)" "8000 1 $((7 * 505 + 1 + (256 - 100 - 4) / 4 * 8))" "IMA: a short block"
same <(decoded -l -s short.wav) <(decoded -s ima.wav | head -c $(((7 * 505 + 1 + 38 * 8) * 4))) "has the samples of a whole one"
head -c $(($(stat -c %s ms.wav) - 100)) ms.wav >short.wav
is "$(frames -l short.wav)" "8000 1 $((7 * 500 + 2 + (256 - 100 - 7) * 2))" "MS: a short block"
while read -r format bits; do
	audio $format.au "$format" 8000 1 960
	decoded -s $format.au >whole
	head -c $((24 + 50 * bits)) $format.au >cut.au
	patched cut.au part.au 8 "$(printf %08x $((50 * bits)))"
	both part.au "8000 1 400" "$format: 400 frames, which fill no block of 120"
	same <(decoded -s part.au) <(head -c 1600 whole) "$format: the first ones of the whole"
done <<<'g721 4
g723-24 3
g723-40 5'

# VOC of several blocks, which libsndfile takes for one.
voc() {
	printf 'Creative Voice File\x1a\x1a\0\x14\x01\x1f\x11'
	printf '\x09\x0c\x03\0\x40\x1f\0\0\x10\x01\x04\0\0\0\0\0' && head -c $((0x30c - 12)) /dev/zero
}
{ voc && printf '\0'; } >one.voc
{ voc && printf '\x02\x10\0\0' && head -c 16 /dev/zero && printf '\0'; } >two.voc
is "$(frames one.voc)" "8000 1 384" "VOC of one block"
is "$(cat one.voc one.voc | frames -)" "8000 1 768" "two such files"
fails 3 'two.voc: .*2 blocks.*ffmpeg' "VOC of two" decoded two.voc
# sox gives its block 8 bytes less than it has; ffmpeg and libsndfile believe the block.
{ voc | head -c 42 | sed 's/\x0c\x03/\x04\x03/' && head -c 768 /dev/zero | tr '\0' '\377' && printf '\0'; } >sox.voc
is "$(frames sox.voc)" "8000 1 380" "VOC of sox"
head -c 700 one.voc >cut.voc
fails 3 'cut off' "VOC that is cut off" decoded cut.voc

# MP3: what others count, whatever stands before and behind.
id3v1() { printf 'TAG%0125d' 0; }
id3v2() { printf 'ID3\4\0\0%b' "$1" && head -c "$2" "$3"; } # SIZE BYTES OF
ape() { printf 'APETAGEX\xd0\7\0\0\x20\0\0\0\0\0\0\0\0\0\0\x80\0\0\0\0\0\0\0\0' && printf 'APETAGEX\xd0\7\0\0\x20\0\0\0\0\0\0\0\0\0\0\x80\0\0\0\0\0\0\0\0'; }
head -c 70000 "$BUILD/wavnorm" >picture # 0x11170: 4 34 112
dressed() { # KIND FILE
	case $1 in
	bare) cat "$2" ;;
	named) cat "$2" ;;
	id3v1) cat "$2" && id3v1 ;;
	id3v2) id3v2 '\0\0\2\0' 256 /dev/zero && cat "$2" ;;
	cover) id3v2 '\0\4\x22\x70' 70000 picture && cat "$2" && id3v1 ;;
	ape) id3v2 '\0\0\0\x10' 16 /dev/zero && cat "$2" && ape && id3v1 ;;
	zeros) head -c 3000 /dev/zero && cat "$2" ;;
	junk) printf 'some bytes of a stream that nobody can read' && cat "$2" ;;
	esac
}
n=0
while IFS=$'\t' read -r name rate channels samples _; do
	bad=
	for kind in bare id3v1 id3v2 cover ape zeros junk; do
		[ $kind$name != junklame-free.mp3 ] || continue
		dressed $kind "$data/mp3/$name" >"$kind-$name"
		got=$(frames "$kind-$name")
		[ "$got" = "$rate $channels $samples" ] || bad+=" $kind($got)"
		n=$((n + 1))
	done
	is "$bad" '' "$name: $samples samples with tags and without"
	# shellcheck disable=SC2002
	is "$(cat "$data/mp3/$name" | decoded - 2>&1)" "$(decoded "$data/mp3/$name")" "$name: by a pipe"
done < <(grep $'\t' "$data/mp3/README")
[ "$n" -ge 100 ]
ok $? "$n MP3 files"
bare=$data/mp3/ffmpeg-bare.mp3 header=$data/mp3/lame-header.mp3 stereo=$data/mp3/lame-stereo.mp3
{ printf 'HTTP/1.0 200 OK\r\nContent-Type: audio/mpeg\r\nX: %0600d\r\n\r\n' 0 && cat "$bare"; } >http.mp3
is "$(frames http.mp3)" "16000 1 10944" "by its name, a text in front"
tail -c +50 "$bare" >mid.mp3
is "$(frames mid.mp3)" "16000 1 10368" "from the middle of a frame: one less"
decoded -s "$bare" >out
is "$(perl -0777 -ne 'my @x = unpack "f<*"; my $s = 0; $s += $_ ** 2 for @x[2000 .. 9000]; printf "%.1f", sqrt($s / 7001)' out)" 0.3 \
	"the tone is as loud as it was"
head -c 2000 "$bare" >cut.mp3
fails 3 'cut.mp3: cut off in its last frame' "cut off in a frame" decoded cut.mp3
is "$(frames -l cut.mp3)" "16000 1 10368" "--ignore-length reads those before"
head -c 100 "$bare" >cut.mp3
fails 3 "^wavnorm: cut.mp3: cut off: MPEG audio without a whole frame" "cut off in its first frame, one line" wavnorm cut.mp3
is "$(wc -l <err)" 1 "and no line of a library's"
head -c 1500 "$header" >cut.mp3
fails 3 'cut off: the header claims 19 MPEG frames' "cut off, by its header" decoded cut.mp3
patched "$bare" damaged.mp3 864 1234
fails 3 'damaged at byte 864' "a frame that begins as none" decoded damaged.mp3
place=$(perl -0777 -ne 'print index($_, "Xing") + 7' "$header")
patched "$header" uncounted.mp3 "$place" 0e
is "$(frames uncounted.mp3)" "16000 1 $((19 * 576))" "a header that does not count frames"
{ head -c 4 "$bare" && head -c 32 /dev/zero && printf 'VBRI\0\1%b' '\2\x8c\0\x4b' && head -c 62 /dev/zero; } >vbri # a frame of 108 bytes
cat vbri "$bare" >vbri.mp3
both vbri.mp3 "16000 1 10944" "Fraunhofer's header is no audio"
same <(decoded -s vbri.mp3) <(decoded -s "$bare") "nor changes it"
joined() { # NAME WANT FILE...
	local name=$1 want=$2
	shift 2
	cat "$@" >j
	both j "$want" "joined: $name"
}
joined "MP3 without headers" "16000 1 $((2 * 10944))" "$bare" "$bare"
joined "MP3 with headers" "16000 1 $((3 * 9600))" "$header" "$header" "$header"
joined "with Fraunhofer's" "16000 1 $((3 * 10944))" "$bare" vbri.mp3 vbri.mp3
joined "with and without" "16000 1 $((9600 + 10944 + 9600))" "$header" "$bare" "$header"
joined "with tags between" "16000 1 $((2 * 10944 + 2 * 9600))" "cover-ffmpeg-bare.mp3" "id3v2-ffmpeg-bare.mp3" \
	ape-lame-header.mp3 cover-ffmpeg-header.mp3
joined "MP2" "16000 1 $((2 * 10368))" "$data/mp3/ffmpeg.mp2" "$data/mp3/ffmpeg.mp2"
cat "$bare" "$stereo" >j
fails 3 'j: .*changes its rate or channels at byte 2052' "MP3 of two rates" decoded j
cat "$header" "$stereo" >j
fails 3 'j: .*rate' "with a header too" decoded j
head -c 4000 <(cat "$header" "$header") >j
fails 3 'j: .*cut off' "the second one is cut off" decoded j
{ printf 'RIFF%b' '\x28\x08\0\0' && printf 'WAVEfmt %b' '\x10\0\0\0\x55\0\1\0\x80\x3e\0\0\xb8\x0b\0\0\1\0\0\0data\x04\x08\0\0' && cat "$bare"; } >mp3.wav
is "$(frames mp3.wav)" "16000 1 10944" "MP3 in WAV"

# FLAC.
audio a.flac flac 16000 1 20000
sum=$(decoded a.flac)
for kind in id3v1 id3v2 cover ape; do
	dressed $kind a.flac >$kind.flac
	is "$(decoded $kind.flac 2>&1)" "$sum" "FLAC dressed as $kind"
	# shellcheck disable=SC2002
	is "$(cat $kind.flac | decoded - 2>&1)" "$sum" "by a pipe"
done
patched a.flac live.flac 22 00000000 # STREAMINFO: the number of samples is not known
both live.flac '16000 1 20000' "FLAC that does not know its length"
dressed ape live.flac >x.flac
is "$(decoded x.flac 2>&1)" "$sum" "with tags behind"
size=$(stat -c %s a.flac)
for at in $((size - 1)) $((size / 2)) 200; do
	head -c $at a.flac >cut.flac
	fails 3 'cut off' "FLAC cut off at $at" decoded cut.flac
	# shellcheck disable=SC2002
	cat cut.flac | decoded - >out 2>err
	is $? 3 "by a pipe too"
done

# FLAC in Ogg: its pages, which need not begin with frames, hold FLAC behind 9 bytes.
in_ogg() { # FILE SKIPPED-PAGE
	perl -0777 -ne 'my ($n, $skip) = (0, $ENV{SKIP});
		sub page { my ($flags, $body) = @_; my $last = length($body) % 255;
			my $lacing = "\xff" x int(length($body) / 255) . chr $last;
			print pack("a4C2x8VVx4C", "OggS", 0, $flags, 7, $n, length $lacing), $lacing, $body unless $n == $skip; $n++ }
		page(2, "\x7fFLAC\1\0\0\1" . substr $_, 0, 42);
		for (my $at = 42; $at < length; $at += 1777) { page($at + 1777 < length ? 0 : 4, substr $_, $at, 1777) }' "$1"
}
SKIP=-1 in_ogg a.flac >a.oga
SKIP=-1 in_ogg live.flac >live.oga
SKIP=3 in_ogg live.flac >gap.oga
both a.oga '16000 1 20000' "FLAC in Ogg"
is "$(decoded a.oga 2>&1)" "$sum" "has its samples"
both live.oga '16000 1 20000' "of unknown length"
cat a.oga live.oga a.flac | decoded - >out 2>&1
is "$(cut -d ' ' -f 1-3 out)" '16000 1 60000' "joined with others"
cat a.oga <(head -c 50 /dev/zero) >zeros.oga
both zeros.oga '16000 1 20000' "with zeros behind"
printf 'a.oga\tb\t\t\tstart=0.5\tend=0.75\na.oga\ta\t\t\tstart=0.1\tend=0.2\n' >parts
run 0 "parts of it" wavnorm --rate 16000 --seconds 0.25 --manifest parts
cp out want
sed 's/oga/flac/' parts >parts.flac
run 0 "and of FLAC" wavnorm --rate 16000 --seconds 0.25 --manifest parts.flac
same out want "are the same"
head -c $(($(stat -c %s live.oga) - 5)) live.oga >cut.oga
fails 3 'cut off: the last page' "FLAC in Ogg that is cut off" decoded cut.oga
fails 3 'gap.oga: damaged at byte [0-9]+: a page of the Ogg stream is missing' "or lacks a page" decoded gap.oga
patched a.oga damaged.oga 9000 1234567890
fails 3 'damaged.oga: cut off or damaged' "or is damaged" decoded damaged.oga
if command -v ffmpeg >/dev/null && ffmpeg -v error -i a.flac -c:a flac real.oga; then
	is "$(decoded real.oga 2>&1)" "$sum" "FLAC in Ogg of ffmpeg"
else
	skip "no ffmpeg that writes FLAC in Ogg"
fi

# Joined, whatever they are.
audio b.flac flac 16000 1 3000
audio stereo.flac flac 16000 2 3000
joined FLAC '16000 1 26000' a.flac b.flac b.flac
cat a.flac stereo.flac >j
fails 3 'j: .*at byte [0-9]+: .*16000 Hz and 1' "FLAC of one channel and of two" decoded j
cat a.flac <(head -c 1000 b.flac) >j
fails 3 'j: .*cut off' "the second FLAC is cut off" decoded j
for format in wav aiff au caf w64 rf64 nist ogg opus; do
	if ! audio a.$format $format 48000 1 48000 2>/dev/null || ! audio b.$format $format 48000 1 5000 || ! audio c.$format $format 24000 1 5000; then
		skip "libsndfile here cannot write $format"
		continue
	fi
	decoded -s a.$format >want
	decoded -s b.$format >>want
	cat a.$format b.$format >j
	decoded -s j >out
	same out want "joined: $format"
	# shellcheck disable=SC2002
	same <(cat j | decoded -s -) want "joined: $format by a pipe"
	cat a.$format c.$format >j
	fails 3 'j: .*(rate|48000 Hz)' "$format of two rates" decoded j
	cat a.$format <(head -c $(($(stat -c %s b.$format) - 300)) b.$format) >j
	fails 3 'j: .*cut off' "the second $format is cut off" decoded j
done
if [ -s a.opus ]; then
	head -c $(($(stat -c %s a.opus) - 500)) a.opus >cut.opus
	fails 3 'cut off: the last page' "Opus that is cut off in a page" decoded cut.opus
	run 0 "--ignore-length" timeout 20 "$BUILD/unit/decoded" -l cut.opus
	[ "$(cut -d ' ' -f 3 out)" -gt 1000 ]
	ok $? "reads its whole pages"
fi
for first in opus ogg; do
	[ -s a.$first ] || continue
	audio f.flac flac 48000 1 5000
	cat a.$first f.flac >j
	both j '48000 1 53000' "joined: $first and FLAC"
done
cat a.wav b.aiff >j
both j '48000 1 53000' "joined: WAV and AIFF"

# Live: what a pipe has given can be had, though no more comes yet.
audio live.wav wav 16000 1 40000
audio live.aiff aiff 16000 1 40000
audio live.au au 16000 1 40000
audio live.w64 w64 16000 1 40000
perl "$data/lengths.pl" . >want
for name in live.wav live.aiff live.au live.w64 arecord.wav ffmpeg-pipe.wav sox-pipe.aiff open.w64 open.au; do
	size=$(stat -c %s $name)
	read -r first all status < <(perl "$data/live.pl" $name $((size / 2)) "$BUILD/unit/decoded" -s -)
	# Headers are about 100 bytes; 4 bytes a sample.
	[ "$first" -ge $((size - 400)) ] && [ "$first" -le "$size" ] && [ "$all $status" = "$(decoded -s $name | wc -c) 0" ]
	ok $? "$name live: of $size bytes half gives $((first / 4)) samples at once"
done
patched live.flac live.flac 22 00000000 2>/dev/null
audio live.flac flac 16000 1 40000
size=$(stat -c %s live.flac)
read -r first all status < <(perl "$data/live.pl" live.flac $((size / 2)) "$BUILD/unit/decoded" -s -)
[ "$first" -ge $((12 * 4096)) ] && [ "$all $status" = '160000 0' ]
ok $? "FLAC live: half gives $((first / 4)) samples"

# A file that shrinks while it is read.
perl -e 'print pack("a4Va8VvvVVvva4V", "RIFF", 800000036, "WAVEfmt ", 16, 1, 1, 16000, 32000, 2, 16, "data", 800000000)' >big.wav
truncate -s 800000044 big.wav
(sleep 0.2 && truncate -s 100000 big.wav) &
fails 3 'big.wav: cut off' "a file that is cut while it is read" wavnorm big.wav
wait

# What is no audio is named.
named() { # NAME BYTES REGEX
	# shellcheck disable=SC2059
	printf "$2" >"$1"
	fails 3 "^wavnorm: $1: .*$3" "$1" wavnorm "$1"
}
named x.m4a '\0\0\0\x20ftypM4A \0\0\0\0' 'M4A.*ffmpeg -i x.m4a -f wav - \| wavnorm'
named x.3gp '\0\0\0\x18ftyp3gp4\0\0\0\0' 'ffmpeg -i x.3gp'
named x.webm '\x1a\x45\xdf\xa3\x01\0\0\0\0\0\0\x1f' 'WebM.*ffmpeg -i x.webm -f wav - \| wavnorm'
named x.aac '\xff\xf1\x50\x80\x02\x1f\xfc\x21\0\0\0\0' 'AAC.*ffmpeg -i x.aac'
named x.amr '#!AMR\n\x3c\x91\x17\x16\xbe\x66\x78' 'AMR.*ffmpeg -i x.amr'
named x.sox '.SoX\x2c\0\0\0\xfa\xed' 'SoX.*ffmpeg -i x.sox -f wav - \| wavnorm'
named x.wma '\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\0\xaa' 'WMA.*ffmpeg -i x.wma'
named x.npy '\x93NUMPY\1\0v\0{}      ' 'NumPy.*tsrnpy x.npy'
named x.zip 'PK\3\4\x14\0\0\0\0\0notes.txt' 'zip.*unpack'
named x.wav.gz '\x1f\x8b\x08\0\0\0\0\0\0\3' 'gzip -dc x.wav.gz \| wavnorm'
named lfs.wav 'version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 5\n' 'git lfs pull'
named page.wav '<!DOCTYPE html>\n<html><body>404</body></html>' 'web page.*fetch it again'
named text.wav 'no audio but some text\n' 'not audio: this is a text file'
named raw.wav '\1\2\3\4\5\6\7\x10\x20\x30\x40\x50\x60' 'not audio.*wavnorm --raw s16le,16000,1'
wavnorm --seconds 0.1 a.wav >x.tsr
fails 3 'x.tsr: .*a tensor stream.*tsrdump x.tsr' "a stream" wavnorm x.tsr
{ head -c 20 a.wav && printf '\x34\x12' && tail -c +23 a.wav; } >coding.wav
fails 3 'coding.wav: a WAV recording that libsndfile cannot read \(.+\): try ffmpeg -i coding.wav -f wav - \| wavnorm' \
	"a coding that libsndfile does not know, with its reason" wavnorm coding.wav
finish
