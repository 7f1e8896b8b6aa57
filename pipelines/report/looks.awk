# looks.awk: ledger.tsv -> a line for each test (a fold by its name): times its predictions were made, by how many
# runs, and by how many scripts (a script that was changed counts again).
BEGIN { FS = OFS = "\t" }
{ sub(/^fold/, "") }
!($1 in times) { test[++tests] = $1 }
{ times[$1]++ }
!(($1, $2) in ran) { runs[$1]++ }
{ ran[$1, $2] }
!(($1, $2, $3) in by) { scripts[$1]++ }
{ by[$1, $2, $3] }
END {
	print "test", "looks", "runs", "scripts"
	for (i = 1; i <= tests; i++) print test[i], times[test[i]], runs[test[i]], scripts[test[i]]
}
