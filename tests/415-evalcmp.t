#!/bin/bash
# evalcmp: comparisons worked by hand, by another implementation, and what it refuses.
. "${0%/*}/lib.sh"

# answers TRUTH... : a table of one class more, where every speaker has four
# records, and a digit says how many of them are right.
answers() {
	printf 'key\tlabel\tgroup\tpred\n'
	local s=0 right i
	for right in "$@"; do
		s=$((s + 1))
		for i in 1 2 3 4; do
			printf 's%d-%d\ta\ts%d\t%s\n' $s $i $s "$([ $i -le "$right" ] && echo a || echo b)"
		done
	done
	printf 'z\tb\ts1\tb\n'
}
cell() { # FIGURE COLUMN of out
	awk -F '\t' -v f="$1" -v c="$2" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } $1 == f { print $at[c] }' out
}

# Differences by speaker 3 2 1 -1 (records of 17): the sums of all signs are
# +-7 +-5 +-5 +-3 +-3 +-1 +-1 +-1; 5 or more: 6 of 16.
answers 4 3 2 1 >a.tsv
answers 1 1 1 2 >b.tsv
run 0 'two tables' evalcmp --tsv --versus b.tsv a.tsv
is "$(cell accuracy a) $(cell accuracy b) $(cell accuracy difference)" '0.647058823529 0.352941176471 0.294117647059' 'accuracy: 11 and 6 of 17'
is "$(cell accuracy p) $(cell accuracy assignments)" '0.375 all' 'p = 6/16, by hand'
is "$(cell uar difference) $(cell uar p)" '0.15625 0.375' 'UAR: (10/16 - 5/16) / 2'
is "$(cell uar units) $(cell uar records) $(cell uar a_better) $(cell uar b_better)" '4 17 3 1' 'counts'
mv out want
for t in a b; do
	evalconf -q --tsv --bootstrap 0 $t.tsv >$t.figures
done
is "$(awk -F '\t' '$1 == "uar" { print $3 }' a.figures b.figures | tr '\n' ' ')" '0.8125 0.65625 ' 'evalconf has the same figures'
is "$(awk -F '\t' '$1 == "uar" { print $2, $3 }' want)" '0.8125 0.65625' 'as evalcmp'
{ head -n 1 a.tsv && sed 1d a.tsv | sort -r; } | evalcmp --tsv --versus b.tsv >out
same out want 'the order of records does not matter, - is standard input'
head -n 7 b.tsv >b1.tsv
{ head -n 1 b.tsv && tail -n +8 b.tsv; } >b2.tsv
evalcmp --tsv --versus b2.tsv --versus b1.tsv -o o.tsv a.tsv
same o.tsv want 'several files'
evalcmp --tsv --versus a.tsv b.tsv >out
is "$(cell uar difference) $(cell uar p) $(cell uar a_better)" '-0.15625 0.375 1' 'the other way round'
evalcmp --tsv --versus a.tsv a.tsv >out
is "$(cell uar difference) $(cell uar p) $(cell uar low) $(cell uar high)" '0 1 0 0' 'with itself'
# Six speakers, all better by one record: 2 of 64.
answers 2 2 2 2 2 2 >six.tsv
answers 1 1 1 1 1 1 >five.tsv
evalcmp --tsv --versus five.tsv six.tsv >out
is "$(cell uar p)" 0.03125 'six of six: 2/64'
run 0 'text' evalcmp --versus b.tsv a.tsv
like "$(cat out)" 'UAR \(mean recall\)   0.8125  0.6562  \+0.1562  [-+]0.[0-9]{4} to \+0.[0-9]{4}    0.375         3         1' 'has the figures'
is "$(cat err)" '' 'without a word'
evalcmp --versus b1.tsv --versus b2.tsv a.tsv >out
is "$(sed -n 1,2p out | tr '\n' '|')" 'A: a.tsv|B: b1.tsv and 1 more|' 'names the inputs'
evalcmp --bootstrap 0 --versus b.tsv a.tsv >out
is "$(grep -c 'interval' out)" 0 'no intervals on request'
evalcmp --tsv --bootstrap 0 --versus b.tsv a.tsv >out
is "$(cell uar low)" - 'nor in the table'
evalcmp --tsv -s 1 --versus b.tsv a.tsv >one
evalcmp --tsv -s 1 --versus b.tsv a.tsv >two
same one two 'the same seed, the same bytes'

