#!/bin/bash
# functionals: sequences to rows of statistics. The numbers are NumPy's and SciPy's
# (data/functionals.py), and where ../shared is, those of another implementation of ser1558.
. "${0%/*}/lib.sh"
. "$root/tests/streams.sh"
own=$data/functionals

maketsr small.tsr <<'END'
H type=lld rate=16000 hop=256 level=none column=mel01 column=mel02 column=f0 column=strength column=mfcc.x pg=made_so
T f32 9,5 noise:1 key=a label=sad group=01 sex=male
T f32 2,5 noise:2 key=b label=glad group=02
E
END
printf 'stats mel*.all f0.voiced : mean\n' >r.fun
options functionals
reads_streams small.tsr functionals r.fun

# values FILE: KEY<tab>COLUMN<tab>VALUE a line.
values() {
	tsrdump --field column "$1" >names
	tsrdump --data "$1" |
		awk -F '\t' 'NR == FNR { name[NR + 2] = $1; next } { for (i = 3; i <= NF; i++) print $1 "\t" name[i] "\t" $i }' names -
}

# Numbers
run 0 'sequences of NumPy' tsrnpy --layout keys -o in.tsr "$own/in.npz"
run 0 'every statistic of them' functionals -j1 -o all.tsr "$own/all.fun" in.tsr
values all.tsr >got
is "$(cut -f 1,2 got | cksum)" "$(cut -f 1,2 "$own/want.tsv" | cksum)" 'names of records and values, in order'
paste got "$own/want.tsv" | awk -F '\t' '{ d = $3 - $6; d = d < 0 ? -d : d; w = $6 < 0 ? -$6 : $6; e = d / (1 + w)
		if (e > worst) { worst = e; where = $1 " " $2 ": " $3 ", " $6 } }
	END { print NR " values, the worst: " where; exit !(NR > 2000 && worst < 2e-5) }' >out
ok $? "values are NumPy's and SciPy's: $(cat out)"
! grep -iq 'nan\|inf' got
ok $? 'none is NaN, also of one frame and of silence'
functionals -j4 "$own/all.fun" in.tsr >out
same out all.tsr 'four threads give the same bytes'
for level in $(levels); do
	SERTOOLS_KERNEL=$level functionals "$own/all.fun" in.tsr >level.tsr
	run 0 "level $level" tsrdiff --values --atol 2e-5 --rtol 2e-5 all.tsr level.tsr
done
tsrdump --tsv in.tsr | cut -f 1-4 | sed 1d >want
tsrdump --tsv all.tsr | cut -f 1-4 | sed 1d >got
same got want 'keys, labels and groups are kept'
is "$(functionals r.fun small.tsr | tsrdump --tsv --columns sex | awk -F '\t' 'NR == 2 { print $1, $2, $3, $NF }')" 'a sad 01 male' \
	'and the rest'
printf 'H type=lld column=mel07 column=f0 column=strength\nT f32 3,3 1 key=c\nE\n' | maketsr other.tsr
printf 'stats mel*.all : mean\n' >mean.fun
is "$(functionals mean.fun small.tsr other.tsr | tsrdump --tsv | sed 1d | cut -f 5,7 | xargs)" '1 2 1 2 2 1' 'segments of other columns'

# The head
like "$(tsrdump --head all.tsr)" 'type=table.*rate=16000.*hop=256.*column=mel01.loud.mean' 'type, fields of the input, columns'
is "$(tsrdump --field functional all.tsr | sed -n '1p;6p')" 'frames clear strength=0.7 least=3
stats f0.voiced f0.diff.voiced f0.diff.all f0.clear energy.recorded.near strength.all : most' 'the recipe in its one form'
is "$(functionals r.fun small.tsr | tsrdump --field pg)" "made_so
functionals $(cat "$root/VERSION")" 'provenance is continued'
printf '#\n\nstats  mel*.all\tf0.voiced : mean # so\r\n' >same.fun
functionals same.fun small.tsr >x.tsr
functionals r.fun small.tsr >y.tsr
same x.tsr y.tsr 'blanks and comments make no difference'

