# predictions.awk: nnpredict's table with --top -> lines for people, as `sertools predict` shows them on a terminal:
# key, seconds where it is a piece, class, and what else it may be, in percent.
function percent(p) { return sprintf("%.0f %%", 100 * p) }

BEGIN { FS = "\t"; width = 16 }

gsub(/\030/, "") { exit ($0 == "" ? 3 : $0 + 0) } # what made it has failed, with that status, and said why
NR == 1 {
	for (i = 1; i <= NF; i++) at[$i] = i
	next
}

{
	if (length($1) > width) width = length($1)
	when = ""
	if ($(at["start"]) != "-") when = sprintf("  %8.2f", $(at["start"])) (("end" in at) ? sprintf(" %8.2f", $(at["end"])) : "")
	others = ""
	known = $(at["pred"]) == $(at["top1"])
	for (i = 1 + known; ("top" i) in at; i++)
		others = others (others == "" ? "" : ", ") $(at["top" i]) " " percent($(at["p" i]))
	printf "\r\033[K%-" width "s%s  %-10s %5s  %s\n", $1, when, $(at["pred"]), known ? percent($(at["p1"])) : "", others
	fflush()
}
