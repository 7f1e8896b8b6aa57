#!/usr/bin/env bash
# recipe(5): what a recipe says in each protocol and variant, and what sertools audio makes of
# it: one model, several, inner folds, the ledger, the report, leak-demo.
. "${0%/*}/lib.sh"
here=$root/pipelines

# parse [OPTION...]: what x.recipe says.
parse() { RECIPE=test FILE=x.recipe awk "$@" -f "$here/visible.awk" -f "$here/recipe.awk" x.recipe; }
# said PROTOCOL VARIANT [FLAGS]: the same in a line, without what variants there are.
said() { FLAGS=${3:-} parse -v protocol="$1" -v variant="$2" | grep -v '^has' | tr '\t\n' ' |'; }

printf '# x: all there is.\r\nfeatures  mel # of today\naugment speed=0.9 speed=1.1\n\nnet tiny\n' >x.recipe
cat >>x.recipe <<'END'
train --epochs 5 --batch 8 --masks
train --batch 16
drop --masks
for enrolled
train --epochs 9
net other
for all
predict --temperature 1
variant one
augment none
train --rate 0.1
variant two for enrolled
drop --epochs
net third
END
rest='augment speed=0.9 speed=1.1'
is "$(said alone '')" "features mel|$rest|net tiny|predict --temperature 1|train --epochs 5 --batch 16|" 'alone'
is "$(said enrolled-10 '')" "features mel|$rest|net other|predict --temperature 1|train --epochs 9 --batch 16|" 'enrolled'
is "$(said alone one)" 'features mel|net tiny|predict --temperature 1|train --epochs 5 --batch 16 --rate 0.1|' 'a variant'
is "$(said alone two)" "$(said alone '')" 'a variant of the other protocol'
is "$(said enrolled two)" "features mel|$rest|net third|predict --temperature 1|train --batch 16|" 'and of this one'
is "$(said alone '' '--epochs 1 --warmup 2')" "features mel|$rest|net tiny|predict --temperature 1|train --epochs 1 --batch 16 --warmup 2|" \
	'more options replace'
is "$(parse | grep '^has' | cut -f 2 | tr '\n' ' ')" 'one two ' 'the variants there are'
while IFS='|' read -r text why; do
	# shellcheck disable=SC2059
	printf "$text" >x.recipe
	fails 3 "^test: x.recipe: $why" "$text" parse
done <<'END'
|a recipe has lines features and net, or a line members
net a\n|a recipe has lines features and net, or a line members
features mel\nnet a\nmembers b\n|a recipe has lines features and net, or a line members: not both
features mel\nnets a\n|line 2: 'nets' is unknown; known are: features
features\n|line 1: features: a value is required
features mel\nnet $(touch)\n|line 2: net: '\$\(touch\)' has other characters
features mel\nnet a\ntrain 5\n|line 3: '5' is no option
features mel\nnet a\ntrain --net b\n|line 3: --net is the experiment's own
features mel\nnet a\ndrop --rate\n|line 3: drop --rate: no line train before
features mel\nnet a\nenroll mean\n|enroll mean: cmvn .with options. and net are known
features mel\nnet a\nprotocol alone known\n|protocol 'known': alone, enrolled and enrolled-10 are known
features mel\nnet a\ntest odd\n|test odd: variants is known
features mel\nnet a\ntest variants\n|test variants: of which. A line augment
for all enrolled\n|line 1: for alone, for enrolled or for all
variant a/b\n|line 1: a variant goes by a name
members a b\nweights 1\n|weights 1: as many are required
members a:0 b\n|members: 'a:0' is no recipe's name
members a b a:2\n|members: a is there twice; two trainings of it are a:2
members a b\nweights 1 x\n|weights: 'x' is no number
END
printf 'members a b\n' >x.recipe
fails 3 'no variant none is in there' 'an unknown variant' parse -v variant=none

