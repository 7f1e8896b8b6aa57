#!/usr/bin/env bash
# Dataset adapters: paths to manifests, and what they refuse.
. "${0%/*}/lib.sh"
adapters=$root/pipelines/datasets

# adapt NAME [OPTION...]: runs that adapter on standard input with $awk.
awk='awk'
adapt() {
	local name=$1
	shift
	$awk "$@" -f "$adapters/$name.awk"
}
# row NAME PATH [OPTION...]: the manifest's line without the path.
row() {
	local name=$1 path=$2
	shift 2
	printf '%s\n' "$path" | adapt "$name" "$@" 2>/dev/null | cut -f 2- | tr '\t' '|'
}

check_rows() {
	is "$(row cremad 'a b/AudioWAV/1001_DFA_ANG_XX.wav')" '1001_DFA_ANG_XX|anger|1001|sentence=DFA|intensity=XX' 'cremad'
	is "$(row cremad 1091_WSI_SAD_HI.flac)" '1091_WSI_SAD_HI|sad|1091|sentence=WSI|intensity=HI' \
		'cremad: intensity, extension'
	printf '"ActorID","Age","Sex","Race","Ethnicity"\r\n1001,51,"Male","Caucasian","Not Hispanic"\r\n1002,21,"Female","x","y"\r\n' >actors.csv
	is "$(row cremad 1002_DFA_HAP_XX.wav -v demographics=actors.csv)" \
		'1002_DFA_HAP_XX|happy|1002|sentence=DFA|intensity=XX|sex=female' 'cremad: sex from the table'
	is "$(row ravdess Actor_24/03-01-05-02-01-02-24.wav)" \
		'03-01-05-02-01-02-24|anger|24|sex=female|channel=speech|intensity=strong|statement=01|repetition=02|modality=audio-only' 'ravdess'
	is "$(row ravdess 03-02-01-01-02-01-01.wav)" \
		'03-02-01-01-02-01-01|neutral|01|sex=male|channel=song|intensity=normal|statement=02|repetition=01|modality=audio-only' \
		'ravdess: song'
	is "$(row ravdess 01-01-05-02-01-02-24.wav)" \
		'01-01-05-02-01-02-24|anger|24|sex=female|channel=speech|intensity=strong|statement=01|repetition=02|modality=full-av' \
		'ravdess: the sound of a video'
	is "$(row cremad AudioWAV/1040_ITH_SAD_X.wav)" '1040_ITH_SAD_XX|sad|1040|sentence=ITH|intensity=XX' \
		'cremad: the name of a clip until October 2022'
	is "$(row emodb wav/16b10Wb.wav)" '16b10Wb|anger|16|sex=female|sentence=b10' 'emodb'
	is "$(row tess OAF_Pleasant_surprise/OAF_back_ps.wav)" 'OAF_back_ps|surprise|OAF|sex=female|word=back' 'tess'
	is "$(row tess OAF_neutral/OA_bite_neutral.wav)" 'OA_bite_neutral|neutral|OAF|sex=female|word=bite' \
		"tess: its own misnamed file"
	is "$(row savee AudioData/DC/sa03.wav)" 'DC_sa03|sad|DC|sex=male|sentence=03' 'savee: a folder a speaker'
	is "$(row savee ALL/KL_su15.wav)" 'KL_su15|surprise|KL|sex=male|sentence=15' 'savee: the speaker in the name'
	is "$(row nemo samples/WR0_surprised_64.wav)" 'WR0_surprised_64|surprise|WR0|sex=male|sentence=64' 'nemo'
	is "$(row nemo ZO9_happiness_0123.wav)" 'ZO9_happiness_0123|happy|ZO9|sentence=0123' 'nemo: a speaker we do not know'
	is "$(row folders ./data/happy/a.b.wav)" 'data/happy/a.b|happy|' 'folders'
	is "$(row folders '/d/very happy/spk12-3.wav' -v base=/d -v 'group=spk[0-9]+')" \
		'very happy/spk12-3|very happy|spk12' 'folders: base and group'
	is "$(printf '%s\n' x/a.wav x/a.flac | adapt folders | cut -f 2 | tr '\n' ' ')" 'x/a.wav x/a.flac ' \
		'folders: keys of files that differ in the extension only'
}

