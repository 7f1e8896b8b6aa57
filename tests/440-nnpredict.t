#!/bin/bash
# nnpredict: answers worked by hand, as they come, and what it refuses.
. "${0%/*}/lib.sh"
ln -s "$BUILD/unit" unit

# model FILE TEMPERATURE CLASSES KERNEL [NAME=VALUE...]: softmax(x W / T) of two inputs.
model() {
	local file=$1 temperature=$2 classes=$3 kernel=$4 n
	shift 4
	n=$(awk -F, '{ print NF }' <<<"$classes")
	{
		printf 'H\ttype=model\tformat=1\tnet=# by hand\tnet=dense classes\tnet=softmax'
		printf '\tclass=%s' "${classes//,/$'\tclass='}"
		printf '\tfeature.type=mel\tfeature.hop=512\tinput=2\ttemperature=%s' "$temperature"
		printf '\t%s' "$@"
		printf '\nT\tf32\t2,%d\t%s\tkey=01.dense/kernel\nT\tf32\t%d\t0\tkey=01.dense/bias\nE\n' "$n" "$kernel" "$n"
	} | sed 's/\t$//' | unit/maketsr "$file"
}

# stream FILE: what standard input says, under the head that the models want.
stream() {
	{ printf 'H type=mel hop=512 pg=melspec\n' && cat; } | unit/maketsr "$1"
}
columns() {
	cut -f "$1" out | tr '\t\n' ' ;'
}

# Inputs (1,0), (0,1), (2,2) give the logits (1,0), (0,1), (2,2).
model a.bin 1 HAP,SAD 1,0,0,1
stream x.tsr <<'EOF'
T f32 2 1,0 key=one label=HAP group=g1
T f32 2 0,1 key=two label=HAP
T f32 2 2,2 key=three group=g2 start=1.250
E
EOF

run 0 "--help" nnpredict --help
like "$(cat out)" "usage: nnpredict .*MODEL" "--help says how to call it"
fails 2 "unknown" "an unknown option" nnpredict --no-such a.bin x.tsr
fails 2 "model is required" "no model" nnpredict
fails 2 "exclude each other" "two formats" nnpredict --json --tensor a.bin x.tsr
fails 2 "threshold: 1.5 is neither a number from 0 to 1 nor auto" "a threshold above 1" nnpredict --threshold 1.5 a.bin x.tsr

# Answers: e/(1+e) is 0.731059
run 0 "answers" nnpredict a.bin x.tsr
is "$(cat out)" "key	label	group	start	pred	confidence	p.HAP	p.SAD
one	HAP	g1	-	HAP	0.731059	0.731059	0.268941
two	HAP	-	-	SAD	0.731059	0.268941	0.731059
three	-	g2	1.250	HAP	0.500000	0.500000	0.500000" "softmax of the logits; a dash for what is not known"
run 0 "--threshold" nnpredict --threshold 0.6 a.bin x.tsr
is "$(columns 5)" "pred;HAP;SAD;UNCERTAIN;" "UNCERTAIN below it"
run 0 "--threshold 0.5" nnpredict --threshold 0.5 a.bin x.tsr
is "$(columns 5)" "pred;HAP;SAD;HAP;" "not at it"
model warm.bin 2 HAP,SAD 1,0,0,1
run 0 "temperature" nnpredict warm.bin x.tsr
is "$(columns 6)" "confidence;0.622459;0.622459;0.500000;" "divides the logits: 1/(1+exp(-1/2))"
run 0 "--temperature" nnpredict --temperature 1 warm.bin x.tsr
is "$(columns 6)" "confidence;0.731059;0.731059;0.500000;" "stands in for the model's"
run 0 "--temperature for all" nnpredict --temperature 2 --with warm.bin a.bin x.tsr
is "$(columns 6)" "confidence;0.622459;0.622459;0.500000;" "of the models"
fails 2 "temperature: 0 is not between" "a temperature of zero" nnpredict --temperature 0 a.bin x.tsr
model strict.bin 1 HAP,SAD 1,0,0,1 threshold=0.75
model loose.bin 1 HAP,SAD 1,0,0,1 threshold=0.65
run 0 "--threshold auto" nnpredict --threshold auto strict.bin x.tsr
is "$(columns 5)" "pred;UNCERTAIN;UNCERTAIN;UNCERTAIN;" "is the model's own"
run 0 "--threshold auto of several" nnpredict --threshold auto --with loose.bin strict.bin x.tsr
is "$(columns 5)" "pred;HAP;SAD;UNCERTAIN;" "is the mean of theirs"
fails 3 "^nnpredict: a.bin: the model has no threshold of its own$" "a model without one" nnpredict \
	--threshold auto --with a.bin strict.bin x.tsr
