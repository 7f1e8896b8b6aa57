# markdown.awk: the comparison's table.tsv for people: percent, Markdown.
BEGIN {
	FS = "\t"
	add("net", "training", "UAR, mean of folds", "UAR (95 % interval)", "accuracy (95 % interval)", \
		"epochs", "seconds a fold")
}

function percent(x) { return sprintf("%.1f", 100 * x) }
function range(x, low, high) { return percent(x) (low == "-" ? "" : " (" percent(low) " to " percent(high) ")") }
function add(a, b, c, d, e, f, g,    i) {
	cell[++rows, 1] = a; cell[rows, 2] = b; cell[rows, 3] = c; cell[rows, 4] = d
	cell[rows, 5] = e; cell[rows, 6] = f; cell[rows, 7] = g
	for (i = 1; i <= 7; i++) if (length(cell[rows, i]) > wide[i]) wide[i] = length(cell[rows, i])
}

NR > 1 {
	add($1, $2 == "x3" ? "augmented (x3)" : $2, percent($5) ($6 == "-" ? "" : " +- " percent($6)), \
		range($7, $8, $9), range($10, $11, $12), sprintf("%.0f", $13), sprintf("%.0f", $14))
}

END {
	for (r = 1; r <= rows; r++) {
		line = "|"
		rule = "|"
		for (i = 1; i <= 7; i++) {
			line = line sprintf(i < 3 ? " %-" wide[i] "s |" : " %" wide[i] "s |", cell[r, i])
			dashes = sprintf("%" wide[i] "s", "")
			gsub(/ /, "-", dashes)
			rule = rule (i < 3 ? " " dashes " |" : " " dashes ":|")
		}
		print line
		if (r == 1) print rule
	}
}
