#!/usr/bin/env bash
# sertools search: what it chooses and by what, who is heard when, the ledger, what is refused.
. "${0%/*}/lib.sh"
. "$root/tests/tones.sh"
tones 8
printf 'normalize\nglobalavgpool\ndropout 0.1\ndense 8\nrelu\ndense classes\nsoftmax\n' >tiny.net
cat >slow.recipe <<'END'
# slow: a model that has not learnt much.
features mel
net tiny
validate none
train --epochs 9 --batch 8 --rate 0.001 --label-smoothing 0.1 --schedule constant --patience 0 --keep last
variant without-smoothing
drop --label-smoothing
END
printf 'parameter\tvalues\ntrain --rate\t0.0001 to 0.3 log\nnet dense 1\t4 | 8\nnet dropout\tnone | 0.2\ntrain --label-smoothing\tnone | 0.2\n' >slow.tsv
search() { # [VARIABLE=VALUE...]
	make -f "$root/pipelines/recipes.mk" search CORPUS=folders DIR=corpus GROUP='spk[0-9]' NFOLDS=2 BASE=slow INNER=2 SETTINGS=4 RUNGS=2 \
		WAVNORM_FLAGS='--seconds 0.5' "$@"
}
scripts() { search -n "$@" 2>err | sed -n 's/^bash //p'; }
column() { awk -F '\t' -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i } NR > 1 { printf "%s|", $c }' "$1"; }
uar() { evalconf -q --tsv --bootstrap 0 "$@" | awk -F '\t' '$1 == "uar" { print $3 }'; }

run 0 'a search' search OUT=a -j2
is "$(grep -c '\[.*training\|\[.*continuing' err)" 32 'trains what goes on alone'
is "$(column a/table.tsv setting)$(column a/table.tsv records)" 'chosen|default|48|48|' 'what was chosen, and the recipe as it is'
is "$(cut -f 1 a/settings.tsv | paste -s -d ' ')" 'setting setting0 setting1 setting2 setting3 setting4' 'the settings'
is "$(column a/settings.tsv fold1_rung | tr '|' '\n' | sort | uniq -c | awk '{ printf "%s of %s ", $1, $2 }')" '3 of 1 2 of 2 ' 'of five one goes on, beside the recipe'
best=$(awk -F '\t' '$3 == "yes" { print $1 }' a/fold1/rung2.tsv)
[ "$best" != setting0 ] && [ "$(column a/folds.tsv setting)" != 'setting0|setting0|' ]
ok $? 'a better one is chosen'
is "$(column a/folds.tsv looks)$(column a/folds.tsv expected)" '2|2|2|2|' 'two looks at each test'
like "$(cat a/table.md)" 'By the ledger each test was looked at 2 times;.*For use: chosen.recipe' 'for people, too'

# By hand: the chosen setting, trained in one go.
is "$(tail -n 1 a/recipes/$best.recipe | cut -d ' ' -f 1) $(grep -c variant a/recipes/$best.recipe)" 'train 0' 'its recipe ends in what it changes'
members() { awk -F '\t' -v fold="$1" -v part="$2" '$1 == fold && $2 == part { print $3 }' a/split.tsv; }
trained() { # FOLD
	read -ra flags < <(sed -n 's/.*nntrain -q .* --net \(.*\) --pause-after.*/--net a\/\1/p' "a/fold1-inner1/$best-alone-rung1/run.sh")
	tsrpick --group "$(members "$1" train),$(members "$1" valid)" a/features/plain.tsr | nntrain -q "${flags[@]}" -o model.bin
	tsrpick --group "$(members "$1" test)" a/features/plain.tsr | nnpredict model.bin
}
trained 1-inner1 >want
same want "a/fold1-inner1/$best-alone-rung2/predictions.tsv" 'the second rung goes on where the first ended'
is "$(awk -F '\t' -v s="$best" '$1 == s { print $2 }' a/fold1/rung2.tsv)" "$(uar a/fold1-inner?/"$best"-alone-rung2/predictions.tsv)" \
	'all inner folds together are one UAR'
trained 1 >want
same want a/fold1/chosen/predictions.tsv 'then all training speakers train'
same "a/fold1/$best-alone/model.bin" a/fold1/chosen/model.bin 'its model is there'
is "$(tail -n +2 a/fold1/rung2.tsv | sort -t '	' -k 2,2nr -k 1,1 | sed -n '1s/\t.*//p')" "$best" 'the highest was chosen'

# Who was heard.
is "$(awk -F '\t' '$2 == "test" && !/-inner/ { tests[$1] = "," $3 "," }
	/-inner/ { split($1, f, "-"); n = split($3, who, ","); for (i = 1; i <= n; i++) if (index(tests[f[1]], "," who[i] ",")) print }' a/split.tsv)" '' \
	'no speaker of a test in its inner folds'
is "$(cut -f 1,2 a/ledger.tsv | sort)" "$(for f in 1 2; do
	printf 'fold%s\tfold%s/%s-alone\n' $f $f setting0 $f $f "$(awk -F '\t' '$3 == "yes" { print $1 }' a/fold$f/rung2.tsv)"
done | sort)" 'the tests were looked at for these alone'
for s in 1 2 3 4; do [ setting$s = "$best" ] || cat a/fold1/setting$s-alone/figures.tsv; done >got
is "$(sort -u got)" 'not chosen, says fold1/rung2.tsv' 'the others were not trained for them'
is "$(find a -name '*checkpoint*')$(find a -path '*inner*' -name model.bin)" '' 'nothing is left of trainings on inner folds'
cp a/chosen.* .
run 0 'chosen.recipe is for use' make -f "$root/pipelines/recipes.mk" audio CORPUS=folders DIR=corpus GROUP='spk[0-9]' NFOLDS=2 NETS=chosen \
	WAVNORM_FLAGS='--seconds 0.5' OUT=use
