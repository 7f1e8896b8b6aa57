#!/bin/bash
# nnpredict --average-variants: a recording together with what augment made of it, held against
# averages by awk of the predictions one by one.
. "${0%/*}/lib.sh"
maketsr() { "$BUILD/unit/maketsr" "$@"; }

# model FILE TYPE KERNEL: softmax(x W) of two inputs.
model() {
	{
		printf 'H\ttype=model\tformat=1\tnet=dense classes\tnet=softmax\tclass=HAP\tclass=SAD'
		printf '\tfeature.type=%s\tinput=2\ttemperature=1\n' "$2"
		printf 'T\tf32\t2,2\t%s\tkey=01.dense/kernel\nT\tf32\t2\t0\tkey=01.dense/bias\nE\n' "$3"
	} | maketsr "$1"
}
stream() { # TYPE FILE: records of standard input
	{ echo "H type=$1 pg=$1" && cat && echo E; } | maketsr "$2"
}
model m.bin mel 1,0,0,1
stream mel plain.tsr <<'END'
T f32 2 1,0 key=one label=HAP group=a sex=male
T f32 2 0,1 key=two label=SAD group=b sex=female
T f32 2 2,3 key=w label=SAD start=0
T f32 2 3,2 key=w label=SAD start=0.5
END
stream mel slow.tsr <<'END'
T f32 2 4,0 key=two@speed0.9 src=two aug=speed_0.9 label=SAD group=b sex=x
T f32 2 0,2 key=one@speed0.9 src=one aug=speed_0.9 label=HAP group=a
T f32 2 1,3 key=w@speed0.9 src=w aug=speed_0.9 label=SAD start=0
END
stream mel fast.tsr <<'END'
T f32 2 3,0 key=one@speed1.1 src=one aug=speed_1.1 label=HAP group=a
T f32 2 0,5 key=two@speed1.1 src=two aug=speed_1.1 label=SAD group=b
END
# averages [GEOMETRIC [TEMPERATURE]]: key, start and p.HAP of standard input's predictions averaged by recording.
averages() {
	awk -F '\t' -v geometric="${1:-0}" -v t="${2:-1}" '$1 != "key" {
		sub(/@.*/, "", $1)
		if (!(($1, $4) in n)) name[++names] = $1 SUBSEP $4
		n[$1, $4]++
		s[$1, $4] += geometric ? log($7) : $7
		u[$1, $4] += geometric ? log($8) : $8
	} END {
		for (i = 1; i <= names; i++) {
			k = name[i]
			a = s[k] / n[k]
			b = u[k] / n[k]
			if (!geometric) { a = log(a); b = log(b) }
			sub(SUBSEP, " ", k)
			printf "%s %.9f\n", k, 1 / (1 + exp((b - a) / t))
		}
	}'
}
got() { awk -F '\t' 'NR > 1 { print $1, $4, $7 }' "${1:-out}"; }
# near WANT NAME: is that, as far as six places tell.
near() {
	is "$(paste -d ' ' <(got) - <<<"$1" | awk '{ d = $3 - $6; print $1 == $4 && $2 == $5 && d * d < 1e-10 ? "ok" : $0 }' | uniq)" ok "$2"
}
streams=(plain.tsr slow.tsr fast.tsr)

