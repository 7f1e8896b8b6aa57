#!/bin/bash
# csvprep: every step on tables worked by hand, what states keep, and each way
# in which a table or a recipe can be wrong.
. "${0%/*}/lib.sh"
. "$root/tests/streams.sh"

tab=$'\t'
# What tsrdump does is not the question here, and it runs twice a test.
[ -z "${SER_VALGRIND-}" ] || tsrdump() { "$BUILD/../tsrdump" "$@"; }

# rows STREAM: its columns' names, then "key: values" a record.
rows() {
	tsrdump --field column "$1" | paste -s -d ' '
	tsrdump --data "$1" | sed "s/^\([^$tab]*\)$tab-$tab/\1: /; s/$tab/ /g"
}

# put FILE TEXT: the text with \n and the like as printf has them.
put() { printf '%b\n' "$2" >"$1"; }

# gives WANT NAME RECIPE TABLE [ARGUMENT...]: that stream comes of the table.
gives() {
	local want=$1 name=$2
	printf '%s\n' "$3" >r.prep
	put m.csv "$4"
	shift 4
	rm -f s.tsr
	csvprep -q --recipe r.prep -o s.tsr m.csv "$@" >out 2>err
	is "$(rows s.tsr 2>/dev/null || cat err)" "$want" "$name"
}

# wrong REGEX NAME RECIPE TABLE [ARGUMENT...]: refused with that message.
wrong() {
	local re=$1 name=$2
	printf '%s\n' "$3" >r.prep
	put m.csv "$4"
	shift 4
	fails 3 "$re" "$name" csvprep -q --recipe r.prep m.csv "$@"
	tsrdump --check out 2>/dev/null && ok 1 "$name: no stream"
}

# Options and operands

options csvprep
put m.csv 'x,y\n1,2\n3,4.5'
: >r.prep
fails 2 '^csvprep: --recipe or --apply is required$' "neither recipe nor state" csvprep m.csv
fails 2 '^csvprep: two main tables: m.csv and n.csv' "two main tables" csvprep --recipe r.prep m.csv n.csv
fails 2 '^csvprep: standard input can be one file only$' "standard input twice" csvprep --recipe r.prep - t=-
fails 2 '^csvprep: standard input can be one file only$' "also where it is the default" csvprep --recipe r.prep t=-
fails 2 '^csvprep: t=t.csv: no step of the recipe joins it$' "a table that nobody joins" \
	csvprep --recipe r.prep m.csv t=t.csv
fails 2 '^csvprep: two tables are called t: a and b$' "two tables of a name" csvprep --recipe r.prep m.csv t=a t=b
fails 2 "^csvprep: --delimiter: '::' is not one character" "a delimiter of two" csvprep --recipe r.prep --delimiter :: m.csv
fails 2 "^csvprep: --delimiter: '\"' is not" "a quote as delimiter" csvprep --recipe r.prep --delimiter '"' m.csv
fails 2 "^csvprep: --delimiter: 'é' is not" "a letter of two bytes" csvprep --recipe r.prep --delimiter é m.csv
fails 2 '^csvprep: --apply learns nothing' "--apply and --fit" csvprep --apply s --fit t m.csv
fails 2 '^csvprep: --apply learns nothing' "--apply and --fit-groups" csvprep --apply s --fit-groups t m.csv
fails 2 '^csvprep: --describe and --audit exclude' "--describe and --audit" csvprep --recipe r.prep --describe --audit m.csv
fails 2 '^csvprep: --tsv goes with' "--tsv alone" csvprep --recipe r.prep --tsv m.csv
fails 2 '^csvprep: --fit - and the stream' "state and stream on one pipe" csvprep --recipe r.prep --fit - m.csv
printf 'join a k=k\n' >r.prep
fails 2 "^csvprep: r.prep: line 1 joins the table 'a': give it as a=FILE$" "a table that is not given" \
	csvprep --recipe r.prep m.csv
: >r.prep
fails 3 '^csvprep: none.csv: No such file' "no such table" csvprep --recipe r.prep none.csv
fails 3 '^csvprep: none.prep: No such file' "no such recipe" csvprep --recipe none.prep m.csv
fails 3 '^csvprep: none.state: No such file' "no such state" csvprep --apply none.state m.csv

# Ways in and out

csvprep --recipe r.prep m.csv >a.tsr
is "$(rows a.tsr)" $'x y\n1: 1 2\n2: 3 4.5' "a file"
csvprep --recipe r.prep - <m.csv >b.tsr
same a.tsr b.tsr "- is standard input"
tail -n +1 m.csv | csvprep --recipe r.prep >b.tsr
same a.tsr b.tsr "so is no operand"
csvprep --recipe - m.csv </dev/null >b.tsr
same a.tsr b.tsr "a recipe from standard input"
gzip -k m.csv
xz -k m.csv
for kind in gz xz; do
	file=m.csv.$kind size=$(stat -c %s m.csv.$kind)
	csvprep --recipe r.prep $file >b.tsr
	same a.tsr b.tsr ".$kind"
	csvprep --recipe r.prep <$file >b.tsr
	same a.tsr b.tsr ".$kind on standard input"
	{ cat $file && echo more; } >b.csv
	fails 3 '^csvprep: b.csv: the (gzip|xz) data are (damaged|cut off)$' ".$kind with something behind it" \
		csvprep --recipe r.prep b.csv
	cat $file $file >b.csv
	fails 3 "^csvprep: b.csv: line 4, column 'x'" "two of .$kind are one file" csvprep --recipe r.prep b.csv
	bad=
	for ((i = 14; i < size; i += 3)); do
		head -c "$i" $file >b.csv
		refused csvprep --recipe r.prep b.csv || bad+=" cut at $i"
		flip $file "$i" 0 b.csv
		csvprep --recipe r.prep b.csv >b.tsr 2>err && ! cmp -s a.tsr b.tsr && bad+=" flipped at $i"
	done
	is "$bad" '' ".$kind, damaged"
	truncate -s $((size - 9)) $file
	fails 3 "^csvprep: $file: the (gzip|xz) data are cut off$" "a cut .$kind" csvprep --recipe r.prep $file
	refused csvprep --recipe r.prep $file
	ok $? "gives no stream"
done
for kind in gzip xz; do
	{ head -n 2 m.csv | $kind; tail -n 1 m.csv | $kind; } >b.csv
	csvprep --recipe r.prep b.csv >b.tsr
	same a.tsr b.tsr "two parts, each by $kind"
	$kind -c /dev/null >b.csv
	fails 3 'empty input' "nothing, by $kind" csvprep --recipe r.prep b.csv
done
gzip -c m.csv | sed 's/./\x55/20' >b.csv.gz
fails 3 '^csvprep: b.csv.gz: the gzip data are (damaged|cut off)$' "damaged gzip" csvprep --recipe r.prep b.csv.gz
csvprep --recipe r.prep -o o.tsr m.csv
same a.tsr o.tsr "-o"
for ((i = 0; i < 3; i++)); do
	csvprep --recipe r.prep m.csv >b.tsr
	same a.tsr b.tsr "the same bytes again"
	[ -z "${SER_VALGRIND-}" ] || break
done
put bad.csv 'x,y\n1,2\n3,z'
fails 3 "^csvprep: bad.csv: line 3, column 'y': 'z' is not a number, and a feature" "a bad row" \
	csvprep --recipe r.prep -o o.tsr bad.csv
same a.tsr o.tsr "leaves the file that is there"
fails 3 "'z' is not a number" "and with a state" csvprep --recipe r.prep --fit o.state -o o.tsr bad.csv
[ ! -e o.state ]
ok $? "none is written"
fails 4 'No space left' "/dev/full" bash -c 'csvprep --recipe r.prep m.csv >/dev/full'
fails 4 'No space left' "/dev/full, with a state" bash -c 'csvprep --recipe r.prep --fit o.state m.csv >/dev/full'
[ ! -e o.state ]
ok $? "which is not written either"
fails 4 'No space left' "/dev/full as state" csvprep --recipe r.prep --fit /dev/full -o o.tsr m.csv
fails 4 'No space left' "/dev/full for a report" bash -c 'csvprep --describe m.csv >/dev/full'
version=$(cat "$root/VERSION")
printf 'drop   x  # away\nscale y' >r.prep
csvprep --recipe r.prep --seed 0 m.csv >b.tsr
is "$(tsrdump --head b.tsr)" "type=table
column=y
step=drop x
step=scale y
learnt=2 \"y\" mean 3.25 deviation 1.7677669529663689
pg=csvprep $version fit-groups=none columns=none delimiter=comma" "the head"

# Tables

