#!/usr/bin/env bash
# sertools report: a page on a run and on a recording, whole, alone and readable.
. "${0%/*}/lib.sh"
. "$root/tests/tones.sh"
need_tools gnuplot
tones 6
# Names that HTML, the shell and gnuplot take for something else.
mv corpus/low/spk1-1.wav "corpus/low/spk1-1 <b>&'{{x}}|\".wav"
# Labels that are wrong, and so will be confident mistakes.
mv corpus/low/spk2-1.wav corpus/high/spk2-3.wav
mv corpus/high/spk5-1.wav corpus/low/spk5-3.wav
mv corpus/middle/spk6-1.wav corpus/low/spk6-3.wav
here=$root/pipelines
audio() {
	make -f "$here/recipes.mk" audio CORPUS=folders DIR=corpus GROUP='spk[0-9]' NFOLDS=2 NETS=crnn EPOCHS=3 \
		WAVNORM_FLAGS='--seconds 0.5' "$@"
}
report() { make -f "$here/recipes.mk" report "$@"; }
page() { perl "$root/tests/page.pl" "$@"; }
sections() { sed -n 's/.*<section id="\([^"]*\)"><h2>.*/\1/p' "$1" | tr '\n' ' '; }

audio OUT=a >out 2>err || { cat err >&2; exit 99; }
run 0 'a run' report OUT=a
is "$(cat out)" '' 'nothing on the standard output'
is "$(page a/report.html)" '' 'well-formed, alone, and accessible'
is "$(sections a/report.html)" 'run comparison c-crnn-plain c-crnn-x3 mistakes ' 'its sections'
if command -v xmllint >/dev/null; then
	run 0 'xmllint reads it' xmllint --noout a/report.html
else
	skip 'xmllint is not installed'
fi
is "$(grep -c 'http' a/report.html)" 0 'no address in it'
for id in compare learning-crnn-x3 confusion-crnn-x3 after-crnn-plain risk-crnn-plain mistake-1; do
	is "$(grep -c "<title id=\"$id-t\">..*</title><desc id=\"$id-d\">..*</desc>" a/report.html)" 1 "the plot $id, in words too"
done
is "$(grep -c '^pg\|>pg' a/report.html)" "$(for m in a/fold?/*/model.bin; do tsrdump --field pg $m; done | wc -l)" 'the provenance of all models'
# The figures are those of evalconf, asked for one speaker.
{
	sed -n 1p a/fold1/crnn-x3/predictions.tsv
	cat a/fold?/crnn-x3/predictions.tsv | awk -F '\t' '$3 == "spk2"'
} | evalconf -q --tsv --bootstrap 0 | awk -F '\t' '$1 == "accuracy" || $1 == "uar" { printf "%.1f ", 100 * $3 }' >want
sed -n '/id="c-crnn-x3"/,/<\/section>/p' a/report.html | sed -n 's/.*>spk2<.th>//p' | sed 's/<[^>]*>/ /g' | awk '{ printf "%s %s ", $2, $3 }' >got
same want got 'accuracy and UAR of a speaker as evalconf has them'
# Worst first.
sed -n '/id="c-crnn-x3"/,/<\/section>/p' a/report.html | sed -n 's/^<tr><th scope="row">\(spk[0-9]\)<.th>/\1 /p' | sed 's/<[^>]*>/ /g' | awk '{ print $4 }' >got
is "$(wc -l <got) $(sort -g got | cmp - got && echo sorted)" '6 sorted' 'all speakers, the worst first'
# Mistakes: as many as are wanted, the most confident, counted by hand.
cat a/fold?/crnn-plain/predictions.tsv | awk -F '\t' '$5 != $2 && $5 != "UNCERTAIN" && $5 != "NOSPEECH" && $1 != "key"' >plain
cat a/fold?/crnn-x3/predictions.tsv | awk -F '\t' '$5 != $2 && $5 != "UNCERTAIN" && $5 != "NOSPEECH" && $1 != "key"' >x3
best=$(awk -F '\t' 'NR > 1 && $7 > most { most = $7; best = $2 } END { print best }' a/table.tsv)
most=$(wc -l <"$best")
is "$(grep -c '<article>' a/report.html) $(grep -c '<audio ' a/report.html)" "$((most < 12 ? most : 12)) $((most < 12 ? most : 12))" 'mistakes, with players'
like "$(cat a/report.html)" "<p>Of <code>crnn-$best</code>, which has the highest UAR of the comparison" 'whose they are, and why'
like "$(cat a/report.html)" 'come from folders, whose terms are not known here' 'a word on the licence'
find a -name '*.html' -printf '%p %T@ %s\n' | sort >before
# Names that make cannot have as a target's.
for name in "a b's" -a 'a#$(touch canary)%:c'; do
	cp -r a "./$name" && rm -r "./$name/report" "./$name/report.html"
	run 0 "a run in $name" report OUT="$name"
	is "$(tail -n 1 err)" "report: $name/report.html" 'is named as given'
	is "$(page "./$name/report.html")" '' 'well-formed'
