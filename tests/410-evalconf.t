#!/bin/bash
# evalconf: figures of tables worked by hand, its input's defects, its outputs.
. "${0%/*}/lib.sh"

tab=$'\t'
header="key${tab}label${tab}group${tab}start${tab}pred${tab}confidence${tab}p.ANG${tab}p.HAP${tab}p.SAD"

# lines N TRUTH PRED P P P: N records, of two speakers in turn.
lines() {
	for ((i = 0; i < $1; i++)); do
		printf 'k%d\t%s\ts%d\t-\t%s\t0\t%s\t%s\t%s\n' $i "$2" $((i % 2)) "$3" "$4" "$5" "$6"
	done
}

# cell TABLE METRIC CLASS: the value of evalconf --tsv.
cell() {
	awk -F '\t' -v m="$2" -v c="$3" '$1 == m && $2 == c { print $3 }' "$1"
}

# The table of tests/unit/metrics.c: 20 records, 13 right, 4 refused.
#         answer  ANG HAP SAD
# truth ANG        5   2   1      both of ANG as HAP refused
#       HAP        1   3   0      the one of HAP as ANG refused
#       SAD        2   1   5      one of SAD as SAD refused
{
	echo "$header"
	lines 5 ANG ANG 0.6 0.3 0.1
	lines 2 ANG UNCERTAIN 0.33 0.35 0.32
	lines 1 ANG SAD 0.2 0.2 0.6
	lines 1 HAP UNCERTAIN 0.39 0.31 0.3
	lines 3 HAP HAP 0 1 0
	lines 2 SAD ANG 0.500000 0.4 0.1
	lines 1 SAD HAP 0.1 0.8 0.1
	lines 4 SAD SAD 1e-1 .2 0.7
	lines 1 SAD UNCERTAIN 0.3 0.32 0.38
} >p.tsv
# 3 of ANG as such, the one of HAP as ANG, none of SAD.
{ echo "$header" && lines 3 ANG ANG 0.6 0.3 0.1 && lines 1 HAP ANG 0.6 0.3 0.1; } >rare.tsv
run 0 "a class of one record and one of none" evalconf --bootstrap 0 rare.tsv
is "$(grep -E 'chance|accuracy +[0-9]|UAR|^(ANG|HAP|SAD) .*\.' out | sed 's/  */ /g; s/ $//')" '4 records, 2 speakers, 3 classes (chance UAR 0.5000)
accuracy 0.7500
UAR (mean recall) 0.5000
covered accuracy 0.7500
ANG 0.7500 1.0000 0.8571 3
HAP 0.0000 0.0000 0.0000 1
SAD 0.0000 0.0000 0.0000 0' "by hand"
run 0 "a table with probabilities" evalconf --tsv p.tsv
mv out p.out
figures=
for m in records speakers skipped accuracy uar f1_macro f1_weighted coverage covered_accuracy; do
	figures+="$m $(cell p.out $m -)"$'\n'
done
is "$figures" 'records 20
speakers 2
skipped 0
accuracy 0.65
uar 0.666666666667
f1_macro 0.646428571429
f1_weighted 0.655714285714
coverage 0.8
covered_accuracy 0.75
' "figures over all classes"
for c in ANG HAP SAD; do
	classes="${classes-}$c $(cell p.out precision $c) $(cell p.out recall $c) $(cell p.out f1 $c) $(cell p.out support $c)"$'\n'
done
is "$classes" 'ANG 0.625 0.625 0.625 8
HAP 0.5 0.75 0.6 4
SAD 0.833333333333 0.625 0.714285714286 8
' "figures of each class"
is "$(sed -n 's/^confusion\t\([^\t]*\)\t\([^\t]*\).*/\1=\2/p' p.out | tr '\n' ' ')" \
	'ANG/ANG=5 ANG/HAP=2 ANG/SAD=1 HAP/ANG=1 HAP/HAP=3 HAP/SAD=0 SAD/ANG=2 SAD/HAP=1 SAD/SAD=5 ' "confusion"
is "$(awk -F '\t' 'NF != 5' p.out)" "" "five columns everywhere"
is "$(awk -F '\t' '$1 == "uar" { print ($4 < $3 && $3 < $5) }' p.out)" 1 "an interval around UAR"