. "$root/tests/tones.sh"
tones 6
printf 'globalavgpool\ndense classes\nsoftmax\n' >tiny.net
cat >one.recipe <<'END'
# one: a model for a test.
features mel
net tiny
train --epochs 3 --batch 8 --rate 0.1
variant short
train --epochs 1
variant slow
drop --rate
END
sed 's/--rate 0.1/--rate 0.05/; /^variant short/,$d' one.recipe >other.recipe
printf '# both: three models.\nmembers one:2 other\nweights 3 1\n' >both.recipe
recipe() { # TARGET [VARIABLE=VALUE...]
	make -f "$here/recipes.mk" CORPUS=folders DIR=corpus GROUP='spk[0-9]' NFOLDS=2 EPOCHS=2 SETS=plain WAVNORM_FLAGS='--seconds 0.5' "$@"
}
audio() { recipe audio "$@"; }
column() { awk -F '\t' -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i } { printf "%s|", $c }' "$1"; }
scripts() { audio -n "$@" 2>err | sed -n 's/^bash //p'; }

run 0 'a net, a recipe and several' audio OUT=a NETS='crnn one both'
is "$(grep -c 'audio: \[' err)" 8 'trains each model of a fold once'
is "$(column a/table.tsv net)$(column a/table.tsv training)$(column a/table.tsv protocol)" \
	'net|crnn|one|both|training|plain|plain|one:2 other|protocol|alone|alone|alone|' 'a line each, with the protocol'
is "$(column a/table.tsv parameters)" \
	"parameters|$(tsrdump a/fold1/crnn-plain/model.bin | sed -n 's/.*weights, \(.*\) parameters.*/\1/p')|387|1161|" 'and parameters'
like "$(cat out)" '\| both \| one:2 other \| alone +\|.*\| +1161 \|' 'for people, too'
is "$(column a/costs.tsv seconds | cut -d '|' -f 4)" "$(awk -F '\t' 'FNR > 1 { x += $8 } END { printf "%.1f", x / 2 }' a/fold?/o*/history.tsv)" \
	'seconds of several together'
is "$(sed 's/\t[0-9a-f]\{16\}$//' a/ledger.tsv | sort)" "$(for f in 1 2; do
	for r in both-alone crnn-plain one-alone one-alone-seed2 other-alone; do printf 'fold%s\tfold%s/%s\n' $f $f $r; done
done)" 'a line in the ledger for each test'
# The average by hand, from the single models.
tsrpick --group "$(awk -F '\t' '$1 == 1 && $2 == "test" { print $3 }' a/split.tsv)" a/features/plain.tsr |
	nnpredict --weights 3,3,2 --with a/fold1/one-alone-seed2/model.bin --with a/fold1/other-alone/model.bin \
		a/fold1/one-alone/model.bin >want
same want a/fold1/both-alone/predictions.tsv 'the average is that of its members, weighted'
run 0 'again' audio OUT=a NETS='crnn one both'
is "$(grep -c 'audio: \[' err) $(wc -l <a/ledger.tsv)" '0 10' 'trains and looks at nothing'
is "$(scripts OUT=a NETS=both | grep -v compare)" table.sh 'several alone need no more'
is "$(scripts OUT=a NETS=both RECIPE_FLAGS='--epochs 2' | grep -c 'run.sh$')" 6 'RECIPE_FLAGS changes all of them'
sed -i 's/--rate 0.05/--rate 0.06/' other.recipe
is "$(scripts OUT=a NETS=both | grep fold | tr '\n' ' ')" \
	'fold1/other-alone/run.sh fold1/both-alone/predict.sh fold2/other-alone/run.sh fold2/both-alone/predict.sh ' \
	'a changed recipe: its runs and what averages it'
sed -i 's/--rate 0.06/--rate 0.05/' other.recipe
run 0 'one of them' recipe one audio OUT=b NETS='one both' ONE=fold2/both-alone
is "$(ls b/fold2/both-alone | tr '\n' ' ')$(ls b/fold1/both-alone | tr '\n' ' ')" \
	'figures.tsv members predict.sh predictions.tsv members predict.sh ' 'is made with its members'
for f in fold2/one-alone/model.bin fold2/both-alone/predictions.tsv; do same a/$f b/$f "the same $f"; done

