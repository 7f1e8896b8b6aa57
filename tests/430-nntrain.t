#!/bin/bash
# nntrain: what it learns, what it refuses, and that seeds, threads and a kill
# change nothing.
. "${0%/*}/lib.sh"

# clips FILE NAME=VALUE...: a stream by data/clips.awk.
clips() {
	local file=$1 args=()
	shift
	for a in "$@"; do args+=(-v "$a"); done
	awk "${args[@]}" -f "$data/clips.awk" | unit/maketsr "$file"
}

# Fields of the model's own pg line, and of the history's row and column.
pg() {
	tsrdump --head "$1" | sed -n "s/^pg=nntrain.* $2=\([^ ]*\).*/\1/p"
}
cell() {
	awk -F '\t' -v row="$2" -v name="$3" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i }
		row == "last" || NR == row + 1 { x = $c } END { print x }' "$1"
}

ln -s "$BUILD/unit" unit
clips train.tsr n=48 seed=1 prefix=t
clips valid.tsr n=18 seed=2 prefix=v groups=x,y,z
cat >small.net <<'EOF'
# small, but with all that holds state
conv1d 6 width=3
batchnorm
relu
maxpool1d 2
dropout 0.2	# after a tab
lstm 5
dense classes
softmax
EOF
fit=(nntrain -j1 --net small.net --rate 0.02 --batch 16 --epochs 8)

run 0 "--help" nntrain --help
like "$(cat out)" "usage: nntrain " "--help says how to call it"
run 0 "--version" nntrain --version
fails 2 "unknown" "an unknown option" nntrain --no-such
fails 2 "--net or --init" "no net" nntrain train.tsr -o m
fails 2 "epochs" "no epochs" nntrain --epochs 0 --net small.net train.tsr -o m
fails 2 "rate.*not a number" "a rate that is no number" nntrain --rate nan --net small.net train.tsr -o m
fails 2 "none of adam, adamw, sgd" "an unknown optimizer" nntrain --optimizer adagrad --net small.net train.tsr -o m
fails 2 "exclude each other" "two kinds of validation" "${fit[@]}" --valid valid.tsr --holdout-groups 3 train.tsr -o m
fails 2 "whole number" "two and a half groups" "${fit[@]}" --holdout-groups 2.5 train.tsr -o m
fails 2 "belong to --loss cross-entropy" "smoothing of squares" \
	"${fit[@]}" --loss mse --label-smoothing 0.1 train.tsr -o m
fails 2 "--classes.*twice" "a class twice" "${fit[@]}" --classes ANG,ANG,HAP,SAD train.tsr -o m
fails 2 "no layer '9'" "freezing what is not there" "${fit[@]}" --freeze 9 train.tsr -o m
fails 2 "nothing is left" "freezing everything" "${fit[@]}" --freeze 1-8 train.tsr -o m

# Learning
run 0 "training" "${fit[@]}" --epochs 20 --valid valid.tsr --history h.tsv -o good.bin train.tsr
is "$(cat err)" "" "it says nothing unless asked"
is "$(head -n 1 h.tsv)" "$(printf 'epoch\tloss\taccuracy\tval_loss\tval_accuracy\tval_uar\trate\tseconds\tbest')" \
	"the history's columns"
is "$(cell h.tsv last val_accuracy) $(cell h.tsv last val_uar)" "1.000000 1.000000" "clear cases are learnt"
run 0 "the model is a whole stream" tsrdump --check good.bin
is "$(tsrdump --field class good.bin | tr '\n' ' ')" "ANG HAP SAD " "its classes are the labels, sorted"
is "$(tsrdump --field net good.bin)" "$(cat small.net)" "it holds the net as it was written"
is "$(tsrdump --head good.bin | grep -E '^(type|format|input|loss|feature)' | tr '\n' ' ')" \
	"type=model format=1 feature.type=mel feature.hop=512 feature.mels=4 input=6,4 loss=cross-entropy " \
	"and what nnpredict needs"
is "$(tsrdump --field pg good.bin | sed 's/ .*//' | tr '\n' ' ')" "melspec nntrain " \
	"its provenance: the steps in order"
is "$(pg good.bin train) $(pg good.bin valid) $(pg good.bin batch)" "48 18 16" "with sizes and options"
like "$(tsrdump --field pg good.bin)" '^[^/]*$' "and no path"
run 0 "-v tells of each epoch" "${fit[@]}" -v -o m train.tsr
is "$(grep -c '^nntrain: epoch [1-8] of 8: loss ' err)" 8 "a line an epoch"

# Calibration: classes that overlap, so that some answers are wrong.
for level in $(levels); do
	run 0 "training by $level" env SERTOOLS_KERNEL=$level nntrain -q --net small.net --epochs 1 -o $level.bin train.tsr
	is "$(tsrdump --field kernel $level.bin)" "$level" "the model names what trained it"
	run 0 "any level may use it" env SERTOOLS_KERNEL="$(levels | sed q)" nnpredict -q $level.bin train.tsr