done
[ ! -e canary ]
ok $? 'and nothing of the names runs'
run 0 'a second time' report OUT=a
find a -name '*.html' -printf '%p %T@ %s\n' | sort >after
same before after 'writes nothing'
cp a/report.html want
# The same by every awk. Some builds of busybox have no exp() and log(), which take
# temperatures back: it makes a page on a run without them.
audio OUT=b SETS=plain EPOCHS=1 TRAIN_FLAGS='--calibrate no' >out 2>err
report OUT=b >out 2>err
for awk in 'mawk a' 'gawk a' 'busybox b'; do
	r=${awk#* } awk=${awk% *}
	if ! command -v "$awk" >/dev/null; then
		skip "$awk is not installed"
		continue
	fi
	mkdir -p "awks/$awk"
	printf '#!/bin/sh\nexec %s "$@"\n' "${awk/busybox/busybox awk}" >"awks/$awk/awk"
	chmod +x "awks/$awk/awk"
	cp -r $r other
	rm -r other/report other/report.html
	PATH=$PWD/awks/$awk:$PATH report OUT=other >out 2>err
	sed "s/, other</, $r</" other/report.html >got
	same $r/report.html got "the same page by $awk"
	rm -r other
done
rm a/report/config-crnn-x3.html a/report.html
run 0 'a part that is gone' report OUT=a -j2
is "$(cat err)" $'report: crnn-x3\nreport: a/report.html' 'is made again, alone'
same want a/report.html 'the same bytes'
run 0 'without clips, and fewer' report OUT=a CLIPS=no MISTAKES=2 CORPUS=ravdess
is "$(grep -c '<article>' a/report.html) $(grep -c '<audio ' a/report.html)" '2 0' 'as asked'
like "$(cat a/report.html)" '<td>CC BY-NC-SA 4.0</td>' 'with the licence of the corpus'

# What was found, first, and by what the run's own tables have.
best=crnn-$best
rest=$(awk -F '\t' -v best="$best" 'NR > 1 { c = $1 "-" $2; low[c] = $8; high[c] = $9 } END {
	for (c in low) if (c != best && high[c] >= low[best]) print c }' a/table.tsv)
lead() { grep '^<p class="lead">' "$1" | sed "s/<[^>]*>//g; s/&#39;/'/g"; }
like "$(sed -n '/<h1>/,/<nav/p' a/report.html)" '<p class="lead">' 'what was found comes first'
like "$(lead a/report.html)" "^Of 2 configurations $best has the highest UAR, the mean of the classes' recalls: $(awk -F '\t' -v best="$best" \
	'NR > 1 && $1 "-" $2 == best { printf "%.1f %% .95 %% interval %.1f to %.1f.", 100 * $7, 100 * $8, 100 * $9 }' a/table.tsv); guessing reaches 33.3 %\." \
	'the best, its interval, chance'
is "$(lead a/report.html | grep -c "Not told apart from it, as intervals overlap: $rest\.")" "$([ -z "$rest" ] && echo 0 || echo 1)" 'what it is not told apart from'
# The most frequent confusion is as often as this.
like "$(lead a/report.html)" "taken for .*, in $(awk -F '\t' 'NR > 1 { for (i = 2; i <= NF; i++) if (i != NR && $i > most) { most = $i; sum = $2 + $3 + $4 } }
	END { print most " of " sum }' "a/$best.confusion.tsv") records" 'what it confuses most'
like "$(lead a/report.html)" 'It was tested on speakers whom training had not heard\.' 'on whom'

# Names: French words, and classes of a file.
mkdir l
printf 'low\tGrave & <bas>\nhigh\tAigu\n' >l/fr.tsv
run 0 'in French' report OUT=a LABELS=l/fr.tsv
is "$(page a/report.html)" '' 'well-formed'
like "$(cat a/report.html)" '<html lang="fr">' 'says so'
is "$(grep -c '>Grave &amp; &lt;bas&gt;<' a/report.html | awk '{ print ($1 > 2) }') $(grep -c '>low<' a/report.html)" '1 0' 'classes by their names'
is "$(sed '/^#/d' "$here/report/fr.tsv" | cut -f 1 | sort | uniq -d)" '' 'none twice'
like "$(cat a/report.html)" '<td class="n">[0-9]+,[0-9] <span>' 'with decimal commas'

# Tables, which have no recordings, and the protocols.
make -f "$here/recipes.mk" csv OUT=c TABLES=clip-voice NETS=mlp NFOLDS=2 EPOCHS=25 >out 2>err
run 0 'a run of sertools csv' report OUT=c LABELS="$here/labels/fr.tsv"
is "$(page c/report.html)" '' 'well-formed'
is "$(sections c/report.html)" 'run comparison c-clip-voice-mlp-rows c-clip-voice-mlp-actors mistakes ' 'its sections'
like "$(cat c/report.html)" 'De <code>clip-voice-mlp-actors</code>, qui a la plus haute UAR \([0-9,]*'$'\xc2\xa0''%\) de celles qui ont été testées sur des locuteurs' \
	'mistakes of actors not heard'
is "$(grep -c '<audio ' c/report.html) $(grep -c '<article>' c/report.html)" '0 12' 'without players'
make -f "$here/recipes.mk" leak-demo CORPUS=folders DIR=corpus GROUP='spk[0-9]' NFOLDS=2 REPEATS=2 NETS=crnn EPOCHS=2 \
	WAVNORM_FLAGS='--seconds 0.5' OUT=d >out 2>err
run 0 'a run of sertools leak-demo' report OUT=d LABELS="$here/labels/fr.tsv"
is "$(page d/report.html)" '' 'well-formed'
is "$(sections d/report.html)" 'run comparison c-record c-clip c-speaker mistakes ' 'its sections'
like "$(cat d/report.html)" 'De <code>speaker</code>, qui' 'mistakes of speakers not heard'
like "$(lead d/report.html)" '^Des 3 configurations, speaker a la plus haute UAR' 'nor is another one found best'
# Not a plain blank before what French sets off, no decimal point, in text and plots.
for p in a c d; do
	perl -0777 -pe 's/<style>.*?<\/style>|<pre>.*?<\/pre>|<code>.*?<\/code>|<td>(wavnorm|nntrain|csvprep)[^<]*//gs; s/<[^>]*>/\n/g' $p/report.html >text
	is "$(grep -E ' ([:;?!%]|»)|« |^[0-9]+\.[0-9]|\([0-9]+\.[0-9]' text)$(grep -c $'\xc2\xa0%' text | awk '{ print ($1 > 0) }')" 1 "no-break spaces and commas in $p"
done
is "$(sed '/^#/d' "$here/report/fr.tsv" | cut -f 2 | grep -cE ' ([:;?!%]|»)|« ')" 0 'nor in the words'

# Each of the pages' texts has a translation: what is left is data.
cat [acd]/report/*.html | grep -o '{{[^}]*}}' | sed 's/^{{//; s/}}$//; s/|.*//' | tr '\006' "'" >texts
awk -F '\t' 'FNR == NR { if (!/^# [^(%]/) known[$1]; next }
	{ key = $0; gsub(/[0-9]+(\.[0-9]+)?/, "#", key) }
	!($0 in known) && !(key in known) && key ~ /[A-Za-z]/ { print }' "$here/report/fr.tsv" texts | sort -u |
	grep -vE "^($(levels | paste -s -d '|' -))$" |
	grep -vE '^(crnn|spk[0-9]|folders|wavnorm|nntrain|csvprep|Grave|Aigu|middle|high|low|S\. R\.|RAVDESS|CC BY|clip-voice|mlp|actors|record|speaker|clip|Col|Dég|Peur|Joie|Neutre|Tristesse|[^ ]* &gt; )' >left
is "$(cat left)" '' 'all of their words are translated'

# One recording.
model=a/fold1/crnn-x3/model.bin
run 0 'a recording' report FILE="corpus/low/spk1-1 <b>&'{{x}}|\".wav" MODEL=$model OUT=one.html
is "$(cat out)" 'one.html' 'tells where the page is'
is "$(page one.html)" '' 'well-formed'
is "$(sections one.html)" 'answer spectrogram model ' 'its sections'
wavnorm --seconds 0.5 "corpus/low/spk1-1 <b>&'{{x}}|\".wav" | melspec | nnpredict $model >answer.tsv
like "$(cat one.html)" "The answer is <b>$(awk -F '\t' 'NR == 2 { print $5 }' answer.tsv)</b>" 'the answer of the pipe'
like "$(cat one.html)" "$(awk -F '\t' 'NR == 2 { printf "has %.1f %%", 100 * $6 }' answer.tsv)" 'as sure'
# p.CLASS and its figure, the largest first.
awk -F '\t' 'NR == 1 { for (i = 7; i <= NF; i++) name[i] = substr($i, 3) }
	NR == 2 { for (i = 7; i <= NF; i++) print $i, name[i], $5 }' answer.tsv | sort -gr | awk '
	{ name[NR] = $2; p[NR] = sprintf("%.0f %%", 100 * $1); pred = $3 }
	END {
		first = pred == "UNCERTAIN" ? "Uncertain: " name[1] " " p[1] : toupper(substr(name[1], 1, 1)) substr(name[1], 2) ": " p[1]
		printf "%s, %s %s.\n", first, name[2], p[2]
	}' >want
lead one.html >got
same want got 'a sentence first'
perl -e 'my $x = join "", map { pack "v", 0xffff & int(8000 * sin(6.2831853 * ($_ < 12000 ? 200 : 1800) * $_ / 8000)) } 0 .. 23999;
	open my $o, ">:raw", "long.wav" or die;
	print $o "RIFF", pack("V", 36 + length $x), "WAVEfmt ", pack("VvvVVvv", 16, 1, 1, 8000, 16000, 2, 16), "data", pack("V", length $x), $x;'
run 0 'a long one, two models' report FILE=long.wav MODEL="$model a/fold2/crnn-x3/model.bin" OUT=new/long.html STEP=0.25
is "$(page new/long.html)" '' 'well-formed'
is "$(sections new/long.html)" 'answer time spectrogram model ' 'its sections'
wavnorm --window 0.5 --step 0.25 long.wav | melspec | nnpredict --with a/fold2/crnn-x3/model.bin $model | sed 1d >windows.tsv
like "$(cat new/long.html)" "$(wc -l <windows.tsv) windows, 0.25 s apart" 'its windows'
is "$(sed -n '/id="time"/,/<\/section>/p' new/long.html | grep -c '<tr><th scope="row"')" "$(cut -f 6 windows.tsv | uniq | wc -l)" \
	'a line for each stretch'
is "$(sed -n '/id="time"/,/<\/section>/p' new/long.html | grep '<tr><th scope="row"' | sed 's/<[^>]*>/ /g' | awk '
	NR == 1 && $2 != 0 || NR > 1 && $2 != end { print "gap at " $2 }
	{ end = $3 }
	END { print end }')" 3.00 'which follow each other to its end'
like "$(lead new/long.html)" "^[A-Z][a-z]* in $(cut -f 6 windows.tsv | grep -v UNCERTAIN | sort | uniq -c | sort -nr | awk 'NR == 1 { print $1 }') of $(wc -l <windows.tsv) windows; on average " 'how many of them, first'
# A model that ships, whose card comes first.
perl "$root/tests/voice.pl" 2 >short.wav
perl "$root/tests/voice.pl" 8 >whole.wav
run 0 'a model that ships' report FILE=short.wav MODEL=ravdess OUT=ship.html
is "$(page ship.html)" '' 'well-formed'
is "$(sections ship.html)" 'about answer spectrogram model ' 'its card first'
like "$(sed -n '/id="about"/,/<\/section>/p' ship.html | sed 's/<[^>]*>/ /g' | tr -s ' \n' ' ')" \
	"licence CC BY-NC-SA 4.0 .* alone all $(awk -F '\t' '$2 == "uar" && $3 == "all" { printf "%.1f", 100 * $4 }' "$here/models/ravdess.tsv") .*Article 5" \
	'with licence, figures and law'
sertools predict ravdess short.wav >answer.tsv
like "$(cat ship.html)" "$(awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } NR == 2 { printf "has %.1f %%", 100 * $at["confidence"] }' answer.tsv)" 'what sertools predict says'
run 0 'in French, of windows' report FILE=whole.wav MODEL=ravdess OUT=ship.html LABELS=fr
like "$(cat ship.html)" '6 fenêtres, espacées de 1 s' 'of three seconds'
is "$(sed -n '/id="about"/,/<\/section>/p' ship.html | grep -c 'European\|worst\|[0-9] and [0-9]')" 0 'all of it'
run 2 'two models of whole recordings' report FILE=short.wav MODEL='ravdess ravdess' OUT=x.html
like "$(cat err)" 'is reported on alone' 'are refused'
# A recording that ends within a window.
perl -e 'my $x = join "", map { pack "v", 0xffff & int(8000 * sin(6.2831853 * 300 * $_ / 8000)) } 0 .. 8559;
	open my $o, ">:raw", "odd.wav" or die;
	print $o "RIFF", pack("V", 36 + length $x), "WAVEfmt ", pack("VvvVVvv", 16, 1, 1, 8000, 16000, 2, 16), "data", pack("V", length $x), $x;'
run 0 'one that ends within a window' report FILE=odd.wav MODEL=$model OUT=odd.html STEP=0.3
is "$(sed -n '/id="time"/,/<\/section>/p' odd.html | grep '<tr><th scope="row"' | sed 's/<[^>]*>/ /g' | awk 'END { print $3 }')" 1.07 'has no stretch beyond its end'
like "$(cat odd.html)" 'as the network gets the recording: 1.07 seconds' 'nor a spectrogram'
# Two windows, all uncertain; the first is drawn, too.
perl -e 'my $x = pack("v", 0) x 16000;
	open my $o, ">:raw", "two.wav" or die;
	print $o "RIFF", pack("V", 36 + length $x), "WAVEfmt ", pack("VvvVVvv", 16, 1, 1, 16000, 32000, 2, 16), "data", pack("V", length $x), $x;'
run 0 'silence of two windows' report FILE=two.wav MODEL=$model OUT=two.html STEP=0.5
is "$(cat err)" '' 'without a word of gnuplot'
is "$(sed -n '/id="time"/,/<\/section>/p' two.html | grep '<tr><th scope="row"' | sed 's/<[^>]*>/ /g' | awk 'END { print $3 }')" 1.00 'ends where it ends'
# Windows without speech.
part() { awk -f "$here/visible.awk" -f "$here/report/lib.awk" -f "$here/report/$1.awk" "${@:2}"; }
{
	printf 'key\tlabel\tgroup\tstart\tpred\tconfidence\tp.sad\tp.neutral\n'
	printf 'k\t-\t-\t%s\t%s\t%s\t%s\t%s\n' 0 NOSPEECH 0.9 0.1 0.9 1 sad 0.7 0.7 0.3 2 UNCERTAIN 0.51 0.51 0.49
} >some.tsv
is "$(part segments -v window=2 -v step=1 -v end=3.4 some.tsv | cut -f 1-4 | sed 1d | tr '\t\n' ' |')" \
	'NOSPEECH 0.00 1.50 -|sad 1.50 2.50 70.0|UNCERTAIN 2.50 3.40 51.0|' 'have no confidence'
is "$(part lead some.tsv | TEXT=/dev/null awk -f "$here/report/say.awk")" \
	'<p class="lead">Sad in 1 of 3 windows; on average sad 60 %, neutral 40 %. Uncertain in 1. No speech in 1.</p>' 'and no say in the mean'
is "$(head -n 2 some.tsv | part lead - | TEXT=/dev/null awk -f "$here/report/say.awk")$(head -n 2 some.tsv | part verdict -)" \
	'<p class="lead">No speech was found.</p>' 'alone, they have no number'
is "$(sed 2,3d some.tsv | part lead - | TEXT=/dev/null awk -f "$here/report/say.awk")" '<p class="lead">Uncertain: sad 51 %, neutral 49 %.</p>' 'an uncertain one'

perl -e 'my $x = join "", map { pack "v", 0xffff & int(8000 * sin(6.2831853 * 300 * $_ / 8000)) } 0 .. 159999;
	open my $o, ">:raw", "large.wav" or die;
	print $o "RIFF", pack("V", 36 + length $x), "WAVEfmt ", pack("VvvVVvv", 16, 1, 1, 8000, 16000, 2, 16), "data", pack("V", length $x), $x;'
run 0 'a large recording' report FILE=large.wav MODEL=$model OUT=large.html STEP=0.5
if command -v opusenc >/dev/null; then
	is "$(grep -o 'src="data:audio/[a-z]*' large.html) $(($(grep '<audio ' large.html | wc -c) < 320000))" 'src="data:audio/ogg 1' 'is in the page as Opus'
else
	is "$(grep -o 'src="data:audio/[a-z]*' large.html)" 'src="data:audio/wav' 'is in the page as it is'
fi
cp "$here/../README.md" text.wav 2>/dev/null || echo text >text.wav
bad_audio=$(report FILE=text.wav MODEL=$model OUT=x.html 2>&1 >out | sed -n 1p)
like "$bad_audio" '^wavnorm: text.wav: ' 'a file that is no recording'

bad() { # REGEX NAME ARGUMENT...
	local re=$1 name=$2
	run 2 "$name" report "${@:3}"
	like "$(cat err)" "$re" 'is named'
}
bad 'usage: sertools report OUT=folder-of-a-run, or sertools report FILE=recording MODEL=models' 'no OUT'
bad 'usage: sertools report' 'a file without a model' FILE=long.wav
bad 'none/table.tsv is missing: a finished run of sertools audio' 'no such run' OUT=none
cp -r a cut
rm cut/fold2/crnn-x3/predictions.tsv
bad 'cut/fold2/crnn-x3/predictions.tsv is missing: the experiment is not finished' 'an unfinished run' OUT=cut
cp -r a cut2
rm cut2/crnn-plain.figures.tsv
bad 'cut2/crnn-plain.figures.tsv is missing' 'a figure that is not there' OUT=cut2
printf 'a\tb\n1\t2\n' >cut2/table.tsv
bad 'cut2/table.tsv: this is no table of sertools audio' 'another table' OUT=cut2
bad 'none.wav is missing: no such recording' 'no such recording' FILE=none.wav MODEL=$model OUT=x.html
bad 'none.bin is missing: no such model' 'no such model' FILE=long.wav MODEL=none.bin OUT=x.html
bad 'x.pdf: a name that ends in .html' 'another format' FILE=long.wav MODEL=$model OUT=x.pdf
bad 'CLIPS=maybe' 'another CLIPS' OUT=a CLIPS=maybe
bad 'no file none.tsv' 'no such names' OUT=a LABELS=none.tsv
bad 'MISTAKES=many' 'another MISTAKES' OUT=a MISTAKES=many
[ ! -e x.html ] && [ ! -e x.pdf ]
ok $? 'and leaves nothing'
mv corpus gone
rm -f a/report/mistakes.html
run 0 'recordings that are gone' report OUT=a
is "$(page a/report.html)" '' 'well-formed'
is "$(grep -c 'The recording is no longer where it was' a/report.html | awk '{ print ($1 > 0) }') $(grep -c '<audio ' a/report.html)" '1 0' 'are said to be gone'
mv gone corpus

# In a browser.
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [ -z "$browser" ]; then
	skip 'chromium is not installed'
	finish
	exit
fi
report OUT=a CLIPS=yes >out 2>err
cp "$root/tests/page.html" .
# look PAGE WIDTH SCHEME: what page.html found; 0 is dark, 1 light.
look() {
	timeout 90 "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --user-data-dir="$tmp/chromium" \
		--allow-file-access-from-files --enable-logging=stderr --blink-settings=preferredColorScheme="$3" --window-size=1400,1000 \
		--virtual-time-budget=8000 --dump-dom "file://$tmp/page.html?$1,$2" 2>log | sed -n 's/<pre id="found">//; /^fits=/,/^ink=/p' >found
	is "$(grep -c CONSOLE log)" 0 "$1, $2 pixels: not a word on the console"
}
found() { sed -n "s/^$1=//p" found; }
for p in a/report.html one.html new/long.html; do
	for width in 390 1280; do
		look $p $width 1
		is "$(found fits) $(found over)" 'true none' 'nothing is wider than the window'
		is "$(found cut)" none 'what is cut has a sign of it'
		is "$(found figures) $(found empty) $(found images) $(found small)" "$(grep -c '<svg ' $p) 0 0 0" 'each plot is there, with ink, and not too small'
		is "$(found players) $(found dumb)" "$(grep -c '<audio ' $p) 0" 'each player has its recording'
	done
done
light="$(found paper) $(found ink)"
look one.html 390 0
is "$light | $(found paper) $(found ink)" 'rgb(255, 255, 255) rgb(27, 31, 36) | rgb(20, 24, 29) rgb(230, 233, 237)' 'light and dark'
finish
