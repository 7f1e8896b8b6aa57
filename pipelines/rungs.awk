# rungs.awk: foldF/rungN.tsv fold by fold -> a line for each rung: its epochs, -v epochs='4 10 30', and the mean UAR of each setting
# over the folds that had not dropped it before, - where all had.
BEGIN { FS = OFS = "\t" }
FNR == 1 {
	rung = FILENAME
	sub(/.*rung/, "", rung)
	rung += 0
	next
}
{
	if (!($1 in known)) name[++settings] = $1
	known[$1]
	if ($2 == "-") next
	sum[rung, $1] += $2
	folds[rung, $1]++
}
END {
	rungs = split(epochs, trained, " ")
	for (rung = 0; rung <= rungs; rung++) {
		line = rung ? trained[rung] : "epochs"
		for (s = 1; s <= settings; s++)
			line = line OFS (!rung ? name[s] : folds[rung, name[s]] ? sprintf("%.6f", sum[rung, name[s]] / folds[rung, name[s]]) : "-")
		print line
	}
}
