#!/bin/bash
# cut: parts and windows of recordings, their keys, and what -v counts.
. "${0%/*}/lib.sh"
. "$root/tests/streams.sh"
need_tools perl

# wave FILE RATE EXPRESSION...: a WAV of one channel of 16 bits. Each expression is
# COUNT:PERL, which gives the sample for $_, counted from 0 over all of them.
wave() {
	perl -e '
		my ($file, $rate, @parts) = @ARGV;
		my ($i, $x) = (0, "");
		for my $part (@parts) {
			my ($n, $code) = split /:/, $part, 2;
			my $f = eval "sub { $code }" or die $@;
			$x .= pack "v*", map { 0xffff & int($f->()) } $i .. $i + $n - 1;
			$i += $n;
		}
		open my $o, ">:raw", $file or die;
		print $o "RIFF", pack("V", 36 + length $x), "WAVEfmt ", pack("VvvVVvv", 16, 1, 1, $rate, 2 * $rate, 2, 16),
			"data", pack("V", length $x), $x;' "$@"
}
# starts: key and start of the records in out.
starts() {
	tsrdump --tsv --columns start out | tail -n +2 | awk -F '\t' '{ print $1, $NF }'
}
# samples FILE: those of its records, a line each.
samples() {
	tsrdump --data "$1" | cut -f 3-
}
noise='($_ * 7919 + int($_ / 97) * 104729) % 20011 - 10005'

# A part is what a file of its own would be, bit by bit: here are both.
wave long.wav 16000 "200000:$noise"
wave part.wav 16000 "40000:\$_ += 52000; $noise"
wave part44.wav 44100 "88200:\$_ += 44100; $noise"
wave long44.wav 44100 "441000:$noise"
printf 'long.wav\tpart\tsad\t07\tstart=3.25\tend=5.75\tsex=f\n' >part.tsv
printf 'long44.wav\tpart44\t\t\tend=3\tstart=1\n' >part44.tsv
bad=
for options in '' '--at centre --seconds 1' '--trim 3 --seconds 1' '--window 0.5' '--window 1 --step 0.3 --peak -3' '--rate 16000'; do
	for name in part part44; do
		# shellcheck disable=SC2086
		wavnorm $options $name.wav >want.tsr
		# shellcheck disable=SC2086
		wavnorm $options --manifest $name.tsv >out
		samples want.tsr >want
		[ -s want ] && samples out | cmp -s - want || bad+=" $name:$options"
	done
done
is "$bad" '' "a part of a file is as that part alone, to the last bit"
run 0 "a part is a record" wavnorm --manifest part.tsv
is "$(tsrdump --tsv --columns sex,start out | tail -n +2 | cut -f 1-3,13-)" $'part\tsad\t07\tf\t3.250' "with its start"
run 0 "and windows" wavnorm --window 1 --manifest part.tsv
is "$(starts)" $'part 3.250\npart 4.250\npart 5.250' "with theirs, in the file"
is "$(tsrdump --tsv --columns end out | tail -n +2 | cut -f 13)" $'4.250\n5.250\n5.750' "and where they end, without padding"

# By arithmetic: the sample at frame i is i mod 30000.
wave count.wav 22050 '66150:$_ % 30000'
part() { # START END: its length, first and last samples
	printf 'count.wav\tk\t\t\tstart=%s\tend=%s\n' "$1" "$2" >p.tsv
	wavnorm --seconds 2 --manifest p.tsv >out 2>err &&
		samples out | awk -F '\t' '{ n = NF; while (n > 1 && $n == 0) n--; printf "%d %d %d\n", n, $1 * 32768 + .5, $n * 32768 + .5 }'
}
is "$(part 0.5 1)" "11025 11025 22049" "from the frame of the start to the one before the end"
is "$(part 0.1 0.1001)" "2 2205 2206" "a part of two frames"
is "$(part 2.9 3.0)" "2205 3945 6149" "to the recording's very end"
is "$(part 2.9 3.0004)" "2205 3945 6149" "an end that was rounded up by less than half a millisecond"
printf 'count.wav\tk\t\t\tstart=2.9\n' >p.tsv
wavnorm --seconds 2 --manifest p.tsv >x.tsr
is "$(samples x.tsr)" "$(samples out)" "no end is the recording's"

# Formats that are sought and formats that are decoded up to there.
for format in wav wav24 flac aiff au caf w64 rf64 nist ogg opus mp3; do
	"$BUILD/unit/mkaudio" s.$format $format 48000 2 200000 2>/dev/null || {
		skip "libsndfile here cannot write $format"
		continue
	}
	printf 's.%s\tk\t\t\tstart=2.5\tend=3.5\n' $format >p.tsv
	wavnorm --rate 48000 --seconds 1 --manifest p.tsv >out
	wavnorm --rate 48000 --seconds 3.5 s.$format >x.tsr
	is "$(samples out | cksum)" "$(samples x.tsr | cut -f 120001- | cksum)" "a part of $format has the samples of the whole"
