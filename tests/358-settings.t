#!/bin/bash
# Settings of a search: what a table means, what is refused, and how random ones are spread.
. "${0%/*}/lib.sh"
awks=()
for awk in mawk gawk original-awk; do command -v $awk >/dev/null && awks+=("$awk"); done
[ ${#awks[@]} -gt 0 ] || awks=(awk)
awk=${awks[0]}
p=$root/pipelines
# settings N TABLE: by $awk, seed $seed.
seed=1
settings() { RECIPE=search FILE=$2 $awk -v settings="$1" -v seed="$seed" -f "$p/visible.awk" -f "$p/draw.awk" -f "$p/search/settings.awk" "$2"; }
# table LINE...: as ./t.tsv.
table() { printf '%s\n' $'parameter\tvalues' "$@" >t.tsv; }
rate=$'train --rate\t0.001 to 0.01 log in 3' units=$'net dense 1\t1 to 4 whole in 2'

table '# a comment' '' "$rate" "$units" $'features\tfunctionals  ser1228| lld mel |-' ' # another'
run 0 'a grid' settings grid t.tsv
want=$'setting\ttrain --rate\tnet dense 1\tfeatures'$'\n'$'0\t-\t-\t-' n=0
for r in 0.001 0.00316 0.01; do for u in 1 4; do for f in 'functionals ser1228' 'lld mel' -; do
	n=$((n + 1)) want+=$'\n'"$n"$'\t'"$r"$'\t'"$u"$'\t'"$f"
done; done; done
is "$(cat out)" "$want" 'has all combinations, in the order of the table'
is "$(cat err)" '' 'and nothing to say'
table $'augment\tnone | -' $'features\tmel | -'
settings grid t.tsv >out
is "$(cut -f 2- out | tail -n +2 | sort | uniq -c | awk '{ print $1 }' | sort -u) $(wc -l <out)" '1 5' 'the default is in there once'
table "$units" $'train --batch\t1 to 8 log whole in 6' $'train --jitter\t0.5 to 0.5004 in 5'
settings grid t.tsv >out
is "$(cut -f 3 out | tail -n +3 | sort -un | paste -s -d ' ') $(cut -f 4 out | tail -n +3 | sort -u | paste -s -d ' ')" '1 2 3 5 8 0.5 0.5004' \
	'what rounding makes alike is there once, and nothing is out of its range'

# Random ones
table "$rate" "$units" $'train --batch\t16 to 256 log whole' $'augment\tnone | speed=0.9 speed=1.1'
settings 24 t.tsv >24.tsv
settings 48 t.tsv >48.tsv
same 24.tsv <(head -n 26 48.tsv) 'the first of 48 are the 24 that a shorter search had'
is "$(wc -l <48.tsv) $(cut -f 2- 48.tsv | sort -u | wc -l)" '50 50' 'no two alike'
seed=2 settings 24 t.tsv >other.tsv
is "$(sort other.tsv 24.tsv | uniq -d | wc -l)" 2 'another seed draws others'
settings 0 t.tsv >out
is "$(wc -l <out)" 2 'none besides the default'
table $'net\tmlp | mlp1558' "$units" $'augment\tnone | -'
run 0 'more than there are' settings 99 t.tsv
is "$(wc -l <out) $(cut -f 2- out | sort -u | wc -l)" '18 18' 'all there are'
is "$(cat err)" 'search: t.tsv: there are no more than 16 settings besides the default, 99 were asked for' 'and it says so'
settings 16 t.tsv 2>err >out
is "$(wc -l <out) $(cat err)" '18 ' 'as many as there are'
table $'train --jitter\t0.1 to 0.103' $'train --ema\t0.9 | 0.99'
settings 50 t.tsv >out 2>err
is "$(wc -l <out) $(cat err)" '10 search: t.tsv: there are no more than 8 settings besides the default, 50 were asked for' 'a narrow range: three digits tell no more apart'
for table in "$p"/search/*.tsv; do
	run 0 "${table##*/}" settings 100 "$table"
	is "$(cut -f 2- out | sort -u | wc -l)" 102 'has 100 settings'
	run 0 'and a grid, or one that is too large' bash -c "RECIPE=x FILE=x awk -v settings=grid -f '$p/visible.awk' -f '$p/draw.awk' -f '$p/search/settings.awk' '$table' 2>&1 | grep -c '100,000\|^1	'"
	run 0 'of what the recipe has' perl -e '
		my ($table, $recipe, $net) = map { open my $f, "<", $_ or die; join "", <$f> } @ARGV;
		for ($table =~ /^(?:train )?((?!parameter)(?:[a-z]|--\S)\S*)\t/mg) { $_ eq "--mixup" or $recipe =~ /\Q$_\E/ or die "no $_" }
		while ($table =~ /^net (\S+)(?: (\S+))?\t/mg) {
			my ($layer, $n) = ($1, $2 // 1);
			my $have = () = $net =~ /^$layer \d/mg;
			$have >= $_ or die "$layer $_ of $have" for split /,/, $n;
		}' "$table" "$p/recipes/$(basename "$table" .tsv).recipe" "$p/nets/$(basename "$table" .tsv).net"
done

# Every awk
table "$rate" "$units" $'train --batch\t16 to 256 log whole in 4' $'train --jitter\t0 to 0.3 in 4' $'augment\tnone | speed=0.9 speed=1.1' $'features\ta | b | c'
settings 200 t.tsv >200.tsv
settings grid t.tsv >grid.tsv
for awk in "${awks[@]}"; do
	is "$(settings 200 t.tsv | cmp - 200.tsv && settings grid t.tsv | cmp - grid.tsv)" '' "$awk: the same settings"
done
is "$(sha256sum <200.tsv | cut -c 1-16)" 8650f6d370a6abb0 'the same as on any other machine'
awk=${awks[0]}
{ printf '\357\273\277' && sed 's/$/\r/' t.tsv; } >crlf.tsv
same 200.tsv <(settings 200 crlf.tsv) 'a table from a spreadsheet: mark and carriage returns'
sed 's/$/\t/' t.tsv >tabs.tsv
same 200.tsv <(settings 200 tabs.tsv) 'and empty columns'

# How they are spread: Pearson's chi-square of 16 equal cells (15 degrees of freedom: 37.7 is passed by one in 1,000).
chi() {
	awk -v n="$1" '{ c[int($1 * n)]++ } END {
		for (i = 0; i < n; i++) sum += (c[i] - NR / n) ^ 2 / (NR / n)
		printf "%.1f\n", sum }'
}
table $'train --jitter\t0 to 16' $'train --rate\t0.0001 to 1 log' $'train --batch\t1 to 16 whole' $'net dense\t1 to 1000 log whole' $'net\ta | b | c | d'
settings 8000 t.tsv | tail -n +3 >many.tsv
less() { ok "$(awk -v x="$1" -v y="$2" 'BEGIN { print !(x < y) }')" "$3: $1"; }
less "$(awk '{ print $2 / 16.0001 }' many.tsv | chi 16)" 37.7 'a range is even'
less "$(awk '{ print log($3 / 0.0001) / log(1.0001 / 0.0001) }' many.tsv | chi 16)" 37.7 'with log its logarithms are'
less "$(awk '{ print ($4 - 1) / 16 }' many.tsv | chi 16)" 37.7 'whole numbers are, the ends too'
less "$(awk '{ print ($6 ~ /b/) * 0.25 + ($6 ~ /c/) * 0.5 + ($6 ~ /d/) * 0.75 }' many.tsv | chi 4)" 16.3 'choices are'
less "$(awk '{ print (int($2 * 0.9999) * 16 + $4 - 0.5) / 256 }' many.tsv | chi 256)" 330.5 'parameters know nothing of each other'
if find_python scipy; then
	run 0 'and whole logarithms, by SciPy' "$python" -c '
import math, sys
from scipy.stats import chisquare, kstest
rows = [l.split("\t") for l in open("many.tsv")]
n = len(rows)
whole = [int(r[4]) for r in rows]
span = math.log(1000.5 / 0.5)
expected, observed = [], []
for a, b in ((1, 1), (2, 2), (3, 4), (5, 9), (10, 30), (31, 99), (100, 299), (300, 1000)):
    expected.append(n * math.log((b + .5) / (a - .5)) / span)
    observed.append(sum(a <= x <= b for x in whole))
p = [chisquare(observed, expected).pvalue,
     kstest([float(r[1]) / 16 for r in rows], "uniform").pvalue,
     kstest([math.log(float(r[2]) / 1e-4) / math.log(1e4) for r in rows], "uniform").pvalue]
print(p)
sys.exit(not all(x > 0.001 for x in p))'
else
	skip 'there is no Python with scipy'
fi

# What is refused, and with which words
bad() { # TEXT WHY NAME
	printf '%b' "$1" >t.tsv
	fails 3 "^search: t.tsv: $2" "$3" settings 9 t.tsv
}
h='parameter\tvalues\n'
bad '' 'no parameters are in there' 'an empty table'
bad "$h# nothing\n" 'no parameters are in there' 'one without parameters'
bad 'train --rate\t1 to 2\n' "line 1: 'parameter' and 'values' with a tab between is what a table begins with" 'no header'
bad "parameter values\n" "line 1: 'parameter' and 'values' with a tab" 'blanks for a tab'
bad "$h""train --rate 1 to 2\n" 'line 2: a parameter, a tab and its values are required' 'blanks for a tab in a line'
bad "$h""train --rate\t1 to 2\tx\n" 'line 2: a parameter, a tab and its values are required' 'three columns'
bad "$h""train --rate\t1 to 2\n\n# x\ntrain  --rate\t1 | 2\n" 'line 5: parameter train --rate was in line 2' 'a parameter twice'
bad "$h""rate\t1 to 2\n" "line 2: parameter 'rate': known are features, front" 'an unknown one'
bad "$h""train --rate\t1\n" "line 2: train --rate: '1' is one value: A \| B are two, 1 to 5 is a range" 'one value'
bad "$h""train --rate\t1..5\n" "line 2: train --rate: '1..5' is one value" 'a range as others write it'
bad "$h""augment\tnone |\n" 'line 2: augment: a value is missing beside a \|' 'an empty choice'
bad "$h""augment\tnone | \$(touch x)\n" "line 2: augment: '\\$\(touch x\)' has other characters" 'what a shell would run'
bad "$h""augment\tnone | sp\033ed\n" "line 2: augment: 'sp.x1bed' has other characters" 'what a terminal would do'
bad "$h""augment\tnone | a  b | a b\n" 'line 2: augment: a b is there twice' 'a choice twice'
for range in '5 to 1' '1 to 1' '1 to' '1 to x' 'a to 2' '-1 to 2'; do
	bad "$h""train --rate\t$range\n" "line 2: train --rate: '$range'" "$range"
done
bad "$h""train --rate\t0 to 1 log\n" 'line 2: train --rate: a range with log begins above 0' 'the logarithm of 0'
bad "$h""train --batch\t1 to 2.5 whole\n" 'line 2: train --batch: a range with whole has whole numbers' 'half a whole number'
bad "$h""train --batch\t1 to 3 whole log\n" "line 2: train --batch: 'log': behind a range" 'another order'
for n in 1 x 1001 ''; do bad "$h""train --batch\t1 to 3 in $n\n" 'line 2: train --batch: in .*: how many' "in '$n'"; done
printf "$h%b" 'train --rate\t1 to 2\n' >t.tsv
fails 3 '^search: t.tsv: train --rate: a grid requires how many values of the range, as in 1 to 2 in 3' 'a range in a grid' settings grid t.tsv
printf "$h%b" 'train --rate\t1 to 999 in 900\ntrain --jitter\t1 to 999 in 900\n' >t.tsv
fails 3 '^search: t.tsv: the grid has more than 100,000 settings' 'a huge grid' settings grid t.tsv
for n in -1 x 1.5 '' 100001 9999999999; do fails 3 "^search: t.tsv: settings=$n: a number" "settings=$n" settings "$n" t.tsv; done
finish
