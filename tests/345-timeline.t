#!/bin/bash
# timeline.awk: what is heard when, from predictions for the pieces of recordings: hand-worked tables, each
# format as its own tools read it, the same bytes by every awk.
. "${0%/*}/lib.sh"
program=$root/pipelines/timeline.awk
timeline() { awk "${@:2}" -f "$program" "$1"; }

# By every awk, in the C and in a UTF-8 locale.
printf '%s\n' mawk gawk 'gawk --posix' 'busybox awk' original-awk >awks
# alike NAME TABLE OPTION...: the same as ./out.
alike() {
	local other locale differ=
	while read -r other; do
		command -v "${other%% *}" >/dev/null || continue
		for locale in C C.UTF-8; do
			# shellcheck disable=SC2086
			LC_ALL=$locale $other "${@:3}" -f "$program" "$2" 2>err | cmp -s - out || differ+=" $other ($locale)"
		done
	done <awks
	is "$differ" '' "$1: the same by every awk"
}
# lines COLUMNS: of ./out, ; between lines and , between columns.
lines() { cut -f "$1" out | tr '\t\n' ',;'; }

# Windows of 3 s, one a second, of which the last has half a second less; centres at 1.5, 2.5, 3.5 and 4.25.
cat >windows.tsv <<'END'
key	label	group	start	end	pred	confidence	p.HAP	p.SAD
x	-	-	0.000	3.000	HAP	0.900000	0.900000	0.100000
x	-	-	1.000	4.000	HAP	0.600000	0.600000	0.400000
x	-	-	2.000	5.000	SAD	0.800000	0.200000	0.800000
x	-	-	3.000	5.500	NOSPEECH	0.700000	0.300000	0.700000
END
run 0 'windows that overlap' timeline windows.tsv
is "$(cat out)" 'key	start	end	pred	confidence	p.HAP	p.SAD
x	0.000	2.000	HAP	0.900000	0.900000	0.100000
x	2.000	3.000	HAP	0.600000	0.600000	0.400000
x	3.000	3.875	SAD	0.800000	0.200000	0.800000
x	3.875	5.500	NOSPEECH	0.700000	0.300000	0.700000' 'each instant is that of the window whose centre is nearest'
alike 'a table' windows.tsv
run 0 'causal=1' timeline windows.tsv -v causal=1
is "$(lines 2-4)" 'start,end,pred;0.000,3.000,HAP;3.000,4.000,HAP;4.000,5.000,SAD;5.000,5.500,NOSPEECH;' 'that of the first window that covers it'
run 0 'smooth=3' timeline windows.tsv -v smooth=3
is "$(lines 2,4-7)" 'start,pred,confidence,p.HAP,p.SAD;0.000,HAP,0.750000,0.750000,0.250000;2.000,HAP,0.566667,0.566667,0.433333;'\
'3.000,SAD,0.600000,0.400000,0.600000;3.875,NOSPEECH,0.700000,0.300000,0.700000;' 'means of three, without those that are no speech'
alike 'smoothed' windows.tsv -v smooth=3
run 0 'smooth=2 causal=1' timeline windows.tsv -v smooth=2 -v causal=1
is "$(lines 2,4-5)" 'start,pred,confidence;0.000,HAP,0.900000;3.000,HAP,0.750000;4.000,SAD,0.600000;5.000,NOSPEECH,0.700000;' 'each with the one before'
run 0 'threshold' timeline windows.tsv -v smooth=3 -v threshold=0.6
is "$(lines 4)" 'pred;HAP;UNCERTAIN;SAD;NOSPEECH;' 'is held against the means'
run 0 'smooth=5 of an even table, by the default threshold' timeline <(printf 'key\tstart\tend\tpred\tconfidence\tp.A\tp.B\tp.C\nx\t0\t1\tA\t0.5\t.5\t.1\t.4\nx\t1\t2\tB\t.5\t.1\t.5\t4e-1\n') -v smooth=5
is "$(lines 2-8)" 'start,end,pred,confidence,p.A,p.B,p.C;0.000,1.000,C,0.400000,0.300000,0.300000,0.400000;1.000,2.000,C,0.400000,0.300000,0.300000,0.400000;' '0.4 passes'
run 0 'merge=1' timeline windows.tsv -v merge=1
is "$(lines 2-7)" 'start,end,pred,confidence,p.HAP,p.SAD;0.000,3.000,HAP,0.800000,0.800000,0.200000;3.000,3.875,SAD,0.800000,0.200000,0.800000;'\
'3.875,5.500,NOSPEECH,0.700000,0.300000,0.700000;' 'joins what is alike, with means over time'
alike 'merged' windows.tsv -v merge=1
run 0 'a timeline' timeline <(timeline windows.tsv)
same out <(timeline windows.tsv) 'is a table that gives itself'

