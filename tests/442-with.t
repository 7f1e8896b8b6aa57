#!/bin/bash
# nnpredict --with MODEL=STREAM: models that read different streams of the same records.
. "${0%/*}/lib.sh"
maketsr() { "$BUILD/unit/maketsr" "$@"; }

# model FILE TYPE CLASSES KERNEL: softmax(x W) of two inputs.
model() {
	{
		printf 'H\ttype=model\tformat=1\tnet=dense classes\tnet=softmax\tclass=%s' "${3//,/$'\tclass='}"
		printf '\tfeature.type=%s\tinput=2\ttemperature=1\n' "$2"
		printf 'T\tf32\t2,2\t%s\tkey=01.dense/kernel\nT\tf32\t2\t0\tkey=01.dense/bias\nE\n' "$4"
	} | maketsr "$1"
}
stream() { # TYPE FILE: records of standard input
	{ echo "H type=$1 pg=$1" && cat && echo E; } | maketsr "$2"
}
model mel.bin mel HAP,SAD 1,0,0,1
model lld.bin lld SAD,HAP 0,3,0,0
stream mel m.tsr <<'END'
T f32 2 1,0 key=one label=HAP
T f32 2 0,1 key=two label=SAD
T f32 2 2,2 key=three start=0.5
T f32 2 2,2 key=three start=1
END
stream lld l.tsr <<'END'
T f32 2 1,0 key=one
T f32 2 0,1 key=two
T f32 2 -1,0 key=three start=0.5
T f32 2 0,0 key=three start=1
END
columns() { cut -f "$1" out | tr '\t\n' ' ;'; }

# e/(1+e) = 0.731059, e^3/(1+e^3) = 0.952574; 0.5; 1 - these.
want="p.HAP;0.841816;0.384471;0.273713;0.500000;"
run 0 "another stream" nnpredict --with lld.bin=l.tsr mel.bin m.tsr
is "$(columns 7)" "$want" "means of both models"
is "$(cut -f 1,2,4 out | tail -n 3 | tr '\t\n' ' ;')" "two SAD -;three - 0.5;three - 1;" "of the first stream's records"
cp out want
nnpredict --with lld.bin=<(cat l.tsr) mel.bin <(cat m.tsr) >out
same out want "both may be pipes"
nnpredict --with lld.bin=- mel.bin m.tsr <l.tsr >out
same out want "or the second standard input"
nnpredict --with lld.bin=l.tsr mel.bin <m.tsr >out
same out want "or the first"
{ echo 'H type=lld pg=lld' && cat && echo E; } <<'END' | maketsr turned.tsr
T f32 2 0,0 key=three start=1
T f32 2 -1,0 key=three start=0.5
T f32 2 0,1 key=two
T f32 2 1,0 key=one
END
nnpredict --with lld.bin=turned.tsr mel.bin m.tsr >out
same out want "in another order"
cat l.tsr turned.tsr >twice.tsr
run 0 "two segments and a stream twice" nnpredict --with lld.bin=twice.tsr mel.bin m.tsr m.tsr
is "$(tail -n +2 out)" "$(tail -n +2 want && tail -n +2 want)" "each pair by its turn"
nnpredict --with lld.bin=l.tsr --with lld.bin=l.tsr mel.bin m.tsr >out
is "$(columns 7)" "p.HAP;0.878736;0.422980;0.198284;0.500000;" "two models of one stream"
nnpredict --with mel.bin --with lld.bin=l.tsr mel.bin m.tsr >out
is "$(columns 7)" "p.HAP;0.804897;0.345961;0.349142;0.500000;" "and one of the first"
cp lld.bin a=b.bin
nnpredict --with a=b.bin lld.bin l.tsr >out
is "$(columns 8 | cut -d ';' -f 2)" 0.952574 "a file whose name has a = is a model"

# Weights and means
run 0 "--weights" nnpredict --weights 3,1 --with lld.bin=l.tsr mel.bin m.tsr
is "$(columns 7)" "p.HAP;0.786437;0.326706;0.386856;0.500000;" "3 parts and 1"
run 0 "--weights of 0" nnpredict --weights 0,0.2 --with lld.bin=l.tsr mel.bin m.tsr
is "$(columns 7 | cut -d ';' -f 2)" 0.952574 "leave a model out"
# Mean logits: (1+3)/2, (-1+0)/2, (0-3)/2, 0
run 0 "--average geometric" nnpredict --average geometric --with lld.bin=l.tsr mel.bin m.tsr
is "$(columns 7)" "p.HAP;0.880797;0.377541;0.182426;0.500000;" "is that of the logits"
run 0 "with weights" nnpredict --average geometric --weights 1,3 --with lld.bin=l.tsr mel.bin m.tsr
is "$(columns 7 | cut -d ';' -f 2)" 0.924142 "1/(1+exp(-(1+9)/4))"
nnpredict --weights 1,3 --with lld.bin=l.tsr --tensor mel.bin m.tsr | tsrdump --head - >out
is "$(grep ^pg out)" "pg=mel
pg=lld
pg=nnpredict $(cat "$root/VERSION") weights=1,3 temperature=none" "scores name both streams and the weights"
for list in 1 1,2,3 1, ,1 -1,2 nan,1 1,x; do
	fails 2 "^nnpredict: --weights: '$list' (is no list of numbers|has (fewer|more) numbers than)" "weights $list" \
		nnpredict --weights=$list --with lld.bin=l.tsr mel.bin m.tsr
