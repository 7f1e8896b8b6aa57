#!/usr/bin/perl
# page.pl FILE...: what is wrong with a page of sertools report, a line each: elements
# that do not nest, ids given twice, anything from outside, and what those who
# cannot see the plots, or use no mouse, would miss.
use strict;
use warnings;

our $file;
sub wrong { print "$file: ", shift, "\n" }

for my $name (@ARGV) {
	$file = $name;
	open my $in, '<', $file or die "$file: $!";
	my $page = do { local $/; <$in> };
	wrong("a mark is left: $1") if $page =~ /(\{\{.{0,40})/;
	wrong("no doctype") unless $page =~ s/^<!DOCTYPE html>\s*//;
	my $style = $page =~ s/<style>(.*?)<\/style>//s ? $1 : wrong("no style");
	wrong("style from outside") if $style =~ /url\(|\@import/;

	my (@open, %id, @points, %text, $heading, $svg, $svgs, $seen);
	while ($page =~ /\G([^<]*)(<(\/?)([A-Za-z0-9]+)((?:\s+[A-Za-z:-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|<!--.*?-->|$)/gcs) {
		my ($text, $tag, $end, $name, $attributes, $empty) = ($1, $2, $3, $4, $5 // '', $6);
		wrong("a bare & in: $text") if $text =~ /&(?!(?:amp|lt|gt|quot|#\d+);)/;
		$text{$_->{id}} .= $text for grep { $_->{id} } @open;
		last if $tag eq '';
		next unless defined $name;
		if ($end) {
			my $o = pop @open;
			if (!$o || $o->{name} ne $name) { wrong("</$name> closes " . ($o ? $o->{name} : 'nothing')); last }
			wrong("an empty $name") if $name =~ /^(title|desc|h\d|caption|summary)$/ && $o->{id} && ($text{$o->{id}} // '') !~ /\S/;
			undef $svg if $name eq 'svg';
			next;
		}
		my %a;
		$a{lc $1} = substr $2, 1, -1 while $attributes =~ /([A-Za-z:-]+)\s*=\s*("[^"]*"|'[^']*')/gs;
		if (defined $a{id}) { wrong("id $a{id} twice") if $id{$a{id}}++ }
		for my $k (grep { defined $a{$_} } qw(src href xlink:href data action srcset poster)) {
			if ($a{$k} =~ /^#(.*)/) { push @points, $1 }
			elsif ($a{$k} !~ /^data:(image\/png|audio\/(wav|flac|ogg|mpeg));base64,[A-Za-z0-9+\/]+=*$/) { wrong("$k=" . substr $a{$k}, 0, 60) }
		}
		for (values %a) { while (/url\(([^)]*)\)/g) { wrong("url($1)") unless $1 =~ /^#/ } }
		push @points, split ' ', $a{'aria-labelledby'} if $a{'aria-labelledby'};
		wrong("$name from outside") if $name =~ /^(script|link|iframe|object|embed|img)$/;
		if ($name eq 'svg') {
			$svgs++;
			wrong("svg without role, names or size") unless ($a{role} // '') eq 'img' && $a{'aria-labelledby'} && $a{viewbox};
		}
		wrong("audio without name") if $name eq 'audio' && !$a{'aria-label'};
		wrong("th without scope") if $name eq 'th' && !$a{scope};
		wrong("a scroll box that no key reaches") if ($a{class} // '') =~ /\bscroll\b/ && !(defined $a{tabindex} && $a{'aria-label'} && $a{role});
		if ($name =~ /^h(\d)$/) {
			wrong("h$1 after h" . ($heading // 0)) if $1 > ($heading // 0) + 1;
			$heading = $1;
		}
		wrong("no language") if $name eq 'html' && !$a{lang};
		$seen .= " $name ";
		push @open, { name => $name, id => $a{id} } unless $empty;
	}
	wrong("not read to its end: " . substr $page, pos($page) // 0, 80) if (pos($page) // 0) < length $page;
	wrong("open: $_->{name}") for @open;
	wrong("nothing has id $_") for grep { !$id{$_} } @points;
	wrong("no $_") for grep { ($seen // '') !~ / $_ / } qw(html head meta title body header nav main h1 h2 svg figure footer);
}