nnpredict m.bin "${streams[@]}" >single
run 0 "variants in other streams" nnpredict --average-variants m.bin "${streams[@]}"
near "$(averages <single)" "one prediction a recording or window, the mean"
is "$(cat err)" '' "without a notice"
is "$(cut -f 1-4 out | tr '\t\n' ' ;')" "key label group start;one HAP a -;two SAD b -;w SAD - 0;w SAD - 0.5;" "of the recordings"
cp out want
nnpredict --average-variants --columns sex m.bin "${streams[@]}" | cut -f 1,9 >out
is "$(tr '\t\n' ' ;' <out)" "key sex;one male;two female;w -;w -;" "with their own metadata"
run 0 "variants first" nnpredict --average-variants --columns sex m.bin slow.tsr fast.tsr plain.tsr
near "$(nnpredict m.bin slow.tsr fast.tsr plain.tsr | averages)" "in the order in which they come"
is "$(cut -f 1,9 out | tr '\t\n' ' ;')" "key sex;two female;one male;w -;w -;" "with the recordings' metadata"
cat slow.tsr plain.tsr fast.tsr >all.tsr
nnpredict --average-variants -j4 m.bin <all.tsr | got /dev/stdin | sort >out
is "$(cat out)" "$(got want | sort)" "in one stream, and with -j4"
nnpredict --average-variants --temperature 2 m.bin plain.tsr >out
nnpredict --temperature 2 m.bin plain.tsr >b
same out b "recordings without variants are as they are"
run 0 "--average geometric" nnpredict --average-variants --average geometric m.bin "${streams[@]}"
near "$(averages 1 <single)" "the mean of the logarithms"
run 0 "--average-temperature" nnpredict --average-variants --average-temperature 0.5 m.bin "${streams[@]}"
near "$(averages 0 0.5 <single)" "tempers that mean"
run 0 "--threshold" nnpredict --average-variants --threshold 0.6 m.bin "${streams[@]}"
is "$(cut -f 5 out | tr '\n' ' ')" "$(awk -F '\t' 'NR == 1 { print "pred"; next } { print $6 < 0.6 ? "UNCERTAIN" : $5 }' want | tr '\n' ' ')" "holds for it"
nnpredict --average-variants --json m.bin "${streams[@]}" >out
like "$(sed -n 1p out)" "^\{\"key\":\"one\",\"label\":\"HAP\",.*\"p\":\{\"HAP\":$(sed -n 2p want | cut -f 7)," "--json"
run 0 "--tensor" nnpredict --average-variants --tensor -o s.tsr m.bin "${streams[@]}"
is "$(tsrdump --data s.tsr | awk '{ printf "%.6f\n", $(NF - 1) }')" "$(got want | cut -d ' ' -f 3)" "one record a recording"
is "$(tsrdump --head s.tsr | grep -c ^pg=) $(tsrdump --head s.tsr | grep -c '^type=') $(tsrdump --field pg s.tsr | grep -c average-variants=yes)" \
	'2 1 1' "in one segment, and provenance says so"

# Models of other streams, which have the variants, too.
model l.bin lld 3,0,0,1
cat >l.records <<'END'
T f32 2 1,1 key=two@speed1.1
T f32 2 0,1 key=two@speed0.9
T f32 2 1,2 key=w@speed0.9 start=0
T f32 2 1,0 key=w start=0.5
T f32 2 0,0 key=w start=0
T f32 2 1,0 key=one@speed1.1
T f32 2 2,0 key=one@speed0.9
T f32 2 0,1 key=one
T f32 2 1,0 key=two
END
stream lld l.tsr <l.records
nnpredict --with l.bin=l.tsr --weights 1,2 m.bin "${streams[@]}" >single2
run 0 "--with" nnpredict --average-variants --with l.bin=l.tsr --weights 1,2 m.bin "${streams[@]}"
near "$(averages <single2)" "first the models, then the variants"
nnpredict --average geometric --with l.bin=l.tsr m.bin "${streams[@]}" >single2
run 0 "--with, geometric" nnpredict --average-variants --average geometric --with l.bin=l.tsr m.bin "${streams[@]}"
near "$(averages 1 <single2)" "both means are"
nnpredict --with l.bin=l.tsr m.bin "${streams[@]}" >single2
run 0 "--with, tempered" nnpredict --average-variants --average-temperature 0.7 --with l.bin=l.tsr m.bin "${streams[@]}"
near "$(averages 0 0.7 <single2)" "once, at the end"
stream lld short.tsr < <(grep -v speed1.1 l.records)
fails 3 "^nnpredict: short.tsr: no record 'one@speed1.1', which fast.tsr has$" "a stream without a variant" \
	nnpredict --average-variants --with l.bin=short.tsr m.bin "${streams[@]}"
is "$(sed 1d out | wc -l)" 0 "no prediction is written"

