#!/usr/bin/env bash
# Corpora as users have them: files of all kinds, broken ones, labels without speakers,
# classes that a fold lacks, mistyped variables, names that mean something elsewhere.
. "${0%/*}/lib.sh"
. "$root/tests/tones.sh"
tones 4
printf 'globalavgpool\ndense classes\nsoftmax\n' >tiny.net

audio() { # [VARIABLE=VALUE...]
	make -f "$root/pipelines/recipes.mk" audio CORPUS=folders NETS=tiny SETS=plain EPOCHS=1 NFOLDS=2 WAVNORM_FLAGS='--seconds 0.5' "$@"
}
corpus() { audio DIR=corpus GROUP='spk[0-9]' "$@"; }

# Every file is used or counted.
cp -r corpus mixed
cd mixed || exit 99
cp low/spk1-1.wav low/spk1-3.WAV
mv low/spk2-1.wav low/spk2-1.Wave
for f in low/a.m4a low/b.M4A high/c.webm high/d.aac high/e.amr high/f.wma high/g.mp4 high/h.3gp high/i.mka high/noending \
	low/._spk1-1.wav .DS_Store Thumbs.db __MACOSX/low/._spk1-1.wav notes.txt table.CSV README read.md x.json .git/objects/12; do
	mkdir -p "$(dirname $f)" && echo x >$f
done
cd ..
run 0 'a folder of all kinds' audio DIR=mixed GROUP='spk[0-9]' OUT=kinds
is "$(wc -l <kinds/manifest.tsv) $(grep -c 'WAV\|Wave' kinds/manifest.tsv)" '25 2' 'recordings are used, whatever the case of their ending'
line=$(grep 'audio: of ' err)
is "$(grep -c 'audio: of ' err) $(find mixed -type f | wc -l)" '1 45' 'one notice'
like "$line" "^audio: of 45 files in $PWD/mixed, 25 are used; no recordings: [^;]*; left out: [^;]*; to use these: find -L" 'counts all'
kinds() { sed "s/.*; $1: \([^;]*\);.*/\1/" <<<"$line" | sed 's/, /\n/g' | sort | tr '\n' ' '; }
is "$(kinds 'left out')" '1 .3gp 1 .aac 1 .amr 1 .mka 1 .mp4 1 .webm 1 .wma 1 without ending 2 .m4a ' 'by their endings'
is "$(kinds 'no recordings')" '1 .csv 1 .db 1 .json 1 .md 1 .txt 1 named README 1 of __MACOSX 3 hidden ' 'and apart what is no recording'
if command -v ffmpeg >/dev/null; then
	mkdir -p "it's mine/low" && cp -r corpus/middle "it's mine"
	for s in 1 2 3 4; do
		ffmpeg -nostdin -v error -i corpus/low/spk$s-1.wav "it's mine/low/spk$s.m4a"
		ffmpeg -nostdin -v error -i corpus/low/spk$s-2.wav -f wav "it's mine/low/spk$s-x"
	done
	run 2 'labels whose recordings are of no known kind' audio DIR="it's mine" GROUP='spk[0-9]' OUT=convert
	bash -c "$(sed -n 's/.*to use these: //p' err)" >log 2>&1
	run 0 'after what is to be typed' audio DIR="it's mine" GROUP='spk[0-9]' OUT=convert
	is "$(cut -f 3 convert/manifest.tsv | sort | uniq -c | tr -s ' \n' ' ')" ' 8 low 8 middle ' 'all are used'
else
	for _ in 1 2 3; do skip 'ffmpeg is not installed'; done
