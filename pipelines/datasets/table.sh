# The table says which recordings there are, relative to its own folder, or to DIR.
# shellcheck shell=bash disable=SC2015,SC2034,SC2153,SC2154
[ -n "${TABLE:-}" ] || die "usage: sertools $recipe CORPUS=table TABLE=labels.csv [FILE_COLUMN=file] [LABEL_COLUMN=emotion] [SPEAKER_COLUMN=...]"
[ -f "$TABLE" ] && [ -r "$TABLE" ] || die "no file $TABLE (TABLE=...)"
for n in file label speaker start end; do
	column=${n^^}_COLUMN
	adapter_flags+=(-v "$n=$(v "${!column:-}")")
done
adapter_flags+=(-v base="$(v "$DIR")")
listing() { cat -- "$TABLE"; }
