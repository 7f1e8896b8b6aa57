# mdrows.awk: a table in Markdown, as markdown.awk makes it -> TSV.
BEGIN { OFS = "\t" }
NR == 2 { next }
{
	gsub(/\\\|/, "\001")
	n = split($0, cell, / *\| */)
	for (i = 2; i < n; i++) {
		gsub(/\001/, "|", cell[i])
		sub(/ +$/, "", cell[i])
		gsub(/ \+- /, " ± ", cell[i])
		printf "%s%s", cell[i], i < n - 1 ? OFS : "\n"
	}
}
