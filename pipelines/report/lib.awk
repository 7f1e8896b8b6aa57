# lib.awk: what the scripts of the report share; given before another one.
# Text for people is written as {{English text}}, which say.awk translates; {{a
# sentence on @ and @|this|that}} has values, which stay as they are.
# LABELS in the environment names a file of other names for classes.

# For HTML, in an attribute too. What marks of say.awk consist of becomes a control
# character, which visible texts have not, until that script is through.
function esc(s) { return guard(markup(visible(s))) }
function markup(s) {
	gsub(/&/, "\\&amp;", s)
	gsub(/</, "\\&lt;", s)
	gsub(/>/, "\\&gt;", s)
	gsub(/"/, "\\&quot;", s)
	gsub(/'/, "\006", s)
	return s
}
function guard(s) {
	gsub(/[{]/, "\001", s)
	gsub(/[}]/, "\002", s)
	gsub(/[|]/, "\003", s)
	gsub(/@/, "\004", s)
	gsub(/#/, "\005", s)
	return s
}

function label(s,    line, i) {
	if (!loaded) {
		while (ENVIRON["LABELS"] != "" && (getline line < ENVIRON["LABELS"]) > 0)
			if (line !~ /^#/ && (i = index(line, "\t"))) shown[substr(line, 1, i - 1)] = substr(line, i + 1)
		loaded = 1
	}
	return s in shown ? shown[s] : s
}

function percent(x) { return x == "-" ? "-" : sprintf("%.1f", 100 * x) }
function range(x, low, high) {
	return percent(x) (low == "-" || low == "" ? "" : " (" percent(low) " to " percent(high) ")")
}

# A line of nnpredict: what it was taken for. Where the model refused to answer
# that is the class with the largest probability, the first of equals.
function answer(    i, best) {
	if ($at["pred"] != "UNCERTAIN" && $at["pred"] != "NOSPEECH") return $at["pred"]
	for (i = first; i <= last; i++) if (!best || $i + 0 > $best + 0) best = i
	return best ? class[best] : $at["pred"]
}
# Its header, in each file: probabilities are from first to last.
function columns(    i) {
	first = 0
	for (i = 1; i <= NF; i++) {
		at[$i] = i
		if ($i ~ /^p\./) {
			class[i] = substr($i, 3)
			if (!first) first = i
			last = i
		}
	}
}
