#!/bin/bash
# fuse: rules worked by hand, and the tables and rules that it refuses.
. "${0%/*}/lib.sh"

tab=$'\t'
table() { # FILE: words of standard input as a TSV
	tr ' ' '\t' >"$1"
}
table a.tsv <<'END'
key label group start pred confidence p.ANG p.HAP p.SAD
k1 SAD s1 - SAD 0.9 0.05 0.05 0.9
k2 HAP s1 - HAP 0.6 0.2 0.6 0.2
k3 - s2 - UNCERTAIN 0.35 0.35 0.35 0.3
k4 ANG s2 - ANG 0.5 0.5 0.3 0.2
END
table v.tsv <<'END'
pred key confidence group
HAP k1 0.8 -
HAP k2 0.3 s1
SAD k3 0.7 s2
HAP k4 0.45 s2
END
# rules TEXT: the file r.rules.
rules() {
	printf '%s\n' "$@" >r.rules
}
pred() {
	cut -f 5,6 out | sed 1d | tr '\t\n' ': '
}

rules '# comment' '' 'audio=SAD video=HAP -> IRONY # a smile' 'audio=UNCERTAIN -> $video' "conf.video<0.4${tab}->${tab}UNCERTAIN" \
	'audio=$video -> $audio' 'else -> $audio'
run 0 'answers' fuse --rules r.rules --report rep.tsv audio=a.tsv video=v.tsv
is "$(cat out)" "key	label	group	start	pred	rule	audio	video
k1	SAD	s1	-	IRONY	1	SAD	HAP
k2	HAP	s1	-	UNCERTAIN	3	HAP	HAP
k3	-	s2	-	SAD	2	UNCERTAIN	SAD
k4	ANG	s2	-	ANG	5	ANG	HAP" 'the first rule that applies'
is "$(cat rep.tsv)" "rule	line	text	fired	share	known	right	accuracy	accuracy.audio	accuracy.video
1	3	audio=SAD video=HAP -> IRONY	1	0.250000	1	0	0.000000	1.000000	0.000000
2	4	audio=UNCERTAIN -> \$video	1	0.250000	0	0	-	-	-
3	5	conf.video<0.4 -> UNCERTAIN	1	0.250000	1	0	0.000000	1.000000	1.000000
4	6	audio=\$video -> \$audio	0	0.000000	0	0	-	-	-
5	7	else -> \$audio	1	0.250000	1	1	1.000000	1.000000	0.000000
all	-	-	4	1.000000	3	1	0.333333	1.000000	0.333333" 'the report'
mv out want
fuse --rules r.rules audio=- video=v.tsv <a.tsv >out
same out want '- is standard input'
fuse --rules - audio=a.tsv video=v.tsv <r.rules >out
same out want 'for the rules too'
fuse --rules r.rules -o o.tsv audio=a.tsv video=v.tsv
same o.tsv want '-o'
{ head -n 1 a.tsv && tail -n 2 a.tsv; } >a2.tsv
head -n 3 a.tsv >a1.tsv
fuse --rules r.rules audio=a1.tsv audio=a2.tsv video=v.tsv >out
same out want 'two tables of one modality'
cat a1.tsv a2.tsv | fuse --rules r.rules audio=- video=v.tsv >out
same out want 'also put together by cat'
{ head -n 1 v.tsv && sed 1d v.tsv | sort -r; } | fuse --rules r.rules audio=a.tsv video=- >out
same out want "another order of the second's records"
grep -v k3 want | evalconf -q --tsv --bootstrap 0 >out
is "$(awk '$1 == "accuracy" { print $3 }' out)" 0.333333333333 'evalconf judges it'

