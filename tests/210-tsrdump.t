#!/bin/bash
# tsrdump: what it shows of records and models, and what it refuses.
. "${0%/*}/lib.sh"
. "$root/tests/streams.sh"

maketsr a.tsr <<'END'
H type=mel rate=22050 hop=512 pg=wavnorm_0.1.0
T f32 2,3 ramp key=a label=angry group=01 sex=male
T f32 2,3 1.5,nan,-0.5 key=b label=sad group=02
E
END
maketsr model.tsr <<'END'
H	type=model	format=1	net=conv1d 64	net=  dense classes	class=angry	class=sad	feature.rate=22050	feature.hop=512	pg=wavnorm 0.1.0 rate=22050	pg=nntrain 0.1.0
T	f32	5,128,64	0.5	key=00.conv1d/kernel
T	f32	64	0,1	key=00.conv1d/bias
E
END
maketsr values.tsr <<'END'
H type=x
T u8 3 0,128,255 key=u8
T i32 2 -2147483648,2147483647 key=i32
T i64 2 -9223372036854775808,9007199254740993 key=i64
T f32 3 0.1,1e-45,16777216 key=f32
T f64 3 0.1,1e300,-inf key=f64
T f16 3 0.5,65504,nan key=f16
T f32 - 7 key=single
T f32 2,0,3 ramp key=empty
T u8 2,2,2 ramp key=cube
E
END
options tsrdump
reads_streams a.tsr tsrdump
reads_streams a.tsr tsrdump --check

run 0 "a summary" tsrdump a.tsr
is "$(tr -s ' ' <out)" 'a.tsr: segment 1: mel
 head: rate=22050 hop=512
 made by:
 wavnorm_0.1.0
 record key label group dtype shape bytes min mean max
 1 a angry 01 f32 2,3 24 0 2.5 5
 2 b sad 02 f32 2,3 24 -0.5 0.5 1.5 2 not finite
 2 records, 48 bytes' "has heads, records and totals"
run 0 "a model" tsrdump model.tsr
is "$(tr -s ' ' <out)" 'model.tsr: segment 1: model
 head: format=1
 classes: angry, sad (2)
 features: rate=22050 hop=512
 net:
 conv1d 64
 dense classes
 made by:
 wavnorm 0.1.0 rate=22050
 nntrain 0.1.0
 weight key dtype shape bytes min mean max
 1 00.conv1d/kernel f32 5,128,64 163840 0.5 0.5 0.5
 2 00.conv1d/bias f32 64 256 0 0.5 1
 2 weights, 41024 parameters, 164096 bytes' "has classes, features, net, weights and their number"

maketsr duo.tsr <<'END'
H	type=model	format=1	net=normalize	net=  speakernorm	net=dense classes	class=a	class=b	input=*,26	beside=row	beside.input=3	feature.type=lld	feature.rate=16000	feature.samples=all	feature.columns=mel	beside.feature.type=table	beside.feature.rate=16000	beside.feature.samples=all	beside.feature.columns=mel,pitch	beside.feature.functional=x	beside.feature.cmvn=speaker
E
END
run 0 '--inputs' tsrdump --inputs duo.tsr
is "$(cat out)" $'input\twaves\tspeakernorm\tprograms\n-\town\tyes\twavnorm descriptors\nrow\tshared\tyes\twavnorm descriptors functionals cmvn' 'names the programs of both inputs'
maketsr apart.tsr <<'END'
H	type=model	format=1	net=# speakernorm	net=dense classes	class=a	class=b	input=108,128	beside=row	beside.input=3	feature.type=mel	feature.rate=22050	beside.feature.type=table	beside.feature.rate=16000
E
END
is "$(tsrdump --inputs apart.tsr)" $'input\twaves\tspeakernorm\tprograms\n-\town\tno\twavnorm melspec\nrow\town\tno\twavnorm melspec' 'other waves are its own'
maketsr table.tsr <<'END'
H	type=model	format=1	net=dense classes	class=a	class=b	input=3	feature.type=table
E
END
is "$(tsrdump --inputs <table.tsr)" $'input\twaves\tspeakernorm\tprograms\n-\t-\tno\t-' 'a table is made by none of them'
fails 3 'a.tsr: this is a mel stream; a model stream is expected' '--inputs of features' tsrdump --inputs a.tsr
fails 2 '--inputs: of one model, not of 2' 'of two models' tsrdump --inputs duo.tsr table.tsr
fails 2 'exclude each other' 'and as a table' tsrdump --inputs --tsv duo.tsr
fails 4 '' '--inputs to a full disk' bash -c 'tsrdump --inputs duo.tsr >/dev/full'