done
fails 2 "^nntrain: SERTOOLS_KERNEL: 'v9' is none of " "a level that is not there" env SERTOOLS_KERNEL=v9 nntrain -V
clips hard.tsr n=120 seed=5 prefix=h spread=3
clips hard2.tsr n=90 seed=6 prefix=i spread=3 groups=x,y,z
hard=("${fit[@]}" --epochs 20 --valid hard2.tsr --keep last)
run 0 "calibration" "${hard[@]}" -v -o warm.bin hard.tsr
like "$(cat err)" "temperature [0-9.]+: log loss [0-9.]+ to [0-9.]+, calibration error [0-9.]+ to [0-9.]+ on 90 validation records" \
	"-v says what was fitted"
run 0 "--calibrate no" "${hard[@]}" --calibrate no -o cold.bin hard.tsr
is "$(tsrdump --field temperature cold.bin) $(tsrdump --field threshold cold.bin | wc -l)" "1 0" "fits nothing"
is "$(pg warm.bin calibrate) $(pg cold.bin calibrate) $(pg warm.bin target-risk)" "yes no 0.3" "the provenance tells"
run 0 "--temperature" "${hard[@]}" --temperature 0.75 -o m hard.tsr
is "$(tsrdump --field temperature m) $(tsrdump --field threshold m | wc -l)" "0.75 0" "is kept, and nothing fitted"
fails 2 "--temperature: .*0" "--temperature 0" "${hard[@]}" --temperature 0 -o m hard.tsr
run 0 "--about" "${fit[@]}" --epochs 1 --about corpus='Möbius 2' --about licence='CC BY 4.0 = free' -o m hard.tsr
is "$(tsrdump --head m | grep '^about' | paste -s -d '|')" 'about.corpus=Möbius 2|about.licence=CC BY 4.0 = free' "is in the model's head"
run 0 "--init of such a model" nntrain --init m --epochs 1 --about corpus=other -o m2 hard.tsr
is "$(tsrdump --head m2 | grep '^about' | paste -s -d '|')" 'about.corpus=other|about.licence=CC BY 4.0 = free' "keeps what is not said anew"
while IFS='|' read -r text why; do
	fails 2 "^nntrain: --about: .*$why" "--about $text" "${fit[@]}" --about a=1 --about "$text" -o m3 hard.tsr
done <<'END'
licence|is not NAME=TEXT
=text|is not NAME=TEXT
b=|is not NAME=TEXT
two words=1|is not NAME=TEXT
a=2|a appears twice
END
fails 2 "^nntrain: --about: .*control" "two lines" "${fit[@]}" --about a=$'1\n2' -o m3 hard.tsr
# figure METRIC OPTION...: of what the model of that option says of the validation records.
figure() {
	local metric=$1
	shift
	nnpredict "$@" hard2.tsr | evalconf -q --tsv --bootstrap 0 | awk -F '\t' -v m="$metric" '$1 == m { print $3 }'
}
t=$(tsrdump --field temperature warm.bin)
own=$(figure log_loss warm.bin)
for other in 1 "$(echo "$t" | awk '{ print $1 * 1.03 }')" "$(echo "$t" | awk '{ print $1 / 1.03 }')"; do
	is "$(echo "$own $(figure log_loss --temperature "$other" warm.bin)" | awk '{ print ($1 < $2) }')" 1 \
		"at $t the validation records' log loss is less than at $other"
done
is "$(figure log_loss --temperature 1 warm.bin)" "$(figure log_loss cold.bin)" "--temperature 1 is the net itself"
is "$(figure accuracy warm.bin)" "$(figure accuracy cold.bin)" "tempering changes no answer"
"${hard[@]}" --target-risk 0.5 -o half.bin hard.tsr
is "$(echo "$(figure covered_accuracy --threshold auto half.bin) $(figure coverage --threshold auto half.bin)" |
	awk '{ print ($1 >= 0.5 && $2 > 0) }')" 1 "the threshold keeps the risk"
"${hard[@]}" --target-risk 0 -o none.bin hard.tsr
is "$(tsrdump --field threshold none.bin) $(figure coverage -q --threshold auto none.bin)" "inf 0" \
	"a risk that none keeps: nothing is answered"
nnpredict --threshold auto none.bin hard2.tsr 2>err >out
is "$(cat err)" "nnpredict: no confidence kept the risk required in training: all is UNCERTAIN" "which is said"
"${fit[@]}" -o m train.tsr
is "$(tsrdump --head m | grep -c '^threshold\|^speech') $(tsrdump --field temperature m)" "0 1" \
	"without validation there is nothing to fit"
fails 2 "target-risk" "a risk above 1" "${fit[@]}" --target-risk 1.5 -o m train.tsr
# Spectrograms in dB: floors of what the training records are like; of too few, none.
for n in 99 100; do
	awk -v n=$n -v seed=3 -v spread=9 -f "$data/clips.awk" | sed '1s/$/ scale=db/' | unit/maketsr db.tsr
	"${fit[@]}" --epochs 1 -o m db.tsr
	is "$(tsrdump --head m | grep -c '^speech=[0-9.-]*,[0-9.-]*,[0-9.-]*$')" $((n - 99)) "speech floors of $n records"
