# folds.awk: drawn.tsv, ledger.tsv, then of each fold its last rung's table, and figures.tsv of the default and of the chosen
# setting -> a line for each fold: which setting was chosen, its UAR on inner folds and the default's, both UARs of the test,
# and how often the test was looked at: by scripts that differ, as one that was interrupted and runs again sees the same.
# expected: how often a search alone looks, with -v seeds=N.
BEGIN { FS = OFS = "\t" }
FILENAME == "drawn.tsv" {
	if (FNR == 1) for (i = 2; i <= NF; i++) name[i] = $i
	for (i = 2; i <= NF; i++)
		if (FNR > 1 && $i != "-") changes["setting" $1] = changes["setting" $1] (changes["setting" $1] == "" ? "" : ", ") name[i] " " $i
	next
}
FILENAME == "ledger.tsv" {
	if (!(($1, $2, $3) in seen)) looks[$1]++
	seen[$1, $2, $3]
	next
}
FNR == 1 {
	fold = FILENAME
	sub(/\/.*/, "", fold)
	if (!(fold in known)) order[++folds] = fold
	known[fold]
}
FILENAME ~ /rung[0-9]+\.tsv$/ {
	if (FNR == 2) inner_default[fold] = $2
	if ($3 == "yes") {
		chosen[fold] = $1
		inner[fold] = $2
	}
	next
}
$1 == "uar" && FILENAME ~ /\/chosen\// { uar[fold] = $3 }
$1 == "uar" && FILENAME !~ /\/chosen\// { uar_default[fold] = $3 }
END {
	print "fold", "setting", "inner", "inner_default", "uar", "uar_default", "looks", "expected", "changes"
	for (i = 1; i <= folds; i++) {
		f = order[i]
		print substr(f, 5), chosen[f], inner[f], inner_default[f], uar[f], uar_default[f], looks[f] + 0, \
			seeds * (chosen[f] == "setting0" ? 1 : 2), (changes[chosen[f]] == "" ? "none" : changes[chosen[f]])
	}
}
