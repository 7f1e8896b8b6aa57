# card-table.awk: a model's card (card.awk) -> tables for people: for each protocol UAR, accuracy
# and calibration error of all tests and of parts of them, the speakers by UAR, and the classes.
BEGIN { FS = "\t" }
FNR == 1 { next }
!($1 in seen) {
	protocol[++protocols] = $1
	seen[$1]
}
{
	value[$1, $2, $3] = $4
	low[$1, $2, $3] = $5
	high[$1, $2, $3] = $6
	if (!(($1, $3) in part)) {
		part[$1, $3]
		name[$1, ++parts[$1]] = $3
	}
}
function percent(x) { return x == "-" || x == "" ? "-" : sprintf("%.1f", 100 * x) }
function interval(p, figure, of) {
	if (low[p, figure, of] == "-") return percent(value[p, figure, of])
	return percent(value[p, figure, of]) " (" percent(low[p, figure, of]) " to " percent(high[p, figure, of]) ")"
}
# Speakers, the one understood worst first, in lines of eight.
function speakers(p,    i, j, n, list, text) {
	for (i = 1; i <= parts[p]; i++) if (name[p, i] ~ /^group=/) {
		for (j = n++; j > 0 && value[p, "uar", list[j]] > value[p, "uar", name[p, i]]; j--) list[j + 1] = list[j]
		list[j + 1] = name[p, i]
	}
	for (i = 1; i <= n; i++) {
		text = text sprintf("  %s: %s", substr(list[i], 7), percent(value[p, "uar", list[i]]))
		if (i % 8 == 0 || i == n) {
			print text
			text = ""
		}
	}
}
END {
	for (k = 1; k <= protocols; k++) {
		p = protocol[k]
		printf "%s%-26s %-21s %-21s %s\n", (k > 1 ? "\n" : ""), p, "UAR (95 % interval)", "accuracy", "ECE"
		for (i = 1; i <= parts[p]; i++) {
			of = name[p, i]
			if (of ~ /^group=/ || !((p, "uar", of) in value)) continue
			printf "  %-24s %-21s %-21s %s\n", of, interval(p, "uar", of), interval(p, "accuracy", of), percent(value[p, "ece", of])
		}
		print "speakers, by UAR"
		speakers(p)
		printf "%-26s %-21s %s\n", "class", "recall", "precision"
		for (i = 1; i <= parts[p]; i++) {
			of = name[p, i]
			if ((p, "recall", of) in value)
				printf "  %-24s %-21s %s\n", of, interval(p, "recall", of), interval(p, "precision", of)
		}
	}
}
