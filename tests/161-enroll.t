#!/bin/bash
# sertools enroll and predict: a speaker who is known, by the programs that they are made of.
. "${0%/*}/lib.sh"
. "$root/tests/voices.sh"
unset MAKEFLAGS MAKELEVEL
need_tools perl

# A tree as this one, without the models that come with it: those of the tests are the only ones.
mkdir -p tree/pipelines/models && ln -s "$root"/pipelines/* tree/pipelines/ 2>/dev/null
ln -s "$root/man" tree/man
export SERTOOLS_DATADIR=$tmp/tree

# What mixed.awk makes of a table, by hand: two classes, five recordings each.
{
	printf 'key\tlabel\tgroup\tstart\tpred\tconfidence\tp.a\tp.b\n'
	for i in 1 2 3 4 5; do printf 'x%s\t-\teven\t-\ta\t1\t%s\n' $i "$([ $((i % 2)) = 1 ] && printf '0.8\t0.2' || printf '0.2\t0.8')"; done
	for i in 1 2 3 4 5; do printf 'y%s\t-\tone\t-\ta\t1\t0.8\t0.2\n' $i; done
	printf 'z\t-\tnew\t-\ta\t1\t1\t0\n'
} >table.tsv
awk 'function h(p) { return p > 0 && p < 1 ? -p * log(p) - (1 - p) * log(1 - p) : 0 }
	BEGIN { OFS = "\t"
		l = 0.7 * 5 / 11 * (log(2) - h(0.8))
		print "even", 5, sprintf("%.3f", h(0.56) - h(0.8)), sprintf("%.3f", l), "mixed"
		print "one", 5, "0.000", sprintf("%.3f", l), "skewed"
		print "new", 1, "0.000", sprintf("%.3f", 0.7 / 7 * log(2)), "few" }' >want
awk -f "$root/pipelines/mixed.awk" table.tsv | sed 's/-0\.000/0.000/' >got
same got want 'information, and the least that is mixed'
{
	printf 'key\tlabel\tgroup\tp.a\tp.b\n'
	for g in s t; do for i in 1 2 3 4 5 6 7 8; do printf '%s\tA\t%s\t0.9\t0.1\n%s\tB\t%s\t0.1\t0.9\n' $i $g $i $g; done; done
} >draws.tsv
awk -v draws=20 -f "$root/pipelines/mixed.awk" draws.tsv >got
is "$(sed 1d got | cut -f 1,3 | xargs)" '5 100 10 - 20 - 40 -' 'draws of one label are always skewed, where there are as many'
awk -F '\t' '$1 == 5 { exit !($2 < 20) } $1 == 10 && $2 > 5 { exit 1 }' got
ok $? 'random ones seldom'

voices 6 8 9600 0
moods s[1-5]-*.wav >train.tsv
front=(--rate 16000 --seconds all --trim 40 --trim-frame short --peak -0.915)
printf 'normalize\ndense 16\nrelu\ndense classes\nsoftmax\n' >mlp.net
run 0 'a model of standardised features' bash -c 'wavnorm -q "$@" --manifest train.tsv | descriptors -q | functionals basic -o train.tsr &&
	cmvn -q --fit train.stats -o speakers.tsr train.tsr && mkdir -p models &&
	nntrain -q -j1 --net mlp.net --epochs 40 --rate 1e-2 --stats train.stats -o models/m.bin speakers.tsr' - "${front[@]}"
mv models/m.bin m.bin

export XDG_DATA_HOME=$tmp/home
run 0 'a speaker is enrolled' sertools enroll anna MODEL=m.bin s6-[0-2]-[1-7].wav
is "$(cat out)" '' 'and nothing printed but'
is "$(cat err)" "sertools: anna is known by 21 recordings: $tmp/home/sertools/speakers" 'where that is kept'
features() { wavnorm --like m.bin "$@" | descriptors --like m.bin | functionals --like m.bin; }
features s6-[0-2]-[1-7].wav | cmvn -q --fit want.stats --group anna -o o.tsr
run 0 'by the programs' tsrdiff --atol 0 --rtol 0 want.stats home/sertools/speakers/anna.stats
run 0 'a prediction of hers' sertools predict --speaker anna MODEL=m.bin s6-0-8.wav s6-1-8.wav s6-2-8.wav
is "$(cut -f 1,5,10 out | tr '\t' ' ')" 'key pred protocol
s6-0-8 mood0 enrolled 21
s6-1-8 mood1 enrolled 21
s6-2-8 mood2 enrolled 21' 'is right'
mv out got
features s6-[0-2]-8.wav | cmvn -q --like m.bin --apply want.stats --group anna | nnpredict m.bin >want
same got want 'and that of the programs'
run 0 'the name behind' sertools predict s6-0-8.wav s6-1-8.wav s6-2-8.wav MODEL=m --speaker=anna
same out want 'is the same'
run 0 'without MODEL, the only one that is here' sertools predict --speaker anna s6-0-8.wav s6-1-8.wav s6-2-8.wav
same out want 'is taken'
run 0 'nobody that is known' sertools predict MODEL=m.bin s6-0-8.wav s6-1-8.wav
mv out got
features s6-0-8.wav s6-1-8.wav | cmvn -q --like m.bin | nnpredict m.bin >want
same got want 'is as anyone'
is "$(sed -n 2p got | cut -f 10)" alone 'and said to be alone'

# The warning.
run 0 'recordings of one mood' sertools enroll anna MODEL=m.bin SPEAKERS=here s6-1-*.wav
like "$(cat err)" 'known by 8 recordings.*warning: these recordings sound much alike' 'are warned of'
[ -s here/anna.stats ]
ok $? 'and taken, into SPEAKERS'
run 0 'three recordings' sertools enroll 'Bob B.' MODEL=m.bin SPEAKERS=here s6-[0-2]-1.wav
like "$(cat err)" 'warning: 3 of them tell little' 'are few'
run 0 'one' sertools enroll bob MODEL=m.bin SPEAKERS=here s6-1-1.wav
like "$(cat err)" 'bob is known by 1 recording: ' 'is one'
run 0 'a name with a blank' sertools predict --speaker 'Bob B.' MODEL=m.bin SPEAKERS=here s6-1-1.wav
printf x >broken.wav
cp here/anna.stats before
run 3 'a recording that is none' sertools enroll anna MODEL=m.bin SPEAKERS=here s6-0-1.wav broken.wav
same here/anna.stats before 'leaves what was known'

# A net that standardises by speaker itself, and one that reads standardised features besides.
printf 'normalize\ndense 16\nrelu\nspeakernorm\ndense classes\nsoftmax\n' >layer.net
for way in 'layer train.tsr' 'both speakers.tsr --stats train.stats'; do
	read -ra words <<<"$way"
	name=${words[0]}
	nntrain -q -j1 --net layer.net --epochs 20 --rate 1e-2 --batch-groups 5x8 -o $name.bin "${words[@]:1}" 2>err
	run 0 "enrolled for a net with speakernorm: $name" sertools enroll eve MODEL=$name s6-[0-2]-[1-7].wav
	like "$(cat err)" 'eve is known by 21 recordings' 'says so'
	run 0 'and heard' sertools predict --speaker eve MODEL=$name s6-0-8.wav s6-1-8.wav
	mv out got
	known=(cat)
	[ $name = layer ] || known=(cmvn -q --like both.bin --apply want.stats --group anna)
	features s6-[0-2]-[1-7].wav | "${known[@]}" | nnpredict -q --collect c.stats --group eve -o /dev/null $name.bin
	features s6-0-8.wav s6-1-8.wav | "${known[@]}" | nnpredict --speakers c.stats --group eve $name.bin >want
	same got want 'as by the programs'
	is "$(cut -f 10 got | sort -u | xargs)" 'enrolled 21 protocol' 'by what is known'
done
fails 3 "no speaker is known as 'ev'; did you mean eve" 'nobody else is known to it' sertools predict --speaker ev MODEL=layer s6-0-8.wav
rm layer.bin both.bin

# Two inputs: mels and rows, of a stranger's and of one who is known to both.
printf 'normalize\ndense 8\nrelu\nglobalavgpool\nsave mels\ninput row\nnormalize\ndense 8\nrelu\nconcat mels\ndense classes\nsoftmax\n' >duo.net
sed 's/^save/speakernorm\nsave/' duo.net >duo-speaker.net
wavnorm -q "${front[@]}" --manifest train.tsv | descriptors -q --columns mel --restore-gain -o mels.tsr
duo=(-q -j1 --epochs 20 --rate 1e-2)
run 0 'a model of two inputs' nntrain "${duo[@]}" --net duo.net --beside row=train.tsr -o duo.bin mels.tsr
run 0 'one that knows speakers' nntrain "${duo[@]}" --net duo-speaker.net --batch-groups 5x8 --stats train.stats --beside row=speakers.tsr -o duo-speaker.bin mels.tsr
mels() { wavnorm --like "$1" "${@:2}" | descriptors --like "$1"; }
rows() { wavnorm --like "$1" --beside row "${@:2}" | descriptors --like "$1" --beside row | functionals --like "$1" --beside row; }
mels duo.bin s6-[0-2]-8.wav >m.tsr
rows duo.bin s6-[0-2]-8.wav >r.tsr
descriptors -q --columns mel --restore-gain <(wavnorm -q "${front[@]}" s6-[0-2]-8.wav) >want
run 0 'the settings of the first input' tsrdiff --atol 0 --rtol 0 want m.tsr
descriptors -q <(wavnorm -q "${front[@]}" s6-[0-2]-8.wav) | functionals basic >want
run 0 'and of the second' tsrdiff --atol 0 --rtol 0 want r.tsr
nnpredict --top 2 --beside row=r.tsr duo.bin m.tsr >want
run 0 'both at one go, the model first' sertools predict duo --top 2 s6-0-8.wav s6-1-8.wav s6-2-8.wav
same out want 'is as the programs have it'
run 0 'by its file' sertools predict --top=2 --threshold 0 ./duo.bin s6-0-8.wav s6-1-8.wav s6-2-8.wav
is "$(cut -f 5 out | sed 1d | xargs)" 'mood0 mood1 mood2' 'is right'
nnpredict duo.bin m.tsr >out 2>err
said=$(cat err)
like "$said" '--beside row=<\(wavnorm --like duo.bin --beside row \.\.\. \| descriptors --like duo.bin --beside row \| functionals --like duo.bin --beside row\) gives it; sertools predict duo.bin' 'nnpredict says what to type'
beside=${said#*--beside row=} beside=${beside%%) gives*}
eval "nnpredict --top 2 --beside row=${beside/.../s6-[0-2]-8.wav}) duo.bin m.tsr" >out
same out want 'and that works'

run 0 'a speaker of both' sertools enroll eve MODEL=duo-speaker s6-[0-2]-[1-7].wav
[ -s home/sertools/speakers/eve.stats ] && [ -s home/sertools/speakers/eve.duo-speaker-layers.stats ]
ok $? 'has two files'
rows duo-speaker.bin s6-[0-2]-[1-7].wav | cmvn -q --like duo-speaker.bin --beside row --fit eve.stats --group eve -o /dev/null
known=(cmvn -q --like duo-speaker.bin --beside row --apply eve.stats --group eve)
mels duo-speaker.bin s6-[0-2]-[1-7].wav | nnpredict -q --collect c.stats --group eve -o /dev/null duo-speaker.bin \
	--beside row=<(rows duo-speaker.bin s6-[0-2]-[1-7].wav | "${known[@]}")
"${known[@]}" r.tsr | nnpredict --speakers c.stats --group eve --beside row=- duo-speaker.bin m.tsr >want
run 0 'and is heard' sertools predict --speaker eve duo-speaker s6-0-8.wav s6-1-8.wav s6-2-8.wav
same out want 'as by the programs'
is "$(cut -f 10 out | sort -u | xargs)" 'enrolled 21 protocol' 'by what is known'
cmvn -q --like duo-speaker.bin --beside row r.tsr | nnpredict --beside row=- duo-speaker.bin m.tsr >want
run 0 'a stranger' sertools predict duo-speaker s6-0-8.wav s6-1-8.wav s6-2-8.wav
same out want 'is anyone'
like "$(cut -f 10 out | sort -u | xargs)" '^alone protocol$' 'and alone'
run 0 'recordings of one mood' sertools enroll carl MODEL=duo-speaker SPEAKERS=here s6-1-[1-7].wav
# A chroot may be without /proc, and so /dev/fd, by which pipes have names.
blind=(unshare -m bash -c 'mount -t tmpfs none /proc && exec "$@"' -)
if "${blind[@]}" true 2>/dev/null; then
	sertools predict duo s6-0-8.wav s6-1-8.wav >want
	mkdir none && run 0 'without /proc' env TMPDIR="$PWD/none" "${blind[@]}" sertools predict duo s6-0-8.wav s6-1-8.wav
	same out want 'predicts the same'
	"${blind[@]}" env TMPDIR="$PWD/none" sertools predict duo no-such.wav >out 2>err
	is "$?, $(cat err), $(ls none)" '3, wavnorm: no-such.wav: No such file or directory, ' 'fails the same, and leaves no pipe'
else
	for _ in 1 2 3; do skip 'unshare and mount take root'; done
fi

run 3 'a broken recording' sertools predict duo broken.wav
is "$(grep -c broken.wav err)" 1 'is named once'
run 0 'standard input' sertools predict duo - <s6-0-8.wav
nnpredict --beside row=<(tsrpick --range 1 r.tsr) duo.bin <(tsrpick --range 1 m.tsr) | sed 's/^s6-0-8/stdin/' >want
mv out got && same got want 'is read once for both inputs'
fails 3 'm.bin: .*one input' 'no second input' descriptors --like m.bin --beside row w.tsr
fails 3 "duo.bin: its net has no input 'rows'; the second is 'row'" 'another one' functionals --like duo.bin --beside rows m.tsr
fails 3 "duo.bin: has no statistics of its input 'row'" 'rows that no cmvn made' cmvn --like duo.bin --beside row r.tsr
for tool in wavnorm melspec descriptors functionals cmvn; do
	fails 2 '--beside row: --like MODEL is required' "$tool --beside alone" $tool --beside row m.tsr
done
fails 2 '--top: a value is required' 'an option without a value' sertools predict duo s6-0-8.wav --top
fails 2 'enroll NAME RECORDING' 'an option of predict' sertools enroll eve --top 3 MODEL=duo-speaker s6-0-8.wav

# Any number of recordings, of any name.
mkdir -p set/one set/two
cp s6-0-8.wav set/one/a.wav
cp s6-1-8.wav set/two/a.wav
cp s6-2-8.wav set/two/"it's a \"name\".wav"
cp s6-2-8.wav set/-dash.wav
for words in '' '-j1' '-j4 --top 3'; do
	# shellcheck disable=SC2086
	run 0 "a folder, duo $words" sertools predict duo $words set
	is "$(cut -f 1,6 out | sed 1d | cut -f 1)" $'set/-dash.wav\nset/one/a.wav\nset/two/a.wav\nset/two/it\'s a "name".wav' 'has all below it, in order, by their paths'
	mv out "got${words:+-}${words:0:3}"
done
same got got--j1 'one thread is as all'
run 0 'their names, where no two are alike' sertools predict duo --json -- set/two set/-dash.wav
is "$(sed 's/.*"key":"\(.*\)","label".*/\1/' out)" $'a\nit\'s a \\"name\\"\n-dash' 'are the keys'
cd set && run 0 'a name with a dash' sertools predict ../duo.bin --top 1 -- -dash.wav
fails 2 "'-dash.wav' begins as an option does: ./-dash.wav is the file" 'which looks like an option' sertools predict ../duo.bin -dash.wav
cd ..
find set -name 'a.wav' | sort >list
fails 3 'standard input: line 2: the key .a. is that of line 1 too: with --key path' 'a list on standard input' sertools predict duo --manifest - <list
run 0 'by paths' sertools predict duo --manifest - --key path <list
is "$(cut -f 1 out | xargs)" 'key set/one/a.wav set/two/a.wav' 'has all'
printf 'set/one/a.wav\tk\tmood0\ts6\tsex=male\n' >m.tsv
run 0 'a manifest' sertools predict duo --manifest=m.tsv --columns sex --threshold 0 -o table.tsv
is "$(wc -c <out)$(cut -f 1-3 table.tsv | xargs)$(head -n 1 table.tsv | grep -o 'sex')" '0key label group k mood0 s6sex' 'has labels, and -o the table'
run 3 'a broken one among others' sertools predict duo set/one/a.wav broken.wav set/-dash.wav
is "$(wc -l <err)" 1 'stops'
run 0 'with --skip-bad' sertools predict duo --skip-bad 1 set/one/a.wav broken.wav set/-dash.wav
is "$(cut -f 1 out | xargs)/$(grep -c 'broken.wav.*skipped' err)" 'key a -dash/1' 'is named and passed over'
printf '\0\0\0\x20ftypM4A \0\0\0\0' >voice.m4a
fails 3 'voice.m4a: this is an M4A.*: try ffmpeg -i voice.m4a -f wav - \| sertools predict -$' 'what must be converted' \
	sertools predict duo set/one/a.wav voice.m4a
