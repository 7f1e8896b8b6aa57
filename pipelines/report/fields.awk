# fields.awk: a manifest -> the names of its fields that all recordings have, but for times,
# with two to twelve values, a line each.
BEGIN { FS = "\t" }
{
	for (i = 5; i <= NF; i++) {
		eq = index($i, "=")
		name = substr($i, 1, eq - 1)
		if (!eq || name == "start" || name == "end" || name !~ /^[a-z_]+$/) continue
		if (!(name in count)) list[++n] = name
		count[name]++
		if (!((name, $i) in seen)) values[name]++
		seen[name, $i]
	}
}
END {
	for (i = 1; i <= n; i++)
		if (count[list[i]] == NR && values[list[i]] > 1 && values[list[i]] <= 12) print list[i]
}