# A net's second input, by each record's own key.
{
	printf 'H\ttype=model\tformat=1\tnet=save first\tnet=input row\tnet=concat first\tnet=dense classes\tnet=softmax'
	printf '\tclass=HAP\tclass=SAD\tfeature.type=mel\tinput=2\tbeside=row\tbeside.feature.type=lld\tbeside.input=2\ttemperature=1\n'
	printf 'T\tf32\t4,2\t1,0,0,1,2,0,0,2\tkey=04.dense/kernel\nT\tf32\t2\t0\tkey=04.dense/bias\nE\n'
} | maketsr b.bin
nnpredict --beside row=l.tsr b.bin "${streams[@]}" >single2
run 0 "--beside" nnpredict --average-variants --beside row=l.tsr b.bin "${streams[@]}"
near "$(averages <single2)" "the second input's variants"
is "$(averages <single2 | cmp -s - <(averages <single) && echo same)" '' "matter"

# What is known of the speakers: each kind by itself.
{
	printf 'H\ttype=model\tformat=1\tnet=speakernorm\tnet=dense classes\tnet=softmax\tclass=HAP\tclass=SAD\tfeature.type=mel\tinput=2\ttemperature=1\n'
	printf 'T\tf32\t2\t0\tkey=01.speakernorm/mean\nT\tf32\t2\t1\tkey=01.speakernorm/variance\n'
	printf 'T\tf32\t2,2\t1,0,0,1\tkey=02.dense/kernel\nT\tf32\t2\t0\tkey=02.dense/bias\nE\n'
} | maketsr n.bin
for ((i = 0; i < 12; i++)); do echo "T f32 2 noise:$i key=k$i group=g$((i % 2))"; done >k
for ((i = 0; i < 12; i++)); do echo "T f32 2 noise:9$i key=k$i@v src=k$i group=g$((i % 2))"; done >v
stream mel k.tsr <k
stream mel v.tsr <v
for o in --own --leave-one-out '--clips 3 -s 4'; do
	# shellcheck disable=SC2086 # the words are meant to be split
	{ nnpredict -q $o n.bin k.tsr && nnpredict -q $o n.bin v.tsr; } >single2
	# shellcheck disable=SC2086
	run 0 "$o" nnpredict -q --average-variants $o n.bin k.tsr v.tsr
	near "$(averages <single2)" "each kind by its own statistics"
	is "$(cut -f 1,9 out)" "$(awk -F '\t' 'NR == 1 || $1 ~ /^k[0-9]+$/' single2 | cut -f 1,9)" "the recording's protocol"
done
{ echo 'T f32 2 1,0 key=a enrolled=7'; echo 'T f32 2 1,0 key=a@v src=a enrolled=5'; echo 'T f32 2 1,0 key=b@v src=b enrolled=5'; } | stream mel e.tsr
run 0 "enrolled=" nnpredict --average-variants n.bin e.tsr
is "$(cut -f 1,9 out | tr '\t\n' ' ;')" "key protocol;a enrolled 7;b enrolled 5;" "the recording's own, where it is there"
is "$(cat err)" "nnpredict: 1 of 2 recordings are not there themselves, only variants of them" "a notice of those that are not"
nnpredict --tensor --average-variants n.bin e.tsr 2>err | tsrdump --tsv --columns src,aug >out
is "$(cut -f 1 out | tr '\n' ' ')$(grep -c '@' out)" "key a b 0" "which go by the recording's key"

# What cannot be
fails 3 "^nnpredict: plain.tsr: record 1 \(one\): the key appears twice$" "a recording twice" \
	nnpredict --average-variants m.bin plain.tsr slow.tsr plain.tsr
stream mel bad.tsr < <(echo 'T f32 2 nan,0 key=one@v src=one')
fails 3 "bad.tsr: record 1 \(one@v\): " "a bad variant" nnpredict --average-variants m.bin plain.tsr bad.tsr
run 0 "--skip-bad" nnpredict --average-variants --skip-bad 1 m.bin plain.tsr bad.tsr
nnpredict m.bin plain.tsr >b
same out b "leaves it out"
stream mel none.tsr </dev/null
run 0 "no records" nnpredict --average-variants m.bin none.tsr
is "$(wc -l <out)" 1 "a header alone"
nnpredict --average-variants --tensor m.bin none.tsr | tsrdump --head - >out
is "$(sed -n 1p out)" "type=scores" "an empty stream"
fails 4 "" "a full disk" nnpredict --average-variants -o /dev/full m.bin plain.tsr
finish
