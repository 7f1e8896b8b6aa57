#!/bin/bash
# Labels permuted within each speaker: what stays, what chance is then. A search that hears
# no test speaker before it has chosen, and that drops settings which fail.
. "${0%/*}/lib.sh"
. "$root/tests/tones.sh"
p=$root/pipelines
shuffle() { awk -v seed="${seed:-1}" "$@" -f "$p/draw.awk" -f "$p/shuffle.awk" m.tsv; }
# manifest EXPRESSION: speakers s1 to s6 of 24 recordings, whose label's number is that of s and i.
manifest() {
	awk 'BEGIN { OFS = "\t"; for (s = 1; s <= 6; s++) for (i = 0; i < 24; i++)
		print "a b/" s "-" i ".wav", "k" s "-" i, "L" int('"$1"'), "s" s, "sex=" (s % 2 ? "male" : "female"), "start=" i }' | sort -t "$(printf '\t')" -k 3 >m.tsv
}
counts() { cut -f 3,4 "$1" | sort | uniq -c; }

manifest 'i % 4'
run 0 'balanced speakers' shuffle
cp out shuffled.tsv
is "$(cat err)" '' 'nothing to say'
same <(cut -f 1,2,4- m.tsv) <(cut -f 1,2,4- shuffled.tsv) 'lines, their order and all but the labels stay'
same <(counts m.tsv) <(counts shuffled.tsv) 'and how many of each label a speaker has'
ok "$(cmp -s m.tsv shuffled.tsv && echo 1 || echo 0)" 'the labels do not'
is "$(shuffle -v chance=yes)" 0.250000 'chance is one of four classes'
seed=2 shuffle >other.tsv
ok "$(cmp -s other.tsv shuffled.tsv && echo 1 || echo 0)" 'another seed, another order'
for awk in mawk gawk original-awk; do
	command -v $awk >/dev/null || continue
	same <($awk -v seed=1 -f "$p/draw.awk" -f "$p/shuffle.awk" m.tsv) shuffled.tsv "$awk: the same"
done

# Speakers who differ in their labels, one of them with a single one
manifest 's == 6 ? 0 : (i * s) % (s + 1) % 4'
shuffle >shuffled.tsv 2>err
is "$(cat err)" 'shuffle.awk: the recordings of 1 of 6 speakers have one label each, which they keep' 'a speaker with one label is mentioned'
same <(counts m.tsv) <(counts shuffled.tsv) 'who has how many of what stays here too'
chance=$(shuffle -v chance=yes)
# Over many permutations: how often true labels are right about permuted ones, and each pair of them alike.
for seed in {1..200}; do shuffle 2>/dev/null | paste <(cut -f 3 m.tsv) - | cut -f 1,4,5; done >all.tsv
is "$(awk -v chance="$chance" '{ n[$2]++; hit[$2] += $1 == $2 } END {
	for (c in n) { sum += hit[c] / n[c]; classes++ }
	d = sum / classes - chance
	print (d > -0.004 && d < 0.004 && chance > 0.3) }' all.tsv)" 1 "the UAR of true labels is $chance, not a quarter: what is said is what is measured"
is "$(awk -v OFS='\t' '{ n[$3 "" $1 "" $2]++; a[$3 "" $1]++; b[$3 "" $2]++; t[$3]++ } END {
	for (k in n) {
		s = substr(k, 1, 2); e = a[s substr(k, 3, 2)] * b[s substr(k, 5)] / t[s]
		if (e > 0) sum[s] += (n[k] - e) ^ 2 / e
	}
	for (s in sum) if (sum[s] > 40) print s, sum[s] }' all.tsv)" '' 'a true label says no more about a permuted one than its speaker does'
if find_python numpy; then
	shuffle -v chance=yes >got
	run 0 'as NumPy counts it over permutations of its own' "$python" -c '
