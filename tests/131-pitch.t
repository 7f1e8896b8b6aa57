#!/bin/bash
# descriptors: its numbers against NumPy's and SciPy's (data/golden.py) and, where they are at
# hand, a track by the same formulas and Praat's.
. "${0%/*}/lib.sh"
. "$root/tests/streams.sh"
need_tools perl
units lld

# voice RATE: the signal of data/golden.py, as a stream.
voice() {
	perl -e 'my $r = $ARGV[0]; my $pi = atan2(0, -1); my ($s, @x) = 1;
		for my $i (0 .. $r * 8 / 10 - 1) {
			my ($t, $sum) = ($i / $r, 0);
			$sum += sin($_ * 2 * $pi * 85 / log(2) * (2 ** $t - 1)) / $_ for 1 .. 19;
			push @x, 0.3 * sin($pi * $t / 0.8) * $sum;
		}
		push @x, (0) x ($r * 2 / 10);
		for (1 .. $r * 3 / 10) { $s = ($s * 1103515245 + 12345) % 2 ** 31; push @x, 0.1 * ($s / 2 ** 30 - 1) }
		printf "H\ttype=wave\trate=%d\nT\tf32\t%d\t%s\tkey=voice\nE\n", $r, scalar @x, join ",", map { sprintf "%.17g", $_ } @x' \
		"$1" | maketsr "voice$1.tsr"
}
voice 16000
voice 8000
while IFS=$'\t' read -r rate options; do
	# shellcheck disable=SC2046
	descriptors $([ "$options" = - ] || echo "$options") -o got.tsr "voice$rate.tsr"
	tsrdump --data got.tsr >got
	tsrdump --field column got.tsr >names
	# Worst and mean difference of each kind of column. Near the floor of loud frames single precision shows.
	run 0 "descriptors of $rate Hz, $options, are NumPy's and SciPy's" awk -F '\t' -v rate="$rate" -v options="$options" '
		function abs(x) { return x < 0 ? -x : x }
		FILENAME == "names" { kind[FNR] = $1; sub(/^mel[0-9]+/, "mel", kind[FNR]); sub(/^mfcc[0-9]+/, "mfcc", kind[FNR]); next }
		FILENAME == "got" { got[$2] = $0; next }
		$1 == rate && $2 == options {
			n = split($4, want, ",")
			if (split(got[$3], have, "\t") != n + 2) { print "frame", $3, "has other columns"; bad = 1; exit }
			for (i = 1; i <= n; i++) {
				d = abs(want[i] - have[i + 2])
				sum[kind[i]] += d
				count[kind[i]]++
				if (d > worst[kind[i]]) worst[kind[i]] = d
			}
			frames++
		}
		END {
			for (k in worst) {
				limit = k ~ /^mel/ ? 5e-3 : k ~ /^(f0|strength|slope)/ ? 1e-5 : 1e-3
				printf "%s: worst %.2g, mean %.2g\n", k, worst[k], sum[k] / count[k]
				if (worst[k] > limit || sum[k] / count[k] > limit / 10) { print "too much"; bad = 1 }
			}
			exit bad || frames < 13
		}' names got "$data/golden/descriptors.tsv"
	sed 's/^/# /' out
done < <(sed 1d "$data/golden/descriptors.tsv" | cut -f 1,2 | uniq)
finish
