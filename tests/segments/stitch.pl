#!/usr/bin/env perl
# stitch.pl OUT SEED <CLIPS: a conversation of two speakers, left and right, from clips whose truth is known.
#
# CLIPS has lines "path key label group", with tabs; the first group speaks left, the other right. Writes OUT.wav
# (16 kHz, two channels) and OUT.tsv (start, end, channel, key, label).
#
# The truth does not come from the programs that are measured: of each clip the part from the first to the last
# frame of 10 ms that is less than 30 dB below the loudest one is speech, and this part alone is laid out, 5 ms
# faded in and out, with pauses of 0.3 to 3 s (uniform) between. Its root mean square is -26 dB, +-6 dB (uniform). The
# next speaker is the other one seven times of ten. Under all lies white noise at -86 dB, as a quiet room's.
use strict;
use warnings;

my ($out, $seed) = @ARGV;
my $rate = 16000;
my (%of, @side, @truth);
my @sound = ('', '');

# The same numbers everywhere (Numerical Recipes' quick generator).
sub chance { $seed = ($seed * 1664525 + 1013904223) & 0xffffffff; return $seed / 4294967296 }

sub quiet { pack 's<*', map { int(-2 + 5 * chance()) } 1 .. $_[0] }

# The speech of a clip, as numbers.
sub speech {
	my ($path) = @_;
	open my $f, '-|', 'sox', $path, '-t', 's16', '-r', $rate, '-c', 1, '-' or die "sox: $!";
	local $/;
	my @x = unpack 's<*', <$f>;
	my (@power, $most, $first, $last);

	for (my $t = 0; $t + 160 <= @x; $t += 160) {
		my $sum = 1e-9;
		$sum += $_ * $_ for @x[$t .. $t + 159];
		push @power, $sum;
		$most = $sum if !defined $most || $sum > $most;
	}
	for my $i (0 .. $#power) {
		next if $power[$i] < $most / 1000;
		$first //= $i;
		$last = $i;
	}
	@x = @x[160 * $first .. 160 * $last + 159];
	my ($sum, $n) = (1e-9, 80);
	$sum += $_ * $_ for @x;
	my $gain = 32768 * 10 ** ((-26 + 12 * chance() - 6) / 20) / sqrt($sum / @x);
	for my $i (0 .. $#x) {
		my $edge = $i < $#x - $i ? $i : $#x - $i;
		my $y = $x[$i] * $gain * ($edge < $n ? $edge / $n : 1);
		$x[$i] = $y > 32767 ? 32767 : $y < -32768 ? -32768 : int $y;
	}
	return @x;
}

while (<STDIN>) {
	chomp;
	my ($path, $key, $label, $group) = split /\t/;
	push @side, $group unless $of{$group};
	push @{ $of{$group} }, [$path, $key, $label];
}
for my $g (@side) { # shuffled
	my $c = $of{$g};
	for (my $i = @$c - 1; $i > 0; $i--) {
		my $k = int(($i + 1) * chance());
		@$c[$i, $k] = @$c[$k, $i];
	}
}
my $who = 0;
while (grep { @{ $of{$_} } } @side) {
	$who = 1 - $who if @side > 1 && chance() < 0.7;
	$who = 1 - $who unless @{ $of{ $side[$who] } };
	my ($path, $key, $label) = @{ shift @{ $of{ $side[$who] } } };
	my @x = speech($path);
	my $pause = int($rate * (0.3 + 2.7 * chance()));

	$sound[$_] .= quiet($pause) for 0, 1;
	my $start = length($sound[0]) / 2;
	$sound[$who] .= pack 's<*', @x;
	$sound[1 - $who] .= quiet(scalar @x);
	push @truth, sprintf "%.3f\t%.3f\t%d\t%s\t%s", $start / $rate, length($sound[0]) / 2 / $rate, $who + 1, $key, $label;
}
$sound[$_] .= quiet(2 * $rate) for 0, 1;

open my $w, '>:raw', "$out.wav" or die "$out.wav: $!";
my $bytes = 2 * length $sound[0];
print $w 'RIFF', pack('V', 36 + $bytes), 'WAVEfmt ', pack('VvvVVvv', 16, 1, 2, $rate, 4 * $rate, 4, 16), 'data', pack 'V', $bytes;
my ($left, $right) = map { [unpack '(a2)*', $_] } @sound;
print $w join '', map { $left->[$_], $right->[$_] } 0 .. $#$left;
open my $t, '>', "$out.tsv" or die "$out.tsv: $!";
print $t "start\tend\tchannel\tkey\tlabel\n", map { "$_\n" } @truth;