run 0 '--profile' sertools predict duo --profile set/one/a.wav
is "$(sed -n 's/: profile: 1 records.*//p' err | sort | xargs)" 'descriptors descriptors functionals nnpredict wavnorm' 'is for all programs'
perl -e 'print map { chr } 1, 2, 3, 200 .. 255, 0 .. 99' >bare.raw
fails 3 'bare.raw: not audio.*for raw samples: sertools predict --raw s16le,16000,1$' 'what has no header' sertools predict duo bare.raw
run 2 'a value that is none' sertools predict duo --top x set
like "$(grep top err)" '^nnpredict: --top' 'is refused by the program'
fails 2 '--output: a value is required' '-o without FILE' sertools predict duo set -o
fails 4 'No space left' 'a full disk' bash -c 'sertools predict duo set/one >/dev/full'
# joined N: so many recordings in one.
joined() {
	perl -e 'local $/; my $x = ""; for (1 .. $ARGV[0]) { open my $i, "<:raw", "s6-" . ($_ % 3) . "-8.wav"; $x .= substr <$i>, 44 }
		binmode STDOUT; print "RIFF", pack("V", 36 + length $x), "WAVEfmt ", pack("VvvVVvv", 16, 1, 1, 16000, 32000, 2, 16), "data",
			pack("V", length $x), $x' "$1"
}
joined 3 >set/one/long.wav
run 0 'windows' sertools predict duo --window 0.6 --step 0.3 set/one/long.wav
is "$(cut -f 4 out | xargs)" 'start 0.000 0.300 0.600 0.900 1.200' 'have a start each'
mv out want
mkdir pipes && export TMPDIR=$tmp/pipes
run 0 'of standard input' bash -c 'sertools predict duo --window 0.6 --step 0.3 - <set/one/long.wav'
is "$(sed 's/^stdin/long/' out | cksum)" "$(cksum <want)" 'are the same'
run 0 'standard input that is closed' sertools predict duo set/one/a.wav <&-
# More than what the pipes between the programs hold.
joined 60 >many.wav
run 0 'many windows' timeout 300 sertools predict duo --window 0.6 --step 0.15 many.wav
is "$(wc -l <out)" 238 'do not wait for each other'
# Once its programs have started: while they do, one that is gone may be waited for until a second signal.
for delay in 0.5 1; do
	timeout -k 20 -s INT $delay sertools predict duo --window 0.6 --step 0.005 many.wav >out 2>&1
	timeout -k 20 $delay sertools predict duo --window 0.6 --step 0.005 many.wav >out 2>&1