: >r.prep
take() { gives "$1" "$2" '' "$3"; }
take $'x y' "a header alone: a stream without records" 'x,y'
is "$(tsrdump --check s.tsr && echo whole)" whole "which is whole"
take $'x y\n1: 1 2' "a byte-order mark" '\xef\xbb\xbfx,y\n1,2'
take $'x y\n1: 1 2\n2: 3 4' "CRLF" 'x,y\r\n1,2\r\n3,4\r'
take $'x y\n1: 1 2\n2: 3 4' "empty lines" '\n\nx,y\n\n1,2\n\n\n3,4\n'
take $'x y\n1: 1 2' "quoted cells" '"x",y\n"1","2"'
take $'x y\n1: 1 2' "blanks around a number" 'x,y\n 1,2\t'
take $'x y\n1: -1 0.025' "forms of numbers" 'x,y\n-1.,+.25e-1'
gives $'x é"\n1: 1 1\n2: 2 0' "quotes, newlines and UTF-8 in cells" 'encode "é\""' \
	'x,"é"""\n1,"a ""b"""\n2,"\n\nc\r\n"'
for d in semicolon ';' '|'; do
	gives $'x y\n1: 1 2' "delimiter $d" '' "$(printf 'x%sy\n1%s2' "${d/semicolon/;}" "${d/semicolon/;}")" --delimiter "$d"
done
gives $'x y\n1: 1 2' "delimiter tab" '' 'x\ty\n1\t2' --delimiter tab

bad() { wrong "^csvprep: m.csv: $1" "$2" "${4-}" "$3"; }
: >m.csv
fails 3 '^csvprep: m.csv: empty input: a line of column names is expected$' "empty input" csvprep --recipe r.prep m.csv
bad 'empty input' "empty lines alone" '\n\r\n'
bad 'line 3: a quote that does not enclose' "a quote within a cell" 'x,y\n1,2\n3,4"5'
bad 'line 4: a quote that does not enclose' "text behind a quote" 'x,y\n1,"a\nb"\n3,"4"5'
bad 'line 2: a quoted cell that does not end' "a quote without its end" 'x,y\n1,"2\n3,4'
bad 'line 3: cells: 1; the header has 2' "a short row" 'x,y\n1,2\n3\n4,5'
bad 'line 4: cells: 3; the header has 2' "a long row, behind one of two lines" 'x,y\n"1\n",2\n3,4,5'
bad "line 3, column 'y': 'z' is not a number, and a feature \(encode, onehot or drop it\)\$" "text as a feature" 'x,y\n1,2\n3,z'
for x in 0x10 inf nan 1e999 1,5 1_0 ' ' -; do
	bad "line 2, column 'x': '$x' is not a number" "$x is no number" "x,y\n\"$x\",2"
done
bad "line 3, column 'y': the cell is empty, and a feature" "an empty feature" 'x,y\n1,2\n3,'
bad "line 2, column 'x': 1e\+39 is beyond single precision" "too large a number" 'x,y\n1e39,2'
bad 'line 3: not UTF-8' "a byte that is not UTF-8" 'x,y\n1,2\n3,\xff'
bad 'line 3: not UTF-8' "a surrogate" 'x,y\n1,2\n3,\xed\xa0\x80'
bad 'line 2: not UTF-8' "a sequence that the end cuts" 'x,y\n1,\xc3\c'
bad 'line 4: not UTF-8' "within a quoted cell" 'x,y\n1,2\n3,"\n\xc3("'
bad 'line 2: a NUL byte' "NUL" 'x,y\n1,2\0\n'
bad 'line 2: a carriage return that does not end' "a lone carriage return" 'x,y\n1,2\r3,4'
bad 'line 2: a carriage return that does not end' "as the last byte" 'x,y\n1,2\r\c'
bad "the header calls both columns 1 and 3 'x'" "two columns of a name" 'x,y,x\n1,2,3'
gives $'y\n1: 2' "unless nobody wants them" 'select y' 'x,y,x\n1,2,3'
{ echo x,y && printf '"%01200000d",2\n' 1; } >m.csv
fails 3 '^csvprep: m.csv: line 2: a cell of more than 1 MiB' "a very long cell" csvprep --recipe r.prep m.csv
awk 'BEGIN { for (i = 0; i <= 16384; i++) printf "%s%d", i ? "," : "", i }' >m.csv
fails 3 '^csvprep: m.csv: line 1: more than 16384 columns' "very many columns" csvprep --recipe r.prep m.csv
# A chunk is 65536 bytes; unit/csv looks at each place of its boundary.
{ printf 'x,y\n1,' && printf '%065529d' 2 && printf '\xc3\n3,4\n'; } >m.csv
is "$(od -An -tx1 -j 65535 -N 1 m.csv)" ' c3' "a sequence at a chunk's end"
fails 3 '^csvprep: m.csv: line 2: not UTF-8' "is refused where its rest is missing" csvprep --recipe r.prep m.csv

# Threads: the same bytes and messages. Rows that are plain, quoted, ended by CRLF, empty, in several chunks and batches.
awk 'BEGIN { print "x,y,l,g"; for (i = 0; i < 40000; i++) {
	c = i % 7 == 3 ? "\"" : ""; printf "%s%d%s,%s,%s,g%d%s\n", c, i * 7919 % 10007, c, i % 11 ? i % 100 : "", i % 2 ? "A" : "\"B\"", i % 13, i % 5 ? "" : "\r"
	if (i % 1000 == 9) print "" } }' >m.csv
printf '%s\n' 'fill y with=median' 'derive z record' 'label l A B' 'group g' 'clip x iqr=0.1' 'scale x' 'fill g with=none' \
	'derive h substring g 2 1' 'onehot h' 'select x y z h=*' >r.prep
csvprep -j 1 --recipe r.prep --fit r.state m.csv >one.tsr
is "$(tsrdump --tsv one.tsr | wc -l)" 40001 "a table of many rows"
csvprep -j 4 --recipe r.prep m.csv >out
same out one.tsr "-j 4 gives the same bytes"
csvprep -j 4 --apply r.state - <m.csv >out && csvprep -j 1 --apply r.state m.csv >one.tsr
same out one.tsr "--apply and a pipe, too"
run 0 '--profile' csvprep --profile --apply r.state m.csv
mv err profile
same out one.tsr "--profile: the same bytes"
is "$(cut -f 2 profile | grep -E '^(read|write|work/[389]\..*)$' | sort | tr '\n' ' ')" 'read work/3.derive work/8.fill work/9.derive write ' \
	"and where the time went"
for j in 1 4; do
	sed '30000s/.*/1,2/' m.csv >bad.csv
	fails 3 "^csvprep: bad.csv: line 30000: cells: 2;" "-j $j: a short row" csvprep -j $j --recipe r.prep bad.csv
	sed '20000s/^[^,]*/q/; 30000s/.*/x"/' m.csv >bad.csv
	fails 3 "^csvprep: r.state: line 6 \(clip\): bad.csv: line 20000, column 'x': 'q' is not" "-j $j: what a step refuses comes before what reading does later" \
		csvprep -j $j --apply r.state bad.csv
done

# Recipes

oops() { wrong "^csvprep: r.prep: $1" "$2" "$3" 'x,y,z\n1,2,a'; }
oops "line 2, column 1: there is no step 'scal'" "an unknown step" $'scale x\nscal y'
oops 'line 1, column 3: a quote within a word' "a quote within a word" 'dr"op x'
oops 'line 1, column 6: a quote without its end' "a quote without its end" $'drop "x\n"'
oops 'line 1, column 9: a blank is required after' "text behind a quote" 'drop "x"y'
oops 'line 1, column 8: after a backslash in quotes one of' "an unknown escape" 'drop "\q"'
oops 'line 1, column [0-9]+: .x requires two hexadecimal' "a malformed escape" 'drop "\x4"'
oops 'line 1, column [0-9]+: .x requires two hexadecimal' "NUL by an escape" 'drop "\x00"'
oops 'line 1, column 1: drop requires at least 1 words, not 0' "too few words" 'drop'
oops 'line 1, column 9: group takes at most 1 words' "too many words" 'group x y'
oops 'line 1, column 26: method= appears twice' "an option twice" 'scale x   method=minmax  method=zscore'
oops 'line 2: byte 7 is not UTF-8' "a recipe that is not UTF-8" $'# é\ndrop x\xff'
oops 'line 1: byte 5 is a control character' "a recipe with a control character" $'drop\ax'
oops "line 1, column 6: no column 'w' here: there are x, y, z" "a column that is not there" 'drop w'
oops "line 3, column 5: no column 'w\*' here" "where a step goes on in later lines" $'drop x \\\n\\\n  y w*'
gives $'y\n1: 2' "comments, a mark, CRLF, lines that go on" \
	$'\xef\xbb\xbf# drop y\r\n\r\n  drop \\ \r\n\tx \\\r\n  "#z" # y\r' 'x,y,#z\n1,2,3'
