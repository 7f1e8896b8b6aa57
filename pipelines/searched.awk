# searched.awk: folds.tsv, versus.tsv, settings.tsv and chosen.figures.tsv of a search -> for people: a table of what was chosen in
# each fold, and in words how the tests differ, how often they were looked at, and which setting is for use; where labels were
# shuffled, with -v chance=UAR, whether it is at chance. Runs share/markdown.awk.
BEGIN {
	FS = OFS = "\t"
	table = "awk -v left=2 -f share/markdown.awk"
}
function percent(x) { return sprintf("%.1f", 100 * x) }
FILENAME == "folds.tsv" && FNR == 1 {
	print "test of fold", "chosen", "its inner UAR", "default's", "its UAR", "default's", "looks", "what it changes" | table
	next
}
FILENAME == "folds.tsv" {
	print $1, $2, percent($3), percent($4), percent($5), percent($6), $7, $9 | table
	if (FNR == 2 || $7 < least) least = $7
	if ($7 > most) most = $7
	if ($7 > $8) again = again (again == "" ? "" : ", ") $1
	next
}
FILENAME == "versus.tsv" && $1 == "uar" {
	versus = sprintf("Chosen less default, paired by speaker: UAR %+.1f points (95 %% interval %+.1f to %+.1f), p = %.3f.", 100 * $4, 100 * $5, 100 * $6, $7)
}
FILENAME == "settings.tsv" && FNR == 1 {
	for (i = 2; i <= NF; i++) if ($i ~ /^fold.*_uar$/) test[i]
	next
}
FILENAME == "settings.tsv" {
	n = 0
	for (i in test) n += $i == "-"
	if (n) failed = failed (failed == "" ? "" : ", ") $1
}
FILENAME == "settings.tsv" && FNR > 1 && (FNR == 2 || $NF > gain) {
	setting = $1
	gain = $NF
}
FILENAME == "chosen.figures.tsv" && $1 == "uar" {
	where = "Labels were shuffled: by chance the UAR is " percent(chance) ", which the interval of what was chosen (" percent($4) " to " percent($5) ") " \
		(chance + 0 < $4 || chance + 0 > $5 ? "does not have" : "has") "."
}
END {
	close(table)
	print "\n" versus
	print "By the ledger each test was looked at " (most == 1 ? "once" : least (most > least ? " to " most : "") " times") "; a search by itself looks once at the default" \
		(seeds > 1 ? ", for each seed," : "") " and once at what was chosen, where that is another setting."
	if (again != "") print "More than that: fold " again ". What is changed after a look is chosen by that test, too, whose UAR is then too high."
	if (failed != "") print "Dropped, as their training failed: " failed "."
	print "An inner UAR is the best of many, and so too high for what was chosen; the test's is not."
	if (chance != "") print where
	else print "For use: chosen.recipe (" setting "), which gained most on the inner folds of all folds, " sprintf("%+.1f", 100 * gain) " points on average."
}
