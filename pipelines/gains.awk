# gains.awk: drawn.tsv, then foldF/rungN.tsv fold by fold -> a line for each setting: its parameters; for each fold the rung
# that it reached and the UAR there, by inner folds; chosen, in how many folds; and gain: what it had more than the default (the
# first) at the last rung, -v rungs=N, on average over folds, where one that dropped it counts 0.
BEGIN { FS = OFS = "\t" }
FILENAME == "drawn.tsv" {
	head[++settings] = (FNR > 1 ? "setting" : "") $0
	name[settings] = "setting" $1
	next
}
FNR == 1 {
	fold = FILENAME
	sub(/\/.*/, "", fold)
	rung = FILENAME
	sub(/.*rung/, "", rung)
	rung += 0
	if (!(fold in known)) order[++folds] = fold
	known[fold]
	next
}
{
	reached[fold, $1] = rung
	uar[fold, $1] = $2
	if (rung < rungs || $2 == "-") next
	if (FNR == 2) base = $2
	gain[$1] += $2 - base
	chosen[$1] += $3 == "yes"
}
END {
	for (s = 1; s <= settings; s++) {
		line = head[s]
		for (i = 1; i <= folds; i++)
			line = line OFS (s == 1 ? order[i] "_rung" OFS order[i] "_uar" : reached[order[i], name[s]] OFS uar[order[i], name[s]])
		print line, (s == 1 ? "chosen" OFS "gain" : chosen[name[s]] + 0 OFS sprintf("%.6f", gain[name[s]] / folds))
	}
}