# A window that is much shorter than those before it.
run 0 'a short last window' timeline <(printf 'key\tstart\tend\tpred\tconfidence\nx\t0\t3\tA\t0.5\nx\t2.9\t3.1\tB\t0.5\n')
is "$(lines 2-4)" 'start,end,pred;0.000,2.900,A;2.900,3.100,B;' 'has what it covers'
# Tables before end.
cut -f 1-4,6- windows.tsv >old.tsv
run 0 'window=3 where a table has no end' timeline old.tsv -v window=3
is "$(lines 2-4)" 'start,end,pred;0.000,2.000,HAP;2.000,3.000,HAP;3.000,4.000,SAD;4.000,6.000,NOSPEECH;' 'is the length'
fails 3 'timeline.awk: line 1: no column end: -v window=SECONDS' 'without it' timeline old.tsv
sed 's/4\.000/-/' windows.tsv >some.tsv
fails 3 'line 3: column end: no number' 'one missing' timeline some.tsv
run 0 'and with it' timeline some.tsv -v window=3
same out <(timeline windows.tsv) 'the length is that'

# Segments of two recordings, the second with channels whose lines mix; above an hour; names that need quotes.
{
	printf 'key\tstart\tend\tpred\tconfidence\tp.H<&>"P\tp.SAD\tchannel\n'
	printf 'a\t0.500\t1.750\tUNCERTAIN\t0.390000\t0.390000\t0.380000\t-\n'
	printf 'b "é\\n%%s.ch1\t3600.000\t3603.000\tH<&>"P\t0.900000\t0.900000\t0.100000\t1\n'
	printf 'b "é\\n%%s.ch2\t0.000\t3.000\tSAD\t0.600000\t0.400000\t0.600000\t2\n'
	printf 'b "é\\n%%s.ch1\t3604.000\t3605.000\tNOSPEECH\t0.800000\t0.200000\t0.800000\t1\n'
	printf 'b "é\\n%%s.ch2\t3601.000\t3602.500\tSAD\t0.500000\t0.500000\t0.500000\t2\n'
} >call.tsv
sed 2d call.tsv >one.tsv
run 0 'segments' timeline call.tsv
same out <(awk -F '\t' -v OFS='\t' '{ print $1, $8, $2, $3, $4, $5, $6, $7 }' call.tsv) 'as they are'
run 0 'without a column channel, its number is from the key' timeline <(cut -f 1-7 one.tsv) -v format=vtt
same out <(timeline one.tsv -v format=vtt) 'as if there were one'
run 0 'channels of one key' timeline <(sed 's/\.ch[12]//' call.tsv) -v format=textgrid
is "$(grep -c name out) $(grep name out | sort -u | wc -l)" '3 3' 'have tiers of their own'
run 0 'one channel alone' timeline <(sed 's/\.ch[12]//; /\t2$/d' call.tsv) -v format=tsv
is "$(cut -f 1-2 out | sort -u | sed -n 2p)" $'b "é\\n%s\t1' 'keeps its key'
for format in tsv json rttm textgrid elan; do
	timeline call.tsv -v format=$format >out
	alike "$format" call.tsv -v format=$format
