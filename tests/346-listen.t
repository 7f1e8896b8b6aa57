#!/bin/bash
# sertools listen: which recorder, what that is told, what comes of its sound, on a terminal
# and for programs, and how it ends. The recorders are pretended ones, which play a file.
. "${0%/*}/lib.sh"
. "$root/tests/voices.sh"
unset MAKEFLAGS MAKELEVEL RECORDER PULSE_SERVER PULSE_LATENCY_MSEC PULSE_RUNTIME_PATH PIPEWIRE_RUNTIME_DIR XDG_RUNTIME_DIR NO_COLOR
need_tools perl pgrep
export TMPDIR=$tmp/tmp HOME=$tmp/home
mkdir tmp home bin
# A tree as this one, without the models that come with it.
mkdir -p tree/pipelines/models && ln -s "$root"/pipelines/* tree/pipelines/ 2>/dev/null
export SERTOOLS_DATADIR=$tmp/tree

voices 4 6 8000 400
for f in s4-*-[1-3].wav; do tail -c +45 "$f"; done >talk.raw
perl -e 'local $/; $_ = <>; print "RIFF", pack("V", 36 + length), "WAVEfmt ", pack("VvvVVvv", 16, 1, 1, 16000, 32000, 2, 16), "data",
	pack("V", length), $_' talk.raw >talk.wav
moods s[1-4]-*.wav >all.tsv
front=(--rate 16000 --seconds all --trim 40 --trim-frame short --peak -0.915)
wavnorm -q "${front[@]}" --manifest all.tsv >waves.tsr
descriptors -q waves.tsr | functionals basic -o rows.tsr
descriptors -q --columns mel --restore-gain waves.tsr -o mels.tsr
cmvn -q --fit train.stats -o speakers.tsr rows.tsr
printf 'normalize\ndense 8\nrelu\nglobalavgpool\nsave mels\ninput row\nnormalize\ndense 8\nrelu\nconcat mels\ndense classes\nsoftmax\n' >duo.net
printf 'normalize\ndense 8\nrelu\ndense classes\nsoftmax\n' >mlp.net
printf 'normalize\ndense 8\nrelu\nglobalavgpool\ndense classes\nsoftmax\n' >mel.net
quick=(-q -j1 --epochs 20 --rate 1e-2)
nntrain "${quick[@]}" --net duo.net --beside row=rows.tsr -o tree/pipelines/models/ravdess.bin mels.tsr
nntrain "${quick[@]}" --net duo.net --beside row=speakers.tsr --stats train.stats -o tree/pipelines/models/ravdess-speaker.bin mels.tsr
nntrain "${quick[@]}" --net mlp.net -o rows.bin rows.tsr
wavnorm -q --seconds 0.6 --manifest all.tsv | melspec -q | nntrain "${quick[@]}" --net mel.net -o mel.bin
ok "$([ -s mel.bin ] && [ -s rows.bin ] && [ -s tree/pipelines/models/ravdess-speaker.bin ] && echo 0 || echo 1)" 'the models are there'

# A recorder: what it was told goes to $LOG, then it plays $SOUND, SPEED times as fast as
# it lasts, and after that, with FOREVER, nothing without end.
cat >recorder <<'END'
#!/usr/bin/perl
(my $name = $0) =~ s|.*/||;
if ("@ARGV" eq "--help") { print $ENV{NEWER} ? "  --raw  no header\n" : "  --rate\n"; exit }
open my $log, ">>", $ENV{LOG} or die;
print $log join(" ", $name, @ARGV, map { $ENV{$_} ? "$_=$ENV{$_}" : () } "AUDIODEV", "PULSE_LATENCY_MSEC"), "\n";
close $log;
if (my $why = $ENV{BROKEN}) { print STDERR "libx: no card\n$name: $why\n\n"; exit 1 }
open my $in, "<:raw", $ENV{SOUND} or die;
while (1) {
	my $n = read $in, my $x, 3200;
	last if !$n && !$ENV{FOREVER};
	$x = "\0" x 3200 if !$n;
	syswrite STDOUT, $x;
	select undef, undef, undef, 0.1 / $ENV{SPEED};
}
exit($ENV{STATUS} || 0);
END
chmod +x recorder
export LOG=$tmp/log SOUND=$tmp/talk.raw SPEED=1000 FOREVER='' BROKEN='' STATUS='' NEWER=''

# With no other recorders than those that are pretended: all else that is used, by its name.
mkdir real prog
for p in sh awk mawk gawk cat env grep sed sort rm mkfifo mktemp tee stty sleep readlink uname tr find cut basename perl kill true; do
	[ ! -e "$(type -P $p)" ] || ln -s "$(type -P $p)" real/
