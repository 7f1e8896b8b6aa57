# fuse-demo.sh: `sertools fuse-demo VOTES=summaryTable.csv` joins what raters of CREMA-D
# heard and what they saw by a table of rules, and shows what each rule does. See
# fuse(1) and rules(5).
# shellcheck shell=bash disable=SC1091,SC2015,SC2016,SC2028,SC2034,SC2046,SC2086,SC2153,SC2154,SC2155
: "${RULES=cremad}"
for f in "$RULES.rules" "$here/rules/$RULES.rules"; do [ -e "$RULES" ] || [ ! -e "$f" ] || RULES=$f; done
out=${OUT:-out/fuse-demo}
[ -n "${VOTES:-}" ] || die 'usage: sertools fuse-demo VOTES=summaryTable.csv [RULES=file] [OUT=folder]'
[ -r "$VOTES" ] || die "no file $VOTES (VOTES=...); it is CREMA-D's, which sertools get-cremad fetches"
[ -r "$RULES" ] || die "RULES=$RULES: no such file or rules$(near "$RULES" $(cd "$here/rules" && echo *.rules | sed 's/\.rules//g')) (sertools list rules)"

plan() {
	local m votes
	for m in voice:VoiceVote face:FaceVote; do
		votes=$(awk -v vote=${m#*:} -f "$here/cremad-votes.awk" <"$VOTES")
		put ${m%:*}.tsv "$votes"$'\n'
	done
	take "$RULES" fuse.rules
	script fuse.sh 'fused.tsv rules.tsv table.md summary.txt' 'fuse.rules share/fuse.awk share/markdown.awk share/agreement.awk' \
		'voice.tsv face.tsv' <<-'END'
			fuse --rules fuse.rules --report rules.tsv -o fused.tsv voice=voice.tsv face=face.tsv
			awk -f share/fuse.awk rules.tsv | awk -v left=1 -f share/markdown.awk >table.md$new
			mv table.md$new table.md
			{
			    awk -f share/agreement.awk fused.tsv
			    echo
			    for m in voice face fused; do
			        evalconf -q --tsv $m.tsv | awk -F '\t' -v name=$m '$1 == "uar" {
			            printf "%s: UAR %.1f (%.1f to %.1f over actors)\n", name, 100 * $3, 100 * $4, 100 * $5 }'
			    done
			} >summary.txt$new
			mv summary.txt$new summary.txt
		END
}
show() {
	cat "$out/table.md"
	echo
	cat "$out/summary.txt"
	echo "$recipe: answers, table and report are in $out" >&2
}
