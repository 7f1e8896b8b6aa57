# cardrows.awk: a model's card, as card.awk makes it -> its main figures for people, after lib.awk.
BEGIN { FS = OFS = "\t" }
NR == 1 {
	print "protocol", "tests", "UAR (95 % interval)", "accuracy (95 % interval)", "calibration error (%)"
	next
}
$3 ~ /^group=/ {
	if ($2 == "uar") {
		if (!($1 in least) || $4 < least[$1]) least[$1] = $4
		if ($4 > most[$1]) most[$1] = $4
	}
	next
}
$2 == "uar" {
	row[++rows] = $1 OFS $3
	protocol[rows] = $1
}
$2 == "uar" || $2 == "accuracy" { figure[$1, $3, $2] = range($4, $5, $6) }
$2 == "ece" { figure[$1, $3, $2] = percent($4) }
END {
	for (i = 1; i <= rows; i++) {
		split(row[i], f, OFS)
		print f[1], f[2], figure[f[1], f[2], "uar"], figure[f[1], f[2], "accuracy"], figure[f[1], f[2], "ece"]
		if (protocol[i] != protocol[i + 1] && f[1] in least)
			print f[1], "speakers, worst and best", "(" percent(least[f[1]]) " to " percent(most[f[1]]) ")", "-", "-"
	}
}
