# table.awk: a TSV with a header -> a table, after lib.awk. The first column names
# the rows. -v words="1 5": those of them that are words, set to the left. NAME in the
# environment is what it shows, which may have marks of say.awk.
BEGIN {
	FS = "\t"
	# A region is named by the text that stands above the table.
	print "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" ENVIRON["NAME"] "\">"
	print "<table><caption><span>" ENVIRON["NAME"] "</span></caption>"
}

function cell(name, i, more,    text) {
	if (index(" " words " ", " " i " ")) return "<" name more ">{{" esc($i) "}}</" name ">"
	# Where there is little room, a line ends before what is in brackets.
	text = "{{" esc($i) "}}"
	if (match($i, / \([^)]*\)$/))
		text = "{{" esc(substr($i, 1, RSTART - 1)) "}} <span>{{" esc(substr($i, RSTART + 1)) "}}</span>"
	return "<" name " class=\"n\"" more ">" text "</" name ">"
}

NR == 1 { printf "<thead><tr>" }
NR > 1 { printf "<tr>" }
{
	for (i = 1; i <= NF; i++)
		printf "%s", NR == 1 ? cell("th", i, " scope=\"col\"") : i == 1 ? cell("th", i, " scope=\"row\"") : cell("td", i)
	print NR == 1 ? "</tr></thead><tbody>" : "</tr>"
}

END { print "</tbody></table></div>" }