# Ways in.
evalconf --tsv - <p.tsv >out
same out p.out "- is standard input"
tail -n +1 p.tsv | evalconf --tsv >out
same out p.out "so is no operand"
head -n 8 p.tsv >a.tsv
{ echo "$header" && tail -n +9 p.tsv; } >b.tsv
evalconf --tsv a.tsv b.tsv >out
same out p.out "two files are as one"
cat a.tsv b.tsv | evalconf --tsv >out
same out p.out "also put together by cat, with both headers"
awk -F '\t' -v OFS='\t' '{ print $9, $2, $7, $3, $5, $8 }' b.tsv >other.tsv
evalconf --tsv a.tsv other.tsv >out
same out p.out "columns in another order, some left out"
sed 's/$/\r/' p.tsv | evalconf --tsv >out
same out p.out "lines that end with CRLF"
{ echo "$header" && tail -n +2 p.tsv | sort -r; } | evalconf --tsv >out
same out p.out "the order of records does not matter"
{ cat p.tsv && tail -n +2 p.tsv; } | evalconf --tsv --bootstrap 0 >out
is "$(cell out records -) $(cell out uar -)" "40 0.666666666667" "the same keys twice, as windows have"

# The answer and its corner cases.
printf '%s\nk\tHAP\ts\t-\tUNCERTAIN\t0\t0.3\t0.35\t0.35\n' "$header" | evalconf -q --tsv >out
is "$(cell out confusion HAP/HAP)" 1 "of equal probabilities the first class counts"
printf '%s\nk\tHAP\ts\t-\tSAD\t0\t0.3\t0.35\t0.35\n' "$header" | evalconf -q --tsv >out
is "$(cell out confusion HAP/SAD)" 1 "unless pred is one of them"
printf 'label\tpred\nb\ta\na\ta\nb\tUNCERTAIN\nb\tb\n' >bare.tsv
run 0 "label and pred alone" evalconf -q --tsv bare.tsv
is "$(cell out uar -) $(cell out accuracy -) $(cell out covered_accuracy -)" "0.666666666667 0.5 0.666666666667" \
	"UNCERTAIN without a class is wrong"
is "$(cell out confusion b/UNCERTAIN) $(cell out confusion a/UNCERTAIN)" "1 0" "and has a column"
printf 'label\tpred\ttop1\tp1\ttop2\tp2\nb\tUNCERTAIN\tb\t.3\ta\t.2\na\ta\ta\t.9\tb\t.1\n' | evalconf -q --tsv >out
is "$(cell out uar -) $(cell out coverage -)" "1 0.5" "the output of nnpredict --top"
printf 'label\tp.a\tp.b\na\t0.3\t0.7\n' | evalconf -q --tsv >out
is "$(cell out coverage -) $(cell out accuracy -) $(cell out speakers -)" "1 0 0" "neither pred nor group"
is "$(awk -F '\t' '$1 == "precision" && $2 == "a" { print $3, $4, $5 }' out)" "0 - -" \
	"precision of a class never answered: 0, without interval"
printf 'label\tpred\na\tUNCERTAIN\n' | evalconf -q --tsv >out
is "$(cell out coverage -) $(cell out covered_accuracy -)" "0 -" "nothing covered"

# Other names for the classes, by evalconf or before it.
printf 'ANG\tColère\nHAP\tJoie\nSAD\tTristesse\nUNCERTAIN\tIncertain\n' >fr.tsv
run 0 "--labels" evalconf --tsv --labels fr.tsv p.tsv
mv out fr.out
sed 's/ANG/Colère/g; s/HAP/Joie/g; s/SAD/Tristesse/g' p.out >out
same fr.out out "the same figures under other names"
sed 's/ANG/Colère/g; s/HAP/Joie/g; s/SAD/Tristesse/g; s/UNCERTAIN/Incertain/g' p.tsv >fr.tsv.tsv
evalconf --tsv --labels fr.tsv fr.tsv.tsv >out
same out fr.out "what has these names already"
cat p.tsv fr.tsv.tsv | evalconf --tsv --bootstrap 0 --labels fr.tsv >out
is "$(cell out records -) $(cell out coverage -) $(cell out uar -)" "40 0.8 0.666666666667" "both together"
fails 3 "pred 'Incertain' is none of the classes" "without the names Incertain is unknown" evalconf fr.tsv.tsv
printf 'label\tpred\na\tUNCERTAIN\na\tb\nb\tIncertain\n' | evalconf -q --tsv --labels fr.tsv >out
is "$(cell out confusion a/Incertain) $(cell out confusion b/Incertain) $(cell out coverage -)" "1 1 0.333333333333" \
	"without probabilities"
