# bars.awk: bench.tsv -> work, the ratio of the version before and that of the best peer.
BEGIN { FS = OFS = "\t" }
NR == 1 { next }
!(($1, $2) in row) {
	row[$1, $2] = ++rows
	title[rows] = $1 ", " $2
	before[rows] = peer[rows] = "-"
}
{ r = row[$1, $2] }
$3 == "before" { before[r] = $10 }
$3 == "peer" && (peer[r] == "-" || $10 < peer[r]) { peer[r] = $10 }
END {
	for (r = 1; r <= rows; r++) if (before[r] != "-" || peer[r] != "-") print title[r], before[r], peer[r]
}