done

# Inputs
"${fit[@]}" -o file.bin train.tsr
"${fit[@]}" -o - - <train.tsr >dash.bin
# shellcheck disable=SC2002
cat train.tsr | "${fit[@]}" >pipe.bin
same file.bin dash.bin "a file and - give equal bytes"
same file.bin pipe.bin "a file and a pipe give equal bytes"
clips a.tsr n=24 seed=3
clips b.tsr n=24 seed=4 prefix=b
cat a.tsr b.tsr >ab.tsr
"${fit[@]}" -o two.bin a.tsr b.tsr
"${fit[@]}" -o cat.bin ab.tsr
same two.bin cat.bin "two operands are as their cat"
is "$(tsrdump --field pg two.bin | grep -c melspec)" 1 "a chain that both share stands once"
fails 3 "empty input" "empty input" "${fit[@]}" -o m /dev/null
fails 3 "No such file" "a missing stream" "${fit[@]}" -o m nowhere.tsr
fails 3 "No such file" "a missing net" nntrain --net nowhere.net -o m train.tsr
size=$(wc -c <a.tsr) bad=0
for n in 1 4 5 6 7 8 12 16 24 32 40 64 100 200 1000 $((size - 129)) $((size - 64)) $((size - 1)); do
	head -c "$n" a.tsr >cut.tsr
	"${fit[@]}" -o m.cut cut.tsr 2>/dev/null
	[ $? = 3 ] && [ ! -e m.cut ] || bad=$n
done
is $bad 0 "a stream cut anywhere is refused and leaves no model"
{ head -c 1000 a.tsr && printf '\377' && tail -c +1002 a.tsr; } >flip.tsr
fails 3 "flip.tsr: byte [0-9]+: " "a flipped byte" "${fit[@]}" -o m flip.tsr
echo "H type=wave rate=22050
T f32 8 ramp key=a label=A
E" | unit/maketsr wave.tsr
fails 3 "wave stream; a mel or table stream" "the wrong type: both are named" "${fit[@]}" -o m wave.tsr
clips hop.tsr n=24 seed=3 hop=256
fails 3 "hop.tsr: the features have hop=256; a.tsr has hop=512" "features made otherwise" "${fit[@]}" -o m \
	a.tsr hop.tsr
awk -v n=24 -v seed=3 -f "$data/clips.awk" | sed 's/ hop=512//' | unit/maketsr bare.tsr
fails 3 "bare.tsr: the features have no hop; a.tsr has hop=512" "without a setting" "${fit[@]}" -o m a.tsr bare.tsr
fails 3 "a.tsr: the features have hop=512; bare.tsr has no hop" "with one more" "${fit[@]}" -o m bare.tsr a.tsr
printf 'H type=mel\nT f32 - 1 key=a label=ANG\nE\n' | unit/maketsr single.tsr
fails 3 "single.tsr: record 1 \(a\): its shape \(.*\) cannot go into a net" "a single value" "${fit[@]}" -o m single.tsr
printf 'H type=mel\nT f32 2,1,1,1,1,1,1,1 1 key=a label=ANG\nE\n' | unit/maketsr deep.tsr
fails 3 "deep.tsr: record 1 \(a\): its shape \(.*\) cannot go into a net" "too many dimensions" "${fit[@]}" -o m deep.tsr
printf 'H type=mel\nT f32 0,4 1 key=a label=ANG\nE\n' | unit/maketsr zero.tsr
fails 3 "zero.tsr: record 1 \(a\): its shape \(0,4\) cannot go into a net" "no values" "${fit[@]}" -o m zero.tsr
awk -v n=18 -v seed=2 -v prefix=v -v groups=x,y,z -v variants=1 -f "$data/clips.awk" | grep '^[HE]\|@v' | unit/maketsr variants.tsr
fails 3 "variants.tsr: all records are augmented variants, which never validate" "variants to validate by" \
	"${fit[@]}" --valid variants.tsr -o m a.tsr
awk -v n=18 -v seed=2 -v variants=1 -f "$data/clips.awk" | grep '^[HE]\|@v' | unit/maketsr variants.tsr
fails 3 "variants.tsr: the groups held out have only augmented variants" "variants held out" \
	"${fit[@]}" --holdout-groups 3 -o m variants.tsr
sed 's/^X//' <<<'XH type=mel hop=512 mels=4 pg=melspec
XT f32 6,4 3e38,-3e38 key=big label=ANG group=big
XT f32 6,4 3e38 key=bigger label=HAP group=big
XE' | unit/maketsr big.tsr
printf '%s\n' flatten 'dense 8' 'dense classes' softmax >flat.net
fails 3 "epoch 1: the validation loss is not finite any more" "a validation loss that is no number" \
	nntrain -j1 --net flat.net --epochs 2 --valid big.tsr -o m a.tsr