done
"$BUILD/unit/mkaudio" s.flac flac 48000 1 200000
printf 's.flac\tk\t\t\tend=0.5\n-\tpipe\t\t\tstart=2.5\tend=3.5\n' >p.tsv
wavnorm --manifest p.tsv <s.flac >x.tsr
# shellcheck disable=SC2002
cat s.flac | wavnorm --manifest p.tsv >out
same out x.tsr "a part of a pipe"

# Many parts of files, forward and back, next to each other and over each other.
for format in wav flac ogg opus mp3; do
	[ -e s.$format ] || continue
	for ((i = 0; i < 14; i++)); do
		printf 's.%s\t%d\t\t\tstart=%s\tend=%s\n' $format $i $((i * 7 % 40 / 11)).$((i * 3 % 10)) $((i * 7 % 40 / 11 + 1))
	done | awk -F '[=\t]' '$6 < $8' >parts.tsv
	for options in '--seconds 1' '--window 0.3' '--trim 3 --seconds 0.5'; do
		while IFS= read -r line; do
			printf '%s\n' "$line" >p.tsv
			# shellcheck disable=SC2086
			wavnorm -j 1 $options --manifest p.tsv >x.tsr
			samples x.tsr
		done < <(every 9 <parts.tsv) >want
		every 9 <parts.tsv >p.tsv
		for j in 1 3; do
			# shellcheck disable=SC2086
			wavnorm -j $j $options --manifest p.tsv >x.tsr
			samples x.tsr | cmp - want >err 2>&1 && [ -s want ]
			ok $? "$(wc -l <p.tsv) parts of $format, $options, -j $j: as each alone"
		done
	done
done

# What is no part of it.
bad_part() { # CELLS REGEX
	printf 'count.wav\n%b\n' "count.wav\tk\tl\tg\t$1" >p.tsv
	fails 3 "$2" "no part: ${1//\\t/ }" wavnorm --manifest p.tsv
}
bad_part 'start=2\tend=2' 'p.tsv: line 2: start=2 is not before end=2$'
bad_part 'start=2.5\tend=1' 'p.tsv: line 2: start=2.5 is not before end=1$'
bad_part 'end=0' 'line 2: start=0 is not before end=0$'
bad_part 'start=-1' "line 2: 'start=-1' is negative"
for word in nan inf 0x1 1s '' 1,5 ' 1' 1e999; do
	bad_part "end=$word" "line 2: 'end=$word' is not in seconds"
done
bad_part 'start=1\tstart=1' 'line 2: the name start appears twice'
bad_part 'end=1\tx=1\tend=2' 'line 2: the name end appears twice'
bad_part 'start=1\tend=3.5' 'p.tsv: line 2: count.wav: end=3.5 is beyond the end of the recording, which has 3 s'
bad_part 'end=3.001' 'end=3.001 is beyond'
bad_part 'start=3\tend=4' 'p.tsv: line 2: count.wav: start=3 is at or beyond the end of the recording, which has 3 s'
bad_part 'start=1e9' 'start=1000000000 is at or beyond'
bad_part 'start=1\tend=1.00001' 'from start=1 to end=1.00001 there is no frame'
if [ -e s.mp3 ] && [ -e s.ogg ]; then
	for name in s.mp3 s.ogg; do
		printf '%s\tk\t\t\tstart=3\tend=9\n' $name >p.tsv
		fails 3 "line 1: $name: end=9 is beyond the end of the recording, which has 4\.[12]" "nor of $name" \
			wavnorm --manifest p.tsv
	done
fi
printf 'count.wav\tk\t\t\tstart=1\tend=3.5\ncount.wav\tk\t\t\tstart=2\tend=2.5\n' >p.tsv
run 0 "--skip-bad passes over a part that is not there" wavnorm --skip-bad 1 --manifest p.tsv
is "$(starts)" 'k 2.000' "and the next is there"

# Keys.
mkdir -p one two
cp count.wav one/a.wav
cp part.wav two/a.wav
cp part.wav two/a.b.wav
fails 3 "^wavnorm: two/a.wav: its key 'a' is that of one/a.wav too: with --key path" "two files of one name" \
	wavnorm one/a.wav two/a.b.wav two/a.wav
