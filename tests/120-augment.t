#!/bin/bash
# augment: variants, their names and what their random numbers depend on.
. "${0%/*}/lib.sh"
. "$root/tests/streams.sh"

maketsr a.tsr <<'END'
H type=wave rate=22050 samples=2000 at=start level=none trim=none pg=wavnorm_x
T f32 2000 noise:1 key=a label=angry group=01 sex=male
T f32 2000 noise:2 key=b label=sad group=02
T f32 2000 0 key=silent
E
END
options augment
reads_streams a.tsr augment
run 0 "two streams with the same keys" augment a.tsr a.tsr
is "$(cat err)" "augment: 3 records have the key of another (the first is 'a') and its noise" "are noticed"
run 0 "with -q" augment -q a.tsr a.tsr
is "$(cat err)" '' "they are not"
fails 2 "'speed' is none of noise, shift" "an unknown variant is named" augment --variants noise,speed a.tsr
fails 2 "'' is none of" "an empty one too" augment --variants noise, a.tsr
fails 2 'noise appears twice' "a variant twice" augment --variants noise,shift,noise a.tsr
fails 2 'exclude' "--noise and --snr" augment --noise 1 --snr 10 a.tsr
fails 2 'shift' "a negative shift" augment --shift -1 a.tsr
fails 2 'seed' "a seed that is no number" augment -s x a.tsr
maketsr mel.tsr <<'END'
H type=mel rate=22050
T f32 3,4 ramp key=a
E
END
fails 3 'mel stream; a wave stream is expected' "another type is refused, with both names" augment mel.tsr
maketsr odd.tsr <<'END'
H type=wave rate=22050
T f32 3,4 ramp key=a
E
END
fails 3 'record 1 \(a\): rank is 2' "another shape is refused" augment odd.tsr
maketsr odd.tsr <<'END'
H type=wave rate=22050
T f64 3 ramp key=a
E
END
fails 3 'record 1 \(a\): dtype is f64' "another dtype is refused" augment odd.tsr
maketsr nan.tsr <<'END'
H type=wave rate=22050
T f32 4 1 key=good
T f32 4 1,nan key=bad
E
END
fails 3 'record 2 \(bad\).*NaN' "NaN is refused" augment nan.tsr
run 0 "unless --skip-bad" augment --skip-bad 1 nan.tsr
is "$(tsrdump --tsv out | tail -n +2 | cut -f 1 | xargs)" \
	'good good@noise good@shift' "which passes over that record alone"

run 0 "the defaults" augment a.tsr
mv out x3.tsr
is "$(tsrdump --tsv --columns src,sex x3.tsr | tail -n +2 | awk -F '\t' '{ print $1, $2, $3, $(NF-1), $NF }')" \
	'a angry 01 - male
a@noise angry 01 a male
a@shift angry 01 a male
b sad 02 - -
b@noise sad 02 b -
b@shift sad 02 b -
silent - - - -
silent@noise - - silent -
silent@shift - - silent -' "each record, its noise, its shift; label, group and the rest are kept"
tsrdump --tsv --columns aug x3.tsr | awk -F '\t' 'NR > 1 { print $NF }' >made
is "$(sed -n '1p;2p;4p;5p' made | xargs)" '- noise 0.005 - noise 0.005' "aug says what was done"
like "$(sed -n 3p made)" '^shift -?[0-9]+$' "and how far it was shifted"
is "$(tsrdump --field pg x3.tsr)" "wavnorm_x
augment $(cat "$root/VERSION") variants=noise,shift noise=0.005 snr=none shift=5000 seed=0" "provenance is continued"
tsrpick --not-aug x3.tsr >x.tsr
run 0 "the originals are unchanged" tsrdiff a.tsr x.tsr

