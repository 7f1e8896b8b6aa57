# leak-table.awk: the line of one protocol (-v values=record): what its tests came to,
# and what its training had heard of them. From records.tsv, plan.tsv, evalconf's
# figures of all repeats (the third file), and nntrain's histories.
BEGIN {
	FS = OFS = "\t"
	name["record"] = "augment, then split records"
	name["clip"] = "split recordings, then augment"
	name["speaker"] = "split speakers, then augment"
}

FNR == 1 { file++ }
file == 1 {
	if (FNR == 1) {
		for (i = 1; i <= NF; i++) column[$i] = i
		next
	}
	speaker[$column["key"]] = $column["group"]
	clip[$column["key"]] = $column["src"] == "-" ? $column["key"] : $column["src"]
	next
}
file == 2 {
	if ($1 != values) next
	if (!($2 in seen)) repeats++
	seen[$2]
	count[$3]++
	if ($3 == "train") {
		voice[$2, speaker[$4]]
		copy[$2, clip[$4]]
	}
	if ($3 == "test") {
		repeat[++tests] = $2
		test[tests] = $4
	}
	next
}
file == 3 {
	if ($1 == "uar" || $1 == "accuracy") figure[$1] = $3 OFS $4 OFS $5
	next
}
FILENAME !~ /history\.tsv$/ { next }
FNR == 1 {
	for (i = 1; i <= NF; i++) if ($i == "seconds") at = i
	runs++
	next
}
{
	epochs++
	seconds += $at
}

END {
	for (i = 1; i <= tests; i++) {
		heard += (repeat[i], speaker[test[i]]) in voice
		copies += (repeat[i], clip[test[i]]) in copy
	}
	print "protocol", "repeats", "train", "valid", "test", "uar", "uar_low", "uar_high", "accuracy", "accuracy_low", \
		"accuracy_high", "speaker_heard", "copy_in_training", "epochs", "seconds"
	print name[values], repeats, sprintf("%.0f", count["train"] / repeats), sprintf("%.0f", count["valid"] / repeats), \
		sprintf("%.0f", count["test"] / repeats), figure["uar"], figure["accuracy"], sprintf("%.6f", heard / tests), \
		sprintf("%.6f", copies / tests), sprintf("%.1f", epochs / runs), sprintf("%.1f", seconds / runs)
}