run 0 "--head" tsrdump --head a.tsr
is "$(cat out)" $'type=mel\nrate=22050\nhop=512\npg=wavnorm_0.1.0' "prints the head as it is"
tsrdump --head a.tsr a.tsr >out
is "$(grep -c '^type=' out) $(grep -c '^$' out)" "2 1" "one for each segment, an empty line between"
run 0 "--field" tsrdump --field net model.tsr
is "$(cat out)" $'conv1d 64\n  dense classes' "prints a field's values, one a line"
run 0 "--tsv" tsrdump --tsv a.tsr
is "$(cat out)" "$(printf '%s\n' \
	$'key\tlabel\tgroup\trecord\tsegment\tdtype\tshape\tbytes\tmin\tmean\tmax\tnonfinite' \
	$'a\tangry\t01\t1\t1\tf32\t2,3\t24\t0\t2.5\t5\t0' \
	$'b\tsad\t02\t2\t1\tf32\t2,3\t24\t-0.5\t0.5\t1.5\t2')" "prints a table"
run 0 "--columns" tsrdump --tsv --columns sex,none a.tsr
is "$(cut -f 1,13- out)" $'key\tsex\tnone\na\tmale\t-\nb\t-\t-' "adds fields"
is "$(awk -F '\t' '{ print NF }' out | sort -u)" 14 "every line has as many columns"
run 0 "--data" tsrdump --data values.tsr
is "$(cat out)" "$(printf '%s\n' \
	$'u8\t-\t0\t128\t255' \
	$'i32\t-\t-2147483648\t2147483647' \
	$'i64\t-\t-9223372036854775808\t9007199254740993' \
	$'f32\t-\t0.1\t1.4013e-45\t16777216' \
	$'f64\t-\t0.1\t1e+300\t-inf' \
	$'f16\t-\t0.5\t65504\tnan' \
	$'single\t-\t7' \
	$'cube\t0,0\t0\t1' $'cube\t0,1\t2\t3' $'cube\t1,0\t4\t5' $'cube\t1,1\t6\t7')" "prints values that read back"
maketsr none.tsr <<'END'
H
E
END
run 0 "a segment of nothing" tsrdump none.tsr
is "$(cat out)" $'none.tsr: segment 1: no type\n  0 records, 0 bytes' "is shown"
run 0 "and has a table" tsrdump --tsv none.tsr
is "$(wc -l <out)" 1 "of a header"
maketsr tab.tsr <<'END'
H
T u8 - 1 key=a=b label=Fröhlich
E
END
is "$(tsrdump --tsv tab.tsr | sed -n 's/\t-.*//;2p')" $'a=b\tFröhlich' "text is left as it is"

# --check
run 0 "--check of several" tsrdump --check a.tsr model.tsr values.tsr
is "$(cat out err)" '' "is silent"
run 0 "--check -v" tsrdump --check -v a.tsr model.tsr
is "$(cat err)" $'tsrdump: a.tsr: whole: segments 1, records 2\ntsrdump: model.tsr: whole: segments 1, records 2' "is not"
head -c 200 a.tsr >cut.tsr
got=0
tsrdump --check cut.tsr a.tsr nowhere.tsr >out 2>err || got=$?
is "$got $(grep -c . err)" "3 2" "names each file that is not whole"
like "$(cat err)" 'cut.tsr: byte [0-9]+: .*nowhere.tsr: ' "in order"

fails 2 'exclude' "two ways at once" tsrdump --head --data a.tsr
fails 2 'columns' "--columns without --tsv" tsrdump --columns sex a.tsr
maketsr large.tsr <<'END'
H
T u8 1048577 0 key=a
E
END
fails 3 'max-record' "a record above --max-record" tsrdump --max-record 1 large.tsr
run 0 "or within" tsrdump --max-record 2 large.tsr
for way in --data --head --tsv --field=type ''; do
	# shellcheck disable=SC2086
	fails 4 'No space left' "a full disk${way:+, $way}" bash -c "tsrdump $way a.tsr >/dev/full"
done
run 0 "-o" tsrdump --tsv -o table.tsv a.tsr
tsrdump --tsv a.tsr >out
same table.tsv out "writes the same to a file"
fails 3 'cut off' "of a stream that is cut off" tsrdump -o other.tsv cut.tsr
[ ! -e other.tsv ]
ok $? "no file comes of it"

# Many fields in a head: lines of 100 characters at most, each field once, in order.
{
	printf 'H type=mel'
	for i in {1..60}; do printf ' field%d=%s' "$i" "${i//?/value}"; done
	printf '\nT u8 2 1 key=a\nE\n'
} | maketsr fields.tsr
run 0 "many fields" tsrdump fields.tsr
is "$(awk '/=/ && length($0) > 100' out)" '' "are on lines of 100 characters at most"
is "$(grep -o 'field[0-9]*=[a-z]*' out)" "$(for i in {1..60}; do echo "field$i=${i//?/value}"; done)" "each once, in order"
is "$(grep -c '=' out)" "$(awk 'BEGIN {
	lines = 1
	for (i = 1; i <= 60; i++) {
		width = length("field" i "=") + 5 * length(i) + 1
		if (used > 0 && used + width > 100) { lines++; used = 0 }
		used += width
	}
	print lines }')" "filled as far as they go"
finish
