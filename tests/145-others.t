#!/bin/bash
# What librosa, NumPy, pandas and scikit-learn compute, without them: data/golden.py has made
# data/golden. (Tests 140, 241, 257 and 411 ask them themselves, where they are installed.)
. "${0%/*}/lib.sh"
. "$root/tests/streams.sh"
need_tools perl
golden=$data/golden

# sound NAME RATE: the signals of data/golden.py, as WAV of 32-bit floats.
sound() {
	perl -e 'my ($name, $r) = @ARGV;
		my $pi = atan2(0, -1);
		my @x = $name eq "sine1k" ? map { 0.5 * sin(2 * $pi * 1000 * $_ / $r) } 0 .. 55124
			: $name eq "impulse" ? map { $_ == 27562 ? 1 : 0 } 0 .. 55124
			: map { my $t = $_ / $r; 0.5 * sin(2 * $pi * (50 * $t + (0.45 * $r - 50) / 1.5 * $t * $t / 2)) } 0 .. $r * 3 / 2 - 1;
		my $data = pack "f<*", @x;
		binmode STDOUT;
		print "RIFF", pack("V", 36 + length $data), "WAVEfmt ", pack("VvvVVvv", 16, 3, 1, $r, 4 * $r, 4, 32),
			"data", pack("V", length $data), $data' "$1" "$2" >"$1.wav"
}

# differ LIMIT MEAN [1]: of lines WANT<tab>GOT the largest difference and its mean must be
# within both; with 1 as parts of the largest WANT.
differ() {
	awk -F '\t' -v limit="$1" -v mean="$2" -v part="${3-}" '
		function abs(x) { return x < 0 ? -x : x }
		{ d = abs($1 - $2); sum += d; if (d > worst) worst = d; if (abs($1) > largest) largest = abs($1) }
		END {
			if (part) { worst /= largest; sum /= largest }
			printf "%d values, the largest difference %.3g, mean %.3g\n", NR, worst, sum / NR
			exit !(NR > 0 && worst <= limit && sum / NR <= mean)
		}'
}

# Mel spectrograms
for name in sine1k impulse chirp; do
	sound $name 22050
	wavnorm --rate 22050 -o $name.tsr $name.wav
done
while IFS=$'\t' read -r name options by; do
	# shellcheck disable=SC2046,SC2086
	melspec $([ "$options" = - ] || echo "$options") $name.tsr | tsrdump --data >got
	# Decibels; or magnitudes, as parts of the largest, which single precision is about.
	limit=0.002 mean=1e-4 by_largest=
	case $options in *'scale power'* | *'scale log'*) limit=1e-5 mean=1e-7 by_largest=1 ;; esac
	awk -F '\t' -v name="$name" -v options="$options" '
		NR == FNR { if ($1 == name && $2 == options) { want[$4] = $5 } next }
		$2 in want { n = split(want[$2], w, ","); if (NF != n + 2) { print "1\t0"; next } for (i = 1; i <= n; i++) print options ~ /log/ ? exp(w[i]) "\t" exp($(i + 2)) : w[i] "\t" $(i + 2) }' \
		"$golden/features.tsv" got >pairs
	run 0 "melspec of $name $options is $by's" differ $limit $mean "$by_largest" <pairs
	sed 's/^/# /' out
done < <(sed 1d "$golden/features.tsv" | cut -f 1-3 | uniq)
is "$(tsrdump --tsv <(melspec chirp.tsr) | sed -n 2p | cut -f 7)" 108,128 "2.5 s at 22050 Hz are 108 frames of 128 bands"

# Resampling, and how long it makes a signal: n 22050 / rate samples, to the nearest; librosa
# adds a zero where that is less than all.
for rate in 8000 16000 44100 48000; do
	sound chirp $rate
	wavnorm --seconds 2 chirp.wav | tsrdump --data | tr '\t' '\n' | sed 1,2d >got
	awk -F '\t' -v rate=$rate 'NR == FNR { got[NR - 1] = $1; next } $1 == rate { print $3 "\t" got[$2] }' got "$golden/resample.tsv" >pairs
	run 0 "a chirp from $rate Hz is librosa's" differ 1e-6 1e-6 <pairs
	is "$(sed -n '33076,$p' got | sort -u)" 0 "33075 samples of it"
done
bad=
for rate in 7350 8000 11025 16000 32000 44100 48000 96000; do
	for n in 1000 1009 4001 7999; do
		"$BUILD/unit/mkaudio" x.wav wav $rate 1 $n constant
		got=$(wavnorm --seconds 4 x.wav | tsrdump --data | tr '\t' '\n' | sed 1,2d | awk '$1 != 0 { n = NR } END { print n }')
		[ "$got" = $(((2 * n * 22050 + rate) / (2 * rate))) ] || bad+=" $n at $rate Hz: $got"
	done