# More than 24 speakers that differ: random swaps.
# shellcheck disable=SC2046 # words are meant
answers $(awk 'BEGIN { for (i = 1; i <= 30; i++) print 2 + (i % 3 > 0) }') >a30.tsv
# shellcheck disable=SC2046
answers $(awk 'BEGIN { for (i = 1; i <= 30; i++) print 2 + (i % 3 == 0) }') >b30.tsv
evalcmp --tsv --versus b30.tsv a30.tsv >out
# 20 of 30 signs alike, or more, on either side: 0.0987 (binomial).
is "$(cell accuracy assignments) $(awk -v p="$(cell accuracy p)" 'BEGIN { print (p > 0.095 && p < 0.102) }')" '100000 1' \
	'random swaps, near the binomial 0.0987'
evalcmp --tsv --permutations 9 --versus b30.tsv a30.tsv >out
is "$(awk -v p="$(cell accuracy p)" 'BEGIN { print (p >= 0.1) }')" 1 'p is never less than one swap of those tried'

# Without speakers.
awk -F '\t' -v OFS='\t' 'NR > 1 { $3 = "-" } 1' a.tsv >na.tsv
awk -F '\t' -v OFS='\t' 'NR > 1 { $3 = "-" } 1' b.tsv >nb.tsv
run 0 'no speakers' evalcmp --tsv --versus nb.tsv na.tsv
like "$(cat err)" '^evalcmp: fewer than two speakers are known: records are swapped' 'is said'
# Seven records differ, six one way and one the other: 16 of 128.
is "$(cell accuracy units) $(cell accuracy p)" '17 0.125' 'records are the units'
for t in a b; do awk -F '\t' -v OFS='\t' '$1 == "z" { $3 = "-" } 1' $t.tsv >some.$t; done
run 0 'one record without a speaker' evalcmp --versus some.b some.a
like "$(cat err)" '^evalcmp: 1 records are without a speaker' 'is said'
run 0 'quietly' evalcmp -q --versus nb.tsv na.tsv
is "$(cat err)" '' 'not'

# Probabilities and windows: the judged answer is evalconf's.
printf 'key\tlabel\tgroup\tstart\tpred\tp.a\tp.b\nk\ta\ts\t0\tUNCERTAIN\t0.6\t0.4\nk\ta\tt\t1\tb\t0.1\t0.9\n' >w.tsv
printf 'key\tlabel\tgroup\tstart\tpred\tp.b\tp.a\nk\ta\tt\t1\ta\t0.1\t0.9\nk\ta\ts\t0\tb\t0.9\t0.1\n' >v.tsv
run 0 'windows of one key' evalcmp --tsv --versus v.tsv w.tsv
is "$(cell accuracy a) $(cell accuracy b)" '0.5 0.5' 'are paired by their start'

printf 'a\tColère\nb\tPeur\nUNCERTAIN\tIncertain\n' >fr.tsv
sed 's/\ta/\tColère/g; s/\tb/\tPeur/g; s/p\.a/p.Colère/; s/p\.b/p.Peur/; s/UNCERTAIN/Incertain/' w.tsv >w.fr
mv out want.w
run 0 '--labels' evalcmp --tsv --labels fr.tsv --versus v.tsv w.fr
same out want.w 'one input renamed, one not'
fails 3 "w.fr: line 2: pred 'Incertain' is none of the classes" 'which is an error without' evalcmp --versus w.fr w.fr
# NOSPEECH, too, is no class but a refusal, under either name.
for f in v w; do sed 's/UNCERTAIN/NOSPEECH/; s/\ta/\tANG/g; s/\tb/\tFEA/g; s/p\.a/p.ANG/; s/p\.b/p.FEA/' $f.tsv >$f.heard; done
run 0 'NOSPEECH' evalcmp --tsv --versus v.heard w.heard
same out want.w 'is judged as UNCERTAIN'
sed 's/NOSPEECH/Pas de parole/; s/ANG/Colère/g; s/FEA/Peur/g' w.heard >w.fr
run 0 'its French name' evalcmp --tsv --labels "$root/pipelines/labels/fr.tsv" --versus v.heard w.fr
same out want.w 'is judged so, too'
printf 'key\tlabel\tgroup\tpred\nk\ta\ts\tNOSPEECH\nl\tb\tt\tb\n' >x.tsv
sed 's/NOSPEECH/a/' x.tsv >y.tsv
run 0 'without probabilities' evalcmp --tsv --versus y.tsv x.tsv
is "$(cell accuracy a) $(cell accuracy b)" '0.5 1' 'it counts as wrong'
fails 3 'No such file' 'no table of names' evalcmp --labels no.tsv --versus v.tsv w.tsv

