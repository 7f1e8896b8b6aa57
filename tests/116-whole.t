#!/bin/bash
# wavnorm: recordings whole, trimmed by short frames, and the gain that their level took.
. "${0%/*}/lib.sh"
. "$root/tests/streams.sh"
need_tools perl

# wave FILE RATE COUNT:PERL...: a WAV of float samples; each expression gives that for $_, counted from 0.
wave() {
	perl -e '
		my ($file, $rate, @parts) = @ARGV;
		my ($i, $x) = (0, "");
		for my $part (@parts) {
			my ($n, $code) = split /:/, $part, 2;
			my $f = eval "sub { $code }" or die $@;
			$x .= pack "f<*", map { $f->() } $i .. $i + $n - 1;
			$i += $n;
		}
		open my $o, ">:raw", $file or die;
		print $o "RIFF", pack("V", 36 + length $x), "WAVEfmt ", pack("VvvVVvv", 16, 3, 1, $rate, 4 * $rate, 4, 32),
			"data", pack("V", length $x), $x;' "$@"
}
# samples FILE: those of its records, a line each.
samples() {
	tsrdump --data "$1" | cut -f 3-
}
# lengths FILE: of its records.
lengths() {
	tsrdump --tsv "$1" | tail -n +2 | cut -f 7 | xargs
}
tone='sin(6.283185307 * $_ / 40)'
wave a.wav 16000 "24000:0.2 * $tone"
wave b.wav 16000 "700:0.001 * $tone" "9001:0.5 * $tone" "7003:0.0001 * $tone"
wave tiny.wav 16000 "1:0.25"
wave few.wav 16000 "399:0.25 * $tone"
wave zero.wav 16000 "8000:0"
wave c.wav 44100 "44100:0.3 * $tone"

run 0 "recordings whole" wavnorm --rate 16000 --seconds all a.wav b.wav tiny.wav c.wav
is "$(lengths out)" '24000 16704 1 16000' "each with its length"
is "$(tsrdump --field samples out)" all "and the head says so"
mv out whole.tsr
run 0 "it is a stream" tsrdump --check whole.tsr
for j in 1 3; do
	wavnorm -j $j --rate 16000 --seconds all a.wav b.wav tiny.wav c.wav >out
	same out whole.tsr "-j $j gives the same bytes"
done
wavnorm --rate 16000 --seconds 1.5 a.wav >x.tsr
is "$(samples x.tsr)" "$(samples whole.tsr | sed -n 1p)" "the samples are those of a record of that length"
# shellcheck disable=SC2002
cat a.wav | wavnorm --rate 16000 --seconds all >out
is "$(samples out)" "$(samples x.tsr)" "from a pipe too"
printf 'a.wav\ta\t\t\tstart=0.5\tend=0.75\n' >m.tsv
run 0 "a part is one too" wavnorm --rate 16000 --seconds all --manifest m.tsv
is "$(lengths out)" 4000 "of its length"
fails 2 'excludes' "windows of all" wavnorm --seconds all --window 1 a.wav
fails 2 'all excludes --at centre' "the centre of all" wavnorm --seconds all --at centre a.wav
fails 2 "'whole' is not a number or all" "another word" wavnorm --seconds whole a.wav
fails 4 'No space left' "/dev/full" bash -c 'wavnorm --seconds all a.wav >/dev/full'

# --trim-frame short, against its definition: mean squares of whole frames of 25 ms.
# ends FILE DB RATE: first and last sample (behind it) that are kept, of a line of samples.
ends() {
	awk -F '\t' -v db="$2" -v rate="$3" '{
		frame = int(rate * 0.025 + 0.5); hop = int(rate * 0.01 + 0.5)
		for (t = 0; t * hop + frame <= NF; t++) {
			e[t] = 0
			for (i = 1; i <= frame; i++)
				e[t] += $(t * hop + i) ^ 2
			e[t] = 10 * log(e[t] / frame + 1e-10) / log(10)
			max = t == 0 || e[t] > max ? e[t] : max
		}
		last = -1
		for (k = 0; k < t; k++)
			if (e[k] > max - db) {
				first = last < 0 ? k : first
				last = k
			}
		begin = last < 0 || first * hop < int(rate * 0.05 + 0.5) ? 0 : first * hop - int(rate * 0.05 + 0.5)
		end = last < 0 || last * hop + int(rate * 0.075 + 0.5) > NF ? NF : last * hop + int(rate * 0.075 + 0.5)
		print begin, end
	}' "$1"
}
wave d.wav 16000 "5000:0.0004 * $tone" "3000:0.02 * $tone" "6000:0.6 * $tone" "2222:0.01 * $tone" "9999:0.0003 * $tone"
wave e.wav 22050 "9000:0.0004 * $tone" "3000:0.2 * $tone" "9000:0.0003 * $tone"
wave loud.wav 16000 "100:0" "3000:0.2 * $tone" "100:0"
wave silent.wav 16000 "3000:0.000001 * $tone" "100:0"
for case in 'd 40 16000' 'd 20 16000' 'd 60 16000' 'e 40 22050' 'b 40 16000' 'loud 40 16000' 'few 40 16000' 'tiny 40 16000' \
	'zero 40 16000' 'silent 40 16000' 'b 40 8000'; do
	read -r name db rate <<<"$case"
	wavnorm --rate "$rate" --seconds all $name.wav >x.tsr
	samples x.tsr >x
	read -r first last <<<"$(ends x "$db" "$rate")"
	wavnorm --rate "$rate" --seconds all --trim "$db" --trim-frame short $name.wav >y.tsr
	is "$(samples y.tsr)" "$(cut -f $((first + 1))-"$last" x)" "short frames: $name at $rate Hz by $db dB keeps $first to $last"
