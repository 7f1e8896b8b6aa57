# table.awk: the header and the line of a comparison for one configuration from
# evalconf's figures of all folds together (the first file), of each fold, and
# nntrain's histories (files *.history.tsv). -v names='net\ttraining' and -v
# values='crnn\tx3' say what the configuration is.
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
$1 == "support" && file == 1 && $3 > commonest { commonest = $3 }
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
	print names, "records", "folds", "uar_mean", "uar_sd", "uar", "uar_low", "uar_high", \
		"accuracy", "accuracy_low", "accuracy_high", "epochs", "seconds", "commonest"
	print values, records, folds, sprintf("%.6f", mean), sd, \
		figure["uar"], figure["accuracy"], sprintf("%.1f", epochs / folds), sprintf("%.1f", seconds / folds), \
		sprintf("%.6f", commonest / records)
}