fi
cp -r corpus kinds
run 0 'a folder in OUT' audio DIR=kinds/corpus GROUP='spk[0-9]' OUT=kinds
is "$(wc -l <kinds/manifest.tsv)" 24 'is used'
mkdir around && cp -r corpus around && cd around || exit 99
cp ../tiny.net .
run 0 'OUT in the folder' audio DIR=. GROUP='spk[0-9]' OUT=inside
line=$(grep 'audio: of' err)
run 0 'again' audio DIR=. GROUP='spk[0-9]' OUT=inside
is "$(grep 'audio: of' err)" "$line" 'is not counted'
cd ..
mkdir empty only && echo >only/a.m4a
run 2 'an empty folder' audio DIR=empty OUT=none
like "$(cat err)" "audio: no recordings under $PWD/empty" 'says so'
run 2 'no recordings of a known kind' audio DIR=only OUT=none
like "$(tr '\n' ' ' <err)" "left out: 1 .m4a; to use these: find .* audio: no recordings under $PWD/only" 'says what there is'
mkdir -p 'lines/low' && cp corpus/low/spk1-1.wav $'lines/low/a\nb.wav'
cp -r corpus/. lines
run 2 'a line break in a name' audio DIR=lines GROUP='spk[0-9]' OUT=none
is "$(grep -c 'training' err)" 0 'before any work'
like "$(cat err)" 'low/a b.wav: the name of a recording has a line break' 'is refused'
cp -r corpus bytes && mv bytes/low $'bytes/tr\xfcb'
run 2 'a label that is not UTF-8' audio DIR=bytes GROUP='spk[0-9]' OUT=none
like "$(cat err)" 'audio: the name tr\\xfcb/.* is no UTF-8, or has characters that do not show: rename it \(convmv' 'is shown before any work'
is "$(grep -c 'SKIP_BAD' err)" 0 'with what helps'
cp -r corpus turned && mv turned/low $'turned/l\xe2\x80\xaeow'
run 2 'nor one that turns its text' audio DIR=turned GROUP='spk[0-9]' OUT=none
like "$(cat err)" 'the name l\\u202eow/' 'is shown'

# Broken recordings.
cp -r corpus broken && : >broken/low/spk1-1.wav && echo 'no sound' >broken/high/spk2-1.wav && ln -s nowhere broken/high/spk1-9.wav
run 2 'broken recordings' audio DIR=broken GROUP='spk[0-9]' OUT=broken.out
is "$(grep -c '^wavnorm: ' err) $(grep -c '^melspec: ' err) $(grep -c '^audio: SKIP_BAD=1 leaves one' err)" '1 0 1' \
	'stop the run, with the way out'
run 2 'more than are allowed' audio DIR=broken GROUP='spk[0-9]' OUT=broken.out SKIP_BAD=2
like "$(cat err)" 'audio: more than SKIP_BAD=2 recordings are broken: a larger' 'are refused with the number'
run 0 'SKIP_BAD' audio DIR=broken GROUP='spk[0-9]' OUT=broken.out SKIP_BAD=3 SETS='plain x3'
is "$(tail -n 1 out)" '3 of 25 recordings are broken and were skipped: high/spk1-9, high/spk2-1, low/spk1-1.' 'and the result says which'
is "$(sed -n 2p broken.out/table.tsv | cut -f 3) $(grep -l 'wavnorm.*--skip-bad 3' broken.out/features/*.sh | wc -l) $(
	grep -c 'melspec.*--skip-bad 3' broken.out/features/x3.sh) $(grep -c 'augment.*--skip-bad 3' broken.out/features/x3.sh) $(
	grep -c 'nnpredict.*--skip-bad 3' broken.out/fold1/tiny-plain/run.sh)" '22 2 1 1 1' 'every filter that has it gets it'

# Labels without speakers.
run 2 'no speakers' audio DIR=corpus OUT=none
like "$(cat err)" "no speaker is known of 24 of 24 recordings, the first high/spk1-1: GROUP='.*GROUP=none takes each recording" 'both ways out are named'
run 2 'a pattern that finds none' audio DIR=corpus GROUP='actor\.[0-9]' OUT=none
like "$(cat err)" 'where GROUP=actor\\.\[0-9\] matches nothing' 'is named'
run 0 'GROUP=none' audio DIR=corpus GROUP=none OUT=alone SETS='plain x3'
is "$(cut -f 1-3 alone/table.tsv | cut -f 2 | tr '\n' ' ') $(grep -c 'every recording its own speaker: not speaker-independent' out)" \
	'training plain x3  2' 'is marked'
