# classes.awk: evalconf's figures -> a line for each class, after lib.awk.
BEGIN {
	FS = OFS = "\t"
	print "class", "precision (%)", "recall (%)", "F1 (%)", "records"
}
$1 == "precision" || $1 == "recall" || $1 == "f1" { cell[$2, $1] = range($3, $4, $5) }
$1 == "support" { print label($2), cell[$2, "precision"], cell[$2, "recall"], cell[$2, "f1"], $3 }
