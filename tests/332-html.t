#!/bin/bash
# The manual as HTML: a page for each of ours, an index, and links that lead somewhere.
. "${0%/*}/lib.sh"
if ! command -v mandoc >/dev/null; then
	echo '1..0 # SKIP mandoc is not installed'
	exit 0
fi
need_tools perl
unset MAKEFLAGS MAKELEVEL

run 0 'make html' make -C "$root" BUILD="$tmp/build" html
is "$(cat err)" '' 'says nothing'
is "$(cd build/html && ls)" "$({ cd "$root/man" && printf '%s.html\n' *.[157]; printf '%s\n' index.html style.css; } | sort)" 'a page each'
is "$(find build/html -type f ! -perm -444)" '' 'all can read'
perl -e '
	my (%id, %link, %page);
	for my $file (glob "build/html/*.html") {
		open my $in, "<", $file or die;
		my ($name, $text) = ($file =~ s/.*\///r, join "", <$in>);
		$page{$name} = 1;
		$id{"$name#$1"} = 1 while $text =~ / id="([^"]+)"/g;
		push @{$link{$name}}, $1 while $text =~ / (?:href|src)="([^"]+)"/g;
		print "$name: no end\n" unless $text =~ /<\/html>\n$/;
		print "$name: no viewport\n" unless $text =~ /<meta name="viewport" content="width=device-width/;
		print "$name: no title\n" unless $text =~ /<title>[^<]+<\/title>/;
		my @open;
		while ($text =~ /<(\/?)([a-z0-9]+)[^>]*>/g) {
			next if $2 =~ /^(meta|link|br|img|hr)$/;
			if (!$1) { push @open, $2 } elsif ((pop @open // "nothing") ne $2) { print "$name: </$2> out of order\n"; last }
		}
	}
	for my $name (sort keys %link) {
		for (@{$link{$name}}) {
			next if $_ eq "style.css" || /^https:\/\/manpages[.]debian[.]org\/[a-z0-9-]+[.][1-8]$/ || /^(https?|mailto):/ && !/manpages/;
			my ($to, $at) = /^([^#]*)(?:#(.*))?$/;
			$to = $name if $to eq "";
			print "$name: $_ leads nowhere\n" unless $page{$to} && (!defined $at || $id{"$to#$at"});
			$seen{$to} = 1 if $name eq "index.html";
		}
	}
	print "the index lacks $_\n" for grep { !$seen{$_} && $_ ne "index.html" } sort keys %page' >wrong
is "$(cat wrong)" '' 'pages are well formed, and links lead to what is there'
like "$(cat build/html/wavnorm.1.html)" 'href="melspec.1.html">melspec\(1\)' 'ours to ours'
like "$(cat build/html/wavnorm.1.html)" 'href="https://manpages.debian.org/sox.1"' "others to Debian's"
like "$(cat build/html/wavnorm.1.html)" "sertools $(cat "$root/VERSION")</td>" 'the version is told'
mv build/html first
run 0 'again' make -C "$root" BUILD="$tmp/build" html
is "$(diff -r first build/html)" '' 'the same bytes'
finish
