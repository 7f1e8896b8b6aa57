# lead.awk: a table of nnpredict on one recording -> what was heard in it, in a
# sentence; after lib.awk. A window without speech has no say, and its probabilities
# mean nothing.
BEGIN { FS = "\t" }
NR == 1 {
	columns()
	next
}
{ windows++ }
$at["pred"] == "NOSPEECH" {
	silent++
	next
}
{
	if ($at["pred"] == "UNCERTAIN") unsure++
	else if (++times[$at["pred"]] > times[most]) most = $at["pred"]
	for (i = first; i <= last; i++) sum[i] += $i
}

function begin(s) { return toupper(substr(s, 1, 1)) substr(s, 2) }
# The class with the largest mean, and takes it out.
function next_class(    i, best) {
	for (i = first; i <= last; i++) if (i in sum && (!best || sum[i] > sum[best])) best = i
	p = best ? sprintf("%.0f", 100 * sum[best] / (windows - silent)) : ""
	delete sum[best]
	return best ? class[best] : ""
}
END {
	if (windows == silent) {
		print "<p class=\"lead\">{{No speech was found.}}</p>"
		exit
	}
	name = label(next_class())
	both = "|" esc(begin(name)) "|" p
	unclear = "|" esc(name) "|" p
	if ((name = next_class()) != "") {
		both = both "|" esc(label(name)) "|" p
		unclear = unclear "|" esc(label(name)) "|" p
		second = ", @ @ %"
	}
	if (windows == 1) s = most == "" ? "{{Uncertain: @ @ %" second "." unclear : "{{@: @ %" second "." both
	else if (most == "") s = "{{Uncertain throughout; on average @ @ %" second "." unclear
	else s = "{{@ in @ of @ windows; on average @ @ %" second ".|" esc(begin(label(most))) "|" times[most] "|" windows unclear
	s = s "}}"
	if (windows > 1 && unsure && most != "") s = s " {{Uncertain in @.|" unsure "}}"
	if (silent) s = s " {{No speech in @.|" silent "}}"
	print "<p class=\"lead\">" s "</p>"
}
