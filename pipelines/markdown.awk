# markdown.awk: a TSV with a header -> a Markdown table, its columns aligned: the
# first -v left=N to the left, the others to the right. Of a table.tsv, -v show='net
# uar epochs' says which columns, in percent, by these names:
BEGIN {
	FS = "\t"
	n = split(show, column, " ")
	title["mean"] = "UAR, mean of folds"
	title["seeds"] = "UAR, mean of seeds"
	title["uar"] = "UAR (95 % interval)"
	title["accuracy"] = "accuracy (95 % interval)"
	title["commonest"] = "commonest class"
	title["records"] = "rows"
	title["speaker_heard"] = "speaker heard in training"
	title["copy_in_training"] = "copies of the test clip in training"
	title["warned"] = "speakers warned of"
	title["change"] = "change of UAR"
	title["sizes"] = "records: train, valid, test"
}

function of(name) { return $at[name] }
function percent(x) { return sprintf("%.1f", 100 * x) }
function about(x, sd) { return percent(x) (sd == "-" ? "" : " +- " percent(sd)) }
function range(name) {
	return percent(of(name)) (of(name "_low") == "-" ? "" : " (" percent(of(name "_low")) " to " percent(of(name "_high")) ")")
}
function heard(share) { return share == 0 ? "no" : share == 1 ? "yes" : sprintf("yes (of %.0f %%)", 100 * share) }
function shown(name) {
	if (NR == 1) return name in title ? title[name] : name
	if (name == "mean") return about(of("uar_mean"), of("uar_sd"))
	if (name == "seeds") return about(of("seed_mean"), of("seed_sd"))
	if (name == "uar" || name == "accuracy") return range(name)
	if (name == "warned") return of(name) == "-" ? "-" : sprintf("%.0f %%", 100 * of(name))
	if (name == "change") return of(name) == "-" ? "-" : sprintf("%+.1f", 100 * of(name))
	if (name == "commonest") return percent(of(name))
	if (name == "epochs") return sprintf("%.0f", of(name))
	if (name == "speaker_heard" || name == "copy_in_training") return heard(of(name))
	if (name == "sizes") return of("train") ", " of("valid") ", " of("test")
	return of(name) == "x3" ? "augmented (x3)" : of(name)
}

NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
{
	columns = show == "" ? NF : n
	for (i = 1; i <= columns; i++) {
		text = show == "" ? $i : shown(column[i])
		gsub(/\|/, "\\|", text)
		cell[NR, i] = text
		if (length(text) > wide[i]) wide[i] = length(text)
	}
}

END {
	for (r = 1; r <= NR; r++) {
		line = "|"
		rule = "|"
		for (i = 1; i <= columns; i++) {
			line = line sprintf(i <= left ? " %-" wide[i] "s |" : " %" wide[i] "s |", cell[r, i])
			dashes = sprintf("%" wide[i] "s", "")
			gsub(/ /, "-", dashes)
			rule = rule (i <= left ? " " dashes " |" : " " dashes ":|")
		}
		print line
		if (r == 1) print rule
	}
}