run 0 'seeds' audio OUT=b NETS=both SEEDS='1 2'
is "$(ls b/fold1 | tr '\n' ' ')" \
	'both-alone both-alone-seed2 one-alone one-alone-seed2 one-alone-seed3 other-alone other-alone-seed2 ' \
	'a seed and those after it'
is "$(column b/table.tsv seeds)$(column b/table.tsv parameters)" 'seeds|2|parameters|1161|' 'parameters of one of them'

# Choosing without a look at the tests.
run 0 'inner folds' audio OUT=i NETS='one both' CHOOSE=inner INNER=2 VARIANTS='slow short'
is "$(column i/table.tsv net)$(column i/table.tsv variant)" 'net|one|one|one|both|variant|-|short|slow|-|' 'the recipe and its variants'
is "$(awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } { u[NR] = $at["uar"] }
	NR == 3 { print (sprintf("%.6f", u[3] - u[2]) == $at["change"]) }' i/table.tsv)" 1 'with the change of the UAR'
[ ! -e i/ledger.tsv ]
ok $? 'no test was looked at'
is "$(awk -F '\t' 'FNR == NR { if ($2 == "test") tests[$1] = "," $3 ","; next }
	{ split($1, f, "-"); n = split($3, who, ","); for (i = 1; i <= n; i++) if (index(tests[f[1]], "," who[i] ",")) print }' a/split.tsv i/split.tsv)" '' \
	'no speaker of a test trains, validates or is tested'
is "$(awk -F '\t' '$2 == "test" { split($1, f, "-"); n[f[1]] += split($3, w, ",") } END { print n[1], n[2] }' i/split.tsv)" '3 3' \
	'and all others are tested once'
run 0 'of one fold' audio OUT=i NETS=one CHOOSE=inner INNER=2 OUTER=2
is "$(cut -f 1 i/split.tsv | uniq | tr '\n' ' ')" '2-inner1 2-inner2 ' 'OUTER'

# Speakers of whom other clips are known.
sed '/^variant/,$d' one.recipe >known.recipe
printf 'protocol alone enrolled enrolled-2\n' >>known.recipe
printf 'globalavgpool\nspeakernorm\ndense classes\nsoftmax\n' >layer.net
sed 's/tiny/layer/; s/^train/enroll net\ntrain/' known.recipe >layer.recipe
printf 'members known layer\nprotocol enrolled enrolled-2\n' >pair.recipe
printf 'members known:2 other\nprotocol enrolled-2\n' >many.recipe
run 0 'enrolled' audio OUT=e NETS='known many' -j2
is "$(column e/table.tsv protocol)" 'protocol|alone|enrolled (all other clips)|enrolled (2 clips)|enrolled (2 clips)|' 'the protocol of each line'
is "$(grep -c 'audio: \[' err)" 8 'one training for all numbers of clips'
part() { awk -F '\t' -v part="$1" '$1 == 1 && $2 == part { print $3 }' e/split.tsv; }
tsrpick --group "$(part train)" e/features/plain.tsr | cmvn -q --fit fit.tsr -o trained.tsr
tsrpick --group "$(part test)" e/features/plain.tsr | cmvn --like fit.tsr --leave-one-out | nnpredict e/fold1/known-enrolled/model.bin >want
same want e/fold1/known-enrolled/predictions.tsv 'by all other clips'
tsrpick --group "$(part test)" e/features/plain.tsr | cmvn --like fit.tsr --leave-one-out --clips 2 -s 1 |
	nnpredict --with e/fold1/known-enrolled-seed2/model.bin --with e/fold1/other-enrolled/model.bin e/fold1/known-enrolled/model.bin >want
same want e/fold1/many-enrolled-2/predictions.tsv 'by two of them'
is "$(tsrdump --field feature.cmvn e/fold1/known-enrolled/model.bin) $(tsrdump --field feature.cmvn e/fold1/known-alone/model.bin)" 'group limit=5 ' \
	'what the model was trained on'
