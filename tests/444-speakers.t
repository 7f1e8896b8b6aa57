#!/bin/bash
# nnpredict: what speakernorm is told of the speakers, worked out by awk.
. "${0%/*}/lib.sh"
maketsr() { "$BUILD/unit/maketsr" "$@"; }

# model FILE [MEAN [INPUT [LAYER...]]]: speakernorm, then softmax of two values.
model() {
	local file=$1 mean=${2-0.5} input=${3-2} at=1
	shift 3 2>/dev/null || shift $#
	{
		printf 'H\ttype=model\tformat=1'
		for layer; do
			printf '\tnet=%s' "$layer"
			at=$((at + 1))
		done
		printf '\tnet=speakernorm epsilon=1e-12\tnet=dense classes\tnet=softmax\tclass=HAP\tclass=SAD\tfeature.type=table'
		printf '\tinput=%s\ttemperature=1\n' "$input"
		printf 'T\tf32\t2\t%s\tkey=0%d.speakernorm/mean\nT\tf32\t2\t2\tkey=0%d.speakernorm/variance\n' "$mean" $at $at
		printf 'T\tf32\t2,2\t1,0,0,1\tkey=0%d.dense/kernel\nT\tf32\t2\t0\tkey=0%d.dense/bias\nE\n' $((at + 1)) $((at + 1))
	} | maketsr "$file"
}
model m.bin
# key label group x y
cat >records <<'END'
a1 HAP a 1 0
a2 SAD a 0.5 2
a3 HAP a 2 1
a4 SAD a 0 0.5
b1 HAP b 3 1
b2 SAD b 1 4
c1 SAD c 2 2
END
tsr() {
	{ echo "H type=table" && awk '{ printf "T f32 2 %s,%s key=%s label=%s group=%s\n", $4, $5, $1, $2, $3 }' && echo E; } | maketsr "$1"
}
tsr x.tsr <records

# want OWN OUT: key and p.HAP, by the formulas of cmvn(1); OWN 0: none, 1: all of the speaker, 2: all others;
# known by the file K where it is given.
want() {
	awk -v mode="$1" '
		function z(x, k, mean, variance) {
			mean = (k * mean + 2 * 0.5) / (k + 2)
			variance = (k * variance + 20 * 2) / (k + 20)
			return (x - mean) / sqrt(variance + 1e-12)
		}
		FILENAME == known { n[$3]++; xs[$3, n[$3]] = $4; ys[$3, n[$3]] = $5; name[$3, n[$3]] = $1 }
		FILENAME != known {
			k = mx = my = vx = vy = 0
			for (i = 1; mode > 0 && i <= n[$3]; i++)
				if (mode == 1 || name[$3, i] != $1) { k++; mx += xs[$3, i]; my += ys[$3, i] }
			if (k > 0) { mx /= k; my /= k }
			for (i = 1; mode > 0 && i <= n[$3]; i++)
				if (mode == 1 || name[$3, i] != $1) { vx += (xs[$3, i] - mx) ^ 2 / k; vy += (ys[$3, i] - my) ^ 2 / k }
			printf "%s %.6f %s\n", $1, 1 / (1 + exp(z($5, k, my, vy) - z($4, k, mx, vx))), (k > 0 ? "enrolled " k : "alone")
		}' known="$2" "$2" "$3"
}
got() { cut -f 1,7,9 out | sed 1d | tr '\t' ' '; }
cp records others # a file is read by one name

run 0 "alone" nnpredict m.bin x.tsr
is "$(got)" "$(want 0 others records)" "by the running mean and variance"
run 0 "--own" nnpredict --own m.bin x.tsr
is "$(got)" "$(want 1 others records)" "by all of the speaker's records"
run 0 "--leave-one-out" nnpredict --leave-one-out m.bin x.tsr
is "$(got)" "$(want 2 others records)" "by all others; nothing is known of one that has none"
cp out loo
nnpredict -j4 --leave-one-out m.bin x.tsr >out
same out loo "-j4"

# Saved statistics
grep '^[ab]' records >known
tsr known.tsr <known
printf 'a9 HAP a 4 4\nb9 HAP b 0 1\nd9 SAD d 1 0\n' >new
tsr new.tsr <new
run 0 "--collect" nnpredict --collect s.stats m.bin known.tsr
is "$(got)" "$(want 0 others known)" "predicts alone"
run 0 "writes statistics" tsrdump --tsv --columns group,count s.stats
is "$(cut -f 3- out | sed 1d | head -n 2 | awk -F '\t' '{ print $(NF - 1), $NF }' | tr '\n' ';')" "a 4;b 2;" "a record a speaker"
is "$(tsrdump --head s.stats | sed '/^pg/d; /^weights/d' | tr '\n' ' ')" "type=stats feature.type=table layer=01.speakernorm " \
	"of the layer's input"
run 0 "--speakers" nnpredict --speakers s.stats m.bin new.tsr
is "$(got)" "$(want 1 known new)" "speakers that are known, and one that is not"
nnpredict --speakers s.stats m.bin - <new.tsr >out
is "$(got)" "$(want 1 known new)" "a pipe will do"
nnpredict --own --collect two.stats m.bin known.tsr >out
is "$(tsrdump --data two.stats)" "$(tsrdump --data s.stats)" "--own --collect writes the same"
nnpredict --collect anna.stats --group anna m.bin <(tsrpick --group a known.tsr) >out
nnpredict --speakers anna.stats --group anna m.bin new.tsr >out
awk '{ $3 = "anna"; print }' new >new.anna
grep ' a ' known | sed 's/ a / anna /' >known.anna
is "$(got)" "$(want 1 known.anna new.anna)" "--group: all are one speaker's"