# Mel streams; gain
# mels FILE BANDS FRAMES FILL
mels() { printf 'H type=mel rate=8000 hop=80 mels=%s\nT f32 %s,%s %s key=a\nE\n' "$2" "$3" "$2" "$4" | maketsr "$1"; }
mels mel.tsr 3 2 ramp
printf 'stats mel*.all : min max\nrecord frames seconds level\n' >m.fun
is "$(functionals m.fun mel.tsr | tsrdump --data | cut -f 3- | xargs)" '0 1 2 3 4 5 2 0.02 0' 'bands of a mel stream are mel01...'
mels mel.tsr 128 2 ramp
is "$(functionals m.fun mel.tsr | tsrdump --field column | sed -n '1p;128p')" 'mel001.all.min
mel128.all.min' 'or mel001...'
fails 3 "'mfcc\*' is no column of the stream mel.tsr .it has 128, mel001 to mel128.; a mel stream has bands alone: descriptors" \
	'what it does not have' functionals ser1558 mel.tsr
printf 'H type=mel\nT f32 2,3 ramp key=a\nE\n' | maketsr bare.tsr
fails 3 'bare.tsr: the stream does not say its number of bands' 'a mel stream without mels=' functionals m.fun bare.tsr
printf 'H type=mel mels=4\nT f32 2,3 ramp key=a\nE\n' | maketsr odd.tsr
fails 3 'odd.tsr: record 1 \(a\): 3 columns; the head says 4' 'other columns than the head has' functionals mean.fun odd.tsr
fails 3 'm.fun: line 2, column 1: record requires rate= and hop=' 'seconds without a rate' functionals m.fun odd.tsr
printf 'H type=lld rate=8000 hop=80\nT f32 2,3 ramp key=a\nE\n' | maketsr odd.tsr
fails 3 'odd.tsr: the stream does not name its columns' 'an lld stream without column=' functionals mean.fun odd.tsr
maketsr gain.tsr <<'END'
H	type=lld	rate=8000	hop=80	level=peak -1	column=energy
T	f32	2,1	-20,-30	key=a	gain=12.5
T	f32	2,1	-20,-30	key=b
E
END
printf 'stats energy.recorded.all : max\nrecord level\n' >g.fun
fails 3 'record 2 \(b\): gain= is missing' 'a level that was set, without its gain' functionals g.fun gain.tsr
is "$(functionals --skip-bad 1 g.fun gain.tsr 2>err | tsrdump --data | xargs)" 'a - -32.5 -12.5' 'the level as recorded'
printf 'stats energy.all : max\n' >max.fun
run 0 'where no value asks for it' functionals max.fun gain.tsr
is "$(tsrdump --data out | cut -f 3 | xargs)" '-20 -20' 'it is not required'
printf 'H type=lld column=energy\nT f32 1,1 1 key=a gain=loud\nE\n' | maketsr bad.tsr
fails 3 "gain='loud' is not a number" 'a gain that is none' functionals g.fun bad.tsr

