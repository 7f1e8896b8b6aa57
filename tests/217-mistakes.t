#!/bin/bash
# The commonest mistakes: the message says what to type next.
. "${0%/*}/lib.sh"
. "$root/tests/streams.sh"

# Options
while IFS='|' read -r option message; do
	# shellcheck disable=SC2086
	fails 2 "^wavnorm: $message$" "wavnorm $option" wavnorm $option
done <<'END'
--treads=4|unknown option '--treads=4': did you mean --threads\?
--secnds 3|unknown option '--secnds': did you mean --seconds\?
--mainfest x|unknown option '--mainfest': did you mean --manifest\?
--sample-rate=16000|unknown option '--sample-rate=16000': did you mean --rate\?
--verbos-e|unknown option '--verbos-e': did you mean --verbose\?
-threads 4|unknown option '-threads': did you mean --threads\?
-rate=3|unknown option '-rate=3': did you mean --rate\?
--SECONDS=3|unknown option '--SECONDS=3': did you mean --seconds\?
--xyzzy|unknown option '--xyzzy' \(see --help\)
-x|unknown option '-x' \(see --help\)
-qx|unknown option '-x' \(see --help\)
-xq|unknown option '-x' \(see --help\)
--s|'--s' may be any of --seconds, --step, --segments, --skip-bad
--rate|option '--rate' requires a value: --rate HZ
--rat|option '--rat' requires a value: --rate HZ
-j|option '-j' requires a value: -j N
-o|option '-o' requires a value: -o FILE
--quiet=1|option '--quiet=1' takes no value
--rate=16k|--rate: '16k' is not a number
--seconds=2,5|--seconds: '2,5' is not a number \(a decimal point is required\)
END
run 0 "an abbreviation is one" wavnorm --vers

# Names
mkdir -p d
maketsr d/train.tsr <<<$'H type=mel\nT f32 2,2 ramp key=a label=x group=s1\nT f32 2,2 ramp key=b label=y group=s2\nE'
fails 3 '^tsrdump: d/tain.tsr: No such file or directory: did you mean d/train.tsr\?$' "a stream's name" tsrdump d/tain.tsr
fails 3 '^tsrdump: tain.tsr: No such file or directory$' "only in its folder" tsrdump tain.tsr
fails 3 '^tsrdump: d/xyz.tsr: No such file or directory$' "nothing is near" tsrdump d/xyz.tsr
fails 3 '^tsrnpy: d/tain.tsr: No such file .*did you mean d/train.tsr' "of a conversion" tsrnpy -o x.npz d/tain.tsr
fails 3 '^tsrnpy: nowhere.npy: No such file or directory$' "of an array" tsrnpy -o x.tsr nowhere.npy
fails 3 '^tsrnpy: nowhere.npz: No such file or directory$' "of an archive, to a pipe" tsrnpy nowhere.npz
fails 3 '^tsrnpy: d: is a directory' "a directory" tsrnpy -o x.tsr d
printf 'a,b\n1,2\n' >d/table.csv
fails 3 '^csvprep: d/tabel.csv: No such file or directory: did you mean d/table.csv\?$' "of a table" csvprep --describe d/tabel.csv
fails 3 '^evalconf: d/table.tsv: No such file or directory: did you mean' "of predictions" evalconf d/table.tsv
fails 3 '^nntrain: crn: .*did you mean .*/crnn.net\? \(sertools list nets' "of a net" nntrain --net crn d/train.tsr
fails 3 '^nnpredict: x: .*sertools list models names those there are; nntrain makes models' "of a model" nnpredict x d/train.tsr

# Records
run 0 "no record is picked" tsrpick -o none.tsr --group s3 d/train.tsr
is "$(cat err)" "tsrpick: none of 2 records picked: no record has group 's3': it is s1, s2" "which says what there is"
tsrpick -o none.tsr --group s1 --label y d/train.tsr 2>err
is "$(cat err)" "tsrpick: none of 2 records picked: none meets all conditions" "each condition is met by some"
tsrpick -q -o none.tsr --group s3 d/train.tsr 2>err
is "$(cat err)$(tsrpick --count --group s3 d/train.tsr 2>&1)" 0 "not with -q, nor where the number is printed"
seq 1 9 | { echo H type=mel && sed 's/.*/T f32 1,1 ramp key=k& group=g&/' && echo E; } | maketsr many.tsr
fails 3 "no record has group 'g0': it is g1, g2, g3, g4, g5, ...$" "some of many" tsrpick --require-each --group g0 many.tsr

# Types: the filter between
maketsr wave.tsr <<<$'H type=wave rate=8000\nT f32 9 ramp key=a\nE'
maketsr scores.tsr <<<$'H type=scores\nT f64 2 ramp key=a\nE'
fails 3 'this is a wave stream; a mel or table stream is expected: put melspec before' "waves for features" nntrain --net crnn wave.tsr
fails 3 'this is a mel stream; a wave stream is expected: melspec comes last' "features for waves" melspec d/train.tsr
fails 3 'this is a scores stream.*nnpredict without --tensor' "scores for features" nntrain --net crnn scores.tsr