# Some recordings
nnpredict --clips 2 m.bin x.tsr >out 2>err
is "$(cut -f 3,9 out | sed 1d | sort | uniq -c | tr -s ' \t' ' ')" " 2 a enrolled 2" "--clips 2: the drawn ones are left out"
is "$(cat err)" "nnpredict: 5 records of the recordings that --clips has drawn are left out" "which is said"
nnpredict --clips 99 m.bin x.tsr >out 2>err
like "$(cat err)" "are left out, and no other is there: a smaller N leaves some" "--clips 99: none is left"
nnpredict --clips 2 --seed 1 --leave-one-out m.bin x.tsr >out 2>err
is "$(cut -f 3,9 out | sed 1d | sort | uniq -c | tr -s ' \t' ' ')" " 4 a enrolled 2
 2 b enrolled 1
 1 c alone" "with --leave-one-out none is"
nnpredict --clips 2 --skew SAD m.bin x.tsr >out 2>err
is "$(cut -f 1 out | tr '\n' ' ')" "key a1 a3 " "--skew draws those with a label first"

# Several models: each has its own.
model other.bin 1
nnpredict --leave-one-out other.bin x.tsr >b
nnpredict --leave-one-out --with other.bin m.bin x.tsr >out
is "$(cut -f 7 out | sed 1d)" "$(paste <(cut -f 7 loo) <(cut -f 7 b) | awk 'NR > 1 { printf "%.6f\n", ($1 + $2) / 2 }')" "two models"
cp x.tsr y.tsr
nnpredict --leave-one-out --with other.bin=y.tsr m.bin x.tsr >two
same two out "of two streams"
nnpredict --collect both.stats --with other.bin m.bin known.tsr >out
run 0 "known to both" nnpredict --speakers both.stats --with other.bin m.bin new.tsr
fails 3 "both.stats: its statistics are of layer=, of another model" "to one of them" nnpredict --speakers both.stats m.bin new.tsr
fails 3 "s.stats: its statistics are of weights=, of another model, not of weights=xxh3:[0-9a-f]+: nnpredict --collect" \
	"another model's" nnpredict --speakers s.stats other.bin new.tsr

# What cannot be
for o in --own --leave-one-out '--clips 2'; do
	# shellcheck disable=SC2086 # the words are meant to be split
	fails 3 "^nnpredict: standard input: the stream is read twice to know its speakers, so it must be a file$" "$o of a pipe" \
		nnpredict $o m.bin <x.tsr
	# shellcheck disable=SC2086
	fails 2 "^nnpredict: --speakers knows them from a file, ${o% 2} from the stream$" "--speakers $o" \
		nnpredict $o --speakers s.stats m.bin x.tsr
done
fails 2 "how many" "--skew alone" nnpredict --skew SAD m.bin x.tsr
{
	printf 'H\ttype=model\tformat=1\tnet=dense classes\tnet=softmax\tclass=HAP\tclass=SAD\tfeature.type=table\tinput=2\n'
	printf 'T\tf32\t2,2\t1,0,0,1\tkey=01.dense/kernel\nT\tf32\t2\t0\tkey=01.dense/bias\nE\n'
} | maketsr plain.bin
for o in --own '--speakers s.stats' '--collect t.stats'; do
	# shellcheck disable=SC2086
	fails 3 "^nnpredict: plain.bin: ${o%% *} is for nets with a speakernorm layer" "a net without: $o" nnpredict $o plain.bin x.tsr
done
[ ! -e t.stats ]
ok $? "no file appears"
nnpredict plain.bin x.tsr | head -n 1 >out
is "$(cut -f 8- out)" p.SAD "its predictions are as ever"
printf 'H type=table\nT f32 2 1 key=a\nT f32 2 1 key=b group=b\nE\n' | maketsr g.tsr
fails 3 "g.tsr: record 1 \(a\): .*group" "a record without a group" nnpredict --own m.bin g.tsr
run 0 "--skip-bad" nnpredict --own --skip-bad 1 m.bin g.tsr
is "$(cut -f 1 out | tr '\n' ' ') $(grep -c . err)" "key b  2" "names it once"
fails 3 "x.tsr: this is a table stream; a stats or model stream is expected" "no statistics" nnpredict --speakers x.tsr m.bin new.tsr
fails 3 "m.bin: this is a model; statistics" "a model for statistics" nnpredict --speakers m.bin m.bin new.tsr
sed 's/x/x/' s.stats | head -c 300 >cut.stats
fails 3 "cut.stats: byte [0-9]+: the stream is cut off" "statistics cut off" nnpredict --speakers cut.stats m.bin new.tsr
printf 'H type=table\nE\n' | maketsr none.tsr
run 0 "no records" nnpredict --own m.bin none.tsr
is "$(wc -l <out)" 1 "a header alone"
fails 3 "there is no record, and so no speaker for none.stats" "no speaker" nnpredict --collect none.stats m.bin none.tsr
fails 4 "" "a full disk" nnpredict --collect /dev/full m.bin x.tsr
nnpredict --leave-one-out --tensor m.bin x.tsr | tsrdump --head - >out
like "$(cat out)" 'pg=nnpredict .* leave-one-out=yes' "provenance says what was known"
finish
