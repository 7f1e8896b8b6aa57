# by.awk: a manifest, then tables of nnpredict -> a line for each value of the field -v
# by=NAME: the value, records, accuracy and UAR; after lib.awk. To be sorted.
BEGIN { FS = OFS = "\t" }
FNR == 1 { file++ }
file == 1 {
	for (i = 5; i <= NF; i++) if (index($i, by "=") == 1) value[$2] = substr($i, length(by) + 2)
	next
}
FNR == 1 {
	columns()
	next
}
!($at["key"] in value) { next }
{
	v = value[$at["key"]]
	truth = $at["label"]
	if (!(v in records)) name[++names] = v
	records[v]++
	if (!(truth in known)) truths[++classes] = truth
	known[truth]
	support[v, truth]++
	if (answer() == truth) right[v, truth]++
}
END {
	for (i = 1; i <= names; i++) {
		v = name[i]
		sum = hits = n = 0
		for (c = 1; c <= classes; c++)
			if ((v, truths[c]) in support) {
				n++
				hits += right[v, truths[c]]
				sum += right[v, truths[c]] / support[v, truths[c]]
			}
		print v, records[v], percent(hits / records[v]), percent(sum / n)
	}
}
