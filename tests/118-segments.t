#!/bin/bash
# segments: speech between pauses, as it comes; channels kept apart.
. "${0%/*}/lib.sh"
. "$root/tests/streams.sh"
need_tools perl
units segment

# voice FILE RATE SECONDS CHANNELS NOISE [FROM-TO[:CHANNEL]]...: vowels of a gliding pitch, five syllables a second,
# at these seconds in that channel (from 1), over white noise, dB.
voice() {
	perl -e '
		my ($file, $rate, $seconds, $channels, $noise, @parts) = @ARGV;
		my ($seed, $amplitude) = (1, 32768 * 10 ** ($noise / 20) * sqrt 3);
		my @x = map { $seed = ($seed * 1664525 + 1013904223) & 0xffffffff; $amplitude * ($seed / 2147483648 - 1) }
			1 .. $seconds * $rate * $channels;
		for my $part (@parts) {
			my ($from, $to, $channel) = $part =~ /^(.*)-([^:]*):?(.*)$/;
			my $phase = 0;
			for my $i (int($from * $rate) .. int($to * $rate) - 1) {
				my $t = $i / $rate - $from;
				my $f0 = 140 + 30 * sin(8 * $t);
				my $loud = 900 * (0.1 + abs sin(15.7 * $t));
				$phase += 6.2831853 * $f0 / $rate;
				for my $k (1 .. 12) {
					last if $k * $f0 > $rate / 2.2;
					my $formant = 0.1 + exp(-(($k * $f0 - 500) / 250) ** 2) + 0.5 * exp(-(($k * $f0 - 1500) / 300) ** 2);
					$x[$i * $channels + ($channel || 1) - 1] += $loud * $formant * sin($k * $phase);
				}
			}
		}
		my $x = pack "s<*", map { $_ > 32767 ? 32767 : $_ < -32768 ? -32768 : int $_ } @x;
		open my $o, ">:raw", $file or die;
		print $o "RIFF", pack("V", 36 + length $x), "WAVEfmt ",
			pack("VvvVVvv", 16, 1, $channels, $rate, 2 * $rate * $channels, 2 * $channels, 16), "data", pack("V", length $x), $x;' "$@" || exit 99
}
# times [COLUMN...]: key, start and end of the records in out.
times() {
	tsrdump --tsv --columns start,end "${1:-out}" | tail -n +2 | awk -F '\t' '{ print $1, $(NF - 1), $NF }'
}
# near WANT NAME: the times are within 0.15 s of the wanted.
near() {
	times | awk -v want="$1" '
		BEGIN { n = split(want, w, /[ -]/) }
		{ got = got " " $2 "-" $3; bad += $2 < w[2 * NR - 1] - 0.15 || $2 > w[2 * NR - 1] + 0.15 || $3 < w[2 * NR] - 0.15 || $3 > w[2 * NR] + 0.15 }
		END { print got; exit bad || 2 * NR != n }' >near
	ok $? "$2"
	[ "${PIPESTATUS[0]}" = 0 ] && sed 's/^/# /' near
}
said='0.5-1.9 2.4-3.2 4.5-6.5'
whole=(--rate 16000 --seconds all --segments)
# shellcheck disable=SC2086
voice v.wav 16000 7.5 1 -70 $said

# Where they are
for rate in 8000 16000 44100; do
	for noise in -70 -50 -42; do
		# shellcheck disable=SC2086
		voice at.wav $rate 7.5 1 $noise $said
		run 0 "at $rate Hz, noise of $noise dB" wavnorm --rate $rate --seconds all --segments at.wav
		near "$said" "the segments"
	done
done
run 0 "from 16000 Hz to 2000" wavnorm --segments --rate 2000 v.wav
near "$said" "there, too"
voice begins.wav 16000 3 1 -60 0-1.5 2-3
run 0 "a recording that begins and ends with speech" wavnorm "${whole[@]}" begins.wav
near '0-1.5 2-3' "loses none of it"

