# sounds.pl: what is no speech, as WAV files in the folder named, each at four
# levels: silence, white, pink and brown noise, tones from 100 to 4000 Hz, mains
# hum with its harmonics, clicks. Two and a half seconds, 16 kHz.
use strict;
use warnings;

my ($folder) = @ARGV;
my ($rate, $n, $tau) = (16000, 40000, 6.283185307179586);
srand 1;

sub normal { sqrt(-2 * log(1 - rand)) * cos($tau * rand) }

# Of each kind a function that gives sample t, from -1 to 1 or about.
my %sound = (white => sub { 0.2 * normal });
{
	my @octave = (0) x 12;
	# J. McCartney's sum of octaves: one of them is drawn anew a sample.
	$sound{pink} = sub {
		my $t = shift;
		for my $k (0 .. 11) { $octave[$k] = normal if $t % (1 << $k) == 0 }
		my $sum = normal;
		$sum += $_ for @octave;
		return 0.05 * $sum;
	};
	my $brown = 0;
	$sound{brown} = sub { $brown = 0.99 * $brown + 0.03 * normal };
}
for my $f (100, 200, 300, 440, 700, 1000, 2000, 3000, 4000) {
	$sound{"tone$f"} = sub { sin($tau * $f * $_[0] / $rate) };
}
for my $f (50, 60) {
	$sound{"hum$f"} = sub { my $t = shift; my $x = 0; $x += sin($tau * $f * $_ * $t / $rate + $_) / $_ / 2 for 1 .. 7; $x };
}
$sound{click} = sub { $_[0] == 15000 };
for my $every (1600, 5000) {
	$sound{"clicks$every"} = sub { $_[0] % $every == 800 };
}
$sound{crackle} = sub { rand() < 0.0003 ? 2 * rand() - 1 : 0 };

sub save {
	my ($name, $samples) = @_;
	open my $out, '>:raw', "$folder/$name.wav" or die "$folder/$name.wav: $!\n";
	print $out 'RIFF', pack('V', 36 + length $samples), 'WAVEfmt ', pack('VvvVVvv', 16, 1, 1, $rate, 2 * $rate, 2, 16),
		'data', pack('V', length $samples), $samples or die "$name: $!\n";
	close $out or die "$name: $!\n";
}

save('silence', pack('v', 0) x $n);
for my $kind (sort keys %sound) {
	my @x = map { my $x = $sound{$kind}->($_); $x > 1 ? 1 : $x < -1 ? -1 : $x } 0 .. $n - 1;
	for my $level (0, 20, 40, 60) {
		my $gain = 32000 * 10**(-$level / 20);
		save("$kind-$level", pack 'v*', map { 0xffff & sprintf '%.0f', $gain * $_ } @x);
	}
}
