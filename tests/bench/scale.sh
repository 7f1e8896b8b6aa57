#!/bin/bash
# scale.sh: time and memory of the filters against the size of their work, from little to
# much, and the exponents: sertools(7), BENCHMARKS. make bench-scale runs it.
# shellcheck disable=SC2016,SC2086 # what is in quotes is for another shell, sizes are words
# shellcheck source=tests/bench/lib.sh
. "${0%/*}/lib.sh"
OUT=${OUT:-$BUILD/bench-scale}
QUICK=${QUICK:-no}
if [ "$QUICK" = yes ]; then
	counts=${COUNTS:-100 1000 10000} lengths=${LENGTHS:-10 60 600} widths=${WIDTHS:-32 64 128 256} batches=${BATCHES:-1 4 16}
else
	counts=${COUNTS:-100 1000 10000 100000} lengths=${LENGTHS:-10 60 600 7200} widths=${WIDTHS:-32 64 128 256 512}
	batches=${BATCHES:-1 4 16 64}
fi
export BENCH_SECONDS=${BENCH_SECONDS:-0.3}
[ -x "$BUILD/bench/wall" ] || die 2 "$BUILD/bench/wall: not built: make bench-programs"
mkdir -p "$OUT"
OUT=$(cd "$OUT" && pwd)
work=$OUT/work
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
rm -rf "$work"
mkdir -p "$work"
cd "$work"
PATH=$BUILD:$BUILD/bench:$PATH
# again MOST SIZE...: the sizes, those up to MOST three times: chance is largest there.
again() {
	local size
	for size in "${@:2}"; do
		if [ "$size" -le "$1" ]; then echo "$size $size $size"; else echo "$size"; fi
	done
}
last() { printf '%s' "${1##* }"; }

# point SERIES FILTER SIZE SECONDS KIB: a line of points.tsv. Of size 0 is what a start takes.
: >"$OUT/points.tsv"
point() { printf '%s\t%s\t%s\t%s\t%s\n' "$@" >>"$OUT/points.tsv"; }
# piped SERIES SIZE FILTER...: the points of these, parts of a pipe, of which each is timed by
# its seconds of CPU: it waits for the others.
piped() {
	local filter seconds peak
	for filter in "${@:3}"; do
		IFS=$'\t' read -r _ peak seconds _ <"$filter.time"
		point "$1" "$filter" "$2" "$seconds" "$peak"
	done
}
part() {
	local name=$1
	shift
	wall 1 - "$name.time" "$name" -q "$@"
}

# Clips of half a second, of which a manifest has as many as are wanted, by other keys.
clips() {
	local n
	mkdir clips
	clips=$(last "$counts")
	command clips wav 16000 200 0.5 clips >few.tsv
	awk -F '\t' -v OFS='\t' -v n="$clips" '{ line[NR] = $0; path[NR] = $1; rest[NR] = $3 OFS $4 }
		END { for (i = 0; i < n; i++) print path[i % NR + 1], i, rest[i % NR + 1] }' few.tsv >all.tsv
	wavnorm -q --seconds 0.5 --manifest few.tsv | melspec -q -o few.tsr
	nntrain -q --net crnn --epochs 1 -o crnn.bin few.tsr
	for n in $(again 1000 6 $counts); do
		say "clips: $n"
		sed "${n}q" all.tsv >some.tsv
		part wavnorm --seconds 0.5 --manifest some.tsv | part melspec | tee features.tsr | part nnpredict -o predictions.tsv crnn.bin
		piped clips "$((n > 6 ? n : 0))" wavnorm melspec nnpredict
		wall 1 - nntrain.time nntrain -q --net crnn --epochs 1 --calibrate no -o epoch.bin features.tsr >/dev/null
		piped "records, an epoch" "$((n > 6 ? n : 0))" nntrain
		if [ "$n" -le 10000 ]; then
			wavnorm -q --seconds 0.5 --manifest some.tsv | part descriptors | part functionals -o functionals.tsr "$root/pipelines/functionals/basic.fun"
			piped clips "$((n > 6 ? n : 0))" descriptors functionals
		fi
	done
}

rows() {
	local n
	{ echo "drop-missing dispVal" && cat "$root/pipelines/prep/cremad-response.prep"; } >responses.prep
	awk -f "$root/pipelines/draw.awk" -f "$here/responses.awk" -v rows="$(($(last "$counts") * 10))" -v actors=actors.csv >all.csv
	for n in $(again 1000 50 $counts); do
		say "rows of a table: $((n * 10))"
		sed "$((n * 10 + 1))q" all.csv >some.csv
		wall 1 - csvprep.time csvprep -q --recipe responses.prep -o table.tsr some.csv actors=actors.csv
		piped "rows" "$((n > 50 ? n * 10 : 0))" csvprep
	done
}

