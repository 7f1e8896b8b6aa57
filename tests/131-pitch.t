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

# clips: the recordings of the reference that are here.
reference=$shared/reference
clips() {
	ls "$reference"/signals/*.wav
	for actor in 01 08 13 22; do
		ls "$shared/data/ravdess"/*/03-01-{01-01-01-01,03-02-01-01,05-02-02-01,06-01-02-02}-$actor.flac
	done
}
if [ -e "$reference/pitch.tsv" ]; then
	# shellcheck disable=SC2046
	run 0 "the reference's recordings" wavnorm -q --rate 16000 --seconds all --trim 40 --trim-frame short --peak -0.915 \
		-o waves.tsr $(clips)
	descriptors -o lld.tsr waves.tsr
	# Voiced: periodic, and within 35 dB of the loudest band.
	tsrdump --data lld.tsr | awk -F '\t' '
		{
			if ($1 != key) { key = $1; loudest[key] = -999 }
			peak = -999
			for (i = 3; i < 67; i++) if ($i > peak) peak = $i
			if (peak > loudest[key]) loudest[key] = peak
			print $1, $2, 100 * 2 ^ $87, $88, peak
		}
		END { for (key in loudest) print key, "loudest", loudest[key] }' OFS='\t' >got
	run 0 "its lags in 99 % of the voiced frames, its strengths there" awk -F '\t' '
		FILENAME == "got" { if ($2 == "loudest") loudest[$1] = $3; else { f[$1, $2] = $3; r[$1, $2] = $4; peak[$1, $2] = $5; n[$1]++ } next }
		$1 ~ /:hz$/ { for (i = 2; i <= NF; i++) hz[i] = $i; next }
		{
			key = $1
			sub(/:strength/, "", key)
			clips++
			if (n[key] != NF - 1) { print key, n[key] + 0, "frames for", NF - 1; bad = 1 }
			for (i = 2; i <= NF; i++) {
				if ($i <= 0.55 || peak[key, i - 2] <= loudest[key] - 35) continue
				voiced++
				ratio = f[key, i - 2] / hz[i]
				if (ratio > 0.9999 && ratio < 1.0001) { same++; d = r[key, i - 2] - $i; if (d * d > 1e-10) off++ }
			}
		}
		END {
			printf "%d clips, %d of %d voiced frames, %d strengths differ\n", clips, same, voiced, off
			exit bad || clips < 23 || same < 0.99 * voiced || off > 0.01 * same
		}' got "$reference/pitch.tsv"
	sed 's/^/# /' out
else
	skip "reference/pitch.tsv is not here"
fi

# Praat's track of the same clips, over 16 ms, with costs of the same kind.
cat >track.praat <<'END'
form Track
	sentence list
	sentence out
endform
paths = Read Strings from raw text file: list$
n = Get number of strings
for i to n
	selectObject: paths
	path$ = Get string: i
	sound = Read from file: path$
	seconds = Get total duration
	pitch = To Pitch (ac): 0.016, 70, 15, "no", 0.03, 0.45, 0.01, 0.35, 0.14, 500
	for t from 0 to floor (seconds / 0.016)
		hz = Get value at time: t * 0.016, "Hertz", "linear"
		appendFileLine: out$, i, tab$, t, tab$, if hz = undefined then 0 else hz fi
	endfor
	removeObject: sound, pitch
endfor
END
if command -v praat >/dev/null && [ -e "$shared/data/ravdess" ] && [ -z "${SER_VALGRIND-}" ]; then
	clips | grep ravdess >list
	run 0 "praat" praat --run track.praat list praat.tsv
	# shellcheck disable=SC2046
	wavnorm -q --rate 16000 --seconds all -o waves.tsr $(cat list)
	descriptors --columns pitch waves.tsr | tsrdump --data | awk -F '\t' '$2 == 0 { clip++ } { print clip, $2, 100 * 2 ^ $3, $4 }' OFS='\t' >got
	run 0 "F0 is Praat's within 2 % in 90 % of the frames that both call voiced" awk -F '\t' '
		FILENAME == "got" { f[$1, $2] = $3; strength[$1, $2] = $4; next }
		$3 > 0 && strength[$1, $2] > 0.55 { n++; ratio = f[$1, $2] / $3; near += ratio > 0.98 && ratio < 1.02 }
		END { printf "%d of %d frames, %.1f %%\n", near, n, 100 * near / n; exit n < 1000 || near < 0.9 * n }' got praat.tsv
	sed 's/^/# /' out
else
	skip "praat or its recordings are not here"
fi
finish
