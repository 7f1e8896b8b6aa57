# others.awk: samples.tsv of bench.sh -> what other processes had of the machine meanwhile.
BEGIN { FS = "\t" }
{
	others += $7
	all += $8
}
END {
	part = all > 0 ? 100 * others / all : 0
	busy = part > 5
	printf "- other processes had %.1f %% of the processors meanwhile%s\n", part, (busy ? ": **the machine was busy, the figures are too high**" : "")
	if (busy) print "bench.sh: warning: the machine was busy" >"/dev/stderr"
}
