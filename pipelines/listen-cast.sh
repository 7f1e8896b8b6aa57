#!/bin/bash
# listen-cast.sh: records the screen of sertools listen, while it hears synthetic speech as
# fast as that lasts, to CAST (asciicast v2, for asciinema(1)), and to FRAME the last but one
# frame, in ASCII, which sertools.1 shows. What the model says of such speech means nothing.
set -euo pipefail
cast=${CAST:-pipelines/listen.cast} frame=${FRAME:-out/listen-frame.txt}
for program in espeak-ng ffmpeg script perl; do
	command -v $program >/dev/null || { echo "listen-cast: $program is required" >&2 && exit 4; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$(dirname "$cast")" "$(dirname "$frame")"

# say VOICE PITCH SPEED LOUDNESS TEXT, then a second of silence, as s16le at 16000 Hz.
say() {
	espeak-ng -v "$1" -p "$2" -s "$3" -a "$4" --stdout "$5" | ffmpeg -v error -i - -af apad=pad_dur=1 -f s16le -ac 1 -ar 16000 -
}
{
	say en-gb 40 140 40 'It is a quiet evening, and nothing much has happened.'
	say en-us+f3 80 200 190 'No! Leave that alone! I told you not to touch it!'
	say en-gb+f2 60 170 120 'What a wonderful surprise, thank you so much!'
	ffmpeg -v error -f lavfi -i anullsrc=r=16000:cl=mono -t 4 -f s16le -
} >"$work/talk.raw"
play="ffmpeg -v error -re -f s16le -ar 16000 -i '$work/talk.raw' -f s16le - | sertools listen --raw s16le,16000"

# screen LOCALE: what a terminal of 64 columns gets, to $work/out, and when, to $work/times.
screen() {
	LC_ALL=$1 TERM=xterm script -qec "stty rows 14 cols 64; $play" --log-out "$work/out" --log-timing "$work/times" >/dev/null </dev/null
}
screen C.UTF-8
perl -e '
	my ($out, $times, $text, $at) = @ARGV;
	local $/;
	open my $f, "<:raw", $out or die;
	my $bytes = <$f>;
	$bytes =~ s/^Script started[^\n]*\n//;
	print qq({"version": 2, "width": 64, "height": 14, "title": "sertools listen, while synthetic speech is played to it"}\n);
	open $f, "<", $times or die;
	my @events; # what comes within 50 ms is one
	for (split /\n/, <$f>) {
		my ($delay, $n) = split;
		$at += $delay;
		push @events, [$at, 0] if !@events || $delay > 0.05;
		$events[-1][1] += $n;
	}
	for (@events) {
		my ($when, $n) = @$_;
		$_ = substr $bytes, 0, $n, "";
		s/(["\\])/\\$1/g;
		s/\n/\\n/g;
		s/\r/\\r/g;
		s/([\x00-\x1f])/sprintf "\\u%04x", ord $1/ge;
		printf qq([%.3f, "o", "%s"]\n), $when, $_;
	}' "$work/out" "$work/times" >"$cast"
screen C
perl -0777 -ne 's/^Script started[^\n]*\n//; s/\r//g; my @f = split /\e\[J/; $_ = $f[$ENV{N} || 6]; s/\e\[[0-9;?]*[a-zA-Z]//g; print' "$work/out" >"$frame"
echo "$cast: $(wc -c <"$cast") bytes; $frame" >&2