# Conditions.
both() { # the answers of these rules
	rules "$@"
	fuse --rules r.rules audio=a.tsv video=v.tsv >out 2>err || cat err
	pred
}
is "$(both 'audio!=SAD video!=HAP -> X' 'else -> Y')" 'Y:2 Y:2 X:1 Y:2 ' 'NAME!=LABEL'
is "$(both 'audio!=$video -> X' 'else -> Y')" 'X:1 Y:2 X:1 X:1 ' 'NAME!=$OTHER'
is "$(both 'conf<0.45 -> X' 'else -> Y')" 'Y:2 X:1 X:1 Y:2 ' 'conf<X: the smallest of all'
is "$(both 'conf<=0.45 -> X' 'else -> Y')" 'Y:2 X:1 X:1 X:1 ' 'conf<=X'
is "$(both 'conf.audio>0.5 -> X' 'conf.audio>=0.5 -> Z' 'else -> Y')" 'X:1 X:1 Y:3 Z:2 ' 'conf.NAME>X and >='
is "$(both 'audio=* video=SAD -> X' 'else -> Y')" 'Y:2 Y:2 X:1 Y:2 ' 'NAME=*'
is "$(both 'audio="SAD" -> "two words"' 'else -> "$x"')" 'two words:1 $x:2 $x:2 $x:2 ' 'quotes'
is "$(both 'audio=SAD -> X' 'audio!=SAD -> Y')" 'X:1 Y:2 Y:2 Y:2 ' 'no else where every case has a rule'
printf 'key\tpred\tstart\nk\tPas de parole\t0\nk\ta\t1.5\n' >w.tsv
rules 'w="Pas de parole" -> X' 'else -> $w'
run 0 'windows of one key' fuse --rules r.rules w=w.tsv
is "$(cut -f 4-6 out | sed 1d | tr '\t\n' ': ')" '0:X:1 1.5:a:2 ' 'are told apart by their start'

# Rules that are refused.
refuse() { # REGEX NAME RULE...
	local re=$1 name=$2
	shift 2
	rules "$@"
	fails 3 "^fuse: r.rules: $re" "$name" fuse --rules r.rules audio=a.tsv video=v.tsv -o never
}
refuse "line 1: 'SADD' is no label of audio; a.tsv has ANG, HAP, SAD, UNCERTAIN\$" 'an unknown label' 'audio=SADD -> X' 'else -> Y'
refuse "line 1: 'ANG' is no label of video; v.tsv has HAP, SAD .a line 'labels NAME" 'one that does not occur' \
	'video=ANG -> X' 'else -> Y'
refuse "line 1: there is no modality 'face'\$" 'an unknown modality' 'face=SAD -> X' 'else -> Y'
refuse "line 2: there is no modality 'face'\$" 'as an answer' 'audio=SAD -> X' 'else -> $face'
refuse "line 1: there is no modality 'face'\$" 'compared with' 'audio=$face -> X' 'else -> Y'
refuse "line 1: there is no modality 'face'\$" 'in conf' 'conf.face<0.1 -> X' 'else -> Y'
refuse "line 3 contradicts line 2, which has the same cases and another prediction\$" 'a contradiction' \
	'video=SAD -> Z' 'audio=SAD video=HAP -> X' 'video=HAP audio=SAD -> Y' 'else -> Y'
refuse "line 2 contradicts line 1, " 'in other words' 'audio=SAD conf<0.5 -> X' 'conf<0.5 audio=SAD conf<0.9 -> Y' 'else -> Y'
refuse "line 2 repeats line 1, which has the same cases\$" 'a repetition' 'audio=SAD -> X' 'audio=SAD -> X' 'else -> Y'
refuse "line 3 contradicts line 2, " 'two else' 'audio=SAD -> X' 'else -> X' 'else -> Y'
refuse "line 2 can never apply: line 1 takes all its cases\$" 'a narrower rule after a wider one' \
	'audio=SAD -> X' 'audio=SAD video=HAP -> Y' 'else -> Y'
