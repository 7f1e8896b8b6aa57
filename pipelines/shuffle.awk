# shuffle.awk: a manifest -> the same with the labels of each speaker's recordings permuted, by
# -v seed=N, alike in every awk: what a search finds then is what it finds by chance. How many
# recordings of what label a speaker has stays, so that where speakers differ in that, who hears
# the true label is right more often than one of the classes is. With -v chance=yes that is
# printed instead: the UAR, expected over permutations, of true labels held against permuted ones,
# which is 1/classes where all speakers have the same. Wants draw.awk.
BEGIN { FS = OFS = "\t" }
{
	row[NR] = $0
	if (!(($4, $3) in count)) kinds[$4]++
	if (!($4 in size)) speaker[++speakers] = $4
	label[$4, ++size[$4]] = $3
	count[$4, $3]++
	all[$3]++
}
# n recordings of a speaker, count of which have a label: each of these keeps it with a chance of count / n.
function expected(    pair, of, c, sum, classes) {
	for (pair in count) {
		split(pair, of, SUBSEP)
		sum += count[pair] * count[pair] / size[of[1]] / all[of[2]]
	}
	for (c in all) classes++
	return sum / classes
}
END {
	if (chance != "") {
		if (NR) printf "%.6f\n", expected()
		exit
	}
	sow(seed * 1000)
	for (s = 1; s <= speakers; s++) {
		who = speaker[s]
		for (i = 1; i <= size[who]; i++) a[i] = label[who, i]
		shuffle(a, size[who])
		for (i = 1; i <= size[who]; i++) label[who, i] = a[i]
		if (kinds[who] < 2) alike++
	}
	if (alike)
		print "shuffle.awk: the recordings of " alike " of " speakers " speakers have one label each, which they keep" | "cat >&2"
	for (i = 1; i <= NR; i++) {
		$0 = row[i]
		$3 = label[$4, ++at[$4]]
		print
	}
}
