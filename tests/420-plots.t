#!/bin/bash
# plots: gnuplot's scripts make SVG of what the programs write, without a word.
. "${0%/*}/lib.sh"
need_tools gnuplot
plots=$root/pipelines/plot

# draw SCRIPT SETTINGS NAME: runs it, and wants a whole SVG and no message.
draw() {
	run 0 "$3" gnuplot -e "output='x.svg'; $2" "$plots/$1"
	is "$(cat out err)" "" "$3: not a word"
	is "$(head -n 1 x.svg | cut -c 1-19) $(grep -c '^</svg>$' x.svg)" '<?xml version="1.0" 1' "$3: a whole SVG"
}

# texts: the text of x.svg, a line each.
texts() {
	sed -n 's/.*<text>\(.*\)<\/text>.*/\1/p' x.svg
}

printf 'label\tpred\nColère\tColère\nColère\tColère\nColère\tIn_different\nIn_different\tUNCERTAIN\n' |
	evalconf -q --confusion m.tsv >out
draw confusion.gp "input='m.tsv'; title='A & B'" "confusion"
is "$(texts | sort -u | tr '\n' '|')" \
	'% of the true class, number of records below|0|0 %|1|100 %|2|33 %|67 %|A &amp; B|Colère|In_different|UNCERTAIN|predicted class|true class|' \
	"confusion: its names and figures"

{
	printf 'epoch\tloss\taccuracy\tval_loss\tval_accuracy\tval_uar\trate\tseconds\tbest\n'
	printf '1\t2\t0.1\t2\t0.1\t0.1\t0.1\t1\t1\n2\t1\t0.5\t1.5\t0.4\t0.4\t0.1\t1\t1\n3\t1\t0.6\t1.7\t0.5\t0.5\t0.1\t1\t0\n'
} >h.tsv
cut -f 1-3,7- h.tsv | awk -F '\t' -v OFS='\t' '{ v = NR == 1 ? "val_loss\tval_accuracy\tval_uar" : "-\t-\t-"
	print $1, $2, $3, v, $4, $5, NR == 1 ? $6 : 0 }' >h2.tsv
head -n 2 h.tsv >h3.tsv
mkdir d && cp h.tsv d/other.tsv
draw history.gp "input='h.tsv'" "one history"
is "$(texts | grep -x 'h\|training\|validation\|best epoch' | tr '\n' '|')" "h|training|validation|best epoch|" "its key"
draw history.gp "input='h2.tsv'" "a history without validation"
is "$(texts | grep -c 'validation\|best')" 0 "nor a word of it in the key"
draw history.gp "input='h3.tsv'" "a history of one epoch"
draw history.gp "input='d/other.tsv h.tsv'" "two histories"
is "$(texts | grep -x 'h\|other' | tr '\n' '|')" "other|h|" "named as their files"
draw history.gp "input='d/other.tsv h.tsv'; names='a b'; title='T'" "two histories with names"
is "$(texts | grep -x 'a\|b\|T' | tr '\n' '|')" "T|a|b|" "which are used"

{
	printf 'low\thigh\trecords\tconfidence\taccuracy\n'
	printf '0\t0.5\t0\t-\t-\n0.5\t1\t10\t0.75\t0.5\n'
} >b.tsv
draw reliability.gp "input='b.tsv'; title='A & B'" "reliability"
is "$(texts | grep -x 'A &amp; B\|expected.*\|bins\|records' | tr '\n' '|')" \
	"A &amp; B|expected calibration error 25.0 % of 10 records|bins|records|" "its error, over what is not empty"
sed '3s/10\t0.75\t0.5/0\t-\t-/' b.tsv >b0.tsv
draw reliability.gp "input='b0.tsv'" "reliability of nothing"

printf 'threshold\trecords\tcoverage\trisk\tgeneralised_risk\n0.9\t1\t0.5\t0\t0\n0.4\t2\t1\t0.5\t0.5\n' >k.tsv
cp k.tsv d/k.tsv
draw risk.gp "input='k.tsv'" "a risk-coverage curve"
draw risk.gp "input='k.tsv d/k.tsv'; names='a b'; target=0.3; title='T'" "two of them and a target"
is "$(texts | grep -x 'a\|b\|T\|target' | tr '\n' '|')" "T|a|b|target|" "named"

printf 'net\ttraining\tuar\tuar_low\tuar_high\ncnn1d\tplain\t0.5\t0.4\t0.6\ncrnn\tx3\t0.75\t-\t-\n' >r.tsv
draw results.gp "input='r.tsv'; chance=0.125" "results"
is "$(texts | grep -x '50.0\|75.0\|cnn1d, plain\|crnn, x3\|chance' | sort | tr '\n' '|')" \
	"50.0|75.0|chance|cnn1d, plain|crnn, x3|" "results: names and figures"
is "$(texts | grep -x 'plain\|x3' | tr '\n' ' ')" "plain x3 " "a legend for the colours"
cut -f 1,3- r.tsv | sed '1s/uar/accuracy/g' >a.tsv
draw results.gp "input='a.tsv'; value='accuracy'; what='accuracy (%)'" "other columns"
sed 's/x3/plain/' r.tsv >a1.tsv
draw results.gp "input='a1.tsv'" "one training"
is "$(texts | grep -cx 'plain')" 0 "and none for one colour"

printf 'a\tb\n0.25\t0.75\n0.5\t0.5\n1\t0\n' >p.tsv
printf '0\t2\n2\t1\n' >w.tsv
draw time.gp "input='p.tsv'; answers='w.tsv'; first=1; step=1; end=3.2" "probabilities over time"
is "$(texts | grep -x ' [0-9.]*' | sort -g | tr -d '\n')" " 0 0.5 1 1.5 2 2.5 3 20 40 60 80 100" "end where the recording does"

finish