# Tables
while IFS='|' read -r name bytes message; do
	# shellcheck disable=SC2059
	printf "$bytes" >"$name"
	fails 3 "^csvprep: $name: $message" "$name to csvprep" csvprep --describe "$name"
	# shellcheck disable=SC2059
	printf "$bytes" | gzip >"$name.gz"
	fails 3 "^csvprep: $name.gz: ${message//$name/$name.gz}" "and compressed" csvprep --describe "$name.gz"
done <<'END'
x.wav|RIFF\x24\0\0\0WAVEfmt |this is a WAV recording, not a CSV file: try wavnorm x.wav . melspec$
x.m4a|\0\0\0\x20ftypM4A |this is an M4A, MP4 or MOV recording, not a CSV file: try ffmpeg
x.tsr|\x93TS\n\1H|this is a tensor stream, not a CSV file: try tsrdump --tsv x.tsr$
x.xlsx|PK\3\4\x14\0\0\0\0\0[Content_Types].xml|this is an Excel or other Office file, not a CSV file: save it as CSV
x.parquet|PAR1\x15\4|this is a Parquet table, not a CSV file: save it as CSV
x.html|<html><body>|this is a web page, not a CSV file
x.json|[{"a": 1}]|this is a JSON file, not a CSV file
utf16.csv|\xff\xfea\0,\0b\0\n\0|this is text in UTF-16, not a CSV file: try iconv -f UTF-16 -t UTF-8 utf16.csv
lfs.csv|version https://git-lfs.github.com/spec/v1\noid|this is a Git LFS pointer, not a CSV file: git lfs pull
semi.csv|name;age;score\nann;3;1,5\nbob;4;2,5\n|line 1: semicolons separate the cells: try --delimiter semicolon$
quoted.csv|"name";"age"\n"ann";"3"\n|line 1: semicolons separate the cells: try --delimiter semicolon$
tabs.csv|name\tage\nann\t3\n|line 1: tabs separate the cells: try --delimiter tab$
bars.csv|name\x7cage\nann\x7c3\n|line 1: bars separate the cells: try --delimiter '.'$
head.csv|name;age\n|line 1: semicolons separate the cells: try --delimiter semicolon$
bom.csv|\xef\xbb\xbfname;age\n1;2\n|line 1: semicolons separate the cells: try --delimiter semicolon$
END
fails 3 'd/table.csv: line 1: commas separate the cells: try --delimiter comma$' "and the reverse" csvprep --delimiter tab --describe d/table.csv
for text in 'note\nfirst; second\nthird\n' 'id,list\n1,a;b\n2,c;d;e\n' 'one\n1\n2\n' 'a;b,c\n1,2\n'; do
	# shellcheck disable=SC2059
	printf "$text" >good.csv
	run 0 "no such mistake: $text" csvprep --describe good.csv
done

# Manifests
"$BUILD/unit/mkaudio" d/a.wav wav 8000 1 800
printf 'd/a.wav,a,sad,s1\n' >d/m.csv
fails 3 "^wavnorm: d/m.csv: line 1: no such file 'd/a.wav,a,sad,s1': tabs must separate path, key, label and group$" \
	"commas in a manifest" wavnorm --manifest d/m.csv
printf 'path\tkey\tlabel\td/a.wav\ta\tsad\n' >d/m.tsv
fails 3 "^wavnorm: d/m.tsv: line 1: no such file 'path': a manifest has no header$" "a header in one" wavnorm --manifest d/m.tsv
cp d/a.wav 'd/a,b;c.wav' && cp d/a.wav path
printf 'd/a,b;c.wav\npath\tkey\n' >d/m.tsv
run 0 "files of such names" wavnorm --manifest d/m.tsv

# Recipes
printf 'emotion,level\nsad,1\n' >d/e.csv
recipe() { printf '%s\n' "${@:3}" >d/r.prep && fails 3 "$1" "$2" csvprep --recipe d/r.prep d/e.csv; }
recipe "d/r.prep: line 1, column 1: there is no step 'scael': did you mean scale\?$" 'a step' 'scael level' 'label emotion'
recipe "there is no step 'xyzzy'$" 'none is near' 'xyzzy level'
recipe "no column 'levle' here: there are emotion, level$" 'a column' 'scale levle' 'label emotion'
recipe "the label's column 'Emotion' is missing at the end of the recipe: did you mean emotion\?$" "the label's" 'label Emotion'
recipe "the group's column 'who' is missing at the end of the recipe .csvprep --describe lists" "the group's" 'label emotion' 'group who'

# Rows that are equal to an earlier one, in all columns, also those that are not kept.
printf 'a,b,c\n1,x,1\n1,x,1\n1,x,2\n"1",x,1\n3,x,\n3,x,\n1,x1,\n' >rows.csv
printf 'label b\ndrop c\n' >r.prep
csvprep -v --recipe r.prep -o x.tsr rows.csv 2>err
is "$(cat err)" $'csvprep: rows.csv: rows equal to an earlier one: 3\ncsvprep: kept 7 of 7 rows' "duplicate rows are counted under -v"
is "$(tail -n +2 rows.csv | tr -d '"' | sort | uniq -c | awk '{ n += $1 - 1 } END { print n }')" 3 "as uniq(1) counts them"
csvprep --recipe r.prep -o x.tsr rows.csv 2>err
is "$(cat err)" '' "else not"
finish