done
is "$(find pipes -type p)" '' 'no pipe is left, whatever ends it'
# For people: what a terminal shows.
printf 'key\tlabel\tgroup\tstart\tend\tpred\tconfidence\ttop1\tp1\ttop2\tp2\n' >table.tsv
printf 'x\t-\t-\t-\t-\tfear\t0.92\tfear\t0.92\thappy\t0.03\na longer name than 16\t-\t-\t0.500\t1.250\tUNCERTAIN\t0.324\tfear\t0.324\thappy\t0.3\n' >>table.tsv
printf '\r\e[K%s\n' 'x                 fear        92 %  happy 3 %' \
	'a longer name than 16      0.50     1.25  UNCERTAIN         fear 32 %, happy 30 %' >want
for awk in mawk gawk 'busybox awk'; do
	if ! command -v ${awk%% *} >/dev/null; then
		skip "${awk%% *} is not installed"
		continue
	fi
	$awk -f "$root/pipelines/predictions.awk" table.tsv >got
	same got want "$awk: answers as lines"
done
# terminal STATUS NAME COMMAND...: its output on a terminal to ./got.
terminal() {
	local want=$1 name=$2 rc=0
	shift 2
	script -qec "$*" /dev/null </dev/null >typed || rc=$?
	tr -d '\r' <typed | sed 's/\x1b\[K//g; s/[0-9][0-9 of]* files//g' >got
	is $rc "$want" "$name"
}
if script -qec true /dev/null >/dev/null 2>&1 </dev/null; then
	terminal 0 'a terminal' sertools predict duo s6-0-8.wav s6-1-8.wav
	like "$(sed -n '$p' got)" '^s6-1-8 +mood1 +[0-9]+ %  mood[02] [0-9]+ %, mood[02] [0-9]+ %$' 'shows lines for people'
	terminal 0 'with --top' sertools predict --top 2 duo s6-0-8.wav
	like "$(sed -n '$p' got)" '^s6-0-8 +mood0 +[0-9]+ %  mood[12] [0-9]+ %$' 'so many classes'
	for option in --tsv --json '--columns x' '--top 0'; do
		sertools predict $option duo s6-0-8.wav >want
		terminal 0 "with $option" sertools predict $option duo s6-0-8.wav
		is "$(sed -n '$p' got)" "$(sed -n '$p' want)" 'what a pipe has'
	done
	terminal 3 'a broken recording' sertools predict duo s6-0-8.wav broken.wav
	like "$(grep broken.wav got)" '^wavnorm: broken.wav: .*' 'is an error' # the other's label may come before it
	terminal 2 'a wrong option' sertools predict duo --top x s6-0-8.wav
