# csv-markdown.awk: the table.tsv of `make csv` for people, in percent;
# mdtable.awk makes Markdown of it.
BEGIN {
	FS = OFS = "\t"
	print "recipe", "net", "split", "accuracy (95 % interval)", "UAR (95 % interval)", "commonest class", "rows", \
		"epochs", "seconds a fold"
}

function percent(x) { return sprintf("%.1f", 100 * x) }
function range(x, low, high) { return percent(x) (low == "-" ? "" : " (" percent(low) " to " percent(high) ")") }

NR > 1 {
	print $1, $2, $3, range($11, $12, $13), range($8, $9, $10), percent($16), $4, sprintf("%.0f", $14), \
		sprintf("%.0f", $15)
}
