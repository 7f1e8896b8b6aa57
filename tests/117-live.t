#!/bin/bash
# live: the whole pipe answers as sound comes, with the lines of the file; and headerless sound (--raw).
#   LIVE_SOUND=hour.s16 LIVE_MODEL=m.bin LIVE_SPEED=1 bash tests/117-live.t
# is that for sound (s16le, 16 kHz) and a model of two inputs of your own: the speed in times of real time; with LIVE_THREADS.
. "${0%/*}/lib.sh"
need_tools perl mkfifo tee
PATH=$BUILD/unit:$PATH
case ${LIVE_SOUND-} in '' | /*) ;; *) LIVE_SOUND=$OLDPWD/$LIVE_SOUND ;; esac
case ${LIVE_MODEL-} in '' | /*) ;; *) LIVE_MODEL=$OLDPWD/$LIVE_MODEL ;; esac

# pipe FILE THREADS: predictions for windows of 3 s, a second apart, of headerless sound on standard input: to FILE, with
# the time before each line. pids gets the programs' numbers.
pipe() {
	: >pids
	numbered() {
		bash -c 'echo "$BASHPID $1" >>pids; exec "$@"' - "$@"
	}
	rm -f waves rows
	mkfifo waves rows
	{ numbered descriptors -j "$2" --like "$model" --beside row waves |
		numbered functionals -j "$2" --like "$model" --beside row >rows; } &
	numbered wavnorm -j "$2" --raw s16le,16000 --like "$model" --window 3 --step 1 | tee waves |
		numbered descriptors -j "$2" --like "$model" |
		numbered nnpredict -j "$2" --beside row=rows "$model" | drip >"$1"
	wait $!
}
# memory: the programs' largest memory so far, KiB.
memory() {
	while read -r pid name; do
		awk -v name="$name" '$1 == "VmHWM:" { print name, $2 }' "/proc/$pid/status" 2>err
	done <pids
}
# watch FIRST: writes memory to first after so many seconds, and to last each second until all is over.
watch() {
	sleep "$1"
	memory >first
	while
		memory >new
		[ "$(wc -l <new)" -gt 3 ]
	do
		mv new last
		sleep 1
	done
}
# late SPEED: the largest delay of a line, and others, in ms.
late() {
	awk -F '\t' -v speed="$1" -v began="$(cat began)" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		{ printf "%.1f\n", 1000 * ($1 - began - $at["end"] / speed) }' lines | sort -n |
		awk '{ x[NR] = $1 } END { print x[NR], x[int((NR + 1) / 2)], x[int(NR * 0.99 + 0.99)], NR }'
}
# answers SOUND SPEED THREADS SECONDS: tests that it does; memory is compared from SECONDS on. Where the machine takes
# a third of that time for the file, as an emulated one may, the sound comes as much more slowly.
answers() {
	local max median high n grown try speed began=$EPOCHREALTIME
	pipe file "$3" <"$1"
	speed=$(awk -v speed="$2" -v n="$(stat -Lc %s "$1")" -v began="$began" -v ended="$EPOCHREALTIME" 'BEGIN {
		most = n / 32000 / (3 * (ended - began))
		print (speed < most ? speed : most) }')
	cut -f 2- file >want
	for try in 1 2 3; do # what else runs on the machine may hold it up
		watch "$4" &
		drip 32000 "$speed" began <"$1" | pipe lines "$3"
		wait $!
		read -r max median high n < <(late "$speed")
		awk -v max="$max" 'BEGIN { exit max < 300 }' || break
		echo "# try $try: max $max ms, median $median"
	done
	cut -f 2- lines >got
	[ "$(wc -l <want)" -gt 2 ]
	ok $? "predictions, -j $3"
	same got want "sound at $speed times its speed has the lines of the file"
	echo "# $n windows, ms: median $median, 99 % $high, max $max"
	awk -v max="$max" 'BEGIN { exit !(max < 300 && max > 0) }'
	ok $? "each within 0.3 s ($max ms) after its window's last sample"
	grown=$(paste -d ' ' first last | awk '{ printf "%s%s %d to %d KiB", (NR > 1 ? ", " : ""), $1, $2, $4; if ($4 - $2 > 1024) bad = 1 } END { exit bad || NR < 4 }')
	case $? in
	0) ok 0 "memory: $grown" ;;
	*) if is_emulated; then skip "an emulator has memory of its own: $grown"; else ok 1 "memory: $grown"; fi ;;
	esac
}
if [ -n "${LIVE_SOUND-}" ]; then
	model=${LIVE_MODEL-ravdess} speed=${LIVE_SPEED-1}
	answers "$LIVE_SOUND" "$speed" "${LIVE_THREADS-1}" \
		"$(awk -v n="$(stat -Lc %s "$LIVE_SOUND")" -v v="$speed" 'BEGIN { s = n / 32000 / v / 4; print (s < 60 ? s : 60) }')"
	finish
	exit
fi

# Headerless sound: each format by its names, of values that are the same in all.
samples() {
	wavnorm --rate 8000 --seconds all --raw "$@" 2>err | tsrdump --data 2>/dev/null | cut -f 3- | tr '\t' ' '
}
# packed NAMES PERL: of $_ (-1 to 1), by what perl makes of it.
want='0 0.5 -0.5 0.25 -1 0.0078125'
packed() {
	local name bad=
	# shellcheck disable=SC2016
	perl -e 'binmode STDOUT; print map { eval $ARGV[1] } split " ", $ARGV[0]' "$want" "$2" >x.raw
	for name in $1; do
		[ "$(samples "$name,8000" x.raw)" = "$want" ] && [ "$(samples "$name,8000,1" - <x.raw)" = "$want" ] || bad+=" $name"
	done
	is "$bad" '' "the samples of $1"
}
packed 's8 S8 pcm_s8' 'pack "c", $_ * 128'
packed 'u8 U8' 'pack "C", 128 + $_ * 128'
packed 's16le S16_LE S16LE pcm_s16le s16-le' 'pack "s<", $_ * 32768'
packed 's16be S16_BE' 'pack "s>", $_ * 32768'
packed 'u16le U16_LE' 'pack "S<", 32768 + $_ * 32768'
packed 'u16be' 'pack "S>", 32768 + $_ * 32768'
packed 's24le S24_3LE s24_3le' 'substr(pack("l<", $_ * 8388608), 0, 3)'
packed 's24be S24_3BE' 'substr(pack("l>", $_ * 8388608), 1, 3)'
packed 'u24le U24_3LE' 'substr(pack("L<", 8388608 + $_ * 8388608), 0, 3)'
packed 'S24_LE s24-32le s24_32le S24_32LE' 'substr(pack("l<", $_ * 8388608), 0, 3) . "\x7f"'
packed 'S24_BE s24-32be' '"\x7f" . substr(pack("l>", $_ * 8388608), 1, 3)'
packed 'U24_LE' 'pack("L<", 8388608 + $_ * 8388608)'
packed 's32le S32_LE' 'pack "l<", $_ * 2147483648'
packed 's32be' 'pack "l>", $_ * 2147483648'
packed 'u32be U32_BE' 'pack "L>", 2147483648 + $_ * 2147483648'
packed 'f32le float32le FLOAT_LE F32LE pcm_f32le' 'pack "f<", $_'
packed 'f32be FLOAT_BE float32be' 'pack "f>", $_'
packed 'f64le FLOAT64_LE' 'pack "d<", $_'
packed 'f64be' 'pack "d>", $_'
packed 's16 s16ne' 'pack "s", $_ * 32768'
packed 'f32 float32 float' 'pack "f", $_'
printf '\x00\x80\xff\x9c' >x.raw
is "$(samples mulaw,8000 x.raw) $(samples MU_LAW,8000 x.raw | cksum) $(samples ulaw,8000 x.raw | cksum)" \
	"-0.9803467 0.9803467 0 0.30065918 $(samples mulaw,8000 x.raw | cksum) $(samples ul,8000 x.raw | cksum)" "mu-law"
printf '\x2a\xaa\xd5\x55' >x.raw
is "$(samples alaw,8000 x.raw)" "$(awk 'BEGIN { printf "%.8g %.8g %.8g %.8g", -32256 / 32768, 32256 / 32768, 8 / 32768, -8 / 32768 }')" "A-law"
for f in mulaw alaw s16be u16le s24be u24be s32le f64be; do
	head -c 4800 "$BUILD/wavnorm" >x.raw
	[ $f != f64be ] || perl -e 'print pack "d>*", map { sin $_ } 1 .. 600' >x.raw
	if command -v ffmpeg >err && ffmpeg -v error -y -f $f -ar 8000 -ac 2 -i x.raw -c:a pcm_f32le x.wav 2>err; then
		is "$(samples $f,8000,2 x.raw | cksum)" "$(wavnorm --rate 8000 --seconds all x.wav | tsrdump --data | cut -f 3- | tr '\t' ' ' | cksum)" \
			"two channels of $f as ffmpeg decodes them"
	else
		skip "no ffmpeg"
	fi
done
printf '\1\0\2\0\3\0\4\0\5' >x.raw
is "$(samples s16le,8000,2 x.raw) $(samples s16le,8000,2 - <x.raw)" '4.5776367e-05 0.00010681152 4.5776367e-05 0.00010681152' \
	"a frame that was cut off is left out, of a file and a pipe"
for from in x.raw -; do
	run 0 "-v" wavnorm -v --raw s16le,8000,2 $from <x.raw
	like "$(cat err)" 'ends within a frame, which is left out' "says so"
done
fails 3 'no audio' "less than a frame" wavnorm --raw s32le,8000 - < <(printf 123)
fails 3 'empty|no audio' "nothing" wavnorm --raw s32le,8000 - </dev/null
perl -e 'print pack "f<*", 1, 2, "nan"' >x.raw
fails 3 'x.raw: a sample in frames 0 to 2 is NaN or infinite' "no number" wavnorm --raw f32le,8000 x.raw
"$BUILD/unit/mkaudio" x.wav wav 16000 1 160000
fails 3 'x.wav: begins as a WAV recording does, with a header: leave out --raw' "a header" wavnorm --raw s16le,16000 x.wav
for bad in s17le,16000 s16le s16le, s16le,x s16le,99 s16le,2e4 s16le,16000,0 s16le,16000,1025 s16le,16000, s16le,16000,1,1 ,16000 s16le,-1 \
	s16lebe,16000 s16xe,16000 sxteenle,16000 averyveryverylongname,16000; do
	fails 2 "^wavnorm: --raw: '" "--raw $bad" wavnorm --raw $bad x.wav
done

# Windows: of the file, of a pipe, and of a WAV file are the same bytes, at any rate and level.
tail -c +45 x.wav >x.raw
cp x.raw stdin.raw
cp x.wav stdin.wav
for options in '--rate 16000' '--rate 22050' '--rate 8000 --peak -3' '--rate 16000 --trim 40 --trim-frame short --peak -0.915' '--rate 11025 --trim 20'; do
	for j in 1 2; do
		# shellcheck disable=SC2086
		wavnorm -j $j $options --window 1 --step 0.3 stdin.wav >want
		# shellcheck disable=SC2086
		wavnorm -j $j $options --window 1 --step 0.3 --raw s16le,16000 stdin.raw >got
		# shellcheck disable=SC2086
		drip 32000 100 began <x.raw | wavnorm -j $j $options --window 1 --step 0.3 --raw s16le,16000 >out 2>err
		cmp got want >err 2>&1 && cmp out want >err 2>&1
		ok $? "windows, $options, -j $j: the same bytes from a file, a pipe and with a header"
	done
done
printf 'x.raw\tk\tsad\t7\tstart=2.5\tend=3.5\n' >m.tsv
wavnorm --rate 16000 --seconds 1 --raw s16le,16000 --manifest m.tsv | tsrdump --data | cut -f 3- >got
wavnorm --rate 16000 --seconds 3.5 x.wav | tsrdump --data | cut -f 40003- >want
same got want "parts of headerless files"

# A window leaves with its very last sample, while the recorder waits: of headerless sound, and with a header of open size.
mkfifo fifo
# waits NAME FILE BYTES RECORDS ARGUMENTS...: so many records come of the file's first bytes.
waits() {
	local name=$1 file=$2 bytes=$3 n=$4
	shift 4
	: >lines
	{ wavnorm "$@" - <fifo 2>err | tsrdump --tsv >lines; } &
	exec 3>fifo
	head -c "$bytes" "$file" >&3
	for ((i = 0; i < 100; i++)); do
		[ "$(wc -l <lines)" -le "$n" ] || break
		sleep 0.05
	done
	is "$(($(wc -l <lines) - 1))" "$n" "$name"
	exec 3>&-
	wait
}
{ head -c 40 x.wav && printf '\xff\xff\xff\xff' && tail -c +45 x.wav; } >open.wav
for j in 1 2; do
	waits "two windows with their last sample, -j $j" x.raw 64000 2 -j $j --rate 16000 --window 1 --raw s16le,16000
	waits "trimmed ones, -j $j" x.raw 64000 2 -j $j --rate 16000 --window 1 --raw s16le,16000 --trim 40
	waits "with a header, -j $j" open.wav 64044 2 -j $j --rate 16000 --window 1
	waits "none a sample before, -j $j" x.raw 63998 1 -j $j --rate 16000 --window 1 --raw s16le,16000
	waits "resampled ones within 60 ms, -j $j" x.raw $((64000 + 1920)) 2 -j $j --rate 22050 --window 1 --raw s16le,16000
done

# Recorders, as they write into a pipe: the windows of four seconds come meanwhile, and are those of the file.
head -c 128000 x.raw >four.raw
sox=(sox -q -t raw -r 16000 -e signed -b 16 -c 1 -)
gst=(gst-launch-1.0 -q fdsrc ! rawaudioparse format=pcm pcm-format=s16le sample-rate=16000 num-channels=1 !)
ffmpeg=(ffmpeg -v error -f s16le -ar 16000 -ac 1 -probesize 32 -analyzeduration 0 -i -)
# meanwhile SPEED: whether two windows have come before the last one has.
meanwhile() {
	awk -v began="$(cat began)" -v all="$((4 / $1))" 'NR == 3 { exit !($1 - began < 0.85 * all) }' lines
}
# records OPTIONS COMMAND...
records() {
	local options=$1 speed
	shift
	if ! command -v "$1" >err; then
		skip "no $1"
		return
	fi
	for speed in 4 2 1; do # the program may be slow to begin
		# shellcheck disable=SC2086
		drip 32000 $speed began <four.raw | "$@" 2>err | wavnorm $options --window 1 --rate 16000 |
			tee >(tsrdump --data | cut -f 3- >got) | tsrdump --tsv | drip >lines
		! meanwhile $speed || break
	done
	# shellcheck disable=SC2086
	"$@" <four.raw 2>err | wavnorm $options --window 1 --rate 16000 | tsrdump --data | cut -f 3- >want
	cmp got want >err 2>&1 && [ "$(wc -l <want)" = 4 ] && meanwhile $speed
	ok $? "$*: $(awk -v began="$(cat began)" 'NR > 1 { printf "%.2f ", $1 - began }' lines)s"
}
records '' "${sox[@]}" -t wav -
records '' "${sox[@]}" -t au -
records '' "${sox[@]}" -t aiff -
records '--raw s16,16000' "${sox[@]}" -t raw -
records '' "${ffmpeg[@]}" -f wav -
records '' "${ffmpeg[@]}" -f w64 -
records '' "${ffmpeg[@]}" -f au -
records '--raw s16le,16000' "${ffmpeg[@]}" -f s16le -
records '--raw f32le,16000' "${ffmpeg[@]}" -f f32le -
if command -v gst-launch-1.0 >err && gst-inspect-1.0 wavenc >err 2>&1; then
	records '' "${gst[@]}" wavenc ! fdsink
	records '--raw S16LE,16000' "${gst[@]}" fdsink
else
	skip "no GStreamer"
fi
# What arecord writes, and GStreamer, before they know the size; and what cannot be told.
for size in '\x00\x00\x00\x80' '\x00\x00\xff\x7f' '\xff\xff\xff\xff' '\x00\x00\x00\x00' '\xd0\x0f\x00\x80'; do
	# shellcheck disable=SC2059
	{ head -c 40 x.wav && printf "$size" && tail -c +45 x.wav; } >open.wav
	wavnorm --rate 16000 --seconds all open.wav | tsrdump --data | cut -f 3- >got
	wavnorm --rate 16000 --seconds all x.wav | tsrdump --data | cut -f 3- | cmp - got >err 2>&1
	ok $? "a size of $size is open"
done
perl -e 'print "RIFF", pack("V", 56), "WAVEfmt ", pack("VvvVVvv", 16, 1, 1, 16000, 64000, 4, 24), "data", pack("V", 20), "abcd" x 5' >padded.wav
fails 3 'padded.wav: 24 bits in four bytes.*wavnorm --raw S24_LE' "arecord's S24_LE in WAV" wavnorm padded.wav

# The whole pipe, with a small model of two inputs.
is_instrumented && {
	finish
	exit
}
perl -e '
	srand 7;
	my ($n, $t) = (16000 * 20, 0);
	for my $i (0 .. $n - 1) {
		my $s = int($i / 4000);
		my $loud = $s % 5 == 4 ? 0.002 : 0.2 + 0.1 * ($s % 3);
		$t += 2 * 3.14159265 * (110 + 30 * ($s % 7)) / 16000;
		my $x = $s % 2 ? sin($t) + 0.5 * sin(2 * $t) + 0.3 * sin(5 * $t) : sin($t) + rand() - 0.5;
		print pack "s<", 9000 * $loud * $x;
	}' >sound.raw
for ((i = 0; i < 12; i++)); do
	printf 'sound.raw\t%d\t%s\t%d\tstart=%d\tend=%d\n' $i "$( ((i % 2)) && echo sad || echo happy)" $((i / 9)) $i $((i + 2))
done >m.tsv
cat >both.net <<'END'
normalize
conv1d 4 width=3
relu
globalavgpool
save sound
input row
normalize
concat sound
dense classes
softmax
END
wavnorm -q --raw s16le,16000 --rate 16000 --seconds all --trim 40 --trim-frame short --peak -0.915 --manifest m.tsv >waves.tsr
descriptors --columns mel --restore-gain waves.tsr >mel.tsr
tsrpick --match 'group=0' mel.tsr >train.tsr
tsrpick --match 'group=1' mel.tsr >valid.tsr
descriptors waves.tsr | functionals ser1558 >rows.tsr
run 0 "a model" nntrain -q --net both.net --beside row=rows.tsr --epochs 2 --valid valid.tsr -o m.bin train.tsr
# Each filter hands a record on while the next has only begun to come: as tee does where it writes in parts.
descriptors waves.tsr >lld.tsr
cmvn -q --fit stats --group all -o x.tsr mel.tsr
# passes STREAM COMMAND...: five records of twelve, and the beginning of the next.
passes() {
	local stream=$1 at n=6
	shift
	[[ " $* " != *' --json '* ]] || n=5
	at=$(perl -e '
		local $/; open my $f, "<:raw", $ARGV[0]; my ($x, $at, $n) = (<$f>, 0, 0);
		while ($n < 5) {
			my ($kind, $rank, $meta, $bytes) = unpack "x5 a x C V x4 Q<", substr $x, $at, 24;
			my $head = 40 + 8 * $rank + $meta;
			$at += int(($head + 63) / 64) * 64 + int(($bytes + 63) / 64) * 64;
			$n++ if $kind eq "T";
		}
		print $at' "$stream")
	"$@" <"$stream" 2>err >want
	: >lines
	{ "$@" <fifo 2>err | if tsrdump --check want 2>err; then tsrdump --tsv; else cat; fi >lines; } &
	exec 3>fifo
	head -c $((at + 1000)) "$stream" >&3
	for ((i = 0; i < 60; i++)); do
		[ "$(wc -l <lines)" -lt $n ] || break
		sleep 0.05
	done
	[ "$(wc -l <lines)" -ge $n ]
	ok $? "$*: records leave before the next is whole"
	tail -c +$((at + 1001)) "$stream" >&3
	exec 3>&-
	wait
}
nntrain -q --epochs 1 --net <(printf 'normalize\ndense classes\nsoftmax\n') --valid <(tsrpick --match group=1 rows.tsr) -o r.bin \
	<(tsrpick --match group=0 rows.tsr) 2>err
for j in 1 2; do
	passes waves.tsr melspec -j $j
	passes waves.tsr augment -j $j --variants noise
	passes waves.tsr descriptors -j $j
	passes waves.tsr tsrpick --match 'key=*'
	passes lld.tsr functionals -j $j ser1558
	passes mel.tsr cmvn -q -j $j --apply stats --group all
	passes mel.tsr cmvn -q -j $j --like stats
	passes rows.tsr nnpredict -j $j r.bin
	passes rows.tsr nnpredict -j $j --json r.bin
	passes rows.tsr nnpredict -j $j --tensor r.bin
	passes rows.tsr nnpredict -j $j r.bin --with r.bin
	passes mel.tsr nnpredict -j $j m.bin --beside row=rows.tsr --with r.bin=rows.tsr
	passes rows.tsr nnpredict -j $j m.bin mel.tsr --beside row=-
	passes rows.tsr nnpredict -j $j m.bin mel.tsr --beside row=- --with r.bin=-
done

# --profile: the same output, stages, and a line.
line='profile: 12 records, [0-9]+\.[0-9] a second; latency [0-9.]+ ms \(median\), [0-9.]+ ms \(99 %\), [0-9.]+ ms \(max\); peak memory [0-9]+\.[0-9] MiB'
descriptors waves.tsr >lld.tsr
for command in 'wavnorm -q --raw s16le,16000 --rate 16000 --seconds 2 --manifest m.tsv' 'wavnorm --raw s16le,16000 --window 2.5 --step 1.6 sound.raw' \
	'melspec waves.tsr' 'augment waves.tsr' 'tsrpick --match group=0 --match group=1 waves.tsr' 'descriptors waves.tsr' 'functionals ser1558 lld.tsr' \
	'cmvn --own mel.tsr' 'nnpredict --beside row=rows.tsr m.bin mel.tsr' 'nnpredict --tensor --beside row=rows.tsr m.bin mel.tsr'; do
	for j in 1 2; do
		case $command in tsrpick* | cmvn*) threads='' ;; *) threads="-j $j" ;; esac
		$command $threads >want 2>err
		run 0 "$command $threads --profile" $command $threads --profile
		tail -n 1 err >last
		stages=$(awk -F '\t' '$1 == "profile" && NF == 8 && $3 ~ /^[0-9]+$/ && $4 > 0 && $2 ~ /^(read|work|write)$/ { print $2 }' err | sort)
		same out want "has the same output"
		like "$(cat last)" "^${command%% *}: $line\$" "and says how long records took"
		case $command in
		wavnorm*) is "${stages//$'\n'/ }" 'work write' "and where the time went" ;;
		tsrpick*) is "${stages//$'\n'/ }" 'read write' "and where the time went" ;;
		*) is "${stages//$'\n'/ }" 'read work write' "and where the time went" ;;
		esac
	done
done
# slowest FILE: the largest latency in it, ms.
slowest() { sed -n 's/.* \([0-9.]*\) ms (max).*/\1/p' "$1"; }
wavnorm --raw s16le,16000 --window 3 sound.raw >sound.tsr
melspec --profile sound.tsr 2>early >out
(sleep 0.5 && cat sound.tsr) | melspec --profile 2>err >out
awk -v early="$(slowest early)" -v late="$(slowest err)" 'BEGIN { exit !(late != "" && (late < 100 || late < 2 * early && late < 500)) }'
ok $? "records that came late were not slow ($(slowest early), $(slowest err) ms)"
fails 3 'not a tsr' "a failure has its message alone" melspec --profile sound.raw

model=m.bin
for j in 1 2; do
	answers sound.raw 5 $j 2
done
finish
