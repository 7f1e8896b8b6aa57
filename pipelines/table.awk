# table.awk: the header and the line of a comparison for one configuration from
# evalconf's figures of all its runs together (the first file), of each seed where
# there are several (*.seedN.figures.tsv), of each run FOLD/RUN/figures.tsv, and
# nntrain's histories (*history.tsv). -v names='net\ttraining' and -v
# values='crnn\tx3' say what it is; what stands behind | comes last.
BEGIN {
	FS = OFS = "\t"
	split(names "|", name, "|")
	split(values "|", value, "|")
}

FNR == 1 { file++ }
FILENAME ~ /history\.tsv$/ {
	if (FNR == 1) {
		runs++
		for (i = 1; i <= NF; i++) if ($i == "seconds") column = i
		next
	}
	epochs++
	seconds += $column
	next
}
file == 1 && $1 == "records" { records = $3 }
file == 1 && $1 == "support" && $3 > commonest { commonest = $3 }
file == 1 && ($1 == "uar" || $1 == "accuracy") { figure[$1] = $3 OFS $4 OFS $5 }
file == 1 || $1 != "uar" { next }
FILENAME ~ /\.seed[0-9]+\.figures\.tsv$/ {
	seed[++seeds] = $3
	next
}
{
	at = FILENAME
	sub(/\/.*/, "", at)
	if (!(at in number)) number[at] = ++folds
	sum[number[at]] += $3
	count[number[at]]++
}

# The mean of n figures, and the sample's deviation; one has none.
function spread(x, n,    i, mean, squares) {
	for (i = 1; i <= n; i++) mean += x[i] / n
	for (i = 1; i <= n; i++) squares += (x[i] - mean) * (x[i] - mean)
	return sprintf("%.6f", mean) OFS (n > 1 ? sprintf("%.6f", sqrt(squares / (n - 1))) : "-")
}

END {
	for (i = 1; i <= folds; i++) fold[i] = sum[i] / count[i]
	if (!seeds) {
		seeds = 1
		split(figure["uar"], seed, OFS)
	}
	print name[1], "records", "folds", "uar_mean", "uar_sd", "uar", "uar_low", "uar_high", "accuracy", "accuracy_low", \
		"accuracy_high", "epochs", "seconds", "commonest", "seeds", "seed_mean", "seed_sd" (name[2] == "" ? "" : OFS name[2])
	print value[1], records / seeds, folds, spread(fold, folds), figure["uar"], figure["accuracy"], \
		sprintf("%.1f", epochs / runs), sprintf("%.1f", seconds / runs), sprintf("%.6f", commonest / records), seeds, \
		spread(seed, seeds) (value[2] == "" ? "" : OFS value[2])
}
