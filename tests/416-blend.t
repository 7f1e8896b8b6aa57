#!/bin/bash
# blend: weights and temperature against a search in awk, and nnpredict with what it found.
. "${0%/*}/lib.sh"
maketsr() { "$BUILD/unit/maketsr" "$@"; }

# model FILE TYPE K CLASSES: softmax(K x)
model() {
	{
		printf 'H\ttype=model\tformat=1\tnet=dense classes\tnet=softmax\tclass=%s' "${4//,/$'\tclass='}"
		printf '\tfeature.type=%s\tinput=3\ttemperature=1\n' "$2"
		printf 'T\tf32\t3,3\t%s,0,0,0,%s,0,0,0,%s\tkey=01.dense/kernel\nT\tf32\t3\t0\tkey=01.dense/bias\nE\n' "$3" "$3" "$3"
	} | maketsr "$1"
}
# Three views of 300 records of six speakers: the truth's value is raised by 0.5, 0.4 and 0 in noise.
view() { # SEED LIFT TYPE FILE
	awk -v seed="$1" -v lift="$2" -v type="$3" 'BEGIN {
		split("ANG HAP SAD", name, " ")
		s = seed
		print "H type=" type
		for (i = 0; i < 300; i++) {
			k = i * 7 % 3 + 1
			line = ""
			for (c = 1; c <= 3; c++) {
				sum = c == k ? lift : 0
				for (n = 0; n < 4; n++) { s = (s * 16807) % 2147483647; sum += s / 2147483647 - 0.5 }
				line = line (c > 1 ? "," : "") sprintf("%.4f", sum)
			}
			printf "T f32 3 %s key=k%d label=%s group=s%d\n", line, i, name[k], i % 6
		}
		print "E"
	}' | maketsr "$4"
}
view 20261126 0.5 mel a.tsr
view 987654321 0.4 lld b.tsr
view 13579 0 table c.tsr
model a.bin mel 6 ANG,HAP,SAD
model b.bin lld 4 ANG,HAP,SAD
model c.bin table 3 ANG,HAP,SAD
for m in a b c; do nnpredict $m.bin $m.tsr >$m.tsv; done

run 0 "three models" blend a=a.tsv b=b.tsv c=c.tsv
cp out text
is "$(sed -n '1p; 3,6p' out | tr -s ' ' | cut -d ' ' -f 1,2 | tr '\n' ';')" \
	"300 records,;model weight;a $(awk '$1 == "a" { print $2 }' out);b $(awk '$1 == "b" { print $2 }' out);c $(awk '$1 == "c" { print $2 }' out);" \
	"shows their weights"
run 0 "--options" blend --options a=a.tsv b=b.tsv c=c.tsv
options=$(cat out)
is "nnpredict $options" "$(tail -n 1 text)" "writes what the last line shows"
like "$options" '^--weights [0-9.,]+ --average-temperature [0-9.]+$' "for nnpredict"
# shellcheck disable=SC2086 # options are words
nnpredict $options --with b.bin=b.tsr --with c.bin=c.tsr a.bin a.tsr >all.tsv
loss() { evalconf --tsv --bootstrap 0 "$1" | awk -F '\t' '$1 == "log_loss" { printf "%.4f", $3 }'; }
is "$(loss all.tsv)" "$(awk '/^these weights/ { print $3 }' text)" "which has the log loss that was said"
nnpredict --with b.bin=b.tsr --with c.bin=c.tsr a.bin a.tsr >equal.tsv
is "$(loss equal.tsv)" "$(awk '/^equal weights/ { print $3 }' text)" "and so have equal weights"
ece=$(evalconf --tsv --bootstrap 0 all.tsv | awk -F '\t' '$1 == "ece" { printf "%.4f", $3 }')
is "$ece" "$(awk '/^these weights/ { print $4 }' text)" "and the calibration error"

