#!/usr/bin/env bash
# demo-corpus.sh DIR: a small corpus of made-up speech from espeak-ng, named as
# CREMA-D's: twelve voices say eight of its sentences with six emotions, each a
# pitch, range, rate and loudness, drawn a little differently for every clip.
# Also writes VideoDemographics.csv and folds.tsv (three voices are for testing).
set -euo pipefail
export LC_ALL=C

say() { # FILE VOICE SENTENCE PITCH RANGE RATE LOUDNESS
	local text
	case $3 in
	DFA) text="Don't forget a jacket" ;;
	IEO) text="It's eleven o'clock" ;;
	ITH) text="I think I have a doctor's appointment" ;;
	IWL) text="I would like a new alarm clock" ;;
	MTI) text="Maybe tomorrow it will be cold" ;;
	TAI) text="The airplane is almost full" ;;
	TIE) text="That is exactly what happened" ;;
	WSI) text="We'll stop in a couple of minutes" ;;
	esac
	espeak-ng -m -v "$2" -p "$4" -s "$6" -a "$7" -w "$1" "<prosody range=\"$5%\">$text</prosody>"
}
export -f say

# Actor, sex, voice: accents and variants that espeak-ng has had for long.
voices='1001 Male en-us+m1
1002 Female en-us+f1
1003 Male en-gb-x-rp+m2
1004 Female en-gb-x-rp+f2
1005 Male en-gb-scotland+m3
1006 Female en-us+f3
1007 Male en-gb-x-rp+m4
1008 Female en-gb-scotland+f4
1009 Male en-us+m5
1010 Female en-gb-x-rp+f5
1011 Male en-029+m6
1012 Female en-029+f1'

mkdir -p "$1/AudioWAV"
# It passes over a variant that it does not have, and two speakers would be one.
heard=$(while read -r _ _ voice; do espeak-ng -v "$voice" --stdout 'It is me' | cksum; done <<<"$voices" | sort -u | wc -l)
[ "$heard" -eq 12 ] || { echo "demo: this espeak-ng has only $heard of the 12 voices" >&2; exit 4; }
awk -v dir="$1/AudioWAV" '
function draw(low, high) {
	x = x * 16807 % 2147483647
	return low + (high - low) * x / 2147483647
}
BEGIN {
	x = 20141
	# emotion, pitch, range in percent, rate in words a minute, loudness
	n = split("ANG 60 150 205 180 DIS 38 70 140 110 FEA 82 60 215 90 HAP 72 220 180 140 " \
		"NEU 48 100 165 100 SAD 30 35 120 60", e, " ")
	codes = split("DFA IEO ITH IWL MTI TAI TIE WSI", code, " ")
}
{
	for (c = 1; c <= codes; c++)
		for (i = 1; i <= n; i += 5)
			print dir "/" $1 "_" code[c] "_" e[i] "_XX.wav", $3, code[c], int(e[i + 1] + draw(-9, 9)), \
				int(e[i + 2] * draw(0.75, 1.25)), int(e[i + 3] * draw(0.92, 1.08)), int(e[i + 4] * draw(0.85, 1.1))
}' <<<"$voices" | xargs -P "$(getconf _NPROCESSORS_ONLN)" -L 1 bash -c 'say "$@"' --

awk 'BEGIN { print "\"ActorID\",\"Age\",\"Sex\",\"Race\",\"Ethnicity\"" }
	{ print $1 ",0,\"" $2 "\",\"none\",\"none\"" }' \
	<<<"$voices" >"$1/VideoDemographics.csv"
printf 'fold\ttest_speakers\n1\t1003 1006 1009\n' >"$1/folds.tsv"
