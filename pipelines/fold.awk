# fold.awk: keys.tsv and tsrdump --tsv --columns src of a set's features -> lines PART KEY
# of -v fold=NAME; variants are where their recording is.
BEGIN { FS = OFS = "\t" }
FILENAME == "keys.tsv" {
	if ($1 == fold) part[$3] = $2
	next
}
FNR == 1 {
	for (i = 1; i <= NF; i++) at[$i] = i
	next
}
{
	from = $at["src"] == "-" ? $at["key"] : $at["src"]
	if (from in part) print part[from], $at["key"]
}
