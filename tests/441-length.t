#!/bin/bash
# Models of sequences of any length: whole clips, whatever is predicted beside them.
. "${0%/*}/lib.sh"
maketsr() { "$BUILD/unit/maketsr" "$@"; }

# varies FILE INPUT TYPE: softmax of the mean over time of two columns, by hand.
varies() {
	{
		printf 'H\ttype=model\tformat=1\tnet=globalavgpool\tnet=dense classes\tnet=softmax\tclass=HAP\tclass=SAD'
		printf '\tfeature.type=%s\tfeature.hop=256\tinput=%s\ttemperature=1\n' "$3" "$2"
		printf 'T\tf32\t2,2\t1,0,0,1\tkey=02.dense/kernel\nT\tf32\t2\t0\tkey=02.dense/bias\nE\n'
	} | maketsr "$1"
}
varies any.bin '*,2' lld

# Means (1,0), (0,1), (2,2), and (0.5,0.5) over 700 frames.
cat >records <<'END'
H type=lld hop=256
T f32 1,2 1,0 key=one label=HAP
T f32 3,2 0,3,0,0,0,0 key=three label=SAD
T f32 64,2 2 key=sixty-four
T f32 700,2 1,0,0,1 key=long
T f32 3,2 3,0,0,0,0,0 key=again
E
END
maketsr x.tsr <records
run 0 "records of many lengths" nnpredict any.bin x.tsr
is "$(cut -f 1,7 out | tr '\t\n' ' ;')" \
	"key p.HAP;one 0.731059;three 0.268941;sixty-four 0.500000;long 0.500000;again 0.731059;" "each as a whole"
run 0 "the model's shape" tsrdump --field input any.bin
is "$(cat out)" '*,2' "says so"

{
	echo 'H type=lld hop=256'
	for ((i = 1; i < 400; i++)); do echo "T f32 $((i * 37 % 900 + 1)),2 noise:$i key=k$i"; done
	echo E
} | maketsr many.tsr
nnpredict -j1 any.bin many.tsr >j1
nnpredict -j4 any.bin many.tsr >j4
same j1 j4 "1 thread equals 4"
for k in k7 k123 k399; do
	is "$(tsrpick --key $k many.tsr | nnpredict any.bin | tail -n +2)" "$(grep "^$k	" j1)" "$k alone is as among others"
done

# Layers along time: what a net of the record's own length gives.
pools() { # FILE INPUT
	{
		printf 'H\ttype=model\tformat=1\tnet=conv1d 3 width=3 stride=2\tnet=maxpool1d 2\tnet=lstm 2\tnet=dense classes'
		printf '\tnet=softmax\tclass=HAP\tclass=SAD\tfeature.type=lld\tfeature.hop=256\tinput=%s\ttemperature=1\n' "$2"
		printf 'T\tf32\t3,2,3\tnoise:1\tkey=01.conv1d/kernel\nT\tf32\t3\tnoise:2\tkey=01.conv1d/bias\n'
		printf 'T\tf32\t3,8\tnoise:3\tkey=03.lstm/kernel\nT\tf32\t2,8\tnoise:4\tkey=03.lstm/recurrent\n'
		printf 'T\tf32\t8\tnoise:5\tkey=03.lstm/bias\nT\tf32\t2,2\tnoise:6\tkey=04.dense/kernel\n'
		printf 'T\tf32\t2\tnoise:7\tkey=04.dense/bias\nE\n'
	} | maketsr "$1"
}
pools free.bin '*,2'
for frames in 4 5 63 64 65 129 300; do
	printf 'H type=lld hop=256\nT f32 %s,2 noise:%s key=a\nE\n' $frames $frames | maketsr one.tsr
	pools own.bin $frames,2
	is "$(nnpredict free.bin one.tsr)" "$(nnpredict own.bin one.tsr)" "$frames frames: as a net of $frames"
done
run 0 "too few frames for a layer" nnpredict free.bin <(printf 'H type=lld hop=256\nT f32 1,2 noise:1 key=a\nE\n' | maketsr)

# Records that have come together go through the net together, also with a bad one among them.
{
	echo 'H type=lld hop=256'
	for i in {1..20}; do
		[ $i != 11 ] || echo 'T f32 9,3 1 key=bad'
		echo "T f32 $((i * 37 % 90 + 4)),2 noise:$i key=k$i"
	done
	echo E
} | maketsr near.tsr
for i in {1..20}; do tsrpick --key k$i near.tsr | nnpredict free.bin | tail -n +2; done >alone
for j in 1 3; do
	run 0 "a bad record among others, -j$j" nnpredict -j$j --skip-bad 1 free.bin near.tsr
	is "$(tail -n +2 out)" "$(cat alone)" "each record gets the bytes it gets alone"
done

# What does not fit.
{
	printf 'H\ttype=model\tformat=1\tnet=flatten\tnet=dense classes\tnet=softmax\tclass=HAP\tclass=SAD\tfeature.type=lld'
	printf '\tfeature.hop=256\tinput=*,2\nT\tf32\t128,2\t1\tkey=02.dense/kernel\nT\tf32\t2\t0\tkey=02.dense/bias\nE\n'
} | maketsr flat.bin
fails 3 "^nnpredict: flat.bin: line 1: flatten: the examples differ in length" "a net that requires one length" \
	nnpredict flat.bin x.tsr
bad() { # RECORD MESSAGE NAME
	printf 'H type=lld hop=256\nT f32 %s 1 key=a\nE\n' "$1" | maketsr bad.tsr
	fails 3 "bad.tsr: record 1 \(a\): its shape is \($1\); \(\*,2\) is required" "$2" nnpredict any.bin bad.tsr
}
bad 0,2 "no frame"
bad 3,4 "other columns"
bad 6 "no sequence"
bad 3,2,1 "a plane"
varies fixed.bin 3,2 lld
fails 3 'x.tsr: record 1 \(one\): its shape is \(1,2\); \(3,2\) is required' "a model of one length" nnpredict fixed.bin x.tsr
for shape in '*' '*,' '*,0' '2,*' '*,*' '*2,3'; do
	varies bad.bin "$shape" lld
	fails 3 "input '.*' is not a shape" "an input shape $shape" nnpredict bad.bin x.tsr
done
varies mel.bin '*,2' mel
fails 3 "this is a lld stream; a mel stream is expected" "another type" nnpredict mel.bin x.tsr
finish