fails 2 "threshold: much is neither" "a threshold that is no number" nnpredict --threshold much a.bin x.tsr
model small.bin 1 HAP,SAD 9,0,0,9
nnpredict small.bin x.tsr >out
is "$(sed -n 2p out | cut -f 7-)" "0.999877	0.000123395" "small probabilities keep their digits"

# Speech: (2,2) records in dB. By hand: peaks 0 and -10, standard deviation 5; means -5 and -15, 5 off all values;
# bands' means -10, which leaves 5 of all values. Floors of peak, contrast, change.
hearing() {
	{
		printf 'H\ttype=model\tformat=1\tnet=flatten\tnet=dense classes\tnet=softmax\tclass=HAP\tclass=SAD'
		printf '\tfeature.type=mel\tfeature.scale=db\tinput=2,2\tspeech=%s\n' "$2"
		printf 'T\tf32\t4,2\t0,0\tkey=02.dense/kernel\nT\tf32\t2\t0,1\tkey=02.dense/bias\nE\n'
	} | unit/maketsr "$1"
}
unit/maketsr mel.tsr <<'EOF'
H type=mel scale=db
T f32 2,2 0,-10,-20,-10 key=lively
T f32 2,2 30,20,10,20 key=louder
T f32 2,2 0,-10,0,-10 key=steady
T f32 2,2 0,0,-10,-10 key=plain
T f32 2,2 0,0,0,0 key=silence
E
EOF
hearing low.bin 4.9,4.9,4.9
run 0 "a model that knows how lively speech is" nnpredict --threshold 0 low.bin mel.tsr
is "$(columns 5)" "pred;SAD;SAD;NOSPEECH;NOSPEECH;NOSPEECH;" "refuses what is less so, whatever its level"
for floors in 5.1,0,0 0,5.1,0 0,0,5.1; do
	hearing high.bin $floors
	nnpredict --threshold 0 high.bin mel.tsr >out
	is "$(sed -n 2p out | cut -f 5)" NOSPEECH "one floor is enough: $floors"
done
run 0 "--check-speech no" nnpredict --threshold 0 --check-speech no high.bin mel.tsr
is "$(columns 5)" "pred;SAD;SAD;SAD;SAD;SAD;" "answers all"
nnpredict --threshold 0 --with low.bin high.bin mel.tsr >out
is "$(columns 5)" "pred;SAD;SAD;NOSPEECH;NOSPEECH;NOSPEECH;" "of several models one that hears speech is enough"
nnpredict --json low.bin mel.tsr | sed -n 5p >out
like "$(cat out)" '"pred":"NOSPEECH","confidence":0\.' "in JSON, too"
nnpredict --threshold 0 low.bin mel.tsr >voice.tsv
sed 's/^key.*/key\tpred/; t; s/\t.*/\tHAP/' voice.tsv >face.tsv
printf 'voice=NOSPEECH -> $face\nelse -> $voice\n' >r.rules
run 0 "fuse" fuse --rules r.rules voice=voice.tsv face=face.tsv
is "$(columns 5)" "pred;SAD;SAD;HAP;HAP;HAP;" "leaves what is no speech to another modality"
hearing bad.bin 1,2
fails 3 "bad.bin: speech '1,2' is not 3 numbers" "floors that are too few" nnpredict bad.bin mel.tsr
hearing bad.bin 1,2,3,4
fails 3 "speech '1,2,3,4' is not 3 numbers" "or too many" nnpredict bad.bin mel.tsr
model bad.bin 1 HAP,SAD 1,0,0,1 threshold=-1
fails 3 "bad.bin: threshold '-1' is neither" "a model's threshold below 0" nnpredict bad.bin x.tsr
model three.bin 1 ANG,HAP,SAD 0,1,2,0,1,2
run 0 "--top" nnpredict --top 2 three.bin x.tsr
is "$(head -n 2 out)" "key	label	group	start	pred	confidence	top1	p1	top2	p2
one	HAP	g1	-	SAD	0.665241	SAD	0.665241	HAP	0.244728" "the most probable first"
run 0 "--top of more than there are" nnpredict --top 9 a.bin x.tsr
is "$(columns 7-)" "top1 p1 top2 p2;HAP 0.731059 SAD 0.268941;SAD 0.731059 HAP 0.268941;HAP 0.500000 SAD 0.500000;" \
	"gives all of them"