gives $'y\n1: 2' "escapes" 'drop "\x41\"\\\t\n"' '"A""\\\t\n",y\n1,2'
{ printf 'drop x' && printf '#%01048576d' 1; } >r.prep
fails 3 '^csvprep: r.prep: larger than 1048576 bytes' "a very long recipe" csvprep --recipe r.prep m.csv

# Columns

t='x,b c,y1,y2\n1,2,3,4'
gives $'y2 x\n1: 4 1' "select keeps an order" 'select y2 x' "$t"
gives $'y1 y2 x\n1: 3 4 1' "by patterns, each once" 'select y* x y1' "$t"
gives $'b c\n1: 2' "by a quoted name" 'select "b c"' "$t"
wrong "line 1, column 8: no column 'y\*'" "a quoted word is no pattern" 'select "y*"' "$t"
gives $'b c y2\n1: 2 4' "by place" 'select @2 @4' "$t"
wrong "no column '@5'" "a place too many" 'select @5' "$t"
gives $'y1 x b c\n1: 3 1 2' "by the place that a column once had" $'rename @3 z\nselect z x b*\nrename z y1' "$t"
gives $'x y2\n1: 1 4' "drop" 'drop "b c" y1' "$t"
wrong 'm.csv: no column is left as a feature' "drop all" 'drop *' "$t"
gives $'@1 x\n1: 7 1' "a column without a name" '' ',x\n7,1'
gives $'x\n1: 1' "drop @unnamed: such, and those that pandas names" 'drop @unnamed' ',x,Unnamed: 2,\n7,1,8,'
gives $'x\n1: 1' "or none at all" 'drop @unnamed' 'x\n1'
gives $'b a\n1: 1 2' "rename, one after the other" 'rename a c b a c b' 'a,b\n1,2'
wrong "line 1 \(rename\): there is a column 'b' already" "rename to a name that is taken" 'rename a b' 'a,b\n1,2'
wrong "line 1, column 12: 'c' has no partner" "rename three" 'rename a b c' 'a,b\n1,2'
wrong "m.csv: line 3, column 'b': 'q' is not a number" "number" 'number b' 'a,b\n1,2\n3,q'
gives $'a b\n1: 0 2' "missing, and numbers" $'missing NA ?\nnumber a\nfill a with=0' 'a,b\nNA,2'
gives $'a b\n1: 0 1\n2: 1 2' "select keeps label, group, key, meta" \
	$'label l A B\ngroup g\nmeta m\nselect a b\nencode a' 'm,g,l,b,a\nM,G,A,1,p\nN,H,B,2,q'
is "$(tsrdump --tsv --columns m s.tsr | cut -f 1-3,13 | tail -n +2)" "1${tab}A${tab}G${tab}M
2${tab}B${tab}H${tab}N" "they stand in the records"
is "$(tsrdump --field class s.tsr | paste -s)" "A${tab}B" "and the labels in the head"
gives $'a\nk1: 1\nk2: 2' "key" 'key k' 'k,a\nk1,1\nk2,2'
gives $'a\n2: 2\n4: 4' "else the row's number in the file" $'filter a != 1\nfilter a != 3' 'a\n1\n2\n3\n4'
bad "line 2, column 'l': 'C' is not among the recipe's labels" "a label that is not listed" 'l,a\nC,1' 'label l A B'
bad "line 3, column 'l': the cell is empty, and the label of the row" "no label" 'l,a\nA,1\n,2' 'label l'
bad "line 2, column 'g': the cell is empty, and the group" "no group" 'g,a\n,1' 'group g'
bad "line 2, column 'k': the cell is empty, and the key" "no key" 'k,a\n,1' 'key k'
bad "the label's column 'l' is missing at the end of the recipe" "label without its column" 'k,a\n1,1' 'label l'
bad "line 2, column 'l': byte 2 is a control character" "a label of two lines" 'l,a\n"A\nB",1' 'label l'
wrong 'line 2, column 1: label appears in line 1 already' "two labels" $'label x\nlabel y' 'x,y,z\n1,2,3'
wrong "line 1, column 13: the label 'A' appears twice" "a label twice" 'label x A B A' 'x,y\n1,2'
wrong "meta: a column's name must be letters, digits" "a column's name that metadata cannot have" 'meta "a b"' 'a b,y\n1,2'
wrong "meta: the name start is reserved" "a reserved one" 'meta start' 'start,y\n1,2'

# Derived columns

t='n,x,y\na_bc_d,6,3\né_ü_,0,0'
d() { gives "$1" "$2" "$3"$'\nselect d' "$t"; }
gives $'d\n1: 0\n2: 1' "substring counts characters" $'derive d substring n 1 3\nselect d\nencode d a_b é_ü' "$t"
gives $'d\n1: 0\n2: 1' "beyond the end is empty" $'derive d substring n 5 9\nselect d\nencode d _d "" order=sorted' "$t"
gives $'d\n1: 0\n2: 1' "split" $'derive d split n _ 2\nselect d\nencode d bc ü' "$t"
gives $'d\n1: 0\n2: 1' "split from the end" $'derive d split n _ -3\nselect d\nencode d a é' "$t"
wrong "m.csv: line 2, column 'n': 'a_b' has no part 3 between '_': it has 2" "too few parts" 'derive d split n _ 3' 'n\na_b'
wrong "m.csv: line 2, column 'n': 'a_b' has no part -3" "from the end" 'derive d split n _ -3' 'n\na_b'
d $'d\n1: 10\n2: 20' "lookup" 'derive d lookup x 6 10 0 20'
d $'d\n1: 10\n2: -1' "lookup else" 'derive d lookup x 6 10 else=-1'
wrong "m.csv: line 3, column 'x': '0' is not in the step's list" "lookup of what is not listed" 'derive d lookup x 6 10' "$t"
d $'d\n1: 6\n2: 0' "copy" 'derive d copy x'
d $'d\n1: 1\n2: 2' "record" 'derive d record'
d $'d\n1: 63\n2: 0' "concat" 'derive d concat x y'
d $'d\n1: 6.3\n2: 0' "concat with a separator" 'derive d concat x y sep=.'
d $'d\n1: 9\n2: 0' "sum" 'derive d sum x y'
d $'d\n1: 3\n2: 0' "difference" 'derive d difference x y'
d $'d\n1: 18\n2: 0' "product" 'derive d product x y'
d $'d\n1: 2\n2: -7' "ratio, empty over 0" $'derive d ratio x y\nfill d with=-7'
gives $'d\n1: 0\n2: 9' "an empty cell gives an empty one" \
	$'derive a sum x y\nderive b substring x 1 1\nderive c split y . 1\nfill a b c with=9\nderive d product b a\nselect d' \
	'x,y\n0,1\n1,'
wrong "m.csv: line 2, column 'd': the product is too large" "beyond double precision" 'derive d product x x' 'x\n1e200'
printf 'derive d fold x 3\nselect d' >r.prep
awk 'BEGIN { print "x"; for (i = 0; i < 600; i++) print i % 300 }' >m.csv
csvprep --recipe r.prep m.csv | tsrdump --data - | cut -f 3 >folds
is "$(sort folds | uniq -c | awk '{ print $2, ($1 > 140 && $1 < 260) }' | paste -s -d ' ')" '0 1 1 1 2 1' "folds are about even"
is "$(head -n 300 folds | cksum)" "$(tail -n 300 folds | cksum)" "and of equal cells equal"
printf 'derive d fold x 3 seed=1\nselect d' >r.prep
[ "$(csvprep --recipe r.prep m.csv | tsrdump --data - | cut -f 3 | cksum)" != "$(cksum <folds)" ]
ok $? "with another seed others"
oops "line 1, column 10: there is no function 'f'" "an unknown function" 'derive d f x'
oops 'line 1, column 10: substring requires 3 words, not 2' "too few words" 'derive d substring x 1'
oops 'line 1, column 10: lookup requires 3 words at least' "too few pairs" 'derive d lookup x 1'
oops "line 1, column 24: '3' has no value" "half a pair" 'derive d lookup x 1 2  3'
oops 'line 1, column 10: copy has no option sep=' "an option of another function" 'derive d copy x sep=,'
oops 'line 1, column 22: a whole number from 1' "substring from 0" 'derive d substring x 0 1'
oops 'line 1, column [0-9]+: parts count from 1' "part 0" 'derive d split x _ 0'
oops 'line 1, column 17: a whole number from 2' "one fold" 'derive d fold x 1'
oops "line 1 \(derive\): there is a column 'y' already" "a name that is taken" 'derive y copy x'

