# speakers.awk: tables of nnpredict -> a line for each speaker: name, records,
# accuracy, UAR, and the mistake that is made most; after lib.awk. To be sorted.
BEGIN { FS = OFS = "\t" }
FNR == 1 {
	columns()
	next
}
{
	who = $at["group"]
	truth = $at["label"]
	given = answer()
	if (!(who in records)) name[++speakers] = who
	records[who]++
	if (!(truth in known)) truths[++classes] = truth
	known[truth]
	support[who, truth]++
	if (given == truth) right[who, truth]++
	else if (++wrong[who, truth, given] > most[who]) {
		most[who] = wrong[who, truth, given]
		mistake[who] = label(truth) " > " label(given) " (" most[who] ")"
	}
}

END {
	for (s = 1; s <= speakers; s++) {
		who = name[s]
		sum = hits = n = 0
		for (c = 1; c <= classes; c++)
			if ((who, truths[c]) in support) {
				n++
				hits += right[who, truths[c]]
				sum += right[who, truths[c]] / support[who, truths[c]]
			}
		print who, records[who], percent(hits / records[who]), percent(sum / n), who in mistake ? mistake[who] : "-"
	}
}