# grid MEAN: the least log loss over weights in twentieths and 40 temperatures.
grid() {
	paste <(cut -f 2,7-9 a.tsv) <(cut -f 7-9 b.tsv) <(cut -f 7-9 c.tsv) | awk -F '\t' -v mean="$1" '
		NR > 1 {
			n++
			truth[n] = $1 == "ANG" ? 1 : $1 == "HAP" ? 2 : 3
			for (m = 0; m < 3; m++)
				for (k = 1; k <= 3; k++)
					p[m, n, k] = $(1 + 3 * m + k)
		}
		END {
			least = 99
			for (wa = 0; wa <= 20; wa += 2)
				for (wb = 0; wa + wb <= 20; wb += 2) {
					for (i = 1; i <= n; i++)
						for (k = 1; k <= 3; k++)
							if (mean == "geometric")
								q[i, k] = (wa * log(p[0, i, k]) + wb * log(p[1, i, k]) + (20 - wa - wb) * log(p[2, i, k])) / 20
							else
								q[i, k] = log((wa * p[0, i, k] + wb * p[1, i, k] + (20 - wa - wb) * p[2, i, k]) / 20)
					for (t = 0.4; t < 2.5; t *= 1.12) {
						loss = 0
						for (i = 1; i <= n; i++)
							loss -= q[i, truth[i]] / t - log(exp(q[i, 1] / t) + exp(q[i, 2] / t) + exp(q[i, 3] / t))
						if (loss / n < least) least = loss / n
					}
				}
			printf "%.4f", least
		}'
}
for mean in arithmetic geometric; do
	blend --average $mean a=a.tsv b=b.tsv c=c.tsv >out
	found=$(awk '/^these weights/ { print $3 }' out) least=$(grid $mean)
	is "$(awk -v f="$found" -v g="$least" 'BEGIN { print (f <= g + 0.0005 && f > g - 0.005) }')" 1 \
		"$mean: $found is no worse than the best of a grid, $least"
done
like "$(tail -n 1 out)" '^nnpredict --weights .* --average geometric --average-temperature' "geometric: is among the options"

run 0 "one model" blend one=b.tsv
like "$(tail -n 1 out)" 'nnpredict --weights 1 --average-temperature [0-9.]+' "its temperature"
t=$(tail -n 1 out | sed 's/.* //')
nnpredict --average-temperature "$t" b.bin b.tsr >one.tsv
is "$(loss one.tsv)" "$(awk '/^these weights/ { print $3 }' out)" "calibrates it"
run 0 "a model twice" blend x=a.tsv y=a.tsv
like "$(tail -n 1 out)" 'weights 0.5,0.5 ' "no better than equal weights: these"

# Folds, orders
head -n 151 a.tsv >a1.tsv
{ sed 1q a.tsv && tail -n 150 a.tsv; } >a2.tsv
{ sed 1q b.tsv && sed 1d b.tsv | sort -r; } >turned.tsv
awk -F '\t' -v OFS='\t' '{ print $9, $2, $3, $1, $7, $8 }' c.tsv >columns.tsv
blend a=a1.tsv a=a2.tsv b=turned.tsv c=columns.tsv >out
same out text "folds, another order of records and of classes"
blend a=a.tsv b=b.tsv c=- <c.tsv >out
same out text "standard input"

# What is wrong
fails 2 "predictions are required" "nothing" blend
fails 2 "is not NAME=PREDICTIONS.tsv" "no name" blend a.tsv
fails 2 "is not NAME=PREDICTIONS.tsv" "an odd name" blend "a b=a.tsv"
fails 2 "'a=' is not NAME=PREDICTIONS.tsv" "no file after the name" blend a=
fails 3 "no.tsv: No such file" "no file" blend a=no.tsv
fails 3 "a1.tsv: no record 'k[0-9]+', which b.tsv has" "a record that the first lacks" blend a=a1.tsv b=b.tsv
fails 3 "a1.tsv: no record 'k[0-9]+', which b.tsv has" "that another lacks" blend b=b.tsv a=a1.tsv
fails 3 "'k0' appears twice" "a record twice" blend a=a.tsv a=a.tsv
label=$(awk -F '\t' '$1 == "k7" { print $2 }' a.tsv)
other=$([ "$label" = ANG ] && echo HAP || echo ANG)
sed "s/^k7	$label/k7	$other/" b.tsv >other.tsv
fails 3 "other.tsv: the label of 'k7' is '$other', but '$label' in a.tsv" "another truth" blend a=a.tsv b=other.tsv
nnpredict --top 2 a.bin a.tsr >top.tsv
fails 3 "top.tsv: line 1: no p. columns in the header .nnpredict without --top" "no probabilities" blend a=top.tsv
cut -f 1,2,7- a.tsv | sed '1s/p.SAD/p.NEU/' | grep -v SAD >classes.tsv
fails 3 "classes.tsv: its classes are not those of a.tsv" "other classes" blend a=a.tsv b=classes.tsv
sed 1q a.tsv >none.tsv
fails 3 "none.tsv: no records to evaluate" "no records" blend a=none.tsv
fails 3 "the label is '-'" "no truth" blend a=<(sed 's/^\(k5\t\)[A-Z]*/\1-/' a.tsv)
run 4 "/dev/full" blend -o /dev/full a=a.tsv
cp a.tsv keep.tsv
fails 2 "a.tsv" "an input as output" blend -o a.tsv a=a.tsv b=b.tsv
same a.tsv keep.tsv "is left alone"
finish