# How long
run 0 "--min-pause" wavnorm "${whole[@]}" --min-pause 0.8 v.wav
near '0.5-3.2 4.5-6.5' "shorter pauses do not end a segment"
run 0 "--min-speech" wavnorm "${whole[@]}" --min-speech 1 v.wav
near '0.5-1.9 4.5-6.5' "shorter speech is none"
run 0 "--max-speech" wavnorm "${whole[@]}" --max-speech 1 v.wav
times | awk 'NR > 1 && $2 < end { bad = 1 } { bad += $3 - $2 > 1; same += $2 == end; end = $3 } END { exit bad || NR - same != 3 }'
ok $? "longer ones are cut, without a gap and an overlap"
run 0 "a record's length" wavnorm --rate 16000 --seconds 1 --segments v.wav
times >got
wavnorm "${whole[@]}" --max-speech 1 v.wav >out
is "$(cat got)" "$(times)" "is the longest speech"
run 0 "which is padded" wavnorm --segments v.wav
is "$(tsrdump --tsv out | cut -f 7 | xargs)" 'shape 55125 55125 55125' "to the records' length"

# No speech
voice noise.wav 16000 6 1 -30
voice silence.wav 16000 6 1 -200
"$BUILD/unit/mkaudio" tone.wav wav 16000 1 96000
"$BUILD/unit/mkaudio" click.wav wav 16000 1 96000 click
for what in noise silence tone click; do
	run 0 "$what" wavnorm "${whole[@]}" $what.wav
	is "$(tsrdump --tsv out | wc -l), $(cat err)" "1, wavnorm: $what.wav: no speech in it: no record" "no record, and a notice"
done
run 0 "-q" wavnorm -q "${whole[@]}" noise.wav
is "$(cat err)" '' "says nothing"
run 0 "-v" wavnorm -v "${whole[@]}" noise.wav v.wav silence.wav
is "$(tail -n 1 err)" 'wavnorm: 3 files (2 without speech), 3 records' "counts them"
head -c 300 v.wav >short.wav
run 0 "a few samples" wavnorm --ignore-length "${whole[@]}" short.wav
is "$(tsrdump --tsv out | wc -l)" 1 "have no speech"
fails 3 'zero frames' "no audio at all" bash -c "head -c 44 v.wav | wavnorm --ignore-length ${whole[*]}"

# The same from a pipe, with any number of threads, and as parts of the file
run 0 "a file" wavnorm "${whole[@]}" --trim 30 --peak -3 v.wav
tsrdump --data out | sed 's/^v/stdin/' >want
wavnorm "${whole[@]}" --trim 30 --peak -3 <v.wav | tsrdump --data >got
same want got "from it and from a pipe"
perl -e '$| = 1; while (read STDIN, my $x, 700) { print $x }' <v.wav | wavnorm "${whole[@]}" --trim 30 --peak -3 | tsrdump --data >got
same want got "that drips"
tsrdump --tsv --columns start,end,gain out | tail -n +2 | awk -F '\t' '{ print "v.wav\tv\t\t\tstart=" $(NF - 2) "\tend=" $(NF - 1) }' >parts.tsv
wavnorm --rate 16000 --seconds all --trim 30 --peak -3 --manifest parts.tsv | tsrdump --data | cut -f 3- >want
tsrdump --data out | cut -f 3- >got
same want got "a segment is trimmed and scaled as a recording of its own"
printf 'v.wav\ta\tsad\t07\tsex=f\nv.wav\tb\t\t\tstart=2\tend=7\nbegins.wav\nnoise.wav\n' >m.tsv
wavnorm -q "${whole[@]}" -j 1 --manifest m.tsv >want.tsr
bad=
for j in 2 5; do wavnorm -q "${whole[@]}" -j $j --manifest m.tsv | cmp -s - want.tsr || bad+=" $j"; done
is "$bad" '' "whatever -j is"
is "$(tsrdump --tsv --columns sex want.tsr | sed -n '2p;4p' | cut -f 1-3,13 | xargs)" 'a sad 07 f a sad 07 f' "a manifest's fields pass"
is "$(times want.tsr | sed -n 4p | cut -d ' ' -f 1,2)" "b $(times want.tsr | sed -n 2p | cut -d ' ' -f 2)" "times of parts are those in the file"

