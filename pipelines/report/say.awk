# say.awk: the report's words in another language. {{English text}} becomes what
# the table TEXT (environment) has for it, else stays; values that follow after |
# take the places of @. Where a text is not in the table, one with # for each
# number is looked for. The table's text for "." is the decimal sign.
BEGIN {
	FS = "\t"
	point = "."
	while ((getline line <ENVIRON["TEXT"]) > 0)
		if (line !~ /^# [^(%]/ && (i = index(line, "\t"))) said[substr(line, 1, i - 1)] = substr(line, i + 1)
	if ("." in said) point = said["."]
}

# s without its numbers, which are in number[1] to number[numbers].
function bare(s,    out) {
	numbers = 0
	while (match(s, /[0-9]+(\.[0-9]+)?/)) {
		number[++numbers] = substr(s, RSTART, RLENGTH)
		out = out substr(s, 1, RSTART - 1) "#"
		s = substr(s, RSTART + RLENGTH)
	}
	return out s
}
# The places of mark in s filled with value[1], value[2], ...
function fill(s, mark, value,    out, i, n) {
	while (i = index(s, mark)) {
		out = out substr(s, 1, i - 1) value[++n]
		s = substr(s, i + 1)
	}
	return out s
}
function localize(a, n,    i) {
	for (i = 1; i <= n; i++) if (point != "." && a[i] ~ /^[0-9]+\.[0-9]+$/) sub(/\./, point, a[i])
}
function say(s,    n, i, part, value, key, text) {
	n = split(s, part, "|")
	for (i = 2; i <= n; i++) value[i - 1] = part[i]
	localize(value, n - 1)
	s = part[1]
	key = s
	gsub(/\006/, "'", key)
	if (key in said) s = said[key]
	else {
		key = bare(key)
		localize(number, numbers)
		# Names with digits in them are no numbers.
		if (key in said) s = fill(said[key], "#", number)
		else if (key !~ /[A-Za-z]/) s = fill(key, "#", number)
		else if (n == 1 && (n = split(s, part, /, /)) > 1) {
			# A plot's names of several words, which have little room.
			for (i = 2; i <= n; i++) text = text ((", " part[i]) in said ? said[", " part[i]] : ", " part[i])
			return part[1] text
		}
	}
	return fill(s, "@", value)
}

{
	out = ""
	rest = $0
	while ((i = index(rest, "{{")) && (j = index(substr(rest, i), "}}"))) {
		out = out substr(rest, 1, i - 1) say(substr(rest, i + 2, j - 3))
		rest = substr(rest, i + j + 1)
	}
	out = out rest
	gsub(/\001/, "\\&#123;", out)
	gsub(/\002/, "\\&#125;", out)
	gsub(/\003/, "|", out)
	gsub(/\004/, "@", out)
	gsub(/\005/, "#", out)
	gsub(/\006/, "\\&#39;", out)
	print out
}