# JSON
run 0 "--json" nnpredict --json a.bin x.tsr
is "$(cat out)" '{"key":"one","label":"HAP","group":"g1","start":null,"pred":"HAP","confidence":0.731059,"p":{"HAP":0.731059,"SAD":0.268941}}
{"key":"two","label":"HAP","group":null,"start":null,"pred":"SAD","confidence":0.731059,"p":{"HAP":0.268941,"SAD":0.731059}}
{"key":"three","label":null,"group":"g2","start":1.25,"pred":"HAP","confidence":0.500000,"p":{"HAP":0.500000,"SAD":0.500000}}' \
	"an object a line"
run 0 "--json --top" nnpredict --json --top 1 a.bin x.tsr
is "$(head -n 1 out | sed 's/.*"top"/"top"/')" '"top":[{"class":"HAP","p":0.731059}]}' "the top as a list"
stream odd.tsr <<'EOF'
T f32 2 1,0 key=a"b\c/é label=HAP start=soon
E
EOF
nnpredict --json a.bin odd.tsr >out
is "$(cut -d, -f1,4 out)" '{"key":"a\"b\\c/é","start":"soon"' "quotes and backslashes are escaped"

# Where pieces of a recording end
stream pieces.tsr <<'EOF'
T f32 2 1,0 key=one start=0.000 end=1.500
T f32 2 0,1 key=one start=1.500
E
EOF
run 0 "records with end=" nnpredict a.bin pieces.tsr
is "$(columns 1-7)" "key label group start end pred confidence;one - - 0.000 1.500 HAP 0.731059;one - - 1.500 - SAD 0.731059;" \
	"where the first record has end=, there is a column"
sed 's/one	-/one	HAP/' out | evalconf >evaluated 2>&1
ok $? "and evalconf reads it"
run 0 "as JSON" nnpredict --json a.bin pieces.tsr
is "$(cut -d, -f4-6 out | tr '\n' ';')" '"start":0,"end":1.5,"pred":"HAP";"start":1.5,"end":null,"pred":"SAD";' "and a member"
fails 2 "there is a column 'end' already" "so it cannot be asked for" nnpredict --columns end a.bin pieces.tsr
stream none.tsr <<'EOF'
E
EOF
run 0 "no records" nnpredict a.bin none.tsr
is "$(cat out)" "key	label	group	start	pred	confidence	p.HAP	p.SAD" "leave the header"

# Other names for the classes
printf '# shown\n\nHAP\tJoie\nSAD\tTristesse\nANG\tColère\nUNCERTAIN\tIncertain\nHAPPY\tJoie\n' >fr.tsv
run 0 "--labels" nnpredict --labels fr.tsv --threshold 0.6 a.bin x.tsr
is "$(cat out)" "key	label	group	start	pred	confidence	p.Joie	p.Tristesse
one	Joie	g1	-	Joie	0.731059	0.731059	0.268941
two	Joie	-	-	Tristesse	0.731059	0.268941	0.731059
three	-	g2	1.250	Incertain	0.500000	0.500000	0.500000" "renames answers, columns, truth and UNCERTAIN"
is "$(cat err)" "" "and has nothing to say"
run 0 "--labels --top" nnpredict --labels fr.tsv --top 1 three.bin x.tsr
is "$(columns 5,7 | cut -d ';' -f 2)" "Tristesse Tristesse" "renames the top"
run 0 "--labels --json" nnpredict --labels fr.tsv --json a.bin x.tsr
is "$(head -n 1 out)" '{"key":"one","label":"Joie","group":"g1","start":null,"pred":"Joie","confidence":0.731059,"p":{"Joie":0.731059,"Tristesse":0.268941}}' \
	"renames JSON's names"