done
is "$(tsrdump --field trim y.tsr) $(tsrdump --field trimframe y.tsr)" '40 short' "the head says so"
wavnorm --trim 40 a.wav >x.tsr
wavnorm --trim 40 --trim-frame librosa a.wav >y.tsr
same x.tsr y.tsr "librosa's are the default"
is "$(tsrdump --field trimframe y.tsr)" '' "and need no word"
fails 2 'requires --trim' "frames of no trimming" wavnorm --trim-frame short a.wav

# gain=: what the level took, of what was there.
gains() {
	tsrdump --tsv --columns gain "$1" | tail -n +2 | awk -F '\t' '{ print $NF }'
}
wavnorm --rate 16000 --seconds all --peak -6 a.wav b.wav zero.wav >x.tsr
is "$(gains x.tsr | xargs)" '7.979400 0.020600 0.000000' "gain= of --peak, 0 of silence"
wavnorm --rate 16000 --seconds 1 --rms -20 a.wav >x.tsr
is "$(gains x.tsr)" "$(awk 'BEGIN { printf "%.6f", -20 - 20 * log(0.2 / sqrt(2)) / log(10) }')" "of --rms"
wavnorm --rate 16000 --window 0.5 --peak -6 a.wav b.wav >x.tsr
is "$(gains x.tsr | wc -l)" 6 "each window has its own"
wavnorm --rate 16000 --seconds 1 a.wav >x.tsr
is "$(gains x.tsr)" - "none where nothing was scaled"
printf 'a.wav\ta\t\t\tgain=3\n' >m.tsv
fails 3 'a.wav: the manifest has a field gain=' "a manifest that has one" wavnorm --peak 0 --manifest m.tsv
run 0 "unless nothing is scaled" wavnorm --manifest m.tsv

# A model knows all of it.
printf 'd.wav\td\tx\t1\nloud.wav\tloud\ty\t2\n' >m.tsv
wavnorm -q --rate 16000 --seconds all --trim 30 --trim-frame short --peak -0.915 --manifest m.tsv >w.tsr
melspec -q w.tsr >mel.tsr
is "$(tsrdump --head mel.tsr | grep -E '^(samples|trimframe)=' | xargs)" 'samples=all trimframe=short' "melspec keeps the settings"
# Both as long, whatever nets take: the head is what counts here.
sed '2s/loud/d/; 2s/loud/e/' m.tsv >twice.tsv
wavnorm -q --rate 16000 --seconds all --trim 30 --trim-frame short --peak -0.915 --manifest twice.tsv | melspec -q >same.tsr
printf 'globalavgpool\ndense classes\nsoftmax\n' >tiny.net
run 0 "a model of whole recordings" nntrain -q -j1 --epochs 1 --net tiny.net -o m.bin same.tsr
wavnorm -q --like m.bin --manifest m.tsv >out 2>err
same out w.tsr "wavnorm --like makes the same waves"
for flags in 'seconds 2 all' 'trim-frame librosa short' 'trim 40 30' 'peak -1 -0.915'; do
	read -r name value has <<<"$flags"
	fails 2 "--$name $value contradicts m.bin, which was trained with --$name $has$" "another $name" \
		wavnorm --like m.bin "--$name" "$value" d.wav
done
run 0 "windows for it may have any length" wavnorm --like m.bin --window 0.5 --step 0.25 d.wav
tsrdump --tsv --columns start,end out | tail -n +2 | awk -F '\t' '{ print "d.wav\td\t\t\tstart=" $(NF - 1) "\tend=" $NF }' >parts.tsv
wavnorm --like m.bin --manifest parts.tsv >parts.tsr
is "$(tsrdump --field samples out) $(lengths out)" "all $(lengths parts.tsr)" "each trimmed as a recording of its own"
wavnorm --rate 16000 --seconds all d.wav >w.tsr
is "$(tail -n 1 parts.tsv | cut -f 6)" "end=$(awk -v n="$(lengths w.tsr)" 'BEGIN { printf "%.3f", n / 16000 }')" "the last is what is left"
fails 2 'step requires --window: m.bin was trained on whole recordings' "a step alone" wavnorm --like m.bin --step 1 d.wav
wavnorm -q --rate 16000 --seconds 1 --manifest m.tsv | melspec -q | nntrain -q -j1 --epochs 1 --net tiny.net -o old.bin
fails 2 '--trim-frame short contradicts old.bin, which was trained with --trim-frame librosa$' "a model of other frames" \
	wavnorm --like old.bin --trim-frame short d.wav
finish
