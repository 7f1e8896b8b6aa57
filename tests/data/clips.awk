# clips.awk: text for tests/unit/maketsr: a mel stream of records (6,4) whose
# label is the band that stands out. -v n= records, seed=, and where wanted
# classes=A,B,C groups=g1,g2 (one a round of classes, in turn; - for none)
# sexes= (as groups) variants= (augmented copies of each) prefix= (of keys)
# hop= spread= (of the noise).
BEGIN {
	srand(seed)
	if (classes == "") classes = "ANG,HAP,SAD"
	if (groups == "") groups = "a,b,c,d,e,f"
	if (spread == "") spread = 0.6
	c = split(classes, class, ",")
	g = split(groups, group, ",")
	split(sexes, sex, ",")
	print "H type=mel hop=" (hop == "" ? 512 : hop) " mels=4 pg=melspec"
	for (i = 0; i < n; i++)
		for (v = 0; v <= variants; v++) {
			k = i % c
			s = int(i / c) % g + 1
			printf "T f32 6,4 "
			for (j = 0; j < 24; j++) printf "%s%.3f", j ? "," : "", (j % 4 == k) + (rand() - 0.5) * spread
			printf " key=%s%d%s label=%s", prefix, i, v ? "@v" v : "", class[k + 1]
			if (groups != "-") printf " group=%s", group[s]
			if (sexes != "") printf " sex=%s", sex[s]
			print v ? " src=" prefix i " aug=v" v : ""
		}
	print "E"
}
