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

function sort(a, n,    i, j, t) {
	for (i = 2; i <= n; i++) {
		t = a[i]
		for (j = i - 1; j > 0 && a[j] "" > t ""; j--) a[j + 1] = a[j]
		a[j + 1] = t
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