# Rows

t='a,b\n1,x\n2,y\n,x\n4,'
f() { gives "$1" "$2" "$3"$'\nderive r record\nselect r' "$t"; }
f $'r\n1: 1\n3: 3' "filter =" 'filter b = x'
f $'r\n2: 2\n4: 4' "filter !=" 'filter b != x'
f $'r\n2: 2\n4: 4' "filter in" 'filter b in y "" z'
f $'r\n1: 1\n3: 3' "filter not-in" 'filter b not-in y ""'
f $'r\n1: 1\n2: 2\n3: 3' "filter matches" 'filter b matches [x-z]'
f $'r\n4: 4' "filter not-matches" 'filter b not-matches ?*'
f $'r\n1: 1' "filter <: an empty cell is not below" 'filter a < 2'
f $'r\n1: 1\n2: 2' "filter <=" 'filter a <= 2'
f $'r\n4: 4' "filter >: nor above" 'filter a > 2'
f $'r\n2: 2\n4: 4' "filter >=" 'filter a >= 2'
f $'r\n1: 1\n2: 2\n4: 4' "drop-missing" 'drop-missing a'
f $'r\n1: 1\n2: 2' "of two columns" 'drop-missing a b'
f $'r' "filter all away" 'filter b = z'
oops "line 1, column 10: '~' is none of" "an unknown comparison" 'filter x ~ 1'
oops 'line 1, column 14: = compares with one value' "= with two" 'filter x = 1 2'
oops "line 1, column 12: 'b' is not a number" "< with text" 'filter x < b'
wrong "m.csv: line 2, column 'b': 'x' is not a number" "< of text" 'filter b < 1' "$t"
printf 'filter b = x\ndrop-missing a\nencode b' >r.prep
put m.csv "$t"
csvprep --recipe r.prep m.csv >out 2>err
is "$(cat err)" $'csvprep: r.prep: line 1 (filter): rows dropped: 2\ncsvprep: r.prep: line 2 (drop-missing): rows dropped: 1' \
	"rows that are dropped are counted"

printf 'filter b = x' >r2.prep
csvprep -v --recipe r2.prep --describe m.csv >out 2>err
is "$(tail -n 1 err)" 'csvprep: kept 2 of 4 rows' "-v sums up"

# Joins

put t.csv 'id,v,w\nk1,1,2\nk2,3,4\nk3,5,6'
put twice.csv 'id,v\nk1,1\nk2,3\nk1,5\n,7\n,8'
t='k,x\nk2,1\nk1,2\nk2,3'
j() { gives "$1" "$2" "$3"$'\ndrop k' "$4" t=t.csv; }
j $'x v w\n1: 1 3 4\n2: 2 1 2\n3: 3 3 4' "join" 'join t k=id' "$t"
j $'x w\n1: 1 4\n2: 2 2\n3: 3 4' "columns=" 'join t k=id columns=w' "$t"
j $'x w v\n1: 1 4 3\n2: 2 2 1\n3: 3 4 3' "in the order of their table" $'join t k=id columns=w,v\nselect x w v k' "$t"
wrong "m.csv: line 3, column 'k': t.csv has no row for 'k9' \(absent=allow" "an absent key" 'join t k=id' 'k\nk1\nk9' t=t.csv
wrong "m.csv: line 2, column 'k': t.csv has no row for ''" "an empty key" 'join t k=id' 'k,x\n,1' t=t.csv
j $'x v w\n1: 1 -1 -1\n2: 2 1 2' "allowed, with empty cells" $'join t k=id absent=allow\nfill v w with=-1' 'k,x\nk9,1\nk1,2'
j $'x v w\n2: 2 1 2' "or dropped" 'join t k=id absent=allow kind=inner' 'k,x\nk9,1\nk1,2'
wrong "twice.csv: line 4, column 'id': the key 'k1' appears in line 2 already" "a key twice" 'join t k=id' "$t" t=twice.csv
gives $'x v\n1: 1 3\n2: 2 1\n3: 3 3' "the first counts" $'join t k=id duplicate=first\ndrop k' "$t" t=twice.csv
gives $'x v\n1: 1 3\n2: 2 1\n2: 2 5\n3: 3 3' "or all do" $'join t k=id duplicate=all\ndrop k' "$t" t=twice.csv
put empty.csv 'id,v\nk1,1\n,7\n,8\nk2,2'
gives $'x v\n1: 1 2\n2: 2 1\n3: 3 2' "empty keys are none, and so no duplicates" $'join t k=id\ndrop k' "$t" t=empty.csv
wrong "line 1 \(join\): there is a column 'v' already" "a name that is taken" 'join t k=id' 'k,v\nk1,1' t=t.csv
wrong "line 1, column 8: t.csv has no column 'ID'" "no key on the right" 'join t k=ID' "$t" t=t.csv
wrong "line 1, column 8: no column 'K' here" "no key on the left" 'join t K=id' "$t" t=t.csv
wrong "line 1: columns=: t.csv has no column 'q'" "no such column" 'join t k=id columns=v,q' "$t" t=t.csv
wrong "line 1, column 8: 'k' is not LEFT=RIGHT" "no key" 'join t k' "$t" t=t.csv
wrong 'line 1: kind=outer is none of left, inner' "an unknown kind" 'join t k=id kind=outer' "$t" t=t.csv
put bad.csv 'id,v\nk1'
wrong 'csvprep: r.prep: line 1 \(join\): bad.csv: line 2: cells: 1' "a bad table, and where it is joined" 'join t k=id' "$t" t=bad.csv
put bad.csv 'id,v,v\nk1,1,2'
wrong "bad.csv: line 1: there is a column 'v' already" "two columns of a name in it" 'join t k=id' "$t" t=bad.csv
gives $'x w\n1: 1 2' "joined twice, by what came first" $'join t k=id columns=v\njoin u v=n\ndrop k v' 'k,x\nk1,1' t=t.csv u=<(printf 'n,w\n1,2\n')
# What fill adds to a column stays out of the table that it was joined from.
{ echo k,x; for ((i = 0; i < 8200; i++)); do echo ,1; done; echo "k8,1"; echo k1,1; } >long.csv
printf '%s\n' 'join t k=id absent=allow columns=id,v' 'fill id with=k8' 'fill v with=0' 'drop k' 'encode id k1 k8' >r.prep
run 0 "keys that are filled in come up in a later batch" csvprep --recipe r.prep long.csv t=t.csv
is "$(tsrdump --data out | tail -n 2 | cut -f 3- | paste -s -d ' ')" "1${tab}1${tab}0 1${tab}0${tab}1" "and are still no keys"

# Values. Quantiles of 1 2 3 4 100: 2 and 4, so clipped at -1 and 7.

gives $'x\n1: 1\n2: 2\n3: 3\n4: 4\n5: 7' "clip iqr" 'clip x iqr=1.5' 'x\n1\n2\n3\n4\n100'
is "$(tsrdump --field learnt s.tsr)" '1 "x" q1 2 q3 4 low -1 high 7' "what was learnt"
# Of -50 1 2 4: q1 = 1 - 0.25 * 51 = -11.75, q3 = 2 + 0.25 * 2 = 2.5, iqr 14.25.
gives $'x\n1: 4\n2: 1\n3: -26\n4: 2\n5: 99' "between two, an empty cell stays empty" \
	$'clip x iqr=1\nfill x with=99' 'x\n4\n1\n-50\n2\n\n""'
