#!/bin/bash
# tsrnpy --like: features made elsewhere meet a model.
. "${0%/*}/lib.sh"
. "$root/tests/streams.sh"

# npy TYPE SHAPE VALUES: an array as NumPy's format has it (version 1), without NumPy.
npy() {
	perl -e 'my ($type, $shape, $values) = @ARGV;
		my $head = "{\x27descr\x27: \x27<$type\x27, \x27fortran_order\x27: False, \x27shape\x27: ($shape), }";
		$head .= " " x (63 - (10 + length $head) % 64) . "\n";
		print "\x93NUMPY\1\0", pack("v", length $head), $head,
			pack(($type eq "f8" ? "d" : $type eq "i8" ? "q" : "f") . "<*", map { eval } split / /, $values)' "$@"
}

# Models: of rows of 3, of sequences of 2 columns, of 4 frames, of both.
printf 'H type=table rate=100 column=a column=b column=c\nT f32 3 1,2,3 key=a label=x\nT f32 3 5,-1,2 key=b label=y\nE\n' | maketsr rows.tsr
printf 'H type=mel hop=7\nT f32 4,2 noise:1 key=a label=x\nT f32 3,2 noise:2 key=b label=y\nE\n' | maketsr any.tsr
printf 'H type=mel hop=7 cmvn=speaker\nT f32 4,2 noise:1 key=a label=x\nT f32 4,2 noise:2 key=b label=y\nE\n' | maketsr four.tsr
printf 'dense classes\nsoftmax\n' >row.net
printf 'globalavgpool\ndense classes\nsoftmax\n' >any.net
printf 'flatten\ndense classes\nsoftmax\n' >four.net
printf 'globalavgpool\nsave m\ninput row\nconcat m\ndense classes\nsoftmax\n' >both.net
nntrain -q --net row.net --epochs 1 -o row.bin rows.tsr
nntrain -q --net any.net --epochs 1 -o any.bin any.tsr
nntrain -q --net four.net --epochs 1 -o four.bin four.tsr
nntrain -q --net both.net --epochs 1 --beside row=rows.tsr -o both.bin any.tsr

# same_features MODEL STREAM NAME OPTION...: those of a file are the stream's.
same_features() {
	local model=$1 stream=$2 name=$3
	shift 3
	run 0 "$name" tsrnpy "$@"
	mv out got.tsr
	is "$(tsrdump --head got.tsr | grep -v ^pg)" "$(tsrdump --head "$stream" | grep -v ^pg)" "$name: the head"
	run 0 "$name: nnpredict takes it" nnpredict "$model" got.tsr
}
npy f8 '2, 3' '1 2 3 5 -1 2' >rows.npy
same_features row.bin rows.tsr "rows in double precision" --like row.bin rows.npy
is "$(tsrdump --data got.tsr | cut -f 3- | xargs)" '1 2 3 5 -1 2' "their values"
npy f4 '5, 2' '1 2 3 4 5 6 7 8 9 10' >five.npy
same_features any.bin any.tsr "a sequence of any length" --one --like any.bin five.npy
npy f4 '2, 4, 2' '1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16' >two.npy
same_features four.bin four.tsr "a stack of sequences of one length" --like four.bin two.npy
same_features any.bin any.tsr "which any length fits" --like any two.npy
same_features any.bin any.tsr "from a pipe" --from npy --like any.bin - <two.npy
run 0 "the second input" tsrnpy --like both.bin --beside row -o beside.tsr rows.npy
is "$(tsrdump --head beside.tsr | grep -v ^pg)" "$(tsrdump --head rows.tsr | grep -v ^pg)" "has its head"
npy f4 '2, 5, 2' '1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20' >x.npy
mkdir b && cp rows.npy b/x.npy
run 0 "both inputs" bash -c 'tsrnpy --like both.bin x.npy | nnpredict --beside row=<(tsrnpy --like both.bin --beside row b/x.npy) both.bin'
is "$(cut -f 1 out | xargs)" 'key x.0 x.1' "meet by their keys"

# Archives with heads of their own, which must be the model's
tsrnpy --layout keys -o any.npz any.tsr
run 0 "an archive of a stream" tsrnpy --like any.bin any.npz
fails 3 '^tsrnpy: any.npz: head.npy: the features have type=mel; row.bin was trained on type=table$' "of another" tsrnpy -o x.tsr --like row.bin any.npz

# Refused
fails 3 '^tsrnpy: five.npy: record 1 .five.0.: not what any.bin takes: its shape is .2.; .\*,2. is required .--one: a .npy file is one record.$' \
	"a sequence as rows" tsrnpy -o x.tsr --like any.bin five.npy
fails 3 'its shape is .5,2.; .4,2. is required$' "another length" tsrnpy -o x.tsr --one --like four.bin five.npy
fails 3 'its shape is .4,2.; .3. is required$' "no rows" tsrnpy -o x.tsr --like row.bin two.npy
npy f4 '2, 4' '1 2 3 4 5 6 7 8' >wide.npy
fails 3 'its shape is .4.; .3. is required$' "another number of columns" tsrnpy -o x.tsr --like row.bin wide.npy
npy f4 '0, 2' '' >none.npy
fails 3 'its shape is .0,2.; .\*,2. is required$' "no frames" tsrnpy -o x.tsr --one --like any.bin none.npy
npy i8 '2, 3' '1 2 3 4 5 6' >whole.npy
fails 3 "dtype is i64; f32 is expected: x.astype.'float32'. in NumPy$" "whole numbers" tsrnpy -o x.tsr --like row.bin whole.npy
npy f8 '1, 3' '1 1e300 2' >large.npy
fails 3 'record 1 .large.0.: 1e.300 is too large for single precision$' "what single precision does not hold" tsrnpy -o x.tsr --like row.bin large.npy
fails 3 "its net has no input 'rows'; the second is 'row'" "no such input" tsrnpy -o x.tsr --like both.bin --beside rows rows.npy
fails 3 'has one input' "no second one" tsrnpy -o x.tsr --like row.bin --beside row rows.npy
fails 2 '^tsrnpy: --beside row: --like MODEL is required' "nor a model" tsrnpy -o x.tsr --beside row rows.npy
fails 2 '^tsrnpy: --like says what the head has: --type and --set are for others$' "--type" tsrnpy -o x.tsr --like row.bin --type mel rows.npy
fails 2 'are for making a stream' "a stream to NumPy" tsrnpy -o x.npz --like row.bin rows.tsr
fails 3 'No such file' "no such model" tsrnpy -o x.tsr --like no.bin rows.npy
fails 3 'a model stream is expected' "a stream for a model" tsrnpy -o x.tsr --like rows.tsr rows.npy
[ ! -e x.tsr ]
ok $? "nothing appears"
finish
