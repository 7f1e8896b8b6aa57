# tess.awk: paths of TESS recordings (Toronto) on standard input -> a manifest
# (path, key, label, group, sex, word). Names are SPEAKER_WORD_EMOTION in folders
# of any name; the corpus itself has one OA_ for OAF_.
function bad(why) {
	print "tess.awk: " (NR ? "line " NR ": " why ": " $0 : why) | "cat >&2"
	failed = 3
	exit failed
}

BEGIN {
	split("angry anger disgust disgust fear fear happy happy neutral neutral ps surprise sad sad", pair, " ")
	for (i = 1; i in pair; i += 2) label[pair[i]] = pair[i + 1]
}

{
	if (/[\t\r]/ || /^#/) bad("a path with a tab, a carriage return or # at its start")
	key = $0
	sub(/.*\//, "", key)
	sub(/\.[^.]*$/, "", key)
	split(key, part, "_")
	emotion = tolower(part[3])
	if (key !~ /^(OAF?|YAF)_[A-Za-z]+_[A-Za-z]+$/ || !(emotion in label)) bad("not a TESS name (OAF_back_angry)")
	if (key in line) bad("the same key as line " line[key] ", " path[key] ": one copy is enough (DIR=)")
	line[key] = NR
	path[key] = $0
	rows[NR] = $0 "\t" key "\t" label[emotion] "\t" (part[1] == "OA" ? "OAF" : part[1]) \
		"\tsex=female\tword=" tolower(part[2])
}

END {
	if (failed) exit failed
	if (!NR) bad("no paths on standard input")
	for (i = 1; i <= NR; i++) print rows[i]
}