# A model's settings: fixed length, and whole recordings
printf 'v.wav\ta\tx\t1\nbegins.wav\tb\ty\t2\n' >m.tsv
printf 'globalavgpool\ndense classes\nsoftmax\n' >tiny.net
for seconds in 1.5 all; do
	printf 'v.wav\t%s\t\t\tstart=%s\n' a 0 a 1 b 2 b 0 | awk -F '\t' -v OFS='\t' -v s=$seconds '
		{ $3 = $2; $4 = $2; $2 = $2 NR; $5 = s == "all" ? "start=0\tend=" NR / 2 : $5; print }' >m.tsv
	wavnorm -q --rate 16000 --seconds $seconds --trim 40 --manifest m.tsv | melspec -q >mel.tsr
	run 0 "a model" nntrain -q -j 1 --epochs 1 --net tiny.net -o m.bin mel.tsr
	run 0 "--like, $seconds" bash -c "wavnorm --like m.bin --segments v.wav | melspec --like m.bin | nnpredict m.bin"
	is "$(awk 'NR == 1 { print $4, $5 } NR > 1 { print $4, $5 }' out | xargs)" \
		"start end $(wavnorm --like m.bin --segments v.wav | times - | cut -d ' ' -f 2,3 | xargs)" "predictions for segments"
done

# A recorder that waits: a segment leaves once the pause behind it is long enough.
mkfifo pipe
{ # as a recorder writes it, which does not know when it will end
	head -c 40 v.wav
	printf '\x00\x00\x00\x80'
	tail -c +45 v.wav
} >open.wav
for j in 1 3; do
	: >lines
	bash -c "wavnorm -j $j ${whole[*]} - | tsrdump --tsv" <pipe >lines 2>err &
	exec 3>pipe
	head -c $((44 + 32000 * 27 / 10)) open.wav >&3 # 0.8 s behind the first, 0.3 s into the second
	for ((i = 0; i < 100; i++)); do
		[ "$(wc -l <lines)" -lt 2 ] || break
		sleep 0.1
	done
	is "$(wc -l <lines)" 2 "-j $j: the first is there before the second ends"
	tail -c +$((45 + 32000 * 27 / 10)) open.wav >&3
	exec 3>&-
	wait
	is "$(wc -l <lines)" 4 "and then the others"
done

# Damage in the middle: what was complete has left.
{
	head -c $((44 + 32000 * 4)) v.wav
} >cut.wav
run 3 "a recording that was cut off" wavnorm "${whole[@]}" cut.wav
like "$(cat err)" 'cut.wav: .*cut off' "is named"
fails 4 'No space left' "a full disk" bash -c "wavnorm ${whole[*]} v.wav >/dev/full"

# Channels
voice two.wav 16000 7.5 2 -60 0.5-1.9:1 2.4-3.2:2 4.5-5.5:1 5-6.5:2
run 0 "mixed" wavnorm "${whole[@]}" two.wav
near '0.5-1.9 2.4-3.2 4.5-6.5' "by default"
run 0 "--channels apart" wavnorm "${whole[@]}" --channels apart two.wav
near '0.5-1.9 2.4-3.2 4.5-5.5 5-6.5' "the two sides of a call"
is "$(tsrdump --tsv --columns channel out | tail -n +2 | awk -F '\t' '{ print $1, $NF }' | xargs)" \
	'two.ch1 1 two.ch2 2 two.ch1 1 two.ch2 2' "have keys of their own, and channel="
cp out apart.tsr
printf 'start\tend\tchannel\n0.5\t1.9\t1\n2.4\t3.2\t2\n4.5\t5.5\t1\n5\t6.5\t2\n' >truth.tsv
tsrdump --tsv --columns start,end,channel out | awk -F '\t' 'NR > 1 { print $(NF - 2), $(NF - 1), $NF }' >found
is "$(awk -v apart=1 -f "$root/tests/segments/score.awk" truth.tsv found | cut -f 1-3 | xargs)" '100.0 100.0 100.0' \
	"by the measure of tests/segments/evaluate"
