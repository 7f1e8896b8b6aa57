# svg.awk: a plot of gnuplot -> a figure within a page, after lib.awk. In the
# environment: ID begins all its ids, which would else occur once in each plot;
# NAME and WHAT say in words what it shows, CAPTION stands below. These and its own
# texts are left for say.awk.
{ line[NR] = $0 }

# The definitions that are used, themselves or by others that are.
function follow(s,    name) {
	while (match(s, /href='#[A-Za-z0-9_]+'/)) {
		name = substr(s, RSTART + 7, RLENGTH - 8)
		s = substr(s, RSTART + RLENGTH)
		if (name in used) continue
		used[name]
		if (name in definition) follow(definition[name])
	}
}
function value(s, name) {
	if (!match(s, "[ \t]" name "=\"[^\"]*\"")) return ""
	s = substr(s, RSTART, RLENGTH)
	sub(/^[^"]*"/, "", s)
	sub(/"$/, "", s)
	return s
}

END {
	for (n = 1; n <= NR; n++) {
		if (line[n] ~ /^<svg/) start = n
		if (start && !body) head = head " " line[n]
		if (start && !body && line[n] ~ />[ \t]*$/) body = n + 1
		if (line[n] ~ /<defs>/) defs = 1
		if (defs && match(line[n], /id='[A-Za-z0-9_]+'/)) definition[substr(line[n], RSTART + 4, RLENGTH - 5)] = line[n]
		if (line[n] ~ /<\/defs>/) defs = 0
		else if (!defs) follow(line[n])
	}
	width = value(head, "width")
	print "<figure><div class=\"card scroll\" tabindex=\"0\" role=\"group\" aria-label=\"" ENVIRON["NAME"] "\">"
	print "<svg viewBox=\"" value(head, "viewBox") "\" role=\"img\" aria-labelledby=\"" ENVIRON["ID"] "-t " ENVIRON["ID"] "-d\" style=\"width:" \
		width "px;min-width:" int(width * 0.64) "px\">"
	print "<title id=\"" ENVIRON["ID"] "-t\">" ENVIRON["NAME"] "</title><desc id=\"" ENVIRON["ID"] "-d\">" ENVIRON["WHAT"] "</desc>"
	for (n = body; n <= NR; n++) {
		s = line[n]
		if (s ~ /^<(title|desc)>/ || s ~ /^[ \t]*$/) continue
		if (s ~ /<defs>/) defs = 1
		if (s ~ /<\/defs>/) defs = 0
		else if (defs && s !~ /<defs>/) {
			if (!match(s, /id='[A-Za-z0-9_]+'/) || s ~ /<filter/) continue
			if (!(substr(s, RSTART + 4, RLENGTH - 5) in used)) continue
		}
		# A group without anything in it.
		if (s ~ /^<g [^>]*>$/ && line[n + 1] == "</g>") {
			n++
			continue
		}
		gsub(/ id="gnuplot_[^"]*"/, "", s)
		gsub(/id='/, "id='" ENVIRON["ID"] "-", s)
		gsub(/href='#/, "href='#" ENVIRON["ID"] "-", s)
		gsub(/xlink:href/, "href", s)
		gsub(/<title>[^<]*<\/title>/, "", s)
		if (match(s, /<text>.*<\/text>/)) {
			text = substr(s, RSTART + 6, RLENGTH - 13)
			text = guard(text)
			lead = match(text, /^ +/) ? RLENGTH : 0
			s = substr(s, 1, index(s, "<text>") + 5) "{{" substr(text, lead + 1) "}}</text>"
		}
		print s
	}
	# Shown where the window is narrower, which style.css tells by this width.
	print "</div><p class=\"more\" aria-hidden=\"true\" style=\"--least:" int(width * 0.64) "px\">{{More to the right}} →</p>" \
		(ENVIRON["CAPTION"] == "" ? "" : "<figcaption>" ENVIRON["CAPTION"] "</figcaption>") "</figure>"
}