done
for format in vtt srt audacity; do
	timeline one.tsv -v format=$format >out
	alike "$format" one.tsv -v format=$format
	fails 3 "line 3: a second recording, but the format $format takes one" "$format of two recordings" timeline call.tsv -v format=$format
done

run 0 'WebVTT' timeline one.tsv -v format=vtt
is "$(cat out)" 'WEBVTT

00:00:00.000 --> 00:00:03.000
<v Channel 2>SAD 0.60

01:00:00.000 --> 01:00:03.000
<v Channel 1>H&lt;&amp;&gt;"P 0.90

01:00:01.000 --> 01:00:02.500
<v Channel 2>SAD 0.50' 'channels are voices, cues are sorted, markup is escaped, what is no speech is a gap'
timeline windows.tsv -v format=vtt >x.vtt
is "$(cat x.vtt)" 'WEBVTT

00:00:00.000 --> 00:00:02.000
HAP 0.90

00:00:02.000 --> 00:00:03.000
HAP 0.60

00:00:03.000 --> 00:00:03.875
SAD 0.80' 'of one channel without voices'
run 0 'SRT' timeline one.tsv -v format=srt
is "$(cat out)" '1
00:00:00,000 --> 00:00:03,000
Channel 2: SAD 0.60

2
01:00:00,000 --> 01:00:03,000
Channel 1: H<&>"P 0.90

3
01:00:01,000 --> 01:00:02,500
Channel 2: SAD 0.50' 'numbered'
run 0 'Audacity' timeline windows.tsv -v format=audacity
is "$(cat out)" '0.000	2.000	HAP
2.000	3.000	HAP
3.000	3.875	SAD' 'start, end and label'
run 0 'RTTM' timeline call.tsv -v format=rttm
is "$(cat out)" 'SPEAKER a 1 0.500 1.250 <NA> <NA> UNCERTAIN 0.390000 <NA>
SPEAKER b_"é\n%s 1 3600.000 3.000 <NA> <NA> H<&>"P 0.900000 <NA>
SPEAKER b_"é\n%s 2 0.000 3.000 <NA> <NA> SAD 0.600000 <NA>
SPEAKER b_"é\n%s 2 3601.000 1.500 <NA> <NA> SAD 0.500000 <NA>' 'ten fields'
run 0 'JSON' timeline call.tsv -v format=json
is "$(sed -n '1p;4p' out)" '{"key":"a","channel":null,"start":0.500,"end":1.750,"pred":"UNCERTAIN","confidence":0.390000,"p":{"H<&>\"P":0.390000,"SAD":0.380000}}
{"key":"b \"é\\n%s.ch1","channel":"1","start":3604.000,"end":3605.000,"pred":"NOSPEECH","confidence":0.800000,"p":{"H<&>\"P":0.200000,"SAD":0.800000}}' 'an object a line'
if find_python json; then
	run 0 'Python' "$python" -c 'import json, sys
for line in open(sys.argv[1], encoding="utf-8"): json.loads(line)' out
else
	skip 'there is no Python'
fi

# As others read them.
if command -v ffprobe >/dev/null; then
	for format in vtt srt; do
		timeline one.tsv -v format=$format >x.$format
		is "$(ffprobe -v error -show_entries packet=pts_time,duration_time -of csv=p=0 x.$format | tr '\n' ' ')" \
			'0.000000,3.000000 3600.000000,3.000000 3601.000000,1.500000 ' "ffprobe finds the times of $format"
	done
	is "$(ffmpeg -v error -i x.vtt -f srt - | sed -n 7p)" 'H<&>"P 0.90' 'and its text'
else
	for _ in 1 2 3; do skip 'ffprobe is not installed'; done