is "$(cut -f 1,2 alone/keys.tsv | sort | uniq -c | awk '$3 == "test"' | tr -s ' \t\n' ' ')" ' 12 1 test 12 2 test ' 'each is tested once'
is "$(awk -F '\t' 'NR == FNR { label[$2] = $3; next } $2 == "test" { n[$1, label[$3]]++ }
	END { for (k in n) print n[k] }' alone/manifest.tsv alone/keys.tsv | sort | uniq -c | tr -s ' \n' ' ')" ' 6 4 ' 'label by label'
is "$(awk -F '\t' '$1 == "train" { n++; v += $2 ~ /@/ } $1 != "train" && $2 !~ /@/ { m++ } END { print n, v, m }' alone/fold1/tiny-x3/rows.tsv) $(
	sed 1d alone/fold1/tiny-x3/predictions.tsv | wc -l)" '27 18 15 12' 'variants are with their recording, and train alone'
run 2 'leak-demo without speakers' make -f "$root/pipelines/recipes.mk" leak-demo CORPUS=folders DIR=corpus GROUP=none OUT=none
like "$(cat err)" 'leak-demo is about speakers' 'is refused'

if command -v gnuplot >/dev/null; then
	like "$(cat alone/compare.svg)" '<text>UAR by protocol' 'the plot does not speak of speakers not heard'
	run 0 'a report' make -f "$root/pipelines/recipes.mk" report OUT=alone CLIPS=no
	like "$(cat alone/report.html)" 'Training had heard the speakers of its tests' 'nor does the report'
	run 0 'of broken ones' make -f "$root/pipelines/recipes.mk" report OUT=broken.out CLIPS=no
	like "$(cat broken.out/report.html)" '3/25: high/spk1-9, high/spk2-1, low/spk1-1' 'with those that were skipped'
else
	for _ in 1 2 3 4 5; do skip 'gnuplot is not installed'; done
fi

# A class that only one speaker has.
mkdir -p rare/calm && cp -r corpus/low corpus/high rare && cp corpus/middle/spk1-*.wav rare/calm
run 0 'a fold that lacks a class' audio DIR=rare GROUP='spk[0-9]' OUT=rare.out
fold=$(awk -F '\t' '$2 == "test" && $3 ~ /spk1/ { print $1 }' rare.out/split.tsv)
like "$(grep -n . err | tr '\n' ' ')" "audio: fold $fold has no training recording of calm: .*features of" 'is said before any work'
is "$(for f in 1 2; do tsrdump --field class rare.out/fold$f/tiny-plain/model.bin | tr '\n' ' '; done)" 'calm high low calm high low ' \
	'all models have all classes'
is "$(awk -F '\t' '$1 == "support" { print $2, $3 }' rare.out/tiny-plain.figures.tsv | sort | tr '\n' '|')" 'calm 2|high 8|low 8|' 'and all are tested'
cp -r corpus/low one && mkdir onelabel && mv one onelabel/low
run 2 'one label alone' audio DIR=onelabel GROUP='spk[0-9]' OUT=none
like "$(cat err)" 'all recordings have one label, low' 'is refused'

