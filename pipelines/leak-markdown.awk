# leak-markdown.awk: the protocols' table.tsv for people; mdtable.awk makes
# Markdown of it.
BEGIN {
	FS = OFS = "\t"
	print "protocol", "speaker heard in training", "copies of the test clip in training", "UAR (95 % interval)", \
		"accuracy (95 % interval)", "records: train, valid, test", "epochs", "seconds"
}

function percent(x) { return sprintf("%.1f", 100 * x) }
function range(x, low, high) { return percent(x) (low == "-" ? "" : " (" percent(low) " to " percent(high) ")") }
function answer(share) { return share == 0 ? "no" : share == 1 ? "yes" : sprintf("yes (of %.0f %%)", 100 * share) }

NR > 1 {
	print $1, answer($12), answer($13), range($6, $7, $8), range($9, $10, $11), $3 ", " $4 ", " $5, \
		sprintf("%.0f", $14), sprintf("%.0f", $15)
}