run 0 'one protocol' audio OUT=e NETS=known PROTOCOL='enrolled-3 enrolled-1-low'
is "$(grep -c 'audio: \[' err) $(column e/table.tsv protocol)" '0 protocol|enrolled (3 clips)|enrolled (1 clip, low first)|' 'trains nothing'
run 0 'enroll-demo' recipe enroll-demo OUT=e NETS=known KNOWN='1 2' SKEW=middle
is "$(grep -c '\[' err) $(column e/table.tsv protocol)" "0 protocol|alone|enrolled (1 clip)|enrolled (2 clips)|$(
	)enrolled (1 clip, middle first)|enrolled (2 clips, middle first)|enrolled (all other clips)|" 'neither'
is "$(column e/table.tsv warned)" 'warned|-|1.000000|1.000000|1.000000|1.000000|-|' 'so few clips are warned of'
is "$(column e/table.tsv parameters | cut -d '|' -f 7)" 387 'what is known of speakers is no parameter'
is "$(awk -F '\t' '{ print $1, $2, $5 }' e/fold1/known-enrolled-2/mixed.tsv | sort | tr '\n' ' ')" \
	"$(part test | tr ',' '\n' | sed 's/$/ 2 few/' | tr '\n' ' ')" 'of each speaker'
is "$(audio OUT=e NETS='known many' -n 2>err | grep -c 'run.sh')" 0 'nor is anything trained after it'
run 2 'a label that there is not' recipe enroll-demo OUT=e NETS=known SKEW=loud
like "$(cat err)" 'SKEW=loud: no recording has that label; there are: high low middle' 'is refused'

# A variant of one protocol is no line of the other.
printf 'variant brief for enrolled\ntrain --epochs 1\n' >>known.recipe
is "$(audio OUT=v NETS=known CHOOSE=inner INNER=2 OUTER=1 VARIANTS=all plan -s 2>err | grep -c '^known+brief-enrolled$\|^known+brief-alone$')" 1 \
	'a variant for enrolled tests'
sed -i '/^variant/,$d' known.recipe

# The same by a layer of the net.
run 0 'enrolled by a layer' audio OUT=e NETS='layer pair'
is "$(column e/table.tsv protocol)" "protocol|alone|enrolled (all other clips)|enrolled (2 clips)|enrolled (all other clips)|enrolled (2 clips)|" 'the protocols'
tsrpick --group "$(part test)" -o test.tsr e/features/plain.tsr
cmvn --like fit.tsr --leave-one-out -o known.tsr test.tsr
nnpredict --leave-one-out e/fold1/layer-enrolled/model.bin test.tsr >want
same want e/fold1/layer-enrolled/predictions.tsv 'by all other clips'
nnpredict --leave-one-out --clips 2 -s 1 e/fold1/layer-enrolled/model.bin test.tsr >want
same want e/fold1/layer-enrolled-2/predictions.tsv 'by two of them'
nnpredict --leave-one-out --with e/fold1/layer-enrolled/model.bin=test.tsr e/fold1/known-enrolled/model.bin known.tsr >want
same want e/fold1/pair-enrolled/predictions.tsv 'with a model that has cmvn'
is "$(find e -name 'test*.tsr')" '' 'and no copies are left'
run 0 'enroll-demo of both' recipe enroll-demo OUT=e NETS=pair KNOWN=2
is "$(column e/table.tsv warned)" 'warned|-|1.000000|1.000000|-|' 'warns, too'

# Tests of recordings together with their variants.
printf 'variant single\ntest none\n' >single
sed 's/^net/augment noise=0.1 speed=1.1\ntest variants\nnet/' known.recipe | cat - single >seen.recipe
sed 's/tiny/layer/; s/^train/enroll net\ntrain/' seen.recipe >seen-layer.recipe
printf 'members seen seen-layer\ntest variants\nprotocol enrolled\n' >views.recipe
printf 'members seen seen-layer\nprotocol enrolled\n' >unviews.recipe
run 0 'tests with variants' audio OUT=t NETS='seen seen-layer views unviews' -j2
kinds() { echo t/features/{plain,mel-noise-0.1,mel-speed-1.1}.tsr; }
part() { awk -F '\t' -v part="$1" '$1 == 1 && $2 == part { print $3 }' t/split.tsv; }
# shellcheck disable=SC2046 # several files
tsrpick --group "$(part test)" -o test.tsr $(kinds)
tsrpick --group "$(part train)" t/features/plain.tsr | cmvn -q --fit fit.tsr -o /dev/null
cmvn --like fit.tsr --leave-one-out -o known.tsr test.tsr
is "$(wc -l <t/fold1/seen-alone/predictions.tsv)" "$((1 + $(tsrpick --count --not-aug test.tsr)))" 'a line for each recording'
nnpredict --average-variants t/fold1/seen-alone/model.bin test.tsr >want
same want t/fold1/seen-alone/predictions.tsv 'alone'
nnpredict t/fold1/seen-enrolled/model.bin known.tsr | awk -F '\t' 'NR > 1 { sub(/@.*/, "", $1); s[$1] += $7; n[$1]++ }
	END { for (k in s) printf "%s %.4f %d\n", k, s[k] / n[k], n[k] }' | sort >want
