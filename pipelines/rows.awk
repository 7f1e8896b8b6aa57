# rows.awk: a split of rows at random, whoever they are about, from tsrdump --tsv:
# lines PART KEY between a tab, a fifth to test, a fifth of the others to validate.
# -v seed=N decides. Wants draw.awk.
BEGIN { FS = "\t" }
NR > 1 { key[++n] = $1 }
END {
	sow(seed * 1000)
	shuffle(key, n)
	test = int(n / 5 + 0.5)
	valid = int((n - test) / 5 + 0.5)
	for (i = 1; i <= n; i++) print (i <= test ? "test" : i <= test + valid ? "valid" : "train") "\t" key[i]
}