run 0 "the French names that are shipped" nnpredict --labels "$root/pipelines/labels/fr.tsv" three.bin x.tsr
is "$(head -n 1 out | cut -f 7-)" "p.Colère	p.Joie	p.Tristesse" "know the corpora's codes"
nnpredict --labels "$root/pipelines/labels/fr.tsv" low.bin mel.tsr >out
is "$(columns 5)" "pred;Tristesse;Tristesse;Pas de parole;Pas de parole;Pas de parole;" "and NOSPEECH"
nnpredict --labels "$root/pipelines/labels/fr.tsv" --json low.bin mel.tsr >out
like "$(sed -n 5p out)" '"pred":"Pas de parole"' "in JSON, too"
printf 'SAD\tTriste\n' >some.tsv
nnpredict --labels some.tsv --threshold 0.6 a.bin x.tsr >out
is "$(columns 5) $(cut -f 2 out | tail -n 1)" "pred;HAP;Triste;UNCERTAIN; -" "a name without a line stays"
printf 'JOY\tJoie\n' >none.tsv
run 0 "a table of other classes" nnpredict --labels none.tsv a.bin x.tsr
is "$(cat err)" "nnpredict: none.tsv renames none of the model's classes" "is mentioned"
run 0 "quietly" nnpredict -q --labels none.tsv a.bin x.tsr
is "$(cat err)" "" "not"
# names TEXT REGEX NAME: a table that is refused.
names() {
	printf "$1" >bad.tsv
	fails 3 "^nnpredict: bad.tsv: $2" "$3" nnpredict --labels bad.tsv a.bin x.tsr
}
names 'HAP\tJoie\nHAP\tGaie\n' "line 2: 'HAP' has a line already$" "a name with two lines"
names 'HAP\tJoie\nSAD\tJoie\n' "'HAP' and 'SAD' would both be shown as 'Joie'$" "two classes under one name"
names 'HAP\tSAD\n' "'HAP' and 'SAD' would both be shown as 'SAD'$" "one under the other's"
names 'HAP\tUNCERTAIN\n' "'HAP' and 'UNCERTAIN' would both be shown as 'UNCERTAIN'$" "one under UNCERTAIN's"
names 'HAP\tNOSPEECH\n' "'HAP' and 'NOSPEECH' would both be shown as 'NOSPEECH'$" "one under NOSPEECH's"
names 'UNCERTAIN\t?\nNOSPEECH\t?\n' "'UNCERTAIN' and 'NOSPEECH' would both be shown as '[?]'$" "these two alike"
names 'HAP\tSAD\nSAD\tTriste\n' "'SAD' is shown for 'HAP', but 'Triste' is shown for it$" "a name shown and renamed"
names 'HAP\n' "line 1: a name, a tab and the name shown are required$" "a line without a tab"
names 'HAP\tJoie\tx\n' "line 1: a name, a tab and the name shown are required$" "a line of three"
names 'HAP\t\n' "line 1: '' cannot be the name of a class$" "an empty name"
names 'HAP\t-\n' "line 1: '-' cannot be the name of a class$" "a dash"
names 'HAP\t\xff\n' "line 1: name of a class: byte 1 is not UTF-8$" "a name that is not UTF-8"
fails 3 "^nnpredict: no.tsv: No such file" "no table" nnpredict --labels no.tsv a.bin x.tsr
fails 2 "tensor keeps the model's names" "--labels --tensor" nnpredict --labels fr.tsv --tensor a.bin x.tsr

