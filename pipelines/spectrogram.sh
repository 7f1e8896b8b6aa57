#!/usr/bin/env bash
# spectrogram.sh: draws one record of a recording, or of a stream of wave or mel
# records, with gnuplot.
# usage: spectrogram.sh FILE OUT.{svg,png} [RECORD [WIDTHxHEIGHT]]
# WAVNORM_FLAGS and MELSPEC_FLAGS in the environment are words for these programs.
set -euo pipefail
export LC_ALL=C
here=$(dirname "$0")
file=$1 out=$2 record=${3:-1} size=${4:-}

die() {
	echo "spectrogram: $*" >&2
	exit 3
}

case $out in
*.svg | *.png) ;;
*) die "$out: a name that ends in .svg or .png is wanted" ;;
esac
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# Quoted for gnuplot.
text() { printf "'%s'" "${1//\'/\'\'}"; }
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
	wavnorm -q "${wavnorm_flags[@]}" -o "$tmp/wave.tsr" -- "$file"
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
offset=$(awk -v start="$start" -v centred="$(field center)" -v half="$nfft" -v rate="$rate" \
	'BEGIN { printf "%.6f", (start == "-" ? 0 : start) + (centred == "yes" ? 0 : half / 2 / rate) }')
mkdir -p "$(dirname "$out")"
gnuplot -e "input=$(text "$tmp/data.tsv"); output=$(text "$tmp/out.${out##*.}"); title=$(text "$title"); rate=$rate; \
	hop=$(field hop); mels=$(field mels); fmin=$(field fmin); fmax=$(field fmax); formula=$(text "$(field formula)"); \
	offset=$offset; unit=$(text "$unit")${size:+; width=${size%x*}; height=${size#*x}}" "$here/plot/spectrogram.gp"
mv "$tmp/out.${out##*.}" "$out"
