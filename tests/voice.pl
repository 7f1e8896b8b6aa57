# voice.pl SECONDS: WAV of a voice of a kind: syllables of harmonics under formants that move, with pauses.
my ($n, @x) = ($ARGV[0] * 16000);
for my $t (0 .. $n - 1) {
	my $s = int($t / 3200); my $u = ($t % 3200) / 3200;
	my ($f0, $a, $b) = (110 + 13 * ($s % 5), 400 + 150 * ($s % 4) + 200 * $u, 1200 + 400 * ($s % 3) - 300 * $u);
	my $v = 0;
	for my $h (1 .. 30) { my $f = $h * $f0; $v += sin(6.2831853 * $f * $t / 16000) * (exp(-(($f - $a) / 150) ** 2) + 0.5 * exp(-(($f - $b) / 200) ** 2) + 0.003) }
	my $e = $u < 0.8 ? sin(3.14159265 * $u / 0.8) : 0;
	push @x, 5000 * $v * $e;
}
my $x = pack "s<*", @x;
print "RIFF", pack("V", 36 + length $x), "WAVEfmt ", pack("VvvVVvv", 16, 1, 1, 16000, 32000, 2, 16), "data", pack("V", length $x), $x;