# Mistakes, each with what to type.
mistake() { # REGEX [VARIABLE=VALUE...]
	run 2 "${*:2}" corpus OUT=none "${@:2}"
	is "$(grep -c . err)" 2 'one line and make'"'"'s'
	like "$(cat err)" "$1" 'says what is wrong'
}
mistake 'SEED=1 2: a whole number is required.*SEEDS='"'1 2'" SEED='1 2'
mistake 'SEED=x: a whole number' SEED=x
mistake 'SEEDS=1 b: whole numbers' SEEDS='1 b'
mistake 'NFOLDS=abc: a whole number' NFOLDS=abc
mistake 'NFOLDS=9, but there are 4 speakers: NFOLDS=4 at most, or FOLDS=loso' NFOLDS=9
mistake 'EPOCHS=x: a whole number is required, 1 at least' EPOCHS=x
mistake 'EPOCHS=0: a whole number is required, 1 at least' EPOCHS=0
mistake 'SEEDS=1 2 1: 1 is there twice' SEEDS='1 2 1'
mistake 'NETS=tiny tiny: tiny is there twice' NETS='tiny tiny'
mistake 'SETS=: a value is required' SETS=
mistake 'PROTOCOL= : a value|PROTOCOL=: a value' PROTOCOL=' '
mistake 'no net bset here .*, nor such a recipe; did you mean best\?' NETS=bset
mistake 'no net tyni.*did you mean tiny\?' NETS=tyni
mistake 'a net goes by its name' NETS='../tiny'
touch file.wav
mistake 'file.wav is a file, but the experiment becomes a folder' OUT=file.wav
mistake 'no folder nowhere .*sertools list corpora' DIR=nowhere
mistake 'GROUP=\(: this is no extended regular expression' GROUP='('
mistake "CORPUS=ravdes: .*did you mean ravdess\?" CORPUS=ravdes
mistake 'TRAIN_FLAGS=.*a quote without its other' TRAIN_FLAGS="--rate '1"
run 2 'a mistyped variable' corpus OUT=none EPOCH=3
like "$(cat err)" 'no recipe has a variable EPOCH; did you mean EPOCHS\? \(sertools help audio\)' 'the nearest is named'
is "$(ls none)" $'corpus.txt\nmanifest.tsv' 'and nothing was made'

# Without a program that recipes use.
mkdir tools && for p in $(compgen -c | sort -u); do f=$(type -P "$p") && ln -sf "$f" tools/ 2>/dev/null; done
for p in flock sha256sum xargs; do
	rm -f "tools/$p"
	PATH=$PWD/tools run 2 "without $p" audio OUT=none
	like "$(cat err)" "audio: $p is not installed \\(package [a-z-]*\\)" 'is named, with its package'
	ln -s "$(type -P $p)" tools/
done

# Names that mean something to the shell, to make or to awk.
odd="o'd \"d\" \$(touch pwned) \`touch pwned\`; touch pwned # 100% a\\nb & *"
cp -r corpus "$odd"
run 0 'an odd folder, in and out' audio DIR="$odd" GROUP='spk[0-9]' OUT="$odd.out" CORPUS_NAME="$odd"
is "$(head -n 1 "$odd.out/manifest.tsv" | cut -f 1)" "$PWD/$odd/high/spk1-1.wav" 'are taken as they are'
run 0 'a line break in OUT' corpus OUT=$'a\nb'
[ -s $'a\nb/table.md' ]
ok $? 'is one'
cp -r corpus ./-dash && run 0 'a dash in front' audio DIR=-dash GROUP='spk[0-9]' OUT=-out
[ -s ./-out/table.md ]
ok $? 'is no option'
run 0 'an equals sign' corpus OUT=a=b
mkdir labels && cp -r corpus/low "labels/\$(touch pwned)" && cp -r corpus/high "labels/a'b \"c\" \`touch pwned\`;%\\n"
for f in labels/*/*; do mv "$f" "$(dirname "$f")/$(basename "$f" .wav | sed 's/spk/; touch pwned $(touch pwned) /').wav"; done
run 0 'odd labels and speakers' audio DIR=labels GROUP='; .* [0-9]' OUT=labels.out
is "$(awk -F '\t' '$1 == "support" { print $2 }' labels.out/tiny-plain.figures.tsv | sort)" "\$(touch pwned)
a'b \"c\" \`touch pwned\`;%\\n" 'are taken as they are'
if command -v gnuplot >/dev/null; then
	like "$(cat labels.out/tiny-plain.confusion.svg)" "<text>a'b .+c.+ \`touch pwned" 'in plots, too'
else
	skip 'gnuplot is not installed'
fi
for f in OUT DIR NETS SEED TRAIN_FLAGS WAVNORM_FLAGS GROUP FOLDS RUN; do
	corpus OUT=none "$f=\$(shell touch pwned)x" >out 2>err
	[ $f = RUN ] || corpus OUT=none "$f=x; touch pwned #\$(touch pwned)\`touch pwned\`" >out 2>err
done
is "$(find . -name pwned)" '' 'nothing ran'
finish