refuse "line 2 can never apply: line 1 takes" 'also by confidence' 'conf.audio<0.5 -> X' 'conf.audio<=0.4 -> Y' 'else -> Y'
refuse "line 2 can never apply: line 1 takes" 'and by the smallest' 'conf<0.5 -> X' 'conf.audio<0.5 -> Y' 'else -> Y'
refuse "line 2 can never apply: line 1 takes" 'and by equality' 'audio=$video -> X' 'audio=SAD video=SAD -> Y' 'else -> Y'
refuse "line 3 can never apply: the lines before it take all its cases\$" 'two that cover a third' \
	'audio=SAD -> X' 'audio!=SAD video=HAP -> Y' 'video=HAP -> Z' 'else -> Z'
refuse "line 1: the conditions exclude each other\$" 'an impossible one' 'audio=SAD audio=HAP -> X' 'else -> Y'
refuse "line 1: the conditions exclude each other\$" 'by confidence' 'conf<0.3 conf.audio>0.2 conf.video>0.3 conf.audio>=0.3 -> X' 'else -> Y'
refuse "line 1: the conditions exclude each other\$" 'by equality' 'audio=$video audio=SAD video!=SAD -> X' 'else -> Y'
refuse "some cases have no rule; 'else -> PREDICTION' as the last line takes them\$" 'a gap' 'audio=SAD -> X' 'audio=HAP -> X'
refuse "line 1: 'CONDITION... -> PREDICTION' is required\$" 'no arrow' 'audio=SAD X'
refuse "line 1: 'CONDITION... -> PREDICTION' is required\$" 'no condition' '-> X'
refuse "line 1: 'audio' is no condition" 'a word alone' 'audio -> X'
refuse "line 1: 'audio<3' is no condition" 'another relation' 'audio<3 -> X'
refuse "line 1: 'conf=0.3': a confidence is compared by" 'conf=X' 'conf=0.3 -> X'
refuse "line 1: 'conf<1.5': a confidence between 0 and 1 is required\$" 'a confidence over 1' 'conf<1.5 -> X'
refuse "line 1: 'conf<nan': a confidence between 0 and 1" 'NaN' 'conf<nan -> X'
refuse "line 1: 'conf<': a confidence between 0 and 1" 'no number' 'conf< -> X'
refuse "line 1: a quote is not closed\$" 'an open quote' 'audio="SAD -> X'
refuse "line 1: '' cannot be a label\$" 'an empty label' 'audio= -> X'
refuse "line 1: '-' cannot be a label\$" 'an unknown answer as one' 'audio=SAD -> -'
refuse "line 1: 'audio!=\*' can never hold\$" 'not anything' 'audio!=* -> X'
refuse "line 1: 'labels' requires a modality and its labels\$" 'labels of nothing' 'labels audio' 'else -> X'
refuse "no rules\$" 'no rules' '# none'
[ ! -e never ]
ok $? 'none of them leaves an output'
rules 'labels video ANG HAP SAD' 'video=ANG -> X' 'else -> Y'
run 0 'a label that is declared' fuse --rules r.rules audio=a.tsv video=v.tsv
rules 'labels video HAP' 'else -> Y'
fails 3 "^fuse: v.tsv: 'k3': 'SAD' is not among the labels that r.rules declares for video\$" 'an answer that is not' \
	fuse --rules r.rules audio=a.tsv video=v.tsv
rules 'audio=NOSPEECH -> X' 'else -> Y'
run 0 'verdicts need not occur' fuse --rules r.rules audio=a.tsv video=v.tsv
cut -f 1,2,4 v.tsv >unsure.tsv
rules 'conf.audio<0.5 -> X' 'else -> Y'
run 0 'no confidence where none is asked' fuse --rules r.rules audio=a.tsv video=unsure.tsv
rules 'conf<0.5 -> X' 'else -> Y'
run 0 'the smallest' fuse --rules r.rules audio=a.tsv video=v.tsv
cut -f 1,2 v.tsv >unsure.tsv
fails 3 "r.rules: line 1 asks for the confidence of video, but unsure.tsv has no such column" 'where one is asked' \
	fuse --rules r.rules audio=a.tsv video=unsure.tsv
