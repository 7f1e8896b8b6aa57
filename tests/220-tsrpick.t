#!/bin/bash
# tsrpick: which records it takes, what it says of them, and its defects.
. "${0%/*}/lib.sh"
. "$root/tests/streams.sh"

maketsr a.tsr <<'END'
H type=mel rate=22050 pg=augment
T f32 2,3 noise:1 key=1001_a label=angry group=1001 sex=male
T f32 2,3 noise:2 key=1001_a@noise label=angry group=1001 sex=male src=1001_a aug=noise
T f32 2,3 noise:3 key=1002_b label=sad group=1002 sex=female
T f32 2,3 noise:4 key=1002_b@noise label=sad group=1002 sex=female src=1002_b aug=noise
T f32 2,3 noise:5 key=1003_c label=angry group=1003
T i64 - 7 key=plain
E
END
# keys ARGUMENT...: the keys of what is taken.
keys() {
	tsrpick "$@" | tsrdump --tsv | sed 1d | cut -f 1 | paste -sd ' '
}
options tsrpick
reads_streams a.tsr tsrpick --label angry

is "$(keys a.tsr)" '1001_a 1001_a@noise 1002_b 1002_b@noise 1003_c plain' "nothing asked is all"
is "$(keys --group 1001,1003 a.tsr)" '1001_a 1001_a@noise 1003_c' "--group"
is "$(keys --group 1001 --group 1003 a.tsr)" '1001_a 1001_a@noise 1003_c' "--group twice"
is "$(keys --group 1001,1003 --invert a.tsr)" '1002_b 1002_b@noise plain' "--invert"
is "$(keys --label sad a.tsr)" '1002_b 1002_b@noise' "--label"
is "$(keys --label angry --group 1003,1002 a.tsr)" '1003_c' "two fields must both agree"
is "$(keys --key plain,1002_b a.tsr)" '1002_b plain' "--key, in the stream's order"
printf '# some keys\n1003_c\tmore\n\nplain\n' >list
is "$(keys --keys list a.tsr)" '1003_c plain' "--keys"
is "$(keys --keys list --key 1002_b a.tsr)" '1002_b 1003_c plain' "--keys and --key"
is "$(keys --keys - a.tsr <list)" '1003_c plain' "--keys from standard input"
: >none
is "$(keys --keys none a.tsr)" '' "an empty list asks for nothing"
is "$(keys --where sex=male a.tsr)" '1001_a 1001_a@noise' "--where"
is "$(keys --where sex= a.tsr)" '1003_c plain' "--where with no value: the field is not there"
is "$(keys --where sex=male --where sex= a.tsr)" '1001_a 1001_a@noise 1003_c plain' "--where with two of a field"
is "$(keys --not-aug a.tsr)" '1001_a 1002_b 1003_c plain' "--not-aug"
is "$(keys --not-aug --group 1001 a.tsr)" '1001_a' "with a group"
is "$(keys --match 'key=100[12]_?' a.tsr)" '1001_a 1002_b' "--match"
is "$(keys --match 'sex=*' a.tsr)" '1001_a 1001_a@noise 1002_b 1002_b@noise' "--match wants the field"
is "$(keys --match 'key=*_c' --key plain a.tsr)" '1003_c plain' "a pattern or a value"
is "$(keys --range 2-3,6 a.tsr)" '1001_a@noise 1002_b plain' "--range"
is "$(keys --range 5- a.tsr) $(keys --range=-1 a.tsr)" '1003_c plain 1001_a' "--range open at an end"
is "$(keys --range 6-8 a.tsr a.tsr)" 'plain 1001_a 1001_a@noise' "counts over all inputs"
is "$(keys --first 2 --label angry a.tsr)" '1001_a 1001_a@noise' "--first"
is "$(keys --first 1 --label angry --invert a.tsr)" '1002_b' "--first of the others"

# Several streams may have the same keys.
printf 'H type=wave\nT f32 1 0 key=a start=0.000\nT f32 1 0 key=a start=1.000\nE\n' | maketsr windows.tsr
printf 'H type=wave\nT f32 1 0 key=a start=1.000\nT f32 1 0 key=a\nT f32 1 0 key=b\nE\n' | maketsr more.tsr
run 0 "several streams" tsrpick windows.tsr more.tsr
is "$(cat err)" "tsrpick: 1 records have the key of another (the first is 'a')" "the same key and start are noticed"
run 0 "where they are not kept" tsrpick --range 1,4- windows.tsr more.tsr
is "$(cat err)" '' "there is nothing to notice"
run 0 "-q" tsrpick -q a.tsr a.tsr
is "$(cat err)" '' "is quiet"