run 0 "--key path" wavnorm --key path one/a.wav two/a.b.wav two/a.wav
is "$(starts)" $'one/a.wav -\ntwo/a.b.wav -\ntwo/a.wav -' "has the whole paths"
run 0 "--key name is the default" wavnorm --key name one/a.wav two/a.b.wav
is "$(starts)" $'a -\na.b -' "without the last extension"
fails 3 "one/a.wav: its key 'one/a.wav' is that of one/a.wav too: it is named twice$" "a file twice" wavnorm --key path one/a.wav one/a.wav
run 0 "--key auto" wavnorm --key auto one/a.wav two/a.b.wav
is "$(starts)" $'a -\na.b -' "is the name"
run 0 "and where two are alike" wavnorm --key auto one/a.wav two/a.b.wav two/a.wav
is "$(starts)" $'one/a.wav -\ntwo/a.b.wav -\ntwo/a.wav -' "the path of all"
run 0 "not in a manifest" wavnorm --key auto --manifest <(printf 'one/a.wav\ntwo/a.b.wav\n')
is "$(starts)" $'a -\na.b -' "which is read once"
fails 3 $'^wavnorm: n.nl.wav: its name cannot be its key .*: rename it' "a name with a control character" \
	wavnorm --key auto one/a.wav "$(cp part.wav $'n\nl.wav' && echo $'n\nl.wav')"

# Folders.
mkdir -p tree/b/c tree/empty tree/.hidden
cp part.wav tree/b/Z.WAV
cp part.wav tree/b/c/"it's a \"name\".wav"
cp part.wav tree/a.wav
cp part.wav tree/.hidden/x.wav
cp part.wav tree/b/.x.wav
echo text >tree/b/read.me
ln -s .. tree/b/up
ln -s ../a.wav tree/b/link.wav
run 0 "--folders" wavnorm --key path --folders tree one/a.wav
is "$(starts)" "tree/a.wav -
tree/b/Z.WAV -
tree/b/c/it's a \"name\".wav -
tree/b/link.wav -
one/a.wav -" "has what is below them, in order"
fails 3 "^wavnorm: tree/empty: no recordings in this folder or below it" "an empty folder" wavnorm --folders tree/empty
printf 'xxxxftypM4A ' >tree/b/z.m4a
fails 3 "tree/b/z.m4a: .*ffmpeg" "what must be converted" wavnorm --folders tree
run 0 "--skip-bad" wavnorm -q --key path --skip-bad 1 --folders tree
is "$(starts | wc -l)" 4 "passes over it"

fails 2 "'full' is none of name, path" "another key" wavnorm --key full one/a.wav
printf 'one/a.wav\tx\n# two\n\ntwo/a.wav\tx\n' >m.tsv
fails 3 "^wavnorm: m.tsv: line 4: the key 'x' is that of line 1 too: each recording must have its own$" "a key twice in a manifest" wavnorm --manifest m.tsv
printf 'one/a.wav\ntwo/a.wav\n' >m.tsv
fails 3 "^wavnorm: m.tsv: line 2: the key 'a' is that of line 1 too: with --key path" "a name twice in a manifest" \
	wavnorm --manifest m.tsv
run 0 "--key path is for a manifest too" wavnorm --key path --manifest m.tsv
printf 'one/a.wav\tx\t\t\tstart=1\none/a.wav\tx\t\t\tstart=1\tend=2\n' >m.tsv
fails 3 "line 2: the key 'x' with start=1.000 is that of line 1 too" "two parts with one start" wavnorm --manifest m.tsv
printf 'one/a.wav\tx\t\t\tend=1\none/a.wav\tx\t\t\tstart=1\none/a.wav\tx\n' >m.tsv
run 0 "parts that begin elsewhere may share a key" wavnorm --manifest m.tsv
is "$(starts)" $'x 0.000\nx 1.000\nx -' "and so the whole"
for ((i = 0; i < 3000; i++)); do printf 'one/a.wav\t%d\t\t\tend=0.01\n' $i; done >m.tsv
run 0 "thousands of keys" wavnorm -j 2 --seconds 0.01 --manifest m.tsv
printf 'one/a.wav\t1234\t\t\tend=0.01\n' >>m.tsv
fails 3 "line 3001: the key '1234' with start=0.000 is that of line 1235 too" "of which one is there again" \
	wavnorm --seconds 0.01 --manifest m.tsv

