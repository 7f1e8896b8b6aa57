#!/usr/bin/env bash
# FINAL=yes: models that are trained on all speakers, and tested by none.
. "${0%/*}/lib.sh"
here=$root/pipelines
. "$root/tests/tones.sh"
tones 6
printf 'globalavgpool\ndense classes\nsoftmax\n' >tiny.net
printf 'features mel\nnet tiny\ntrain --epochs 3 --batch 8 --rate 0.1\npredict --temperature 0.7\nprotocol alone enrolled enrolled-2\n' >one.recipe
sed 's/^predict.*/validate none/' one.recipe >blind.recipe
printf 'members one:2 blind\nprotocol alone\n' >both.recipe
audio() { # VARIABLE=VALUE...
	make -f "$here/recipes.mk" audio CORPUS=folders DIR=corpus NFOLDS=2 EPOCHS=2 SETS=plain WAVNORM_FLAGS='--seconds 0.5' "$@"
}
spk=(GROUP='spk[0-9]')

run 0 'without' audio OUT=a "${spk[@]}" NETS='crnn one both'
cp -r a b
run 0 'FINAL=yes' audio OUT=a "${spk[@]}" NETS='crnn one both' FINAL=yes
is "$(cd a/all && echo */model.bin)" \
	'blind-alone/model.bin crnn-plain/model.bin one-alone-seed2/model.bin one-alone/model.bin one-enrolled/model.bin' 'one model of each kind'
is "$(grep -c 'audio: \[' err)" 5 'nothing else is trained again'
for f in table.tsv ledger.tsv; do same b/$f a/$f "$f stays as it is"; done
is "$(find a/all -name '*predictions*')" '' 'and nothing is predicted'
run 0 'again' audio OUT=a "${spk[@]}" NETS='crnn one both' FINAL=yes
is "$(grep -c 'audio: \[' err)" 0 'trains nothing'
part() { awk -F '\t' -v part="$1" '$1 == 1 && $2 == part { print $3 }' a/split.tsv; }
fit() { nntrain -q --net tiny.net --epochs 3 --batch 8 --rate 0.1 -s 1 --classes high,low,middle "$@"; }
tsrpick --group "$(part train),$(part test)" a/features/plain.tsr | fit --temperature 0.7 --valid <(tsrpick --group "$(part valid)" a/features/plain.tsr) -o want.bin
run 0 'trained on all but those who validate' tsrdiff want.bin a/all/one-alone/model.bin
is "$(tsrdump --field temperature a/all/one-alone/model.bin | cut -c 1-6)" 0.6999 'with the temperature that its tests had'
tsrpick --group "$(part train),$(part test),$(part valid)" a/features/plain.tsr | fit -o want.bin
run 0 'where none validate, on all' tsrdiff want.bin a/all/blind-alone/model.bin
run 0 'a speaker who is known' nnpredict -q a/all/one-enrolled/model.bin <(cmvn -q a/features/plain.tsr)
is "$(sed -n 2p out | cut -f 10)" 'enrolled 6' 'is standardised'

# The cards: what evalconf says of all tests of that kind.
figures() { evalconf -q --tsv -s 1 --by group "$@" | awk -F '\t' '$1 == "uar" { printf "%s %.4f|", $2 == "-" ? "all" : $2, $3 }'; }
of() { awk -F '\t' -v p="$2" '$1 == p && $2 == "uar" { printf "%s %.4f|", $3, $4 }' "$1"; }
is "$(of a/all/crnn-plain/card.tsv alone)" "$(figures a/fold?/crnn-plain/predictions.tsv)" "a net's card"
is "$(of a/all/one-enrolled/card.tsv 'enrolled (2 clips)')" "$(figures a/fold?/one-enrolled-2/predictions.tsv)" "a recipe's, of each protocol"
is "$(cut -f 1 a/all/one-enrolled/card.tsv | uniq | paste -s -d '|')" 'protocol|enrolled (all other clips)|enrolled (2 clips)' 'which they name'
[ ! -e a/all/one-alone-seed2/card.tsv ]
ok $? 'one of several has none'

run 0 'a corpus that is known' audio OUT=d "${spk[@]}" NETS='one crnn' FINAL=yes CORPUS_NAME=ravdess
for m in d/all/one-alone/model.bin d/all/crnn-plain/model.bin; do
	is "$(tsrdump --field about.corpus $m), $(tsrdump --field about.licence $m)" 'RAVDESS, CC BY-NC-SA 4.0' "its licence is in ${m%/*}"
	like "$(tsrdump --field about.credit $m)" '^S. R. Livingstone and F. A. Russo, PLoS ONE' 'with whom to credit'
done
run 0 'without speakers' audio OUT=n GROUP=none NETS='one blind' FINAL=yes
run 0 'a model, too' nnpredict -q n/all/blind-alone/model.bin n/features/plain.tsr
is "$(grep -c = n/all/one-alone/card.tsv)" 0 'whose card knows no speakers'
run 2 'FINAL=no' audio OUT=c "${spk[@]}" NETS=one FINAL=no
like "$(cat err)" 'FINAL=no: yes is known' 'is refused'
run 2 'CHOOSE=inner FINAL=yes' audio OUT=c "${spk[@]}" NETS=one CHOOSE=inner FINAL=yes
like "$(cat err)" 'FINAL=yes is for what was chosen' 'is refused'

# The models that ship, and the cards that tell of them.
models=$root/pipelines/models
is "$(cat "$models"/*.bin | wc -c | awk '{ print ($1 <= 2000000) }')" 1 'the models that ship are of 2 MB at most'
for m in ravdess ravdess-speaker; do
	awk -f "$here/card-table.awk" "$models/$m.tsv" >table
	is "$(grep -cvxFf "$root/man/sertools-models.7" table)" 0 "the figures of $m in its page are those of its card"
	is "$(tsrdump --field about.licence "$models/$m.bin")" 'CC BY-NC-SA 4.0' 'which has a licence'
	for awk in gawk mawk "busybox awk"; do
		command -v "${awk%% *}" >/dev/null || continue
		$awk -f "$here/card-table.awk" "$models/$m.tsv" | cmp -s - table
		ok $? "$awk makes the same table"
	done
done
perl -e 'srand 1; binmode STDOUT; print map { pack "s<2", 6000 * (rand(2) - 1), 6000 * sin($_ / 6) } 1 .. 48000' >odd.raw
for m in ravdess ravdess-speaker; do
	run 0 "$m on noise and a tone" sertools predict --raw s16le,16000,2 --channels apart "$m" odd.raw
	is "$(awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } { printf "%s ", $at["pred"] }' out)" 'NOSPEECH NOSPEECH ' 'which are none to it'
done
run 2 'sertools models without recordings' make -f "$here/recipes.mk" models
like "$(cat err)" 'usage: sertools models DIR=' 'says what to type'
finish
