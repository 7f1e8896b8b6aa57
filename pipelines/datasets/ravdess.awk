# ravdess.awk: paths of RAVDESS recordings on standard input -> a manifest (path,
# key, label, group, sex, channel, intensity, statement, repetition, modality). Names are
# MODALITY-CHANNEL-EMOTION-INTENSITY-STATEMENT-REPETITION-ACTOR. The sound of a video (01,
# full-av) is the same take as the recording with the same numbers that is audio-only
# (03), which alone is used where both are there; -v modality=all keeps both,
# modality=audio-only or full-av one kind.
function bad(why) {
	print "ravdess.awk: " (NR ? "line " NR ": " why ": " $0 : why) | "cat >&2"
	failed = 3
	exit failed
}

BEGIN {
	split("neutral calm happy sad anger fear disgust surprise", label, " ")
	split("normal strong", intensity, " ")
	split("speech song", channel, " ")
	if (modality !~ /^(all|audio-only|full-av)?$/) bad("modality=" modality ": all, audio-only and full-av are known")
}

{
	if (/[\t\r]/ || /^#/) bad("a path with a tab, a carriage return or # at its start")
	key = $0
	sub(/.*\//, "", key)
	sub(/\.[^.]*$/, "", key)
	n = split(key, part, "-")
	actor = part[7] + 0
	# Modality 02 is video without sound; neutral was spoken at normal intensity only.
	if (key !~ /^0[13]-0[12]-0[1-8]-0[12]-0[12]-0[12]-[012][0-9]$/ || actor < 1 || actor > 24 || \
	    part[3] part[4] == "0102")
		bad("not a RAVDESS name (03-01-05-01-02-01-24)")
	if (key in line) bad("the same key as line " line[key] ", " path[key] ": one copy is enough (DIR=)")
	line[key] = NR
	path[key] = $0
	rows[NR] = $0 "\t" key "\t" label[part[3] + 0] "\t" part[7] "\tsex=" (actor % 2 ? "male" : "female") \
		"\tchannel=" channel[part[2] + 0] "\tintensity=" intensity[part[4] + 0] \
		"\tstatement=" part[5] "\trepetition=" part[6] "\tmodality=" (part[1] == "01" ? "full-av" : "audio-only")
	key_of[NR] = key
}

END {
	if (failed) exit failed
	if (!NR) bad("no paths on standard input")
	for (i = 1; i <= NR; i++) {
		kind = rows[i]
		sub(/.*=/, "", kind)
		twin = modality == "" && kind == "full-av" && ("03" substr(key_of[i], 3)) in line
		if (twin || modality ~ /-/ && kind != modality) left++
		else print rows[i]
	}
	if (left)
		print "ravdess.awk: " left " of " NR " recordings are not used: " (modality == "" ? \
			"the sound of videos (01-) whose takes are there as audio-only (03-); modality=all keeps both" : \
			"they are not " modality) | "cat >&2"
}
