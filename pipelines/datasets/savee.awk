# savee.awk: paths of SAVEE recordings (Surrey) on standard input -> a manifest
# (path, key, label, group, sex, sentence). Names are DC/a01 or DC_a01: speaker,
# emotion, sentence.
function bad(why) {
	print "savee.awk: " (NR ? "line " NR ": " why ": " $0 : why) | "cat >&2"
	failed = 3
	exit failed
}

BEGIN {
	split("a anger d disgust f fear h happy n neutral sa sad su surprise", pair, " ")
	for (i = 1; i in pair; i += 2) label[pair[i]] = pair[i + 1]
}

{
	if (/[\t\r]/ || /^#/) bad("a path with a tab, a carriage return or # at its start")
	n = split($0, part, "/")
	key = part[n]
	sub(/\.[^.]*$/, "", key)
	if (key !~ /_/ && n > 1) key = part[n - 1] "_" key
	emotion = substr(key, 4)
	sub(/[0-9]+$/, "", emotion)
	if (key !~ /^(DC|JE|JK|KL)_[a-z]+[0-9][0-9]$/ || !(emotion in label)) bad("not a SAVEE name (DC_a01 or DC/a01)")
	if (key in line) bad("the same key as line " line[key] ", " path[key] ": one copy is enough (DIR=)")
	line[key] = NR
	path[key] = $0
	rows[NR] = $0 "\t" key "\t" label[emotion] "\t" substr(key, 1, 2) "\tsex=male\tsentence=" substr(key, length(key) - 1)
}

END {
	if (failed) exit failed
	if (!NR) bad("no paths on standard input")
	for (i = 1; i <= NR; i++) print rows[i]
}
