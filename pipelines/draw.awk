# draw.awk: random numbers, an order and a shuffle, alike in every awk, for
# scripts that are given after it: awk -f draw.awk -f split.awk.

# Park and Miller's generator: exact in the doubles that every awk has.
function sow(n,    i) {
	x = n % 2147483646 + 1
	for (i = 0; i < 8; i++) below(1)
}
function below(n) {
	x = x * 16807 % 2147483647
	return x % n
}

# By merging: corpora can have as many speakers as others have recordings.
function sort(a, n,    i, j, k, width, to, end, sorted) {
	for (width = 1; width < n; width *= 2) {
		for (k = 1; k <= n; k = end + 1) {
			i = k
			j = to = k + width
			end = j + width - 1 > n ? n : j + width - 1
			for (; k <= end; k++) sorted[k] = j > end || i < to && a[i] "" <= a[j] "" ? a[i++] : a[j++]
		}
		for (k = 1; k <= n; k++) a[k] = sorted[k]
	}
}
function shuffle(a, n,    i, j, t) {
	for (i = n; i > 1; i--) {
		j = below(i) + 1
		t = a[i]
		a[i] = a[j]
		a[j] = t
	}
}
