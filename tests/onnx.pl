# onnx.pl: an ONNX file as text, for 465-nnexport.t: it knows the wire format of protocol
# buffers and the published field numbers, and none of the code that wrote the file.
# usage: perl onnx.pl FILE.onnx [metadata NAME]
use strict;
use warnings;

# Fields of a message: [number, value] each, values as integers or bytes.
sub fields {
	my ($bytes) = @_;
	my ($at, @found) = (0);
	my $varint = sub {
		my ($x, $shift) = (0, 0);
		while (1) {
			my $b = ord(substr($bytes, $at++, 1));
			$x |= ($b & 127) << $shift;
			$shift += 7;
			return $x if $b < 128;
		}
	};
	while ($at < length $bytes) {
		my $tag = $varint->();
		my ($number, $type) = ($tag >> 3, $tag & 7);
		if ($type == 0) { push @found, [$number, $varint->()]; next }
		my $n = $type == 2 ? $varint->() : $type == 5 ? 4 : die "wire type $type\n";
		die "field $number goes beyond its message\n" if $at + $n > length $bytes;
		push @found, [$number, substr($bytes, $at, $n)];
		$at += $n;
	}
	return @found;
}

sub all { my ($number, @fields) = @_; return map { $_->[1] } grep { $_->[0] == $number } @fields }
sub one { my ($x) = all(@_); return defined $x ? $x : '' }
sub signed { return unpack 'q', pack 'Q', $_[0] }

sub port {
	my @f = fields($_[0]);
	my @shape = map { my @d = fields($_); one(1, @d) || one(2, @d) } all(1, fields(one(2, fields(one(1, fields(one(2, @f)))))));
	return one(1, @f) . '(' . join(',', @shape) . ')';
}

sub attribute {
	my @f = fields($_[0]);
	my $type = one(20, @f);
	my $value = $type == 1 ? sprintf('%.6g', unpack 'f<', one(2, @f)) : $type == 2 ? signed(one(3, @f)) : $type == 3 ? one(4, @f) :
	    join ',', map { signed($_) } all(8, @f);
	return one(1, @f) . "=$value";
}

sub tensor {
	my @f = fields($_[0]);
	my $data = one(9, @f);
	my @x = one(2, @f) == 7 ? unpack('q<*', $data) : map { sprintf '%.6g', $_ } unpack('f<*', $data);
	my $count = 1;
	$count *= $_ for all(1, @f);
	die "a tensor of " . @x . " values, not $count\n" if $count != @x;
	return one(8, @f) . '(' . join(',', all(1, @f)) . ') ' . join(' ', @x[0 .. ($#x < 11 ? $#x : 11)]);
}

my ($file, undef, $name) = @ARGV;
open my $in, '<:raw', $file or die "$file: $!\n";
my @model = fields(do { local $/; <$in> });
my %metadata = map { my @f = fields($_); one(1, @f) => one(2, @f) } all(14, @model);
if (defined $name) {
	print "$metadata{$name}\n";
	exit;
}
my @graph = fields(one(7, @model));
print 'model ', one(1, @model), ' ', one(2, @model), ' opset ', one(2, fields(one(8, @model))), "\n";
print 'input ', port($_), "\n" for all(11, @graph);
print 'output ', port($_), "\n" for all(12, @graph);
for (all(1, @graph)) {
	my @f = fields($_);
	print join(' ', one(4, @f), one(3, @f), '<-', all(1, @f), '->', (map { $_ eq '' ? '-' : $_ } all(2, @f)), map { attribute($_) } all(5, @f)), "\n";
}
print 'tensor ', tensor($_), "\n" for all(5, @graph);
print 'metadata ', join(' ', sort keys %metadata), "\n";