printf 'ANG\tColère\nHAP\tColère\n' >bad.tsv
fails 3 "^evalconf: p.tsv: line 1: two classes would be shown as 'Colère'$" "two classes under one name" \
	evalconf --labels bad.tsv p.tsv
printf 'ANG\tUNCERTAIN\n' >bad.tsv
fails 3 "^evalconf: p.tsv: line 1: 'UNCERTAIN' cannot be the name of a class$" "one under UNCERTAIN's" \
	evalconf --labels bad.tsv p.tsv
fails 3 "^evalconf: no.tsv: No such file" "no table" evalconf --labels no.tsv p.tsv

# Calibration: the four records of tests/unit/calibration.c.
printf 'label\tgroup\tpred\tp.a\tp.b\n' >four.tsv
printf '%s\n' a,x,a,0.9,0.1 a,y,UNCERTAIN,0.8,0.2 b,x,NOSPEECH,0.8,0.2 b,y,a,0.6,0.4 | tr , '\t' >>four.tsv
run 0 "probabilities" evalconf --tsv --bins 5 --target-risk 0.4 --reliability rel.tsv --risk-coverage curve.tsv four.tsv
is "$(for m in coverage log_loss brier ece aurc augrc; do echo "$(cell out $m -)"; done | tr '\n' ' ')" \
	'0.5 0.71355817782 0.525 0.325 0.291666666667 0.15625 ' "log loss, Brier score, calibration error, AURC, AUGRC"
is "$(awk -F '\t' '$1 == "log_loss" { print ($4 < $3 && $3 < $5) }' out)" 1 "with intervals"
is "$(cell out target_threshold -) $(cell out target_coverage -) $(cell out target_realised -)" \
	"0.8 0.75 0.333333333333" "--target-risk"
is "$(cell out bin_records 0.6-0.8) $(cell out bin_confidence 0.6-0.8) $(cell out bin_accuracy 0.6-0.8)" "2 0.8 0.5" "a bin"
is "$(cell out bin_records 0-0.2) $(cell out bin_accuracy 0-0.2)" "0 -" "an empty one"
is "$(cell out coverage_threshold 0.5) $(cell out coverage_risk 0.5)" "0.8 0.333333333333" "the curve at a coverage of a half"
is "$(tr '\t\n' ' ;' <rel.tsv)" \
	'low high records confidence accuracy;0 0.2 0 - -;0.2 0.4 0 - -;0.4 0.6 1 0.6 0;0.6 0.8 2 0.8 0.5;0.8 1 1 0.9 1;' "--reliability"
is "$(tr '\t\n' ' ;' <curve.tsv)" \
	'threshold records coverage risk generalised_risk;0.9 1 0.25 0 0;0.8 3 0.75 0.333333333333 0.25;0.6 4 1 0.5 0.5;' \
	"--risk-coverage"
evalconf --target-risk 0.4 four.tsv >out
like "$(cat out)" $'\nBrier score         0\\.5250 .*\n0\\.7333 to 0\\.8000        2  0\\.8000    0\\.5000\n' "text: figures and bins"
like "$(cat out)" $'\n  0\\.7500   0\\.800000  0\\.3333\n.*\na risk of at most 0\\.4: threshold 0\\.800000, coverage 0\\.7500, risk 0\\.3333\n' \
	"the curve, and the threshold"
sed '2d' four.tsv | evalconf -q --target-risk 0.1 >out
like "$(cat out)" $'\na risk of at most 0\\.1: no threshold keeps it\n' "unless there is none"
is "$(grep -c 'log_loss\|ece\|^bin' <(evalconf -q --tsv bare.tsv))" 0 "nothing of it without probabilities"
for o in "--target-risk 0.3" "--reliability x.tsv" "--risk-coverage x.tsv"; do
	# shellcheck disable=SC2086
	fails 3 "^evalconf: without p\. columns there is" "$o without them" evalconf $o bare.tsv