awk -F '\t' 'NR > 1 { printf "%s %.4f 3\n", $1, $7 }' t/fold1/seen-enrolled/predictions.tsv | sort >got
same want got 'by all other clips, each kind by itself'
cmvn --like fit.tsr --leave-one-out --clips 2 -s 1 test.tsr | nnpredict --average-variants t/fold1/seen-enrolled/model.bin >want
same want t/fold1/seen-enrolled-2/predictions.tsv 'by two of them'
nnpredict --average-variants --leave-one-out t/fold1/seen-layer-enrolled/model.bin test.tsr >want
same want t/fold1/seen-layer-enrolled/predictions.tsv 'by a layer of the net'
nnpredict --average-variants --leave-one-out --with t/fold1/seen-layer-enrolled/model.bin=test.tsr t/fold1/seen-enrolled/model.bin known.tsr >want
same want t/fold1/views-enrolled/predictions.tsv 'several models'
tsrpick --not-aug -o plain.tsr test.tsr
tsrpick --not-aug -o plain-known.tsr known.tsr
nnpredict --leave-one-out --with t/fold1/seen-layer-enrolled/model.bin=plain.tsr t/fold1/seen-enrolled/model.bin plain-known.tsr >want
same want t/fold1/unviews-enrolled/predictions.tsv 'whose own recipe does not say so: on recordings alone'
run 0 'enroll-demo' recipe enroll-demo OUT=t NETS=seen KNOWN=1 SKEW=middle
is "$(awk -F '\t' '{ print $1, $2 }' t/fold1/seen-enrolled-1/mixed.tsv | sort | tr '\n' ' ')" \
	"$(part test | tr ',' '\n' | sed 's/$/ 1/' | tr '\n' ' ')" 'counts recordings, not their variants'
run 0 'inner folds' audio OUT=ti NETS=seen PROTOCOL=enrolled CHOOSE=inner INNER=2 OUTER=1 VARIANTS=single
is "$(grep -c average-variants ti/fold1-inner1/seen-enrolled/run.sh) $(grep -c average-variants ti/fold1-inner1/seen+single-enrolled/run.sh)" '1 0' \
	'with and without'
is "$(cut -f 1 ti/fold1-inner1/seen-enrolled/predictions.tsv | tr '\n' ' ')" \
	"$(cut -f 1 ti/fold1-inner1/seen+single-enrolled/predictions.tsv | tr '\n' ' ')" 'of the same recordings'

# What cannot be.
refused() { # WHY [VARIABLE=VALUE...]
	run 2 "${*:2}" audio OUT=c "${@:2}"
	like "$(cat err)" "$1" 'is refused'
}
sed 's/noise=0.1/room/' seen.recipe >other-kinds.recipe
refused 'VARIANTS=all: variants are compared where no test speaker is heard' NETS=one VARIANTS=all
refused 'recipes have variants' NETS=crnn VARIANTS=all CHOOSE=inner
refused 'CHOOSE=inner: audio is about speakers' NETS=one CHOOSE=inner GROUP=none
refused 'OUTER=7: there is no fold 7' NETS=one CHOOSE=inner OUTER=7
refused 'CHOOSE=outer: inner is known' NETS=one CHOOSE=outer
refused 'no net oen .*did you mean one' NETS=oen
refused 'notebook is for nets' NETS=one PROTOCOL=notebook
refused 'that is for recipes' NETS=crnn PROTOCOL=enrolled
refused 'speaker and notebook are known, and for recipes alone, enrolled and enrolled-10' NETS=one PROTOCOL=enrolled-0
while IFS='|' read -r text why; do
	# shellcheck disable=SC2059
	printf "$text" >bad.recipe
	refused "bad.*$why" NETS=bad