gives $'x\n1: 0\n2: 2\n3: 3' "low and high" 'clip x low=0 high=3' 'x\n-1\n2\n3.5'
gives $'x\n1: -1\n2: 2' "high alone" 'clip x high=2' 'x\n-1\n3.5'
oops 'line 1: clip requires either iqr=' "neither" 'clip x'
oops 'line 1: clip requires either iqr=' "both" 'clip x iqr=1 low=2'
oops 'line 1: iqr= is negative' "low above high" 'clip x low=2 high=1'
oops 'line 1: iqr=a is not a number' "no number" 'clip x iqr=a'
wrong "m.csv: column 'x' has no value to learn from" "nothing to learn from" 'clip x iqr=1' 'x,y\n,1'
wrong "column 'x': its low is beyond double precision" "limits beyond double precision" 'clip x iqr=9' 'x\n1e308\n0'
# Of 2 4 9: mean 5, sum of squares 9+1+16 = 26, deviation sqrt(13).
gives $'x\n1: -0.8320503\n2: -0.2773501\n3: 1.1094004' "scale: deviation with N-1" 'scale x' 'x\n2\n4\n9'
gives $'x y\n1: 0 0\n2: 0.2857143 0.5\n3: 1 1' "scale to 0..1, two columns" 'scale x y method=minmax' 'x,y\n2,-1\n4,0\n9,1'
gives $'x\n1: 0\n2: 0' "scale a constant" 'scale x' 'x\n7\n7'
gives $'x\n1: 0' "scale one value" 'scale x' 'x\n7'
oops "line 1: method=rank is none of zscore, minmax" "an unknown method" 'scale x method=rank'
wrong "m.csv: line 2, column 'z': 'a' is not a number" "scale text" 'scale z' 'x,z\n1,a'
wrong "column 'x': its range is beyond double precision" "a range beyond double precision" 'scale x method=minmax' 'x\n1.7e308\n-1.7e308'
t='x,c\n1,b\n,a\n2,\n9,b\n,a'
gives $'x c\n1: 1 0\n2: 4 1\n3: 2 2\n4: 9 0\n5: 4 1' "fill with mean and a text" $'fill x with=mean\nfill c with=z\nencode c b a z' "$t"
gives $'x c\n1: 1 1\n2: 2 0\n3: 2 0\n4: 9 1\n5: 2 0' "fill with median and mode, of equals the first" $'fill x with=median\nfill c with=mode\nencode c' "$t"
gives $'x c\n1: 1 1\n2: 5 0\n3: 2 -2\n4: 9 1\n5: 5 0' "fill numbers with a number" $'number x\nfill x with=5\nencode c\nfill c with=-2' "$t"
wrong "line 2: column 'x' has numbers; 'a' is none" "or with none" $'number x\nfill x with=a' "$t"
oops 'line 1: fill requires with=' "fill without with" 'fill x'
t='c,x\nb,1\n10,2\n,3\na,4\nb,5'
gives $'c x\n1: 2 1\n2: 0 2\n3: -1 3\n4: 1 4\n5: 2 5' "encode in sorted order, empty stays so" $'encode c\nfill c with=-1' "$t"
gives $'c x\n1: 0 1\n2: 1 2\n3: 2 4\n4: 0 5' "in order of appearance" $'drop-missing c\nencode c order=appearance\nderive r record\nkey r' \
	'c,x\nb,1\n10,2\na,4\nb,5'
gives $'c\n1: 1\n2: 0\n3: 2' "numbers are sorted as such" 'encode c' 'c\n9\n-1\n10'
gives $'c x\n1: 1 1\n2: 9 2\n3: 0 3\n4: 9 4\n5: 1 5' "by a list, with a number for others" 'encode c "" b unseen=9' "$t"
wrong "m.csv: line 3, column 'c': '10' is none of the step's values" "or without" 'encode c a b' "$t"
oops "line 1, column 14: the value 'p' appears twice" "a value twice" 'encode z p a p'
oops 'line 1: unseen=zero: error or a number' "encode unseen" 'encode z unseen=zero'
t='c,x\nb,1\na,2\nb,3'
gives $'c=a c=b x\n1: 0 1 1\n2: 1 0 2\n3: 0 1 3' "onehot" 'onehot c' "$t"
gives $'c=b c=a x\n1: 1 0 1\n2: 0 1 2\n3: 1 0 3' "in order of appearance" 'onehot c order=appearance' "$t"
gives $'c=b c=q x\n1: 1 0 1\n2: 0 0 2\n3: 1 0 3' "by a list, others nothing" 'onehot c b q unseen=zero' "$t"
wrong "m.csv: line 3, column 'c': 'a' is none of" "or refused" 'onehot c b q' "$t"
wrong "m.csv: line 2, column 'c': the cell is empty" "an empty cell" 'onehot c' 'c,x\n,1'
oops 'line 1: unseen=1: error or zero' "onehot unseen" 'onehot z unseen=1'
wrong "line 2 \(onehot\): there is a column 'c=a' already" "a name that is taken" $'rename x c=a\nonehot c' "$t"

# Groups of rows, in the order of their first one

t='g,h,q,x\nb,B,1,1\na,A,2,5\nb,B,2,3\na,A,2,\nb,B,1,10'
a() { gives "$1" "$2" "$3" "$t"; }
a $'count count.1 count.2\n1: 3 2 1\n2: 2 0 2' "count" $'aggregate g ; count ; count by q\ndrop g'
a $'sum.x mean.x min.x max.x\n1: 14 4.6666665 1 10\n2: 5 5 5 5' "sum, mean, min, max, without empty cells" \
	$'aggregate g ; sum x ; mean x ; min x ; max x\ndrop g'
a $'mean.x.1 mean.x.2 sum.x.1 sum.x.2 min.x.1 min.x.2\n1: 5.5 3 11 3 1 3\n2: -1 5 0 5 -1 5' "by a column: of none, empty and a sum of 0" \
	$'aggregate g ; mean x by q ; sum x by q ; min x by q\nfill * with=-1\ndrop g'
a $'count.1.B count.2.A count.2.B\n1: 2 0 1\n2: 0 2 0' "by two columns: combinations that occur" $'aggregate g ; count by q h\ndrop g'
a $'h x\n1: 1 1\n2: 0 5' "same and first" $'aggregate g ; same h ; first x\nencode h\ndrop g'
gives $'mean.x\n1: 1.5' "a mean leaves the text of cells to others" $'aggregate g ; mean x ; first x\nlabel x 1.0\ndrop g' 'g,x\na,1.0\na,2'
a $'count\n1: 2\n2: 2\n3: 1' "by two keys" $'aggregate g q ; count\ndrop g q'
a $'g\n1: 1\n2: 0' "keys alone" $'aggregate g\nencode g'
is "$(tsrdump --tsv s.tsr | cut -f 1 | paste -s -d ' ')" "key 1 2" "a group's number is its first row's"
wrong "m.csv: line 4, column 'q': '2' differs from '1' of line 2, which is of the same group" "same that is not" 'aggregate g ; same q' "$t"
wrong "m.csv: line 3, column 'q': the cell is empty" "an empty cell to split by" 'aggregate g ; count by q' 'g,q\na,1\na,'
awk 'BEGIN { print "g"; for (i = 0; i < 16400; i++) print i }' >many.csv
printf 'aggregate g ; count by g' >r.prep
fails 3 "^csvprep: r.prep: line 1, column 21: 16400 combinations, which would be columns" "very many columns" csvprep --recipe r.prep many.csv
oops "line 1, column 15: 'median' is none of count" "an unknown function" 'aggregate x ; median y'
oops 'line 1, column 15: count takes columns only behind' "count of a column" 'aggregate x ; count y'
oops 'line 1, column 15: columns are required' "mean of none" 'aggregate x ; mean by y'
oops 'line 1, column 23: first goes without' "first by" 'aggregate x ; first y by z'
oops 'line 1, column 22: .by. requires columns' "by nothing" 'aggregate x ; mean y by ; count'
oops 'line 1: nothing behind the semicolon' "nothing at the end" 'aggregate x ;'
oops 'line 1, column 15: nothing behind the semicolon' "nothing between" 'aggregate x ; ; count'
oops 'line 1, column 11: aggregate requires the columns' "no keys" 'aggregate ; count'

# States: q1 2, q3 4 of all; what new rows have does not matter.

printf '%s\n' 'clip x iqr=1' 'scale x' 'fill y with=median' 'derive s concat c d sep=;' 'drop s' 'encode c unseen=-1' \
	'onehot d order=appearance unseen=zero' 'label l A B' 'select x y c "d=p;" d=*' >r.prep
put m.csv 'x,y,c,d,l\n1,5,u,p;,A\n2,,"v ""w""",q,B\n3,9,u,p;,A\n4,,#,q,B\n100,1,u,p;,A'
csvprep --recipe r.prep --fit m.state m.csv >fit.tsr
for how in "--recipe r.prep --apply m.state" "--apply m.state"; do
	# shellcheck disable=SC2086
	run 0 "${how%% *} and a state" csvprep $how m.csv
	mv out b.tsr
	is "$(rows b.tsr)" "$(rows fit.tsr)" "the same rows"
	is "$(tsrdump --head b.tsr | grep -v ^pg)" "$(tsrdump --head fit.tsr | grep -v ^pg)" "and the same head"
