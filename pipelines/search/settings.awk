# settings.awk: search(5) -> settings, one a line: setting<tab>PARAMETER<tab>..., first 0, the
# default, which changes nothing (-). -v settings=24 draws as many besides, no two alike, by -v
# seed=N, alike in every awk; the first of them are those of a smaller number. -v settings=grid has
# all combinations. In the environment RECIPE and FILE are for messages. Wants visible.awk and
# draw.awk.
function say(why) { print visible(ENVIRON["RECIPE"] ": " ENVIRON["FILE"] (ended ? "" : ": line " NR) ": " why) | "cat >&2" }
function fail(why) {
	say(why)
	failed = 3
	exit failed
}
function trim(text) {
	gsub(/[ \t]+/, " ", text)
	sub(/^ /, "", text)
	sub(/ $/, "", text)
	return text
}
function number(text) { return text ~ /^([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?$/ }
function whole(text) { return text ~ /^[0-9]+$/ && length(text) < 10 }

# What a parameter is called, see search(5).
function check_name(name) {
	if (name ~ /^(features|front|augment|beside|enroll|validate|net)$/) return
	if (name ~ /^train --[a-z][a-z0-9-]*$/) return
	if (name ~ /^net [a-z][a-z0-9]*([.][a-z_]+)?( [1-9][0-9]*(,[1-9][0-9]*)*)?$/) return
	fail("parameter '" name "': known are features, front, augment, beside, enroll, validate, net, net KIND as in " \
		"net dense 1, and train --OPTION as in train --rate")
}
# p's values are choices: A | B | ...
function read_choices(p, text,    i, j, n, list) {
	n = split(text, list, "|")
	if (n < 2) fail(parameter[p] ": '" text "' is one value: A | B are two, 1 to 5 is a range")
	for (i = 1; i <= n; i++) {
		list[i] = trim(list[i])
		if (list[i] == "") fail(parameter[p] ": a value is missing beside a |; none takes the line or option away")
		if (list[i] !~ /^[A-Za-z0-9_.,:=@%+\/ -]+$/)
			fail(parameter[p] ": '" list[i] "' has other characters than letters, digits and _.,:=@%+/-")
		for (j = 1; j < i; j++) if (list[j] == list[i]) fail(parameter[p] ": " list[i] " is there twice")
		value[p, i] = list[i]
	}
	values[p] = n
}
# p's values are a range: LOW to HIGH [log] [whole] [in N].
function read_range(p, text,    word, i, n) {
	n = split(text, word, " ")
	if (n < 3 || !number(word[1]) || !number(word[3]) || word[2] != "to" || word[1] + 0 >= word[3] + 0)
		fail(parameter[p] ": '" text "': a range goes from a number to a larger one, as 0.001 to 0.01")
	low[p] = word[1]
	high[p] = word[3]
	i = 4
	if (word[i] == "log") islog[p] = i++
	if (word[i] == "whole") iswhole[p] = i++
	if (word[i] == "in") {
		points[p] = whole(word[i + 1]) ? word[i + 1] + 0 : 0
		if (points[p] < 2 || points[p] > 1000) fail(parameter[p] ": in " word[i + 1] ": how many of its values a grid has, from 2 to 1000")
		i += 2
	}
	if (i <= n) fail(parameter[p] ": '" word[i] "': behind a range, in this order, log, whole and in N are known")
	if ((p in islog) && low[p] + 0 == 0) fail(parameter[p] ": a range with log begins above 0")
	if ((p in iswhole) && !(whole(low[p]) && whole(high[p]))) fail(parameter[p] ": a range with whole has whole numbers of at most 9 digits")
}
# What lies a share of the way from p's low to its high: three digits, but never out of it.
function between(p, share,    x, text) {
	if (p in islog) x = low[p] * exp(share * log(high[p] / low[p]))
	else x = low[p] + share * (high[p] - low[p])
	# A whole number has its part of the range, that of the ends too.
	text = (p in iswhole) ? sprintf("%d", x + 0.5) : sprintf("%.3g", x)
	return text + 0 < low[p] + 0 ? low[p] : text + 0 > high[p] + 0 ? high[p] : text
}
function uniform() { return (below(2147483647) - 1) / 2147483646 }
function draw(p,    x) {
	if (!(p in low)) return value[p, below(values[p]) + 1]
	if (!(p in iswhole)) return between(p, uniform())
	# Each as likely as the others, or with log as its part of the logarithms.
	if (p in islog) x = (low[p] - 0.5) * exp(uniform() * log((high[p] + 0.5) / (low[p] - 0.5)))
	else x = low[p] - 0.5 + uniform() * (high[p] - low[p] + 1)
	x = int(x + 0.5)
	return x > high[p] + 0 ? high[p] : sprintf("%d", x)
}
# A range's values in a grid, of which rounding may leave fewer.
function list_points(p,    i, text) {
	for (i = 0; i < points[p]; i++) {
		text = i == points[p] - 1 ? high[p] : between(p, i / (points[p] - 1))
		if (!values[p] || value[p, values[p]] != text) value[p, ++values[p]] = text
	}
}
# A range of few whole numbers can be listed, too.
function list_whole(p,    i) {
	for (i = low[p] + 0; i <= high[p] + 0; i++) value[p, ++values[p]] = sprintf("%d", i)
}
function print_setting(text) {
	if (text in seen) return 0
	seen[text]
	print printed++ text
	return 1
}
# The combination of that number, of which the last parameter changes first.
function combination(n,    p, text) {
	for (p = parameters; p; p--) {
		text = "\t" value[p, n % values[p] + 1] text
		n = int(n / values[p])
	}
	return text
}
function product(    p, n) {
	n = 1
	for (p = 1; p <= parameters && n < 1e9; p++) n *= values[p]
	return n
}
function grid(    p, i, n) {
	for (p = 1; p <= parameters; p++) {
		if ((p in low) && !(p in points))
			fail(parameter[p] ": a grid requires how many values of the range, as in " low[p] " to " high[p] " in 3")
		if (p in low) list_points(p)
	}
	n = product()
	if (n > 100000) fail("the grid has more than 100,000 settings: as many as are wanted can be drawn at random instead")
	for (i = 0; i < n; i++) print_setting(combination(i))
}
# Drawn one by one until what is drawn was drawn before so often that few are left: these,
# where they can be listed, come in order.
function random(    p, i, n, text, missed) {
	sow(seed * 1000)
	while (printed <= settings && missed < 1000) {
		text = ""
		for (p = 1; p <= parameters; p++) text = text "\t" draw(p)
		missed = print_setting(text) ? 0 : missed + 1
	}
	for (p = 1; p <= parameters; p++) {
		if ((p in low) && !((p in iswhole) && high[p] - low[p] < 1000)) n = -1
		else if (p in low) list_whole(p)
	}
	if (n == "") n = product()
	for (i = 0; i < n && n <= 100000 && printed <= settings; i++) print_setting(combination(i))
	if (printed <= settings) say("there are no more than " printed - 1 " settings besides the default, " settings " were asked for")
}

BEGIN { FS = "\t" }
{ sub(/^\357\273\277/, "") }
{ sub(/[ \t\r]+$/, "") }
/^[ \t]*(#|$)/ { next }
!header {
	if (trim($1) != "parameter" || trim($2) != "values" || NF != 2) fail("'parameter' and 'values' with a tab between is what a table begins with")
	header = 1
	next
}
{
	name = trim($1)
	if (NF != 2 || name == "") fail("a parameter, a tab and its values are required")
	check_name(name)
	if (name in line) fail("parameter " name " was in line " line[name])
	line[name] = NR
	parameter[++parameters] = name
	text = trim($2)
	if (text ~ /^[^ |]+ +to /) read_range(parameters, text)
	else read_choices(parameters, text)
}

END {
	if (failed) exit failed
	ended = 1
	if (!parameters) fail("no parameters are in there")
	if (settings != "grid" && !(whole(settings) && settings < 100001)) fail("settings=" settings ": a number up to 100000, or grid")
	printf "setting"
	for (p = 1; p <= parameters; p++) {
		printf "\t%s", parameter[p]
		plain = plain "\t-"
	}
	print ""
	print_setting(plain)
	if (settings == "grid") grid()
	else random()
	if (failed) exit failed
}
