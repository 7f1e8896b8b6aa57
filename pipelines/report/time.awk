# time.awk: a table of nnpredict over the windows of a recording -> what time.gp
# wants; its answers go to the file ANSWERS (environment). After lib.awk.
BEGIN {
	FS = OFS = "\t"
	print -9, 0 >ENVIRON["ANSWERS"] # out of the plot: gnuplot warns of a file without any
}
NR == 1 {
	columns()
	for (i = first; i <= last; i++) printf "%s%s", label(class[i]), i < last ? OFS : "\n"
	next
}
{
	for (i = first; i <= last; i++) {
		printf "%s%s", $i, i < last ? OFS : "\n"
		if (class[i] == $at["pred"]) print NR - 2, i - first + 1 >ENVIRON["ANSWERS"]
	}
}
