# cremad-votes.awk: CREMA-D's summaryTable.csv on standard input -> what the
# raters answered, in nnpredict's form. -v vote=VoiceVote (FaceVote,
# MultiModalVote) names the column. The truth is what the clip's name says, in
# the table's letters A D F H N S; votes that tie (A:D) are UNCERTAIN.
function fail(why) {
	print "cremad-votes.awk: " why | "cat >&2"
	failed = 3
	exit failed
}

BEGIN {
	FS = ","
	split("ANG A DIS D FEA F HAP H NEU N SAD S", pair, " ")
	for (i = 1; i in pair; i += 2) letter[pair[i]] = pair[i + 1]
}

# No cell of that table holds a comma.
{ gsub(/["\r]/, "") }

NR == 1 {
	for (i = 1; i <= NF; i++) {
		if ($i == "FileName") name = i
		if ($i == vote) column = i
	}
	if (!name || !column) fail("no columns FileName and " vote)
	next
}

{
	split($name, part, "_")
	if ($name !~ /^1[0-9][0-9][0-9]_[A-Z][A-Z][A-Z]_[A-Z][A-Z][A-Z]_[A-Z][A-Z]$/ || !(part[3] in letter))
		fail("line " NR ": not the name of a clip: " $name)
	if ($column !~ /^[ADFHNS](:[ADFHNS])*$/) fail("line " NR ": not a vote: " $column)
	row[++rows] = $name "\t" letter[part[3]] "\t" part[1] "\t" (length($column) > 1 ? "UNCERTAIN" : $column)
}

END {
	if (failed) exit failed
	if (!rows) fail("no votes on standard input")
	print "key\tlabel\tgroup\tpred"
	for (i = 1; i <= rows; i++) print row[i]
}
