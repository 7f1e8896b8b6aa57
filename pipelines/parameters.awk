# parameters.awk: tsrdump --tsv of models -> how many parameters their nets have together: the
# weights of layers (02.dense/kernel), and not what else a model keeps (cmvn/all).
BEGIN { FS = "\t" }
$1 ~ /^[0-9]+\./ {
	n = split($7, d, ",")
	product = 1
	for (i = 1; i <= n; i++) product *= d[i]
	sum += product
}
END { printf "%.0f\n", sum }
