#!/usr/bin/perl
# lengths.pl FOLDER: recordings whose headers leave a size open, as recorders, servers
# and encoders write them. A line for each: its name, and what decoded must print:
# rate, channels, frames, and the sum of value times number (unit/decoded.c).
use strict;
use warnings;

my $dir = shift;
my ($RATE, $N) = (8000, 3001);
my @x = map { ($_ * 7919 + 12345) % 65536 - 32768 } 1 .. 2 * $N;
my $OPEN = 0xffffffff;
my $BODY = pack 's<*', @x[0 .. $N - 1]; # what most hold
my $BIG = pack 's>*', @x[0 .. $N - 1];
my $B = length $BODY;

sub total { # of one channel's values
	my ($sum, $i) = (0, 0);
	$sum += ++$i * $_ for @_;
	return sprintf '%d 1 %d %.0f', $RATE, scalar @_, $sum;
}
my $WANT = total(@x[0 .. $N - 1]);

sub put {
	my ($name, $bytes, $want) = @_;
	open my $f, '>:raw', "$dir/$name" or die "$dir/$name: $!\n";
	print $f $bytes;
	close $f or die;
	printf "%s %s\n", $name, $want // $WANT;
}

# fmt: tag, channels, bits; then what an extensible header has more.
sub fmt {
	my ($tag, $channels, $bits, $more) = @_;
	my $align = $channels * $bits / 8;
	return pack('v2V2v2', $tag, $channels, $RATE, $RATE * $align, $align, $bits) . ($more // '');
}
sub chunk { return pack('a4V', $_[0], length $_[1]) . $_[1] }
my $PCM = chunk('fmt ', fmt(1, 1, 16));

# wav RIFF-SIZE DATA-SIZE [SAMPLES, CHUNKS BEFORE, MAGIC]: sizes as they are.
sub wav {
	my ($riff, $data, $body, $before, $magic) = @_;
	return pack('a4Va4', $magic // 'RIFF', $riff, 'WAVE') . ($before // $PCM) . pack('a4V', 'data', $data) . ($body // $BODY);
}
my $FULL = 36 + $B;

put 'ffmpeg-pipe.wav', wav($OPEN, $OPEN, $BODY, $PCM . chunk('LIST', "INFOISFT\16\0\0\0Lavf59.27.100\0"));
put 'arecord.wav', wav(0x80000024, 0x80000000);
put 'arecord-old.wav', wav(0x7fffffff, 0x7fffffff - 36);
put 'sox-pipe.wav', wav(0x7ffff024, 0x7ffff000);
put 'largest.wav', wav(0x7fffffff, 0x7fffffff);
put 'recorder.wav', wav(36, 0); # killed before it came back to its header
put 'zeros.wav', wav(0, 0);
put 'riff-right-zero.wav', wav($FULL, 0);
put 'riff-right-open.wav', wav($FULL, $OPEN);
put 'riff-zero.wav', wav(0, $B);
put 'riff-open.wav', wav($OPEN, $B);
put 'java.wav', wav(34, 0xfffffffe); # -1 frames of two bytes
put 'server.wav', wav($OPEN - 8, $OPEN - 44);
put 'counts-header.wav', wav($FULL + 36, $B + 44);
put 'counts-header-too.wav', wav($FULL, $B + 36);
put 'counts-chunk.wav', wav($FULL, $B + 8);
put 'too-large.wav', wav($FULL, 2 * $B);
put 'junk.wav', wav($OPEN, $OPEN, $BODY, chunk('JUNK', "\0" x 28) . $PCM);
put 'half-sample.wav', wav($OPEN, $OPEN, $BODY . "\1");
put 'late-header.wav', wav($OPEN, $OPEN, $BODY, chunk('LIST', 'picture' x 20000) . $PCM);
my $GUID = "\0\0\0\0\20\0\x80\0\0\xaa\0\x38\x9b\x71";
put 'extensible-24.wav', wav($OPEN, $OPEN, join('', map { "\0" . pack 's<', $_ } @x[0 .. $N - 1]),
	chunk('fmt ', fmt(0xfffe, 1, 24, pack('v2Vv', 22, 24, 4, 1) . $GUID)));
put 'eight-bits-odd.wav', wav($OPEN, 0, pack('C*', map { ($_ + 32768) >> 8 } @x[0 .. $N - 1]), chunk('fmt ', fmt(1, 1, 8))),
	total(map { (($_ + 32768 >> 8) - 128) * 256 } @x[0 .. $N - 1]);
put 'float.wav', wav(0x7ffff024, 0x7ffff000, pack('f<*', map { $_ / 32768 } @x[0 .. $N - 1]), chunk('fmt ', fmt(3, 1, 32)));
put 'fact-zero.wav', wav($OPEN, $OPEN, pack('f<*', map { $_ / 32768 } @x[0 .. $N - 1]),
	chunk('fmt ', fmt(3, 1, 32, "\0\0")) . chunk('fact', "\0\0\0\0"));
put 'big-endian.wav', 'RIFX' . pack('Na4', $OPEN, 'WAVE') . pack('a4Nn2N2n2', 'fmt ', 16, 1, 1, $RATE, 2 * $RATE, 2, 16) .
	pack('a4N', 'data', $OPEN) . $BIG;

# RF64 and BW64: sizes of 64 bits in ds64.
for ([ 'zeros', 0, 0 ], [ 'open', ~0, ~0 ], [ 'right', $FULL + 36, $B ], [ 'large', 2**62, 2**62 ]) {
	my ($name, $riff, $data) = @$_;
	put "$name.rf64", wav($OPEN, $OPEN, $BODY, chunk('ds64', pack('Q<3V', $riff, $data, 0, 0)) . $PCM, 'RF64');
}
put 'open.bw64', wav($OPEN, $OPEN, $BODY, chunk('ds64', pack('Q<3V', ~0, ~0, 0, 0)) . $PCM, 'BW64');

# W64: sizes count their own 24 bytes.
my $TAIL = "\xf3\xac\xd3\x11\x8c\xd1\0\xc0\x4f\x8e\xdb\x8a";
sub w64 {
	my ($riff, $data) = @_;
	return "riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\4\xc1\0\0" . pack('Q<', $riff) . "wave$TAIL" . "fmt $TAIL" .
		pack('Q<', 40) . fmt(1, 1, 16) . "data$TAIL" . pack('Q<', $data) . $BODY;
}
put 'float.w64', "riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\4\xc1\0\0" . pack('Q<', ~0) . "wave$TAIL" . "fmt $TAIL" .
	pack('Q<', 64) . fmt(0xfffe, 1, 32, pack('v2Vv', 22, 32, 4, 3) . $GUID) . "data$TAIL" . pack('Q<', ~0 >> 1) .
	pack 'f<*', map { $_ / 32768 } @x[0 .. $N - 1];
put 'ffmpeg-pipe.w64', w64(~0, ~0 >> 1);
put 'zeros.w64', w64(0, 0);
put 'empty.w64', w64(104, 24);
put 'counts-chunk.w64', w64(104 + $B, 48 + $B);
put 'open.w64', w64(~0, ~0);

# AIFF: samples big-endian, their number in COMM too.
sub aiff {
	my ($form, $frames, $ssnd, $aifc) = @_;
	my $comm = pack 'nNnnNN', 1, $frames, 16, 0x400b, 0xfa000000, 0;
	return pack('a4Na4', 'FORM', $form, $aifc ? 'AIFC' : 'AIFF') .
		pack('a4N', 'COMM', $aifc ? 24 : 18) . $comm . ($aifc ? "sowt\0\0" : '') . pack('a4NNN', 'SSND', $ssnd, 0, 0) .
		($aifc ? $BODY : $BIG);
}
put 'ffmpeg-pipe.aiff', aiff(0, 0, 0);
put 'sox-pipe.aiff', aiff(0x7f000050, 0x3f800000, 0x7f000008);
put 'open.aiff', aiff($OPEN, $OPEN, $OPEN);
put 'frames-right.aiff', aiff(46 + $B, $N, 8);
put 'form-zero.aiff', aiff(0, $N, $B + 8);
put 'counts-chunk.aiff', aiff(46 + $B, $N, $B + 16);
put 'open.aifc', aiff($OPEN, 0, $OPEN, 1);

sub caf {
	my ($data) = @_;
	return "caff\0\1\0\0" . pack('a4Q>d>a4N5', 'desc', 32, $RATE, 'lpcm', 0, 2, 1, 1, 16) .
		pack('a4Q>N', 'data', $data, 0) . $BIG;
}
put 'open.caf', caf(~0);
put 'zero.caf', caf(0);
put 'empty.caf', caf(4);

sub au { return pack('a4N5', '.snd', 24, $_[0], 3, $RATE, 1) . $BIG }
put 'open.au', au($OPEN);
put 'zero.au', au(0);
put 'largest.au', au(0x7fffffff);
put 'counts-header.au', au($B + 24);
put 'little-endian.au', pack('a4V5', 'dns.', 24, $OPEN, 3, $RATE, 1) . $BODY;

# Recordings that were joined, both open.
put 'joined-open.wav', wav($OPEN, $OPEN) . wav($OPEN, $OPEN), total((@x[0 .. $N - 1]) x 2);
put 'joined.aiff', aiff(46 + $B, $N, $B + 8) x 3, total((@x[0 .. $N - 1]) x 3);
put 'joined.au', au($B) x 2, total((@x[0 .. $N - 1]) x 2);
put 'joined.wav', wav($FULL, $B, "$BODY", $PCM) . chunk('LIST', 'some') . wav($FULL, $B), total((@x[0 .. $N - 1]) x 2);
put 'joined.caf', caf($B + 4) x 2, total((@x[0 .. $N - 1]) x 2);
put 'joined.w64', w64(104 + $B, 24 + $B) . "\0" x (-$B % 8) . w64(104 + $B, 24 + $B), total((@x[0 .. $N - 1]) x 2);
