# The repository keeps the same clips as MP3 beside the WAV files, and the
# actors' sexes in a table.
# shellcheck shell=bash disable=SC2034
for f in "$DIR/VideoDemographics.csv" "$DIR/../VideoDemographics.csv"; do
	[ ! -e "$f" ] || { adapter_flags=(-v demographics="$(v "$f")") && break; }
done
: "${SUBDIR=AudioWAV}"
