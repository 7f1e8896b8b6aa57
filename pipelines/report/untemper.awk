# untemper.awk: a table of nnpredict as the net had it, without the TEMPERATURE T (environment):
# p to the power of T, scaled to a sum of 1. After lib.awk.
BEGIN { FS = OFS = "\t" }
FNR == 1 {
	columns()
	print
	next
}
{
	sum = most = 0
	for (i = first; i <= last; i++) {
		p = $i > 0 ? exp(ENVIRON["TEMPERATURE"] * log($i)) : 0
		sum += p
		$i = p
	}
	for (i = first; i <= last; i++) {
		$i = sprintf("%.9g", $i / sum)
		if ($i > most) most = $i
	}
	$at["confidence"] = most
	print
}
