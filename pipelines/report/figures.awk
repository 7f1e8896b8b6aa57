# figures.awk: evalconf's figures -> the main ones for people, after lib.awk. The
# first file has those with intervals; the next, of all answers and as the nets
# had them, before their temperature, are compared where there are three.
BEGIN {
	FS = OFS = "\t"
	n = split("accuracy,uar,f1_macro,coverage,covered_accuracy", simple, ",")
	split("accuracy,UAR: mean of the classes' recalls,F1: mean of the classes,answered: not below the threshold," \
		"accuracy of what was answered", said, ",")
	m = split("log_loss,brier,ece,aurc", tempered, ",")
	split("log loss (nats),Brier score,expected calibration error (%),area under the risk (%)", meant, ",")
}

FNR == 1 { file++ }
$2 == "-" {
	value[file, $1] = $3
	interval[file, $1] = range($3, $4, $5)
}
function plain(f, name) {
	if (value[f, name] == "" || value[f, name] == "-") return "-"
	return name == "ece" || name == "aurc" ? percent(value[f, name]) : sprintf("%.3f", value[f, name])
}

END {
	print "figure", "value (95 % interval)"
	for (i = 1; i <= n; i++)
		if ((1, simple[i]) in value) print said[i] " (%)", interval[1, simple[i]]
	for (i = 1; i <= m; i++) {
		if (!((2, tempered[i]) in value)) continue
		print meant[i], plain(2, tempered[i]) (file > 2 && tempered[i] != "aurc" ? \
			" (" plain(3, tempered[i]) " before tempering)" : "")
	}
}
