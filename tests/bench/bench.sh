#!/bin/bash
# bench.sh: times this version, another one and other libraries on the same work, in turn:
# sertools(7), BENCHMARKS. make bench runs it.
# shellcheck disable=SC2016 # what is in '' is for another shell
# shellcheck source=tests/bench/lib.sh
. "${0%/*}/lib.sh"
BENCH=${BENCH:-forward train features answer predict table epoch}
OUT=${OUT:-$BUILD/bench-out}
BEFORE=${BEFORE:-} PEERS=${PEERS:-} WITH=${WITH:-}
QUICK=${QUICK:-no}
ROUNDS=${ROUNDS:-$(if [ "$QUICK" = yes ]; then echo 2; else echo 3; fi)}
CLIPS=${CLIPS:-$(if [ "$QUICK" = yes ]; then echo 350; else echo 1400; fi)}
ROWS=${ROWS:-212000}
THREADS=${THREADS:-$(if [ "$cores" -gt 1 ]; then echo "1 2"; else echo 1; fi)}
# Seconds that a program measures which times itself; and from how many on a run is a slow
# one, of which two are enough.
export BENCH_SECONDS=${BENCH_SECONDS:-0.3}
SLOW=4
few=$((CLIPS < 96 ? CLIPS : 96)) # for models, and to compare them
most=${THREADS##* }
read -ra with <<<"$WITH"
for variable in ROUNDS CLIPS ROWS; do number "$variable"; done
[ -x "$BUILD/bench/wall" ] || die 2 "$BUILD/bench/wall: not built: make bench-programs"
[ -z "$BEFORE" ] || [ -x "$BEFORE/build/bench/step" ] ||
	die 2 "BEFORE=$BEFORE: its programs, and those of tests/bench, must be built in $BEFORE/build"
root_of_peers=$([ "$PEERS" = none ] || printf %s "$PEERS")
if [ -n "$root_of_peers" ]; then
	[ "$(id -u)" = 0 ] || die 2 "PEERS=$PEERS: only root can run programs in there (chroot)"
	[ -x "$PEERS/usr/bin/env" ] || die 2 "PEERS=$PEERS: no root of a system: make bench-peers PEERS=$PEERS makes it"
	proc_for "$PEERS"
fi

mkdir -p "$OUT"
OUT=$(cd "$OUT" && pwd)
# What is measured is on one file system, so that each reads the same files.
work=$OUT/work
at=$work # as peers see it
[ -z "$root_of_peers" ] || at=/tmp/sertools-bench.$$ work=$PEERS/tmp/sertools-bench.$$
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
rm -rf "$work"
mkdir -p "$work"
: >"$OUT/samples.tsv"
: >"$OUT/sides.tsv"
: >"$OUT/notes.txt"
: >"$OUT/checks.tsv"
log=$OUT/log.txt
: >"$log"

note() {
	printf '%s\n' "$*" >>"$OUT/notes.txt"
	say "$*"
}

node=/opt/peers/node_modules
# Where peers run: nothing of this shell's settings but what peer_environment says.
inside=(env -i PATH=/usr/local/bin:/usr/bin:/bin HOME=/tmp LC_ALL=C)
[ -z "$root_of_peers" ] || inside=(chroot "$PEERS" "${inside[@]}")
[ "$PEERS" != none ] || inside=(false)
# glibc would hand PyTorch's activations back to the kernel at each step.
peer_environment=(MALLOC_MMAP_THRESHOLD_=1073741824 MALLOC_TRIM_THRESHOLD_=4294967296)
in_peers() { "${inside[@]}" "${peer_environment[@]}" sh -c 'cd "$1" && shift && "$@"' sh "$at" "$@"; }
# has_python MODULE...: without loading them, which takes seconds.
has_python() {
	in_peers python3 -c 'import sys, importlib.util as u; sys.exit(any(u.find_spec(m) is None for m in sys.argv[1:]))' "$@" >/dev/null 2>&1
}

# side NAME HOW COMMAND: one more that does the work of this case. HOW: whole, of which the
# process as a whole is timed, or a number of such processes, or own: it prints its seconds.
# PEER: ours, before or peer, what runs it.
declare -a names hows commands whos
side() {
	whos+=("$1") names+=("$2") hows+=("$3") commands+=("$4")
	printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$work_name" "$setting" "$1" "$2" "$3" "$4" >>"$OUT/sides.tsv"
}
# both HOW COMMAND: this version's and the other's.
both() {
	side ours here "$1" "$2"
	[ -z "$BEFORE" ] || side before before "$1" "$2"
}

# Seconds, from what a program printed that times itself.
printed() {
	awk -F '\t' '{
		for (i = 1; i <= NF; i++)
			if ($i ~ /^(p50 )?[0-9.]+ ms(\/step)?$/) { sub(/^p50 /, "", $i); printf "%.9f\n", $i / 1000; exit }
		print $1
		exit
	}' "$1"
}

