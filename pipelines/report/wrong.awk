# wrong.awk: tables of nnpredict -> the wrong answers that were not refused:
# confidence, key, truth, answer, the truth's probability, speaker; after lib.awk.
BEGIN { FS = OFS = "\t" }
FNR == 1 {
	columns()
	next
}
$at["pred"] != "UNCERTAIN" && $at["pred"] != "NOSPEECH" && $at["pred"] != $at["label"] {
	i = at["p." $at["label"]]
	print $at["confidence"], $at["key"], $at["label"], $at["pred"], i ? $i : 0, $at["group"]
}
