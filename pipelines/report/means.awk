# means.awk: a table of nnpredict -> each class and the mean of its probabilities where
# there is speech, for results.gp; after lib.awk.
BEGIN { FS = OFS = "\t" }
NR == 1 {
	columns()
	for (i = first; i <= last; i++) name[i] = label(class[i])
	next
}
$at["pred"] != "NOSPEECH" {
	n++
	for (i = first; i <= last; i++) sum[i] += $i
}
END { for (i = first; i <= last; i++) print name[i], sprintf("%.6f", n ? sum[i] / n : 0), "-", "-" }