# Metadata in columns
stream meta.tsr <<'EOF2'
T f32 2 1,0 key=one label=HAP sex=female gain=-3.5
T f32 2 0,1 key=two label=HAP
E
EOF2
run 0 "--columns" nnpredict --columns sex,gain a.bin meta.tsr
is "$(columns 1,7-)" "key p.HAP p.SAD sex gain;one 0.731059 0.268941 female -3.5;two 0.268941 0.731059 - -;" "are the last"
run 0 "with --top" nnpredict --top 1 --columns sex a.bin meta.tsr
is "$(columns 7-)" "top1 p1 sex;HAP 0.731059 female;SAD 0.731059 -;" "too"
nnpredict --json --columns gain,sex a.bin meta.tsr >out
is "$(sed 's/,"pred.*//' out)" '{"key":"one","label":"HAP","group":null,"start":null,"gain":"-3.5","sex":"female"
{"key":"two","label":"HAP","group":null,"start":null,"gain":null,"sex":null' "and in JSON"
for name in key pred p.HAP p p1 top top3 confidence protocol sex,sex; do
	fails 2 "^nnpredict: --columns: there is a column '${name##*,}' already" "--columns $name" nnpredict --columns $name a.bin x.tsr
done
for name in , a, 'a b' 'ä'; do
	fails 2 "^nnpredict: --columns: '.*' cannot be a metadata name" "--columns '$name'" nnpredict --columns "$name" a.bin x.tsr
done
fails 2 "tensor keeps all metadata" "--columns --tensor" nnpredict --tensor --columns sex a.bin x.tsr

# Tensor
nnpredict --tensor -o scores.tsr a.bin x.tsr
run 0 "--tensor is a whole stream" tsrdump --check scores.tsr
is "$(tsrdump --head scores.tsr | tr '\n' ' ')" "type=scores class=HAP class=SAD pg=melspec pg=nnpredict $(cat "$root/VERSION") temperature=none " \
	"of scores, with provenance"
is "$(tsrdump --tsv --columns key,label,start scores.tsr | wc -l)" 4 "with a record for each"
like "$(tsrdump --data scores.tsr)" '0.7310585[0-9]*[[:space:]]0.2689414' "in double precision"

# Several models
model b.bin 1 SAD,HAP 0,3,0,0
run 0 "--with" nnpredict --with b.bin a.bin x.tsr
is "$(columns 7-)" "p.HAP p.SAD;0.841816 0.158184;0.384471 0.615529;0.748764 0.251236;" \
	"means, classes found by their names"
run 0 "--with itself, twice" nnpredict --with a.bin --with a.bin a.bin x.tsr
is "$(columns 7)" "p.HAP;0.731059;0.268941;0.500000;" "is as alone"
model c.bin 1 HAP,JOY 1,0,0,1
fails 3 "c.bin: its class 'JOY' is none of a.bin's" "other classes" nnpredict --with c.bin a.bin x.tsr
fails 3 "three.bin: it has 3 classes, a.bin has 2" "more classes" nnpredict --with three.bin a.bin x.tsr
model d.bin 1 HAP,SAD 1,0,0,1 feature.mels=4
fails 3 "x.tsr: the features have no mels; d.bin was trained on mels=4" "each model's features are checked" nnpredict \
	--with d.bin a.bin x.tsr

# Inputs
nnpredict a.bin x.tsr >want
nnpredict a.bin - <x.tsr >got
same want got "a file and - give equal bytes"
# shellcheck disable=SC2002
cat x.tsr | nnpredict a.bin >got
same want got "a file and a pipe give equal bytes"
nnpredict -o got a.bin x.tsr
same want got "and -o"
cat x.tsr x.tsr | nnpredict a.bin >got
nnpredict a.bin x.tsr x.tsr >two
same two got "two segments: cat and two operands are the same"
is "$(grep -c key got) $(wc -l <got)" "1 7" "under one header"
{
	echo 'H type=mel hop=512'
	for ((i = 0; i < 300; i++)); do echo "T f32 2 noise:$i key=k$i"; done
	echo E
} | unit/maketsr many.tsr
nnpredict -j1 a.bin many.tsr >j1
nnpredict -j4 a.bin many.tsr >j4
same j1 j4 "1 thread equals 4"
is "$(cut -f 1 j4 | sed 1d | sort -V | cmp - <(cut -f 1 j4 | sed 1d) && wc -l <j4)" 301 "in the records' order"
fails 3 "empty input" "empty input" nnpredict a.bin /dev/null
fails 3 "No such file" "a missing stream" nnpredict a.bin nowhere.tsr
fails 3 "No such file" "a missing model" nnpredict nowhere.bin x.tsr
stream none.tsr <<<E
run 0 "no records" nnpredict a.bin none.tsr
is "$(wc -l <out)" 1 "a header alone"
size=$(wc -c <x.tsr) bad=0
for n in 1 4 5 6 7 8 12 16 24 32 40 64 100 128 150 168 200 256 300 $((size - 129)) $((size - 64)) $((size - 1)); do
	head -c "$n" x.tsr >cut.tsr
	nnpredict --tensor -o s.cut a.bin cut.tsr 2>/dev/null
	[ $? = 3 ] && [ ! -e s.cut ] || bad=$n
done
is $bad 0 "a stream cut anywhere is refused and leaves no output"
head -c $((size - 1)) x.tsr >cut.tsr
fails 3 "cut.tsr: byte [0-9]+: the stream is cut off" "a cut stream" nnpredict a.bin cut.tsr
is "$(wc -l <out)" 4 "what came before the cut is answered"
{ head -c 300 x.tsr && printf '\377' && tail -c +302 x.tsr; } >flip.tsr
fails 3 "flip.tsr: byte [0-9]+: " "a flipped byte" nnpredict a.bin flip.tsr
echo "H type=wave rate=22050
T f32 8 ramp key=a
E" | unit/maketsr wave.tsr
fails 3 "wave.tsr: this is a wave stream; a mel stream is expected" "a wave stream: both types are named" nnpredict a.bin wave.tsr
fails 3 "x.tsr: this is a mel stream; a model stream is expected" "a stream for a model" nnpredict x.tsr a.bin
echo "H type=mel hop=256
E" | unit/maketsr hop.tsr
fails 3 "hop.tsr: the features have hop=256; a.bin was trained on hop=512" "another setting is named" nnpredict a.bin hop.tsr
echo "H type=mel hop=512 trim=60
E" | unit/maketsr trim.tsr
fails 3 "trim=60; a.bin was trained on no trim" "a setting it did not have" nnpredict a.bin trim.tsr
for case in "shape is .3.; .2. is required|f32 3 ramp" "dtype is f64|f64 2 ramp" "NaN or infinite|f32 2 1,inf"; do
	printf 'T f32 2 ramp key=a\nT %s key=b\nT f32 2 ramp key=c\nE\n' "${case#*|}" | stream bad.tsr
	fails 3 "bad.tsr: record 2 \(b\): .*${case%|*}" "a record: ${case%|*}" nnpredict a.bin bad.tsr
done
fails 3 "record 2" "and it is the only message with -j4" nnpredict -j4 a.bin bad.tsr
run 0 "--skip-bad" nnpredict --skip-bad 1 a.bin bad.tsr
is "$(columns 1) $(wc -l <err)" "key;a;c; 2" "passes over one, names it and counts it"
run 4 "/dev/full" nnpredict a.bin x.tsr -o /dev/full
run 4 "/dev/full, tensor" nnpredict --tensor a.bin x.tsr -o /dev/full
fails 3 "cut off" "a stage upstream that failed" bash -c 'head -c 500 x.tsr | nnpredict a.bin -o p.cut'
[ ! -e p.cut ]
ok $? "leaves no output"

# As they come: the second record is sent only once the first is answered.
{ head -n 1 | unit/maketsr; } <<<'H type=mel hop=512' >part.1
printf 'H type=mel hop=512\nT f32 2 1,0 key=now\n' | unit/maketsr part.2
printf 'H type=mel hop=512\nT f32 2 1,0 key=now\nT f32 2 0,1 key=then\nE\n' | unit/maketsr part.3
mkfifo go
{
	cat part.2
	read -r _ <go
	tail -c +$(($(wc -c <part.2) + 1)) part.3
} | nnpredict -j4 a.bin | {
	read -r -t 20 header && read -r -t 20 line
	echo >go
	cat >later
	echo "${header%%	*} ${line%%	*}"
} >live
is "$(cat live) $(cut -f 1 later)" "key now then" "a record in, its line out"

# Models
fails 3 "the model.s net" "a model without a net" nnpredict <(echo "H type=model format=1
E" | unit/maketsr) x.tsr
fails 3 "the model's class list is missing" "a model without classes" nnpredict <(printf 'H\ttype=model\tnet=relu\tinput=2\nE\n' |
	unit/maketsr) x.tsr
fails 3 "the model's input shape is missing" "a model without a shape" nnpredict <(printf 'H\ttype=model\tnet=relu\tclass=A\nE\n' |
	unit/maketsr) x.tsr
fails 3 "a class has no name" "a class without a name" nnpredict <(printf 'H\ttype=model\tnet=relu\tclass=\tinput=2\nE\n' |
	unit/maketsr) x.tsr
for shape in '' 0 -1 2, ,2 2x 1.5 1e10 nan 2,,3 2,0 1,1,1,1,1,1,1,1,1,1; do
	fails 3 "input '$shape' is not a shape" "an input shape '$shape'" nnpredict <(printf 'H\ttype=model\tnet=relu\tclass=A\tinput=%s\nE\n' \
		"$shape" | unit/maketsr) x.tsr
done
for t in nan inf -1 1x ''; do
	model bad.bin "$t" HAP,SAD 1,0,0,1
	fails 3 "bad.bin: temperature '$t' is not a positive number" "a temperature '$t'" nnpredict bad.bin x.tsr
done
for t in nan -inf 0.5x ''; do
	model bad.bin 1 HAP,SAD 1,0,0,1 "threshold=$t"
	fails 3 "bad.bin: threshold '$t' is neither" "a threshold '$t'" nnpredict bad.bin x.tsr
done
model bad.bin 0 HAP,SAD 1,0,0,1
fails 3 "bad.bin: temperature '0'" "a temperature of zero" nnpredict bad.bin x.tsr
model bad.bin 1 HAP,HAP 1,0,0,1
fails 3 "bad.bin: class 'HAP' appears twice" "a class twice" nnpredict bad.bin x.tsr
model bad.bin 1 HAP,SAD 1,0,0,1 format=2
fails 3 "bad.bin: model format '2'" "an unknown format" nnpredict bad.bin x.tsr
cat a.bin a.bin >bad.bin
fails 3 "more than one model" "two models in a file" nnpredict bad.bin x.tsr
head -c 500 a.bin >bad.bin
fails 3 "bad.bin: byte [0-9]+: the stream is cut off" "a model cut off" nnpredict bad.bin x.tsr
by_hand() {
	{
		printf 'H\ttype=model\tformat=1\tnet=%s\tclass=HAP\tclass=SAD\tfeature.type=mel\tfeature.hop=512\tinput=2\n' "$1"
		printf '%b\nE\n' "$2"
	} | unit/maketsr bad.bin
}
by_hand 'dense classes' 'T\tf32\t2,2\tramp\tkey=01.dense/kernel'
fails 3 "bad.bin: the model's weight 01.dense/bias is missing" "a weight missing" nnpredict bad.bin x.tsr
by_hand 'dense classes' 'T\tf32\t2,2\tramp\tkey=01.dense/kernel\nT\tf32\t3\tramp\tkey=01.dense/bias'
fails 3 "01.dense/bias is not shaped" "a weight of another shape" nnpredict bad.bin x.tsr
by_hand 'dense classes' 'T\tf32\t2,2\tramp\tkey=w\nT\tf32\t3\tramp\tkey=w'
fails 3 "holds 'w' twice" "a weight twice" nnpredict bad.bin x.tsr
by_hand 'dense 5' 'T\tf32\t2,5\tramp\tkey=01.dense/kernel\nT\tf32\t5\tramp\tkey=01.dense/bias'
fails 3 "5 outputs, but there are 2 classes" "a net for other classes" nnpredict bad.bin x.tsr
by_hand 'dense classes' 'T\tf32\t2,2\tnan\tkey=01.dense/kernel\nT\tf32\t2\tramp\tkey=01.dense/bias'
fails 3 "record 1 \(one\): bad.bin's output is not a number" "weights that are no numbers" nnpredict bad.bin x.tsr
# One linear output is the class's number: 0.25 lies nearest to the first.
by_hand 'dense 1' 'T\tf32\t2,1\t0.25,0.75\tkey=01.dense/kernel\nT\tf32\t1\t0\tkey=01.dense/bias'
run 0 "one output" nnpredict bad.bin x.tsr
is "$(columns 5-)" "pred confidence p.HAP p.SAD;HAP 0.750000 0.750000 0.250000;SAD 0.750000 0.250000 0.750000;SAD 1.000000 0.000000 1.000000;" \
	"the nearest class, by nearness"

# Tiny records are handed out by the dozen: same bytes and messages, and bad records,
# heads, large records and a cut in the midst of a dozen are where they were.
rows() { # FIRST LAST
	awk -v a="$1" -v b="$2" 'BEGIN { for (i = a; i <= b; i++)
		printf "T f32 %s %d,1 key=k%d\n", i % 700 == 0 ? "3" : "2", i % 5, i }'
}
rows 1 2500 | { cat; echo E; } | stream one.tsr
rows 2501 4000 | { cat; echo E; } | stream two.tsr
for i in $(seq 40); do echo "T f32 $((i % 8 == 0 ? 70000 : 2)) noise:$i key=n$i"; done | { cat; echo E; } | stream mixed.tsr
cat one.tsr two.tsr mixed.tsr >all.tsr
for j in 1 2 4; do
	run 0 "-j$j" nnpredict -j$j --skip-bad 12 -o j$j.tsv a.bin all.tsr
	mv err err$j
done
is "$(wc -l <j1.tsv) $(grep -c skipped err1)" "4031 10" "5 bad ones of 4000, 5 of 40"
for j in 2 4; do
	same j1.tsv j$j.tsv "-j$j: the same predictions"
	same err1 err$j "and messages"
done
fails 3 "one.tsr: record 700 \(k700\): its shape is" "the first bad one ends it" nnpredict -j4 a.bin one.tsr
head -c 300000 one.tsr >cut.tsr
run 3 "a cut" nnpredict -j4 --skip-bad 10 a.bin cut.tsr
like "$(tail -n 1 err)" "cut.tsr: byte [0-9]+: the stream is cut off" "is said, after the bad records before it"
rows 10001 70000 | { cat; echo E; } | stream many.tsr
cpu() { # seconds of processor time, which other work here hardly changes
	TIMEFORMAT='%U %S'
	{ time nnpredict -q -j"$1" --skip-bad 100 a.bin many.tsr >/dev/null 2>&1; } 2>&1 | awk '{ print $1 + $2 }'
}
one=$(cpu 1)
two=$(cpu 2)
is "$(awk -v a="$one" -v b="$two" 'BEGIN { print (b < 2 * a + 0.05) }')" 1 "-j2 takes $two s of a processor where -j1 takes $one s"

# As many classes as a head has room for: none is looked for among all others.
model many.bin 1 "$(seq -s , 60000)" 0,1,0.5,0.25
run 0 "60,000 classes" timeout 20 nnpredict -j2 --top 3 many.bin x.tsr
is "$(cut -f 1,5,7,9,11 out | sed -n 2p)" $'one\tUNCERTAIN\t2\t6\t10' \
	"the first of equals"
for i in 1 2 3 4; do echo "T f32 2 $i,1 key=n$i label=$i"; done | { cat; echo E; } | stream number.tsr
run 0 "begin a training" timeout 20 nntrain -q -j1 --init many.bin --epochs 1 -o m number.tsr

# The commonest mistakes: what to type.
printf 'H type=table\nT f32 2 1,2 key=a label=HAP\nE\n' | unit/maketsr table.tsr
printf 'flatten\ndense classes\nsoftmax\n' >flat.net
fails 3 "^nnpredict: x.tsr: this is a mel stream; a model stream is expected first: nnpredict a.bin x.tsr$" \
	"model and stream swapped" nnpredict x.tsr a.bin
fails 3 "expected first: nnpredict MODEL x.tsr$" "the model on standard input" nnpredict x.tsr <a.bin
"$BUILD/unit/mkaudio" x.wav wav 22050 1 2000
fails 3 "^nnpredict: x.wav: this is a WAV recording.*; the model comes first: nnpredict a.bin$" "sound before the model" \
	nnpredict x.wav a.bin
fails 3 "^nnpredict: flat.net: .*; nntrain --net flat.net makes a model$" "layers for a model" nnpredict flat.net x.tsr
fails 3 "^nnpredict: a.bin: this is a model stream; a mel stream is expected; a second model is given with --with$" \
	"a model for a stream" nnpredict a.bin a.bin
fails 3 "^nnpredict: table.tsr: this is a table stream; a mel stream is expected; a.bin is for sound: wavnorm --like a.bin ... \| melspec --like a.bin makes its features$" \
	"a table for sound" nnpredict a.bin table.tsr
{
	printf 'H\ttype=model\tformat=1\tnet=dense classes\tnet=softmax\tclass=HAP\tclass=SAD\tfeature.type=table\tinput=2\n'
	printf 'T\tf32\t2,2\tramp\tkey=01.dense/kernel\nT\tf32\t2\tramp\tkey=01.dense/bias\nE\n'
} | unit/maketsr rows.bin
run 0 "a model of tables" nnpredict rows.bin table.tsr
fails 3 "^nnpredict: x.tsr: this is a mel stream; a table stream is expected; rows.bin is for tables: csvprep --apply STATE makes its features$" \
	"sound for a table" nnpredict rows.bin x.tsr
fails 3 "^nnpredict: nosuch: No such file, nor nosuch.bin, here .*nntrain makes models" "no model of that name" nnpredict nosuch x.tsr

# Digital silence, to models that have learnt no floors: from frames that are all the same.
{
	printf 'H\ttype=model\tformat=1\tnet=globalavgpool\tnet=dense classes\tnet=softmax\tclass=HAP\tclass=SAD\tfeature.type=lld\tinput=*,2\n'
	printf 'T\tf32\t2,2\tramp\tkey=02.dense/kernel\nT\tf32\t2\tramp\tkey=02.dense/bias\nE\n'
} | unit/maketsr lld.bin
printf 'H\ttype=lld\nT\tf32\t3,2\t1,2,1,2,1,2\tkey=still\nT\tf32\t3,2\t1,2,1,2,1,3\tkey=moves\nT\tf32\t1,2\t1,2\tkey=one\nE\n' | unit/maketsr lld.tsr
run 0 "silence" nnpredict lld.bin lld.tsr
is "$(cut -f 1,5 out | paste -sd ' ')" $'key\tpred still\tNOSPEECH moves\tSAD one\tSAD' "is no speech, where nothing moves"
is "$(nnpredict --check-speech no lld.bin lld.tsr | cut -f 5 | paste -sd ' ')" 'pred SAD SAD SAD' "--check-speech no lets it pass"
head -c 64000 /dev/zero | wavnorm --raw s16le,16000 --like ravdess -o wave.tsr -
descriptors --like ravdess --beside row wave.tsr | functionals --like ravdess --beside row -o row.tsr
is "$(descriptors --like ravdess wave.tsr | nnpredict --beside row=row.tsr ravdess | cut -f 5 | tail -n 1)" \
	NOSPEECH "to the model that comes with the programs, too"
finish
