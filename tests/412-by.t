#!/bin/bash
# evalconf --by: parts of the records; and protocols, which do not mix.
. "${0%/*}/lib.sh"

# Six speakers; women are right 3 times of 4, men 1 of 2.
{
	printf 'key\tlabel\tgroup\tpred\tp.ANG\tp.SAD\tsex\tintensity\n'
	for s in 1 2 3 4 5 6; do
		sex=$([ $((s % 2)) = 1 ] && echo female || echo male)
		printf 'a%s\tANG\ts%s\tANG\t0.9\t0.1\t%s\tstrong\n' $s $s $sex
		printf 'b%s\tSAD\ts%s\tSAD\t0.2\t0.8\t%s\tnormal\n' $s $s $sex
		if [ $sex = female ]; then
			printf 'c%s\tANG\ts%s\tANG\t0.9\t0.1\t%s\tnormal\n' $s $s $sex
		else
			printf 'c%s\tANG\ts%s\tSAD\t0.1\t0.9\t%s\t\n' $s $s $sex
		fi
		printf 'd%s\tSAD\ts%s\tANG\t0.6\t0.4\t%s\tnormal\n' $s $s $sex
	done
} >p.tsv
cell() { awk -F '\t' -v m="$1" -v c="$2" '$1 == m && $2 == c { print $3 }' out; }

run 0 "--by, text" evalconf --by sex --by intensity p.tsv
# women: ANG 6 of 6, SAD 3 of 6; men: ANG 3 of 6, SAD 3 of 6
is "$(sed -n '/^by sex/,/^$/p' out)" \
	'by sex  records  speakers  accuracy     UAR     ECE  UAR'"'"'s interval
female       12         3    0.7500  0.7500  0.2500  0.7500 to 0.7500
male         12         3    0.5000  0.5000  0.4000  0.5000 to 0.5000' "by hand"
is "$(sed -n '/^by intensity/,/^$/p' out | tr -s ' ' | cut -d ' ' -f 1-5)" \
	'by intensity records speakers accuracy
- 3 3 0.0000 0.0000
normal 15 6 0.6000 0.7500
strong 6 6 1.0000 1.0000' "an empty cell is unknown"
run 0 "--by, TSV" evalconf --tsv --by sex p.tsv
is "$(cell accuracy sex=female) $(cell uar sex=male) $(cell records sex=male) $(cell speakers sex=female)" "0.75 0.5 12 3" \
	"the part in the class column"
is "$(awk -F '\t' '$1 == "uar" && $2 == "-" { print $3 }' out)" 0.625 "and the whole, as ever"
grep -v = out >whole
evalconf --tsv p.tsv >out
same out whole "which does not depend on it"
# One part alone is as a file of that part.
for sex in female male; do
	awk -F '\t' -v s=$sex 'NR == 1 || $7 == s' p.tsv | evalconf --tsv >want
	evalconf --tsv --by sex p.tsv | sed -n "s/	sex=$sex	/	-	/p" >got
	is "$(cat got)" "$(grep -E "$(cut -f 1 got | sed 's/.*/^&\t-/' | paste -sd '|')" want)" "$sex, as by themselves"
done
run 0 "--by, JSON" evalconf --json --bootstrap 0 --by sex p.tsv
like "$(tr -d '\n' <out)" '"by": \[ *\{"column": "sex", "parts": \[ *\{"value": "female", "records": 12, "speakers": 3, "accuracy": \{"value": 0.75, "low": null' \
	"a list of parts"
if find_python json; then
	mv out out.json
	run 0 "is JSON" "$python" -m json.tool out.json
fi
run 0 "--by group" evalconf --by group p.tsv
is "$(sed -n '/^by group/,/^$/p' out | sed -n 2p | tr -s ' ')" "s1 4 1 0.7500 0.7500 0.2500" "a speaker has no interval"
shuf() { sed 1q "$1" && sed 1d "$1" | sort -t "$(printf '\t')" -k 6,6 -k 1,1r; }
shuf p.tsv >q.tsv
evalconf --tsv --by sex --by group p.tsv >a
evalconf --tsv --by sex --by group q.tsv >b
same a b "the order of the records does not matter"
fails 3 "^evalconf: p.tsv: line 1: no column 'age' in the header .nnpredict --columns age writes it.$" "no such column" \
	evalconf --by age p.tsv
