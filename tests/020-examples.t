#!/bin/bash
# Every example of the manual, and of README's tour, runs as it stands: in the tree and
# installed. In a page's source, before an example (man/*.[157]):
#     .\" not run: WHY              it is listed here as skipped
#     .\" needs: PROGRAM            as skipped where that is not installed; python3:MODULE;
#                                   nnimport:keras, where the program was built without its files
#     .\" status: 0 1               its exit status is one of these, else 0
#     .\" text: COMMAND             it is no command, but a text, which COMMAND must take as ./text
. "${0%/*}/lib.sh"
if is_instrumented; then
	echo '1..0 # SKIP too slow under valgrind and ASan; the programs have tests of their own'
	exit 0
fi
need_tools make perl xz
need_install
path=${PATH#"$BUILD:"}
if find_python numpy; then
	mkdir bin && ln -s "$(command -v "$python")" bin/python3
	PATH=$tmp/bin:$PATH
fi

# extract FILE: from a page or README each example to ./N.marks, ./N.body.
extract() {
	awk '
		function end() {
			gsub(/\\e/, "\\", body)
			gsub(/\\-/, "-", body)
			sub(/^[ ]*/, "", body)
			printf "%s", marks >(++n ".marks")
			printf "%s", body >(n ".body")
			close(n ".marks")
			close(n ".body")
			marks = body = ""
		}
		FILENAME ~ /README/ && /^## / { on = $0 == "## A tour"; next }
		FILENAME ~ /README/ && on && /^    / { sub(/^    /, ""); body = body $0 "\n"; next }
		FILENAME ~ /README/ { if (body != "") end(); next }
		/^\.Sh / { on = /EXAMPLES|PIPELINES/; next }
		!on { next }
		/^\.\\" [a-z ]+: / { marks = marks substr($0, 5) "\n"; next }
		/^\.Dl / { body = substr($0, 5) "\n"; end(); next }
		/^\.Bd -literal/ { block = 1; next }
		/^\.Ed/ { end(); block = 0; next }
		block { body = body $0 "\n" }' "$1"
}

# commands BODY: its lines with the prompt, and what belongs to them; what follows
# "$ cat FILE" is the text of FILE.
commands() {
	awk '
		/^\$ cat [^ |]+$/ { name = $3; printf "cat >%s <<\"THE END\"\n", name; next }
		/^\$ / && name != "" { printf "THE END\ncat %s\n", name; name = "" }
		{ sub(/^\$ /, ""); print }
		END { if (name != "") printf "THE END\ncat %s\n", name }' "$1"
}

mark() { sed -n "s/^$1: //p" "$2"; }

# Inputs under the names that the examples have.
inputs() {
	python3 -c 'import numpy
numpy.savez("xy.npz", X=numpy.ones((4, 3, 2), "f4"), y=["a", "b", "a", "b"], speaker=["s", "s", "t", "t"])' 2>/dev/null
	perl -e 'for my $s (1 .. 24) { for my $e (3, 4, 6, 7) {
		my $x = join "", map { pack "v", 0xffff & int(6000 * sin($_ * ($e + $s / 40) / 15) * sin($_ / 1200)) } 0 .. 7999;
		mkdir "ravdess"; my $dir = sprintf "ravdess/Actor_%02d", $s; mkdir $dir;
		open my $o, ">:raw", sprintf("%s/03-01-%02d-01-01-01-%02d.wav", $dir, $e, $s) or die;
		print $o "RIFF", pack("V", 36 + length $x), "WAVEfmt ", pack("VvvVVvv", 16, 1, 1, 16000, 32000, 2, 16),
			"data", pack("V", length $x), $x } }'
	cp ravdess/Actor_01/03-01-03-01-01-01-01.wav x.wav
	cp "$data/exchange/mel.keras" model.keras
	cp "$data/exchange/mel.safetensors" model.safetensors
	"$BUILD/unit/mkaudio" talk.flac flac 16000 1 96000 voice
	ffmpeg -v error -f lavfi -i sine=d=5 talk.mp4 2>/dev/null
	find ravdess -name '*.wav' | sort | awk -f "$root/pipelines/datasets/ravdess.awk" >all.tsv
	awk '$4 <= 12' all.tsv >train.tsv
	awk '$4 > 20' all.tsv >test.tsv
	wavnorm --manifest all.tsv | melspec -o all.tsr
	tsrpick --group 17,18,19,20,21,22,23,24 --invert -o train.tsr all.tsr
	tsrpick --group 17,18,19,20 -o valid.tsr all.tsr
	tsrpick --group 21,22,23,24 -o test.tsr all.tsr
	sed 's/\(happy\|sad\)/yes/; s/\(fear\|disgust\)/no/' all.tsv | wavnorm --manifest - | melspec -o mine.tsr
	cp all.tsv new.tsv
	cp train.tsr x.tsr
	for net in crnn cnn1d lstm; do
		nntrain -q --net $net --epochs 1 --valid valid.tsr -o $net.bin train.tsr
	done
	# sertools.7 trims, and averages others with the model that it has made.
	mkdir trim
	wavnorm --trim 30 --manifest train.tsv | melspec -o trim/x.tsr
	for net in cnn1d lstm; do nntrain -q --net $net --epochs 1 -o trim/$net.bin trim/x.tsr; done
	rm trim/x.tsr
	cp crnn.bin a.bin
	nntrain -q --net crnn --seed 2 --epochs 1 -o b.bin train.tsr
	nnpredict crnn.bin test.tsr >predictions.tsv
	mkdir -p fold{1,2}/crnn out/audio-ravdess/fold{1,2}/cnn1d-{x3,plain}
	for run in fold1/crnn out/audio-ravdess/fold1/cnn1d-x3; do cp predictions.tsv $run; done
	nnpredict cnn1d.bin test.tsr >out/audio-ravdess/fold1/cnn1d-plain/predictions.tsv
	for run in fold2/crnn out/audio-ravdess/fold2/cnn1d-{x3,plain}; do nnpredict crnn.bin valid.tsr >$run/predictions.tsv; done
	cp predictions.tsv voice.tsv
	nnpredict lstm.bin test.tsr >face.tsv
	sed 's/happy/HAP/g; s/sad/SAD/g' voice.tsv >audio.tsv
	sed 's/happy/HAP/g; s/sad/SAD/g' face.tsv >video.tsv
	printf 'voice=$face -> $face\nelse -> $voice\n' >both.rules
	# One record and not a stack of them: (108,128), not (1,108,128).
	wavnorm x.wav | melspec | tsrnpy --to npy | perl -0777 -pe 's/\(1, (\d+, \d+\))/($1   /' >x.librosa.npy
	tables
}

