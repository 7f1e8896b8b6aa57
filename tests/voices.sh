# tests/voices.sh: synthetic speakers and moods, for tests of models that know a speaker; sourced after lib.sh.
# shellcheck shell=bash

# voices SPEAKERS TAKES SAMPLES MORE: sSPEAKER-MOOD-TAKE.wav, three moods each, of SAMPLES + TAKE * MORE samples at 16 kHz:
# pulses whose rate is the speaker's, and its rise and the loudness those of a mood.
voices() {
	perl -e 'my ($speakers, $takes, $samples, $more) = @ARGV;
	for my $s (1 .. $speakers) { for my $m (0 .. 2) { for my $i (1 .. $takes) {
		my ($x, $phase, $n) = ("", 0, $samples + $more * $i);
		srand(1000 * $s + 10 * $m + $i);
		for my $t (0 .. $n - 1) {
			my $f0 = (100 + 15 * $s) * (1 + (0.05, 0.5, -0.25)[$m] * $t / $n + 0.02 * rand);
			$phase += $f0 / 16000;
			my $on = sin(3.14159 * $t / $n * (2, 4, 1)[$m]) ** 2;
			my $v = 0;
			$v += sin(6.28318 * $_ * $phase) / $_ ** (1 + $s / 6) for 1 .. 8;
			$x .= pack "v", 0xffff & int(5000 * $on * $v + 20 * rand);
		}
		open my $o, ">:raw", "s$s-$m-$i.wav" or die;
		print $o "RIFF", pack("V", 36 + length $x), "WAVEfmt ", pack("VvvVVvv", 16, 1, 1, 16000, 32000, 2, 16), "data",
			pack("V", length $x), $x } } }' "$@"
}

# moods FILE...: their manifest.
moods() {
	local f s m
	for f; do
		IFS=- read -r s m _ <<<"${f%.wav}"
		printf '%s\t%s\tmood%s\t%s\n' "$f" "${f%.wav}" "$m" "$s"
	done
}
