# lacks.awk: says of which labels a fold's training part has no recording, a line each
# on standard error: FOLD PART NAMES lines, then a manifest. -v by=key: NAMES is one key, else
# speakers with commas between. RECIPE is in the environment. Wants visible.awk.
BEGIN { FS = "\t" }
FNR == NR {
	if (!($1 in seen)) fold[++folds] = $1
	seen[$1]
	n = by == "key" ? 1 : split($3, name, ",")
	if (n == 1) name[1] = $3
	if ($2 == "train")
		for (i = 1; i <= n; i++) trains[$1, name[i]]
	next
}
{
	if (!has[$3]++) label[++labels] = $3
	for (i = 1; i <= folds; i++)
		if ((fold[i], by == "key" ? $2 : $4) in trains) learns[fold[i], $3]
}
END {
	for (i = 1; i <= folds; i++) {
		list = ""
		for (k = 1; k <= labels; k++)
			if (!((fold[i], label[k]) in learns)) list = list (list == "" ? "" : ", ") label[k]
		if (list != "")
			print visible(ENVIRON["RECIPE"] ": fold " fold[i] " has no training recording of " list \
				": its model never predicts that (other folds: NFOLDS=, SEED=, FOLDS=)") | "cat >&2"
	}
}
