# score.awk TRUTH SEGMENTS...: what segments are worth against the truth of stitch.pl. Files alternate: of each pair,
# the first has a header and start, end, channel...; the second lines of start and end (seconds), and the
# channel where -v apart=1, else those of the mix. Prints with tabs: % of the true starts that have a segment's start
# within 0.25 s, % of the segments' starts that have a true one there, % of the time of speech that is in segments, %
# of the time of pauses that is.
FNR == 1 { file++ }
file % 2 {
	if (FNR == 1) { settle(); next }
	n++
	from[n] = $1; to[n] = $2; side[n] = apart ? $3 : 1
	next
}
{
	m++
	begin[m] = $1; stop[m] = $2; of[m] = apart ? $3 : 1
}
# The time of a channel is counted in steps of 10 ms.
function settle(   i, k, t, c, truth, got, last) {
	for (i = 1; i <= n; i++) {
		for (k = 1; k <= m && !(of[k] == side[i] && begin[k] > from[i] - 0.25 && begin[k] < from[i] + 0.25); k++) { }
		starts++
		hits += k <= m
		for (t = int(100 * from[i]); t < int(100 * to[i]); t++) truth[side[i], t] = 1
		if (to[i] > last) last = to[i]
	}
	for (k = 1; k <= m; k++) {
		for (i = 1; i <= n && !(of[k] == side[i] && begin[k] > from[i] - 0.25 && begin[k] < from[i] + 0.25); i++) { }
		segments++
		right += i <= n
		for (t = int(100 * begin[k]); t < int(100 * stop[k]); t++) got[of[k], t] = 1
	}
	for (c = 1; c <= (apart ? 2 : 1); c++)
		for (t = 0; t < 100 * last; t++)
			if ((c, t) in truth) { speech++; found += (c, t) in got }
			else { pause++; passed += (c, t) in got }
	n = m = 0
}
END {
	settle()
	printf "%.1f\t%.1f\t%.1f\t%.1f\n", 100 * hits / starts, segments ? 100 * right / segments : 0, 100 * found / speech,
		100 * passed / pause
}
