# halve.awk: lines SETTING<tab>UAR, the default first -> these with a header and, in a third column, yes for those that go on:
# the -v keep=N with the highest UAR, of equals the first, and the default, against which others are chosen, but never those that
# failed, whose UAR is -. With -v last=yes the best one alone.
BEGIN {
	FS = OFS = "\t"
	print "setting", "uar", "next"
}
{
	setting[NR] = $1
	uar[NR] = $2 == "-" ? -1 : $2
}
END {
	if (last) keep = 1
	for (i = 1; i <= NR; i++) {
		better = 0
		for (k = 1; k <= NR; k++) better += uar[k] > uar[i] || (uar[k] == uar[i] && k < i)
		next_one = (better < keep && uar[i] >= 0) || (i == 1 && !last)
		print setting[i], (uar[i] < 0 ? "-" : uar[i]), (next_one ? "yes" : "no")
	}
}