check_copies() {
	local name dataset
	for name in cremad/1001_DFA_ANG_XX ravdess/03-01-05-02-01-02-24 emodb/16b10Wb tess/OAF_back_ps savee/DC_sa03 nemo/WR0_surprised_64; do
		dataset=${name%/*} name=${name#*/}
		like "$(printf '%s\n' "a/$name.wav" "b/$name.flac" | adapt "$dataset" 2>&1)" \
			"line 2: the same key as line 1, a/$name.wav: one copy is enough \(DIR=\): b/$name.flac" "$dataset: a recording twice"
	done
}

check_labels() {
	local letters emotions
	emotions=$(printf '%s\n' 1001_DFA_{ANG,DIS,FEA,HAP,NEU,SAD}_XX.wav | adapt cremad | cut -f 3 | tr '\n' ' ')
	is "$emotions" 'anger disgust fear happy neutral sad ' 'cremad: labels'
	emotions=$(printf '%s\n' 03-01-0{1,2,3,4,5,6,7,8}-01-01-01-01.wav | adapt ravdess | cut -f 3 | tr '\n' ' ')
	is "$emotions" 'neutral calm happy sad anger fear disgust surprise ' 'ravdess: labels'
	for letters in W L E A F T N; do echo 03a01${letters}a.wav; done >list
	is "$(adapt emodb <list | cut -f 3 | tr '\n' ' ')" 'anger boredom disgust fear happy sad neutral ' 'emodb: labels'
	emotions=$(printf '%s\n' YAF_x_{angry,disgust,fear,happy,neutral,ps,sad}.wav | adapt tess | cut -f 3 | tr '\n' ' ')
	is "$emotions" 'anger disgust fear happy neutral surprise sad ' 'tess: labels'
	emotions=$(printf '%s\n' JE_{a,d,f,h,n,sa,su}01.wav | adapt savee | cut -f 3 | tr '\n' ' ')
	is "$emotions" 'anger disgust fear happy neutral sad surprise ' 'savee: labels'
	emotions=$(printf '%s\n' EB0_{anger,fear,happiness,neutral,sadness,surprised}_1.wav | adapt nemo | cut -f 3 | tr '\n' ' ')
	is "$emotions" 'anger fear happy neutral sad surprise ' 'nemo: labels'
}

# refuses NAME GOOD BAD...: each BAD after GOOD is status 3, one line on stderr
# that shows it and the line's number, and nothing on standard output.
refuses() {
	local name=$1 good=$2 bad got out
	shift 2
	for bad; do
		got=0
		out=$(printf '%s\n' "$good" "$bad" | adapt "$name" 2>err) || got=$?
		is "$got ${#out} $(wc -l <err) $(grep -cF "$name.awk: line 2: " err) $(grep -cF -- "$bad" err)" '3 0 1 1 1' \
			"$name refuses $(printf %q "$bad")"
	done
}