done
printf 'label\tpred\nb\tNOSPEECH\na\tb\n' | evalconf -q --tsv >out
is "$(cell out coverage -) $(cell out confusion b/UNCERTAIN)" "0.5 1" "NOSPEECH is a refusal, too"
fr=$root/pipelines/labels/fr.tsv
printf 'label\tpred\nNeutre\tPas de parole\nHAP\tNOSPEECH\nJoie\tIncertain\nNEU\tneutral\n' |
	evalconf -q --tsv --labels "$fr" >out
is "$(cell out coverage -) $(cell out confusion Joie/Incertain) $(cell out confusion Neutre/Incertain)" "0.25 2 1" \
	"also by its French name"
sed 's/NOSPEECH/Pas de parole/' four.tsv | evalconf --tsv --bins 5 --labels "$fr" >fr.four
evalconf --tsv --bins 5 four.tsv >out
same fr.four out "and beside probabilities"
printf 'a\tPas de parole\n' | cat "$fr" - >bad.tsv
fails 3 "^evalconf: four.tsv: line 1: 'Pas de parole' cannot be the name of a class$" "one under NOSPEECH's" \
	evalconf --labels bad.tsv four.tsv

# Speakers.
run 0 "speakers known" evalconf p.tsv
is "$(cat err)" "" "nothing to say then"
like "$(cat out)" 'bootstrap, 1000 resamples of 2 speakers, seed 0$' "the text says what was drawn"
awk -F '\t' -v OFS='\t' 'NR > 1 { $3 = "-" } 1' p.tsv >none.tsv
run 0 "no speakers" evalconf none.tsv
is "$(cat err)" "evalconf: no speakers are known: the intervals come from resampling records, and may be too narrow" "is said"
like "$(cat out)" 'resamples of 20 records, seed 0$' "in the text too"
awk -F '\t' -v OFS='\t' 'NR > 1 { $3 = "x" } 1' p.tsv >one.tsv
run 0 "one speaker" evalconf --tsv one.tsv
like "$(cat err)" "^evalconf: only one speaker is known: " "is said"
is "$(cell out resamples records)" 1000 "and stands in the table"
awk -F '\t' -v OFS='\t' 'NR == 5 { $3 = "" } 1' p.tsv >some.tsv
run 0 "one record without a speaker" evalconf some.tsv
like "$(cat err)" "^evalconf: 1 records? " "is said"
run 0 "quiet" evalconf -q none.tsv
is "$(cat err)" "" "says nothing"

# Defects of the input, each named with its line.
bad() {
	printf '%s\nk\tANG\ts\t-\tANG\t0.6\t0.6\t0.3\t0.1\n%b\n' "$header" "$1" >bad.tsv
	fails 3 "^evalconf: bad.tsv: line 3: $2" "$3" evalconf bad.tsv
}
bad 'k\t-\ts\t-\tANG\t0.6\t0.6\t0.3\t0.1' "no truth: the label is '-'\$" "no truth"
bad 'k\t\ts\t-\tANG\t0.6\t0.6\t0.3\t0.1' "no truth: the label is ''\$" "an empty label"
bad 'k\tBOR\ts\t-\tANG\t0.6\t0.6\t0.3\t0.1' "the label 'BOR' is none of the classes\$" "an unknown label"
bad 'k\tANG\ts\t-\tBOR\t0.6\t0.6\t0.3\t0.1' "pred 'BOR' is none of the classes\$" "an unknown answer"
bad 'k\tANG\ts\t-\tHAP\t0.6\t0.6\t0.3\t0.1' "pred is 'HAP', but p.ANG is larger\$" "an answer that is not the most probable"
bad 'k\tANG\ts\t-\tANG\t0.6\tnan\t0.3\t0.1' "column 'p.ANG': 'nan' is not a number\$" "NaN"
bad 'k\tANG\ts\t-\tANG\t0.6\tinf\t0.3\t0.1' "column 'p.ANG': 'inf' is not a number\$" "infinity"
bad 'k\tANG\ts\t-\tANG\t0.6\t\t0.3\t0.1' "column 'p.ANG': '' is not a number\$" "no number"
bad 'k\tANG\ts\t-\tANG\t0.6\t0.6x\t0.3\t0.1' "column 'p.ANG': '0.6x' is not a number\$" "trailing junk"
bad 'k\tANG\ts\t-\tANG\t0.6\t1.1\t-0.1\t0' "column 'p.ANG': 1.1 is not between 0 and 1\$" "a probability over 1"
bad 'k\tANG\ts\t-\tANG\t0.6\t0.7\t-0.1\t0.4' "column 'p.HAP': -0.1 is not between 0 and 1\$" "a probability under 0"
bad 'k\tANG\ts\t-\tANG\t0.6\t0.6\t0.3\t0.2' "the probabilities add up to 1.1, not to 1\$" "probabilities of a wrong sum"
bad 'k\tANG\ts\t-\tANG\t0.6\t0.6\t0.3' "8 fields, but the header has 9\$" "a field too few"
bad 'k\tANG\ts\t-\tANG\t0.6\t0.6\t0.3\t0.1\t' "10 fields, but the header has 9\$" "a field too many"
bad '' "1 field, but the header has 9\$" "an empty line"
bad 'k\tANG\ts\t-\tANG\t0.6\t0.\00006\t0.3\t0.1' "holds a NUL byte\$" "a NUL byte"
bad 'k\tANG\ts\t-\tANG\r\t0.6\t0.6\t0.3\t0.1' "holds a carriage return" "a CR within a line"
printf 'label\tpred\na\tUNCERTAIN\nUNCERTAIN\ta\n' >bad.tsv
fails 3 "line 3: 'UNCERTAIN' cannot be the name of a class$" "UNCERTAIN as truth" evalconf bad.tsv
printf 'label\tpred\na\t-\n' >bad.tsv
fails 3 "line 2: '-' cannot be the name of a class$" "no answer" evalconf bad.tsv
printf 'label\tpred\na\t\xff\n' >bad.tsv
fails 3 "line 2: name of a class: byte 1 is not UTF-8$" "a class that is not UTF-8" evalconf bad.tsv
printf 'label\tpred\ttop1\na\ta\tb\n' >bad.tsv
fails 3 "line 2: pred is 'a', but top1 is 'b'$" "pred and top1 differ" evalconf bad.tsv

