# cremad.awk: paths of CREMA-D clips on standard input -> a manifest (path, key,
# label, group, sentence, intensity, sex). -v demographics=VideoDemographics.csv
# tells the actors' sexes. Names are ACTOR_SENTENCE_EMOTION_INTENSITY.
function fail(why) {
	print "cremad.awk: " why | "cat >&2"
	failed = 3
	exit failed
}
function bad(why) { fail("line " NR ": " why ": " $0) }

# The columns are found by their names; no cell of that table holds a comma.
function read_sexes(file,    cell, n, i, id, sex, got) {
	while ((got = (getline row < file)) > 0) {
		gsub(/["\r]/, "", row)
		n = split(row, cell, ",")
		if (id && sex) {
			sex_of[cell[id]] = tolower(cell[sex])
			continue
		}
		for (i = 1; i <= n; i++) {
			if (cell[i] == "ActorID") id = i
			if (cell[i] == "Sex") sex = i
		}
		if (!id || !sex) fail(file ": no columns ActorID and Sex")
	}
	if (got < 0 || !id) fail(file ": cannot be read")
	close(file)
}

BEGIN {
	split("ANG anger DIS disgust FEA fear HAP happy NEU neutral SAD sad", pair, " ")
	for (i = 1; i in pair; i += 2) label[pair[i]] = pair[i + 1]
	split("DFA IEO IOM ITH ITS IWL IWW MTI TAI TIE TSI WSI", list, " ")
	for (i = 1; i in list; i++) sentence[list[i]]
	if (demographics != "") read_sexes(demographics)
}

{
	if (/[\t\r]/ || /^#/) bad("a path with a tab, a carriage return or # at its start")
	key = $0
	sub(/.*\//, "", key)
	sub(/\.[^.]*$/, "", key)
	if (key == "1040_ITH_SAD_X") key = key "X" # as it was called until October 2022
	split(key, part, "_")
	if (key !~ /^10[0-9][0-9]_[A-Z][A-Z][A-Z]_[A-Z][A-Z][A-Z]_(XX|LO|MD|HI)$/ || \
	    part[1] < "1001" || part[1] > "1091" || !(part[2] in sentence) || !(part[3] in label))
		bad("not a CREMA-D name (1001_DFA_ANG_XX)")
	if (key in line) bad("the same key as line " line[key] ", " path[key] ": one copy is enough (DIR=)")
	line[key] = NR
	path[key] = $0
	row = $0 "\t" key "\t" label[part[3]] "\t" part[1] "\tsentence=" part[2] "\tintensity=" part[4]
	if (demographics != "") {
		if (sex_of[part[1]] !~ /^(fe)?male$/) bad(demographics " tells no sex of actor " part[1])
		row = row "\tsex=" sex_of[part[1]]
	}
	rows[NR] = row
}

END {
	if (failed) exit failed
	if (!NR) fail("no paths on standard input")
	for (i = 1; i <= NR; i++) print rows[i]
}