check_refusals() {
	refuses cremad 1001_DFA_ANG_XX.wav notes.txt 1001_DFA_ANG.wav 1001_XXX_ANG_XX.wav 1001_DFA_XXX_XX.wav \
		1001_DFA_ANG_ZZ.wav 1092_DFA_ANG_XX.wav 1040_ITH_ANG_X.wav 1041_ITH_SAD_X.wav 1000_DFA_ANG_XX.wav x1001_DFA_ANG_XX.wav '' $'a\t/1001_IEO_ANG_XX.wav' \
		'#/1001_IEO_ANG_XX.wav' other/1001_DFA_ANG_XX.wav ._1001_IEO_ANG_XX.wav
	refuses ravdess 03-01-01-01-01-01-01.wav 03-01-09-01-01-01-01.wav 03-01-01-02-01-01-01.wav 03-01-05-01-01-01-25.wav \
		03-01-05-01-01-01-00.wav 02-01-05-01-01-01-01.wav 03-01-05-01-01-01.wav 03-01-05-01-03-01-01.wav
	refuses emodb 03a01Fa.wav 03a01F.wav 04a01Fa.wav 03c01Fa.wav 03a01Xa.wav
	refuses tess OAF_back_sad.wav OAF_back_bored.wav OBF_back_sad.wav back_sad.wav
	refuses savee DC_a01.wav DC_x01.wav XX_a01.wav a01.wav XX/a01.wav DC_a1.wav
	refuses nemo EB0_anger_1.wav EB0_disgust_1.wav EB0_anger.wav eb0_anger_1.wav
	refuses folders a/x.wav x.wav ./x.wav a/x.wav
	fails 3 'no paths' 'no paths at all' adapt cremad </dev/null
	fails 3 'cannot be read' 'a table that is not there' adapt cremad -v demographics=none.csv <<<1001_DFA_ANG_XX.wav
	fails 3 'no columns ActorID and Sex' 'a table of something else' adapt cremad -v demographics=list <<<1001_DFA_ANG_XX.wav
	fails 3 'tells no sex of actor 1003' 'an actor that the table lacks' \
		adapt cremad -v demographics=actors.csv <<<1003_DFA_ANG_XX.wav
	fails 3 'nothing matches' 'a path without a speaker' adapt folders -v 'group=spk[0-9]+' <<<a/x.wav
}

# One take, twice.
check_twins() {
	local m
	printf '%s\n' 01-01-03-01-01-01-01.wav 03-01-03-01-01-01-01.wav 01-01-04-01-01-01-01.wav 03-02-04-01-01-01-01.wav >list
	run 0 'ravdess: videos and audio' adapt ravdess <list
	is "$(cut -f 2,4 out | tr '\t\n' ' |')" '03-01-03-01-01-01-01 01|01-01-04-01-01-01-01 01|03-02-04-01-01-01-01 01|' 'each take once'
	like "$(cat err)" '1 of 4 recordings are not used: .*modality=all keeps both' 'and says so'
	run 0 'modality=all' adapt ravdess -v modality=all <list
	is "$(cut -f 2,4 out | sort -u | wc -l) $(cut -f 4 out | sort -u) $(wc -c <err)" '4 01 0' 'keeps all, with their speaker'
	for m in 'full-av 2' 'audio-only 2'; do
		is "$(adapt ravdess -v modality="${m% *}" <list 2>err | grep -c "modality=${m% *}$")" "${m#* }" "modality=${m% *}"
	done
	fails 3 'modality=av: all, audio-only and full-av are known' 'another' adapt ravdess -v modality=av <list
}

check_rows
check_copies
check_twins
check_labels
check_refusals

# Every awk gives the same bytes.
seq -f '03-01-03-01-01-01-%02g.wav' 1 24 >list
adapt ravdess <list >want
for awk in mawk gawk 'gawk --posix' 'busybox awk' original-awk; do
	if command -v "${awk%% *}" >/dev/null; then
		adapt ravdess <list >got
		same got want "$awk"
		refuses ravdess 03-01-01-01-01-01-01.wav x.wav
	else
		skip "$awk is not installed"
	fi
done
awk='awk'

# Real names.
if [ -e "$shared/data/ravdess" ]; then
	find "$shared/data/ravdess" -name '*.flac' | sort | adapt ravdess >manifest
	is "$(wc -l <manifest) $(cut -f 2 manifest | sort -u | wc -l) $(cut -f 3 manifest | sort -u | wc -l)" '1431 1431 8' \
		'all of RAVDESS'
	is "$(cut -f 4,5 manifest | sort -u | cut -f 2 | sort | uniq -c | tr -s ' \n' ' ')" ' 12 sex=female 12 sex=male ' \
		'its actors'
else
	skip 'RAVDESS is not here'
	skip 'RAVDESS is not here'
fi
if [ -e "$shared/data/cremad/SentenceFilenames.csv" ]; then
	tr -d '"\r' <"$shared/data/cremad/SentenceFilenames.csv" | awk -F, 'NR > 1 { print "AudioWAV/" $2 ".wav" }' |
		adapt cremad -v demographics="$shared/data/cremad/VideoDemographics.csv" >manifest
	is "$(wc -l <manifest) $(cut -f 3 manifest | sort | uniq -c | tr -s ' \n' ' ')" \
		'7442  1271 anger 1271 disgust 1271 fear 1271 happy 1087 neutral 1271 sad ' 'all names of CREMA-D'
	is "$(cut -f 4,7 manifest | sort -u | cut -f 2 | sort | uniq -c | tr -s ' \n' ' ')" ' 43 sex=female 48 sex=male ' \
		'its actors'
