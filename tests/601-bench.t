#!/bin/bash
# make bench and make bench-scale in their smallest settings, without peers: whole tables; and
# exponents that are known.
. "${0%/*}/lib.sh"
if is_instrumented; then
	echo '1..0 # SKIP times mean nothing under valgrind and ASan'
	exit 0
fi
if [ ! -x "$BUILD/bench/wall" ] || [ ! -x "$BUILD/bench/infer" ]; then
	echo '1..0 # SKIP make bench-programs was not run'
	exit 0
fi
bench=$root/tests/bench
export CLIPS=12 ROWS=4000 ROUNDS=1 THREADS=1 PEERS=none BENCH_SECONDS=0.01

# rows FILE: of its Markdown table.
rows() { grep -c '^| [a-z0-9]' "$1"; }
run 0 "a benchmark without peers" env BENCH='forward features answer predict table epoch' OUT="$tmp/b" "$bench/bench.sh"
is "$(rows b/bench.md)" $((1 + 6 + 3 + 1 + 3 + 1 + 1)) "a row for each work, and the header"
is "$(awk -F '\t' 'NR > 1 && !($5 > 0 && $6 <= $5 && $5 <= $7 && $8 == 1 && $9 > 1 && $10 == 1)' b/bench.tsv)" "" "whose figures are numbers"
like "$(cat b/bench.md)" "not installed, so not compared with: ONNX Runtime, .*DuckDB.*make bench-peers" "and who was missing"
is "$(ls b)" 'bars.tsv
bench.md
bench.tsv
checks.tsv
log.txt
machine.tsv
notes.txt
samples.tsv
sides.tsv' "nothing else is left"
fails 2 '^bench.sh: BENCH: there is no part typo$' "a part that there is not" env BENCH=typo OUT="$tmp/b" "$bench/bench.sh"

# Three of this version's time by one peer, half by another; before it was a tenth more.
printf 'w\ts\t%s\t%s\t1024\t1\t0\t2\n' here 0.02 before 0.022 A 0.06 B 0.01 here 0.01 here 0.03 >samples.tsv
printf 'w\ts\t%s\t%s\twhole\tx\n' ours here before before peer A peer B >sides.tsv
awk -f "$bench/summary.awk" samples.tsv sides.tsv >bench.tsv
is "$(awk -f "$bench/wide.awk" -v before=x bench.tsv | tail -n 1)" \
	$'w\ts\t22.0 ms\t20.0 ms (10.0 to 30.0)\t1.10\tB 10.0 ms\t0.50\tA 60.0 ms' "medians, spread, the best peer, ratios"
is "$(awk -f "$bench/bars.awk" bench.tsv)" $'w, s\t1.100\t0.500' "what is drawn"
if command -v gnuplot >/dev/null; then
	awk -f "$bench/bars.awk" bench.tsv >bars.tsv
	run 0 "bars" gnuplot -e "plots='$root/pipelines/plot'; input='bars.tsv'; output='x.svg'" "$bench/bars.gp"
	is "$(cat err)$(grep -c '^</svg>$' x.svg)" 1 "a whole SVG"
fi

# t = 0.5 + x^1.5 / 100, m = 1000 x^0.25; a size that takes less than two starts does not count.
awk 'BEGIN { OFS = "\t"; print "s", "f", 0, 0.5, 9; print "s", "f", 2, 0.7, 1000 * 2 ^ 0.25
	for (x = 64; x <= 4096; x *= 4) { print "s", "f", x, 9 + x ^ 1.5 / 100, 2000 * x; print "s", "f", x, 0.5 + x ^ 1.5 / 100, 1000 * x ^ 0.25 } }' >points.tsv
is "$(awk -f "$bench/exponents.awk" -v lines=lines.tsv points.tsv | tail -n 1 | cut -f 5,7,8)" \
	$'1.50\t0.25\t**more than linear**, **memory grows**' "exponents that are known"
run 0 "a small scale" env COUNTS='20 60' LENGTHS='5 20' WIDTHS='32 64' BATCHES='1 2' OUT="$tmp/s" "$bench/scale.sh"
is "$(rows s/scale.md)" $((1 + 5 + 1 + 1 + 3 + 2 + 2 + 2 + 3)) "a row for each filter of each series"
finish
