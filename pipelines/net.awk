# net.awk: net(5) -> the same with other numbers. EDITS in the environment has lines LAYER [N,N...]<tab>VALUE, for the first word
# behind the N-th and other layers of that name, counting those where it is a number; or for all of these. The value none takes
# the layer away. RECIPE, FILE and NET are for messages. Wants visible.awk.
BEGIN {
	edits = split(ENVIRON["EDITS"], edit, "\n") - 1
	for (e = 1; e <= edits; e++) {
		split(edit[e], field, "\t")
		value[e] = field[2]
		split(field[1], word, " ")
		kind[e] = word[1]
		wanted[e] = split(word[2], number, ",")
		for (i = 1; i <= wanted[e]; i++) at[e, number[i] + 0]
	}
}
$2 ~ /^([a-z_]+=)?[0-9.]+$/ {
	for (e = 1; e <= edits; e++) {
		if ($1 != kind[e]) continue
		count[e]++
		if (wanted[e] && !((e, count[e]) in at)) continue
		used[e]++
		if (value[e] == "none") next
		sub(/[0-9.]+$/, value[e], $2)
	}
}
{ print }
END {
	for (e = 1; e <= edits && !failed; e++)
		if (!used[e] || used[e] < wanted[e]) {
			split(edit[e], field, "\t")
			print visible(ENVIRON["RECIPE"] ": " ENVIRON["FILE"] ": net " field[1] ": net " ENVIRON["NET"] " has no such layer") | "cat >&2"
			failed = 3
		}
	exit failed
}