fails 3 "epoch 1: the loss is not finite any more" "a loss that is no number" nntrain -j1 --net flat.net --epochs 2 -o m big.tsr
fails 3 "hop=256" "validation features made otherwise" "${fit[@]}" --valid hop.tsr -o m a.tsr
head="H type=mel hop=512 mels=4"
for case in "label|f32 6,4 ramp key=b group=a" "NaN|f32 6,4 1,nan key=b label=HAP" \
	"shape is .6,5.; .*6,4|f32 6,5 ramp key=b label=HAP" "dtype is f64|f64 6,4 ramp key=b label=HAP"; do
	printf '%s\nT f32 6,4 ramp key=a label=ANG\nT %s\nE\n' "$head" "${case#*|}" | unit/maketsr bad.tsr
	fails 3 "bad.tsr: record 2 \(b\): .*${case%|*}" "a record: ${case%|*}" "${fit[@]}" -o m bad.tsr
done
clips one.tsr n=6 seed=1 classes=ANG
fails 3 "only one class" "a single class" "${fit[@]}" -o m one.tsr
printf '%s\nE\n' "$head" | unit/maketsr none.tsr
fails 3 "no records" "a stream without records" "${fit[@]}" -o m none.tsr
for word in UNCERTAIN NOSPEECH -; do
	clips odd.tsr n=6 seed=1 classes="ANG,$word"
	fails 3 "^nntrain: odd.tsr: '$word' cannot be the name of a class: give its records another label$" \
		"a class named $word" "${fit[@]}" -o m odd.tsr
done
# A fold's training part without a class: all the same, its model has the corpus's classes.
clips two.tsr n=24 seed=1 classes=ANG,HAP
run 0 "--classes with one that does not occur" "${fit[@]}" --class-weights balanced --valid valid.tsr \
	--classes SAD,ANG,HAP -o fold.bin two.tsr
is "$(cat err)" "nntrain: no training record is of class 'SAD'" "is said"
is "$(tsrdump --field class fold.bin | tr '\n' ' ')" "SAD ANG HAP " "and the model has all, in that order"
for part in two valid; do nnpredict -q fold.bin $part.tsr >$part.tsv; done
run 0 "its predictions" evalconf -q --tsv --bootstrap 0 two.tsv valid.tsv
# Recall by hand: UAR is the mean over the classes that occur.
uar=$(cat two.tsv valid.tsv | awk -F '\t' '$1 != "key" { best = 7
	for (i = 8; i <= 9; i++) if ($i > $best) best = i
	n[$2]++; hit[$2] += substr("SADANGHAP", 3 * (best - 7) + 1, 3) == $2 }
	END { for (c in n) { k++; sum += hit[c] / n[c] } printf "%.12g", sum / k }')
is "$(awk -F '\t' '$1 == "uar" { print $3 }' out)" "$uar" "are evaluated with the other folds'"
run 0 "a test part without a class" evalconf --tsv --bootstrap 0 two.tsv
is "$(cat err)" "evalconf: no record is of class 'SAD': UAR is the mean over the others" "is said"
is "$(awk -F '\t' '$1 == "uar" || $1 == "support" { printf "%s ", $3 }' out)" \
	"$(awk -F '\t' '$1 != "key" { best = 7
	for (i = 8; i <= 9; i++) if ($i > $best) best = i
	n[$2]++; hit[$2] += substr("SADANGHAP", 3 * (best - 7) + 1, 3) == $2 }
	END { printf "%.12g 0 12 12 ", (hit["ANG"] / n["ANG"] + hit["HAP"] / n["HAP"]) / 2 }' two.tsv)" \
	"UAR is the mean over those that occur"
run 0 "two models compared where one never saw a class" evalcmp -q --bootstrap 0 --versus valid.tsv valid.tsv
fails 3 "label 'SAD' is not among the classes; --classes names all of them" "without, validation finds another label" \
	"${fit[@]}" --valid valid.tsr -o m two.tsr
fails 3 "label 'SAD' is not among the classes" "a label that --classes lacks" "${fit[@]}" --classes ANG,HAP -o m a.tsr
printf 'dense 3\nnonsense\n' >bad.net
fails 3 "bad.net: line 2" "a net with an error: its line" nntrain --net bad.net -o m a.tsr
printf 'flatten\n\0dense 3\n' >bad.net
fails 3 "bad.net: holds a NUL byte" "a net with a NUL" nntrain --net bad.net -o m a.tsr
printf 'flatten\n# \xff\n' >bad.net
fails 3 "bad.net: line 2: " "a net that is not UTF-8: its line" nntrain --net bad.net -o m a.tsr
printf 'flatten\ndense 5\nsoftmax\n' >five.net
fails 3 "5 outputs, but there are 3 classes" "a net for other classes" nntrain --net five.net -o m a.tsr
printf 'flatten\r\ndense classes\r\nsoftmax\r\n' >crlf.net
run 0 "a net with CRLF" nntrain --net crlf.net --epochs 1 -o m a.tsr

