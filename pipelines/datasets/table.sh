# The table says which recordings there are, relative to its own folder, or to DIR.
# shellcheck shell=bash disable=SC2015,SC2034,SC2094,SC2153,SC2154
[ -n "${TABLE:-}" ] || die "usage: sertools $recipe CORPUS=table TABLE=labels.csv [FILE_COLUMN=file] [LABEL_COLUMN=emotion] [SPEAKER_COLUMN=...]"
[ -f "$TABLE" ] && [ -r "$TABLE" ] || die "no file $TABLE (TABLE=...)"
tr -d '\0' <"$TABLE" | cmp -s -- - "$TABLE" || die "$TABLE is no CSV or TSV: it has zero bytes, as spreadsheets and UTF-16 do; save it as CSV in UTF-8"
for n in file label speaker start end; do
	column=${n^^}_COLUMN
	adapter_flags+=(-v "$n=$(v "${!column:-}")")
done
adapter_flags+=(-v base="$(v "$DIR")")
listing() { cat -- "$TABLE"; }
# Where DIR is given, recordings in it that the table does not name are counted.
unused() {
	local n
	[ -z "${table_dir:-}" ] || return 0
	n=$(recordings | awk -F '\t' 'NR == FNR { named[$1]; next } !($0 in named) { n++ } END { print n + 0 }' <(cut -f 1 <<<"$1") -)
	[ "$n" = 0 ] || echo "$recipe: $n recordings under $(visible "$DIR") are not in $(visible "$TABLE") and not used" >&2
}
