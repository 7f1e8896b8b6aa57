#!/usr/bin/perl
# live.pl FILE BYTES COMMAND...: gives FILE's first BYTES to the command, then waits, at
# most 5 s, until it is silent for 0.3 s; prints how many bytes it has written till then,
# and in all when the rest of FILE was given.
use strict;
use warnings;
use IO::Select;
use IPC::Open2;

my ($file, $bytes, @command) = @ARGV;
open my $f, '<:raw', $file or die "$file: $!\n";
my $all = do { local $/; <$f> };
my $pid = open2(my $out, my $in, @command);
my ($got, $first, $piece) = (0);
binmode $_ for $in, $out;
$SIG{PIPE} = 'IGNORE';
syswrite $in, substr $all, 0, $bytes;
my $select = IO::Select->new($out);
my $wait = 5;
while ($select->can_read($wait) and my $n = sysread $out, $piece, 65536) {
	$got += $n;
	$wait = 0.3;
}
$first = $got;
syswrite $in, substr $all, $bytes;
close $in;
while (my $n = sysread $out, $piece, 65536) { $got += $n }
waitpid $pid, 0;
print "$first $got ", $? >> 8, "\n";
