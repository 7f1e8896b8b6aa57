#!/bin/bash
# tsrdiff: what it finds, within which tolerance, and how it says it.
. "${0%/*}/lib.sh"
. "$root/tests/streams.sh"

# with SED...: the sample with that changed, as ./b.tsr.
with() {
	sed "$@" <<'END' | maketsr b.tsr
H type=mel rate=22050 pg=x
T f32 2,3 1,2,3,4,5,6 key=a label=angry group=01
T f64 3 1,nan,inf key=b
T i64 2 9007199254740992,-1 key=c
E
H type=mel
T u8 - 7 key=d
E
END
}
# says WHAT NAME ARGUMENT...: status 1 and that output.
says() {
	local want=$1 name=$2
	shift 2
	run 1 "$name" tsrdiff "$@"
	is "$(cat out)$(cat err)" "$want" "- said so"
}
with '' && mv b.tsr a.tsr
options tsrdiff

run 0 "a stream is itself" tsrdiff a.tsr a.tsr
is "$(cat out err)" '' "- in silence, NaN and infinity too"
run 0 "one by standard input" tsrdiff - a.tsr <a.tsr
run 0 "or the other" tsrdiff a.tsr - <a.tsr
run 0 "or both by pipes" tsrdiff <(cat a.tsr) <(cat a.tsr)
with 's/pg=x/pg=y/'
run 0 "provenance does not count" tsrdiff a.tsr b.tsr
says "segment 1: pg is 'x' in A and 'y' in B" "but with --strict" --strict a.tsr b.tsr
with 's/ pg=x//'
run 0 "neither does its lack" tsrdiff a.tsr b.tsr

with 's/rate=22050/rate=16000/'
says "segment 1: rate is '22050' in A and '16000' in B" "another field in a head" a.tsr b.tsr
with 's/ rate=22050//'
says "segment 1: rate is '22050' in A and not in B" "one less" a.tsr b.tsr
says "segment 1: rate is not in A and '22050' in B" "one more" b.tsr a.tsr
with 's/type=mel rate=22050/rate=22050 type=mel/'
says "segment 1: A has type where B has rate" "another order" a.tsr b.tsr
with 's/label=angry/label=sad/'
says "record 1 (a): label is 'angry' in A and 'sad' in B" "another label" a.tsr b.tsr
run 0 "--values passes over metadata" tsrdiff --values a.tsr b.tsr
with 's/key=c/key=e/'
says "record 3 (c): key is 'e' in B" "another key" a.tsr b.tsr
run 0 "--values over keys" tsrdiff --values a.tsr b.tsr
with 's/f32 2,3/f32 3,2/'
says "record 1 (a): shape is 2,3 in A and 3,2 in B" "another shape" a.tsr b.tsr
says "record 1 (a): shape is 2,3 in A and 3,2 in B" "- with --values" --values a.tsr b.tsr
# Records of other sizes, on either side: nothing is read past the smaller one (check-asan, check-valgrind).
for shape in 2,4 2,2 3,3 1,3 2 3 6 7 2,3,1 2,3,2 0 -; do
	with "s/f32 2,3/f32 $shape/"
	says "record 1 (a): shape is 2,3 in A and $shape in B" "shape $shape" a.tsr b.tsr
	says "record 1 (a): shape is $shape in A and 2,3 in B" "- the other way round, by value" --values b.tsr a.tsr
done
maketsr large.tsr <<<$'H type=mel\nT f32 70000 ramp key=a\nE'
maketsr small.tsr <<<$'H type=mel\nT f32 3 ramp key=a\nE'
says "record 1 (a): shape is 70000 in A and 3 in B" "very unequal records" large.tsr small.tsr
says "record 1 (a): shape is 3 in A and 70000 in B" "- the other way round" small.tsr large.tsr
# 1 as a float is 1065353216 as an integer: equal bytes are not equal values.
with 's/f32 2,3 1,2,3,4,5,6/f32 1 1/' && mv b.tsr float.tsr
with 's/f32 2,3 1,2,3,4,5,6/i32 1 1065353216/'
says "record 1 (a): [0] is 1 in A and 1065353216 in B; 1 of 1 values differ, by 1.065e+09 at most" \
	"equal bytes of two dtypes" --values float.tsr b.tsr
with 's/f32 2,3 1,2,3,4,5,6/i32 1 1/'
run 0 "equal values of two dtypes" tsrdiff --values float.tsr b.tsr
with 's/f32 2,3/f64 2,3/'
says "record 1 (a): dtype is f32 in A and f64 in B" "another dtype" a.tsr b.tsr
run 0 "--values over dtypes" tsrdiff --values a.tsr b.tsr

