# segments.awk: a table of nnpredict over the windows of a recording -> a line for
# each stretch with one answer, after lib.awk. Of overlapping windows, -v window=S
# long and -v step=S apart, each counts from halfway to the one before it to
# halfway to the next; the last to -v end=S, where the recording ends. Where nothing
# is said the probabilities mean nothing.
BEGIN {
	FS = OFS = "\t"
	print "answer", "from (s)", "to (s)", "mean confidence (%)", "windows"
	margin = (window - step) / 2
}
function put(to) { if (n) print label(was), sprintf("%.2f", from), sprintf("%.2f", to), was == "NOSPEECH" ? "-" : percent(sum / n), n }
NR == 1 {
	columns()
	next
}
{
	if ($at["pred"] != was) {
		put($at["start"] + margin)
		from = $at["start"] + (n ? margin : 0)
		was = $at["pred"]
		sum = n = 0
	}
	last = $at["start"]
	sum += $at["confidence"]
	n++
}
END { put(last + window < end ? last + window : end) }
