# nearest.awk: names on standard input -> "; did you mean NAME?" for that which is
# nearest to WORD in the environment, if one is near enough; otherwise nothing. Cases
# count alike; a letter that is missing, added, another or exchanged with the next is a
# slip, of which there may be one in three letters.
function least(a, b) { return a < b ? a : b }
function slips(a, b,    i, j, n, m, d) {
	n = length(a)
	m = length(b)
	for (i = 0; i <= n; i++)
		for (j = 0; j <= m; j++) {
			if (!i || !j) {
				d[i, j] = i + j
				continue
			}
			d[i, j] = least(d[i - 1, j - 1] + (substr(a, i, 1) != substr(b, j, 1)), least(d[i - 1, j], d[i, j - 1]) + 1)
			if (i > 1 && j > 1 && substr(a, i, 1) == substr(b, j - 1, 1) && substr(a, i - 1, 1) == substr(b, j, 1))
				d[i, j] = least(d[i, j], d[i - 2, j - 2] + 1)
		}
	return d[n, m]
}
BEGIN {
	word = tolower(ENVIRON["WORD"])
	most = int((length(word) + 2) / 3)
}
length($0) <= length(word) + most && (n = slips(word, tolower($0))) <= most {
	most = n - 1
	name = $0
}
END { if (name != "") print "; did you mean " name "?" }
