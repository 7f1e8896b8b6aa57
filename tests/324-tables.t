#!/usr/bin/env bash
# Tables of annotations as corpora, parts of recordings, and folds as EmoBox has them.
. "${0%/*}/lib.sh"
. "$root/tests/tones.sh"
tones 4
printf 'globalavgpool\ndense classes\nsoftmax\n' >tiny.net
awk='awk'
adapt() { $awk "$@" -f "$root/pipelines/datasets/table.awk"; }
manifest() { adapt -v base=/d "$@" | tr '\t' '|'; }

# Tables as they come.
is "$(printf 'file,emotion,speaker\na/x.wav,sad,s1\n./y.flac,"very, very ""sad""",s 2\n/abs/z.wav,joy,\n' | manifest)" \
	'/d/a/x.wav|a/x|sad|s1
/d/y.flac|y|very, very "sad"|s 2
/abs/z.wav|/abs/z|joy|' 'comma, quotes, paths'
is "$(printf '\357\273\277"Path";"Emo";"Onset";"Offset"\r\n"x.wav";"sad";"0,5";"1,25"\r\n\r\nx.wav;joy;2;\r\n' | manifest)" \
	'/d/x.wav|x@0.5|sad||start=0.5|end=1.25
/d/x.wav|x@2|joy||start=2' 'semicolon, a mark at the beginning, line ends of DOS, commas in numbers, parts'
is "$(printf 'file\tstart\tend\temotion\nf/x.wav\t0 days\t0 days 00:00:01.500000\tsad\nf/x.wav\t1 days 01:01:01\t\tjoy\nf/y.wav\tNaT\tNaT\tjoy\n' | manifest)" \
	'/d/f/x.wav|f/x@0|sad||start=0|end=1.5
/d/f/x.wav|f/x@90061|joy||start=90061
/d/f/y.wav|f/y|joy|' 'tabs, and times as audformat writes them'
is "$(printf 'id,the file,what,"who, really"\n1,"a\nb",c,d\n' | manifest -v file='the file' -v label=what -v speaker='who, really' 2>&1)" \
	'table.awk: line 2: a tab or a line break in file' 'a cell of two lines'
is "$(printf 'id,the file,what,"who, really","note\nmore"\n1,x.wav,c,d,"one\ntwo"\n2,y.wav,e,f,\n' | sed 's/note$/note /' |
	manifest -v file='the file' -v label=what -v speaker='who, really' 2>&1)" 'table.awk: line 1: a quote is not closed in the header' \
	'a header of two lines is refused'
is "$(printf 'id,the file,what,"who, really"\n1,x.wav,c,d\n"2\n3",y.wav,e,f\n' | manifest -v file='the file' -v label=what -v speaker='who, really')" \
	'/d/x.wav|x|c|d
/d/y.wav|y|e|f' 'columns by their names, a line break that does not matter'
is "$(printf 'file,label\nx.wav,a\nx.flac,b\n' | manifest | cut -d '|' -f 2 | tr '\n' ' ')" 'x.wav x.flac ' 'keys that differ in the ending'
bad() { # TABLE REGEX NAME [OPTION...]
	printf "$1" >table.csv
	fails 3 "$2" "$3" adapt "${@:4}" <table.csv
}
bad 'file,emotion\nx.wav\n' 'line 2: cells: 1; the header has 2' 'a short row'
bad 'file,emotion\nx.wav,\n' 'line 2: no label' 'no label'
bad 'file,emotion\nx.wav,NaN\n' 'line 2: no label of x.wav' 'no label, as pandas writes it'
is "$(printf 'file,emotion,speaker,end\nx.wav,a,nan,NaT\ny.wav,b,<NA>,nan\n' | manifest)" $'/d/x.wav|x|a|\n/d/y.wav|y|b|' 'nor a speaker or time'
bad 'file,emotion\n,sad\n' 'line 2: no file' 'no file'
bad 'file,mood\nx.wav,sad\n' 'which column is the label \(LABEL_COLUMN=\)\? There are: file, mood' 'a label of another name'
bad 'file,emotion\nx.wav,sad\n' 'no column mood \(label \(LABEL_COLUMN=\)\); there are: file, emotion' 'a column that is not there' -v label=mood
bad 'file,emotion,start,end\nx.wav,sad,2,1\n' 'line 2: end is 1, start 2' 'an end before the start'
bad 'file,emotion,start\nx.wav,sad,later\n' 'line 2: start is later, not seconds' 'no time'
bad 'file,emotion\nx.wav,sad\nx.wav,joy\n' 'line 3: the same recording and start as line 2: x.wav' 'a recording twice'
bad 'file,emotion\nx.wav,"sad\n' 'line 2: a quote is not closed' 'an open quote'
bad 'file,emotion\n' 'a header and no rows' 'no rows'
bad '' 'no table' 'nothing'
if find_python csv; then
	"$python" - >want <<-'END'
		import csv, random
		random.seed(9)
		rows, odd = [], ['a', 'b c', 'd,e', 'f"g', '', ' h ', "i'j", 'k;l', 'ü\u4e2d']
		for i in range(200):
		    rows.append([f'{i % 7}/rec {i}.wav', random.choice(odd[:4] + odd[5:]), random.choice(odd), f'{random.random():.3f}', random.choice(odd)])
		with open('random.csv', 'w', newline='', encoding='utf-8-sig') as f:
		    w = csv.writer(f)
		    w.writerow(['file', 'emotion', 'speaker', 'start', 'note'])
		    w.writerows(rows)
		for r in rows:
		    print('\t'.join(['/d/' + r[0], r[0][:-4], r[1], r[2], 'start=' + r[3]]))
	END
	for awk in mawk gawk 'busybox awk' original-awk; do
		if command -v "${awk%% *}" >/dev/null; then
			adapt -v base=/d <random.csv >got
			same got want "as Python's csv reads it, in $awk"
		else
			skip "$awk is not installed"
		fi
	done
	awk='awk'
else
	for _ in 1 2 3 4; do skip 'there is no Python'; done
fi

audio() { # [VARIABLE=VALUE...]
	make -f "$root/pipelines/recipes.mk" audio NETS=tiny SETS=plain EPOCHS=1 NFOLDS=2 WAVNORM_FLAGS='--seconds 0.5' "$@"
}
payloads() { tsrdump --data "$1/features/plain.tsr" | cut -f 3- | sort; }

# The same corpus as label folders, as a table, and as parts of long recordings.
run 0 'label folders' audio CORPUS=folders DIR=corpus GROUP='spk[0-9]' OUT=folders
(cd corpus && echo 'path,what is felt,who' && for f in */*.wav; do
	who=${f#*/}
	echo "$f,${f%%/*},${who%-*}"
done) >corpus/labels.csv
run 0 'a table' audio TABLE=corpus/labels.csv CORPUS=table LABEL_COLUMN='what is felt' SPEAKER_COLUMN=who OUT=table
is "$(payloads table | md5sum)" "$(payloads folders | md5sum)" 'the same features'
is "$(cut -f 4- table/table.tsv | cut -f 1-6)" "$(cut -f 4- folders/table.tsv | cut -f 1-6)" 'and the same result'
mkdir -p long && perl -e '
	my %t;
	for my $f (sort glob "corpus/*/*.wav") {
		$f =~ m,/(\w+)/(spk\d), or die;
		open my $i, "<:raw", $f or die; local $/; my $x = substr <$i>, 44;
		push @rows, join ",", "$2.wav", length($t{$2} // "") / 16000, (length($t{$2} // "") + length $x) / 16000, $1, $2;
		$t{$2} .= $x;
	}
	for (keys %t) {
		open my $o, ">:raw", "long/$_.wav" or die;
		print $o "RIFF", pack("V", 36 + length $t{$_}), "WAVEfmt ", pack("VvvVVvv", 16, 1, 1, 8000, 16000, 2, 16), "data",
			pack("V", length $t{$_}), $t{$_};
	}
	open my $o, ">", "long/parts.csv"; print $o "file,start,end,emotion,speaker\n", map { "$_\n" } @rows;'
run 0 'parts of long recordings' audio TABLE=long/parts.csv CORPUS=table OUT=parts
is "$(payloads parts | md5sum)" "$(payloads folders | md5sum)" 'the same features'
if command -v gnuplot >/dev/null; then
	run 0 'a report on parts' make -f "$root/pipelines/recipes.mk" report OUT=parts CLIPS=no
	like "$(cat parts/report.html)" 'A part of <code>.*/long/spk[0-9].wav</code>, seconds [0-9.]+-[0-9.]+' 'says which they are'
else
	for _ in 1 2; do skip 'gnuplot is not installed'; done
fi
run 0 'a folder beside a table' audio TABLE=long/parts.csv DIR=corpus/../long CORPUS=table OUT=parts
is "$(grep -c 'recordings under' err)" 0 'whose recordings are all used'
cp long/spk1.wav long/more.wav
run 0 'another recording' audio TABLE=long/parts.csv DIR=long CORPUS=table OUT=parts
is "$(grep 'recordings under' err)" "audio: 1 recordings under $PWD/long are not in long/parts.csv and not used" 'is counted'
run 2 'no such table' audio TABLE=none.csv CORPUS=table OUT=none
like "$(cat err)" 'no file none.csv \(TABLE=' 'is named'
iconv -t UTF-16 <long/parts.csv >wide.csv 2>/dev/null || printf 'f\0i\0' >wide.csv
run 2 'a table in UTF-16' audio TABLE=wide.csv CORPUS=table DIR=long OUT=none
like "$(cat err)" 'wide.csv is no CSV or TSV: it has zero bytes.* save it as CSV in UTF-8' 'says what to do'
run 2 'no table at all' audio CORPUS=table DIR=corpus OUT=none
like "$(cat err)" 'usage: sertools audio CORPUS=table TABLE=' 'is a usage error'
sed 's/,spk.*//' corpus/labels.csv | sed '1s/,who//' >corpus/nobody.csv
run 2 'no speakers' audio TABLE=corpus/nobody.csv CORPUS=table LABEL_COLUMN='what is felt' OUT=none
like "$(cat err)" 'no speaker is known of 24 of 24 .*GROUP=none' 'says how'
run 0 'GROUP' audio TABLE=corpus/nobody.csv CORPUS=table LABEL_COLUMN='what is felt' GROUP='spk[0-9]' OUT=group
run 0 'GROUP where there are speakers' audio TABLE=long/parts.csv CORPUS=table OUT=group GROUP=none
like "$(cat err)" 'audio: GROUP=none is not used: the corpus tells its speakers' 'says that it is not used'
sed 's/,spk\([0-9]\)$/,"Doe, J. \1"/' long/parts.csv >long/comma.csv
run 0 'speakers with commas' audio TABLE=long/comma.csv CORPUS=table OUT=comma
is "$(cut -f 3 comma/fold?/tiny-plain/predictions.tsv | sort -u | tr '\n' '|')" 'Doe; J. 1|Doe; J. 2|Doe; J. 3|Doe; J. 4|group|' 'are kept apart'
sed 's/low/UNCERTAIN/' long/parts.csv >long/uncertain.csv
run 2 'a label that is none' audio TABLE=long/uncertain.csv CORPUS=table OUT=none
like "$(cat err)" 'the label UNCERTAIN is what nnpredict writes' 'is refused before any work'

# Folds as EmoBox has them.
entry() { sed "s,\(.*\)/\(.*\)\.wav,{\"key\": \"tones-\1-\2\"\, \"dataset\": \"tones\"\, \"wav\": \"downloads/tones/\1/\2.wav\"\, \"length\": 0.5\, \"emo\": \"\1\"},"; }
names() { (cd corpus && ls -d ./*/spk[$1]-*.wav | sed 's,^\./,,'); }
fold() { # NAME TEST TRAIN [VALID]
	mkdir -p emobox/fold_$1
	names "$2" | entry >emobox/fold_$1/tones_test_fold_$1.jsonl
	names "$3" | entry >emobox/fold_$1/tones_train_fold_$1.jsonl
	[ -z "${4:-}" ] || names "$4" | entry >emobox/fold_$1/tones_valid_fold_$1.jsonl
}
folds() { audio CORPUS=folders DIR=corpus GROUP='spk[0-9]' FOLDS=emobox OUT="$1" "${@:2}"; }
parts() { awk -F '\t' '{ sub(/.*\//, "", $3); sub(/-.*/, "", $3); print $1, $2, $3 }' "$1/keys.tsv" | sort | uniq -c | awk '{ print $2, $3, $4 "*" $1 }' | tr '\n' ' '; }
fold 1 12 34
fold 2 34 1 2
run 0 'folds of JSON lines' folds emo SETS='plain x3'
is "$(parts emo | sed 's/2 train.*//; s/1 valid spk[34]/1 valid spkV/; s/1 train spk[34]/1 train spkT/')" \
	'1 test spk1*6 1 test spk2*6 1 train spkT*6 1 valid spkV*6 2 test spk3*6 2 test spk4*6 ' 'test what they say; where none validate, a speaker does'
is "$(parts emo | sed 's/.*2 train/2 train/')" '2 train spk1*6 2 valid spk2*6 ' 'or those that they say'
is "$(sed 1d emo/fold1/tiny-x3/predictions.tsv | cut -f 3 | sort | uniq -c | tr -s ' \n' ' ') $(cut -f 1 emo/fold2/tiny-x3/rows.tsv | sort | uniq -c | tr -s ' \n' ' ')" \
	' 6 spk1 6 spk2   36 test 18 train 18 valid ' 'in each run'
is "$(cut -f 3 emo/table.tsv | head -n 1) $(grep -c 'not speaker-independent' out)" 'records 0' 'and are nothing special'
printf '{"key": "x", "wav": "d/low/sp\\u00e4t.wav"}\n' >>emobox/fold_1/tones_train_fold_1.jsonl
mkdir 'd(1)' && cp -r corpus 'd(1)/corpus'
run 0 'a recording that is not there' folds more DIR='d(1)'
like "$(cat err)" "audio: FOLDS=: 1 of 49 lines are of recordings that are not in the corpus, the first d/low/spät.wav" 'is counted'
cp corpus/low/spk1-1.wav corpus/low/spät.wav && cp corpus/low/spk1-1.wav corpus/low/spk1-7.wav
run 0 'a name with an accent' folds more GROUP='sp(k[0-9]|.*t)'
is "$(grep -c 'FOLDS=' err) $(grep FOLDS= err)" '1 audio: FOLDS=: 1 of 26 recordings are in no fold and not used' 'is found, and one that no fold has is counted'
rm corpus/low/spk1-7.wav corpus/low/spät.wav
rm -r emobox
mkdir -p emobox/fold1 emobox/fold2
for f in 1 2; do
	(cd corpus && ls ./*/*-$f.wav) | sed 's,^\./,,' | entry >emobox/fold$f/test.jsonl
	(cd corpus && ls ./*/*-$((3 - f)).wav) | sed 's,^\./,,' | entry | sed 's/"wav"/"audio"/' >emobox/fold$f/train.jsonl
done
run 0 'folds that do not keep speakers apart' folds heard
is "$(grep -c 'given folds, a voice in training and test: not speaker-independent' out) $(grep -c allow-overlap heard/fold1/tiny-plain/run.sh)" '1 1' \
	'are marked'
is "$(sed -n 2p heard/table.tsv | cut -f 3)" 24 'and all are tested'
head -n 1 emobox/fold1/train.jsonl >>emobox/fold1/test.jsonl
run 2 'a recording on both sides' folds none
like "$(cat err)" 'FOLDS=: fold 1: .* is in .* and in ' 'is named'
rm emobox/fold2/test.jsonl
run 2 'a fold without a test' folds none
like "$(cat err)" 'emobox/fold2/: no train.jsonl and test.jsonl' 'is named'
is "$(grep -c 'FOLDS=:' err)" 0 'and nothing else'
rm -r emobox/*
run 2 'a folder without folds' folds none
like "$(cat err)" 'emobox: no fold_1/train.jsonl' 'says so'
finish