# Outputs
run 4 "/dev/full" "${fit[@]}" --epochs 1 -o /dev/full a.tsr
run 4 "an output that cannot be, before any work" "${fit[@]}" --epochs 100000 -o no/such/m a.tsr
run 4 "a history that cannot be" "${fit[@]}" --epochs 1 --history no/such/h -o m a.tsr
run 4 "a checkpoint that cannot be" "${fit[@]}" --epochs 2 --checkpoint no/such/c -o m a.tsr
{ cat a.tsr; false; } | "${fit[@]}" --epochs 1 >m.pipe
is "${PIPESTATUS[*]}" "1 0" "what came whole is used"
rm -f m.cut
fails 3 "cut off" "a stage upstream that failed" bash -c '{ head -c 5000 a.tsr; } | nntrain --net small.net -o m.cut'
[ ! -e m.cut ]
ok $? "leaves no model"

# Seeds, threads, batches
"${fit[@]}" --valid valid.tsr -s 5 -j1 -o j1.bin train.tsr
"${fit[@]}" --valid valid.tsr -s 5 -j4 -o j4.bin train.tsr
"${fit[@]}" --valid valid.tsr -s 6 -j1 -o s6.bin train.tsr
same j1.bin j4.bin "1 thread equals 4"
# small.net is left to one thread; this one is worth more.
printf '%s\n' 'conv1d 64 width=3' batchnorm relu 'dropout 0.2' 'bilstm 96' 'dense classes' softmax >wide.net
for j in 1 4; do nntrain -j$j --net wide.net --epochs 2 --batch 24 --valid valid.tsr -s 5 -o wide$j.bin train.tsr; done
same wide1.bin wide4.bin "1 thread equals 4 where there is work for them"
run 1 "another seed, another model" tsrdiff -q j1.bin s6.bin
for n in 1 17 16 33; do
	clips few.tsr n=$n seed=1
	run 0 "$n records in batches of 16" "${fit[@]}" --epochs 2 --classes ANG,HAP,SAD -o m few.tsr
done

# Schedules and stopping
"${fit[@]}" --valid valid.tsr --patience 0 --schedule cosine --rate-floor 0 --history h.tsv -o m train.tsr
awk -F '\t' 'NR > 2 && $7 >= last { exit 1 } { last = $7 } END { exit !($7 < 0.0001) }' h.tsv
ok $? "the cosine falls to its floor"
# Each epoch's last of 3 batches, of 24 in all: by the formula of nntrain(1), with a floor and, below it, without.
for floor in 0.004 0; do
	"${fit[@]}" --valid valid.tsr --patience 0 --schedule cosine --rate-floor $floor --history h.tsv -o m train.tsr
	cut -f 7 h.tsv | tail -n +2 | awk -v low=$floor '{ want = low + (0.02 - low) * (1 + cos(atan2(0, -1) * (3 * NR - 1) / 24)) / 2
		if (($1 - want) ^ 2 > (1e-5 * want) ^ 2) { print NR ": " $1 ", not " want } }' >err
	is "$(cat err) $(wc -l <h.tsv)" " 9" "half a cosine from --rate to $floor"
done
"${fit[@]}" --valid valid.tsr --schedule constant --history h.tsv -o m train.tsr
is "$(cell h.tsv 8 rate)" 0.02 "constant is constant"
"${fit[@]}" --valid valid.tsr --min-delta 100 --plateau-patience 2 --patience 6 --epochs 30 \
	--history h.tsv -o m train.tsr
is "$(cut -f 7 h.tsv | tr '\n' ' ')" "rate 0.02 0.02 0.02 0.01 0.01 0.005 0.005 " \
	"a plateau halves the rate; patience ends it"
is "$(tsrdump --field epoch m)" 1 "the best epoch's weights are kept"
"${fit[@]}" --epochs 1 --valid valid.tsr -o first.bin train.tsr
run 0 "they are that epoch's weights" tsrdiff m first.bin
"${fit[@]}" --valid valid.tsr --min-delta 100 --patience 3 --keep last -o m train.tsr
is "$(tsrdump --field epoch m)" 4 "--keep last keeps the last"
"${fit[@]}" --history h.tsv -o m train.tsr
is "$(cell h.tsv 8 val_loss) $(cell h.tsv 8 best) $(tsrdump --field epoch m)" "- 0 8" \
	"without validation the last epoch counts"

# Losses and optimisers
# A model that always answers ANG with e/(1+e), on three ANG for one HAP; the first epoch's one batch sees it so.
{
	printf 'H\ttype=model\tformat=1\tnet=flatten\tnet=dense classes\tnet=softmax\tclass=ANG\tclass=HAP\tinput=6,4'
	printf '\tfeature.type=mel\tfeature.hop=512\tfeature.mels=4\nT\tf32\t24,2\t0\tkey=02.dense/kernel\n'
	printf 'T\tf32\t2\t1,0\tkey=02.dense/bias\nE\n'
} | unit/maketsr always.bin
clips uneven.tsr n=32 seed=9 classes=ANG,ANG,ANG,HAP
first=(nntrain --init always.bin --epochs 1 --valid uneven.tsr --allow-overlap --rate 1e-9 --history h.tsv -o m)
run 0 "a loss worked by hand" "${first[@]}" uneven.tsr
is "$(cut -f 2-6 h.tsv | tail -n 1)" "0.563262	0.750000	0.563262	0.750000	0.500000" "cross-entropy, accuracy, UAR"
"${first[@]}" --class-weights balanced uneven.tsr
is "$(cut -f 2-4 h.tsv | tail -n 1)" "0.813262	0.750000	0.563262" "class weights, in training only"
"${first[@]}" --label-smoothing 0.2 uneven.tsr
is "$(cut -f 2-4 h.tsv | tail -n 1)" "0.613262	0.750000	0.613262" "label smoothing"
"${first[@]}" --loss mse uneven.tsr
is "$(cut -f 2-4 h.tsv | tail -n 1)" "0.187859	0.750000	0.187859" "mean squared error"
for o in "--optimizer adamw" "--optimizer sgd --rate 0.1" "--clip-norm 1" "--label-smoothing 0.1" "--loss mse" \
	"--class-weights balanced"; do
	# shellcheck disable=SC2086
	"${fit[@]}" $o --epochs 20 --valid valid.tsr --history h.tsv -o m train.tsr
	is "$(cell h.tsv last val_accuracy)" 1.000000 "$o learns too"