wavnorm "${whole[@]}" --channels apart <two.wav | tsrdump --data | sed 's/^stdin/two/' >got
tsrdump --data apart.tsr >want
same want got "in one order from a pipe and a file"
perl -e 'for my $c (0, 1) { local $/; open my $f, "<:raw", "two.wav"; my $x = <$f>; my @s = unpack "s<*", substr $x, 44;
	open my $o, ">:raw", "side" . ($c + 1) . ".wav"; my $y = pack "s<*", @s[map { 2 * $_ + $c } 0 .. $#s / 2];
	print $o "RIFF", pack("V", 36 + length $y), "WAVEfmt ", pack("VvvVVvv", 16, 1, 1, 16000, 32000, 2, 16), "data", pack("V", length $y), $y }'
bad=
for options in "${whole[*]}" '--window 1 --step 0.5' '--seconds all --trim 20' '' '--at centre --seconds 1 --rate 8000' "--rate 8000 --window 2 --trim 20"; do
	# shellcheck disable=SC2086
	wavnorm $options --channels apart two.wav >out
	for c in 1 2; do
		# shellcheck disable=SC2086
		wavnorm $options side$c.wav | tsrdump --data | cut -f 3- >want
		[ -s want ] && tsrpick --match "key=two.ch$c" out | tsrdump --data | cut -f 3- | cmp -s - want || bad+=" $options:$c"
		# shellcheck disable=SC2086
		wavnorm $options --channels $c two.wav | tsrdump --data | cut -f 3- | cmp -s - want || bad+=" $options:$c alone"
	done
done
is "$bad" '' "each is what a file of that channel would be, to the last bit"
voice late.wav 16000 4 2 -60 2-3:1 0.5-1.5:2
for options in '' --window; do
	wavnorm --rate 16000 ${options:---seconds all} ${options:+4} --trim 30 --channels apart late.wav | tsrdump --tsv | cut -f 1 | xargs
done >got
is "$(cat got)" "$(printf 'key late.ch1 late.ch2\n%.0s' 1 2)" "whole ones are in the order of the channels, not of their sound"
run 0 "one of them" wavnorm --channels 2 two.wav
is "$(tsrdump --tsv --columns channel out | tail -n 1 | awk -F '\t' '{ print $1, $NF }')" 'two 2' "keeps the key"
run 0 "of one channel" wavnorm --channels apart v.wav
is "$(tsrdump --tsv --columns channel out | tail -n 1 | awk -F '\t' '{ print $1, $NF }')" 'v.ch1 1' "there is the first"
"$BUILD/unit/mkaudio" five.wav wav 16000 5 16000
run 0 "five" wavnorm --channels apart --window 0.5 five.wav
is "$(times | awk '{ print $1 "@" $2 }' | xargs)" "$(for t in 0.000 0.500; do for c in 1 2 3 4 5; do echo five.ch$c@$t; done; done | xargs)" \
	"by time, then by channel"
fails 3 'v.wav: there is no channel 2: it has 1' "a channel that is not there" wavnorm --channels 2 v.wav
printf 'v.wav\tv\t\t\tchannel=left\n' >m.tsv
fails 3 'v.wav: the manifest has a field channel=, which --channels writes' "a manifest that has it" wavnorm --channels apart --manifest m.tsv
run 0 "unless they are mixed" wavnorm --manifest m.tsv
"$BUILD/unit/mkaudio" long.wav wav 8000 2 8000000
wavnorm --channels apart --seconds 1 --at centre --rate 8000 long.wav | tsrdump --data | cut -f 1,3 >want
wavnorm --channels apart --seconds 1 --at centre --rate 8000 <long.wav | tsrdump --data | cut -f 1,3 | sed 's/^stdin/long/' >got
same want got "a long one, of which the end decides, from a pipe too"

# Options
fails 2 "'left' is neither mix, apart nor a number" "another channel" wavnorm --channels left v.wav
fails 2 "'0' is neither" "channel 0" wavnorm --channels 0 v.wav
fails 2 'exclude each other' "segments and windows" wavnorm --segments --window 1 v.wav
for option in min-speech min-pause max-speech; do
	fails 2 "--$option requires --segments" "--$option alone" wavnorm --$option 1 v.wav
done
fails 2 'rate of 2000 at least' "a rate that has no speech" wavnorm --segments --rate 1000 v.wav
fails 2 'twice --min-speech' "no room for speech" wavnorm --segments --min-speech 2 --max-speech 3 v.wav
finish
