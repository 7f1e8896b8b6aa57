# groups.awk: a manifest, whose recordings without a speaker (group) get one: what GROUP,
# an extended regular expression in the environment, matches in the key, or with
# GROUP=none the key, so that every recording is its own speaker. Wants visible.awk.
BEGIN {
	FS = OFS = "\t"
	group = ENVIRON["GROUP"]
}
# Streams cannot hold it.
visible($2 $3 $4) != $2 $3 $4 && !hides++ { hidden_in = $2 "\t" $3 "\t" $4 }
# Lists of speakers have commas between.
$4 != "" {
	told++
	gsub(/,/, ";", $4)
}
$4 == "" && group == "none" { $4 = $2 }
$4 == "" && group != "" && match($2, group) {
	$4 = substr($2, RSTART, RLENGTH)
	gsub(/,/, ";", $4)
}
$4 == "" && !without++ { first = $2 }
{ print }
END {
	if (hides) {
		split(hidden_in, part, "\t")
		name = visible(part[1]) != part[1] ? "the name " part[1] : visible(part[2]) != part[2] ? "the label " part[2] : "the speaker " part[3]
		print visible(ENVIRON["RECIPE"] ": " name " (" hides " of " NR " recordings) is no UTF-8, or has characters that do not show: " \
			"rename it (convmv -r --notest -f latin1 -t utf-8 DIR, where it was written on old systems)") | "cat >&2"
		exit 3
	}
	if (group != "" && told == NR)
		print visible(ENVIRON["RECIPE"] ": GROUP=" group " is not used: the corpus tells its speakers") | "cat >&2"
	if (!without) exit
	print visible(ENVIRON["RECIPE"] ": no speaker is known of " without " of " NR " recordings, the first " first \
		(group == "" ? "" : ", where GROUP=" group " matches nothing") ": GROUP='[a-z]+[0-9]+' as a regular expression finds it in the " \
		"path, GROUP=none takes each recording for its own speaker (no result on unseen speakers)") | "cat >&2"
	exit 3
}