done
printf 'flatten\ndense 8\nrelu\ndense 1\n' >number.net
nntrain --net number.net --loss mse --rate 0.02 --epochs 60 --valid valid.tsr --patience 0 \
	--history h.tsv -o number.bin train.tsr
is "$(cell h.tsv last val_accuracy)" 1.000000 "one output learns the class's number"
fails 3 "softmax" "cross-entropy of it" nntrain --net number.net -o m train.tsr
fails 3 "epoch [0-9]+: the .* not finite any more" "divergence is an error" nntrain --net number.net --loss mse \
	--optimizer sgd --rate 900 -o m.nan train.tsr
[ ! -e m.nan ]
ok $? "that leaves no model"

# normalize learns from the training records, once
printf 'normalize\nflatten\ndense classes\nsoftmax\n' >normal.net
nntrain --net normal.net --epochs 3 --valid valid.tsr --checkpoint n.ck -o normal.bin train.tsr
is "$(tsrdump --tsv --columns key normal.bin | grep -c '01.normalize/[md]e')" 2 "normalize has its statistics"
[ "$(tsrdump --data normal.bin | grep -c '^01.normalize.*[^01]')" -gt 0 ]
ok $? "which are not what it began with"
nntrain --init normal.bin --epochs 2 -o m b.tsr
is "$(tsrdiff m normal.bin | grep -c normalize)" 0 "--init keeps them"
nntrain --net normal.net --epochs 3 --valid valid.tsr --resume n.ck -o m train.tsr
same m normal.bin "--resume too"

# Groups
clips same.tsr n=6 seed=7 prefix=s groups=q,c
fails 3 "group 'c' appears in both.*--allow-overlap" "a group in both parts is named" \
	"${fit[@]}" --valid same.tsr -o m train.tsr
run 0 "--allow-overlap" "${fit[@]}" --epochs 1 --valid same.tsr --allow-overlap -o m train.tsr
clips bare.tsr n=24 seed=1 prefix=t groups=-
clips bare2.tsr n=6 seed=2 prefix=u groups=-
run 3 "without groups, a recording in both parts" "${fit[@]}" --valid bare.tsr -o m train.tsr
like "$(cat err)" "recording 't0' appears in both" "is named"
run 0 "without groups or shared keys" "${fit[@]}" --epochs 1 --valid bare2.tsr -o m bare.tsr
like "$(cat err)" "carry no group" "it says what it cannot check"
fails 3 "has no group" "--holdout-groups without groups" "${fit[@]}" --holdout-groups 3 -o m bare.tsr
clips aug.tsr n=36 seed=1 variants=2
run 0 "--holdout-groups" "${fit[@]}" --epochs 1 --holdout-groups 0.2 -o m aug.tsr
is "$(pg m train) $(pg m valid)" "54 18" "holds out three at least, and their variants from training"
"${fit[@]}" --epochs 1 --holdout-groups 1 -o m aug.tsr
is "$(pg m train) $(pg m valid)" "90 6" "or as many as it is told"
fails 3 "6 groups: to hold 6 out leaves none" "but not all" "${fit[@]}" --holdout-groups 6 -o m aug.tsr
# f is the only male, and has fewer records than the others.
clips sexes.tsr n=33 seed=1 groups=a,b,c,d,e,f sexes=female,female,female,female,female,male
bad=0
for s in 1 2 3 4; do
	"${fit[@]}" --epochs 1 --holdout-groups 3 -s $s -o m sexes.tsr
	[ "$(pg m valid)" = 15 ] || bad=$s
done
is $bad 0 "both sexes validate where there are two"
run 0 "variants in a validation stream" "${fit[@]}" --epochs 1 --valid aug.tsr --allow-overlap -o m train.tsr
like "$(cat err) $(pg m valid)" "72 augmented variants are left out.* 36" "are left out, and it says so"

