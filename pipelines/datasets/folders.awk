# folders.awk: paths DIR/LABEL/NAME.wav on standard input -> a manifest (path,
# key, label, group). The label is the name of the folder that holds the file,
# the key its path without the extension (with it, where two differ in nothing
# else). -v base=DIR leaves DIR out of the keys; -v group=REGEX takes as the
# speaker what the extended regular expression matches in the key.
function fail(why) {
	print "folders.awk: " why | "cat >&2"
	failed = 3
	exit failed
}
function bad(why) { fail("line " NR ": " why ": " $0) }

BEGIN { sub(/\/*$/, "/", base) }

{
	if (/[\t\r]/ || /^#/) bad("a path with a tab, a carriage return or # at its start")
	name = $0
	if (base != "/" && index(name, base) == 1) name = substr(name, length(base) + 1)
	sub(/^(\.\/)+/, "", name)
	n = split(name, part, "/")
	if (n < 2 || part[n - 1] ~ /^\.*$/) bad("no folder to take the label from")
	stem[NR] = name
	if (part[n] ~ /[^.]\.[^.]*$/) sub(/\.[^.]*$/, "", stem[NR])
	if (group != "" && !match(stem[NR], group)) bad("nothing matches group=" group)
	if (group != "" && RLENGTH < 1) bad("group=" group " matches the empty text")
	count[stem[NR]]++
	path[NR] = $0
	whole[NR] = name
	cells[NR] = part[n - 1] "\t" (group == "" ? "" : substr(stem[NR], RSTART, RLENGTH))
}

END {
	if (failed) exit failed
	if (!NR) fail("no paths on standard input")
	for (i = 1; i <= NR; i++) {
		key[i] = count[stem[i]] > 1 ? whole[i] : stem[i]
		if (key[i] in line) fail("line " i ": the same key as line " line[key[i]] ": " path[i])
		line[key[i]] = i
	}
	for (i = 1; i <= NR; i++) print path[i] "\t" key[i] "\t" cells[i]
}
