#!/bin/bash
# faults: each allocation in turn fails; a tool then writes all of its output, or
# says so and exits with 4. (Not wavnorm's: libsndfile and libsoxr do not.)
. "${0%/*}/lib.sh"
[ -z "${SER_VALGRIND:-}" ] && LD_PRELOAD="$BUILD/faults/memory.so" FAULT_COUNT=count tsrdump --help >out 2>err && [ ! -s err ] || {
	echo "1..0 # SKIP memory.so cannot be preloaded"
	exit 0
}
export OPENBLAS_NUM_THREADS=1

# walk NAME COMMAND...: as many times as it allocates.
walk() {
	local name=$1 n want rc bad='' preload=$BUILD/faults/memory.so
	shift
	want=0
	LD_PRELOAD=$preload FAULT_COUNT=count "$@" >whole 2>err || want=$?
	read -r n <count
	for ((i = 1; i <= n; i++)); do
		rc=0
		LD_PRELOAD=$preload FAULT_AT=$i "$@" >out 2>err || rc=$?
		[ "$rc" = "$want" ] && cmp -s out whole && continue
		[ "$rc" = 4 ] && [ "$(wc -l <err)" = 1 ] || bad+=" $i:$rc"
	done 2>/dev/null # the shell's own words on a crash
	is "$n allocations$bad" "$((n > 20 ? n : 21)) allocations" "$name: whole, or status 4 and a message"
}

printf 'id,who,x,y,mood\n1,a,1.5,red,sad\n2,a,2.5,blue,glad\n3,b,,red,sad\n4,b,4,green,glad\n5,c,5,red,sad\n6,c,6,blue,glad\n' >t.csv
printf 'id,extra\n1,7\n2,8\n3,9\n4,7\n5,8\n6,9\n' >more.csv
cat >r.prep <<'END'
join more id=id
label mood sad glad
group who
key id
fill x with=median
clip x iqr=1.5
derive half concat who mood sep=-
derive part split half - 1
onehot y
encode part
drop half
scale x extra
END
printf 'label mood\ngroup who\naggregate who mood ; mean x by y ; count by y ; first id\n' >groups.prep
printf 'label mood\ngroup who\ndrop id\nfill x with=mean\nonehot y\n' >small.prep
printf 'normalize\ndense 3\nrelu\ndense classes\nsoftmax\n' >small.net
run 0 "a table" csvprep --recipe r.prep --fit state -o t.tsr t.csv more=more.csv
run 0 "a model" nntrain --net small.net --epochs 2 --valid t.tsr --allow-overlap -j1 -o m.bin t.tsr
nnpredict -j1 m.bin t.tsr >p.tsv
"$BUILD/unit/mkaudio" a.wav wav 8000 1 2000
run 0 "a wave" wavnorm --rate 8000 --seconds .25 -o w.tsr a.wav

walk csvprep csvprep --recipe r.prep --fit state t.csv more=more.csv
walk "what --fit writes" csvprep --recipe small.prep --fit - -o o.tsr t.csv
walk "csvprep --apply" csvprep --apply state t.csv more=more.csv
walk "csvprep with groups" csvprep --recipe groups.prep t.csv
walk "csvprep --describe" csvprep --describe t.csv
walk "csvprep --audit" csvprep --recipe small.prep --audit t.csv
walk tsrdump tsrdump t.tsr
walk tsrpick tsrpick --label sad t.tsr
walk tsrdiff tsrdiff t.tsr t.tsr
walk tsrnpy tsrnpy t.tsr
walk augment augment -j1 w.tsr
walk melspec melspec -j1 --nfft 256 --hop 128 --mels 8 --fmax 4000 w.tsr
walk nntrain nntrain --net small.net --epochs 2 --valid t.tsr --allow-overlap -j1 t.tsr
walk nnpredict nnpredict -j1 m.bin t.tsr
walk evalconf evalconf --bootstrap 20 p.tsv
walk evalcmp evalcmp --bootstrap 20 --versus p.tsv p.tsv
finish