# Tables of made-up answers.
tables() {
	perl -e 'print ",speaker,word,level,ms,emotion\n";
		for (1 .. 200) { my $h = $_ % 2; print "$_,s", $_ % 7, ",w", $_ % 5, ",", $h + ($_ * 37 % 11) / 9, ",", 400 + $_ * 7919 % 997, ",", $h ? "happy" : "sad", "\n" }' >answers.csv
	xz -k answers.csv
	perl -e 'print "name,sex,age\n"; print "s$_,", $_ % 2 ? "f" : "m", ",", 20 + $_, "\n" for 0 .. 6' >speakers.csv
	cp speakers.csv people.csv
	sed 's/happy$\|sad$//' answers.csv >new.csv
	cp answers.csv train.csv
	cp answers.csv test.csv
	printf 'drop @unnamed\nscale level ms\nonehot word unseen=zero\nlabel emotion happy sad\ngroup speaker\n' >mood.prep
	csvprep -q --recipe mood.prep -o table.tsr answers.csv
	awk -v what=responses -f "$root/pipelines/draw.awk" -f "$root/pipelines/csv-table.awk" >finishedResponses.csv
	perl -e 'print "clip,speaker,rater,mood,confidence,state\n";
		for (1 .. 60) { my $c = int($_ / 3); print "c$c,s", $c % 6, ",r$_,", $c % 2 ? "happy" : "sad", ",", qw(low medium high)[$_ % 3], ",final\n" }' >ratings.csv
	perl -e 'print "speaker,mood,x\n"; print "s$_,", $_ % 2 ? "happy" : "sad", ",$_\n" for 1 .. 20' >folds.csv
}

# example WHERE FILE N: runs it in the current folder.
example() {
	local marks=../$3.marks body=../$3.body where="$1: $2, example $3" got=0 why program module want
	why=$(mark 'not run' "$marks")
	[ -z "$why" ] || { skip "$where: $why" && return; }
	program=$(mark needs "$marks")
	module=${program#python3:}
	if [ "$program" = nnimport:keras ]; then
		nnimport -q -o x.imported model.keras 2>/dev/null || [ $? != 4 ] || { skip "$where: built without Keras's files" && return; }
	elif [ "$module" != "$program" ]; then
		python3 -c "import $module" 2>/dev/null || { skip "$where: there is no Python with $module" && return; }
	elif [ -n "$program" ]; then
		command -v "$program" >/dev/null || { skip "$where: $program is not installed" && return; }
	fi
	want=$(mark status "$marks")
	if grep -q '^text: ' "$marks"; then
		[ "$1" = installed ] && return # as in the tree
		cp "$body" text
		mark text "$marks" >script
	else
		commands "$body" >script
		grep -q '^\$ ' "$body" || { ok 1 "$where: no prompt" && return; }
	fi
	bash -euo pipefail script >../out 2>../err </dev/null || got=$?
	cd .. && ok "$([[ " ${want:-0} " == *" $got "* ]] && echo 0 || echo 1)" "$where" && cd "$OLDPWD" || exit 99
	[[ " ${want:-0} " == *" $got "* ]] || sed "s/^/# status $got: /" script
	! grep -q $'\x93TS' ../out
	ok $? "$where: writes no stream to a terminal"
}

# examples WHERE: of all pages, each in a folder of its own.
examples() {
	local file n
	for file in "$root"/man/*.[157] "$root/README.md"; do
		rm -rf work [0-9]*.marks [0-9]*.body
		extract "$file"
		[ -e 1.body ] || continue
		cp -r inputs work
		cd work || exit 99
		[ "${file##*/}" != README.md ] || sed -i '1i join people speaker=name\nencode sex f m' mood.prep
		[ "${file##*/}" != sertools.7 ] || cp trim/* .
		for ((n = 1; ; n++)); do
			[ -e ../$n.body ] || break
			example "$1" "${file##*/}" $n
		done
		cd ..
	done
}

mkdir inputs && cd inputs || exit 99
inputs >../out 2>../err
cd ..
ok "$([ -s inputs/folds.csv ] && [ -s inputs/face.tsv ] && echo 0 || echo 1)" 'the inputs are there'
examples 'in the tree'
run 0 'make install' install install
PATH=$tmp/root/opt/ser/bin:$tmp/bin:$path
export MANPATH=$tmp/root/opt/ser/share/man
unset SERTOOLS_DATADIR
like "$(command -v nntrain)" "^$tmp/root" 'the installed programs are found'
examples 'installed'
finish
