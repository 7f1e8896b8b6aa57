# emodb.awk: paths of EmoDB recordings (the Berlin database) on standard input ->
# a manifest (path, key, label, group, sex, sentence). A name is speaker (2),
# sentence (3), emotion (1, German) and version (1): 03a01Fa.
function bad(why) {
	print "emodb.awk: " (NR ? "line " NR ": " why ": " $0 : why) | "cat >&2"
	failed = 3
	exit failed
}

BEGIN {
	split("W anger L boredom E disgust A fear F happy T sad N neutral", pair, " ")
	for (i = 1; i in pair; i += 2) label[pair[i]] = pair[i + 1]
	split("03 male 08 female 09 female 10 male 11 male 12 male 13 female 14 female 15 male 16 female", pair, " ")
	for (i = 1; i in pair; i += 2) sex[pair[i]] = pair[i + 1]
}

{
	if (/[\t\r]/ || /^#/) bad("a path with a tab, a carriage return or # at its start")
	key = $0
	sub(/.*\//, "", key)
	sub(/\.[^.]*$/, "", key)
	speaker = substr(key, 1, 2)
	emotion = substr(key, 6, 1)
	if (key !~ /^[01][0-9][ab][01][0-9][A-Z][a-z]$/ || !(speaker in sex) || !(emotion in label))
		bad("not an EmoDB name (03a01Fa)")
	if (key in line) bad("the same key as line " line[key] ", " path[key] ": one copy is enough (DIR=)")
	line[key] = NR
	path[key] = $0
	rows[NR] = $0 "\t" key "\t" label[emotion] "\t" speaker "\tsex=" sex[speaker] "\tsentence=" substr(key, 3, 3)
}

END {
	if (failed) exit failed
	if (!NR) bad("no paths on standard input")
	for (i = 1; i <= NR; i++) print rows[i]
}
