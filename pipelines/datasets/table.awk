# table.awk: a table of annotations (CSV or TSV with a header) on standard input -> a
# manifest (path, key, label, group, start, end). -v file=, -v label=, -v speaker=, -v start=
# and -v end= name its columns; those not named are looked for by the names that tables
# give them. -v base=DIR: what relative paths are relative to. Times are seconds, or as pandas
# writes them (0 days 00:00:01.5). Keys are paths without the ending, with start where
# a recording has several parts. What separates cells is seen in the header: a tab, else
# a semicolon, else a comma; cells may be quoted, with separators and line breaks in them.
function fail(why) {
	print "table.awk: " why | "cat >&2"
	failed = 3
	exit failed
}
function bad(why) { fail("line " first ": " why) }

# Splits row into cell; false where a quote is open at its end.
function cells(row,    n, i, part, text, open) {
	columns = 0
	n = split(row, part, separator)
	for (i = 1; i <= n; i++) {
		text = open ? text separator part[i] : part[i]
		open = gsub(/"/, "\"", text) % 2
		if (open) continue
		if (text ~ /^[ ]*"(.|\n)*"[ ]*$/) {
			sub(/^[ ]*"/, "", text)
			sub(/"[ ]*$/, "", text)
			gsub(/""/, "\"", text)
		}
		cell[++columns] = text
	}
	return !open
}

# The column that is called so, or by one of the names; 0 for none.
function column(name, option, names,    i, n, k, try, list) {
	n = name == "" ? split(names, try, " ") : 1
	if (name != "") try[1] = name
	for (k = 1; k <= n; k++)
		for (i = 1; i <= columns; i++)
			if (cell[i] == try[k] || name == "" && tolower(cell[i]) == try[k]) return i
	for (i = 1; i <= columns; i++) list = list (i == 1 ? "" : ", ") cell[i]
	if (name != "") bad("no column " name " (" option "); there are: " list)
	if (option ~ /^(file|label)/) bad("which column is the " option "? There are: " list)
	return 0
}
function header() {
	separator = index($0, "\t") ? "\t" : index($0, ";") ? ";" : ","
	if (!cells($0)) bad("a quote is not closed in the header")
	width = columns
	at["file"] = column(file, "file (FILE_COLUMN=)", "file path filename file_path filepath audio wav")
	at["label"] = column(label, "label (LABEL_COLUMN=)", "label emotion emo class")
	at["speaker"] = column(speaker, "speaker (SPEAKER_COLUMN=)", "speaker speaker_id spk group actor")
	at["start"] = column(start, "start (START_COLUMN=)", "start start_time onset begin")
	at["end"] = column(end, "end (END_COLUMN=)", "end end_time offset stop")
}

# What a cell holds, fit for a manifest.
function value(name,    text) {
	if (!at[name]) return ""
	text = cell[at[name]]
	if (text ~ /[\t\r\n]/) bad("a tab or a line break in " name)
	# What pandas writes where there is nothing.
	return text ~ /^(nan|NaN|NaT|<NA>)$/ ? "" : text
}
# Seconds, or "" where none are said.
function seconds(name,    text, days, part, n) {
	text = value(name)
	if (separator == ";") sub(/,/, ".", text)
	if (text == "") return ""
	if (text ~ /^([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$/) return text
	n = text
	if (n ~ /^[0-9]+ days?/) days = n + 0
	sub(/^[0-9]+ days? *\+?/, "", n)
	if (n == "") return days * 86400
	if (n !~ /^[0-9]+:[0-9]+:[0-9]+(\.[0-9]+)?$/) bad(name " is " text ", not seconds and not as 0 days 00:00:01.5")
	split(n, part, ":")
	n = sprintf("%.9f", days * 86400 + part[1] * 3600 + part[2] * 60 + part[3])
	sub(/\.?0+$/, "", n)
	return n
}

function enter(    path, name) {
	if (columns != width) bad("cells: " columns "; the header has " width)
	path = value("file")
	if (path == "") bad("no file")
	if (value("label") == "") bad("no label of " path ": each row needs one")
	name = path
	sub(/^(\.\/)+/, "", name)
	if (path !~ /^\//) path = base name
	else if (index(path, base) == 1) name = substr(path, length(base) + 1)
	if (path ~ /^#/) path = "./" path
	paths[++rows] = path
	whole[rows] = stem[rows] = name
	sub(/\.[^.\/]*$/, "", stem[rows])
	if (stem[rows] ~ /(^|\/)$/) stem[rows] = name
	# Of a stem with two endings each keeps its own; a recording of several parts tells them.
	if (!((stem[rows], path) in known)) endings[stem[rows]]++
	known[stem[rows], path]
	from[rows] = seconds("start")
	to[rows] = seconds("end")
	if (to[rows] != "" && to[rows] + 0 <= from[rows] + 0) bad("end is " to[rows] ", start " (from[rows] == "" ? 0 : from[rows]))
	parts[path]++
	line[rows] = first
	cells_of[rows] = value("label") "\t" value("speaker")
}

BEGIN {
	if (base != "" && base !~ /\/$/) base = base "/"
}
{ sub(/\r$/, "") }
NR == 1 {
	sub(/^\357\273\277/, "")
	first = 1
	header()
	next
}
row == "" && /^[ \t]*$/ { next }
{
	if (row == "") first = NR
	row = row == "" ? $0 : row "\n" $0
	if (!cells(row)) next
	row = ""
	enter()
}

END {
	if (failed) exit failed
	if (row != "") bad("a quote is not closed")
	if (!NR) fail("no table on standard input")
	if (!rows) fail("a header and no rows")
	for (i = 1; i <= rows; i++) {
		key = endings[stem[i]] > 1 ? whole[i] : stem[i]
		if (parts[paths[i]] > 1) key = key "@" (from[i] == "" ? 0 : from[i])
		if (key in seen) fail("line " line[i] ": the same recording" (parts[paths[i]] > 1 ? " and start" : "") " as line " seen[key] ": " paths[i])
		seen[key] = line[i]
		out[i] = paths[i] "\t" key "\t" cells_of[i] (from[i] == "" ? "" : "\tstart=" from[i]) (to[i] == "" ? "" : "\tend=" to[i])
	}
	for (i = 1; i <= rows; i++) print out[i]
}