else
	for ((i = 0; i < 15; i++)); do skip 'script is not installed, or there is no terminal to be had'; done
fi
rm duo.bin duo-speaker.bin

# What is refused.
fails 3 "no speaker is known as 'ana'; did you mean anna\?" 'a speaker who is not known' sertools predict --speaker ana MODEL=m.bin s6-0-8.wav
for name in ../x .x a/b $'a\nb'; do
	fails 2 "a speaker's name may not" "the name $(printf %q "$name")" sertools enroll "$name" MODEL=m.bin s6-0-8.wav
done
fails 2 'recordings are required' 'a speaker without recordings' sertools enroll anna MODEL=m.bin
fails 2 "the speaker's name is required" 'nobody' sertools enroll MODEL=m.bin
fails 2 'recordings are required' 'nothing to predict' sertools predict MODEL=m.bin
fails 2 '--speaker: a name is required' '--speaker without a name' sertools predict MODEL=m.bin s6-0-8.wav --speaker
fails 2 "unknown option '--speakr'; did you mean --speaker\?" 'a mistyped option' sertools predict --speakr anna s6-0-8.wav
fails 2 '--speaker is for predict' '--speaker twice' sertools enroll --speaker anna s6-0-8.wav
fails 3 'nowhere: no such model' 'a model that is not there' sertools predict MODEL=nowhere s6-0-8.wav
fails 3 'train.tsr: is no model' 'what is no model' sertools predict MODEL=train.tsr s6-0-8.wav
nntrain -q -j1 --net mlp.net --epochs 1 -o plain.bin train.tsr
fails 2 'MODEL=NAME: which of m, plain' 'two models' sertools predict s6-0-8.wav
fails 3 'plain.bin: was trained neither on features of cmvn nor with speakernorm, so that.*--stats' 'a model that knows no speakers' \
	sertools enroll anna MODEL=plain s6-0-8.wav
