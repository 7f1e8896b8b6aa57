#!/bin/bash
# memory: each allocation of a program fails once: status 4, one line, nothing
# left behind, neither memory nor a file. What libraries allocate is theirs.
. "${0%/*}/lib.sh"
. "$root/tests/streams.sh"
need_tools cc ldd
if is_instrumented; then
	echo '1..0 # SKIP valgrind and ASan have allocators of their own'
	exit 0
fi
if ! cc -O1 -shared -fPIC -pthread -o memory.so "$root/tests/preload/memory.c" 2>err; then
	echo '1..0 # SKIP this C library has no __libc_malloc'
	exit 0
fi

# with N COMMAND...: the Nth allocation fails. Its status.
with() {
	[ ! -e o.out ] || rm o.out
	: >counts
	MEMORY_FAIL=$1 MEMORY_COUNTS=counts LD_PRELOAD=$tmp/memory.so "${@:2}" >out 2>err
}

# each COMMAND...: once with all memory, then once for each allocation. Where it
# writes a file, that is called o.out.
each() {
	local got n failed live bad='' ran=0 lines
	with 0 "$@"
	got=$?
	read -r n failed live <counts
	is "$got $failed $live" "0 0 0" "$1 ${*: -1} releases its $n allocations"
	for ((i = 1; i <= n; i++)); do
		with $i "$@"
		got=$?
		read -r _ failed live <counts || failed=crash
		[ "$failed" != 0 ] || continue # threads: there were fewer this time
		ran=$((ran + 1))
		mapfile -t lines <err
		[ "$got $live ${#lines[@]}" = "4 0 1" ] && [[ ${lines[0]} == *memory* ]] && [ ! -e o.out ] ||
			bad+=" $i:$failed:$got:$live:${lines[*]}"
	done
	is "$bad" '' "- and says where one of $ran fails"
}

maketsr wave.tsr <<'END'
H type=wave rate=22050 samples=2000 at=start level=none trim=none pg=wavnorm_x
T f32 2000 noise:1 key=a label=angry group=01 sex=male
T f32 2000 noise:2 key=b label=sad group=02
E
END
"$BUILD/unit/mkaudio" a.wav wav 16000 2 4000
"$BUILD/unit/mkaudio" b.flac flac 22050 1 4000
printf 'a.wav\tone\tangry\t07\tsex=male\nb.flac\na.wav\tpart\t\t\tstart=0.1\na.wav\tpart\t\t\tstart=0.2\tend=0.24\n' >m.tsv
each wavnorm -j1 --window 0.1 --step 0.05 --peak -3 --trim 40 -o o.out --manifest m.tsv
each augment -j1 -o o.out wave.tsr
each melspec -j1 -o o.out wave.tsr
each descriptors -j1 --window 1024 --delta 1 -o o.out wave.tsr
melspec -j1 -o mel.tsr wave.tsr
printf 'stats mel*.loud : mean p20\nruns loud : count\ncontour 3 : loud\nmodulation mel* : 1-9\n' >a.fun
each functionals -j1 -o o.out a.fun mel.tsr
each tsrdump --tsv --columns sex mel.tsr
each tsrpick --key 'a*' -o o.out mel.tsr
each tsrdiff --values mel.tsr mel.tsr
each tsrnpy -o o.out mel.tsr
tsrnpy -o mel.npz mel.tsr
each tsrnpy --from npz -o o.out mel.npz

clips() {
	awk -v n="$2" -v groups="$3" -v seed="$2" -f "$data/clips.awk" | maketsr "$1"
}
clips train.tsr 6 a,b
clips valid.tsr 9 x,y,z
printf '%s\n' 'conv1d 3 width=3' batchnorm relu 'maxpool1d 2' 'dropout 0.2' 'lstm 3' 'dense classes' softmax >small.net
train=(nntrain -j1 --epochs 1 --batch 4)
each "${train[@]}" --net small.net --class-weights balanced --history h.tsv -o o.out train.tsr
printf '%s\n' flatten 'dense classes' softmax >flat.net
each "${train[@]}" --net flat.net --valid valid.tsr -o o.out train.tsr
"${train[@]}" --net small.net --valid valid.tsr -o model train.tsr
each nnpredict -j1 -o o.out ./model valid.tsr
nnpredict ./model valid.tsr >p.tsv 2>err
each evalconf --bootstrap 9 -o o.out p.tsv
each evalcmp --bootstrap 9 --versus p.tsv p.tsv
# shellcheck disable=SC2016
printf '%s\n' 'a=HAP b=HAP -> SAD' 'conf.a<0.4 -> UNCERTAIN' 'a=$b -> $a' 'else -> $a' >r.rules
each fuse --rules r.rules -o o.out a=p.tsv b=p.tsv
each fuse --rules r.rules --report o.out a=p.tsv b=p.tsv

printf '%s\n' g,x,c,l,n a,1,u,A,5 b,2,,B,6 a,3,w,A,7 b,4,u,B,8 a,5,v,A,9 c,3,x,A,1 >t.csv
printf '%s\n' id,v a,1 b,2 c,3 >side.csv
cat >rows.prep <<'END'
join t g=id
filter x < 5
derive d concat g c sep=-
derive e split d - 1
clip x iqr=1
scale v method=minmax
fill c with=mode
encode c unseen=-1 order=appearance
onehot e unseen=zero
label l A B
group g
meta d
key n
END
cat >groups.prep <<'END'
fill c with="no c"
aggregate g ; count by c ; mean x by c ; first l ; sum x n
fill mean.* with=0
label l
key g
END
each csvprep -q --recipe rows.prep --fit o.state -o o.out t.csv t=side.csv
csvprep -q --recipe rows.prep --fit s.state -o s.tsr t.csv t=side.csv
each csvprep -q --apply s.state -o o.out t.csv t=side.csv
each csvprep -q --recipe groups.prep -o o.out t.csv
each csvprep -q --describe -o o.out t.csv
each csvprep -q --recipe rows.prep --audit --columns x -o o.out t.csv t=side.csv
gzip -k t.csv
each csvprep -q --describe --tsv -o o.out t.csv.gz
finish
