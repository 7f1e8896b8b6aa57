#!/usr/bin/env bash
# Names and values from outside that a shell, gnuplot, a page or a terminal would obey.
. "${0%/*}/lib.sh"
. "$root/tests/tones.sh"
need_tools gnuplot
in=.
recipe() { make --no-print-directory -C "$in" -f "$root/pipelines/recipes.mk" "$@"; }
page() { perl "$root/tests/page.pl" "$@"; }
# raw FILE...: how many bytes in it a terminal obeys or cannot show, or are no UTF-8.
raw() {
	perl -CO -e 'use Encode; my $n = 0;
		while (defined(my $line = <>)) {
			my $text = eval { decode("UTF-8", $line, 1) };
			$n++, next unless defined $text;
			$n++ if $text =~ /[\x00-\x08\x0b-\x1f\x7f-\x9f\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2069}\x{feff}]/;
		}
		print $n' "$@"
}
unharmed() {
	is "$(find . -name canary)" '' "$1: no command ran"
}

# Classes and speakers.
tones 4
mv corpus/low 'corpus/<i>&"'\''`touch canary`{{x}}|@#'
mv corpus/middle 'corpus/#50%s\n'
mv corpus/high 'corpus/$(touch canary)'
recipe audio CORPUS=folders DIR=corpus GROUP='spk[0-9]' NFOLDS=2 NETS=crnn SETS=plain EPOCHS=1 \
	WAVNORM_FLAGS='--seconds 0.5' OUT=a >out 2>err || { cat err >&2; exit 99; }
run 0 'a report on such classes' recipe report OUT=a
is "$(page a/report.html)" '' 'is well-formed, and has them as text'
is "$(grep -c '<i>\|<script' a/report.html)" 0 'none as markup'
unharmed 'report OUT'
printf '%s\t%s\n' '<i>&"'\''`touch canary`{{x}}|@#' '<b>"\e[31m' >names.tsv
run 0 'with other names for them' recipe report OUT=a LABELS=names.tsv
is "$(page a/report.html)$(grep -c '<b>"' a/report.html)" 0 'they too are text'

# Each name as a file, for all that makes something of it.
model=$PWD/a/fold1/crnn-plain/model.bin
wave=$(find "$PWD/corpus" -name '*.wav' | sort | sed -n 1p)
cp "$wave" wave.wav
mkdir names
in=names
names=(-dash.wav --output=canary.wav 'two  words.wav' $'new\nline.wav' "it's.wav" '"q".wav' '`touch canary`.wav' '$(touch canary).wav'
	"';system(\"touch canary\");'.wav" ';touch canary;.wav' '|touch canary.wav' '<touch canary.wav' '%s%n$.wav' '@a {b}_c^d~.wav' '{{x|y}}.wav' '<script>alert(1)<.wav'
	$'\e[31mred.wav' $'c1\xc2\x9b31m.wav' $'bidi\xe2\x80\xaetxt.wav' $'zero\xe2\x80\x8bwidth.wav' $'latin\xe9.wav' 'back\nslash.wav' '*.wav' '$x.wav'
	$'tab\tbed.wav' '#a.wav' '$(shell touch canary).wav' "';touch canary;'.wav" 'é 日本.wav' '.wav')
for name in "${names[@]}"; do
	cp wave.wav "names/$name"
	said=$(printf %q "$name")
	run 0 "report FILE=$said" recipe report FILE="$name" MODEL="$model"
	page=names/$(cat out)
	is "$(wc -l <out | tr -d ' ') $(raw out err "$page") $(page "$page")" '1 0 ' 'a page that is well-formed'
	is "$(grep -c '<script' "$page") $(grep -c "<h1>..*</h1>" "$page")" '0 1' 'has the name as text'
	run 0 "spectrogram FILE=$said" recipe spectrogram FILE="$name"
	page=names/$(cat out)
	is "$(raw out err "$page") $(sed -n 's/.*<text>\(.*\)<\/text>.*/\1/p' "$page" | grep -c '^time (s)$')" '0 1' 'is a picture'
	run 2 'OUT of another ending' recipe report FILE="$name" MODEL="$model" OUT="$name"
	is "$(raw err)" 0 'is named without harm'
done
unharmed 'names of files'
run 0 'a name with $ as make wants it' recipe report FILE='$$x.wav' MODEL="$model" OUT=x.html
cp "$model" "names/it's;touch canary;\$(touch canary) model.bin"
run 0 'a model with such a name' recipe report FILE=.wav MODEL="it's;touch canary;\$(touch canary) model.bin" OUT=m.html
run 2 'no model but a command' recipe report FILE=.wav MODEL="x;touch canary" OUT=m2.html
for text in 'a;touch canary' '$(touch canary)' '`touch canary`' $'a\ntouch canary' "a'touch canary'"; do
	run 2 "report OUT=$(printf %q "$text")" recipe report OUT="$text"
	run 2 "spectrogram OUT=$(printf %q "$text")" recipe spectrogram FILE=.wav OUT="$text"
	run 2 "spectrogram RECORD=$(printf %q "$text")" recipe spectrogram FILE=.wav RECORD="$text"
	run 2 "report STEP=$(printf %q "$text")" recipe report FILE=.wav MODEL="$model" STEP="$text"
	run 2 "report MISTAKES=$(printf %q "$text")" recipe report OUT=../a MISTAKES="$text"