# One recording of some seconds: as windows, and whole.
lengths() {
	local n
	command clips wav 16000 1 "$(last "$lengths")" . >/dev/null
	wavnorm -q --manifest few.tsv | melspec -q -o whole.tsr
	nntrain -q --net crnn --epochs 1 -o whole.bin whole.tsr
	for n in $(again 60 1 $lengths); do
		say "seconds of a recording: $n"
		command clips wav 16000 1 "$n" . >/dev/null
		part wavnorm --window 2.5 000000.wav | part melspec | part nnpredict -o predictions.tsv whole.bin
		piped "seconds, in windows" "$((n > 1 ? n : 0))" wavnorm melspec nnpredict
		part wavnorm --seconds all 000000.wav | part melspec -o features.tsr
		piped "seconds, whole" "$((n > 1 ? n : 0))" wavnorm melspec
	done
}

# Seconds of a forward pass, as infer prints them.
pass() { awk -F '\t' '{ for (i = 1; i <= NF; i++) if (sub(/^p50 /, "", $i)) print $i / 1000 }' infer.out; }
# infer_at SERIES NAME SIZE NET BATCH
infer_at() {
	local peak _
	for _ in 1 2 3; do
		IFS=$'\t' read -r _ peak _ < <(wall 1 infer.out infer "$4" 1 "$5")
		point "$1" "$2" "$3" "$(pass)" "$peak"
	done
}
batches() {
	local n net
	for n in $batches; do
		say "a batch: $n"
		for net in cnn1d lstm; do infer_at "examples in a batch" "$net" "$n" "$root/pipelines/nets/$net.net" "$n"; done
	done
}
# The size is that of the work: multiply-adds of an example, in millions.
widths() {
	local w
	for w in $widths; do
		say "the width of a layer: $w"
		printf 'conv1d %d width=5\nrelu\nconv1d %d width=5\nglobalavgpool\ndense classes\nsoftmax\n' "$w" "$w" >conv.net
		infer_at "width, by its work" conv1d "$(awk -v w="$w" 'BEGIN { print 108 * 5 * (128 * w + w * w) / 1e6 }')" conv.net 8
		printf 'lstm %d\ndense classes\nsoftmax\n' "$w" >lstm.net
		infer_at "width, by its work" lstm "$(awk -v w="$w" 'BEGIN { print 108 * 4 * w * (128 + w) / 1e6 }')" lstm.net 8
	done
}
threads() {
	local t peak seconds
	sed 1000q all.tsv >some.tsv
	for ((t = 1; t <= cores; t *= 2)); do
		say "threads: $t"
		IFS=$'\t' read -r seconds peak _ < <(wall 3 /dev/null wavnorm -q -j "$t" --manifest some.tsv)
		point threads wavnorm "$t" "$seconds" "$peak"
		wavnorm -q --manifest some.tsv -o waves.tsr
		IFS=$'\t' read -r seconds peak _ < <(wall 3 /dev/null melspec -q -j "$t" waves.tsr)
		point threads melspec "$t" "$seconds" "$peak"
		melspec -q -o features.tsr waves.tsr
		IFS=$'\t' read -r seconds peak _ < <(wall 3 /dev/null nnpredict -q -j "$t" whole.bin features.tsr)
		point threads nnpredict "$t" "$seconds" "$peak"
	done
}

machine >"$OUT/machine.tsv"
printf 'load at the start\t%s\n' "$(load)" >>"$OUT/machine.tsv"
warn_load "at the start"
clips
rows
lengths
batches
widths
threads
printf 'load at the end\t%s\n' "$(load)" >>"$OUT/machine.tsv"
awk -f "$here/exponents.awk" -v lines="$OUT/lines.tsv" "$OUT/points.tsv" >"$OUT/scale.tsv"
{
	awk -F '\t' '{ print "- " $1 ": " $2 }' "$OUT/machine.tsv"
	echo
	awk -f "$root/pipelines/markdown.awk" -v left=2 "$OUT/scale.tsv"
} >"$OUT/scale.md"
if command -v gnuplot >/dev/null; then
	gnuplot -e "plots='$root/pipelines/plot'; input='$OUT/lines.tsv'; output='$OUT/scale.svg'" "$here/scale.gp"
else
	say "gnuplot is not installed: no figure"
fi
cat "$OUT/scale.md"
say "$OUT/scale.md .tsv .svg"