# What is refused.
refuse() { # REGEX NAME: x.tsr against a.tsv
	fails 3 "^evalcmp: $1" "$2" evalcmp --versus x.tsv a.tsv -o never
}
sed '3d' b.tsv >x.tsv && refuse "x.tsv: no record 's1-2', which a.tsv has\$" 'a record that B lacks'
sed '$d' b.tsv >x.tsv && refuse "x.tsv: no record 'z', which a.tsv has\$" 'the last one'
{ cat b.tsv && printf 'zz\ta\ts1\ta\n'; } >x.tsv && refuse "a.tsv: no record 'zz', which x.tsv has\$" 'a record that A lacks'
{ cat b.tsv && tail -n 1 b.tsv; } >x.tsv && refuse "x.tsv: 'z' appears twice\$" 'a key twice'
sed '$s/b/a/' b.tsv >x.tsv && refuse "x.tsv: the label of 'z' is 'a', but 'b' in a.tsv\$" 'another truth'
sed '$s/s1/s2/' b.tsv >x.tsv && refuse "x.tsv: 'z' is not of the speaker that a.tsv says\$" 'another speaker'
sed 's/s1\t/s0\t/' b.tsv >x.tsv && refuse "x.tsv: 's1-1' is not of the speaker that a.tsv says\$" 'a speaker under another name'
cut -f 2- b.tsv >x.tsv && refuse 'x.tsv: a record without a key$' 'no keys'
sed '2s/a/-/' b.tsv >x.tsv && refuse 'x.tsv: line 2: no truth' 'no truth'
head -c 40 b.tsv >x.tsv && refuse 'x.tsv: line [0-9]: ' 'a cut file'
[ ! -e never ]
ok $? 'and leaves no output'
fails 3 'No such file' 'no file' evalcmp --versus no.tsv a.tsv
fails 4 'No space left' 'a full device' evalcmp --versus b.tsv a.tsv -o /dev/full
fails 2 'versus B.tsv is required' 'no --versus' evalcmp a.tsv

# Another implementation, on random tables with unequal speakers and classes.
if find_python scipy.stats; then
	cat >peer.py <<'END'
import csv, random, subprocess
import numpy as np
from scipy import stats

def table(name, rows):
    with open(name, "w") as f:
        csv.writer(f, delimiter="\t", lineterminator="\n").writerows([("key", "label", "group", "pred")] + rows)

worst = 0
for case in range(40):
    rng = random.Random(case)
    classes = ["c%d" % i for i in range(rng.randint(2, 6))]
    speakers = ["s%d" % i for i in range(rng.randint(2, 11))]
    keys = [("k%d" % i, classes[i % len(classes)] if i < 6 else rng.choice(classes), speakers[i % len(speakers)]
             if i < 12 else rng.choice(speakers)) for i in range(rng.randint(12, 90))]
    right = []
    for name in "ab":
        skill = rng.random()
        pred = [label if rng.random() < skill else rng.choice(classes) for _, label, _ in keys]
        table(name + ".peer", [(*k, p) for k, p in zip(keys, pred)])
        right.append(np.array([p == k[1] for p, k in zip(pred, keys)], float))
    lines = subprocess.run(["evalcmp", "-q", "--tsv", "--bootstrap", "0", "--versus", "b.peer", "a.peer"], check=True,
                           capture_output=True, text=True).stdout.splitlines()
    got = {r["figure"]: r for r in csv.DictReader(lines, delimiter="\t")}
    label = np.array([k[1] for k in keys])
    group = np.array([k[2] for k in keys])
    present = np.unique(label)
    weight = {"accuracy": np.full(len(keys), 1 / len(keys)),
              "uar": np.array([1 / len(present) / np.sum(label == l) for l in label])}
    for figure, w in weight.items():
        each = np.array([np.sum((w * (right[0] - right[1]))[group == s]) for s in np.unique(group)])
        peer = stats.permutation_test((each,), lambda x, axis: np.sum(x, axis=axis), permutation_type="samples",
                                      n_resamples=np.inf, vectorized=True)
        worst = max(worst, abs(float(got[figure]["p"]) - peer.pvalue),
                    abs(float(got[figure]["difference"]) - each.sum()))
print("%.0e" % worst, worst < 1e-9)
END
	run 0 'scipy' "$python" peer.py
	like "$(cat out)" 'True' 'scipy.stats.permutation_test has the same p-values'
else
	skip 'no Python with scipy'
	skip 'nor a comparison with it'
fi

unset MAKEFLAGS MAKELEVEL
compare() { make -f "$root/pipelines/recipes.mk" compare "$@"; }
run 0 'make compare' compare A=a.tsv B='b[12].tsv' COMPARE_FLAGS=--tsv
same out want 'is evalcmp'
run 2 'without B' compare A=a.tsv
like "$(cat err)" "usage: sertools compare A=" 'is a usage error'
run 2 'a file that is not there' compare A=a.tsv B=none.tsv
like "$(cat err)" "no such file: B=none.tsv" 'is named'
finish