done
for text in $'a\ntouch canary' "<b>\\x';touch canary;\$(touch canary)"; do
	run 0 "report CORPUS=$(printf %q "$text")" recipe report OUT=../a MISTAKES=0 CORPUS="$text"
	is "$(page a/report.html)" '' 'is text'
done
unharmed 'variables'
in=.

# Heads of streams and models.
melspec -q -o mel.tsr <(wavnorm -q wave.wav)
for field in rate hop mels fmin fmax nfft center; do
	for value in '1; system("touch canary")' '`touch canary`' "'.system('touch canary').'" '1 -o canary' '@x' 'nan' '-' '1e999'; do
		printf 'H\ttype=mel\t%s\nT\tf32\t8,4\tramp\tkey=a\nE\n' "$(printf '%s\t' rate=8000 hop=64 mels=4 fmin=0 fmax=4000 nfft=128 center=yes \
			scale=db ref=max formula=slaney | sed "s|$field=[^	]*|$field=$(sed 's/[|&\\]/\\&/g' <<<"$value")|; s/	$//")" |
			"$BUILD/unit/maketsr" evil.tsr
		recipe spectrogram FILE=evil.tsr OUT=evil.svg >out 2>err
	done
done
for field in scale ref formula key label start; do
	printf 'H\ttype=mel\trate=8000\thop=64\tmels=4\tfmin=0\tfmax=4000\tnfft=128\tcenter=yes\tscale=db\tref=max\tformula=slaney%s\nT\tf32\t8,4\tramp\tkey=a%s\nE\n' \
		"$([[ $field = scale || $field = ref ]] && printf "\\t%s" 'x=`touch canary`')" \
		"$([[ $field = key || $field = formula ]] || printf '\t%s=%s' "$field" "1';system('touch canary')#\`touch canary\`")" |
		"$BUILD/unit/maketsr" evil.tsr
	recipe spectrogram FILE=evil.tsr OUT=evil.svg >out 2>err
done
unharmed 'the heads of streams'
for setting in 'rate=8000 -o canary' 'level=output canary' 'level=output' 'hop=`touch canary`' 'at=centre; touch canary' 'trim=$(touch canary)'; do
	tsrnpy --to npz --layout keys "$model" -o m.npz 2>err || true
	tsrnpy m.npz --set "feature.$setting" -o evil.bin 2>err || { ok 1 "a model with $setting"; continue; }
	recipe report FILE=wave.wav MODEL=evil.bin OUT=x.html >out 2>err
done
unharmed 'the heads of models'
# What a run lists becomes words of make.
for text in 'x;touch canary' '$(touch canary)' 'x y' '`touch canary`' '../%' "'"; do
	cp -r a b
	TEXT=$text awk -F '\t' -v OFS='\t' '{ $1 = ENVIRON["TEXT"] } 1' a/runs.tsv >b/runs.tsv
	run 2 "a run named $text" recipe report OUT=b
	like "$(cat err)" 'other characters than' 'is refused'
	rm -r b
done
unharmed 'the names of runs'

# What is printed.
printf 'evil\e[31mcol,b\xe2\x80\xaee,c\xc2\x9bd,label,g\n' >e.csv
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	printf '\e]0;x\av-%s-%d,%d,\xe2\x80\xae%s\xe2\x80\x8b\xe2\x81\xa6,%s,g%d\n' "$((i % 2))" $i $((i % 2)) "$((i % 2))" "$((i % 2))" $((i % 4)) >>e.csv
done
printf 'label label\ngroup g\n' >e.prep
for how in --describe '--describe --tsv' '--audit --recipe e.prep' '--audit --tsv --recipe e.prep'; do
	csvprep $how e.csv >out 2>err
	is "$(grep -c 'evil\\x1b\[31mcol' out | awk '{ print ($1 > 0) }') $(raw out err)" '1 0' "csvprep $how"
done
cp mel.tsr $'m\e[31m\xe2\x80\xae.tsr'
run 0 'tsrdump' tsrdump $'m\e[31m\xe2\x80\xae.tsr'
is "$(head -n 1 out) $(raw out)" 'm\x1b[31m\u202e.tsr: segment 1: mel 0' 'prints the name of a file without harm'
fails 3 'none\\u009b.tsr' 'and in messages' tsrdump $'none\xc2\x9b.tsr'
is "$(raw err)" 0 'too'
printf 'key\tlabel\tgroup\tpred\nk\e[31m\ta\tg\ta\n' >k.tsv
printf 'key\tlabel\tgroup\tpred\nk\ta\tg\xe2\x80\xae\ta\n' >g.tsv
echo 'else -> $x' >x.rules
for f in k g; do
	fails 3 "$f.tsv: line 2: column '(key|group)': " 'a key or speaker in predictions' fuse --rules x.rules x=$f.tsv
done
finish
