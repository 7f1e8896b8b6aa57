# exponents.awk: points.tsv of scale.sh (series, filter, size, seconds, KiB; of a size that is there
# again, the least) -> for each filter of each series the exponents that fit best: seconds beyond what
# a start takes, which is size 0, ~ size^a, memory ~ size^b, by least squares of the logarithms; and
# whether that is linear and flat. Sizes that take less than two starts are too small to count for the
# time. -v lines=FILE: what scale.gp draws, too.
BEGIN {
	FS = OFS = "\t"
	print "against", "filter", "sizes", "seconds", "exponent of time", "peak MiB", "exponent of memory", "found"
}
{
	key = $1 FS $2
	if (!(key in points)) order[++keys] = key
	if (!((key, $3) in at)) {
		at[key, $3] = ++points[key]
		size[key, points[key]] = $3
	}
	i = key SUBSEP at[key, $3]
	if (!(i in seconds) || $4 < seconds[i]) seconds[i] = $4
	if (!(i in peak) || $5 < peak[i]) peak[i] = $5
}
# The slope of y over x, of n pairs that were added up.
function add(sum, x, y) {
	sum["n"]++
	sum["x"] += x
	sum["y"] += y
	sum["xx"] += x * x
	sum["xy"] += x * y
}
function slope(sum,    d) {
	d = sum["n"] * sum["xx"] - sum["x"] * sum["x"]
	return d > 1e-9 ? sprintf("%.2f", (sum["n"] * sum["xy"] - sum["x"] * sum["y"]) / d) : "-"
}
function found(a, b, times,    text) {
	if (key ~ /^threads/) return sprintf("%.1f times as fast", times)
	if (a == "-") return "too short to tell"
	text = a > 1.15 ? "**more than linear**" : a < 0.85 ? "less than linear" : "linear"
	# A larger net has more weights, a larger batch more activations.
	if (key ~ /^(width|examples)/) return text
	return text ", " (b < 0.15 ? "flat" : "**memory grows**")
}
function fit(    i, p, start, first, last, base, t, name, time, memory) {
	split("", time)
	split("", memory)
	split(key, name, FS)
	start = (key, 0) in at ? seconds[key, at[key, 0]] : 0
	if (lines != "" && blocks++) print "\n" >lines
	for (i = 1; i <= points[key]; i++) {
		p = key SUBSEP i
		if (size[p] == 0) continue
		if (first == "") first = p
		last = p
		add(memory, log(size[p]), log(peak[p]))
		t = seconds[p] - start
		if (seconds[p] < 2 * start) t = "-"
		else {
			add(time, log(size[p]), log(t))
			if (base == "") base = t / size[p] * size[first]
			t /= base
		}
		if (lines != "") print name[1] ": " name[2], size[p] / size[first], t, peak[p] / peak[first] >lines
	}
	if (first == "") return
	print key, sprintf("%.4g to %.4g", size[first], size[last]), sprintf("%.3g to %.3g", seconds[first], seconds[last]), slope(time), \
		sprintf("%.1f to %.1f", peak[first] / 1024, peak[last] / 1024), slope(memory), \
		found(slope(time), slope(memory), seconds[first] / seconds[last])
}
END {
	for (k = 1; k <= keys; k++) {
		key = order[k]
		fit()
	}
}