# Records that cannot be
maketsr nan.tsr <<'END'
H type=lld rate=16000 hop=256 column=mel01 column=f0 column=strength
T f32 4,3 1 key=good
T f32 4,3 1,nan key=bad
T f32 4,3 1,inf key=worse
T f32 0,3 0 key=none
E
END
fails 3 'record 2 \(bad\): a value is NaN' 'NaN' functionals r.fun nan.tsr
run 0 'skipped' functionals --skip-bad 3 r.fun nan.tsr
is "$(tsrdump --tsv out | sed 1d | cut -f 1) $(grep -c 'NaN\|no frames' err)" 'good 3' 'with infinity and records without frames'
# on FILE LINE: a recipe of one line.
on() {
	printf '%s\n' "$2" >line.fun
	functionals line.fun "$1"
}
printf 'H type=lld column=x\nT f32 2,1 3e38,-3e38 key=a\nE\n' | maketsr big.tsr
fails 3 'record 1 \(a\): x.all.range is beyond single precision' 'a statistic that is too large' on big.tsr 'stats x.all : range'
printf 'H type=lld column=x\nT f64 2,1 1 key=a\nE\n' | maketsr f64.tsr
fails 3 'dtype is f64' 'another dtype' on f64.tsr 'stats x.all : mean'
printf 'H type=lld column=x\nT f32 2 1 key=a\nE\n' | maketsr flat.tsr
fails 3 'rank is 1' 'another shape' on flat.tsr 'stats x.all : mean'
printf 'H type=lld column=x\nE\n' | maketsr none.tsr
run 0 'no records' on none.tsr 'stats x.all : mean'
is "$(tsrdump --field column out)" x.all.mean 'are a table without rows'
printf 'H type=wave rate=8000\nT f32 9 1 key=a\nE\n' | maketsr wave.tsr
fails 3 'this is a wave stream; a lld or mel stream is expected: put descriptors before' 'waves' functionals r.fun wave.tsr
printf 'H type=lld rate=8000 cmvn=speaker column=mel01 column=strength\nT f32 9,2 1 key=a\nE\n' | maketsr cmvn.tsr
fails 3 'cmvn.tsr: .*standardised.*before cmvn' 'frames of standardised columns' on cmvn.tsr 'stats mel01.voiced : mean'
run 0 'but all of them' on cmvn.tsr 'stats mel01.all : mean'

# Recipes that are wrong
# wrong LINE COLUMN WHAT TEXT: behind a line of its own; where the message says it is, and what.
wrong() {
	printf '# one\n%b\n' "$4" >wrong.fun
	fails 3 "^functionals: wrong.fun: line $1${2:+, column $2}: $3" "$4" functionals wrong.fun small.tsr
}
wrong 2 1 "'stat' begins no line: did you mean stats\?" 'stat f0.all : mean'
wrong 2 1 "'compute' begins no line \(frames, list" 'compute f0.all : mean'
wrong 2 16 "'skewnes' is no statistic: did you mean skewness\?" 'stats f0.all : skewnes'
wrong 2 16 "'p101' is no statistic" 'stats f0.all : p101'
wrong 2 16 "'p80-20' is no statistic" 'stats f0.all : p80-20'
wrong 2 16 "'pp' is no statistic" 'stats f0.all : pp'
wrong 3 7 "'voised' are no frames: did you mean voiced\?" 'stats f0.all : mean\nstats f0.voised : mean'
wrong 2 7 "'strenght' is no column of the stream small.tsr: did you mean strength\?" 'stats strenght.all : mean'
wrong 2 7 "'mell\*' is no column of the stream small.tsr: did you mean mel0[12]\?" 'stats mell*.all : mean'
wrong 2 7 "'energy\*' is no column of the stream small.tsr \(it has 5, mel01 to mfcc.x\)" 'stats energy*.all : mean'
wrong 2 7 "'f0.detla' is no column of the stream small.tsr: did you mean delta\?" 'stats f0.detla.all : mean'
wrong 2 7 'diff is of the frames chosen: it comes last' 'stats f0.diff.delta.all : mean'
wrong 2 7 "'f0': columns and frames are required" 'stats f0 : mean'
wrong 2 '' "stats: a ':'" 'stats f0.all mean'
wrong 2 '' 'stats: of which columns' 'stats : mean'
wrong 2 '' 'which statistics' 'stats f0.all :'
wrong 2 6 'runs are of frames alone' 'runs f0.voiced : count'
wrong 2 15 "'mena' is no statistic: did you mean mean" 'runs voiced : mena'
wrong 2 8 "'second' is no statistic: did you mean seconds" 'record second'
wrong 2 '' 'contour: one number' 'contour : f0.all'
wrong 2 9 "'0' is not a number from 1" 'contour 0 : f0.all'
wrong 2 9 "'1.5' is not a whole number" 'contour 1.5 : f0.all'
wrong 2 12 '2 columns cannot become 8 groups' 'modulation mel* : 1-2'
wrong 2 17 "'group' is no option of the line: did you mean groups" 'modulation mel* group=2 : 1-2'
wrong 2 28 "'2-1' is not a band" 'modulation mel* groups=2 : 2-1'
wrong 2 28 'no frequency of 512 points is in that band' 'modulation mel* groups=2 : 40-50'
wrong 2 '' 'modulation: points must be even' 'modulation mel* groups=1 points=17 : 1-9'
wrong 2 15 "'strenght' is no option of the line: did you mean strength" 'frames voiced strenght=1'
wrong 2 15 "'2' is not a number from 0 to 1" 'frames voiced strength=2'
wrong 2 '' 'frames: strength= or within= is required' 'frames x least=3'
wrong 2 8 "'all' cannot be" 'frames all strength=0.3'
wrong 3 8 "frames 'x' are defined twice" 'frames x within=3\nframes x within=4'
wrong 3 7 "frames 'x' require columns 'nowhere', of which the stream small.tsr has none" \
	'frames x within=3 peak=nowhere\nstats mel01.x : mean'
