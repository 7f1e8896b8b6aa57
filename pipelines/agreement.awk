# agreement.awk: fuse's answers of two modalities -> one line: how often they
# disagree where both have an answer, and which of them is right then.
BEGIN { FS = "\t" }

FNR == 1 {
	one = $7
	two = $8
	next
}
$7 != "UNCERTAIN" && $8 != "UNCERTAIN" {
	both++
	if ($7 == $8) next
	differ++
	first += $7 == $2
	second += $8 == $2
}

END {
	if (!both) exit
	printf "%s and %s disagree on %.1f %% of the %d records where both answer", one, two, 100 * differ / both, both
	if (differ)
		printf "; there %s is right on %.1f %%, %s on %.1f %%", two, 100 * second / differ, one, 100 * first / differ
	print "."
}