for i in {1..16}; do more[i]=m$i=a.tsv; done
rules 'm1=$m2 -> X' 'm1=SAD m2=HAP m3=SAD m4=HAP m5=ANG m6=ANG -> X' 'conf<0.5 -> Y' 'else -> Y'
run 0 'six modalities' fuse --rules r.rules "${more[@]:0:6}"
is "$(cat err)" '' 'are checked'
rules 'm1=$m2 -> X' 'm1=SAD m2=SAD m3=SAD m4=HAP m5=ANG m6=ANG -> X' 'conf<0.5 -> Y' 'else -> Y'
fails 3 'line 2 can never apply: line 1 takes all its cases' 'and what never applies is found' \
	fuse --rules r.rules "${more[@]:0:6}"
for i in 1 3 5 7 9 11 13 15; do
	for l in ANG HAP SAD UNCERTAIN NOSPEECH; do echo "m$i=$l m$((i + 1))=$l -> X"; done
done >r.rules
echo 'else -> Y' >>r.rules
run 0 'pairs of sixteen modalities' fuse --rules r.rules "${more[@]}"
like "$(cat err)" 'too many cases to check' 'are too many to check, which is said'

# Joining.
rules 'else -> $audio'
grep -v k2 v.tsv >less.tsv
fails 3 "^fuse: less.tsv: no record 'k2', which another modality has" 'a key that one lacks' \
	fuse --rules r.rules audio=a.tsv video=less.tsv
fails 3 "^fuse: less.tsv: no record 'k2', which another modality has" 'the first one' \
	fuse --rules r.rules video=less.tsv audio=a.tsv
run 0 '--missing skip' fuse --rules r.rules --missing skip audio=a.tsv video=less.tsv
is "$(cat err) $(wc -l <out)" 'fuse: 1 record left out, which not all modalities have 4' 'counts it'
run 0 'from either side' fuse --rules r.rules --missing skip video=less.tsv audio=a.tsv
is "$(cat err) $(wc -l <out)" 'fuse: 1 record left out, which not all modalities have 4' 'and once'
fails 3 "^fuse: a.tsv: 'k1' appears twice\$" 'a key twice' fuse --rules r.rules audio=a.tsv audio=a.tsv video=v.tsv
sed 's/s2/s1/' v.tsv >other.tsv
fails 3 "^fuse: other.tsv: the group of 'k3' is 's1', but 's2' in a.tsv\$" 'another speaker' \
	fuse --rules r.rules audio=a.tsv video=other.tsv
bad() { # REGEX NAME: bad.tsv is refused
	fails 3 "^fuse: bad.tsv: $1" "$2" fuse --rules r.rules audio=a.tsv video=bad.tsv
}
printf 'key\tanswer\nk\ta\n' >bad.tsv && bad "line 1: no column 'pred' in the header" 'no column pred'
printf 'pred\nk\n' >bad.tsv && bad "line 1: no column 'key' in the header" 'no column key'
printf 'key\tpred\nk1\t-\n' >bad.tsv && bad "line 2: column 'pred' is empty" 'no answer'
printf 'key\tpred\tconfidence\nk1\ta\t2\n' >bad.tsv && bad 'line 2: confidence 2 is not between' 'a confidence over 1'
printf 'key\tpred\tconfidence\nk1\ta\tx\n' >bad.tsv && bad "line 2: column 'confidence': 'x' is not a number" 'none'
printf 'key\tpred\nk1\ta' >bad.tsv && bad 'line 2: cut off' 'a cut line'
printf 'key\tpred\n' >bad.tsv && bad 'no records' 'a header alone'
: >bad.tsv && bad 'empty' 'an empty file'
fails 3 'No such file' 'a file that is not there' fuse --rules r.rules audio=no.tsv
fails 3 'No such file' 'no rules' fuse --rules no.rules audio=a.tsv
fails 4 'No space left' 'a full device' fuse --rules r.rules audio=a.tsv -o /dev/full
fails 2 '--rules FILE is required' 'no --rules' fuse audio=a.tsv
fails 2 'predictions are required' 'no operands' fuse --rules r.rules
fails 2 "'a.tsv' is not NAME=" 'no name' fuse --rules r.rules a.tsv
for name in conf key else '' 'a b' labels; do
	fails 2 "cannot be a modality's name" "the name '$name'" fuse --rules r.rules "$name=a.tsv"
