# card.awk: evalconf's figures of all tests of a kind of model, by speakers and what else there
# is -> the lines of its card, with -v protocol=NAME first; see sertools-models(7). With -v
# first=yes the header comes before them.
BEGIN { FS = OFS = "\t" }
function places(x) { return x == "-" || x == int(x) ? x : sprintf("%.4f", x) }
NR == 1 {
	if (first) print "protocol", "figure", "of", "value", "low", "high"
	next
}
$1 ~ /^(records|speakers|accuracy|uar|recall|precision|ece)$/ { print protocol, $1, $2 == "-" ? "all" : $2, places($3), places($4), places($5) }
