# fuse.awk: fuse's report for people: what each rule did, in percent; markdown.awk
# makes Markdown of it.
BEGIN { FS = OFS = "\t" }

function percent(x) { return x == "-" ? "-" : sprintf("%.1f", 100 * x) }

NR == 1 { row = "rule\tfires\tof all (%)\tright (%)" }
NR > 1 { row = ($1 == "all" ? "all records" : $3) OFS $4 OFS percent($5) OFS percent($8) }
{
	for (i = 9; i <= NF; i++) row = row OFS (NR == 1 ? substr($i, length("accuracy.") + 1) " alone (%)" : percent($i))
	print row
}