# What -v counts.
wave silent.wav 22050 '66150:0'
wave half.wav 22050 '22050:0' '22050:9000 * sin($_ / 9)'
wave loud.wav 22050 '66150:my $x = 60000 * sin($_ / 30); $x > 32767 ? 32767 : $x < -32768 ? -32768 : $x'
wave two.wav 22050 '1000:0' '2:32767' '1000:0' '2:-32768' '1000:9'
wave three.wav 22050 '1000:0' '3:32767' '1000:9'
notice() {
	wavnorm -v "$@" 2>&1 >out | tail -n 1
}
is "$(notice count.wav)" 'wavnorm: 1 files, 1 records' "-v of what is neither silent nor clipped"
is "$(notice silent.wav half.wav count.wav)" 'wavnorm: 3 files, 3 records (1 digital silence)' "silent records are counted"
is "$(notice --window 0.5 silent.wav half.wav)" 'wavnorm: 2 files, 10 records (8 digital silence)' "windows too"
is "$(notice loud.wav silent.wav three.wav two.wav)" 'wavnorm: 4 files (2 clipped), 4 records (1 digital silence)' \
	"clipped recordings are counted: three samples at full scale"
is "$(notice --at centre --rate 16000 loud.wav)" 'wavnorm: 1 files (1 clipped), 1 records' "as they were before resampling"
for coding in mu-law a-law unsigned-integer; do
	if command -v sox >/dev/null && sox loud.wav -t wav -e $coding -b 8 law.wav 2>/dev/null; then
		is "$(notice law.wav)" 'wavnorm: 1 files (1 clipped), 1 records' "in $coding"
	else
		skip "sox is not here"
	fi
done

# Windows leave until damage is found.
wave minute.wav 22050 "1323000:$noise"
flac=minute.flac
"$BUILD/unit/mkaudio" $flac flac 22050 1 1323000
wavnorm --window 1 $flac >whole.tsr
flip $flac $(($(stat -c %s $flac) / 2)) 3 damaged.flac
for j in 1 2; do
	run 3 "damage in the middle, -j $j" wavnorm -j $j --window 1 damaged.flac
	like "$(cat err)" 'damaged.flac: cut off or damaged after frame' "is named"
	tsrdump --tsv out 2>err >table
	n=$(($(wc -l <table) - 1))
	[ $n -gt 20 ] && [ $n -lt 40 ]
	ok $? "what was read before has left ($n of 60 windows)"
	run 0 "--skip-bad goes on behind it" wavnorm -j $j --skip-bad 1 --window 1 damaged.flac half.wav
	is "$(starts | awk '{ print $1 }' | uniq -c | xargs)" "$n damaged 2 half" "with the same windows"
done
run 3 "but where the end decides" wavnorm --trim 40 damaged.flac
is "$(tsrdump --tsv out 2>err | tail -n +2)" '' "nothing has left"

# Each window is trimmed by itself, as a recording of its own: some are of silence, or begin or end in it.
wave talk.wav 16000 "9000:0" "15000:\$_ % 37 * 300" "9000:\$_ % 3" "40000:$noise" "8000:0" '3000:$_ % 5 * 1000'
trim=(--rate 16000 --trim 30 --trim-frame short --peak -3)
for options in '' '--trim-frame librosa'; do
	for ((i = 0; 8000 * i < 84000 - 16000 + 8000; i++)); do
		printf 'talk.wav\tk\t\t\tstart=%s' "$(awk -v i=$i 'BEGIN { print i / 2 }')"
		if ((8000 * i + 16000 < 84000)); then printf '\tend=%s' "$(awk -v i=$i 'BEGIN { print i / 2 + 1 }')"; fi
		echo
	done >parts.tsv
	# shellcheck disable=SC2086
	wavnorm "${trim[@]}" $options --seconds 1 --manifest parts.tsv >x.tsr
	# shellcheck disable=SC2086
	run 0 "windows that are trimmed, $options" wavnorm "${trim[@]}" $options --window 1 --step 0.5 talk.wav
	is "$(starts)" "$(for ((i = 0; i < 10; i++)); do echo "talk $((i / 2)).$((i % 2 * 5))00"; done)" "begin where they would"
	samples out >got
	samples x.tsr | cmp - got >err 2>&1
	ok $? "and each is as that part alone"
done

# More files than fit at a time, each longer than what may be held: the same bytes.
files=(minute.wav)
for i in 1 2 3 4 5 6; do
	cp minute.wav "m$i.wav"
	files+=("m$i.wav")
done
for options in '--window 1' '--window 0.1 --step 3' '--window 1 --trim 3' '--at centre' '--trim 3'; do
	# shellcheck disable=SC2086
	wavnorm $options -j 1 "${files[@]}" >x.tsr
	for j in 2 5; do
		# shellcheck disable=SC2086
		run 0 "wavnorm $options -j $j" wavnorm $options -j $j "${files[@]}"
		same out x.tsr "has the bytes of -j 1"
	done
done
fails 4 'No space left' "a full disk among them" bash -c 'wavnorm -j 3 --window 1 "$@" >/dev/full' - "${files[@]}"
fails 3 'nowhere.wav' "a file that is not there" wavnorm -j 3 --window 1 "${files[@]}" nowhere.wav
finish
