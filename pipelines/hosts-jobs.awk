# hosts-jobs.awk: an experiment's Makefile, with the times of its scripts and the sizes
# of its streams before it -> its jobs, a line each after those that it needs (see
# hosts-model.awk): job, kind, seconds or -, bytes that it reads, jobs that it needs.
#     awk -f hosts-jobs.awk -v what=times TIMES -v what=sizes SIZES -v what= Makefile
# TIMES: lines of SCRIPT<tab>HOST START SECONDS...; SIZES: BYTES FILE, as wc -c has them.
BEGIN {
	OFS = "\t"
	print "job", "kind", "seconds", "bytes", "needs"
}
# kind SCRIPT TARGET: jobs of one kind take alike long: one net's runs, whatever the fold and seed.
function kind(script, target) {
	if (target ~ /\.row\.tsv$/) return "row"
	if (script ~ /\.plots\.sh$/) return "plots"
	sub(/^fold[^\/]*\//, "", script)
	sub(/-seed[0-9]+/, "", script)
	sub(/\.sh$/, "", script)
	return script
}
what == "times" {
	script = substr($0, 1, index($0, "\t") - 1)
	split(substr($0, length(script) + 2), field, /[ \t]+/)
	if (field[3] ~ /^[0-9.]+$/) seconds[script] = field[3]
	next
}
what == "sizes" {
	bytes[substr($0, match($0, /[0-9] /) + 2)] = $1
	next
}
match($0, /; *\$\(RUN\) bash /) {
	script = substr($0, RSTART + RLENGTH)
	n = split(substr($0, 1, RSTART - 1), word, /[: ]+/)
	needs = ""
	size = 0
	for (i = 2; i <= n; i++) {
		size += bytes["./" word[i]]
		if (word[i] in maker) needs = needs (needs == "" ? "" : " ") maker[word[i]]
	}
	maker[word[1]] = script
	print script, kind(script, word[1]), script in seconds ? seconds[script] : "-", size + 0, needs == "" ? "-" : needs
}
