# mdtable.awk: a TSV with a header -> a Markdown table, its columns aligned: the
# first -v left=N to the left, the others to the right.
BEGIN { FS = "\t" }

{
	for (i = 1; i <= NF; i++) {
		gsub(/\|/, "\\|", $i)
		cell[NR, i] = $i
		if (length($i) > wide[i]) wide[i] = length($i)
	}
	if (NF > columns) columns = NF
}

END {
	for (r = 1; r <= NR; r++) {
		line = "|"
		rule = "|"
		for (i = 1; i <= columns; i++) {
			line = line sprintf(i <= left ? " %-" wide[i] "s |" : " %" wide[i] "s |", cell[r, i])
			dashes = sprintf("%" wide[i] "s", "")
			gsub(/ /, "-", dashes)
			rule = rule (i <= left ? " " dashes " |" : " " dashes ":|")
		}
		print line
		if (r == 1) print rule
	}
}
