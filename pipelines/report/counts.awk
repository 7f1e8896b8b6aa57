# counts.awk: lines of a number and a class -> a row that names all, after lib.awk.
BEGIN { FS = "\t" }
{ all = all (NR > 1 ? ", " : "") label($2) " (" $1 ")" }
END { print "classes\t" all }
