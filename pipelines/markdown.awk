# markdown.awk: the comparison's table.tsv for people, in percent; mdtable.awk
# makes Markdown of it.
BEGIN {
	FS = OFS = "\t"
	print "net", "training", "UAR, mean of folds", "UAR (95 % interval)", "accuracy (95 % interval)", "epochs", \
		"seconds a fold"
}

function percent(x) { return sprintf("%.1f", 100 * x) }
function range(x, low, high) { return percent(x) (low == "-" ? "" : " (" percent(low) " to " percent(high) ")") }

NR > 1 {
	print $1, $2 == "x3" ? "augmented (x3)" : $2, percent($5) ($6 == "-" ? "" : " +- " percent($6)), \
		range($7, $8, $9), range($10, $11, $12), sprintf("%.0f", $13), sprintf("%.0f", $14)
}
