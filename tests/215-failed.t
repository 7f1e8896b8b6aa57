#!/bin/bash
# One cause, one message: programs behind a failed one in a pipe fail too, and add nothing.
. "${0%/*}/lib.sh"
. "$root/tests/streams.sh"

"$BUILD/unit/mkaudio" a.wav wav 16000 1 48000
echo 'this is no recording' >bad.wav
printf 'a.wav\ta\tsad\ts1\na.wav\tb\thappy\ts2\n' >m.tsv
{ cat m.tsv && printf 'bad.wav\tc\thappy\ts2\n'; } >broken.tsv
printf 'flatten\ndense classes\nsoftmax\n' >n.net
wavnorm --manifest m.tsv -o wave.tsr
melspec -o good.tsr wave.tsr
nntrain -q --net n.net --epochs 1 -o m.bin good.tsr
nnpredict -q m.bin good.tsr >good.tsv

# piped STATUSES REGEX PIPE: of the pipe's programs the exit statuses, and together one
# line on standard error that matches.
piped() {
	local got
	got=$(bash -c "exec 3>&1 >out 2>err; $3; "'echo ${PIPESTATUS[*]} >&3')
	is "$got" "$1" "$3: statuses"
	is "$(wc -l <err)" 1 "one line"
	like "$(cat err)" "$2" "which tells the cause"
}

piped '3 3 3' '^wavnorm: bad.wav: ' 'wavnorm bad.wav | melspec | nnpredict m.bin'
piped '3 3 3 3' '^wavnorm: nowhere.wav: ' 'wavnorm nowhere.wav | augment | melspec | tsrdump --check'
piped '3 3 3 3 3' '^wavnorm: bad.wav: ' 'wavnorm --manifest broken.tsv | augment | melspec | nnpredict m.bin | evalconf'
piped '3 3 3' '^wavnorm: nowhere.tsv: ' 'wavnorm --manifest nowhere.tsv | melspec | tsrpick --count'
piped '2 3 3' '^wavnorm: .*--nosuch' 'wavnorm --nosuch a.wav | melspec | nnpredict m.bin'
piped '3 3 3' '^melspec: .*--fmax' 'melspec --fmax 20000 wave.tsr | tsrpick --first 1 | tsrnpy --to npz'
piped '3 3' '^csvprep: nowhere.prep: ' "csvprep --recipe nowhere.prep m.tsv | nntrain --net n.net"
piped '3 3' '^nnpredict: nowhere' 'nnpredict nowhere.bin good.tsr | evalconf'
piped '3 3' '^nnpredict: bad.wav' 'nnpredict m.bin good.tsr bad.wav | evalconf'
piped '3 3' '^nnpredict: bad.wav' 'nnpredict m.bin good.tsr bad.wav | evalcmp --versus good.tsv -'
piped '3 3' '^nnpredict: bad.wav' 'nnpredict m.bin good.tsr bad.wav | csvprep --delimiter tab --describe'
piped '3 3' '^fuse: nowhere.rules' 'fuse --rules nowhere.rules a=good.tsv b=good.tsv | csvprep --describe'
piped '3 3' '^nnpredict: bad.wav' 'nnpredict --tensor m.bin good.tsr bad.wav | tsrdump'
piped '3 3' '^wavnorm: bad.wav' 'wavnorm bad.wav | tsrdump --check - good.tsr'
piped '3 0' '^wavnorm: bad.wav' 'wavnorm bad.wav | true'
piped '3 3' '^wavnorm: bad.wav' 'wavnorm bad.wav | melspec -o kept.tsr'
[ ! -e kept.tsr ]
ok $? "no output of a program that failed so appears"
cp good.tsr kept.tsr
fails 3 '^wavnorm: bad.wav' "with a named pipe too" bash -c 'melspec -o kept.tsr <(wavnorm a.wav bad.wav)'
same kept.tsr good.tsr "and an older output stays"

# What did not fail, but ended: the one that finds it says so, and those behind are quiet.
piped '0 3 3 3' '^melspec: standard input: .*(empty|nothing)' 'true | melspec | nnpredict m.bin | evalconf'
piped '0 3 3' '^augment: standard input: byte [0-9]+: the stream is cut off' '<wave.tsr head -c 5000 | augment | melspec'
piped '143 3 3' '^melspec: standard input: byte [0-9]+: the stream is cut off' \
	'(wavnorm a.wav | head -c 4096; kill $BASHPID) | melspec | tsrdump --check'
piped '3 3' '^wavnorm: bad.wav' '(wavnorm a.wav; wavnorm bad.wav) | tsrdump --check'

# In a file nothing of this is an end, nor for whoever does not know it.
wavnorm --manifest broken.tsv >file.tsr 2>/dev/null
fails 3 'file.tsr: .*cut off' "a file without an end" tsrdump --check file.tsr
wavnorm --manifest broken.tsv 2>/dev/null | cat >file.tsr
fails 3 'file.tsr: cut off: the program that wrote it failed' "one that came by a pipe" tsrdump --check file.tsr
is "$(tail -c 1 file.tsr | od -An -tx1)" ' 18' "ends with the byte of tsr(5)"
nnpredict m.bin good.tsr bad.wav 2>/dev/null | cat >file.tsv
fails 3 'file.tsv: cut off: the program that wrote it failed' "and predictions" evalconf file.tsv
run 3 "text for people has no such end" bash -c 'tsrpick --count bad.wav | cat; exit ${PIPESTATUS[0]}'
is "$(wc -c <out)" 0 "not even of what --count prints"
finish