done
is "$bad" '' "lengths after resampling"

# NumPy's files, and ours as NumPy writes them.
for t in u1 i4 i8 f2 f4 f8; do
	sed -n "s/^$t\t//p" "$golden/numpy.tsv" | cut -f 2- | sed 's/\<\([0-9]*\)\.0\>/\1/g' >want
	for order in C F; do
		run 0 "$t$order.npy" tsrnpy -o x.tsr "$golden/numpy/$t$order.npy"
		is "$(tsrdump --tsv x.tsr | sed 1d | cut -f 6,7 | sort -u | tr '\t' ' ')" "${t%?}$((8 * ${t#?})) 2,4" "is three records"
		tsrdump --data x.tsr | cut -f 3- >got
		# The same numbers, perhaps with other digits: 0.33325 and 0.333.
		paste -d '\n' want got | awk '{ a = $0; getline b; n = split(a, x, "\t"); m = split(b, y, "\t"); for (i = 1; i <= n; i++)
			if (x[i] !~ /nan|inf/) print x[i] "\t" y[i]; else if (x[i] != y[i] && (x[i] != "nan" || y[i] !~ /nan/) && x[i] + 0 != y[i] + 0) print "1\t0" }' >pairs
		run 0 "with its values" differ "$(case $t in f2) echo 4e-3 ;; f4) echo 5e-7 ;; *) echo 0 ;; esac)" 1e-3 <pairs
		tsrnpy --to npy x.tsr >x.npy
		[ $order = F ] || same x.npy "$golden/numpy/$t$order.npy" "and written again byte for byte"
	done
done
for how in plain deflated; do
	run 0 "an archive by NumPy, $how" tsrnpy --data X --label y --group who --key id -o x.tsr "$golden/numpy/$how.npz"
	is "$(tsrdump --tsv x.tsr | sed 1d | cut -f 1-3,9,11)" $'10\tsad\ts1\t0\t1\n11\th\303\244ppy\ts2\t2\t3\n12\tsad\ts1\t4\t5\n13\t-\ts3\t6\t7' \
		"with keys, labels and groups"
done

# pandas: tables and what is computed of them.
csvprep --describe --tsv "$golden/csv/main.csv" | awk -F '\t' '$2 == "number" { print $1, $3 - $4, $7, $8, $9, $10, $11, $12, $13 }' OFS='\t' >got
paste "$golden/csv/describe.tsv" got | awk -F '\t' '{ for (i = 2; i <= 9; i++) print ($i == 0 ? $i "\t" $(i + 9) : "1\t" $(i + 9) / $i) }' >pairs
run 0 "--describe has pandas's numbers, to six digits" differ 5e-6 5e-6 <pairs
csvprep --describe --tsv "$golden/csv/main.csv" >got
csvprep --delimiter semicolon --describe --tsv "$golden/csv/windows.csv" | sed 's/\\r//g' >semicolons
same got semicolons "with semicolons, CRLF, a mark and quotes too"
cat >rows.prep <<'END'
join t k=id
drop-missing x c
clip x iqr=1.5
scale x y
onehot c
key n
select x y c=* v
END
cat >groups.prep <<'END'
drop-missing x
aggregate k c ; count ; mean x ; sum y ; min x ; max y
drop c
key k
END
for recipe in rows groups; do
	[ $recipe = groups ] && side=() || side=("t=$golden/csv/side.csv")
	run 0 "$recipe" csvprep -q --recipe $recipe.prep -o x.tsr "$golden/csv/main.csv" "${side[@]}"
	tsrdump --data x.tsr | cut -f 1,3- >got
	is "$(cut -f 1 got)" "$(cut -f 1 "$golden/csv/$recipe.tsv")" "has pandas's rows"
	paste -d '\n' "$golden/csv/$recipe.tsv" got | awk '{ a = $0; getline b; n = split(a, x, "\t"); split(b, y, "\t"); for (i = 2; i <= n; i++) print x[i] "\t" y[i] }' >pairs
	run 0 "and values" differ 1e-7 1e-7 1 <pairs
done

# scikit-learn: figures of predictions.
for table in "$golden"/metrics/*.tsv; do
	evalconf -q --tsv --bootstrap 0 "$table" | awk -F '\t' 'NR > 1 { print ($2 == "-" ? $1 : $1 ":" $2) "\t" $3 }' >got
	awk -F '\t' 'NR == FNR { got[$1] = $2; next } { print $2 "\t" ($1 in got ? got[$1] : 1e9) }' got "${table%.tsv}.want" >pairs
	run 0 "figures of ${table##*/} are scikit-learn's" differ 1e-9 1e-9 <pairs
	sed 's/^/# /' out
done
finish
