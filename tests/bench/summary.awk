# summary.awk: samples.tsv and sides.tsv of bench.sh -> a line for each side of each case,
# with medians, and how often this version's time it takes.
BEGIN {
	FS = OFS = "\t"
	print "work", "setting", "side", "name", "seconds", "low", "high", "runs", "peak_MiB", "ratio", "command"
}
FNR == 1 { file++ }
{ key = $1 FS $2 FS (file == 1 ? $3 : $4) }
file == 1 {
	x[key, ++n[key]] = $4 + 0
	if ($5 > peak[key]) peak[key] = $5
	next
}
n[key] {
	# of few
	for (i = 2; i <= n[key]; i++)
		for (j = i; j > 1 && x[key, j] < x[key, j - 1]; j--) {
			t = x[key, j]
			x[key, j] = x[key, j - 1]
			x[key, j - 1] = t
		}
	median = (x[key, int((n[key] + 1) / 2)] + x[key, int(n[key] / 2) + 1]) / 2
	if ($3 == "ours") ours[$1, $2] = median
	ratio = ours[$1, $2] > 0 ? sprintf("%.3f", median / ours[$1, $2]) : "-"
	print $1, $2, $3, $4, median, x[key, 1], x[key, n[key]], n[key], sprintf("%.1f", peak[key] / 1024), ratio, $6
}