done
csvprep --recipe r.prep --fit b.state m.csv >/dev/null
same m.state b.state "the same state again"
csvprep --recipe r.prep --fit - -o b.tsr m.csv >b.state
same m.state b.state "to standard output"
same fit.tsr b.tsr "beside the stream"
put new.csv 'd,y,x,c\nr,,-50,z\nq,0,3,u'
# Limits 0 and 6, of 1 2 3 4 6 mean 3.2, squares 4.84+1.44+.04+.64+7.84, deviation sqrt(3.7); median of 1 5 9.
run 0 "new rows, without the label's column" csvprep --apply m.state new.csv
is "$(rows out)" $'x y c d=p; d=q\n1: -1.6636008 5 -1 0 0\n2: -0.10397505 0 1 0 1' "unseen values as the recipe says"
put new.csv 'c,d,y,x,l\nz,r,,-50,\nu,q,0,3,B'
run 0 "new rows, one without its label" csvprep --apply m.state new.csv
is "$(tsrdump --tsv out | tail -n +2 | cut -f 2 | paste -s -d ' ')" "- B" "a label where there is one"
put new.csv 'c,d,y,x,l\nz,r,1,2,C'
fails 3 "^csvprep: new.csv: line 2, column 'l': 'C' is not among" "another label" csvprep --apply m.state new.csv
put new.csv 'c,d,y,l\nz,r,1,A'
fails 3 "^csvprep: m.state: line 2, column 11: no column 'x' here" "a column that is missing" csvprep --apply m.state new.csv
sed 's/iqr=1/iqr=2/' r.prep >other.prep
fails 3 '^csvprep: other.prep: line 1: m.state was learnt with another step: clip x iqr=1$' "another recipe" \
	csvprep --recipe other.prep --apply m.state m.csv
head -n 3 r.prep >other.prep
fails 3 '^csvprep: other.prep: has 3 steps; m.state was learnt with 9$' "a shorter one" csvprep --recipe other.prep --apply m.state m.csv
sed 's/  */   /g; s/$/ # same/' r.prep >other.prep
run 0 "blanks and comments do not matter" csvprep --recipe other.prep --apply m.state m.csv
printf 'encode c' >r.prep
csvprep --recipe r.prep --fit e.state <(printf 'c\na\nb\n') >/dev/null
fails 3 "line 2, column 'c': 'z' is none of the step's values" "an unseen value is an error by default" \
	csvprep --apply e.state <(printf 'c\nz\n')
state() {
	printf '%b' "$1" >bad.state
	fails 3 "^csvprep: bad.state: $2" "$3" csvprep --apply bad.state m.csv
}
state '' 'not a state that --fit has written' "an empty state"
state 'sertools-prep-state 2\n' 'not a state' "of another version"
state 'sertools-prep-state 1\nstep\n' "line 2, column 1: 'step' is not a line of a state" "without a step"
state 'sertools-prep-state 1\nstep scale x\nlearnt 1\n' 'line 3: not a line of a state' "a cut line"
fails 3 '^csvprep: bad.state: line 3: not a line' "with a recipe beside it" csvprep --recipe r.prep --apply bad.state m.csv
state 'sertools-prep-state 1\nstep scale x\nlearnt 0 "x" mean 1\n' 'line 3: not a line' "of step 0"
state 'sertools-prep-state 1\nstep scale x\nlearnt 1 "y" mean 1\n' "line 2 \(scale\): bad.state has nothing learnt of column 'x'" "of another column"
state 'sertools-prep-state 1\nstep scale x\nlearnt 1 "x" mean 1\n' "line 2 \(scale\): bad.state: what was learnt of column 'x' is malformed" "without a deviation"
state 'sertools-prep-state 1\nstep scale x\nlearnt 1 "x" mean 1 deviation 0\n' 'line 2 \(scale\): bad.state: what was learnt' "with one of 0"
state 'sertools-prep-state 1\nstep scal x\n' "line 2, column 6: there is no step 'scal'" "with an unknown step"

# Groups to learn from: mean 2 and deviation sqrt(2) of 1 and 3, not of 100.

printf '%s\n' 'group g' 'scale x' 'encode c unseen=-1' >r.prep
put m.csv 'g,x,c\na,1,u\nb,100,v\na,3,u\nc,5,w'
csvprep --recipe r.prep --fit-groups a m.csv >out
is "$(rows out)" $'x c\n1: -0.70710677 0\n2: 69.29646 -1\n3: 0.70710677 0\n4: 2.1213202 -1' "--fit-groups of one"
csvprep --recipe r.prep --fit-groups c,a m.csv >out
is "$(rows out)" $'x c\n1: -1 0\n2: 48.5 -1\n3: 0 0\n4: 1 1' "of two: mean 3, deviation 2"
fails 3 "^csvprep: r.prep: line 2 \(scale\): m.csv: no row of the group 'd' to learn from$" "an unknown group" csvprep --recipe r.prep --fit-groups a,d m.csv
printf 'scale x\ndrop c g' >r.prep
fails 3 'a step .group. must name their column' "no step group" csvprep --recipe r.prep --fit-groups a m.csv
printf 'clip x iqr=1\ngroup g\nfill c with=mode\nonehot c unseen=zero\naggregate g ; mean x ; sum c=*' >r.prep
put m.csv 'g,x,c\na,1,u\nb,100,v\na,3,u\nb,5,\nb,-7,v'
csvprep --recipe r.prep --fit-groups a m.csv >out
# q1 1.5, q3 2.5, so 0.5 to 3.5; the mode is u.
is "$(rows out)" $'mean.x sum.c=u\n1: 2 2\n2: 2.5 1' "all that learns, learns from them"

put m.csv 'g,x,c\na,1,u\na,3,v'
put new.csv 'g,x,c\na,1,u\na,3,w'
for unseen in '' unseen=error; do
	printf "group g\naggregate g ; sum x by c %s" "$unseen" >r.prep
	csvprep --recipe r.prep --fit by.state -o s.tsr m.csv
	fails 3 "line 3, column 'c': 'w'.*not seen before" "a combination not seen before ($unseen)" csvprep --apply by.state new.csv
done
printf 'group g\naggregate g ; sum x by c unseen=ignore' >r.prep
csvprep --recipe r.prep --fit by.state -o s.tsr m.csv
csvprep --apply by.state new.csv >out
is "$(rows out)" $'sum.x.u sum.x.v\n1: 1 0' "or ignored"

# Combinations of new rows: those learnt, in their order, by two columns; another one is an error, or is left out of that
# part alone, with --fit-groups where it is learnt already.
put m.csv 'g,q,h,x\na,2,u,1\na,1,v,2\nb,10,u,4\nb,1,v,8'
put new.csv 'g,q,h,x\nc,1,v,3\nc,1,u,5\nd,2,u,7\nd,1,v,9\nd,1,v,1'
for unseen in error ignore; do
	printf '%s\n' "aggregate g ; sum x by q h ; count ; max x by h unseen=$unseen" 'drop g' >r.prep
	csvprep --recipe r.prep --fit by.state m.csv >s.tsr
	is "$(rows s.tsr)" $'sum.x.1.v sum.x.2.u sum.x.10.u count max.x.u max.x.v\n1: 2 1 0 2 1 2\n3: 8 0 4 2 4 8' "sums by two columns"
	is "$(tsrdump --field learnt s.tsr)" '1 "part 1" 1 v 2 u 10 u
1 "part 3" u v' "their combinations are learnt, numbers in their order"
	[ $unseen = ignore ] ||
		fails 3 "^csvprep: by.state: line 2 \(aggregate\): new.csv: line 3, column 'q': '1' with what it goes with was not seen before" \
			"another combination is refused" csvprep --apply by.state new.csv
done
csvprep --apply by.state new.csv >s.tsr
is "$(rows s.tsr)" $'sum.x.1.v sum.x.2.u sum.x.10.u count max.x.u max.x.v\n1: 3 0 0 2 5 3\n3: 10 7 0 3 7 9' "or left out"
printf '%s\n' 'group g' 'aggregate g ; sum x by q h unseen=ignore' >r.prep
csvprep --recipe r.prep --fit-groups a m.csv >s.tsr
is "$(rows s.tsr)" $'sum.x.1.v sum.x.2.u\n1: 2 1\n3: 8 0' "learnt from one group"
gives $'min.x.p max.x.p mean.x.p sum.x.p count.p\n1: -2 5 1 3 4' "negative numbers, an empty one" \
	$'aggregate g ; min x by h ; max x by h ; mean x by h ; sum x by h ; count by h\ndrop g' 'g,h,x\na,p,5\na,p,-2\na,p,\na,p,0'
gives $'min.x max.x\n1: 3 5' "a minimum above 0" $'aggregate g ; min x ; max x\ndrop g' 'g,x\na,5\na,3'
gives $'min.x max.x\n1: -5 -3' "a maximum below 0" $'aggregate g ; min x ; max x\ndrop g' 'g,x\na,-5\na,-3'
wrong "behind .by. single columns are required, each once" "the same column twice" 'aggregate g ; count by q q' 'g,q\na,1'
wrong "m.csv: column 'c' has no value to learn from" "a mode of nothing" 'fill c with=mode' 'c,x\n,1'
gives $'x\n1: 1' "a carriage return in a name, by its escape" 'drop "a\rb"' 'x,"a\rb"\n1,2'
state 'sertools-prep-state 1\nstep clip x iqr=1\nlearnt 1 "x" q1 1 q3 2 low 1\n' \
	"line 2 \(clip\): bad.state: what was learnt of column 'x' is malformed" "without an upper limit"