# one SIDE: measures it once, and writes a line of samples.tsv; sets took.
one() {
	local how=${hows[$1]} count=1 tree=$root build=$BUILD line seconds
	[[ $how =~ ^[0-9]+$ ]] && count=$how
	sync # who waits until his file is on the disk would wait for what the side before left to be written
	if [ "${whos[$1]}" = peer ]; then
		line=$("${with[@]}" "${inside[@]}" "${peer_environment[@]}" sh -c 'cd "$1" && shift && exec ./wall "$@"' sh "$at" \
			"$count" out sh -c "${commands[$1]}" 2>>"$log") || return 1
	else
		[ "${whos[$1]}" = ours ] || tree=$BEFORE build=$BEFORE/build
		line=$(cd "$work" && PATH=$build:$build/bench:$PATH SERTOOLS_DATADIR=$tree nets=$tree/pipelines/nets \
			"${with[@]}" "$BUILD/bench/wall" "$count" out sh -c "${commands[$1]}" 2>>"$log") || return 1
	fi
	seconds=${line%%$'\t'*}
	took=$(awk -v s="$seconds" -v n="$count" 'BEGIN { print int(s * n + 0.5) }')
	[ "$how" != own ] || seconds=$(printed "$work/out")
	[[ $seconds =~ ^[0-9.e-]+$ ]] || return 1
	printf '%s\t%s\t%s\t%s\t%s\n' "$work_name" "$setting" "${names[$1]}" "$seconds" "${line#*$'\t'}" >>"$OUT/samples.tsv"
}

# compare: the sides of this case in turn, ROUNDS times, each round beginning with another.
compare() {
	local round k i n=${#names[@]} took slow=()
	[ "$n" -gt 0 ] || return 0
	for ((round = 0; round < ROUNDS; round++)); do
		for ((k = 0; k < n; k++)); do
			i=$(((k + round) % n))
			[ "${slow[i]:-0}" -lt 2 ] || continue
			printf '\r%-70s' "$work_name, $setting: round $((round + 1)) of $ROUNDS, ${names[i]}" >&2
			if ! one "$i"; then
				[ "${whos[i]}" != ours ] || die 4 "$work_name: failed ($log)"
				note "$work_name, $setting: ${names[i]}: failed ($log)"
				slow[i]=2
				continue
			fi
			[ "$took" -lt "$SLOW" ] || slow[i]=$((${slow[i]:-0} + 1))
		done
	done
	printf '\r%-70s\n' "$work_name, $setting" >&2
}
# new_case WORK SETTING
new_case() {
	work_name=$1 setting=$2
	names=() hows=() commands=() whos=()
}
threads() { if [ "$1" = 1 ]; then echo "1 thread"; else echo "$1 threads"; fi; }

# What is measured: clips in three forms, their features, small models, tables.
inputs() {
	local kind rate net
	say "making the inputs"
	for kind in flac16 wav16 wav22; do
		mkdir "$work/$kind"
		rate=16000
		[ "$kind" != wav22 ] || rate=22050
		(cd "$work" && "$BUILD/bench/clips" "${kind%??}" "$rate" "$CLIPS" 3.5 "$kind") >"$work/$kind.tsv" &
	done
	wait
	awk -f "$root/pipelines/draw.awk" -f "$here/responses.awk" -v rows="$ROWS" -v actors="$work/actors.csv" >"$work/responses.csv"
	{ echo "drop-missing dispVal" && cat "$root/pipelines/prep/cremad-response.prep"; } >"$work/responses.prep"
	(
		cd "$work"
		PATH=$BUILD:$PATH
		wavnorm -q --manifest wav16.tsv | melspec -q -o features.tsr
		tsrpick -q --first "$few" -o few.tsr features.tsr
		csvprep -q --recipe responses.prep -o table.tsr responses.csv actors=actors.csv
		for net in cnn1d lstm crnn; do
			nntrain -q --net "$net" --epochs 1 -o "$net.bin" few.tsr
			nnexport -q -o "$net.onnx" "$net.bin" 2>>"$log" || note "there is no ONNX here: nothing to compare with ONNX Runtime"
		done
	)
}

# peers_build: the peers' own programs; each is missing where what it takes is.
peers_build() {
	local flags="-std=c++17 -O3 -march=native -ffast-math -fopenmp" lib
	cp "$here"/peers/* "$BUILD/bench/wall" "$work"
	lib=$(in_peers sh -c 'ls -d '"$node"'/onnxruntime-node/bin/napi-v*/linux/*/libonnxruntime.so.1 2>/dev/null |
		grep "/$(uname -m | sed "s/x86_64/x64/; s/aarch64/arm64/")/"' || true)
	in_peers sh -c "g++ $flags -o floor floor.cc -lsndfile -lsoxr -lfftw3f" 2>>"$log" || true
	in_peers sh -c "g++ $flags -I/usr/include/onnxruntime -o onnx onnx.cc -lsndfile -lsoxr -lfftw3f \
		${lib:+$lib -Wl,-rpath,${lib%/*}} ${lib:--lonnxruntime}" 2>>"$log" || true
}
# peer_versions: a line of machine.tsv.
peer_versions() {
	local version
	version=$(
		{
			in_peers python3 versions.py || true
			! [ -x "$work/onnx" ] || in_peers ./onnx version | sed 's/^/ONNX Runtime (C) /'
			in_peers duckdb -version | sed 's/^v*/DuckDB /; s/ (.*//; s/ [0-9a-f]*$//' || true
			in_peers node -p "'nodejs-polars ' + require('$node/nodejs-polars/package.json').version" || true
			in_peers Rscript -e 'cat("data.table", as.character(packageVersion("data.table")), "\n")' || true
			in_peers sh -c 'for p in fftw3f soxr sndfile; do v=$(pkg-config --modversion $p) && echo "$p $v"; done' || true
		} 2>>"$log" | sed '/^ *$/d; s/ *$//' | paste -sd , - | sed 's/,\([^ ]\)/, \1/g'
	)
	printf 'peers\t%s\n' "${version:-none}" >>"$OUT/machine.tsv"
}
# missing WHAT: a peer that there is none of.
lacking=
missing() {
	[[ $lacking == *", $1"* ]] || lacking+=", $1"
	printf '%s: %s is not installed\n' "$work_name" "$1" >>"$log"
}