fails 3 'plain.bin: .*knows no speakers' 'in prediction, too' sertools predict --speaker anna MODEL=plain s6-0-8.wav
run 0 'which predicts' sertools predict MODEL=plain s6-0-8.wav s6-1-8.wav
features s6-0-8.wav s6-1-8.wav >x.tsr && nnpredict plain.bin x.tsr >want
same out want 'as it is'
nntrain -q -j1 --net mlp.net --epochs 1 -o nostats.bin speakers.tsr
fails 3 'nostats.bin: the model has no statistics.*--stats' 'a model without what speakers have in common' \
	sertools enroll anna MODEL=nostats s6-0-8.wav
printf 'label L\n' >t.prep
printf 'L,x\nA,1\nB,2\nA,2\n' >t.csv
printf 'dense classes\nsoftmax\n' >table.net
csvprep --recipe t.prep t.csv | nntrain -q -j1 --epochs 1 --net table.net -o table.bin
fails 3 'table.bin: its features are not made of sound' 'a model of tables' sertools predict MODEL=table s6-0-8.wav
fails 3 "'plainn': no such recording or model; did you mean plain\?" 'a mistyped model' sertools predict plainn s6-0-8.wav
rm ./*.bin
fails 2 'MODEL=FILE is required' 'no model at all' sertools predict s6-0-8.wav
fails 2 'no recipe is named .enrol.*did you mean enroll' 'a mistyped command' sertools enrol anna x.wav
if command -v man mandoc nroff >/dev/null; then
	run 0 'help on it' sertools help enroll
	like "$(cat out)" 'enroll' 'is shown'
else
	skip 'nothing shows manual pages here'
	skip 'nothing shows manual pages here'
fi

# The models that come with the recipes.
export SERTOOLS_DATADIR=$root
cp "$root/pipelines/models/ravdess.bin" other.bin
run 0 'without a model' sertools predict s6-0-8.wav s6-1-8.wav
mv out got
mels ravdess s6-0-8.wav s6-1-8.wav | nnpredict --beside row=<(rows ravdess s6-0-8.wav s6-1-8.wav) ravdess >want
same got want 'it is ravdess, whatever is here'
run 0 'a speaker' sertools enroll ada s6-[0-2]-[1-7].wav
[ -s home/sertools/speakers/ada.ravdess-speaker-layers.stats ]
ok $? 'is enrolled for ravdess-speaker'
run 0 'and heard' sertools predict --speaker ada s6-0-8.wav
like "$(cat out)" $'\tenrolled 21(\t|$)' 'by that'
finish
