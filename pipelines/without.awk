# without.awk: a TSV with a header -> the same without the column -v name=.
BEGIN { FS = OFS = "\t" }
NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i }
{
	for (i = at; at && i < NF; i++) $i = $(i + 1)
	print at ? substr($0, 1, length($0) - length($NF) - 1) : $0
}