state 'sertools-prep-state 1\nstep clip x iqr=1\nlearnt 1 "x" q1 1 q3 2 high 1\n' \
	"line 2 \(clip\): bad.state: what was learnt of column 'x' is malformed" "without a lower one"
state 'sertools-prep-state 1\nstep fill x with=mean\nlearnt 1 "x" value\n' \
	"line 2 \(fill\): bad.state: what was learnt of column 'x' is malformed" "without a value"
awk 'BEGIN { for (i = 0; i < 64; i++) printf "m%d,", i; print "x"; for (i = 0; i < 64; i++) printf "%d,", i; print 1 }' >m.csv
echo 'meta m*' >r.prep
fails 3 '^csvprep: more than [0-9]+ columns as meta$' "very many columns of meta" csvprep --recipe r.prep m.csv
n=$(grep -o '[0-9]*' err | head -n 1)
awk -v n="$n" 'BEGIN { for (i = 0; i < n; i++) printf "m%d,", i; print "x"; for (i = 0; i < n; i++) printf "%d,", i; print 1 }' >m.csv
run 0 "as many as may be" csvprep --recipe r.prep m.csv
is "$(tsrdump --tsv --columns m0,m$((n - 1)) out | tail -n 1 | awk '{ print $(NF - 1), $NF }')" "0 $((n - 1))" "are all there"

# Columns of the stream

: >r.prep
put m.csv 'x,y1,y2,z\n1,2,3,4'
col() { csvprep --recipe r.prep --columns "$1" m.csv >s.tsr 2>err; is "$(rows s.tsr 2>/dev/null || cat err)" "$2" "--columns $1"; }
col x $'x\n1: 1'
col 'z,y*' $'y1 y2 z\n1: 2 3 4'
fails 3 "^csvprep: --columns: no feature fits 'q\*'$" "that fit none" csvprep --recipe r.prep --columns 'x,q*' m.csv

# Long tables, which go batch by batch

every=1
[ -z "${SER_VALGRIND-}" ] || every=4
awk -v n=$((21000 / every)) 'BEGIN {
	print "g,x,c"
	for (i = 0; i < n; i++)
		printf "\"g%d\",%d.%d,%s\n", i % 7, i * 7919 % 1000, i % 10, i % 5 == 0 ? "" : "c" i * i % 11
}' >long.csv
printf '%s\n' 'filter g != g3' 'derive d substring c 2 2' 'fill d with=-1' 'clip x low=10' 'encode c c0 c1 unseen=5' 'fill c with=7' 'group g' >r.prep
n=$(($(wc -l <long.csv) - 1))
csvprep -q --recipe r.prep -o whole.tsr long.csv
cut=$((n / 3))
head -n $((cut + 1)) long.csv >part1.csv
{ head -n 1 long.csv && tail -n +$((cut + 2)) long.csv; } >part2.csv
for part in 1 2; do
	csvprep -q --recipe r.prep part$part.csv | tsrdump --data - | cut -f 2-
done >parts
tsrdump --data whole.tsr | cut -f 2- >whole
same whole parts "$n rows are what their parts are"
is "$(wc -l <whole)" "$(grep -vc -e g3 -e ^g, long.csv)" "none is lost"
printf '%s\n' 'filter g != g3' 'drop-missing c' 'clip x iqr=1.5' 'scale x' 'onehot c' 'group g' >r.prep
csvprep -q --recipe r.prep --fit long.state long.csv >whole.tsr
csvprep -q --apply long.state long.csv >batches.tsr
tsrdump --data whole.tsr >whole
tsrdump --data batches.tsr >batches
same whole batches "a state applied in batches gives what it was learnt with as a whole"
for part in 1 2; do
	csvprep -q --apply long.state part$part.csv | tsrdump --data - | cut -f 2-
done >parts
cut -f 2- whole >batches
same batches parts "and so do parts"

# A joined column, whose strings all batches share, as text in what is held as a whole.
{ echo k,x && seq 1 9000 | awk '{ print "k" $1 % 3 + 1 "," $1 }'; } >shared.csv
printf '%s\n' 'join t k=id columns=v' 'scale x method=minmax' 'select v k' 'encode v 5 3 1' 'encode k' >r.prep
csvprep --recipe r.prep shared.csv t=t.csv | tsrdump --data - | cut -f 3- >got
seq 1 9000 | awk -v OFS='\t' '{ k = $1 % 3; print 2 - k, k }' >want
same got want "a joined column in 9000 rows that are held as a whole"

# Categories that first appear batches later: c and 10 in row 4200, a and -1 in row 8300. Their codes by awk,
# from the lists that prep(5) has them in.
awk 'BEGIN {
	print "t,n"
	for (i = 1; i <= 9000; i++) {
		t = i % 2 ? "p" : "m"
		n = i % 3 ? 9 : 30
		if (i >= 4200 && i % 5 == 0) { t = "c"; n = 10 }
		if (i >= 8300 && i % 7 == 0) { t = "a"; n = -1 }
		print t "," n
	}
}' >late.csv
# codes T N: each row's codes where these are the categories in their order, and the one-hot columns of N.
codes() {
	awk -F , -v t="$1" -v n="$2" 'BEGIN { split(t, a, " "); for (k in a) code["t" a[k]] = k - 1
			many = split(n, b, " "); for (k in b) code["n" b[k]] = k - 1 }
		NR > 1 { printf "%d: %d", NR - 1, code["t" $1]
			for (k = 0; k < many; k++) printf " %d", code["n" $2] == k
			print "" }' late.csv
}
for order in sorted appearance; do
	printf '%s\n' "encode t order=$order" "onehot n order=$order" >r.prep
	run 0 "categories of 9000 rows, $order" csvprep --recipe r.prep --fit late.state -o s.tsr late.csv
	if [ $order = sorted ]; then t="a c m p" n="-1 9 10 30"; else t="p m c a" n="9 30 10 -1"; fi
	is "$(tsrdump --field column s.tsr | paste -s -d ' ')" "t n=${n// / n=}" "- a column for each number"
	is "$(tsrdump --field learnt s.tsr)" "1 \"t\" $t"$'\n'"2 \"n\" $n" "- are learnt once, from all rows"
	rows s.tsr | tail -n +2 >got
	codes "$t" "$n" >want
	same got want "- and each row has its code"
	csvprep --apply late.state <(head -n 1 late.csv && tail -n 300 late.csv) | tsrdump --data - | cut -f 3- >got
	tsrdump --data s.tsr | tail -n 300 | cut -f 3- >want
	same got want "- in new rows, too"
done

# --describe. Of 2 4 4 9: quartiles 3.5, 4, 5.25, mean 4.75, squares 7.5625+.5625+.5625+18.0625, deviation sqrt(26.75/3).

put m.csv 'x,c,e,k\n2,é,,1.0\n4,b,,1\n9,b,,\n4,,,2'
csvprep --describe --tsv m.csv >out
is "$(cat out)" "column${tab}type${tab}rows${tab}missing${tab}distinct${tab}longest${tab}min${tab}q1${tab}median${tab}q3${tab}max${tab}mean${tab}deviation${tab}values
x${tab}number${tab}4${tab}0${tab}3${tab}-${tab}2${tab}3.5${tab}4${tab}5.25${tab}9${tab}4.75${tab}2.98608${tab}4 (2), 2 (1), 9 (1)
c${tab}text${tab}4${tab}1${tab}2${tab}1${tab}-${tab}-${tab}-${tab}-${tab}-${tab}-${tab}-${tab}b (2), é (1)
e${tab}text${tab}4${tab}4${tab}0${tab}0${tab}-${tab}-${tab}-${tab}-${tab}-${tab}-${tab}-${tab}-
k${tab}number${tab}4${tab}1${tab}2${tab}-${tab}1${tab}1${tab}1${tab}1.5${tab}2${tab}1.33333${tab}0.57735${tab}1 (2), 2 (1)" "--describe"
run 0 "as text" csvprep --describe m.csv
is "$(wc -l <out) $(awk 'length($0) < 90' out | wc -l)" "5 0" "in columns"
is "$(sed -n 3p out)" 'c       text    4     1        2         1        -    -    -       -     -    -        -          b (2), é (1)' "that are aligned"
printf 'drop e k\nfilter x < 5\nencode c unseen=3 b' >r.prep
csvprep -q --describe --tsv --recipe r.prep m.csv >out
is "$(cut -f 1-5,7 out | tail -n 1)" "c${tab}number${tab}3${tab}1${tab}2${tab}0" "of what a recipe leaves"
run 0 "a header alone" csvprep --describe --tsv <(echo x,y)
is "$(cut -f 3-5 out | tail -n 1)" "0${tab}0${tab}0" "no rows"
put m.csv '"a\tb\n",y\n"p\nq",1'
csvprep --describe --tsv m.csv >out
is "$(wc -l <out)" 3 "tabs and line ends in cells stay out"