import numpy as np
rows = [l.rstrip("\n").split("\t") for l in open("m.tsv")]
label, who = np.array([r[2] for r in rows]), np.array([r[3] for r in rows])
rng, uar = np.random.default_rng(1), []
for _ in range(2000):
    y = label.copy()
    for s in set(who): y[who == s] = rng.permutation(y[who == s])
    uar.append(np.mean([np.mean(label[y == c] == c) for c in set(label)]))
error = np.std(uar) / len(uar) ** 0.5
assert abs(np.mean(uar) - float(open("got").read())) < 4 * error, (np.mean(uar), error)'
else
	skip 'there is no Python with NumPy'
fi
: >m.tsv
run 0 'an empty manifest' shuffle
is "$(cat out err)" '' 'is one'

# Searches.
tones 8
printf 'normalize\nglobalavgpool\ndense 8\nrelu\ndense classes\nsoftmax\n' >tiny.net
printf 'features mel\nnet tiny\nvalidate none\ntrain --epochs 6 --batch 8 --rate 0.02 --optimizer sgd --patience 0 --keep last\n' >slow.recipe
printf 'parameter\tvalues\ntrain --rate\t0.002 | 0.1 | 0.3\nnet dense 1\t4 | 16\n' >slow.tsv
search() { # OUT [VARIABLE=VALUE...]
	make -f "$root/pipelines/recipes.mk" search CORPUS=folders DIR=corpus GROUP='spk[0-9]' NFOLDS=2 BASE=slow INNER=2 OUTER=1 SETTINGS=2 RUNGS=2 ETA=2 \
		WAVNORM_FLAGS='--seconds 0.5' OUT="$1" "${@:2}"
}
run 0 'a search' search a -j2
awk -F '\t' '$2 == "test" && !/-inner/ { n = split($3, who, ","); for (i = 1; i <= n; i++) print $1, who[i] }' a/split.tsv >tests
# The recordings of fold 1's test speakers change places: other sounds have their labels.
cp -R corpus moved
sed -n 's/^1 //p' tests | while read -r who; do for take in 1 2; do
	cp corpus/low/$who-$take.wav moved/high/ && cp corpus/middle/$who-$take.wav moved/low/ && cp corpus/high/$who-$take.wav moved/middle/
done; done
run 0 'with other recordings of the test speakers' search b -j2 DIR=moved
is "$(for f in fold1/rung1.tsv fold1/rung2.tsv fold1-inner1/setting1-alone-rung1/predictions.tsv; do cmp a/$f b/$f; done)" '' \
	'their fold chooses by the same figures'
ok "$(cmp -s a/fold1/chosen/figures.tsv b/fold1/chosen/figures.tsv && echo 1 || echo 0)" 'and is tested on others'

printf 'parameter\tvalues\ntrain --rate\t0.1 | 1000\nnet dense 1\t4 | 2000000\n' >slow.tsv
run 0 'settings that fail' search c -j2 SETTINGS=grid
like "$(cat err)" 'nntrain: nets/setting2.net: line 3: dense: units: 2000000 is not .*search: fold1-inner1/setting2-alone-rung1: so this setting is dropped' 'say so'
like "$(cat err)" 'setting3.* output is not a number|the loss is not finite any more' 'and why'
is "$(cut -f 1,3 c/fold1/rung1.tsv | tr '\t\n' ' |') $(awk -F '\t' '$2 == "-" { print $1 }' c/fold1/rung1.tsv | paste -s -d ' ')" \
	'setting next|setting0 yes|setting1 yes|setting2 no|setting3 no|setting4 no| setting2 setting3 setting4' 'and go no further'
like "$(cat c/table.md)" 'Dropped, as their training failed: setting2, setting3, setting4\.' 'which the table says'
is "$(find c \( -name said -o -name '*.checkpoint*' \))" '' 'and leave nothing'
run 0 'again' search c SETTINGS=grid
is "$(grep -c '\[' err)" 0 'does nothing'
sed -i 's/0.02/1000/' slow.recipe
run 2 'a recipe that fails as it is' search d SETTINGS=1
like "$(cat err)" 'the loss is not finite|output is not a number' 'is an error'
finish
