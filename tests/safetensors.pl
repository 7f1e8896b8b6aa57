# safetensors.pl: a safetensors file as text, for 465-nnexport.t, by the format's own
# description. usage: perl safetensors.pl FILE [NAME of metadata]
use strict;
use warnings;
use JSON::PP;

my ($file, $name) = @ARGV;
open my $in, '<:raw', $file or die "$file: $!\n";
my $bytes = do { local $/; <$in> };
my $n = unpack 'Q<', $bytes;
my $header = JSON::PP->new->utf8->decode(substr $bytes, 8, $n);
my $metadata = delete $header->{__metadata__};
if (defined $name) {
	binmode STDOUT, ':utf8';
	print "$metadata->{$name}\n";
	exit;
}
ref $_ and die "metadata is not of strings\n" for values %$metadata;
my %size = (F32 => 4, F64 => 8, I64 => 8);
my $at = 0;
for (sort { $header->{$a}{data_offsets}[0] <=> $header->{$b}{data_offsets}[0] } keys %$header) {
	my ($type, $shape, $offsets) = @{ $header->{$_} }{ 'dtype', 'shape', 'data_offsets' };
	my $count = 1;
	$count *= $_ for @$shape;
	die "$_: a hole before it\n" if $offsets->[0] != $at;
	die "$_: not of its size\n" if $offsets->[1] - $at != $count * $size{$type};
	print "$_ $type (", join(',', @$shape), ') ',
	    join(' ', map { sprintf '%g', $_ } unpack($type eq 'F64' ? 'd<*' : 'f<*', substr $bytes, 8 + $n + $at, $offsets->[1] - $at)), "\n";
	$at = $offsets->[1];
}
die "bytes behind the arrays\n" if length($bytes) != 8 + $n + $at;
die "the arrays are not aligned\n" if $n % 8;
