# wide.awk: bench.tsv -> a row a case, for markdown.awk. -v before=: there is none.
BEGIN { FS = OFS = "\t" }
function shown(s) { return s >= 0.9995 ? sprintf("%.2f s", s) : s >= 0.01 ? sprintf("%.1f ms", 1e3 * s) : sprintf("%.3f ms", 1e3 * s) }
function range(low, high,    k) {
	k = high >= 0.9995 ? "%.2f" : high >= 0.01 ? "%.1f" : "%.3f"
	return sprintf(" (" k " to " k ")", high >= 0.9995 ? low : 1e3 * low, high >= 0.9995 ? high : 1e3 * high)
}
NR == 1 { next }
!(($1, $2) in row) {
	row[$1, $2] = ++rows
	title[rows] = $1 OFS $2
}
{ r = row[$1, $2] }
$3 == "ours" { ours[r] = shown($5) range($6, $7) }
$3 == "before" {
	before_s[r] = shown($5)
	gain[r] = sprintf("%.2f", $10)
}
$3 == "peer" {
	if (!(r in best) || $5 < best_s[r]) {
		if (r in best) other[r] = other[r] (other[r] == "" ? "" : "; ") best[r]
		best[r] = $4 " " shown($5)
		best_s[r] = $5
		ratio[r] = sprintf("%.2f", $10)
	} else
		other[r] = other[r] (other[r] == "" ? "" : "; ") $4 " " shown($5)
}
function dash(text) { return text == "" ? "-" : text }
END {
	print "work", "setting", (before == "" ? "here (spread)" : "before" OFS "here (spread)" OFS "gain"), "best peer", "ratio", "other peers"
	for (r = 1; r <= rows; r++)
		print title[r], (before == "" ? ours[r] : dash(before_s[r]) OFS ours[r] OFS dash(gain[r])), dash(best[r]), dash(ratio[r]), dash(other[r])
}
