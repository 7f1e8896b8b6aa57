# with-fields.awk: a manifest, then tables of nnpredict -> one table, with the fields of the
# manifest that -v fields='sex intensity' names as more columns; - where a recording has none.
BEGIN {
	FS = OFS = "\t"
	n = split(fields, name, " ")
}
FNR == 1 { file++ }
file == 1 {
	for (i = 1; i <= n; i++) {
		text = "-"
		for (f = 5; f <= NF; f++) if (index($f, name[i] "=") == 1) text = substr($f, length(name[i]) + 2)
		more[$2] = more[$2] OFS text
	}
	next
}
FNR == 1 {
	if (file > 2) next # all have one header
	for (i = 1; i <= NF; i++) if ($i == "key") key = i
	head = $0
	for (i = 1; i <= n; i++) head = head OFS name[i]
	print head
	next
}
{ print $0 more[$key] }
