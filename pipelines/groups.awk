# groups.awk: a manifest, whose recordings without a speaker (group) get one: what GROUP,
# an extended regular expression in the environment, matches in the key, or with
# GROUP=none the key, so that every recording is its own speaker. Wants visible.awk.
BEGIN {
	FS = OFS = "\t"
	group = ENVIRON["GROUP"]
}
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
	if (group != "" && told == NR)
		print visible(ENVIRON["RECIPE"] ": GROUP=" group " is not used: the corpus tells its speakers") | "cat >&2"
	if (!without) exit
	print visible(ENVIRON["RECIPE"] ": no speaker is known of " without " of " NR " recordings, the first " first \
		(group == "" ? "" : ", where GROUP=" group " matches nothing") ": GROUP='[a-z]+[0-9]+' as a regular expression finds it in the " \
		"path, GROUP=none takes each recording for its own speaker (no result on unseen speakers)") | "cat >&2"
	exit 3
}