gain=$(awk -F '\t' 'NR > 1 && $NF > most { most = $NF; s = $1 } END { print s }' a/settings.tsv)
like "$(head -n 1 a/chosen.recipe)" "^# chosen: $gain of a search that began with slow" 'and says what it is'

# Again, longer, changed, removed.
run 0 'again' search OUT=a
is "$(grep -c '\[' err) $(wc -l <a/ledger.tsv)" '0 4' 'trains and looks at nothing'
is "$(scripts OUT=a SETTINGS=6 | grep rung1/run.sh | cut -d / -f 2 | sort | uniq -c | awk '{ printf "%s %s ", $1, $2 }')" \
	'4 setting5-alone-rung1 4 setting6-alone-rung1 ' 'a longer search goes on'
cp a/table.md before.md
rm "a/fold1/$best-alone/figures.tsv" a/fold2/setting0-alone/*.tsv
run 0 'results removed' search OUT=a
is "$(column a/folds.tsv looks)$(cmp a/table.md before.md)" '2|2|' 'the same look again'
run 0 'changed' search OUT=a RECIPE_FLAGS='--epochs 6'
is "$(column a/folds.tsv looks)$(column a/folds.tsv expected)" '4|4|2|2|' 'another look'
like "$(cat a/table.md)" 'More than that: fold 1, 2' 'is told'
rm -r a/fold1 a/fold2
run 0 'all removed, and as before' search OUT=a OUTER=2
is "$(column a/folds.tsv fold)$(column a/folds.tsv looks)" '2|4|' 'the ledger has not forgotten; OUTER is one fold'

# One script at a time, seeds, one rung, enrolled, a grid.
run 0 'a plan' search plan -s OUT=b OUTER=1 RUNGS=1 SEEDS='1 2' PROTOCOL=enrolled SETTINGS=2
is "$(grep -c 'inner.-*' out) $(grep -x fold1/setting1-enrolled-seed2 out)" '8 fold1/setting1-enrolled-seed2' 'what there is to run'
run 0 'one of it' search one OUT=b OUTER=1 RUNGS=1 SEEDS='1 2' PROTOCOL=enrolled SETTINGS=2 ONE=fold1/chosen-seed2/take
[ -e b/fold1/chosen-seed2/figures.tsv ] && [ ! -e b/fold1/chosen/figures.tsv ]
ok $? 'and what it needs'
run 0 'and the rest' search OUT=b OUTER=1 RUNGS=1 SEEDS='1 2' PROTOCOL=enrolled SETTINGS=2
is "$(column b/table.tsv records)$(column b/table.tsv seeds)" '24|24|2|2|' 'of both seeds'
printf 'parameter\tvalues\ntrain --rate\t0.001 to 0.1 log in 2\nnet\ttiny | wide\n' >grid.tsv
sed 's/dense 8/dense 16/' tiny.net >wide.net
run 0 'a grid' search plan -s OUT=c SEARCH=grid SETTINGS=grid
is "$(sed 1d c/drawn.tsv | cut -f 2- | tr '\t\n' ' |') $(grep -h '^net' c/recipes/setting2.recipe | paste -s -d ' ')" \
	'- -|0.001 tiny|0.001 wide|0.1 tiny|0.1 wide| net tiny net wide' 'all combinations'

# What cannot be.
refused() { # WHY [VARIABLE=VALUE...]
	run 2 "${*:2}" search OUT=d "${@:2}"
	like "$(cat err)" "search: $1" 'is refused'
}
printf 'members slow\n' >pair.recipe
mkdir -p pair/high pair/low && cp corpus/high/spk[12]-* pair/high && cp corpus/low/spk[12]-* pair/low
refused 'fold 1 leaves one speaker to train on, and inner folds require two' DIR=pair
refused 'BASE=pair: .* averages several: try slow' BASE=pair
refused 'BASE=crnn: no recipe crnn' BASE=crnn
refused 'BASE=a/b: a name' BASE=a/b
refused 'SEARCH=odd: no odd.tsv here or in' SEARCH=odd
refused 'ETA=1: a whole number is required, 2' ETA=1
refused 'SETTINGS=all: a whole number is required' SETTINGS=all
refused 'OUTER=9: there is no fold 9' OUTER=9
refused 'SHUFFLE=no: yes is known' SHUFFLE=no
refused 'PROTOCOL=speaker: a search is for one' PROTOCOL=speaker
refused 'search is about speakers' GROUP=none
while IFS='|' read -r parameter values why; do
	printf 'parameter\tvalues\n%s\t%s\n' "$parameter" "${values//,/ | }" >bad.tsv
	refused "$why" SEARCH=bad
done <<'END'
net lstm 1|3,4|bad.tsv: net lstm 1: net tiny has no such layer
net dense 1,2|3,4|bad.tsv: net dense 1,2: net tiny has no such layer
net|crnn,odd|bad.tsv: no net odd here
features|mel,odd|recipe setting[12]: features odd: mel, lld and functionals are known
train --odd|1,2|bad.tsv: setting1: nntrain: unknown option '--odd'
train --rate|x,y|bad.tsv: setting1: nntrain: --rate: '.' is not a number
odd|1,2|bad.tsv: line 2: parameter 'odd': known are
END
is "$(find d -name run.sh)" '' 'and all that before any work'
finish