# Checkpoints: a kill in the middle, then the same bytes
# kill_after N: kills the last background job once the history has more than N lines.
kill_after() {
	until [ "$(wc -l 2>/dev/null <h.tsv)" -gt "$1" ] 2>/dev/null || ! kill -0 $! 2>/dev/null; do sleep 0.002; done
	kill -9 $! 2>/dev/null
	wait $! 2>/dev/null
}
long=("${fit[@]}" --epochs 3000 --valid valid.tsr --patience 0 --min-delta 0.001 -j1)
keep=(--checkpoint c.bin --resume c.bin --history h.tsv)
"${long[@]}" --epochs 40 --history whole.tsv -o whole.bin train.tsr
rm h.tsv
"${long[@]}" "${keep[@]}" -o resumed.bin train.tsr 2>/dev/null &
kill_after 5
[ ! -e resumed.bin ] && tsrdump --check c.bin
ok $? "a kill in the middle leaves a whole checkpoint and no model"
fails 3 "c.bin: .*made with epochs=3000, this training has epochs=40" "another number of epochs" \
	"${long[@]}" --epochs 40 \
	--resume c.bin -o m train.tsr
rm c.bin h.tsv
stopped=("${long[@]}" --epochs 40 "${keep[@]}")
for n in 5 12 30; do
	"${stopped[@]}" -o resumed.bin train.tsr 2>/dev/null &
	kill_after $n
done
run 0 "--resume" "${stopped[@]}" -o resumed.bin train.tsr
same whole.bin resumed.bin "killed and resumed, the model has the same bytes"
is "$(cut -f 1-7,9 h.tsv)" "$(cut -f 1-7,9 whole.tsv)" "and the history the same figures"
run 0 "--resume of what is finished" "${stopped[@]}" -o again.bin train.tsr
same whole.bin again.bin "just writes the model"
fails 3 "c.bin: .*made with rate=0.02, this training has rate=0.01" "another option" \
	"${stopped[@]}" --rate 0.01 -o m train.tsr
fails 3 "made with .*train=48, this training has train=24" "fewer records" "${stopped[@]}" -o m a.tsr
clips other.tsr n=48 seed=8 prefix=t
fails 3 "other records" "other records" "${stopped[@]}" -o m other.tsr
sed 's/0.2/0.3/' small.net >other.net
fails 3 "other layers" "another net" "${stopped[@]}" --net other.net -o m train.tsr
printf '%s\n' flatten 'dense classes' softmax >flat.net
flat=(nntrain -j1 --net flat.net --epochs 2)
"${flat[@]}" --checkpoint flat.ck -o m train.tsr
for case in 'classes=ANG,HAP,JOY|cannot go on from this checkpoint: it was made with other classes' \
	'classes=ANG,HAP|cannot go on from this checkpoint: it was made with other classes' \
	'hop=256|the features have hop=512; this training has hop=256: cannot go on from this checkpoint'; do
	clips other.tsr n=48 seed=1 prefix=t "${case%|*}"
	fails 3 "flat.ck: ${case#*|}$" "${case%|*}" "${flat[@]}" --resume flat.ck -o m other.tsr
done
for change in 's/f32 6,4/f32 4,6/|shapes of the records' 's/f32 6,4/f32 6,3/|shapes of the records' \
	's/f32 6,4/f32 6,2,2/|shapes of the records' 's/pg=melspec/pg=other/|steps before the training .pg= of its head.' \
	's/pg=melspec/pg=other pg=melspec/|steps before the training .pg= of its head.'; do
	awk -v n=48 -v seed=1 -v prefix=t -f "$data/clips.awk" | sed "${change%|*}" | unit/maketsr other.tsr
	fails 3 "flat.ck: cannot go on from this checkpoint: it was made with other ${change#*|}$" "other: ${change%|*}" \
		"${flat[@]}" --resume flat.ck -o m other.tsr
done
fails 3 "nowhere.*No such file" "a missing checkpoint" "${fit[@]}" --resume nowhere -o m train.tsr
fails 3 "not a checkpoint" "a model is no checkpoint" "${fit[@]}" --resume good.bin -o m train.tsr
head -c 2000 c.bin >cut.bin
fails 3 "cut.bin: byte [0-9]+: the stream is cut off" "a checkpoint that was cut" \
	"${fit[@]}" --resume cut.bin -o m train.tsr

# Fine-tuning
run 0 "--init" nntrain --init good.bin --rate 0.001 --epochs 2 -o tuned.bin a.tsr
is "$(tsrdump --field class tuned.bin | tr '\n' ' ')" "ANG HAP SAD " "keeps the classes"
is "$(tsrdump --field pg tuned.bin | sed 's/ .*//' | tr '\n' ' ')" "melspec nntrain nntrain " \
	"and the provenance of both"
run 0 "--freeze" nntrain --init good.bin --freeze all-but-last --epochs 2 -o frozen.bin a.tsr
is "$(tsrdiff --max-lines 99 good.bin frozen.bin | sed -n 's/^record.*(\(.*\)):.*/\1/p' | tr '\n' ' ')" \
	"07.dense/kernel 07.dense/bias " "only the head learns, not even batch statistics move"
