# nemo.awk: paths of nEMO recordings (Polish) on standard input -> a manifest
# (path, key, label, group, sex of the nine known speakers, sentence). Names are
# SPEAKER_EMOTION_SENTENCE.
function bad(why) {
	print "nemo.awk: " (NR ? "line " NR ": " why ": " $0 : why) | "cat >&2"
	failed = 3
	exit failed
}

BEGIN {
	split("anger anger fear fear happiness happy neutral neutral sadness sad surprised surprise surprise surprise", \
		pair, " ")
	for (i = 1; i in pair; i += 2) label[pair[i]] = pair[i + 1]
	split("EB0 female IC0 female KD0 female MK0 female KS0 male MP0 male SM0 male TP0 male WR0 male", pair, " ")
	for (i = 1; i in pair; i += 2) sex[pair[i]] = pair[i + 1]
}

{
	if (/[\t\r]/ || /^#/) bad("a path with a tab, a carriage return or # at its start")
	key = $0
	sub(/.*\//, "", key)
	sub(/\.[^.]*$/, "", key)
	split(key, part, "_")
	if (key !~ /^[A-Z][A-Z]+[0-9]_[a-z]+_[0-9]+$/ || !(part[2] in label)) bad("not an nEMO name (EB0_anger_1)")
	if (key in line) bad("the same key as line " line[key] ", " path[key] ": one copy is enough (DIR=)")
	line[key] = NR
	path[key] = $0
	rows[NR] = $0 "\t" key "\t" label[part[2]] "\t" part[1] \
		(part[1] in sex ? "\tsex=" sex[part[1]] : "") "\tsentence=" part[3]
}

END {
	if (failed) exit failed
	if (!NR) bad("no paths on standard input")
	for (i = 1; i <= NR; i++) print rows[i]
}
