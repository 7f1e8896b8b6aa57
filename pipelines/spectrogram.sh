#!/usr/bin/env bash
# spectrogram.sh: draws one record of a recording, or of a stream of wave or mel
# records, with gnuplot.
# usage: spectrogram.sh FILE OUT.{svg,png} [RECORD [WIDTHxHEIGHT]]
# OUT empty: out/NAME.svg. Its name is printed.
# WAVNORM_FLAGS and MELSPEC_FLAGS in the environment are words for these programs.
set -euo pipefail
export LC_ALL=C
here=$(dirname "$0")
file=$1 out=$2 record=${3:-1} size=${4:-}

# shellcheck source=pipelines/plot.sh
. "$here/plot.sh"
die() {
	echo "spectrogram: $(visible "$*")" >&2
	exit 3
}

[ -n "$out" ] || out=$(out_name "$file" .svg)
case $out in
*.svg | *.png) ;;
*) die "$out: a name that ends in .svg or .png is wanted" ;;
esac
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# What the heads say, which must be one thing.
field() {
	local value
	value=$(tsrdump --field "$1" "$tmp/picked.tsr" | sort -u)
	[ "$(wc -l <<<"$value")" = 1 ] || die "$file: its segments differ in $1"
	printf '%s\n' "$value"
}

read -ra wavnorm_flags <<<"${WAVNORM_FLAGS:-}"
read -ra melspec_flags <<<"${MELSPEC_FLAGS:-}"
if [[ $file != *.tsr ]]; then
	[ -e "$file" ] || die "$file: no such recording"
	wavnorm -q "${wavnorm_flags[@]}" -o "$tmp/wave.tsr" -- "$(plain_file "$file")"
	melspec -q "${melspec_flags[@]}" -o "$tmp/all.tsr" "$tmp/wave.tsr"
elif [ "$(tsrdump --field type -- "$file" | sort -u)" = wave ]; then
	melspec -q "${melspec_flags[@]}" -o "$tmp/all.tsr" -- "$file"
else
	cp -- "$file" "$tmp/all.tsr"
fi
tsrpick -q --range "$record" --require 1 "$tmp/all.tsr" >"$tmp/picked.tsr" 2>"$tmp/err" ||
	die "$file: no record $record"
type=$(field type)
[ "$type" = mel ] || die "$file: this is a $type stream; wave or mel is wanted"
tsrdump --data "$tmp/picked.tsr" | cut -f 3- >"$tmp/data.tsv"
IFS=$'\t' read -r key label start < <(tsrdump --tsv --columns start "$tmp/picked.tsr" |
	awk -F '\t' -v OFS='\t' 'NR == 2 { print $1, $2, $NF }')
[[ $(plain_file "$file") != "$tmp"/* ]] || key=${file##*/}
title=$key
[ "$label" = - ] || title+=" ($label)"

rate=$(field rate) nfft=$(field nfft) unit='level (dB, 0 is the loudest)'
case $(field scale)/$(field ref) in
db/max) ;;
db/*) unit='level (dB)' ;;
power/*) unit=power ;;
*) unit='power, natural logarithm' ;;
esac
# Seconds of the first frame's centre.
offset=$(START=$start CENTRED=$(field center) HALF=$nfft RATE=$rate awk 'BEGIN {
	printf "%.6f", ENVIRON["START"] + (ENVIRON["CENTRED"] == "yes" || ENVIRON["RATE"] + 0 <= 0 ? 0 : ENVIRON["HALF"] / 2 / ENVIRON["RATE"]) }')
settings=("input=$tmp/data.tsv" "title=$title" "rate=$rate" "hop=$(field hop)" "mels=$(field mels)" "fmin=$(field fmin)"
	"fmax=$(field fmax)" "formula=$(field formula)" "offset=$offset" "unit=$unit")
[ -z "$size" ] || settings+=("width=${size%x*}" "height=${size#*x}")
plot spectrogram "$tmp/out.${out##*.}" "${settings[@]}"
deliver "$tmp/out.${out##*.}" "$out"
