# table.awk: the line of the comparison for one configuration (-v
# config=NET-SET) from evalconf's figures of all folds together (the first
# file), of each fold, and nntrain's histories (files *.history.tsv).
BEGIN { FS = OFS = "\t" }

FNR == 1 { file++ }
FILENAME ~ /\.history\.tsv$/ {
	if (FNR == 1) {
		for (i = 1; i <= NF; i++) if ($i == "seconds") column = i
		next
	}
	epochs++
	seconds += $column
	next
}
$1 == "records" && file == 1 { records = $3 }
file == 1 && ($1 == "uar" || $1 == "accuracy") { figure[$1] = $3 OFS $4 OFS $5 }
file > 1 && $1 == "uar" {
	folds++
	sum += $3
	squares += $3 * $3
}

END {
	mean = sum / folds
	spread = squares / folds - mean * mean
	# The sample's deviation; one fold has none.
	sd = folds > 1 ? sprintf("%.6f", sqrt((spread > 0 ? spread : 0) * folds / (folds - 1))) : "-"
	match(config, /-[^-]*$/)
	print "net", "training", "records", "folds", "uar_mean", "uar_sd", "uar", "uar_low", "uar_high", \
		"accuracy", "accuracy_low", "accuracy_high", "epochs", "seconds"
	print substr(config, 1, RSTART - 1), substr(config, RSTART + 1), records, folds, sprintf("%.6f", mean), sd, \
		figure["uar"], figure["accuracy"], sprintf("%.1f", epochs / folds), sprintf("%.1f", seconds / folds)
}