# What a variant is.
# column FILE KEY N: of tsrdump's table (9 the least, 10 the mean, 11 the largest value).
column() {
	tsrdump --tsv "$1" | awk -F '\t' -v key="$2" '$1 == key' | cut -f "$3"
}
# values FILE KEY: one a line.
values() {
	tsrpick --key "$2" "$1" | tsrdump --data | cut -f 3- | tr '\t' '\n'
}
awk -v lo="$(column x3.tsr silent@noise 9)" -v hi="$(column x3.tsr silent@noise 11)" \
	'BEGIN { exit !(lo < -0.01 && lo > -0.03 && hi > 0.01 && hi < 0.03) }'
ok $? "noise is 0.005 times a standard normal"
is "$(column x3.tsr a@shift 9,11)" "$(column x3.tsr a 9,11)" "a shift keeps all values"
values x3.tsr a >original
values x3.tsr a@shift >shifted
by=$(sed -n 's/^shift //p;3q' made)
awk -v by="$by" 'NR == FNR { x[NR - 1] = $1; next }
	x[(((FNR - 1 - by) % 2000) + 2000) % 2000] != $1 { bad++ } END { exit NR != 4000 || bad > 0 }' original shifted
ok $? "and is circular"
augment --variants shift --shift 0 a.tsr | tsrpick --where aug='shift 0' >x.tsr
run 0 "--shift 0 changes nothing" tsrdiff --values a.tsr x.tsr
augment --variants noise --noise 0 a.tsr | tsrpick --match 'key=*@noise' >x.tsr
run 0 "--noise 0 changes nothing" tsrdiff --values a.tsr x.tsr
augment --variants noise --snr 20 a.tsr >snr.tsr
is "$(column snr.tsr silent@noise 9)" 0 "--snr adds nothing to silence"
is "$(tsrdump --tsv --columns aug snr.tsr | awk -F '\t' '$1 == "a@noise" { print $NF }')" \
	'noise 20 dB' "and is named in aug"
paste original <(values snr.tsr a@noise) |
	awk '{ s += $1 * $1; d = $2 - $1; n += d * d }
		END { r = 10 * log(s / n) / log(10); exit !(r > 19.99 && r < 20.01) }'
ok $? "a ratio of 20 dB is one"
is "$(augment --variants shift,noise a.tsr | tsrdump --tsv | sed -n '3p;4p' | cut -f 1 | xargs)" 'a@shift a@noise' \
	"variants come in the order asked for"

# Seeds: of the seed, the key and the variant, and of nothing else.
augment a.tsr >out
same out x3.tsr "the same seed gives the same bytes"
augment -s 0 -j 1 a.tsr >out
same out x3.tsr "with one thread"
augment -s 0 -j 4 a.tsr >out
same out x3.tsr "and with four"
augment -s 1 a.tsr >x.tsr
run 1 "another seed, other noise" tsrdiff --values x3.tsr x.tsr
tsrpick --key b a.tsr | augment >x.tsr
tsrpick --key b,b@noise,b@shift x3.tsr >y.tsr
run 0 "the records before it change nothing" tsrdiff x.tsr y.tsr
augment --variants shift a.tsr | tsrpick --key a@shift >x.tsr
tsrpick --key a@shift x3.tsr >y.tsr
run 0 "nor do other variants" tsrdiff x.tsr y.tsr
maketsr w.tsr <<'END'
H type=wave rate=22050
T f32 500 0 key=a start=0.000
T f32 500 0 key=a start=1.000
E
END
[ "$(augment --variants noise w.tsr | tsrdump --tsv | grep '^a@noise' | cut -f 9-11 | sort -u | wc -l)" = 2 ]
ok $? "windows of one file have noise of their own"
cat a.tsr a.tsr | augment >x.tsr
is "$(tsrdump --tsv x.tsr | tail -n +2 | cut -f 5 | uniq -c | xargs)" '9 1 9 2' "a segment stays a segment"
fails 4 'No space left' "/dev/full" bash -c 'augment a.tsr >/dev/full'
finish