wrong 2 6 'list: a name is required' 'list mean sd'
wrong 2 '' "'f0.all.mean' comes out twice" 'stats f0.all : mean mean'
wrong 3 '' "'f0.all.mean' comes out twice" 'stats f0.all : sd mean\nstats f?.all : mean'
printf '# nothing\nlist a mean\n' >wrong.fun
fails 3 'wrong.fun: the recipe computes nothing' 'nothing to compute' functionals wrong.fun small.tsr
printf 'stats f0.all : mean \xff\n' >wrong.fun
fails 3 'wrong.fun: .*UTF-8' 'not UTF-8' functionals wrong.fun small.tsr
printf 'H type=lld column=mel01\nT f32 9,1 1 key=a\nE\n' | maketsr nof0.tsr
fails 3 "line 1, column 7: frames 'voiced' require the column 'strength', which the stream nof0.tsr has not" 'no strength' \
	on nof0.tsr 'stats mel01.voiced : mean'
printf 'H type=lld column=mel01 column=mel01.delta column=melodic\nT f32 2,3 1,2,3 key=a\nE\n' | maketsr dots.tsr
run 0 'a wildcard' on dots.tsr 'stats mel*.all : max'
is "$(tsrdump --field column out | xargs)" 'mel01.all.max melodic.all.max' 'fits no dot'
run 0 'a column with a dot' on small.tsr 'stats mfcc.x.all : mean'
is "$(tsrdump --field column out)" mfcc.x.all.mean 'keeps its name'

# Which recipe
fails 2 'a recipe is required' 'no operand' functionals
fails 2 'standard input cannot be both' 'one standard input' functionals -
functionals - small.tsr <r.fun >out
same out y.tsr 'a recipe from standard input'
fails 3 'nowhere: No such file, nor nowhere.fun, here or in .*sertools list functionals' 'a recipe that is nowhere' functionals nowhere small.tsr
fails 3 'small.tsr: a tensor stream; the recipe comes first: functionals ser1558 small.tsr' 'a stream for a recipe' functionals small.tsr
run 0 'by its name' functionals r small.tsr
fails 2 'same file|one file' 'an output that is the recipe' functionals -o r.fun r small.tsr
fails 4 'No space left' '/dev/full' bash -c 'functionals r small.tsr >/dev/full'
{
	printf 'H type=lld rate=16000 hop=256'
	printf ' column=mel%02d' $(seq 64)
	printf ' column=mfcc%02d' $(seq 20)
	printf ' column=%s' f0 strength slope centroid spread low_high energy flux
	printf '\nT f32 40,92 noise:4 key=a\nE\n'
} | maketsr ref.tsr
for file in "$root"/pipelines/functionals/*.fun; do
	name=$(basename "$file" .fun)
	run 0 "$name" functionals "$name" ref.tsr
	number=$(sed -n '1s/^# \([0-9,]*\).*/\1/p' "$file")
	[ "$name" != mel ] || number=$((64 * 9 + 32))
	is "$(tsrdump --field column out | sort -u | wc -l)" "${number/,/}" 'has as many columns as it says'
