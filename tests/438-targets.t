#!/bin/bash
# targets: labels mixed with a teacher's probabilities.
. "${0%/*}/lib.sh"
ln -s "$BUILD/unit" unit

# A model that always answers ANG with e/(1+e).
{
	printf 'H\ttype=model\tformat=1\tnet=dense classes\tnet=softmax\tclass=ANG\tclass=HAP\tinput=2'
	printf '\tfeature.type=table\nT\tf32\t2,2\t0\tkey=01.dense/kernel\nT\tf32\t2\t1,0\tkey=01.dense/bias\nE\n'
} | unit/maketsr always.bin
cat >records <<'END'
H type=table
T f32 2 1,2 key=a label=ANG
T f32 2 2,1 key=b label=HAP
T f32 2 3,1 key=c label=ANG
T f32 2 4,1 key=c@v1 src=c aug=v1 label=ANG
T f32 2 5,1 key=w start=1.5 label=HAP
E
END
unit/maketsr train.tsr <records
# Columns in another order than the classes; c's is its variant's, too.
printf '%s\t' key label group start pred confidence p.HAP p.ANG | sed 's/\t$/\n/' >t.tsv
awk -v OFS='\t' '{ q = 1 - $4; print $1, $3, "-", $2, ($4 > q ? "HAP" : "ANG"), ($4 > q ? $4 : q), $4, q }' >>t.tsv <<'END'
w 1.5 HAP 0.9
w 3.0 HAP 0.1
c - ANG 0.25
b - HAP 0.7
a - ANG 0.01
extra - ANG 0.5
END
first=(nntrain --init always.bin --epochs 1 --rate 1e-9 --history h.tsv)
# loss WEIGHT SMOOTHING: the mean cross-entropy by hand.
loss() {
	awk -v w="$1" -v s="$2" 'BEGIN {
		split("ANG HAP ANG ANG HAP", label, " ")
		split("0.01 0.7 0.25 0.25 0.9", hap, " ")
		p = 1 / (1 + exp(1))
		for (i = 1; i <= 5; i++) {
			q = (1 - w) * ((label[i] == "HAP") * (1 - s) + s / 2) + w * hap[i]
			sum -= q * log(p) + (1 - q) * log(1 - p)
		}
		printf "%.6f", sum / 5 }'
}
for w in 0.5 0.2 1 0; do
	run 0 "--targets-weight $w" "${first[@]}" --targets t.tsv --targets-weight $w -o m train.tsr
	is "$(tail -n 1 h.tsv | cut -f 2)" "$(loss $w 0)" "the loss by hand"
done
"${first[@]}" --targets t.tsv --label-smoothing 0.2 -o m train.tsr
is "$(tail -n 1 h.tsv | cut -f 2)" "$(loss 0.5 0.2)" "half by default; labels alone are smoothed"
"${first[@]}" -o m train.tsr
is "$(tail -n 1 h.tsv | cut -f 2)" "$(loss 0 0)" "without targets, labels"

# A student learns what its teacher says, whatever the labels are.
awk -v n=48 -v seed=1 -f "$data/clips.awk" | unit/maketsr clips.tsr
awk -v n=18 -v seed=2 -v prefix=v -v groups=x,y,z -f "$data/clips.awk" | unit/maketsr valid.tsr
printf '%s\n' flatten 'dense classes' softmax >flat.net
nntrain --net flat.net --epochs 20 --rate 0.02 -o teacher.bin clips.tsr
nnpredict -q teacher.bin clips.tsr >teacher.tsv
tsrdump --data clips.tsr >values
awk -v n=48 -v seed=1 -f "$data/clips.awk" | sed 's/label=ANG/label=Ang/; s/label=HAP/label=ANG/; s/label=Ang/label=HAP/' |
	unit/maketsr wrong.tsr
run 0 "a student" nntrain --net flat.net --epochs 40 --rate 0.02 --targets teacher.tsv --targets-weight 1 \
	--checkpoint c.bin -o student.bin wrong.tsr
is "$(nnpredict -q student.bin valid.tsr | evalconf -q --tsv --bootstrap 0 | awk -F '\t' '$1 == "accuracy" { print $3 }')" 1 \
	"learns from its teacher alone"
nntrain --net flat.net --epochs 40 --rate 0.02 --targets teacher.tsv --targets-weight 1 --resume c.bin -o m wrong.tsr
same student.bin m "a resumed one gives the same bytes"
nntrain --net flat.net --epochs 19 --rate 0.02 -o other.bin clips.tsr
nnpredict -q other.bin clips.tsr >other.tsv
fails 3 "made with targets=[0-9a-f]*, this training has targets=[0-9a-f]*" "other targets" \
	nntrain --net flat.net --epochs 40 --rate 0.02 --targets other.tsv --targets-weight 1 --resume c.bin -o m wrong.tsr

# What is refused
sed 's/key=b/key=d/' records | unit/maketsr more.tsr
fails 3 "more.tsr: record 2 \(d\): t.tsv has no prediction for it" "no prediction" "${first[@]}" --targets t.tsv -o m more.tsr
fails 3 "t.tsv: has 2 classes; the training has 3" "other classes" nntrain --net flat.net --targets t.tsv -o m wrong.tsr
sed '1s/p.HAP/p.SAD/' t.tsv >bad.tsv
fails 3 "bad.tsv" "a class of another name" "${first[@]}" --targets bad.tsv -o m train.tsr
cut -f 1-6 t.tsv >bad.tsv
fails 3 "bad.tsv: .*p" "no probabilities" "${first[@]}" --targets bad.tsv -o m train.tsr
fails 3 "nowhere: No such file" "a missing table" "${first[@]}" --targets nowhere -o m train.tsr
fails 2 "belongs to --targets" "a weight alone" "${first[@]}" --targets-weight 0.5 -o m train.tsr
fails 2 "belongs to --loss cross-entropy" "the mean squared error" "${first[@]}" --targets t.tsv --loss mse -o m train.tsr
finish