done
fails 2 'missing' 'another --missing' fuse --rules r.rules --missing no audio=a.tsv
fails 2 'report requires a file' '--report -' fuse --rules r.rules --report - audio=a.tsv

# CREMA-D's votes: the names and letters of a few clips, then all of them.
cat >few.csv <<'END'
"","FileName","VoiceVote","VoiceLevel","FaceVote","FaceLevel","MultiModalVote","MultiModalLevel"
"1","1001_IEO_HAP_LO","N","71.67","H","57","H","57.38"
"2","1001_IEO_NEU_XX","N","69.1","N","92.22","N","64.78"
"3","1002_IEO_SAD_XX","A:D","69.1:7","S","92.22","N","64.78"
"4","1002_IEO_ANG_XX","D","69.1","F","92.22","N","64.78"
END
for awk in mawk gawk 'busybox awk'; do
	command -v "${awk%% *}" >/dev/null || continue
	is "$($awk -v vote=VoiceVote -f "$root/pipelines/cremad-votes.awk" <few.csv | tr '\t\n' ':|')" \
		'key:label:group:pred|1001_IEO_HAP_LO:H:1001:N|1001_IEO_NEU_XX:N:1001:N|1002_IEO_SAD_XX:S:1002:UNCERTAIN|1002_IEO_ANG_XX:A:1002:D|' \
		"the votes as predictions: $awk"
	is "$(printf 'a\tb|c\nlong\t1\n' | $awk -v left=1 -f "$root/pipelines/markdown.awk")" \
		'| a    | b\|c |
| ---- | ----:|
| long |    1 |' "a table: $awk"
done
run 3 'another table' awk -v vote=FaceVote -f "$root/pipelines/cremad-votes.awk" a.tsv
run 3 'another name' awk -v vote=FaceVote -f "$root/pipelines/cremad-votes.awk" <<<"$(sed 's/HAP/JOY/' few.csv)"
like "$(cat err)" 'line 2: not the name of a clip: 1001_IEO_JOY_LO' 'is named'
unset MAKEFLAGS MAKELEVEL
demo() { make -f "$root/pipelines/recipes.mk" fuse-demo "$@"; }
run 2 'no VOTES' demo
like "$(cat err)" 'usage: sertools fuse-demo VOTES' 'is a usage error'
mkdir 'a dir' && cp few.csv 'a dir'
run 0 'make fuse-demo' demo VOTES='a dir/few.csv' OUT=few
like "$(cat out)" 'voice and face disagree on 66.7 % of the 3 records where both answer; there face is right on 50.0 %, voice on 0.0 %.' \
	'says how often they disagree'
if [ -e "$shared/data/cremad/summaryTable.csv" ]; then
	run 0 'make fuse-demo on all votes' demo VOTES="$shared/data/cremad/summaryTable.csv" OUT=all
	like "$(cat out)" 'disagree on 47.4 % of the 6383 records where both answer; there face is right on 66.7 %, voice on 14.2 %.' \
		'voice and face disagree on 47 %, where the face is right twice in three'
	like "$(cat out)" '\| voice=N -> \$face +\| +1959 \| +26.3 \| +76.8 \| +2.6 \| +76.8 \|' 'and what a rule does'
else
	skip "CREMA-D's votes are not here"
	skip 'all of them'
	skip 'nor what a rule does'
fi
finish