done
is "$(functionals ser1228 ref.tsr | tsrdump --field column)" \
	"$(functionals ser1558 ref.tsr | tsrdump --field column | grep -v 'mfcc...delta')" 'ser1228 is ser1558 without deltas'
mels mel.tsr 40 9 noise:3
run 0 'mel' functionals mel mel.tsr
is "$(tsrdump --field column out | wc -l)" $((40 * 9 + 32)) 'takes mel streams'

# A model takes rows of its recipe alone, and knows it.
{
	echo 'H type=mel rate=16000 hop=256 mels=4'
	for i in $(seq 12); do echo "T f32 $((9 + i)),4 noise:$i key=k$i label=$((i % 2)) group=s$((i % 3))"; done
	echo E
} | maketsr mels.tsr
printf 'stats mel*.loud : mean sd\nrecord frames\n' >a.fun
printf 'stats mel*.loud : mean sd\nrecord level\n' >b.fun
printf 'frames loud within=20\nstats mel*.loud : mean sd\nrecord frames\n' >c.fun
printf 'dense classes\nsoftmax\n' >a.net
for recipe in a b c; do functionals $recipe mels.tsr >$recipe.tsr; done
nntrain -q -j1 --epochs 1 --net a.net -o m.bin a.tsr
fails 3 'the features have column=record.level; m.bin was trained on column=record.frames' 'rows of another recipe' nnpredict m.bin b.tsr
fails 3 'the features have functional=frames loud within=20; m.bin was trained on functional=stats' 'or of other frames' \
	nnpredict m.bin c.tsr
run 0 '--like' functionals --like m.bin mels.tsr
same out a.tsr 'takes the recipe of the model'
run 0 'with which it predicts' nnpredict m.bin a.tsr
fails 3 'mels.tsr: .*mel stream; a model stream is expected' 'no model' functionals --like mels.tsr a.tsr
printf 'label L\n' >t.prep
printf 'L,x\nA,1\nB,2\nA,2\n' >t.csv
csvprep --recipe t.prep t.csv | nntrain -q -j1 --epochs 1 --net a.net -o t.bin
fails 3 't.bin: trained on features that functionals did not make' 'a model of other features' functionals --like t.bin mels.tsr

# Another implementation of ser1558
golden=$shared/reference/golden.tsv
if [ -e "$golden" ] && [ -x "$BUILD/descriptors" ] && ! is_instrumented; then
	while IFS=$'\t' read -r key _; do
		file=$shared/reference/signals/$key.wav
		[ -e "$file" ] || file=$(find "$shared/data/ravdess/" -name "$key.flac")
		[ -z "$file" ] || printf '%s\t%s\t-\t-\n' "$file" "$key"
	done <"$golden" >files.tsv
	wavnorm --rate 16000 --seconds all --trim 40 --trim-frame short --peak -0.915 --manifest files.tsv | descriptors |
		functionals ser1558 | tsrdump --data | cut -f 1,3- >got
	awk -F '\t' '
		NR == FNR { n++; row[$1] = n; for (i = 2; i <= NF; i++) { golden[n, i] = $i; sum[i] += $i }; width = NF; next }
		FNR == 1 {
			for (i = 2; i <= width; i++) {
				for (k = 1; k <= n; k++) { d = golden[k, i] - sum[i] / n; square[i] += d * d }
				sd[i] = sqrt(square[i] / n)
			}
		}
		$1 in row {
			found++
			for (i = 2; i <= width; i++) { d = $i - golden[row[$1], i]; all++; if ((d < 0 ? -d : d) > 1e-3 * sd[i]) bad++ }
		}
		END { printf "%d rows, %d of %d values differ\n", found, bad, all; exit !(width == 1559 && found >= 7 && bad <= 0.005 * all) }' \
		"$golden" got >out
	ok $? "recordings give those of another implementation: $(cat out)"
else
	skip 'the other implementation, or what it needs, is not here'
fi
finish