with 's/1,2,3,4,5,6/1,2,3.5,4,5,6.25/'
says "record 1 (a): [0,2] is 3 in A and 3.5 in B; 2 of 6 values differ, by 0.5 at most" "other values" a.tsr b.tsr
run 0 "--atol that is enough" tsrdiff --atol 0.5 a.tsr b.tsr
says "record 1 (a): [0,2] is 3 in A and 3.5 in B; 1 of 6 values differ, by 0.5 at most" "- and not" --atol 0.49 a.tsr b.tsr
run 0 "--rtol of the value in B" tsrdiff --rtol 0.143 a.tsr b.tsr
run 1 "- and not" tsrdiff --rtol 0.142 a.tsr b.tsr
run 1 "- the other way round it is another" tsrdiff --rtol 0.143 b.tsr a.tsr
run 0 "both add up" tsrdiff --atol 0.15 --rtol 0.1 a.tsr b.tsr
run 0 "--mean that is enough" tsrdiff --atol 1 --mean 0.126 a.tsr b.tsr
says "record 1 (a): values differ by 0.125 on average" "- and not" --atol 1 --mean 0.124 a.tsr b.tsr
run 0 "-v" tsrdiff -v --atol 1 a.tsr b.tsr
is "$(cat err)" 'tsrdiff: 4 records, 12 values: differ by 0.5 at most, 0.0625 on average' "- tells how far within"
with 's/1,nan,inf/1,2,inf/'
says "record 2 (b): [1] is nan in A and 2 in B; 1 of 3 values differ, by inf at most" "NaN and a number" --atol 9 a.tsr b.tsr
with 's/1,nan,inf/1,nan,-inf/'
run 1 "infinities of two signs" tsrdiff --atol 9 --rtol 9 a.tsr b.tsr
with 's/1,nan,inf/1,nan,7/'
run 1 "infinity and a number" tsrdiff --atol 9 --rtol 9 a.tsr b.tsr
run 1 "- the other way round" tsrdiff --atol 9 --rtol 9 b.tsr a.tsr
with 's/9007199254740992/9007199254740993/'
says "record 3 (c): [0] is 9007199254740992 in A and 9007199254740993 in B; 1 of 2 values differ, by 1 at most" \
	"integers that are one double" a.tsr b.tsr
run 0 "- within a tolerance" tsrdiff --atol 1 a.tsr b.tsr
with 's/- 7/- 8/'
says "record 4 (d): [] is 7 in A and 8 in B; 1 of 1 values differ, by 1 at most" "a single value" a.tsr b.tsr

with /key=b/d
run 1 "a record less" tsrdiff a.tsr b.tsr
is "$(cat out)" "record 2 (b): key is 'c' in B
segment 1: A has 1 record more, from 'c' on" "- said so"
with '/key=[bc]/d'
says "segment 1: A has 2 records more, from 'b' on" "two less" a.tsr b.tsr
says "segment 1: B has 2 records more, from 'b' on" "two more" b.tsr a.tsr
with '6,$d'
says "segment 2: only A has it" "a segment less" a.tsr b.tsr
says "segment 2: only B has it" "a segment more" b.tsr a.tsr

# Many differences.
{ echo H && for i in {1..30}; do echo "T u8 - $i key=k$i"; done && echo E; } | maketsr one.tsr
{ echo H && for i in {1..30}; do echo "T u8 - $((i + 1)) key=k$i"; done && echo E; } | maketsr two.tsr
run 1 "30 differences" tsrdiff one.tsr two.tsr
is "$(wc -l <out) $(tail -n 1 out)" '11 20 more differences' "- are 10 lines and a number"
run 1 "--max-lines" tsrdiff --max-lines 29 one.tsr two.tsr
is "$(wc -l <out) $(tail -n 1 out)" '30 1 more difference' "- bounds them"
run 1 "--max-lines 0" tsrdiff --max-lines 0 one.tsr two.tsr
is "$(cat out)" '30 more differences' "- leaves the number"
run 1 "-q" tsrdiff -q one.tsr two.tsr
is "$(cat out err)" '' "- leaves nothing"

# Defects on either side.
head -c 300 a.tsr >cut.tsr
fails 3 'cut.tsr: .*cut off' "A that is cut off" tsrdiff cut.tsr a.tsr
fails 3 'cut.tsr: .*cut off' "B that is cut off" tsrdiff a.tsr cut.tsr
{ cat a.tsr && head -c 300 a.tsr; } >longer.tsr
fails 3 'longer.tsr: .*cut off' "a longer A that is cut off" tsrdiff longer.tsr a.tsr
fails 3 'longer.tsr: .*cut off' "a longer B that is cut off" tsrdiff a.tsr longer.tsr
: >empty.tsr
fails 3 'empty.tsr: empty input' "an empty A" tsrdiff empty.tsr a.tsr
fails 3 'empty.tsr: empty input' "an empty B" tsrdiff a.tsr empty.tsr
fails 3 'nowhere' "no B" tsrdiff a.tsr nowhere.tsr
for at in $(boundaries one.tsr | awk "NR % 7 == 1" | every 8); do
	head -c "$at" one.tsr >cut.tsr
	[ "$at" = "$(stat -c %s one.tsr)" ] || refused tsrdiff one.tsr cut.tsr || bad="${bad-} $at"
done
is "${bad-}" '' "no cut at a field's beginning passes"
fails 2 'two streams' "one operand" tsrdiff a.tsr
fails 2 'two streams' "three operands" tsrdiff a.tsr a.tsr a.tsr
fails 2 'only one' "standard input twice" tsrdiff - -
fails 2 'atol' "--atol below 0" tsrdiff --atol=-1 a.tsr a.tsr
fails 2 'atol' "--atol nan" tsrdiff --atol nan a.tsr a.tsr
maketsr large.tsr <<<$'H\nT u8 1048577 0 key=a\nE'
fails 3 'max-record' "a record above --max-record" tsrdiff --max-record 1 large.tsr large.tsr
fails 4 'No space left' "a full disk" bash -c 'tsrdiff one.tsr two.tsr >/dev/full'
run 1 "-o" tsrdiff -o told one.tsr two.tsr
tsrdiff one.tsr two.tsr >out
same told out "- writes the same to a file"
finish
