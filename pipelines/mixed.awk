# mixed.awk: says of each speaker's recordings whether they are as mixed as enrolment wants them:
# GROUP<tab>RECORDINGS<tab>INFORMATION<tab>LEAST<tab>mixed, skewed or few, from nnpredict's table for
# them as a stranger's, whose labels nobody needs. The information, in nats, is what knowing
# the recording says about the predicted class: the entropy of the mean probabilities, less the mean
# entropy (the Jensen-Shannon divergence of the predictions). It would be the logarithm of the
# number of classes, less the mean entropy, if all classes were equally frequent: a share of that is
# the least, which grows with the number of recordings. Measured in sertools(1).
BEGIN { FS = OFS = "\t" }
NR == 1 {
	for (i = 1; i <= NF; i++) {
		if ($i ~ /^p\./) column[++classes] = i
		if ($i == "group") group = i
	}
	next
}
{
	who = group ? $group : ""
	if (!(who in n)) name[++speakers] = who
	n[who]++
	for (c = 1; c <= classes; c++) {
		p = $column[c]
		sum[who, c] += p
		if (p > 0) entropy[who] -= p * log(p)
	}
}
END {
	for (s = 1; s <= speakers; s++) {
		who = name[s]
		k = n[who]
		rest = entropy[who] / k
		information = -rest
		for (c = 1; c <= classes; c++) {
			p = sum[who, c] / k
			if (p > 0) information -= p * log(p)
		}
		least = 0.7 * k / (k + 7) * (log(classes) - rest)
		print who, k, sprintf("%.3f", information), sprintf("%.3f", least),
			k < 5 ? "few" : information < least ? "skewed" : "mixed"
	}
}
