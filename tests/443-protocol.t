#!/bin/bash
# nnpredict: what is known of the speakers is written with the predictions.
. "${0%/*}/lib.sh"
maketsr() { "$BUILD/unit/maketsr" "$@"; }

# model FILE TYPE HEAD...: softmax(x) of two inputs.
model() {
	local file=$1 type=$2
	shift 2
	{
		printf 'H\ttype=model\tformat=1\tnet=dense classes\tnet=softmax\tclass=HAP\tclass=SAD\tfeature.type=%s' "$type"
		printf '\t%s' "$@" input=2
		printf '\nT\tf32\t2,2\t1,0,0,1\tkey=01.dense/kernel\nT\tf32\t2\t0\tkey=01.dense/bias\nE\n'
	} | maketsr "$file"
}
model cmvn.bin table 'feature.cmvn=group limit=5'
model plain.bin mel temperature=1
printf 'H\ttype=table\tcmvn=group limit=5\n%s\nE\n' "$(printf 'T\tf32\t2\t1,0\tkey=%s\tlabel=HAP\tgroup=g\tenrolled=%s\n' a 10 b 10 c 0)" |
	maketsr x.tsr
printf 'H\ttype=mel\n%s\nE\n' "$(printf 'T\tf32\t2\t1,0\tkey=%s\tlabel=HAP\tgroup=g\n' a b c)" | maketsr mel.tsr

run 0 "features standardised by speaker" nnpredict --columns enrolled cmvn.bin x.tsr
is "$(cut -f 1,9- out | tr '\t' ' ')" "key protocol enrolled
a enrolled 10 10
b enrolled 10 10
c alone 0" "say what was known"
cp out out.tsv
fails 3 "evalconf: out.tsv: line 4: the speaker is alone, those before are enrolled" "evalconf does not mix them" \
	evalconf out.tsv
nnpredict cmvn.bin x.tsr | evalconf --mixed-protocols --by protocol >out 2>err
is "$(sed -n '/^by/,/^$/p' out | cut -c 1-11 | sed 's/ *$//' | tr '\n' ';')" "by protocol;alone;enrolled 10;;" "but for asking"
nnpredict --json cmvn.bin x.tsr >out
is "$(sed -n 's/.*"start":null,\("protocol":"[^"]*"\),"pred.*/\1/p' out | tr '\n' ';')" \
	'"protocol":"enrolled 10";"protocol":"enrolled 10";"protocol":"alone";' "JSON has it, too"
run 0 "of two models one" nnpredict --with cmvn.bin=x.tsr plain.bin mel.tsr
is "$(cut -f 9 out | tr '\n' ';')" "protocol;enrolled 10;enrolled 10;alone;" "is enough"
run 0 "no such features" nnpredict plain.bin mel.tsr
is "$(sed -n 1p out | cut -f 7-)" "p.HAP	p.SAD" "no such column"
fails 3 "mel.tsr: this is a mel stream" "features that are not standardised" nnpredict cmvn.bin mel.tsr
printf 'H\ttype=table\nT\tf32\t2\t1,0\tkey=a\nE\n' | maketsr raw.tsr
fails 3 "raw.tsr: the features have no cmvn; cmvn.bin was trained on cmvn=group limit=5; cmvn --like cmvn.bin makes such" "are refused" nnpredict cmvn.bin raw.tsr
finish