# Headers.
fails 3 "empty, without even a header line$" "empty input" evalconf /dev/null
echo "$header" >bad.tsv
fails 3 "^evalconf: bad.tsv: no records to evaluate$" "a header alone" evalconf bad.tsv
printf 'key\tpred\nk\ta\n' >bad.tsv
fails 3 "line 1: no column 'label' in the header$" "no label column" evalconf bad.tsv
printf 'key\tlabel\nk\ta\n' >bad.tsv
fails 3 "line 1: neither p. columns nor a column 'pred' in the header$" "nothing to judge" evalconf bad.tsv
printf 'label\tp.a\tp.a\n' >bad.tsv
fails 3 "line 1: column 'p.a' appears twice in the header$" "a class twice" evalconf bad.tsv
printf 'label\tp.\n' >bad.tsv
fails 3 "line 1: '' cannot be the name of a class$" "a class without name" evalconf bad.tsv
sed '1s/p.SAD/p.BOR/' b.tsv >other.tsv
fails 3 "^evalconf: other.tsv: line 1: the classes here are ANG, HAP, BOR; those of a.tsv are ANG, HAP, SAD$" \
	"other classes in another file" evalconf a.tsv other.tsv
cat a.tsv other.tsv >both.tsv
fails 3 "^evalconf: both.tsv: line 9: the classes here are" "and within one" evalconf both.tsv
cut -f 1-8 b.tsv >other.tsv
fails 3 "line 1: the classes here are ANG, HAP; those of a.tsv" "a class less" evalconf a.tsv other.tsv
fails 3 "^evalconf: bare.tsv: line 1: has no p. columns, unlike a.tsv$" "no p. columns in another file" evalconf a.tsv bare.tsv
fails 3 "^evalconf: missing.tsv: No such file or directory$" "a file that is not there" evalconf p.tsv missing.tsv
fails 3 "^evalconf: .: Is a directory$" "a directory" evalconf .
printf '\x93TSR\n\1H\0\0\0\0\0' >x.tsr
fails 3 "^evalconf: x.tsr: line 1: " "a tensor stream" evalconf x.tsr