done
fails 2 "one above 0 is required" "weights 0,0" nnpredict --weights 0,0 --with lld.bin=l.tsr mel.bin m.tsr

# Many records, out of order: the same whatever -j is.
for ((i = 0; i < 500; i++)); do echo "T f32 2 noise:$i key=k$i"; done | tee records | stream mel many.tsr
sort -k 4.5r records | stream lld sorted.tsr
for j in 1 2 4; do
	nnpredict -j$j --with lld.bin=sorted.tsr mel.bin many.tsr >j$j
done
same j1 j2 "-j2"
same j1 j4 "-j4"
is "$(wc -l <j1)" 501 "all are there"

# What is missing or wrong
stream lld s.tsr <<<'T f32 2 1,0 key=one'
fails 3 "^nnpredict: s.tsr: no record 'two', which m.tsr has$" "a record that the second stream lacks" \
	nnpredict --with lld.bin=s.tsr mel.bin m.tsr
is "$(wc -l <out)" 2 "what came before is predicted"
fails 3 "^nnpredict: standard input: no record 'two', which m.tsr has$" "on standard input" \
	nnpredict --skip-bad 9 --with lld.bin=- mel.bin m.tsr <s.tsr
stream mel s.tsr <<<'T f32 2 1,0 key=one'
fails 3 "^nnpredict: s.tsr: no record 'two', which l.tsr has$" "one that the first lacks" \
	nnpredict -o got --with lld.bin=l.tsr mel.bin s.tsr
[ ! -e got ]
ok $? "no output appears"
fails 3 "^nnpredict: s.tsr: no record '(two|three)'( at [0-9.]+)?, which turned.tsr has$" "in another order, too" \
	nnpredict --with lld.bin=turned.tsr mel.bin s.tsr
stream mel s.tsr <<<'T f32 2 2,2 key=three start=7'
fails 3 "^nnpredict: l.tsr: no record 'three' at 7, which s.tsr has$" "another window" \
	nnpredict --with lld.bin=l.tsr mel.bin s.tsr
printf 'T f32 2 1 key=x\nT f32 2 1 key=x\nT f32 2 1 key=one\n' | stream lld d.tsr
fails 3 "^nnpredict: d.tsr: record 2 \(x\): the key appears twice$" "a key twice" nnpredict --with lld.bin=d.tsr mel.bin m.tsr
fails 3 "^nnpredict: m.tsr: this is a mel stream; a lld stream is expected" "another type" nnpredict --with lld.bin=m.tsr mel.bin m.tsr
fails 3 "^nnpredict: none.tsr: No such file" "no such stream" nnpredict --with lld.bin=none.tsr mel.bin m.tsr
fails 3 "^nnpredict: nosuch: No such file" "no such model" nnpredict --with nosuch=l.tsr mel.bin m.tsr
head -c 700 l.tsr >cut.tsr
fails 3 "^nnpredict: cut.tsr: byte [0-9]+: the stream is cut off" "a stream cut off" nnpredict --with lld.bin=cut.tsr mel.bin m.tsr
: >empty
fails 3 "^nnpredict: empty: empty input" "an empty one" nnpredict --with lld.bin=empty mel.bin m.tsr
printf 'T f32 2 1 key=one\nT f32 3 1 key=two\nT f32 2 nan key=three start=0.5\nT f32 2 1 key=three start=1\n' | stream lld bad.tsr
fails 3 "^nnpredict: m.tsr: record 2 \(two\): bad.tsr: record 2 \(two\): its shape is" "a bad record of the second" \
	nnpredict --with lld.bin=bad.tsr mel.bin m.tsr
run 0 "--skip-bad" nnpredict --skip-bad 2 --with lld.bin=bad.tsr mel.bin m.tsr
is "$(columns 1)" "key;one;three;" "passes over it"
like "$(sed -n 2p err)" 'bad.tsr: record 3 \(three\): a value is NaN' "and names each"
fails 2 "standard input is read already" "standard input twice" nnpredict --with lld.bin=- mel.bin <m.tsr
fails 2 "neither MODEL nor MODEL=STREAM" "no stream" nnpredict --with lld.bin= mel.bin m.tsr
fails 2 "neither MODEL nor MODEL=STREAM" "no model" nnpredict --with =l.tsr mel.bin m.tsr
cp l.tsr keep.tsr
fails 2 "l.tsr" "a stream as output" nnpredict -o l.tsr --with lld.bin=l.tsr mel.bin m.tsr
same l.tsr keep.tsr "is left alone"
stream mel none.tsr </dev/null
stream lld none2.tsr </dev/null
run 0 "no records" nnpredict --with lld.bin=none2.tsr mel.bin none.tsr
is "$(wc -l <out)" 1 "a header alone"

# Each prediction is seen at once, though both streams stay open.
mkfifo one two
{ head -c $(($(wc -c <m.tsr) - 64)) m.tsr; sleep 5; } >one &
{ head -c $(($(wc -c <l.tsr) - 64)) l.tsr; sleep 5; } >two &
nnpredict --with lld.bin=two mel.bin one >out 2>err &
for _ in $(seq 40); do [ "$(wc -l <out)" -ge 4 ] && break; sleep 0.1; done
is "$(wc -l <out)" 5 "predictions come while the pipes are open"
kill %1 %2 2>/dev/null
wait
finish
