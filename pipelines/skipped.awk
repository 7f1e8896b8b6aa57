# skipped.awk: tsrdump --tsv of the features, then the manifest -> a line on the recordings
# that are in the second alone, as broken ones are skipped; nothing where there are none.
BEGIN { FS = "\t" }
FNR == NR {
	had[$1]
	next
}
!($2 in had) { list = list (n++ ? ", " : "") $2 }
END { if (n) print "\n" n " of " FNR " recordings are broken and were skipped: " list "." }