fi
run 0 'TextGrid' timeline call.tsv -v format=textgrid
is "$(sed -n '1,8p;9,26p' out)" 'File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 3605.000
tiers? <exists>
size = 3
item []:
    item [1]:
        class = "IntervalTier"
        name = "a"
        xmin = 0
        xmax = 3605.000
        intervals: size = 3
        intervals [1]:
            xmin = 0.000
            xmax = 0.500
            text = ""
        intervals [2]:
            xmin = 0.500
            xmax = 1.750
            text = "UNCERTAIN"
        intervals [3]:
            xmin = 1.750
            xmax = 3605.000
            text = ""' 'has a tier for each recording or channel, without gaps'
if command -v praat >/dev/null; then
	cp out x.TextGrid
	cat >read.praat <<'END'
form Which
	sentence name x
endform
Read from file: name$
tiers = Get number of tiers
for tier to tiers
	title$ = Get tier name: tier
	intervals = Get number of intervals: tier
	for i to intervals
		begin = Get start time of interval: tier, i
		finish = Get end time of interval: tier, i
		label$ = Get label of interval: tier, i
		appendInfoLine: title$, "|", begin, "|", finish, "|", label$
	endfor
endfor
END
	is "$(praat --run read.praat "$PWD/x.TextGrid")" 'a|0|0.5|
a|0.5|1.75|UNCERTAIN
a|1.75|3605|
b "é\n%s.ch1|0|3600|
b "é\n%s.ch1|3600|3603|H<&>"P
b "é\n%s.ch1|3603|3605|
b "é\n%s.ch2|0|3|SAD
b "é\n%s.ch2|3|3601|
b "é\n%s.ch2|3601|3602.5|SAD
b "é\n%s.ch2|3602.5|3605|' 'as Praat reads it'
else
	skip 'praat is not installed'
fi

# What the schema of EAF 3.0 says of the elements that are used here.
cat >eaf.dtd <<'END'
<!ELEMENT ANNOTATION_DOCUMENT (HEADER, TIME_ORDER, TIER*, LINGUISTIC_TYPE*)>
<!ATTLIST ANNOTATION_DOCUMENT DATE CDATA #REQUIRED AUTHOR CDATA #REQUIRED VERSION CDATA #REQUIRED FORMAT CDATA "3.0"
	xmlns:xsi CDATA #IMPLIED xsi:noNamespaceSchemaLocation CDATA #IMPLIED>
