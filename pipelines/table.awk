# table.awk: the header and the line of a comparison for one configuration from
# evalconf's figures of all its runs together (the first of *.figures.tsv), of each
# seed where there are several (*.seedN.figures.tsv), of each run FOLD/RUN/figures.tsv,
# and nntrain's histories (*history.tsv). -v names='net\ttraining' and -v
# values='crnn\tx3' say what it is; what stands behind | comes last. With -v
# parameters=N or warned=X, these columns at the end. With -v
# protocol=record and, first, the records.tsv and plan.tsv of leak-demo: what that
# protocol's training had heard of its tests.
BEGIN {
	FS = OFS = "\t"
	split(names "|", name, "|")
	split(values "|", value, "|")
}

FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
FILENAME == "records.tsv" {
	speaker[$at["key"]] = $at["group"]
	clip[$at["key"]] = $at["src"] == "-" ? $at["key"] : $at["src"]
	next
}
FILENAME == "plan.tsv" {
	if ($1 != protocol) next
	size[$3]++
	if ($3 == "train") {
		voice[$2, speaker[$4]]
		copy[$2, clip[$4]]
	}
	if ($3 == "test") {
		repeat[size["test"]] = $2
		test[size["test"]] = $4
	}
	next
}
FILENAME ~ /history\.tsv$/ {
	if (FNR == 1) runs++
	else {
		epochs++
		seconds += $at["seconds"]
	}
	next
}
FNR == 1 { figures++ }
figures == 1 && $1 == "records" { records = $3 }
figures == 1 && $1 == "support" && $3 > commonest { commonest = $3 }
figures == 1 && ($1 == "uar" || $1 == "accuracy") { figure[$1] = $3 OFS $4 OFS $5 }
figures == 1 || $1 != "uar" { next }
FILENAME ~ /\.seed[0-9]+\.figures\.tsv$/ {
	seed[++seeds] = $3
	next
}
{
	tests++
	run = FILENAME
	sub(/\/.*/, "", run)
	if (!(run in number)) number[run] = ++folds
	sum[number[run]] += $3
	count[number[run]]++
}

# The mean of n figures, and the sample's deviation; one has none.
function spread(x, n,    i, mean, squares) {
	for (i = 1; i <= n; i++) mean += x[i] / n
	for (i = 1; i <= n; i++) squares += (x[i] - mean) * (x[i] - mean)
	return sprintf("%.6f", mean) OFS (n > 1 ? sprintf("%.6f", sqrt(squares / (n - 1))) : "-")
}
function mean_size(part) { return sprintf("%.0f", size[part] / folds) }

END {
	rates_of = "uar" OFS "uar_low" OFS "uar_high" OFS "accuracy" OFS "accuracy_low" OFS "accuracy_high"
	rates = figure["uar"] OFS figure["accuracy"]
	# Of several models the seconds of a run are those of all together.
	cost = sprintf("%.1f", epochs / runs) OFS sprintf("%.1f", seconds / tests)
	if (protocol != "") {
		for (i = 1; i <= size["test"]; i++) {
			heard += (repeat[i], speaker[test[i]]) in voice
			copies += (repeat[i], clip[test[i]]) in copy
		}
		print names, "repeats", "train", "valid", "test", rates_of, "speaker_heard", "copy_in_training", "epochs", "seconds"
		print values, folds, mean_size("train"), mean_size("valid"), mean_size("test"), rates, \
			sprintf("%.6f", heard / size["test"]), sprintf("%.6f", copies / size["test"]), cost
		exit
	}
	for (i = 1; i <= folds; i++) fold[i] = sum[i] / count[i]
	if (!seeds) {
		seeds = 1
		split(figure["uar"], seed, OFS)
	}
	print name[1], "records", "folds", "uar_mean", "uar_sd", rates_of, "epochs", "seconds", "commonest", "seeds", \
		"seed_mean", "seed_sd" (name[2] == "" ? "" : OFS name[2]) (parameters == "" ? "" : OFS "parameters") (warned == "" ? "" : OFS "warned")
	print value[1], records / seeds, folds, spread(fold, folds), rates, cost, sprintf("%.6f", commonest / records), seeds, \
		spread(seed, seeds) (value[2] == "" ? "" : OFS value[2]) (parameters == "" ? "" : OFS parameters) (warned == "" ? "" : OFS warned)
}