# --skip-bad.
sed -e '3s/ANG/-/' -e '6s/0.6/2/' p.tsv >bad.tsv
run 0 "two bad records passed over" evalconf --tsv --skip-bad 2 bad.tsv
is "$(cell out records -) $(cell out skipped -)" "18 2" "and counted"
is "$(cat err)" "evalconf: bad.tsv: line 3: no truth: the label is '-' (skipped, 1 of at most 2)
evalconf: bad.tsv: line 6: column 'p.ANG': 2 is not between 0 and 1 (skipped, 2 of at most 2)" "and named"
run 3 "one more than allowed" evalconf --skip-bad 1 bad.tsv
is "$(cat out)$(tail -n 1 err)" "evalconf: bad.tsv: line 6: column 'p.ANG': 2 is not between 0 and 1" "stops there"
head -n 3 bad.tsv | tail -n +3 | cat <(echo "$header") - >only.tsv
run 3 "nothing left" evalconf --skip-bad 9 only.tsv

# Cut-off input: only whole lines pass, with the records that are there.
wrong=
step=${SER_VALGRIND:+17} # each run takes long there
{ echo "$header" && lines 2 SAD SAD 0.1 0.2 0.7; } >small.tsv
size=$(wc -c <small.tsv)
for ((n = 0; n < size; n += ${step:-1})); do
	head -c $n small.tsv >cut.tsv
	evalconf -q --tsv --bootstrap 0 cut.tsv >out 2>err
	rc=$?
	want=3
	[ "$(wc -l <cut.tsv)" != 2 ] || [ -n "$(tail -c 1 cut.tsv)" ] || want=0
	[ $rc = $want ] || wrong+=" $n:$rc"
done
is "$wrong" "" "every prefix that does not end with a record is refused"
wrong=
for ((n = 0; n < size; n += ${step:-1})); do
	perl -0777 -pe 'substr($_, '$n', 1) ^= chr(1 << '$((n % 8))')' small.tsv >flip.tsv
	evalconf -q --bootstrap 10 --skip-bad 1 flip.tsv >out 2>err
	case $? in 0 | 3) ;; *) wrong+=" $n" ;; esac
done
is "$wrong" "" "a flipped bit anywhere never crashes it"
{ head -c 100 p.tsv && false; } | evalconf >out 2>err
is "$? $(cat out)" "3 " "a stage that fails upstream"

# Outputs.
run 0 "text" evalconf p.tsv
like "$(cat out)" '^20 records, 2 speakers, 3 classes \(chance UAR 0\.3333\)' "says what was judged"
like "$(cat out)" $'\nUAR \(mean recall\)   0\.6667  0\.[0-9]{4} to 0\.[0-9]{4}\n' "the figures"
like "$(cat out)" $'\nHAP       0\.5000  0\.7500  0\.6000        4\n' "the classes"
like "$(cat out)" $'\nSAD         2       1       5       8\n' "the confusion matrix"
evalconf --percent p.tsv >out
like "$(cat out)" $'\nSAD      25\.0    12\.5    62\.5       8\n' "the same in percent"
evalconf --bootstrap 0 p.tsv >out
is "$(grep -c 'interval\|resample' out)" 0 "no intervals on request"
printf 'label\tpred\nColère\tColère\nPeur\tColère\n' | evalconf -q >out
is "$(grep -o '^Colère  *[0-9].*' out)" 'Colère     0.5000  1.0000  0.6667        1
Colère       1       0       1' "UTF-8 names are aligned"
evalconf --confusion m.tsv -o o.txt p.tsv
is "$(cat m.tsv)" $'truth\tANG\tHAP\tSAD\nANG\t5\t2\t1\nHAP\t1\t3\t0\nSAD\t2\t1\t5' "--confusion"
evalconf p.tsv | cmp -s - o.txt
ok $? "-o"
evalconf -o fail.txt --confusion fail.tsv bad.tsv 2>err
is "$? $(echo fail*)" "3 fail*" "no file where it fails"
fails 4 "^evalconf: standard output: No space left on device$" "a full device" bash -c 'evalconf p.tsv >/dev/full'
fails 4 "^evalconf: no/m.tsv: No such file or directory$" "a matrix that cannot be written" \
	evalconf --confusion no/m.tsv p.tsv