<!ELEMENT HEADER (MEDIA_DESCRIPTOR*, PROPERTY*)>
<!ATTLIST HEADER MEDIA_FILE CDATA #IMPLIED TIME_UNITS (NTSC-frames|PAL-frames|milliseconds) "milliseconds">
<!ELEMENT MEDIA_DESCRIPTOR EMPTY>
<!ATTLIST MEDIA_DESCRIPTOR MEDIA_URL CDATA #REQUIRED MIME_TYPE CDATA #REQUIRED RELATIVE_MEDIA_URL CDATA #IMPLIED>
<!ELEMENT PROPERTY (#PCDATA)>
<!ATTLIST PROPERTY NAME CDATA #IMPLIED>
<!ELEMENT TIME_ORDER (TIME_SLOT*)>
<!ELEMENT TIME_SLOT EMPTY>
<!ATTLIST TIME_SLOT TIME_SLOT_ID ID #REQUIRED TIME_VALUE CDATA #IMPLIED>
<!ELEMENT TIER (ANNOTATION*)>
<!ATTLIST TIER TIER_ID CDATA #REQUIRED LINGUISTIC_TYPE_REF CDATA #REQUIRED>
<!ELEMENT ANNOTATION (ALIGNABLE_ANNOTATION)>
<!ELEMENT ALIGNABLE_ANNOTATION (ANNOTATION_VALUE)>
<!ATTLIST ALIGNABLE_ANNOTATION ANNOTATION_ID ID #REQUIRED TIME_SLOT_REF1 IDREF #REQUIRED TIME_SLOT_REF2 IDREF #REQUIRED>
<!ELEMENT ANNOTATION_VALUE (#PCDATA)>
<!ELEMENT LINGUISTIC_TYPE EMPTY>
<!ATTLIST LINGUISTIC_TYPE LINGUISTIC_TYPE_ID CDATA #REQUIRED TIME_ALIGNABLE (true|false) #IMPLIED GRAPHIC_REFERENCES (true|false) #IMPLIED>
END
run 0 'ELAN' timeline call.tsv -v format=elan -v media=$'/data/b "é\\\\n%s.flac\ta.WAV'
is "$(grep -c 'TIME_VALUE="[0-9]*"' out) $(grep -o 'TIME_VALUE="[0-9]*"' out | tr -dc '0-9\n' | sort -nc 2>&1)" '8 ' 'has its times in order'
if command -v xmllint >/dev/null; then
	cp out x.eaf
	run 0 'as EAF 3.0 is' xmllint --noout --dtdvalid eaf.dtd x.eaf
	xpath() { xmllint --xpath "$1" x.eaf; }
	# annotation N: its tier, both times and its label, by its references.
	annotation() {
		local a="//ALIGNABLE_ANNOTATION[@ANNOTATION_ID='a$1']"
		xpath "concat($a/ancestor::TIER/@TIER_ID, '|', //TIME_SLOT[@TIME_SLOT_ID = $a/@TIME_SLOT_REF1]/@TIME_VALUE, '|',
			//TIME_SLOT[@TIME_SLOT_ID = $a/@TIME_SLOT_REF2]/@TIME_VALUE, '|', $a/ANNOTATION_VALUE)"
	}
	is "$(for i in 1 2 3 4; do annotation $i; done)" 'a|500|1750|UNCERTAIN
b "é\n%s.ch1|3600000|3603000|H<&>"P
b "é\n%s.ch2|0|3000|SAD
b "é\n%s.ch2|3601000|3602500|SAD' 'an annotation for each interval'
	is "$(xpath 'concat(//MEDIA_DESCRIPTOR[1]/@MEDIA_URL, "|", //MEDIA_DESCRIPTOR[1]/@MIME_TYPE, "|", //MEDIA_DESCRIPTOR[2]/@MEDIA_URL, "|", //MEDIA_DESCRIPTOR[2]/@MIME_TYPE)')" \
		'a.WAV|audio/x-wav|file:///data/b "é\n%s.flac|audio/*' 'and the recordings by their names'
	is "$(xpath 'count(//MEDIA_DESCRIPTOR)')" 2 'two'
else
	for _ in 1 2 3 4; do skip 'xmllint is not installed'; done
fi
timeline windows.tsv -v format=elan | grep -q 'MEDIA_URL="x.wav" MIME_TYPE="audio/x-wav" RELATIVE_MEDIA_URL="./x.wav"'
ok $? 'without media= the recording is a WAV of its name'

# Nothing to show.
head -n 1 windows.tsv >none.tsv
grep -e key -e NOSPEECH windows.tsv >silence.tsv
for format in tsv json vtt srt audacity rttm textgrid elan; do
	run 0 "a table of a header alone: $format" timeline none.tsv -v format=$format
	cp out $format.none
	run 0 "no speech: $format" timeline silence.tsv -v format=$format
done
is "$(cat tsv.none)" 'key	start	end	pred	confidence	p.HAP	p.SAD' 'a header'
is "$(cat vtt.none)" WEBVTT 'a file without cues'
is "$(cat json.none srt.none audacity.none rttm.none)" '' 'nothing'
is "$(timeline silence.tsv -v format=textgrid | tail -n 4)" '        intervals [1]:
            xmin = 0.000
            xmax = 5.500
            text = ""' 'an empty tier as long as the recording'
if command -v xmllint >/dev/null; then
	run 0 'ELAN without annotations' xmllint --noout --dtdvalid eaf.dtd elan.none
else
	skip 'xmllint is not installed'
fi
if command -v praat >/dev/null; then
	run 0 'Praat reads no tiers' praat --run read.praat "$PWD/textgrid.none"
else
	skip 'praat is not installed'
fi

# As they come: a line needs the next piece, with causal=1 its own alone.
live=(awk)
case $(readlink -f "$(command -v awk)") in *mawk*) live+=(-W interactive) ;; esac
# comes N OPTION...: how many lines are written once N lines have come and no more do.
comes() {
	local n=$1
	shift
	mkfifo in
	"${live[@]}" "$@" -f "$program" <in >live.out &
	{
		sed -n "1,${n}p" windows.tsv
		for _ in $(seq 50); do
			sleep 0.1
			[ "$(wc -l <live.out)" -lt "$expected" ] || break
		done
		wc -l <live.out >count
	} >in
	wait $!
	rm in
	cat count
}
expected=3
is "$(comes 4)" 3 'the line of a piece is written when the next has come'
expected=4
is "$(comes 4 -v causal=1)" 4 'with causal=1 at once'
expected=3
is "$(comes 5 -v smooth=5)" 3 'smooth=5 waits for two'
expected=5
is "$(comes 5 -v smooth=4 -v causal=1)" 5 'causal=1 for none'

# What is no such table.
header=$'key\tstart\tend\tpred\tconfidence\tp.A\tp.B'
# refuses REGEX NAME TEXT OPTION...
refuses() {
	printf '%b' "$3" >bad.tsv
	fails 3 "^timeline.awk: $1" "$2" timeline bad.tsv "${@:4}"
}
refuses 'no table: empty input' 'an empty input' ''
for name in key start pred confidence; do
	refuses "line 1: no column $name: a table of nnpredict is required" "no column $name" "${header/$name/x}\n"
done
refuses 'line 1: two columns pred' 'a column twice' "$header\tpred\n"
refuses 'line 1: no column key' 'JSON' '{"key":"x","start":0}\n'
refuses 'line 2: 3 columns, but the header has 7' 'a line that was cut off' "$header\nx\t0\t1"
for text in - nan -1 1,5 1e3 '' 0x1; do
	refuses 'line 2: column start: no number of seconds: pieces of wavnorm --segments or --window' "start is '$text'" "$header\nx\t$text\t1\tA\t.5\t.5\t.5\n"
done
refuses 'line 2: column end: above 4294967 seconds' 'a time without end' "$header\nx\t0\t4294968\tA\t.5\t.5\t.5\n"
refuses 'line 2: ends before it begins' 'an end before the start' "$header\nx\t2\t1\tA\t.5\t.5\t.5\n"
refuses 'line 2: ends before it begins' 'a piece of no length' "$header\nx\t2\t2\tA\t.5\t.5\t.5\n"
refuses 'line 3: begins before the line above: sort the table by key and start' 'lines out of order' "$header\nx\t2\t3\tA\t.5\t.5\t.5\nx\t1\t2\tA\t.5\t.5\t.5\n"
refuses 'line 3: begins with the line above: sort the table by key and start, each once' 'a line twice' "$header\nx\t2\t3\tA\t.5\t.5\t.5\nx\t2\t3\tA\t.5\t.5\t.5\n"
refuses 'line 3: ends before the line above does' 'a piece within another' "$header\nx\t2\t5\tA\t.5\t.5\t.5\nx\t3\t4\tA\t.5\t.5\t.5\n"
refuses "line 4: this recording's lines are not together: sort the table" 'recordings that mix' "$header\nx\t0\t1\tA\t.5\t.5\t.5\ny\t0\t1\tA\t.5\t.5\t.5\nx\t1\t2\tA\t.5\t.5\t.5\n"
refuses 'line 2: column pred: no class of the header' 'another class' "$header\nx\t0\t1\tC\t.5\t.5\t.5\n"
refuses 'line 2: column confidence: no number from 0 to 1' 'a confidence of 2' "$header\nx\t0\t1\tA\t2\t.5\t.5\n"
refuses 'line 2: column p.B: no number from 0 to 1' 'a probability that is none' "$header\nx\t0\t1\tA\t.5\t.5\tnan\n"
refuses 'line 1: no columns p.CLASS, which smooth and threshold take' 'smoothing what --top leaves' 'key\tstart\tend\tpred\tconfidence\ttop1\tp1\nx\t0\t1\tA\t.5\tA\t.5\n' -v smooth=3
run 3 'a table that a program left which failed' timeline <(sed 3q windows.tsv; printf '\030')
is "$(cat err)" '' 'which has said why'
run 0 'without, such a table' timeline bad.tsv
run 0 'two tables, one after the other' timeline <(cat windows.tsv; sed 's/^x/y/' windows.tsv)
is "$(wc -l <out)" 9 'are one'
run 0 'UNCERTAIN and NOSPEECH by other names' timeline <(sed 's/NOSPEECH/rien/; s/SAD\t0/quoi\t0/' windows.tsv) -v nospeech=rien -v uncertain=quoi -v format=audacity
is "$(cut -f 3 out | tr '\n' ' ')" 'HAP HAP quoi ' 'are known as such'
run 0 'lines as Windows ends them' timeline <(printf '\xef\xbb\xbf'; sed 's/$/\r/' windows.tsv)
same out <(timeline windows.tsv) 'are the same'
# sertools timeline: the programs that the model's features take, then this.
unset MAKEFLAGS MAKELEVEL
for i in 1 2 3 4; do
	"$BUILD/unit/mkaudio" "c$i.wav" wav 16000 1 $((30000 + i * 2000)) voice
	printf 'c%s.wav\tc%s\t%s\tg%s\n' $i $i "$([ $((i % 2)) = 0 ] && echo HAP || echo SAD)" $i
done >all.tsv
"$BUILD/unit/mkaudio" 'a "talk\n.flac' flac 16000 1 96000 voice
printf 'globalavgpool\ndense classes\nsoftmax\n' >small.net
wavnorm -q --manifest all.tsv | melspec -q | nntrain -q -j1 --net small.net --epochs 1 -o m.bin
talk='a "talk\n.flac'
table() { wavnorm --like m.bin "$@" "$talk" | melspec --like m.bin | nnpredict m.bin; }
run 0 'sertools timeline' sertools timeline --step 0.5 m.bin "$talk"
same out <(table --step 0.5 | timeline -) 'is the pipe'
is "$(wc -l <out)" 9 'a line for each window'
run 0 'with options' sertools timeline --step 0.5 --format=vtt --smooth 3 --threshold 0.7 --merge MODEL=m.bin "$talk"
same out <(table --step 0.5 | timeline - -v format=vtt -v smooth=3 -v threshold=0.7 -v merge=1) 'are those of timeline.awk'
run 0 'causal' sertools timeline --step 0.5 --smooth 2 --causal m.bin "$talk"
same out <(table --step 0.5 | timeline - -v smooth=2 -v causal=1) 'too'
printf 'HAP\tJoie\nUNCERTAIN\tD\\oute\nNOSPEECH\tRien\n' >noms.tsv
run 0 'other names' sertools timeline --step 0.5 --smooth 3 --temperature 1000 --threshold 0.9 --labels noms --format audacity m.bin "$talk"
is "$(cut -f 3 out | sort -u)" 'D\oute' 'of what is no class, too'
run 0 'ELAN' sertools timeline --step 0.5 --format elan m.bin "$talk"
like "$(cat out)" 'MEDIA_URL="a &quot;talk\\n.flac" MIME_TYPE="audio/\*"' 'links the recording'
run 0 'of segments' sertools timeline --min-pause 0.2 --max-speech 1 m.bin "$talk"
same out <(table --segments --min-pause 0.2 --max-speech 1 | timeline -) 'unless windows are asked for'
"$BUILD/unit/mkaudio" still.wav wav 16000 1 48000
run 0 'a recording without speech' sertools timeline --format vtt m.bin still.wav
is "$(cat out)" WEBVTT 'has no segments'
"$BUILD/unit/mkaudio" call.wav wav 16000 2 96000 voice
run 0 'channels apart' sertools timeline --step 1 --channels apart --format vtt m.bin call.wav
is "$(grep -c 'Channel 1' out) $(grep -c 'Channel 2' out)" '5 5' 'are voices'
run 0 'one of them' sertools timeline --step 1 --channels 2 m.bin call.wav
is "$(cut -f 1-2 out | sort -u)" $'call\t2\nkey\tchannel' 'is in the table'
run 0 'predict takes windows, too' sertools predict --step 2 m.bin "$talk"
same out <(table --step 2) 'that is the pipe'
fails 3 '^wavnorm: none.wav: ' 'a recording that is not there' sertools timeline --step 1 --format textgrid m.bin none.wav
is "$(cat out)" '' 'leaves nothing'
fails 3 "no speaker is known as 'anna'|it knows no speakers" 'a speaker who is not known' sertools timeline --step 1 --speaker anna m.bin "$talk"
fails 2 'timeline.awk: format is' 'an unknown format' sertools timeline --step 1 --format xml m.bin "$talk"
fails 2 'timeline.awk: smooth is' 'so is a number of neighbours, before anything is read' sertools timeline --smooth 2 m.bin none.wav
if [ -w /dev/full ] && ! awk 'BEGIN { print }' >/dev/full 2>/dev/null; then
	run 4 'a full disk' bash -c 'sertools timeline --step 1 m.bin "$1" >/dev/full' - "$talk"
	like "$(tail -n 1 err)" '^sertools: the timeline cannot be written$' 'is told'
else
	skip '/dev/full is not here, or awk does not see it'
	skip '/dev/full is not here, or awk does not see it'
fi
run 0 'a reader that has enough' bash -c 'sertools timeline --step 0.01 --format json m.bin "$1" | sed 1q' - "$talk"
is "$(cat err)" '' 'ends it without a word'
# Of two inputs, with more windows than pipes hold, so that nothing may wait for a reader that has gone.
run 0 'so it is of a model with two inputs' timeout 60 bash -c 'sertools timeline --window 1 --step 0.01 ravdess "$1" | sed 1q' - "$talk"
is "$(cat err)" '' 'without a word, too'
run 0 'and of predict' timeout 60 bash -c 'sertools predict --window 1 --step 0.01 ravdess "$1" | sed 1q' - "$talk"
# As sound comes: the first lines are there before the rest is.
mkfifo sound
sertools timeline --step 0.5 --causal m.bin - <sound >live.out &
{
	sox -D "$talk" -r 16000 -c 1 -t wav - 2>/dev/null >whole.wav
	dd if=whole.wav bs=160044 count=1 2>/dev/null
	for _ in $(seq 50); do
		sleep 0.1
		[ "$(wc -l <live.out)" -lt 3 ] || break
	done
	wc -l <live.out >count
	dd if=whole.wav bs=160044 skip=1 2>/dev/null
} >sound
wait $!
if [ -s whole.wav ]; then
	like "$(cat count)" '^([3-9])$' 'sound from a pipe is shown as it comes'
	is "$(cut -f 2- live.out | cksum)" "$(sertools timeline --step 0.5 --causal m.bin whole.wav | cut -f 2- | cksum)" 'as from the file'
else
	skip 'sox is not installed'
	skip 'sox is not installed'
fi
fails 2 '^sertools: predict: --format, --smooth, --causal, --merge are for timeline' 'its options with predict' sertools predict --merge m.bin "$talk"
fails 2 '^sertools: --json is not for timeline' '--json' sertools timeline --json m.bin "$talk"
fails 2 '^sertools: --threshold auto' '--threshold auto and smoothing' sertools timeline --smooth 3 --threshold auto m.bin "$talk"
fails 2 '^sertools: timeline: recordings are required' 'no recording' sertools timeline m.bin
fails 2 "unknown option '--fromat.; did you mean --format" 'a mistyped option' sertools timeline --fromat vtt m.bin "$talk"

for option in format=xml smooth=0 smooth=2 smooth=x threshold=2 threshold=x window=0 window=-1; do
	fails 2 "^timeline.awk: ${option%=*} is" "$option" timeline windows.tsv -v "$option"
done
finish
