# change.awk: adds to a table.tsv what each variant of a recipe changes of the UAR of the
# whole recipe, - where that is not in the table.
BEGIN { FS = OFS = "\t" }
NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
{
	line[NR] = $0
	of[NR] = $at["net"] FS $at["protocol"]
	variant[NR] = $at["variant"]
	uar[NR] = $at["uar"]
	if ($at["variant"] == "-") whole[of[NR]] = $at["uar"]
}
END {
	print line[1], "change"
	for (i = 2; i <= NR; i++)
		print line[i], variant[i] == "-" || !(of[i] in whole) ? "-" : sprintf("%.6f", uar[i] - whole[of[i]])
}