done
for f in "$BUILD"/*; do [ ! -f "$f" ] || [ ! -x "$f" ] || ln -s "$f" prog/; done
rm prog/sertools
cp "$BUILD/sertools" prog/ # which runs what lies beside it
recorders() {
	rm -f bin/*
	for p; do cp recorder "bin/$p"; done
}
PROGRAMS=$tmp/prog
alone=$tmp/bin:$tmp/real:$PROGRAMS
hear() { env PATH="$alone" "$PROGRAMS/sertools" listen "$@"; }
told() {
	cat log
	rm -f log
}

recorders
fails 4 'no program that records is installed: arecord \(alsa-utils\).* \| sertools listen --raw s16le,16000,1' 'without a recorder' hear
recorders arecord parec pw-record rec sox ffmpeg
run 0 'without a sound server' hear
is "$(told)" 'arecord -q -t raw -f S16_LE -r 16000 -c 1 PULSE_LATENCY_MSEC=50' 'arecord records'
mv out lines
wavnorm --like ravdess --window 3 --step 1 - <talk.wav | descriptors --like ravdess >m.tsr
wavnorm --like ravdess --beside row --window 3 --step 1 - <talk.wav | descriptors --like ravdess --beside row |
	functionals --like ravdess --beside row >r.tsr
nnpredict --beside row=r.tsr ravdess m.tsr >want
same lines want 'and the lines are those of the programs, by windows of 3 s every second'
is "$(wc -l <lines)" 4 'of which there are three in 5 s'

mkdir -p runtime/pulse
socket() { perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 1) or die' "$1"; }
socket runtime/pipewire-0
export XDG_RUNTIME_DIR=$tmp/runtime
run 0 'where PipeWire runs' hear rows
is "$(told)" 'pw-record --rate 16000 --channels 1 --format s16 - PULSE_LATENCY_MSEC=50' 'its recorder records'
run 0 'a newer one' env NEWER=1 PATH="$alone" "$PROGRAMS/sertools" listen rows
is "$(told)" 'pw-record --raw --rate 16000 --channels 1 --format s16 - PULSE_LATENCY_MSEC=50' 'is told not to write a header'
socket runtime/pulse/native
run 0 'where PulseAudio does, too' hear rows
is "$(told)" 'parec --raw --format=s16le --rate=16000 --channels=1 --latency-msec=50 PULSE_LATENCY_MSEC=50' 'parec does'
run 0 'ffmpeg then' hear --with ffmpeg rows
is "$(told)" 'ffmpeg -nostdin -loglevel error -f pulse -fragment_size 3200 -i default -ac 1 -ar 16000 -f s16le -flush_packets 1 - PULSE_LATENCY_MSEC=50' \
	'asks that server'
recorders arecord
run 0 'without its recorder' hear rows
like "$(told)" '^arecord ' 'another is taken'
unset XDG_RUNTIME_DIR
recorders arecord parec pw-record rec sox ffmpeg
PULSE_SERVER=far run 0 'a server elsewhere' hear rows
like "$(told)" '^parec ' 'counts'
while read -r name rest; do
	recorders "$name"
	run 0 "only $name" hear mel --device 'my mic' --step 0.3
	is "$(told)" "$name $rest PULSE_LATENCY_MSEC=50" 'records, at the rate of the model'
done <<'END'
rec -q --buffer 1024 -t raw -e signed -b 16 -L -r 22050 -c 1 - AUDIODEV=my mic
sox -q --buffer 1024 -d -t raw -e signed -b 16 -L -r 22050 -c 1 - AUDIODEV=my mic
ffmpeg -nostdin -loglevel error -f alsa -i my mic -ac 1 -ar 22050 -f s16le -flush_packets 1 -
arecord -q -t raw -f S16_LE -r 22050 -c 1 -D my mic
parec --raw --format=s16le --rate=22050 --channels=1 --latency-msec=50 --device=my mic
pw-record --rate 22050 --channels 1 --format s16 --target my mic -
END
printf '#!/bin/sh\necho Darwin\n' >bin/uname
cp recorder bin/ffmpeg && chmod +x bin/*
run 0 'on macOS' hear --with=ffmpeg rows
like "$(told)" '^ffmpeg -nostdin -loglevel error -f avfoundation -i :default -ac 1 -ar 16000 ' 'ffmpeg asks AVFoundation'

recorders arecord sox
RECORDER=sox run 0 'RECORDER' hear rows
like "$(told)" '^sox ' 'chooses'
run 0 'RECORDER=' hear RECORDER=sox rows
like "$(told)" '^sox ' 'does, too'
RECORDER=arecord run 0 '--with' hear --with sox rows
like "$(told)" '^sox ' 'has precedence'
fails 4 'parec is not installed' 'one that is not there' hear --with parec
fails 2 "--with 'arecrd': .* are known; did you mean arecord\?; any other can be piped: arecrd \.\.\." 'one that is not known' hear --with arecrd

# What fails, and how.
BROKEN='audio open error: No such file' fails 4 \
	'^sertools: arecord: audio open error: No such file; arecord -L lists devices for --device$' 'a recorder without a microphone' hear --with arecord
STATUS=3 fails 4 '^sertools: sox: ended with status 3; ' 'one that dies' hear --with sox
is "$(grep -c '^stdin' out)" 3 'what it recorded is predicted'
SOUND=/dev/null fails 3 'no audio|empty' 'one that records nothing' hear --with sox
fails 3 'nowhere: no such model' 'no such model' hear nowhere
fails 2 "'talk.wav' is no model; --from talk.wav hears a recording" 'a recording for a model' hear talk.wav
fails 2 "'mel': one model" 'two models' hear rows mel
fails 2 "unknown option '--devise.*; did you mean --device" 'an unknown option' hear --devise=x
fails 2 "unknown option '-x'" 'an unknown letter' hear -x
fails 2 '^sertools: --window: a value is required' 'an option without its value' hear --window
for option in --top=0 --smooth=x --top=; do fails 2 'no number from 1 on' "$option" hear $option; done
for value in x '' 1-2; do fails 2 'no number of dB' "--silence '$value'" hear --silence "$value"; done
fails 2 '--device is for a microphone' 'a device of a file' hear --device x --from talk.wav
fails 3 'nowhere: cannot be read' 'a file that is not there' hear --from nowhere
fails 3 '\.: cannot be read' 'a folder' hear --from .
fails 3 'wavnorm: .*--window' 'a window of no length' hear --window 0
fails 3 'wavnorm: .*--raw' 'samples of no kind' hear --raw s17le,16000,1
fails 3 "no speaker is known as 'eve'" 'a speaker who is not enrolled' hear --speaker eve

# In place of the microphone.
run 0 'a file' hear --from talk.wav
same out want 'gives the same lines'
run 0 'a pipe' bash -c 'cat talk.wav | sertools listen -'
same out want 'does'
run 0 'a raw one' bash -c 'cat talk.raw | sertools listen --raw s16le,16000,1 -'
same out want 'does'
run 0 'without the dash' bash -c 'cat talk.raw | sertools listen --raw=s16le,16000,1'
same out want 'does'
run 0 'a raw file' sertools listen --raw s16le,16000,1 --from talk.raw
same out want 'does'
run 0 'a FIFO' bash -c 'mkfifo f; cat talk.wav >f & sertools listen --from f'
same out want 'does'
cp talk.wav $'odd \'"\n name.wav'
run 0 'a file with an odd name' sertools listen --from $'odd \'"\n name.wav'
same out want 'does'
run 0 '--tsv' sertools listen --tsv --from talk.wav
same out want 'is the same'
run 0 '--json, and options of nnpredict' sertools listen --json --top 2 --threshold 0.9 --temperature 2 --labels fr --from talk.wav
nnpredict --json --top 2 --threshold 0.9 --temperature 2 --labels fr --beside row=r.tsr ravdess m.tsr >o 2>/dev/null
like "$(cat err)" 'nnpredict: .*fr' 'say what nnpredict says'
same out o 'and are its own'
run 0 'other windows' sertools listen --window 2 --step 0.5 rows --from talk.wav
wavnorm --like rows.bin --window 2 --step 0.5 - <talk.wav | descriptors --like rows.bin | functionals --like rows.bin | nnpredict rows.bin >o
same out o 'of a model of one input'
run 0 'records of one length' sertools listen --from talk.wav mel.bin
wavnorm --like mel.bin --step 1 - <talk.wav | melspec --like mel.bin | nnpredict mel.bin >o
same out o 'are as long as the model has it'
sertools enroll eve s4-*.wav 2>/dev/null
run 0 'a speaker who is known' sertools listen --speaker eve --from talk.wav
wavnorm --like ravdess-speaker --beside row --window 3 --step 1 - <talk.wav | descriptors --like ravdess-speaker --beside row |
	functionals --like ravdess-speaker --beside row |
	cmvn -q --like ravdess-speaker --beside row --apply home/.local/share/sertools/speakers/eve.stats --group eve |
	nnpredict --beside row=/dev/stdin ravdess-speaker m.tsr >o
same out o 'by the model for those, as the programs have it'

# How it ends.
gone() {
	is "$(pgrep -f "$tmp/" | wc -l)" 0 'no process stays'
	is "$(ls tmp)" '' 'nor a file'
}
# listening SIGNAL COMMAND...: sends it when four lines have come.
listening() {
	local signal=$1 pid status=0 i
	shift
	: >out # of the command before: this one would get the signal before it runs
	FOREVER=1 SPEED=20 "$@" >out 2>err &
	pid=$!
	for ((i = 0; i < 300 && $(wc -l <out) < 5; i++)); do sleep 0.1; done
	kill -"$signal" $pid
	# On a machine with much else to do, a shell that was just busy has been seen to miss one.
	(for ((i = 0; i < 5; i++)); do
		for ((j = 0; j < 10; j++)); do sleep 1 && kill -0 $pid || exit; done
		kill -"$signal" $pid
	done) 2>/dev/null &
	wait $pid || status=$?
	is "$status $(wc -l <err)" "$want_status 0" "it ends with status $want_status, and says nothing"
}
recorders arecord
for signal in INT TERM HUP; do
	case $signal in INT) want_status=0 ;; TERM) want_status=143 ;; HUP) want_status=129 ;; esac
	# A shell's background jobs ignore SIGINT, and what nohup runs SIGHUP; perl gives them back.
	listening $signal env PATH="$alone" perl -e '$SIG{$_} = "DEFAULT" for qw(INT HUP); exec @ARGV' $PROGRAMS/sertools listen rows SPEAKERS="$tmp/"
	ok "$([ "$(wc -l <out)" -ge 5 ] && echo 0 || echo 1)" "$signal: the lines are there"
	gone
done
want_status=0
mkfifo idle
exec 9<>idle
cat talk.wav >idle &
listening INT perl -e '$SIG{$_} = "DEFAULT" for qw(INT HUP); exec @ARGV' sertools listen --from idle --window 1 rows SPEAKERS="$tmp/"
gone
exec 9>&-
FOREVER=1 SPEED=20 run 0 'one that reads no further' bash -c 'PATH=$1 prog/sertools listen rows | sed 3q; exit 0' - "$alone"
is "$(wc -l <out)" 3 'has what it read'
gone
BROKEN=no fails 4 'arecord: no' 'a recorder that failed' hear --with arecord SPEAKERS="$tmp/"
gone
FOREVER=1 SPEED=20 fails 3 'wavnorm: .*--window' 'a program that fails' hear --window 0 SPEAKERS="$tmp/"
gone
if [ -e /dev/full ]; then
	FOREVER=1 SPEED=20 fails 4 'nnpredict: ' 'a full disk' bash -c 'PATH=$1 prog/sertools listen rows >/dev/full' - "$alone"
	gone
fi

# On a terminal. tty COMMAND: its output there, in colour and UTF-8, 24 by 80, to ./screen.
tty() { LC_ALL=${locale-C.UTF-8} TERM=${term-xterm} script -qec "stty rows ${rows-24} cols ${columns-80}; $1" /dev/null >screen 2>err </dev/null; }
# frame N: the lines of the Nth that was drawn, without what moves and colours.
frame() { tr -d '\r' <screen | N=$1 perl -0777 -ne '@f = split /\e\[J/; $_ = $f[$ENV{N} - 1]; s/\e\[[0-9;?]*[a-zA-Z]//g; print'; }
if script -qec true /dev/null >/dev/null 2>&1 </dev/null; then
	tty "sertools listen --from talk.wav"
	is "$(grep -c $'\e\\[J' screen)" 5 'a frame before, one for each window, and a last one'
	like "$(frame 1)" '^listening: the first label comes after 3 seconds.*ravdess, talk.wav; Ctrl-C ends' 'the first says what comes'
	p=$(awk -F '\t' 'NR == 4 { for (i = 8; i <= 10; i++) if ($i == $7) print "mood" i - 8; print int(100 * $7 + 0.5) }' want | xargs)
	like "$(frame 4)" "^0:04  ${p% *}  ${p#* } % +-[0-9]+ dB"$'\n\n'"mood0 .* %"$'\n'"mood1 .* %"$'\n'"mood2 .* %" 'label, percent, loudness, a bar for each class'
	like "$(frame 4)" "${p% *} (█){40,} +${p#* } %" 'the bar of the label is as long as the percentage'
	like "$(cat screen)" $'\e\\[\\?25l.*\e\\[[0-9]+A.*\e\\[1;36m.*\e\\[\\?25h' 'drawn over the previous one, in colour; the cursor comes back'
	NO_COLOR=1 tty "sertools listen --from talk.wav"
	is "$(grep -c $'\e\\[[0-9;]*m' screen)" 0 'NO_COLOR'
	locale=C tty "sertools listen --from talk.wav"
	like "$(frame 4)" "${p% *} #{40,} +${p#* } %" 'ASCII alone'
	[[ $(cat screen) != *[$'\x80'-$'\xff']* ]]
	ok $? 'nothing else'
	term=dumb tty "sertools listen --from talk.wav"
	like "$(cat screen)" "0:04  ${p% *}  ${p#* } %  -[0-9]+ dB" 'a line for each window where a terminal cannot go back'
	[[ $(cat screen) != *$'\e'* ]]
	ok $? 'without any sequence'
	columns=24 tty "sertools listen --from talk.wav"
	is "$(frame 4 | awk 'length($0) > 60' | wc -l)" 0 'a narrow terminal'
	columns=12 rows=4 tty "sertools listen --from talk.wav"
	is "$(frame 4 | wc -l)" 3 'a tiny one has the label, one class and the last line'
	like "$(frame 4)" "^0:04  mood" 'which are cut'
	tty "sertools listen --top 1 --smooth 3 --from talk.wav"
	like "$(frame 4)" $'dB\n\nmood[0-2] .*\n\nravdess, talk.wav, means of 3 windows' 'one class, and means'
	mean=$(awk -F '\t' 'NR > 1 { a += $8; b += $9; c += $10; n++ } END { m = a > b ? a : b; m = m > c ? m : c; print int(100 * m / n + 0.5) }' want)
	like "$(frame 4)" "^0:04  mood.  $mean %" 'of the windows before'
	tty "sertools listen --silence 0 --from talk.wav"
	like "$(frame 4)" '^0:04  silence' 'what is less loud has no label'
	tty "sertools listen --threshold 1 --from talk.wav"
	like "$(frame 4)" "^0:04  UNCERTAIN  \\(${p% *} ${p#* } %\\)" 'nor has what is uncertain'
	tty "sertools listen --tsv --from talk.wav"
	tr -d '\r' <screen >o
	same o want '--tsv'
	tty "sertools listen --from talk.wav mel.bin"
	like "$(frame 2)" '^0:00  [^'$'\n'']*%'$'\n' 'a model without a level shows no loudness'
	# Ctrl-C, by the terminal; what was typed is not shown, and is again afterwards.
	: >screen # of the command before: it would be typed before this one listens
	(
		for ((i = 0; i < 300 && $(grep -c $'\e\\[J' screen) < 3; i++)); do sleep 0.1; done
		printf 'typed\003'
		sleep 3
	) | FOREVER=1 SPEED=20 TERM=xterm LC_ALL=C.UTF-8 script -qec "trap : INT; PATH=$alone; stty rows 24 cols 80; $PROGRAMS/sertools listen SPEAKERS=$tmp/; echo status \$?; stty -a" /dev/null >screen 2>err
	like "$(cat screen)" 'status 0' 'Ctrl-C: status 0'
	like "$(cat screen)" $'\e\\[\\?25h.*[ ;]echo[ ;]' 'cursor and echo are back'
	gone
	BROKEN=no tty "PATH=$alone $PROGRAMS/sertools listen" || :
	like "$(cat screen)" $'\e\\[J\e\\[\\?25hsertools: arecord: no; ' 'a recorder that fails: its message, where the frame was'
else
	skip 'script does not run commands here'
fi

# What every awk makes of it.
for awk in 'mawk -W interactive' gawk 'busybox awk' original-awk; do
	command -v "${awk%% *}" >/dev/null || { skip "${awk%% *} is not installed" && continue; }
	# shellcheck disable=SC2086
	LEVEL='peak -0.915' HINT='what is ü' WAIT=wait $awk -v utf8=1 -v colour=1 -v smooth=2 -v top=2 -v silence=-45 \
		-f "$root/pipelines/visible.awk" -f "$root/pipelines/listen.awk" >"$(tr -d ' ' <<<"o.$awk")" 2>err <<<"$(printf \
			'key\tstart\tpred\tconfidence\tp.colère\tp.joie\x1b[2J\tp.x\tgain\nk\t0.000\tcolère\t0.6\t0.6\t0.3\t0.1\t3\nk\t3599.000\tX\t0.5\t0.1\t0.5\t0.4\t9\nk\t9000\tx\t1\t0\t0\t1\t0.000000\n')"
	ok $? "$awk"
done
is "$(md5sum o.* | cut -c 1-32 | sort -u | wc -l)" 1 'all draw the same'
like "$(cat o.*)" $'2:30:00  silence.*joie\\\\x1b' 'and nothing of a name raw'
finish
