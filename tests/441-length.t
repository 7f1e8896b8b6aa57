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

# What does not fit.
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