# check NAME OURS.npy THEIRS max|mean TOLERANCE: what a peer has computed is the same; a
# benchmark of another work is worth nothing.
wrong=0
check() {
	local found
	if ! has_python numpy; then
		note "$1: not checked, without NumPy"
	elif found=$(in_peers python3 same.py "${@:2}" 2>>"$log"); then
		printf '%s\tdifferences of %s\n' "$1" "$found" >>"$OUT/checks.tsv"
	else
		note "**$1: WRONG: differences of ${found:-?}**"
		wrong=1
	fi
}
# to_npy OUT.npy STREAM
to_npy() { "$BUILD/tsrnpy" -q --to npy -o "$work/$1" "$work/$2"; }

bench_forward() {
	local net batch t
	if [ ! -x "$work/onnx" ]; then
		work_name="forward pass" && missing "ONNX Runtime"
	elif [ -e "$work/crnn.onnx" ]; then
		to_npy few.npy few.tsr
		tail -c $((few * 108 * 128 * 4)) "$work/few.npy" >"$work/few.f32"
		for net in cnn1d lstm crnn; do
			"$BUILD/nnpredict" -q --tensor -o "$work/answers.tsr" "$work/$net.bin" "$work/few.tsr"
			to_npy answers.npy answers.tsr
			in_peers sh -c "./onnx check $net.onnx $few <few.f32 >answers.f32" 2>>"$log" || true
			check "ONNX Runtime, $net" answers.npy answers.f32 max 1e-4
			in_peers python3 native.py "$net.onnx" few.f32 "native-$net.onnx" native.f32 2>>"$log" || missing "Python with onnx"
			[ -e "$work/native-$net.onnx" ] || continue
			in_peers sh -c "./onnx check native-$net.onnx $few <native.f32 >answers.f32" 2>>"$log" || true
			check "ONNX Runtime, $net of its own layout" answers.npy answers.f32 max 1e-4
		done
	fi
	for batch in 1 32; do
		for net in cnn1d lstm crnn; do
			for t in $THREADS; do
				new_case "forward pass, $net" "batch $batch, $(threads "$t")"
				both own 'infer "$nets"/'"$net.net $t $batch"
				[ ! -x "$work/onnx" ] || side peer "ONNX Runtime" own "./onnx forward $net.onnx $t $batch $BENCH_SECONDS"
				[ ! -e "$work/native-$net.onnx" ] ||
					side peer "ONNX Runtime, own layout" own "./onnx forward native-$net.onnx $t $batch $BENCH_SECONDS"
				compare
			done
		done
	done
}

