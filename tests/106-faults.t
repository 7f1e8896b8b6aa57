#!/bin/bash
# faults: each call of a kind (memory, read, write, open, rename...) in turn fails; a
# program then does all of its work, or says in one line that it could not, with
# status 4 and what was there before as it was. FAULTS=all walks more runs (make
# check-faults).
. "${0%/*}/lib.sh"
. "$root/tests/faults/walk.sh"
[ -z "${SER_VALGRIND:-}" ] && LD_PRELOAD="$preload" FAULT_COUNT=count tsrdump --help >out 2>err && [ ! -s err ] || {
	echo "1..0 # SKIP ${preload##*/} cannot be preloaded"
	exit 0
}

# memory NAME COMMAND...: as many times as it allocates.
memory() {
	walk "$1" memory error "${@:2}"
	[ "$calls" -gt 20 ]
	ok $? "$1 asks for memory"
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
printf 'label mood\ngroup who\naggregate who mood ; mean x by y ; count by y ; first id\nfill mean.* with=0\n' >groups.prep
printf 'label mood\ngroup who\ndrop id\nfill x with=mean\nonehot y\n' >small.prep
printf 'normalize\ndense 3\nrelu\ndense classes\nsoftmax\n' >small.net
run 0 "a table" csvprep --recipe r.prep --fit state -o t.tsr t.csv more=more.csv
run 0 "a model" nntrain --net small.net --epochs 2 --valid t.tsr --allow-overlap -j1 -o m.bin t.tsr
nnpredict -j1 m.bin t.tsr >p.tsv
cp p.tsv q.tsv
tsrpick t.tsr >u.tsr
tsrnpy -o t.npz t.tsr
printf 'a=$b -> $a\nelse -> $b\n' >a.rules
"$BUILD/unit/mkaudio" a.wav wav 8000 1 2000
run 0 "a wave" wavnorm --rate 8000 --seconds .25 -o w.tsr a.wav
melspec -j1 --nfft 256 --hop 128 --mels 8 --fmax 4000 -o mel.tsr w.tsr
printf 'list few mean p20\nstats mel*.loud mel01.delta.all : few\nruns loud : sd\ncontour 3 : mel01.all\nmodulation mel* groups=2 points=32 : 1-9\n' >a.fun

memory csvprep csvprep --recipe r.prep --fit state t.csv more=more.csv
memory "what --fit writes" csvprep --recipe small.prep --fit - -o o.tsr t.csv
memory "csvprep --apply" csvprep --apply state t.csv more=more.csv
memory "csvprep with groups" csvprep --recipe groups.prep t.csv
memory "csvprep --describe" csvprep --describe t.csv
memory "csvprep --audit" csvprep --recipe small.prep --audit t.csv
memory tsrdump tsrdump t.tsr
memory tsrpick tsrpick --label sad t.tsr
memory tsrdiff tsrdiff t.tsr t.tsr
memory tsrnpy tsrnpy t.tsr
memory augment augment -j1 w.tsr
memory cmvn cmvn -j1 --leave-one-out t.tsr
memory "cmvn --fit" cmvn -j1 --fit - -o o.tsr t.tsr
cmvn -q --fit f.stats -o o.tsr t.tsr
memory "cmvn --apply" cmvn -j1 --apply f.stats t.tsr
memory melspec melspec -j1 --nfft 256 --hop 128 --mels 8 --fmax 4000 w.tsr
memory descriptors descriptors -j1 --fft 256 --window 250 --hop 128 --mels 8 --fmax 4000 --mfcc 3 --f0-min 200 --delta 1 w.tsr
memory functionals functionals -j1 a.fun mel.tsr
memory wavnorm wavnorm -j1 --rate 8000 --seconds .25 a.wav
memory "wavnorm --segments" wavnorm -q -j1 --rate 8000 --seconds .25 --segments --channels apart a.wav
memory nntrain nntrain --net small.net --epochs 2 --valid t.tsr --allow-overlap -j1 t.tsr
printf 'globalavgpool\nspeakernorm\nsave a\ninput rows\nconcat a\ndense classes\nsoftmax\n' >both.net
{
	echo "H type=mel"
	for i in 1 2 3 4 5 6; do echo "T f32 $i,3 noise:$i key=r$i label=$((i % 2)) group=g$((i % 3))"; done
	echo E
} | "$BUILD/unit/maketsr" lengths.tsr
{
	echo "H type=table"
	for i in 1 2 3 4 5 6; do echo "T f32 2 noise:$i key=r$i label=x"; done
	echo E
} | "$BUILD/unit/maketsr" rows.tsr
memory "nntrain, all at once" nntrain --net both.net --beside rows=rows.tsr --epochs 2 --valid lengths.tsr --allow-overlap \
	-j1 --crop 2 --mixup 0.2 --jitter 1 --masks "1x2,1x2" --variants random --batch-groups 2x2 --ema 0.9 lengths.tsr
memory nnpredict nnpredict -j1 m.bin t.tsr
memory "tsrnpy --like" tsrnpy --like m.bin t.npz
memory nnexport nnexport --format safetensors m.bin
memory "nnexport to ONNX" nnexport --format onnx m.bin
if nnimport -q -o o.out "$data/exchange/mel.keras" 2>/dev/null; then
	printf 'conv1d 2 width=3\nbatchnorm\nglobalavgpool\ndense 3\nsoftmax\n' >mel.net
	memory nnimport nnimport -q --net mel.net "$data/exchange/mel.safetensors"
fi
printf 'dense 3\nspeakernorm\ndense classes\nsoftmax\n' >known.net
nntrain -q --net known.net --epochs 1 -j1 -o known.bin t.tsr
memory "nnpredict --with, --leave-one-out" nnpredict -j1 --leave-one-out --columns sex --with m.bin=u.tsr known.bin t.tsr
nnpredict -q -j1 --collect s.stats -o o.tsv known.bin t.tsr
memory "nnpredict --speakers" nnpredict -j1 --speakers s.stats known.bin t.tsr
memory blend blend a=p.tsv b=q.tsv
memory "evalconf --by" evalconf --bootstrap 20 --by group p.tsv
memory evalconf evalconf --bootstrap 20 p.tsv
memory evalcmp evalcmp --bootstrap 20 --versus p.tsv p.tsv
memory fuse fuse --rules a.rules a=p.tsv b=q.tsv

# Every other kind, with an output that exists.
outputs=(o.out)
walk_all wavnorm wavnorm -j1 --rate 8000 --seconds .25 -o o.out a.wav
walk_all augment augment -j1 -o o.out w.tsr
walk_all melspec melspec -j1 --nfft 256 --hop 128 --mels 8 --fmax 4000 -o o.out w.tsr
walk_all descriptors descriptors -j1 --columns pitch --window 250 --f0-min 200 -o o.out w.tsr
walk_all functionals functionals -j1 -o o.out a.fun mel.tsr
walk_all nnpredict nnpredict -j1 -o o.out m.bin t.tsr
walk_all nnexport nnexport --format onnx -o o.out m.bin
[ ! -e mel.net ] || walk_all nnimport nnimport -q -o o.out "$data/exchange/mel.keras"
walk_all evalcmp evalcmp --bootstrap 20 --versus p.tsv -o o.out q.tsv
walk_all tsrdump tsrdump -o o.out t.tsr
walk_all tsrpick tsrpick --label sad -o o.out t.tsr
walk_all tsrdiff tsrdiff -o o.out t.tsr u.tsr
walk_all tsrnpy tsrnpy --to npz -o o.out t.tsr
walk_all "tsrnpy, back" tsrnpy -o o.out t.npz
walk_all nntrain nntrain --net small.net --epochs 2 --valid t.tsr --allow-overlap -j1 -o o.out t.tsr
outputs=(o.out o.stats)
walk_all cmvn cmvn -j1 --fit o.stats -o o.out t.tsr
outputs=(o.out o.known)
walk_all "nnpredict --collect" nnpredict -j1 --collect o.known -o o.out known.bin t.tsr
outputs=(o.out o.state)
walk_all csvprep csvprep --recipe r.prep --fit o.state -o o.out t.csv more=more.csv
outputs=(o.out o.rel o.risk)
walk_all evalconf evalconf --bootstrap 20 --reliability o.rel --risk-coverage o.risk -o o.out p.tsv
outputs=(o.out o.rep)
walk_all fuse fuse --rules a.rules --report o.rep -o o.out a=p.tsv b=q.tsv
[ "${FAULTS-}" = all ] || {
	finish
	exit
}

# both NAME COMMAND...: memory and all others.
both() {
	walk_all "$@"
	memory "$@"
}

# From here on for `make check-faults` alone: other forms of input and output, several
# threads (whose calls come in any order), standard input and output.
"$BUILD/unit/mkaudio" b.flac flac 16000 2 4000
printf 'a.wav\ta\tx\t1\nb.flac\tb\ty\t2\n' >m.tsv
for ending in mp3 ogg opus; do ffmpeg -v error -i a.wav -ar 16000 c.$ending 2>/dev/null || rm -f c.$ending; done
gzip -k t.csv
xz -k t.csv
printf '1\n2\n' >keys
nntrain -q --net small.net --epochs 2 --valid t.tsr --allow-overlap --checkpoint c.point -j1 -o n.bin t.tsr
outputs=(o.out)
for f in a.wav b.flac c.*; do
	[ "$f" = c.point ] || both "wavnorm $f" wavnorm --rate 11025 --seconds .25 -o o.out $f
done
both "wavnorm --manifest" wavnorm -j2 --manifest m.tsv --window .1 --step .1 --trim 40 --peak -3 -o o.out
most=2 both "wavnorm --skip-bad" wavnorm --skip-bad 1 -o o.out a.wav p.tsv
both "augment -j2" augment -j2 -o o.out w.tsr
both "cmvn -j2" cmvn -q -j2 --clips 1 --like f.stats -o o.out t.tsr
both "melspec -j2" melspec -j2 --nfft 256 --hop 128 --mels 8 --fmax 4000 -o o.out w.tsr
both "tsrpick --keys" tsrpick --keys keys -o o.out t.tsr
both "tsrdump --tsv" tsrdump --tsv -o o.out t.tsr
both "tsrnpy to .npy" tsrnpy --to npy -o o.out t.tsr
both "tsrnpy from .npz" tsrnpy -o o.out t.npz
both "csvprep of gzip" csvprep --recipe small.prep -o o.out t.csv.gz
both "csvprep of xz" csvprep --recipe small.prep -o o.out t.csv.xz
both "csvprep --apply" csvprep --apply state -o o.out t.csv more=more.csv
both "csvprep with groups" csvprep --recipe groups.prep -o o.out t.csv
both "csvprep --describe" csvprep --describe -o o.out t.csv
both "csvprep --audit" csvprep --recipe small.prep --audit -o o.out t.csv
both "nnpredict --json" nnpredict -j2 --json --with n.bin -o o.out m.bin t.tsr
both "nnpredict --tensor" nnpredict -j2 --tensor -o o.out m.bin t.tsr
both "evalconf --json" evalconf --bootstrap 20 --json -o o.out p.tsv
both "nntrain --init" nntrain --init m.bin --epochs 1 -j2 --holdout-groups 1 -o o.out t.tsr
both "nntrain --resume" nntrain --net small.net --epochs 2 --valid t.tsr --allow-overlap --resume c.point -j1 -o o.out t.tsr
both "nntrain --checkpoint" nntrain --net small.net --epochs 1 --valid t.tsr --allow-overlap --checkpoint o.chk -j1 -o o.out t.tsr
outputs=(o.out o.con o.rel o.risk)
both evalconf evalconf --bootstrap 20 --confusion o.con --reliability o.rel --risk-coverage o.risk -o o.out p.tsv
outputs=()
for command in 'tsrpick t.tsr' 'cmvn t.tsr' 'augment w.tsr' 'melspec --fmax=4000 w.tsr' 'wavnorm a.wav' 'tsrdump t.tsr' 'tsrnpy t.tsr' 'nnpredict m.bin t.tsr' \
	'evalconf p.tsv' 'csvprep --recipe=small.prep t.csv' 'nntrain --net=small.net --epochs=1 t.tsr' 'tsrnpy --from=npz t.npz'; do
	read -ra words <<<"$command"
	last=$((${#words[@]} - 1)) input=${words[-1]}
	both "${words[0]} on standard input" "${words[@]:0:last}"
done
finish
