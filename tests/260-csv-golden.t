#!/usr/bin/env bash
# csvprep on CREMA-D's tables: the reference's rows and features, and the real
# sample by values looked up by hand.
. "${0%/*}/lib.sh"
tables=$shared/data/cremad
need "$tables/VideoDemographics.csv"
actors=actors=$tables/VideoDemographics.csv
prep=$root/pipelines/prep

# learnt STATE COLUMN NAME: the number that a state has behind that name.
learnt() {
	awk -v c="\"$2\"" -v n="$3" '$1 == "learnt" && $3 == c { for (i = 4; i < NF; i += 2) if ($i == n) print $(i + 1) }' "$1"
}
# close A B: relative error below 1e-6.
close_to() {
	awk -v a="$1" -v b="$2" 'BEGIN { d = a - b; if (d < 0) d = -d; if (b < 0) b = -b; exit !(a != "" && d <= 1e-6 * b) }'
}

# The 301 real rows.
sample=$tables/finishedResponses.sample301.csv
for r in notebook response clip; do
	join=$actors
	[ $r != clip ] || join=
	run 0 "the real rows: $r" csvprep -q --recipe "$prep/cremad-$r.prep" --fit $r.state "$sample" ${join:+"$join"} -o $r.tsr
	run 0 "the real rows: $r is whole" tsrdump --check $r.tsr
done
is "$(tsrpick --count notebook.tsr) $(tsrpick --count response.tsr) $(tsrpick --count clip.tsr)" '301 301 10' 'rows and clips'
# Of 301 values the quartiles are the 76th and the 226th.
cut -d , -f 5 "$sample" | tail -n +2 | sort -n >ttr
is "$(learnt notebook.state ttr q1) $(learnt notebook.state ttr q3)" "$(sed -n 76p ttr) $(sed -n 226p ttr)" 'quartiles of ttr'
read -r mean sd < <(awk -v low="$(learnt notebook.state ttr low)" -v high="$(learnt notebook.state ttr high)" '
	{ x[NR] = $1 < low ? low : $1 > high ? high : $1; sum += x[NR] }
	END { m = sum / NR; for (i = 1; i <= NR; i++) s += (x[i] - m) ^ 2; printf "%.15g %.15g\n", m, sqrt(s / (NR - 1)) }' ttr)
close_to "$(learnt notebook.state ttr mean)" "$mean" && close_to "$(learnt notebook.state ttr deviation)" "$sd"
ok $? 'mean and deviation of the clipped ttr'
# The first row: SSI_1160007759 answered A_18 to the voice of 1001_IEO_DIS_HI after
# 9229 ms; actor 1001 is 51, male, Caucasian, not Hispanic; IEO is the first sentence.
z=$(awk -v m="$mean" -v s="$sd" 'BEGIN { printf "%.4f", (9229 - m) / s }')
is "$(tsrpick --key 1 notebook.tsr | tsrdump --data | cut -f 4- | tr '\t' ' ')" '80 0 51 0 0 0' 'the first row: dispVal, sentence, the actor'
is "$(tsrpick --key 1 notebook.tsr | tsrdump --data | awk '{ printf "%.4f", $3 }')" "$z" 'the first row: ttr'
is "$(tsrpick --key 1 notebook.tsr | tsrdump --tsv | awk -F '\t' 'NR == 2 { print $2, $3 }')" 'D 1001' 'the first row: label and actor'
csvprep -q --recipe "$prep/cremad-response.prep" --describe --tsv "$sample" "$actors" >described
is "$(awk -F '\t' '$1 ~ /^(respEmo=A|modality=voice|PhraseType=IEO|Sex=Male|Age|ttr)$/ { print $1, $3, $4 }' described | tr '\n' '|')" \
	'respEmo=A 301 0|modality=voice 301 0|ttr 301 0|PhraseType=IEO 301 0|Age 301 0|Sex=Male 301 0|' 'the response recipe: no cell is empty'
csvprep -q --recipe <(sed '/^scale/d' "$prep/cremad-response.prep") --columns 'respEmo=*,respLevel,modality=*,ttr' "$sample" "$actors" |
	tsrpick --key 1 | tsrdump --data | cut -f 3- | tr '\t' ' ' >out
is "$(cat out)" '1 0 0 0 0 0 18 1 0 0 9229' 'the first row: answer, level, modality, time'
# Clips: counted by awk.
awk -F , 'NR > 1 { n[$11 "." $6 "." $13]++; s[$11 "." $6] += $14; m[$11 "." $6]++ } END {
	for (k in n) print "count", k, n[k]
	for (k in m) printf "mean %s %.6f\n", k, s[k] / m[k] }' "$sample" >counted
