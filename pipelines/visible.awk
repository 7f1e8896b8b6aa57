# visible.awk: visible(s) is a text from outside as a page, a plot or a terminal may
# have it: what acts on them, or does not show, as \n, \x1b or \u202e, as the programs'
# messages have it (common/base/show.c); tabs stay. For scripts that are given after it,
# with LC_ALL=C.
function visible(s,    out, n) {
	if (s !~ /[^ -~\t]/) return s
	if (hidden == "") {
		for (n = 1; n < 256; n++) byte[sprintf("%c", n)] = n
		hidden = "^(\302[\200-\237]|\330\234|\341\240\216|\342\200[\213\216\217\250-\256]|\342\201[\240-\257]|" \
			"\357\273\277|\357\277[\271-\273]|\363\240[\200\201])"
	}
	for (; s != ""; s = substr(s, n + 1)) {
		if (match(s, /^[ -~\t]+/)) n = RLENGTH
		else n = character(s)
		if (n && s !~ hidden)
			out = out substr(s, 1, n)
		else if (n) out = out sprintf(n < 4 ? "\\u%04x" : "\\U%08x", code(s, n))
		else {
			n = 1
			out = out (s ~ /^\n/ ? "\\n" : s ~ /^\r/ ? "\\r" : sprintf("\\x%02x", byte[substr(s, 1, 1)]))
		}
	}
	return out
}
# The bytes of the character of more than one that s begins with, else 0 (RFC 3629).
function character(s) {
	if (s ~ /^[\302-\337][\200-\277]/) return 2
	if (s ~ /^(\340[\240-\277]|[\341-\354\356\357][\200-\277]|\355[\200-\237])[\200-\277]/) return 3
	if (s ~ /^(\360[\220-\277]|[\361-\363][\200-\277]|\364[\200-\217])[\200-\277][\200-\277]/) return 4
	return 0
}
function code(s, n,    i, x) {
	x = byte[substr(s, 1, 1)] % (n == 2 ? 32 : n == 3 ? 16 : 8)
	for (i = 2; i <= n; i++) x = x * 64 + byte[substr(s, i, 1)] % 64
	return x
}