# What comes out.
run 0 "no match" tsrpick --label nobody a.tsr
cp out nobody.tsr
run 0 "is a stream" tsrdump --check nobody.tsr
is "$(tsrdump --tsv nobody.tsr | wc -l)$(cat err)" 1 "of no records, and no message"
tsrpick --range 3-4 a.tsr >out
is "$(tsrdump --head out | head -n 3)" $'type=mel\nrate=22050\npg=augment' "the head is kept"
is "$(tsrdump --field pg out | tail -n 1)" "tsrpick $(cat "$root/VERSION") group=none label=none key=none where=none \
match=none not-aug=no range=3-4 invert=no first=0" "with a line of provenance"
tsrpick --range 1- a.tsr >all.tsr
run 0 "records are as they were" tsrdiff a.tsr all.tsr
tsrpick a.tsr nobody.tsr a.tsr >out
is "$(tsrdump out | grep -c segment)" 3 "a segment for each that comes in"
tsrpick --keys list a.tsr >out
cp list elsewhere
tsrpick --keys elsewhere a.tsr >again
same out again "the name of a list is not in the output"
tsrpick --keys none a.tsr >again
! cmp -s <(tsrdump --field pg out) <(tsrdump --field pg again)
ok $? "but what is in it"
tsrpick -o b.tsr --group 1001 a.tsr && tsrpick --group 1001 a.tsr >out
same b.tsr out "-o writes the same"
seq -f 'key%05g_with_a_long_tail' 5000 >many
run 0 "many keys" tsrpick --key "$(paste -sd , many)" a.tsr
is "$(tsrdump --field pg out | tail -n 1 | tr ' ' '\n' | sed -n 's/^key=//p' | tr , '\n' | cmp - many && echo all)" all \
	"stand in the provenance, every one"

# Counting, and what must be there.
run 0 "--count" tsrpick --count --label angry a.tsr
is "$(cat out)" 3 "counts"
run 0 "--count of nothing" tsrpick --count --label nobody a.tsr
is "$(cat out)" 0 "is 0"
run 0 "-v" tsrpick -v --count --label angry a.tsr
is "$(cat err)" 'tsrpick: kept 3 of 6 records' "says how many"
run 0 "--require met" tsrpick --require 3 --label angry a.tsr
fails 3 '3 of 6 records match; --require is 4' "--require not met" tsrpick --require 4 --label angry a.tsr
mv out cut.tsr
fails 3 'cut off' "leaves no whole stream" tsrdump --check cut.tsr
run 0 "--require-each met" tsrpick --require-each --label angry,sad,angry --match 'key=1*' a.tsr
fails 3 "no record has group '1009'" "--require-each not met" tsrpick --require-each --group 1001,1009 a.tsr
fails 3 "no record has key like 'x\*'" "--require-each, a pattern" tsrpick --require-each --match 'key=x*' a.tsr
fails 3 "no record" "even with --count" tsrpick --count --require-each --group 1009 a.tsr
is "$(cat out)" '' "which then prints nothing"

# Wrong use.
for list in '' , a, ,a a,,b; do
	fails 2 'empty value' "--label '$list'" tsrpick --label "$list" a.tsr
done
for list in 0 - 1, ,1 a 3-2 1--2 1-2-3 -0 99999999999999999999 +1; do
	fails 2 'range' "--range '$list'" tsrpick --range="$list" a.tsr
done
fails 2 'NAME=VALUE' "--where without =" tsrpick --where sex a.tsr
fails 2 'NAME=PATTERN' "--match without name" tsrpick --match '=x' a.tsr
fails 3 'nowhere' "--keys that are not there" tsrpick --keys nowhere a.tsr
fails 4 'No space left' "a full disk" bash -c 'tsrpick a.tsr >/dev/full'
fails 4 'No space left' "a full disk, counting" bash -c 'tsrpick --count a.tsr >/dev/full'
fails 4 'nowhere' "an output that cannot be" tsrpick -o nowhere/b.tsr a.tsr
finish