evalconf --json p.tsv >p.json
evalconf -q --json none.tsv --bootstrap 0 >none.json
evalconf -q --json --bins 5 --target-risk 0.4 four.tsv >four.json
printf 'label\tpred\na"b\\c\te\xcc\x81\n' | evalconf -q --json >odd.json
# shellcheck disable=SC2016 # the expressions are perl's
if perl -MJSON::PP -e 1 2>/dev/null; then
	read_json() {
		perl -MJSON::PP -0777 -ne 'binmode STDOUT, ":utf8"; $j = JSON::PP->new->utf8->decode($_); print '"$1" "$2" 2>&1
	}
	is "$(read_json '"$j->{records} $j->{uar}{value} $j->{confusion}[2][2] $j->{classes}[1]{f1}{value} $j->{bootstrap}{of}"' p.json)" \
		"20 0.666666666667 5 0.6 speakers" "JSON"
	is "$(read_json '$j->{uar}{low} < $j->{uar}{value} && $j->{uar}{high} > $j->{uar}{value}' p.json)" 1 "its intervals"
	is "$(read_json 'defined($j->{bootstrap}) + defined($j->{uar}{low})' none.json)" 0 "null where there are none"
	is "$(read_json '"$j->{brier}{value} $j->{target}{threshold} $j->{reliability}[3]{accuracy} $j->{risk_coverage}[1]{records}"' four.json)" \
		"0.525 0.8 0.5 " "calibration in JSON"
	is "$(read_json '"$j->{target_risk} " . scalar(@{$j->{risk_coverage}}) . " $j->{risk_coverage}[1]{generalised_risk}"' four.json)" \
		"0.4 3 0.25" "and the curve"
	is "$(read_json 'join "|", map { $_->{class} } @{$j->{classes}}' odd.json)" $'a"b\\c|e\xcc\x81' "names in JSON"
else
	skip "perl has no JSON::PP"
fi

# Reproducible.
evalconf -s 5 p.tsv >5a
evalconf -s 5 p.tsv >5b
same 5a 5b "the same seed gives the same bytes"
evalconf -q -s 6 --tsv --bootstrap 30 none.tsv | cut -f 4,5 >seed6
evalconf -q -s 7 --tsv --bootstrap 30 none.tsv | cut -f 4,5 >seed7
cmp -s seed6 seed7
is $? 1 "another seed gives other intervals"
wide=$(evalconf --tsv --level 0.99 none.tsv 2>err | awk '$1 == "uar" { print $5 - $4 }')
narrow=$(evalconf --tsv --level 0.5 none.tsv 2>err | awk '$1 == "uar" { print $5 - $4 }')
is "$(echo "$wide $narrow" | awk '{ print ($1 > 2 * $2) }')" 1 "a higher level gives wider intervals"

# --min-uar.
run 0 "UAR is enough" evalconf --min-uar 0.6666 p.tsv
run 0 "UAR is just enough" evalconf --min-uar 0.666666666666666667 p.tsv
run 1 "UAR is too low" evalconf --tsv --min-uar 0.67 p.tsv
is "$(cat err)" "evalconf: UAR is 0.6667, below the 0.67 required" "is said"
same out p.out "the output is whole all the same"
run 1 "quietly" evalconf -q --min-uar 0.67 p.tsv
is "$(cat err)" "" "only the status tells"

# The command line.
run 0 "--help" evalconf --help
mv out help
is "$(cat err)" "" "without messages"
run 0 "--version" evalconf --version
like "$(cat out)" '^evalconf \(sertools\) ' "names itself"
for args in --nonsense "--min-uar 1.5" "--min-uar nan" "--min-uar" "--bootstrap -1" "--bootstrap 1.5" "--level 1" \
	"--level 0" "-s -1" "--skip-bad x" "--tsv --json" "--confusion -" "--bins 0" "--target-risk 2" "--reliability -"; do
	# shellcheck disable=SC2086 # the words are meant to be split
	fails 2 "^evalconf: " "usage: $args" evalconf $args p.tsv
done
man=$root/man/evalconf.1
missing=
for o in $(grep -o -- '^  *\(-[a-zA-Z], \)\{0,1\}--[a-z-]*' help | tr -d ' '); do
	long=${o#*--}
	short=${o%%,*}
	[ "$short" != "$o" ] || short=
	grep -q "^\.It ${short:+Fl ${short#-} , }Fl -$long\( Ar .*\)\{0,1\}\$" "$man" || missing+=" $o"
done
is "$missing" "" "every option of --help is in the manual"
is "$(grep -c '^\.It .*Fl -' "$man")" "$(grep -c '^  .*--' help)" "and no other"

finish
