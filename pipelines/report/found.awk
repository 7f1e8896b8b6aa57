# found.awk: table.tsv, then the confusion matrix of its line N (environment), the
# configuration NAME -> what a run has found, in sentences; after lib.awk. NAMES are
# those of all lines; HEARD: yes where its tests had speakers of its training, no
# where they had none, else unknown.
BEGIN { FS = "\t" }
FNR == 1 { file++ }
file == 1 && FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
file == 1 && FNR > 1 {
	rows++
	uar[rows] = $at["uar"]
	low[rows] = $at["uar_low"]
	high[rows] = $at["uar_high"]
}
file == 2 && FNR == 1 { for (i = 2; i <= NF; i++) answer_is[i] = $i }
file == 2 && FNR > 1 {
	classes++
	sum = 0
	for (i = 2; i <= NF; i++) sum += $i
	for (i = 2; i <= NF; i++)
		if ($i > most && $1 != answer_is[i]) {
			most = $i
			from = $1
			to = answer_is[i]
			of = sum
		}
}

END {
	n = ENVIRON["N"]
	split(ENVIRON["NAMES"], name, " ")
	s = rows > 1 ? "Of @ configurations @ has the highest UAR, the mean of the classes' recalls: @ %" : "@ has a UAR, the mean of the classes' recalls, of @ %"
	values = (rows > 1 ? "|" rows : "") "|<code>" esc(name[n]) "</code>|" percent(uar[n])
	if (low[n] != "-" && low[n] != "") {
		s = s " (95 % interval @ to @)"
		values = values "|" percent(low[n]) "|" percent(high[n])
	}
	if (classes) {
		s = s "; guessing reaches @ %"
		values = values "|" percent(1 / classes)
	}
	out = "{{" s "." values "}}"
	if (classes && low[n] != "-" && low[n] <= 1 / classes) out = out " {{So this may be chance.}}"
	for (i = 1; i <= rows; i++)
		if (i != n && high[i] != "-" && low[n] != "-" && high[i] >= low[n]) rivals = rivals (rivals == "" ? "" : ", ") "<code>" esc(name[i]) "</code>"
	if (rivals != "") out = out " {{Not told apart from it, as intervals overlap: @.|" rivals "}}"
	if (most) out = out " {{Its most frequent mistake: @ taken for @, in @ of @ records.|<b>" esc(label(from)) "</b>|<b>" esc(label(to)) "</b>|" most "|" of "}}"
	if (ENVIRON["HEARD"] == "no") out = out " {{It was tested on speakers whom training had not heard.}}"
	if (ENVIRON["HEARD"] == "yes") out = out " {{Training had heard the speakers of its tests: with new speakers it will be worse.}}"
	print "<p class=\"lead\">" out "</p>"
}
