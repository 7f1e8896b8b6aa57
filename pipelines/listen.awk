# listen.awk: nnpredict's table of windows of live sound, as they come -> the label, the
# time, the loudness, and a bar for each class, drawn over the previous ones on the
# terminal. After visible.awk, with LC_ALL=C.
# -v plain=1: a line for each window, where a terminal cannot go back. -v utf8=1,
# -v colour=1; -v top=N: the N most probable classes; -v smooth=N: means of the last N
# windows; -v silence=DB: what stays below has no label. In the environment: HINT, the
# last line; WAIT, the first before there is a label; LEVEL, that of the model's records,
# as peak -0.915, for the loudness, where the table has a column gain.
function chars(s) {
	gsub(/[\200-\277]/, "", s)
	return length(s)
}
function repeat(s, n,    out) {
	while (n-- > 0) out = out s
	return out
}
# s in n characters: cut, or blanks behind it.
function fit(s, n) {
	while (chars(s) > n) sub(/[^\200-\277][\200-\277]*$/, "", s)
	return s repeat(" ", n - chars(s))
}
function bar(x, n,    eighths) {
	if (!utf8) return fit(repeat("#", int(n * x + 0.5)), n)
	eighths = int(8 * n * x + 0.5)
	return fit(repeat("\342\226\210", int(eighths / 8)) (eighths % 8 ? "\342\226" part[eighths % 8] : ""), n)
}
function percent(x) { return sprintf("%3d %%", 100 * x + 0.5) }
function clock(s,    h) {
	h = int(s / 3600)
	return h ? sprintf("%d:%02d:%02d", h, int(s / 60) % 60, s % 60) : sprintf("%d:%02d", int(s / 60), s % 60)
}
# The terminal's size, which may change at any time.
function measure(    command, text, size) {
	command = "stty size </dev/tty 2>/dev/null"
	command | getline text
	close(command)
	split(text, size, " ")
	rows = size[1] > 0 ? size[1] : 24
	columns = size[2] > 0 ? size[2] : 80
}
# A line of the frame; the last column stays free, as terminals differ in what they do behind it.
function put(text, style) {
	if (chars(text) >= columns) text = fit(text, columns - 1)
	sub(/ +$/, "", text)
	lines++
	frame = frame (colour && style != "" ? "\033[" style "m" text "\033[0m" : text) "\033[K\n"
}
# Goes back to where the last frame began. In a terminal of another size that is nobody knows where.
function begin(    before) {
	before = rows " " columns
	measure()
	frame = lines == 0 ? "\r" : before == rows " " columns ? "\r\033[" lines "A" : "\033[H\033[2J"
	lines = 0
}
function end() {
	printf "%s\033[J", frame
	fflush()
}
# The n most probable classes to rank[], in their order where all are shown.
function order(n,    i, j, c) {
	for (i = 1; i <= classes; i++) {
		for (j = i; n < classes && j > 1 && mean[rank[j - 1]] < mean[i]; j--) rank[j] = rank[j - 1]
		rank[j] = i
	}
}
function title(    text, right) {
	text = clock(time) "  " label
	if (!silent) text = text "  " (refused ? "(" class[best] " " : "") int(100 * mean[best] + 0.5) " %" (refused ? ")" : "")
	right = loud == "" ? "" : sprintf("%.0f dB", loud)
	if (plain || chars(text) + length(right) + 3 > columns) return text (plain && right != "" ? "  " right : "")
	return fit(text, columns - 1 - length(right)) right
}
function draw(    shown, gap, n, i, c, room) {
	begin()
	shown = top && top < classes ? top : classes
	gap = shown + 5 <= rows
	if (shown > rows - 3) shown = rows > 3 ? rows - 3 : 0
	order(shown)
	put(title(), "1")
	if (gap) put("")
	n = longest < columns / 3 ? longest : int(columns / 3)
	room = columns - 1 - n - 1 - 6
	for (i = 1; i <= shown; i++) {
		c = rank[i]
		put(fit(class[c], n) " " (room > 3 ? bar(silent ? 0 : mean[c], room) " " : "") (silent ? "" : percent(mean[c])),
			refused ? "2" : c == best ? "1;36" : "")
	}
	if (gap) put("")
	if (ENVIRON["HINT"] != "" && rows > 3) put(visible(ENVIRON["HINT"]), "2")
	end()
}
# Where the columns are; the classes are named by those of their probabilities.
function head(    i) {
	for (i = 1; i <= NF; i++)
		if ($i ~ /^p[.]/) {
			class[++classes] = visible(substr($i, 3))
			known[substr($i, 3)] = at[classes] = i
			if (chars(class[classes]) > longest) longest = chars(class[classes])
		} else column[$i] = i
}
# The means of the last windows; silent ones do not count.
function average(    c) {
	if (silent) return
	slot = slot % smooth + 1
	filled += filled < smooth
	best = 1
	for (c = 1; c <= classes; c++) {
		sum[c] += $at[c] - past[slot, c]
		past[slot, c] = $at[c]
		mean[c] = sum[c] / filled
		if (mean[c] > mean[best]) best = c
	}
}
BEGIN {
	FS = "\t"
	split("\217 \216 \215 \214 \213 \212 \211", part, " ")
	if (smooth < 1) smooth = 1
	split(ENVIRON["LEVEL"], level, " ")
	if (!plain) {
		printf "\033[?25l"
		begin()
		put(visible(ENVIRON["WAIT"]), "1")
		put(visible(ENVIRON["HINT"]), "2")
		end()
	}
}
NR == 1 { head(); next }
{
	time = $(("end" in column) && $column["end"] != "-" ? column["end"] : column["start"])
	gain = ("gain" in column) ? $column["gain"] : "-"
	# A gain of nothing is that of digital silence.
	silent = gain != "-" && (gain == 0 || silence != "" && level[2] - gain < silence)
	loud = gain == "-" || gain == 0 ? "" : level[2] - gain
	average()
	pred = $column["pred"]
	refused = silent || !(pred in known)
	label = silent ? "silence" : refused ? visible(pred) : class[best]
	seen++
	if (!plain) draw()
	else {
		print title()
		fflush()
	}
}
END {
	if (plain) exit
	if (seen) {
		ENVIRON["HINT"] = ""
		draw()
	} else {
		begin()
		end()
	}
	printf "\033[?25h"
}