tsrdump --field column clip.tsr >columns
tsrdump --data clip.tsr | awk -F '\t' 'NR == FNR { name[NR] = $1; next } { for (i = 3; i <= NF; i++) {
	k = name[i - 2]; sub(/voice/, "1", k); sub(/face/, "2", k); sub(/both/, "3", k); n = split(k, p, ".")
	if (p[1] == "count" && $i > 0) print "count", $1 "." p[2] "." p[3], $i
	if (p[1] == "mean" && n == 3) printf "mean %s.%s %.6f\n", $1, p[3], $i } }' columns - | sort >got
sort counted >want
awk 'NR == FNR { w[$1 " " $2] = $3; next } !(($1 " " $2) in w) || (d = w[$1 " " $2] - $3) > 1e-4 || d < -1e-4 { bad++ } { seen++ }
	END { print bad + 0, seen }' want got >out
is "$(cat out)" "0 $(wc -l <want)" 'votes and mean levels of the ten clips'

# All rows, as pandas made them.
if [ -n "${SER_VALGRIND-}" ]; then
	skip 'too slow under valgrind'
	finish
	exit
fi
golden=$shared/golden/csv
responses=$tables/finishedResponses.reconstructed.csv.xz
run 0 'the reference recipe' csvprep --recipe "$prep/cremad-notebook.prep" --fit all.state "$responses" "$actors" -o all.tsr
like "$(cat err)" 'drop-missing\): rows dropped: 540' 'tells how many rows it drops'
is "$(tsrpick --count all.tsr)" 211460 'rows kept'
bad=
for pair in q1=3175 q3=6690 low=-2097.5 high=11962.5 mean=5235.551766291497 deviation=2730.140287943944; do
	close_to "$(learnt all.state ttr "${pair%=*}")" "${pair#*=}" || bad+=" $pair"
done
is "$bad" '' 'quantiles, limits, mean and deviation'
is "$(tsrdump --field column all.tsr | tr '\n' ' ')" 'ttr dispVal PhraseType Age Sex Race Ethnicity ' 'the seven features'
is "$(tsrdump --field class all.tsr | tr '\n' ' ')" 'A D F H N S ' 'labels in the order of their codes'
awk -F '\t' 'NR > 1 { print $1 + 1 }' "$golden/notebook-features.every50.tsv" >keys
tsrpick --keys keys all.tsr -o some.tsr
paste <(tsrdump --data some.tsr) <(tsrdump --tsv some.tsr | tail -n +2 | cut -f 2,3) |
	awk -F '\t' 'NR == FNR { if (FNR > 1) want[$1 + 1] = $0; next }
	{ n = split(want[$1], w, "\t"); seen++; code = index("ADFHNS", $10) - 1
		if (n != 10 || code != w[9] || $11 != w[10]) bad++
		for (i = 2; i <= 8; i++) { d = w[i] - $(i + 1); if (d < 0) d = -d; s = w[i] < 0 ? -w[i] : w[i]
			if (d > 1e-6 * s + 1e-9 * (s == 0)) bad++ } }
	END { print bad + 0, seen }' "$golden/notebook-features.every50.tsv" - >out
is "$(cat out)" '0 4230' 'every listed row has the features, label and actor that pandas gave it'

# What gives the label away.
run 1 'the audit of the layout finds a leak' csvprep --audit --tsv --recipe "$prep/cremad-audit.prep" "$responses"
awk -F '\t' '$2 == "LEAK" { print $1 }' out | sort | tr '\n' ' ' >leaks
is "$(cat leaks)" 'clipName clipNum ' 'clipNum and clipName'
is "$(awk -F '\t' '$1 == "clipNum" { print $3, ($4 >= 0.97) }' out)" 'rank 1' 'clipNum by its place within the actor, in 97 % or more'
like "$(awk -F '\t' '$1 == "clipName" { print $NF }' out)" 'part 3 of 4 .*the label is written in it' 'clipName has the label in it'
run 0 'the audit of the response recipe finds none' csvprep -q --audit --tsv --recipe "$prep/cremad-response.prep" "$responses" "$actors"
is "$(awk -F '\t' 'NR > 1 && $2 != "SIGNAL" && $2 != "NOTHING"' out)" '' 'nor anything suspect'
finish