bench_train() {
	local net t torch=no
	if has_python torch; then torch=yes; else work_name="training step" && missing PyTorch; fi
	for net in cnn1d lstm crnn; do
		for t in $THREADS; do
			new_case "training step, $net" "batch 64, $(threads "$t")"
			both own 'step "$nets"/'"$net.net $t 64"
			[ "$torch" = no ] || side peer PyTorch own "OMP_NUM_THREADS=$t python3 -W ignore train.py $net $t 64 $BENCH_SECONDS"
			compare
		done
	done
}

bench_features() {
	local kind name t library pythons=()
	work_name=features
	for library in librosa torchaudio soxr; do
		if has_python soundfile "$library"; then pythons+=("${library/soxr/numpy}"); else missing "$library"; fi
	done
	[ -x "$work/floor" ] || missing "C++ with libsndfile, soxr and FFTW"
	for kind in flac16 wav16 wav22; do
		case $kind in flac16) name="FLAC, 16 kHz" ;; wav16) name="WAV, 16 kHz" ;; wav22) name="WAV, 22.05 kHz" ;; esac
		for t in $THREADS; do
			new_case "$CLIPS clips to features, $name" "$(threads "$t")"
			both whole "wavnorm -q -j $t $kind/* | melspec -q -j $t -o features.out"
			[ ! -x "$work/floor" ] || side peer "C++ on libsndfile, soxr, FFTW" whole "./floor $t $kind/* >floor.f32"
			if [ "$t" = "$most" ]; then
				for library in "${pythons[@]}"; do
					side peer "${library/numpy/NumPy, soxr}" whole "python3 features.py $library $t $library.f32 $kind/*"
				done
			fi
			compare
		done
		check_features
	done
}
# check_features: what the last case of each has written.
check_features() {
	local library
	to_npy features.npy features.out
	[ ! -x "$work/floor" ] || check "C++, $name" features.npy floor.f32 mean 0.05
	for library in "${pythons[@]}"; do
		# Another resampler has another slope below half of the rate.
		check "$library, $name" features.npy "$library.f32" mean "$([ "$library" = torchaudio ] && echo 1 || echo 0.05)"
	done
	rm -f "$work"/{floor,librosa,torchaudio,numpy}.f32
}

bench_answer() {
	local file=flac16/000000.flac library
	new_case "one file to an answer, cold" "FLAC, 16 kHz"
	both 20 "wavnorm -q $file | melspec -q | nnpredict -q crnn.bin"
	if [ -x "$work/onnx" ]; then
		side peer "ONNX Runtime from C" 20 "./onnx answer crnn.onnx $file"
	else
		missing "ONNX Runtime"
	fi
	! has_python soundfile soxr scipy onnxruntime || side peer "ONNX Runtime from Python" whole "python3 answer.py numpy crnn.onnx $file"
	for library in torchaudio librosa; do
		! has_python torch "$library" || side peer "$library, PyTorch" whole "python3 answer.py $library crnn $file"
	done
	compare
}

bench_predict() {
	local net t
	for net in cnn1d lstm crnn; do
		for t in $THREADS; do
			new_case "$CLIPS clips answered, $net" "$(threads "$t")"
			both whole "nnpredict -q -j $t -o predictions.tsv $net.bin features.tsr"
			compare
		done
	done
}