fails 2 "^evalconf: --by: 'sex,group' is not one column; of several each has a --by of its own$" "a list" evalconf --by sex,group p.tsv
fails 2 "not one column" "nothing" evalconf --by "" p.tsv
cut -f 1-4 p.tsv | sed 's/$/\tx/' | sed '1s/x$/city/' >few.tsv
run 0 "without probabilities" evalconf --by city few.tsv
is "$(sed -n '/^by city/,/^$/p' out | sed -n 2p | cut -c 1-52)" "x             24         6    0.6250  0.6250       -" "there is no calibration"

# Protocols
protocol() { awk -F '\t' -v OFS='\t' -v p="$1" '{ print $0, NR == 1 ? "protocol" : p }' p.tsv; }
protocol 'enrolled 10' >e.tsv
protocol alone >a.tsv
protocol - >u.tsv
run 0 "a protocol" evalconf --by sex e.tsv
is "$(grep -c 'enrolled (10)' out)" 3 "is shown above each table of figures"
like "$(sed -n 1p out)" ', enrolled .10.$' "and in the first line"
evalconf --tsv e.tsv >out
is "$(cut -f 6 out | sort | uniq -c | tr -s ' ')" " $(($(wc -l <out) - 1)) enrolled (10)
 1 protocol" "in each line of the table"
is "$(cut -f 1-5 out)" "$(evalconf --tsv p.tsv)" "beside the same figures"
evalconf --json e.tsv >out
like "$(cat out)" '^.[[:space:]]*"protocol": "enrolled .10.",' "and in JSON"
for other in a p u; do
	fails 3 "^evalconf: $other.tsv: line 2: the speaker is alone, those before are enrolled: .*; --mixed-protocols" \
		"two protocols: $other" evalconf e.tsv $other.tsv
done
fails 3 "the speaker is enrolled, those before are alone" "in another order" evalconf p.tsv e.tsv
run 0 "alone, said and unsaid" evalconf a.tsv p.tsv u.tsv
like "$(sed -n 1p out)" ', alone$' "are one"
run 0 "--mixed-protocols" evalconf --mixed-protocols --by protocol e.tsv a.tsv
like "$(sed -n 1p out)" ', mixed protocols$' "says so"
is "$(sed -n '/^by protocol/,/^$/p' out | cut -c 1-11 | tr '\n' ';')" "by protocol;alone      ;enrolled 10;;" "and parts them"
for other in a u; do
	evalconf p.tsv >want
	evalconf $other.tsv | sed 's/, alone$//; s/^alone  /       /' >got
	same got want "alone is as ever: $other"
done

awk -F '\t' -v OFS='\t' '{ print $0, NR == 1 ? "protocol" : "enrolled " 40 + NR % 5 }' p.tsv >r.tsv
run 0 "speakers of whom different numbers are known" evalconf r.tsv
like "$(sed -n 1p out)" ', enrolled .40-44.$' "are one protocol"
protocol enrolled >n.tsv
run 0 "an unknown number" evalconf n.tsv
like "$(sed -n 1p out)" ', enrolled$' "is not said"
for bad in some 'enrolled x' 'enrolled 0' 'enrolled 1.5' enrolled10 'enrolled '; do
	protocol "$bad" >bad.tsv
	fails 3 "^evalconf: bad.tsv: line 2: column 'protocol': '$bad' is neither" "'$bad'" evalconf bad.tsv
done

# evalcmp
run 0 "evalcmp" evalcmp --versus a.tsv e.tsv
is "$(sed -n 1,2p out)" "A: e.tsv, enrolled (10)
B: a.tsv, alone" "shows both protocols"
is "$(cat err)" "evalcmp: A is enrolled (10), B is alone: they do not know the same of the speakers" "and says that they differ"
evalcmp -q --tsv --versus p.tsv e.tsv >out
is "$(cut -f 13- out | tr '\t\n' ' ;')" "a_protocol b_protocol;enrolled (10) alone;enrolled (10) alone;" "also in its table"
evalcmp --versus e.tsv e.tsv >out 2>err
is "$(cat err)" "" "equal ones are no matter"
fails 3 "e.tsv: line 2: the speaker is" "a mixture on one side" evalcmp --versus a.tsv --versus e.tsv a.tsv
finish