# --audit: 12 groups, rows in turn; the verdicts' own tests are unit/audit's.

awk 'BEGIN {
	print "g,l,leak,name,noise"
	for (i = 0; i < 480; i++) {
		l = substr("ABC", i * 7919 % 31 % 3 + 1, 1)
		print "g" i % 12 "," l "," (l == "A" ? 5 : l == "B" ? 7 : 1) "," i "_" l "_x," i * 104729 % 97 % 10
	}
}' >m.csv
printf 'label l\ngroup g\nderive one lookup g x 1 else=2\n' >r.prep
run 1 "a leak is status 1" csvprep --audit --tsv --recipe r.prep m.csv
is "$(awk -F '\t' '{ print $1, $2 }' out)" 'feature verdict
leak LEAK
name LEAK
noise NOTHING
one NOTHING
(row order) NOTHING' "verdicts"
is "$(awk -F '\t' '$1 == "leak" { print $4 }' out)" 1.0000 "by lookup all are right"
run 1 "as text" csvprep --audit --recipe r.prep m.csv
like "$(tail -n 1 out)" '^LEAK: name: .*\.$' "with reasons below"
run 0 "without them" csvprep --audit --recipe r.prep --columns noise m.csv

run 0 "with another seed" csvprep --audit --seed 5 --recipe r.prep --columns 'noise,one' m.csv
printf 'group g\n' >r.prep
fails 3 "^csvprep: r.prep: an audit requires a recipe that names the label's column and keeps it$" "without a label" csvprep --audit --recipe r.prep m.csv
printf 'label l\n' >r.prep
fails 3 "^csvprep: .*no row has a label in column 'l'" "no labels" csvprep --audit --recipe r.prep <(printf 'l,x\n,1\n')
fails 3 "^csvprep: .*all labels in column 'l' are the same" "one label" csvprep --audit --recipe r.prep <(printf 'l,x\nA,1\nA,2\n')

# Which verdicts have their grounds below the table. In 12 groups of 40 rows: the label itself; the label in 19 of 20
# rows; a name that 4 rows of a group share, with one label; a number that follows the label a little; noise.
awk 'BEGIN {
	print "g,l,leak,suspect,memory,signal,noise"
	for (i = 0; i < 480; i++) {
		name = i % 12 * 10 + int(i / 12) % 10
		k = (name + 17) * (name + 17) * 7919 % 9973 % 2
		print "g" i % 12 "," (k ? "A" : "B") "," k + 3 "," (i % 20 ? k : 1 - k) ",n" name * 6841 % 9973 "," \
			(i * 7919 % 9973 % 10 < 7 ? k : 1 - k) "," i * 104729 % 9973 % 10
	}
}' >grounds.csv
printf 'label l\ngroup g\n' >grounds.prep
run 1 "an audit of five columns" csvprep --audit --recipe grounds.prep grounds.csv
is "$(sed '/^$/,$d' out | sed 's/  */ /g; s/\( [A-Z]*\) .*/\1/')" 'feature verdict by accuracy baseline gain rows_split distinct
leak LEAK
suspect SUSPECT
memory IDENTIFIER
signal SIGNAL
noise NOTHING
(row order) NOTHING' "has each verdict"
is "$(sed '1,/^$/d; /^$/d; s/: its value gives .*/: VALUE/; s/: every value .*/: MEMORY/' out)" 'LEAK: leak: VALUE
SUSPECT: suspect: VALUE
IDENTIFIER: memory: MEMORY' "the grounds are those of what is more than a signal"
run 1 "in tabs" csvprep --audit --tsv --recipe grounds.prep grounds.csv
is "$(awk -F '\t' 'NR > 1 { print $1, ($9 != ""), NF }' out)" 'leak 1 9
suspect 1 9
memory 1 9
signal 1 9
noise 1 9
(row order) 1 9' "each row has its ground, and nothing is below"
# Groups of 12 to 30 rows, shuffled, whose numbers begin anywhere: the label is that of the place among them, from the
# first, from the last, or as a share of the group's own number.
ranks() {
	awk -v what="$1" 'BEGIN {
		print "g,l,x"
		for (g = 0; g < 24; g++) {
			n = 12 + g % 7 * 3
			for (i = 0; i < n; i++) {
				k = (11 * i + g * g) % n
				at = what == "rank" ? k / 12 : what == "rank-end" ? (n - 1 - k) / 12 : k / (n - 1)
				print "g" g "," substr("ABC", at < 1 / 3 ? 1 : at < 2 / 3 ? 2 : 3, 1) "," (g * 7919 % 97) * 1000 + 3 * k
			}
		}
	}'
}
for how in rank rank-end rank-tree; do
	ranks $how >ranks.csv
	run 1 "numbered in the order of the labels" csvprep --audit --tsv --recipe grounds.prep ranks.csv
	is "$(awk -F '\t' '$1 == "x" { print $2, $3, ($4 > 0.95) }' out)" "LEAK $how 1" "by $how"
done
# Of 8 rows all are told, which could be chance.
awk 'BEGIN { print "g,l,x,y"; for (i = 0; i < 8; i++) print "g" i % 4 "," (i * 5 % 8 < 4) "," (i * 5 % 8 < 4) "," i % 3 }' >few.csv
run 0 "too few rows" csvprep --audit --recipe grounds.prep few.csv
is "$(sed -n '/^$/,$s/: its value .*could be chance: audit a larger table\.$//p' out)" 'NOTHING: x' "what is strong, but could be chance, has its ground"

# Features keep their order, wherever the columns stand.
printf 'scale x y\nlabel l\n' >r.prep
put m.csv 'x,y,l\n1,10,a\n3,30,b'
csvprep --recipe r.prep --fit o.state m.csv >a.tsr
is "$(sed -n 's/^feature //p' o.state | tr '\n' ' ')" '"x" "y" ' "a state knows the features"
put other.csv 'l,y,x\na,10,1\nb,30,3'
csvprep --apply o.state other.csv >b.tsr
same a.tsr b.tsr "columns in another order, the same stream"
put other.csv 'l,y,x,z\na,10,1,0'
fails 3 "other.csv: there is a feature 'z' that o.state does not know" "a feature more" csvprep --apply o.state other.csv
put other.csv 'l,y\na,10'
fails 3 "no column 'x' here" "a feature less" csvprep --apply o.state other.csv
printf 'label l\n' >r.prep
csvprep --recipe r.prep --fit o.state m.csv >a.tsr
fails 3 "other.csv: the feature 'x', which o.state knows, is missing" "that no step names" csvprep --apply o.state other.csv

# Words.
put m.csv 'a,b,t\n1,2,\n3,4,x'
printf 'derive ab concat a b sep=" - "\nfill t with="the mean"\n' >r.prep
csvprep --recipe r.prep --describe --tsv --fit w.state m.csv >a.out
is "$(cut -f 1,14 a.out | tail -n 2 | tr '\t\n' '  ')" 't the mean (1), x (1) ab 1 - 2 (1), 3 - 4 (1) ' "an option's value in quotes"
csvprep --apply w.state --describe --tsv m.csv >b.out
same a.out b.out "also out of a state"
oops "line 1, column 12: 'unsen=3' is nearly encode's option unseen=" "a slip in an option's name" 'encode t x unsen=3'
oops "line 1, column 12: 'unesen=3' is nearly encode's option unseen=" "two letters swapped" 'encode t x unesen=3'
oops "line 1, column 6: no column 'n\*' here: there are x" "meta of nothing" 'meta n*'
printf 'aggregate g ; same l ; mean x\nlabel l\ngroup g' >r.prep
csvprep --recipe r.prep --fit w.state <(printf 'g,l,x\na,u,1\na,u,2\nb,v,3\n') >a.tsr
csvprep --apply w.state <(printf 'g,x\nc,5\nc,7\n') >b.tsr
is "$(tsrdump --tsv b.tsr | sed -n 2p | cut -f 1-3) $(tsrdump --data b.tsr | cut -f 3)" "1${tab}-${tab}c 6" "new rows may lack the label in every step"
finish