# prepares BUILD THREADS: csvprep of that build, which may have no threads.
prepares() {
	echo "csvprep -q$(! "$1/csvprep" --help | grep -q -e '--threads' || echo " -j $2") --recipe responses.prep -o table.out responses.csv actors=actors.csv"
}
bench_table() {
	local t name
	for t in $THREADS; do
		new_case "$ROWS responses to a table" "$(threads "$t")"
		side ours here whole "$(prepares "$BUILD" "$t")"
		[ -z "$BEFORE" ] || side before before whole "$(prepares "$BEFORE/build" "$t")"
		table_peers "$t"
		compare
	done
	to_npy table.npy table.out
	for name in duckdb.parquet polars.parquet datatable.columns pandas.f32 pyarrow.f32; do
		[ ! -e "$work/$name" ] || check "${name%.*}, table" table.npy "$name" max 2e-5
	done
}
table_peers() {
	local library
	if in_peers duckdb -version >/dev/null 2>&1; then
		side peer DuckDB whole "duckdb -init /dev/null -bail -cmd 'SET threads TO $1' <table.sql"
	else
		missing DuckDB
	fi
	if in_peers sh -c "NODE_PATH=$node node -e 'require(\"nodejs-polars\")'" >/dev/null 2>&1; then
		side peer Polars whole "POLARS_MAX_THREADS=$1 NODE_PATH=$node node table.js polars.parquet"
	else
		missing Polars
	fi
	if in_peers Rscript -e 'library(data.table)' >/dev/null 2>&1; then
		side peer data.table whole "Rscript table.R $1 datatable.columns"
	else
		missing data.table
	fi
	for library in pandas pyarrow; do
		if has_python "$library"; then
			side peer "$library" whole "python3 table.py $library $1 $library.f32"
		else
			missing "$library"
		fi
	done
}

bench_epoch() {
	local t library columns
	to_npy table.npy table.tsr
	columns=$("$BUILD/tsrdump" "$work/table.tsr" 2>/dev/null | grep -o 'column=' | wc -l)
	tail -c $(($("$BUILD/tsrpick" --count "$work/table.tsr") * columns * 4)) "$work/table.npy" >"$work/table.f32"
	for t in $THREADS; do
		new_case "an epoch of mlp, batch 256" "$(threads "$t")"
		both own 'nntrain -q -j '"$t"' --batch 256 --net "$nets/mlp.net" --epochs 3 --patience 0 --history history.tsv -o mlp.bin table.tsr &&
			awk -F "\t" "NR == 1 { for (i = 1; i <= NF; i++) at[\$i] = i } NR > 2 { s += \$at[\"seconds\"] } END { print s / (NR - 2) }" history.tsv'
		for library in torch sklearn; do
			if has_python "$library"; then
				side peer "$([ "$library" = torch ] && echo PyTorch || echo scikit-learn)" own "OMP_NUM_THREADS=$t python3 -W ignore mlp.py $library $t table.f32 $columns 2"
			else
				missing "$library"
			fi
		done
		compare
	done
}

main() {
	local part
	for part in $BENCH; do
		declare -F "bench_$part" >/dev/null || die 2 "BENCH: there is no part $part"
	done
	machine >"$OUT/machine.tsv"
	[ -z "$BEFORE" ] || printf 'before\t%s\n' "$(version "$BEFORE" "$BEFORE/build")" >>"$OUT/machine.tsv"
	printf 'load at the start\t%s\n' "$(load)" >>"$OUT/machine.tsv"
	warn_load "at the start"
	inputs
	peers_build
	peer_versions
	for part in $BENCH; do "bench_$part"; done
	printf 'load at the end\t%s\n' "$(load)" >>"$OUT/machine.tsv"
	report
	[ "$wrong" = 0 ] || die 3 "a peer did not compute the same: its figures are worth nothing"
}

report() {
	local table=$OUT/bench
	awk -f "$here/summary.awk" "$OUT/samples.tsv" "$OUT/sides.tsv" >"$table.tsv"
	{
		awk -F '\t' '{ print "- " $1 ": " $2 }' "$OUT/machine.tsv"
		awk -f "$here/others.awk" -v cores="$cores" "$OUT/samples.tsv"
		awk 'END { if (NR) print "- peers compute the same: " NR " checks passed" }' "$OUT/checks.tsv"
		awk '!seen[$0]++ { print "- " $0 }' "$OUT/notes.txt"
		[ -z "$lacking" ] || echo "- not installed, so not compared with: ${lacking#, } (make bench-peers PEERS=DIR installs them)"
		echo
		awk -f "$here/wide.awk" -v before="$BEFORE" "$table.tsv" | awk -f "$root/pipelines/markdown.awk" -v left=2
	} >"$table.md"
	awk -f "$here/bars.awk" "$table.tsv" >"$OUT/bars.tsv"
	if ! command -v gnuplot >/dev/null; then
		say "gnuplot is not installed: no figure"
	elif [ -s "$OUT/bars.tsv" ]; then
		gnuplot -e "plots='$root/pipelines/plot'; input='$OUT/bars.tsv'; output='$table.svg'" "$here/bars.gp"
	fi
	cat "$table.md"
	say "$table.md .tsv .svg"
}

main