else
	skip 'the tables of CREMA-D are not here'
	skip 'the tables of CREMA-D are not here'
fi

# Folds by speaker.
deal() { $awk -f "$root/pipelines/draw.awk" -f "$root/pipelines/split.awk" "$@"; }
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	printf 'x%s.wav\tx%s\ta\ts%02d\tsex=%s\n' $i $i $i "$([ $((i % 2)) = 0 ] && echo female || echo male)"
done >manifest
deal -v folds=5 -v seed=1 manifest >dealt 2>err
is "$(awk -F '\t' '$2 == "test" { n += split($3, a, ",") } END { print n }' dealt)" 12 'each speaker is tested once'
is "$(awk -F '\t' '{ n = split($3, a, ","); for (i = 1; i <= n; i++) if (seen[$1, a[i]]++) bad++; all[$1] += n }
	END { for (f in all) if (all[f] != 12) bad++; print bad + 0 }' dealt)" 0 'parts are disjoint and complete'
is "$(awk -F '\t' '$2 == "valid" { n = split($3, a, ","); m = 0; for (i = 1; i <= n; i++) m += substr(a[i], 2) % 2
	if (n < 3 || m == 0 || m == n) bad++ } END { print bad + 0 }' dealt)" 0 'three or more validate, of both sexes'
deal -v folds=5 -v seed=1 manifest >again 2>err
same dealt again 'the same seed, the same folds'
deal -v folds=5 -v seed=1 -v valid=0.2 manifest >again 2>err
same dealt again 'a fifth validates'
is "$(deal -v folds=6 -v seed=1 -v valid=0.5 manifest | awk '$2 == "valid" { print split($3, a, ",") }' | sort -u)" 5 'or half of ten'
for share in 0 1 x 0.2x; do
	fails 3 "valid is $share, not a share" "a share of $share" deal -v folds=5 -v seed=1 -v valid=$share manifest
done
fails 3 "valid is .99: fold 1 leaves no one to train on" "a share that is all" deal -v folds=5 -v seed=1 -v valid=.99 manifest
deal -v folds=5 -v seed=2 manifest >again 2>err
cmp -s dealt again
is $? 1 'another seed, other folds'
printf 'fold\ttest_speakers\nA\ts01 s02\nB\ts03\n' >folds.tsv
is "$(deal -v foldfile=folds.tsv -v seed=1 manifest 2>err | awk '$2 == "test" { print $1 "=" $3 }' | tr '\n' ' ')" \
	'A=s01,s02 B=s03 ' 'folds from a file'
for awk in mawk gawk 'busybox awk' original-awk; do
	if command -v "${awk%% *}" >/dev/null; then
		deal -v folds=5 -v seed=1 manifest >again 2>err
		same dealt again "the same folds in $awk"
	else
		skip "$awk is not installed"
	fi
done
awk='awk'
printf 'fold\ttest_speakers\n1\ts01 s99\n' >folds.tsv
fails 3 'no recordings of speaker s99' 'a fold with a stranger' deal -v foldfile=folds.tsv -v seed=1 manifest
printf 'fold\ttest_speakers\n1\ts01\n2\ts02 s01\n' >folds.tsv
fails 3 's01 is tested twice' 'a speaker in two folds' deal -v foldfile=folds.tsv -v seed=1 manifest
printf 'a\tb\n1\t2\n' >folds.tsv
fails 3 'no columns fold and test_speakers' 'a file that is not folds' deal -v foldfile=folds.tsv -v seed=1 manifest
fails 3 'no speaker' 'a recording without a speaker' deal -v folds=5 -v seed=1 <<<$'x.wav\tx\ta\t'
fails 3 'fewer than two speakers' 'one speaker alone' deal -v folds=5 -v seed=1 <<<$'x.wav\tx\ta\tA'
finish
