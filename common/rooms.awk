# rooms.awk: holds the #include lines of common/ against the table in README.md,
# and prints one "USED USER" line a pair of files, for tsort(1) to find circles.
# usage: awk -f rooms.awk README.md common/*/*.[ch] | tsort
BEGIN { FS = "|" }

FILENAME ~ /README\.md$/ {
	if ($2 ~ /^ `/) {
		gsub(/[ `]/, "", $2)
		n = split($4, used, /[ ,]+/)
		room[$2] = 1
		for (i = 1; i <= n; i++)
			may[$2, used[i]] = 1
	}
	next
}

FNR == 1 {
	n = split(FILENAME, part, "/")
	here = part[n - 1]
	self = here "/" part[n]
	sub(/\.[ch]$/, "", self)
	if (!(here in room))
		complain("room " here " is not in the table")
}

/^#include "/ {
	split($0, quoted, "\"")
	there = quoted[2]
	sub(/\/.*/, "", there)
	if (there != here && !((here, there) in may))
		complain("room " here " may not use " there)
	sub(/\.h$/, "", quoted[2])
	if (quoted[2] != self)
		print quoted[2], self
}

END { exit bad }

function complain(what) {
	printf "%s:%d: %s\n", FILENAME, FNR, what >"/dev/stderr"
	bad = 1
}
