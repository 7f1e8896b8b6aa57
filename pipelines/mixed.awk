# mixed.awk: says of each speaker's recordings whether they are as mixed as enrolment wants them:
# GROUP<tab>RECORDINGS<tab>INFORMATION<tab>LEAST<tab>mixed, skewed or few, from nnpredict's table for
# them as a stranger's, whose labels nobody needs. The information, in nats, is what knowing
# the recording says about the predicted class: the entropy of the mean probabilities, less the mean
# entropy (the Jensen-Shannon divergence of the predictions). It would be the logarithm of the
# number of classes, less the mean entropy, if all classes were equally frequent: a share of that is
# the least, which grows with the number of recordings.
#
# With -v draws=25 it measures that, from a table with labels, of many speakers: per cent of warnings for
# so many draws of 5, 10, 20 and 40 recordings of each speaker: at random, and of each label, which
# all of them have, 70 % of them and half of them. seed=N draws others.
BEGIN { FS = OFS = "\t" }
NR == 1 {
	for (i = 1; i <= NF; i++) {
		if ($i ~ /^p\./) column[++classes] = i
		at[$i] = i
	}
	next
}
{
	g = "group" in at ? $at["group"] : ""
	if (!(g in n)) name[++speakers] = g
	member[g, ++n[g]] = NR
	label[NR] = $at["label"]
	if (!(label[NR] in known)) known[label[NR]] = labels[++nlabels] = label[NR]
	for (c = 1; c <= classes; c++) {
		p[NR, c] = $column[c]
		if ($column[c] > 0) entropy[NR] -= $column[c] * log($column[c])
	}
}
END {
	if (draws) measure()
	else for (s = 1; s <= speakers; s++) {
		for (i = 1; i <= n[name[s]]; i++) chosen[i] = member[name[s], i]
		verdict = judge(n[name[s]])
		print name[s], n[name[s]], sprintf("%.3f", information), sprintf("%.3f", least), verdict
	}
}

# The verdict on records chosen[1..k].
function judge(k,    i, c, rest, mean) {
	for (i = 1; i <= k; i++) rest += entropy[chosen[i]] / k
	information = -rest
	for (c = 1; c <= classes; c++) {
		mean = 0
		for (i = 1; i <= k; i++) mean += p[chosen[i], c] / k
		if (mean > 0) information -= mean * log(mean)
	}
	if (information < 0) information = 0 # by rounding
	least = 0.7 * k / (k + 6) * (log(classes) - rest)
	return k < 5 ? "few" : information < least ? "skewed" : "mixed"
}

# The "minimal standard" of Park and Miller, which every awk computes exactly.
function below(m) {
	state = state * 16807 % 2147483647
	return int(state / 2147483647 * m) + 1
}

# Draws m of the group's records that have that label, or another one, behind the first of chosen; false where
# there are fewer.
function draw(g, m, first, which, other,    i, j, t, pool, size) {
	for (i = 1; i <= n[g]; i++)
		if (which == "" || (label[member[g, i]] == which) != other) pool[++size] = member[g, i]
	for (i = 1; i <= m && m <= size; i++) {
		j = i - 1 + below(size - i + 1)
		t = pool[j]
		pool[j] = pool[i]
		chosen[first + i] = t
	}
	return m <= size
}

function count(what, k) {
	made[what, k]++
	warned[what, k] += judge(k) == "skewed"
}

function measure(    s, g, k, d, l, i, of, share) {
	state = seed + 1
	split("5 10 20 40", size, " ")
	split("1 0.7 0.5", share, " ")
	for (s = 1; s <= speakers; s++) for (k = 1; k in size; k++) for (d = 1; d <= draws; d++) {
		g = name[s]
		if (draw(g, size[k], 0, "", 0)) count("random", size[k])
		for (i = 1; i in share; i++) for (l = 1; l <= nlabels; l++) {
			of = int(share[i] * size[k] + 0.5)
			if (draw(g, of, 0, labels[l], 0) && draw(g, size[k] - of, of, labels[l], 1)) count(share[i], size[k])
		}
	}
	print "recordings", "random", "of one label", "70 %", "50 %"
	for (k = 1; k in size; k++)
		print size[k], rate("random", size[k]), rate(share[1], size[k]), rate(share[2], size[k]), rate(share[3], size[k])
}
function rate(what, k) { return made[what, k] ? sprintf("%.0f", 100 * warned[what, k] / made[what, k]) : "-" }