run 0 "--freeze of some" nntrain --init good.bin --freeze 1-2,lstm --epochs 2 -o m a.tsr
is "$(tsrdiff --max-lines 99 good.bin m | grep -c 'record.*\(conv1d\|batchnorm\|lstm\)')" 0 "these stay too"
clips new.tsr n=24 seed=3 classes=CALM,JOY
run 0 "--init with other labels" nntrain --init good.bin --epochs 20 --rate 0.02 --history h.tsv -o new.bin new.tsr
like "$(cat err)" "classes are not those of good.bin: 07.dense begins afresh" "gets a new head, and says so"
is "$(tsrdump --field class new.bin | tr '\n' ' ') $(cell h.tsv last accuracy)" "CALM JOY  1.000000" "and learns them"
clips part.tsr n=24 seed=3 classes=ANG,HAP
run 0 "--init with some of the labels" nntrain --init good.bin --epochs 1 -o m part.tsr
is "$(tsrdump --field class m | wc -l)" 3 "keeps all classes"
run 0 "--init with --classes" nntrain --init good.bin --epochs 1 --classes ANG,HAP -o m part.tsr
is "$(tsrdump --field class m | wc -l)" 2 "takes those"
run 0 "--init with --net" nntrain --init good.bin --net other.net --epochs 1 -o m a.tsr
fails 3 "hop.tsr: the features have hop=256; good.bin was trained on hop=512" "--init on other features" nntrain \
	--init good.bin -o m hop.tsr
fails 3 "mel stream; a model stream" "--init of a stream" nntrain --init a.tsr -o m a.tsr
fails 3 "none of its weights fits" "--init of another net's weights" \
	nntrain --init number.bin --net small.net -o m a.tsr

# A table's head may list the classes, and in which order.
printf 'x,l,g\n1,a,s1\n2,b,s1\n3,a,s2\n5,b,s2\n' >t.csv
printf 'normalize\ndense classes\nsoftmax\n' >table.net
csvprep --recipe <(printf 'label l c b a\ngroup g\n') t.csv >listed.tsr
run 0 "a table that lists its classes" nntrain --net table.net --epochs 1 -o m listed.tsr
is "$(tsrdump --field class m | tr '\n' ' ')" "c b a " "gives them and their order"
run 0 "--classes" nntrain --net table.net --epochs 1 --classes a,b -o m listed.tsr
is "$(tsrdump --field class m | tr '\n' ' ')" "a b " "goes before them"

# The commonest mistakes: what to type.
printf 'H type=table\nT f32 2 1,2 key=a label=ANG\nT f32 2 2,1 key=b label=HAP\nE\n' | unit/maketsr rows.tsr
fails 3 "mlp.net: line [0-9]+: .*; the net is for rows of a table, and the records of train.tsr are spectrograms of shape \(6,4\): --net crnn is for those$" \
	"a table's net on sound" nntrain --net mlp -o m train.tsr
for net in crnn cnn1d lstm; do
	fails 3 "$net.net: line [0-9]+: .*; the net is for spectrograms, and the records of rows.tsr are rows of a table of shape \(2\): --net mlp is for those$" \
		"$net on a table" nntrain --net $net -o m rows.tsr
done
printf 'flatten\nmaxpool1d 3\ndense classes\n' >neither.net
fails 3 "is of rank 1; [^;]*$" "a net for neither" nntrain --net neither.net -o m train.tsr
fails 3 "^nntrain: good.bin: this is a model, not a text of layers; --init good.bin begins with it$" "a model for a net" \
	nntrain --net good.bin -o m train.tsr
fails 3 "^nntrain: good.bin: this is a model stream; .*; --init good.bin begins with its weights$" "a model for records" \
	nntrain --net small.net -o m good.bin
fails 2 "--net or --init is required, as in --net crnn" "no net" nntrain -o m train.tsr
fails 3 "^nntrain: crn: No such file, nor crn.net, here or in .*crnn.net" "a net's name mistyped" nntrain --net crn -o m train.tsr
# --profile: each layer, forward and backward, and how many operations that was.
run 0 '--profile' nntrain -j1 --net small.net --batch 16 --epochs 2 --profile -o profiled.bin train.tsr
is "$(awk -F '\t' '$1 == "profile" && $2 ~ /^forward\// { print $2 }' err | tr '\n' ' ')" \
	'forward/01.conv1d forward/02.batchnorm forward/03.relu forward/04.maxpool1d forward/05.dropout forward/06.lstm forward/07.dense forward/08.softmax ' \
	'each layer has its time'
# 48 records of (6,4), twice: a window of 3 frames and 6 filters; 3 frames of 6 + 5 values, 20 gates.
operations() { awk -F '\t' -v stage="$1" '$2 == stage { printf "%.0f\n", $4 * $6 * 1e9 / 96 / 2 / 10 }' err; }
is "$(operations forward/01.conv1d) $(operations forward/06.lstm) $(operations backward/06.lstm)" \
	"$((6 * 3 * 4 * 6 / 10)) $((3 * 11 * 20 / 10)) $((2 * 3 * 11 * 20 / 10))" 'and the operations of its products'
nntrain -j1 --net small.net --batch 16 --epochs 2 -o plain.bin train.tsr 2>err
same plain.bin profiled.bin 'it changes nothing'
finish