done <<'END'
members odd\n|no recipe odd here or in
members both one\n|its member both has members itself
features mel\nnet odd\n|no net odd here or in
features odd\nnet tiny\n|features odd: mel, lld and functionals are known
members seen one\ntest variants\n|test variants: its member one has none
members seen other-kinds\ntest variants\n|test variants: its member other-kinds has others .augment room
features functionals odd\nnet tiny\n|no odd.fun here or in
END
is "$(find c -name '*.tsr' -o -name run.sh)" '' 'and all that before any work'

if command -v gnuplot >/dev/null; then
	sed -i 's/$/\tsex=male/; 1,9s/sex=male/sex=female/' a/manifest.tsv
	run 0 'a report' recipe report OUT=a
	is "$(perl "$root/tests/page.pl" a/report.html)" '' 'well-formed'
	text() { sed 's/<[^>]*>/ /g' | tr -s ' \n' ' '; }
	several() { sed -n '/id="c-both-alone"/,/<\/section>/p' a/report.html; }
	like "$(text <a/report.html)" 'Looks at each test test looks runs scripts 1 5 5 5 2 5 5 5' 'with the looks at each test'
	like "$(several | text)" 'Results by sex sex records accuracy .%. UAR .%. female 9 [0-9. ]* male 27' 'results by sex'
	is "$(several | grep -c '<h3>Model <code>') $(several | grep -c 'learning-')" '6 0' 'all models of several, which have no curves of their own'
	like "$(grep '^<p class="lead">' a/report.html)" 'speakers whom training had not heard' 'and on whom'
	audio OUT=e NETS='known many' >out 2>err
	run 0 'a report on enrolled tests' recipe report OUT=e LABELS="$root/pipelines/labels/fr.tsv"
	is "$(perl "$root/tests/page.pl" e/report.html)" '' 'well-formed'
	like "$(text <e/report.html)" 'inscrit \(tous les autres enregistrements\).* inscrit \(2 enregistrements\)' 'with the protocols in French'
else
	for _ in 1 2 3 4 5 6 7 8 9; do skip 'gnuplot is not installed'; done
fi

printf 'features mel\nnet tiny\ntrain --epochs 3\naugment noise\ntest variants\n' >one.recipe
run 0 'leak-demo of a recipe' recipe leak-demo NETS=one OUT=l NFOLDS=3 REPEATS=2
is "$(cut -f 1-3 l/plan.tsv | sort | uniq -c | awk '{ print $1, $4 }' | sort | uniq -c | awk '{ print $1, $2, $3 }' | tr '\n' '|')" \
	'6 12 test|6 12 valid|6 24 train|' 'as many records in each part of each run'
is "$(ls l/features | tr '\n' ' ')" 'mel-noise.sh mel-noise.tsr plain.sh plain.tsr ' 'of its features'
is "$(tsrdump --tsv --columns aug l/features/mel-noise.tsr | awk -F '\t' 'NR > 1 { n += $NF ~ /^noise/ } END { print n, NR }')" '36 37' \
	'variants are streams of their own'
printf 'globalavgpool\nsave mels\ninput row\nnormalize\nconcat mels\ndense classes\nsoftmax\n' >beside.net
printf 'features mel\nbeside row functionals basic\nnet beside\ntrain --epochs 2\naugment noise\n' >two.recipe
run 0 'leak-demo of a recipe with a second input' recipe leak-demo NETS=two OUT=l2 NFOLDS=3 REPEATS=2
is "$(cut -f 1 l2/table.tsv | wc -l)" 4 'has its three lines'
run 2 'leak-demo of several' recipe leak-demo NETS=both OUT=l
like "$(cat err)" 'one model is expected' 'is refused'
finish
