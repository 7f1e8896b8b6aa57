#!/bin/bash
# outputs: what is written where, and nothing lost on the way: outputs that are each
# other or an input, links, devices, kills, several outputs, inputs cut meanwhile.
. "${0%/*}/lib.sh"
. "$root/tests/streams.sh"
"$BUILD/unit/maketsr" w.tsr <<'END'
H type=wave rate=22050 samples=2000 at=start level=none trim=none pg=wavnorm_x
T f32 2000 noise:1 key=a label=angry group=01
T f32 2000 noise:2 key=b label=sad group=02
E
END
printf 'key\tlabel\tgroup\tpred\tp.x\tp.y\na\tx\t1\tx\t.9\t.1\nb\ty\t2\tx\t.6\t.4\nc\ty\t3\ty\t.3\t.7\n' >p.tsv
printf 'id,x,mood\n1,1.5,sad\n2,2.5,glad\n3,4,sad\n4,7,glad\n' >t.csv
printf 'label mood\nkey id\nscale x\n' >r.prep
printf 'else -> $a\n' >a.rules
printf 'dense classes\nsoftmax\n' >a.net
csvprep --recipe r.prep -o t.tsr t.csv
mkdir sub

# lists: names and contents of all files, to see that none has changed.
lists() {
	find . -type f ! -name out ! -name err -exec cksum {} + | sort -k3
}

# refused NAME COMMAND...: status 2, one line, and no file new or changed.
refused() {
	local before
	before=$(lists)
	fails 2 'one file|same file' "$@"
	[ "$(lists)" = "$before" ]
	ok $? "$1: nothing is written"
}

# Two outputs that are one file, however it is spelled. Each tool's every pair.
touch there && ln -s there link && ln there hard && ln -s new dangling && ln -s . here
for same in 'new ./new' "new $tmp/new" 'new sub/../new' 'new dangling' 'new here/new' 'there link' 'there hard' 'link hard'; do
	read -r a b <<<"$same"
	refused "csvprep --fit $a -o $b" csvprep --recipe r.prep --fit $a -o $b t.csv
	refused "nntrain --history $a --checkpoint $b" nntrain --net a.net --history $a --checkpoint $b -o m.bin t.tsr
done
for options in '-o --history' '-o --checkpoint' '--checkpoint --history'; do
	read -r a b <<<"$options"
	refused "nntrain $options" nntrain --net a.net $a new $b ./new t.tsr
done
for options in '-o --confusion' '-o --reliability' '-o --risk-coverage' '--confusion --reliability' '--confusion --risk-coverage' \
	'--reliability --risk-coverage'; do
	read -r a b <<<"$options"
	refused "evalconf $options" evalconf --bootstrap 0 $a new $b ./new p.tsv
done
refused "fuse -o --report" fuse --rules a.rules -o new --report ./new a=p.tsv
refused "csvprep --describe" csvprep --recipe r.prep --describe --fit new -o ./new t.csv
: >whole
refused "standard output and --fit" bash -c 'csvprep --recipe r.prep --fit whole t.csv >whole'
refused "standard output and --confusion" bash -c 'evalconf --confusion link p.tsv >>there'
refused "a pipe and --fit -" bash -c 'csvprep --recipe r.prep --fit - -o /dev/stdout t.csv | cat; exit ${PIPESTATUS[0]}'
refused "a pipe and --confusion" bash -c 'evalconf --confusion /dev/stdout p.tsv | cat; exit ${PIPESTATUS[0]}'
for option in --history --checkpoint; do
	fails 2 'require a file' "nntrain $option -" nntrain --net a.net $option - -o m.bin t.tsr
done
[ ! -e ./- ]
ok $? "there is no file named -"

# An output that is an input.
cp t.csv s.csv && cp r.prep s.prep && cp p.tsv q.tsv && cp a.rules s.rules && cp a.net s.net && cp t.tsr s.tsr && ln -s s.csv s.link
csvprep --recipe r.prep --fit t.state t.csv >/dev/null
refused "csvprep --fit, the table" csvprep --recipe r.prep --fit ./s.csv s.csv
refused "csvprep -o, the table" csvprep --recipe r.prep -o s.link s.csv
refused "csvprep -o, another table" csvprep --recipe r.prep -o s.csv t.csv more=s.csv
refused "csvprep -o, standard input" bash -c 'csvprep --recipe r.prep -o s.csv <s.csv'
refused "csvprep -o, the recipe" csvprep --recipe s.prep -o s.prep t.csv
refused "csvprep --apply" csvprep --apply t.state -o t.state t.csv
refused "evalconf" evalconf -o q.tsv q.tsv
refused "evalconf --reliability" evalconf --reliability q.tsv p.tsv q.tsv
refused "evalcmp" evalcmp --versus q.tsv -o q.tsv p.tsv
refused "fuse" fuse --rules a.rules -o q.tsv a=q.tsv
refused "fuse, the rules by their name" fuse --rules s -o s.rules a=q.tsv
refused "nntrain, the net" nntrain --net s -o s.net t.tsr
refused "nntrain, training data" nntrain --net a.net -o s.tsr t.tsr s.tsr
refused "nntrain, validation data" nntrain --net a.net --history s.tsr --valid s.tsr -o m.bin t.tsr
nntrain -q --net a.net --epochs 1 -o n.bin t.tsr
tsrnpy -o t.npz t.tsr
refused "tsrnpy --like" tsrnpy --like n -o n.bin t.npz
refused "nnexport" nnexport --format safetensors -o n.bin n
refused "nnpredict, the model" nnpredict -o ./n.bin n.bin t.tsr
refused "nnpredict, the model by its name" nnpredict -o n.bin n t.tsr
refused "nnpredict --with" nnpredict --with n -o n.bin n.bin t.tsr
refused "nnpredict, the stream" nnpredict -o t.tsr n.bin t.tsr
refused "melspec --like" melspec --like n.bin -o n.bin w.tsr
refused "tsrdump" tsrdump -o s.tsr s.tsr
refused "tsrnpy" tsrnpy -o s.tsr --to npz s.tsr
refused "wavnorm" wavnorm -o w.tsr w.tsr
"$BUILD/unit/mkaudio" s.wav wav 8000 1 4000
printf './s.wav\n' >m.tsv
fails 2 'replace this file' "a recording that a manifest lists" wavnorm --manifest m.tsv -o s.wav
is "$(head -c 4 s.wav)" RIFF "is kept"
printf 'a\n' >keys
refused "tsrpick --keys" tsrpick --keys keys -o keys w.tsr

# Standard output that is an input would feed it for ever.
cp w.tsr x.tsr
for way in 'x.tsr >>x.tsr' 'x.tsr 1<>x.tsr' '<x.tsr >>x.tsr' '- <x.tsr >>x.tsr' './x.tsr -o - >>x.tsr' 'x.tsr -o /dev/stdout >>x.tsr' \
	'x.tsr -o /dev/fd/1 >>x.tsr' 'w.tsr x.tsr 1<>x.tsr'; do
	for tool in augment tsrpick tsrdump melspec descriptors; do
		refused "$tool $way" timeout 20 bash -c "$tool $way"
	done
done
if [ -z "${SER_VALGRIND-}" ]; then
	run 0 "other files, pipes and devices are nobody's" bash -c 'tsrpick w.tsr -o y.tsr >>x.tsr && tsrpick - <w.tsr >/dev/null &&
		cat w.tsr | tsrpick | tsrpick >y.tsr && tsrpick </dev/null >/dev/null || [ $? = 3 ]'
	same x.tsr w.tsr "and are let be"
fi

# In place, where the output is what the input was: all has been read by then.
tsrpick --key a w.tsr >want && cp w.tsr x.tsr
run 0 "a filter in place" tsrpick --key a -o ./x.tsr x.tsr
same x.tsr want "as it would be elsewhere"
run 0 "a net" nntrain -q --net a.net --epochs 1 -o m.bin t.tsr
nntrain -q --init m.bin --epochs 1 -o want t.tsr
run 0 "a model trained on, in place" nntrain -q --init m.bin --epochs 1 -o m.bin t.tsr
same m.bin want "is the same as elsewhere"
run 0 "a training that goes on" nntrain -q --net a.net --epochs 1 --checkpoint c --resume c -o m.bin t.tsr

# -o on a link writes what it leads to.
printf old >target && chmod 640 target && ln -s ../target sub/l1 && ln -s sub/l1 l2
run 0 "-o on a link to a link" tsrpick -o l2 w.tsr
tsrpick w.tsr >want
same target want "its target is written"
is "$(readlink l2) $(readlink sub/l1) $(stat -c %a target)" "sub/l1 ../target 640" "the links and the mode are kept"
if [ "$(id -u)" = 0 ] && chown nobody target 2>/dev/null; then
	run 0 "a file of another user" tsrpick -o target w.tsr
	is "$(stat -c '%U %a' target)" "nobody 640" "stays that user's"
else
	skip "not root"
fi
run 0 "a link to nothing yet" tsrpick -o dangling w.tsr
same new want "makes it"
is "$(readlink dangling)" new "and stays"
ln -s loop loop
fails 4 'loop' "a link to itself" tsrpick -o loop w.tsr
fails 4 'sub: Is a directory' "a directory" tsrpick -o sub w.tsr
ln -s nowhere/x far
fails 4 'far: No such file' "a link into no folder" tsrpick -o far w.tsr
if [ "$(id -u)" != 0 ]; then
	mkdir locked && printf old >locked/x && chmod 555 locked && ln -s locked/x lock
	fails 4 'lock: Permission denied' "a link into a folder that cannot be written" tsrpick -o lock w.tsr
	chmod 755 locked
fi

# What can be known before the work is said before it.
long=$(printf 'n%.0s' {1..250})
for name in "$long" "$long"; do
	run 0 "a name of 250 bytes" tsrpick -o "$name" w.tsr
done
same "$long" want "is written, also where it exists"
mkfifo never
begins() { timeout 20 tsrpick -o "$1" <&8; }
exec 8<>never
fails 4 'File name too long' "a name of 260 bytes" begins "${long}1234567890"
fails 4 'Not a directory' "a file taken for a folder" begins w.tsr/x
fails 4 'No such file' "no such folder" begins nowhere/x
fails 2 'empty' "no name" begins ''
exec 8>&-

# What is no file is written as it is.
run 0 "/dev/null" tsrpick -o /dev/null w.tsr
is "$(stat -c %F /dev/null)" "character special file" "stays a device"
run 0 "/dev/stdout" bash -c '{ printf head; tsrpick -o /dev/stdout w.tsr; printf tail; } >whole'
{ printf head && cat want && printf tail; } >joined
same whole joined "goes where standard output goes"
run 0 "/dev/fd/3" bash -c '{ printf head >&3; tsrpick -o /dev/fd/3 w.tsr; printf tail >&3; } 3>whole'
same whole joined "goes where it goes"
run 0 "a pipe by name" bash -c 'tsrpick -o >(cat >whole) w.tsr; wait $!'
same whole want "is written"
mkfifo fifo
cat fifo >whole &
run 0 "a FIFO" tsrpick -o fifo w.tsr
wait
same whole want "is written"
[ -p fifo ]
ok $? "and stays one"

# All outputs of a run, or none.
printf old >a && printf old >b
fails 4 'No space left' "one output of two fails" evalconf --bootstrap 0 -o a --reliability /dev/full p.tsv
fails 4 'No space left' "the first of them" evalconf --bootstrap 0 -o /dev/full --reliability a p.tsv
fails 4 'nowhere/b' "the last of three" evalconf --bootstrap 0 -o a --reliability b --risk-coverage nowhere/b p.tsv
fails 4 'No space left' "a report" fuse --rules a.rules -o a --report /dev/full a=p.tsv
fails 4 'No space left' "a state" csvprep --recipe r.prep -o a --fit /dev/full t.csv
is "$(cat a b)" oldold "and the others stay as they were"
run 1 "an answer that is no" evalconf --bootstrap 0 --min-uar .99 -o a --reliability b p.tsv
is "$(grep -c . a b | tr '\n' ' ' | grep -c ':0\|:1 ')" 0 "is an answer"

# A file that may not grow is an error like others.
printf old >a
fails 4 'File too large' "ulimit -f" bash -c 'ulimit -f 8; tsrpick -o a w.tsr w.tsr w.tsr'
is "$(cat a)" old "and the output what it was"

# The folder is synced, too, so that the new name survives a crash of the machine.
if [ -z "${SER_VALGRIND-}" ] && LD_PRELOAD=$BUILD/faults/faults.so FAULT_CALL=sync FAULT_COUNT=syncs tsrpick -o a w.tsr 2>/dev/null; then
	is "$(cat syncs)" 2 "the file and its folder are synced"
else
	skip "faults.so cannot be preloaded"
fi

# Kills at any moment leave nothing, and what was there.
leftovers() { find . -name "$1*" ! -name "$1" -type f | tr '\n' ' '; }
for i in {1..4000}; do echo "$i,$((i % 17)).5,$([ $((i % 2)) = 0 ] && echo sad || echo glad)"; done >>t.csv
# In perl: a signal before bash's child becomes the program would run this script's own trap.
cat >kills.pl <<'END'
use strict;
my $killed = 0;
for my $signal ('KILL', 'TERM') {
	for my $i (1 .. 50) {
		for (qw(k.out k.state)) { open my $f, '>', $_ or die; print $f 'old' }
		my $pid = fork // die;
		if (!$pid) { open STDERR, '>', '/dev/null'; exec @ARGV or die }
		select undef, undef, undef, $i * 7 % 25 / 1250;
		kill $signal, $pid;
		waitpid $pid, 0;
		$killed++ if $?;
		for (qw(k.out k.state)) {
			open my $f, '<', $_ or die;
			read $f, my $text, 100;
			print "$_ is neither old nor new\n" if $text ne 'old' && length $text < 50;
		}
	}
}
print STDERR $killed;
END
perl kills.pl csvprep -q --recipe r.prep --fit k.state -o k.out t.csv >odd 2>killed
killed=$(cat killed)
is "$(cat odd)" "" "outputs are old or new after $killed kills"
unnamed=1
perl -e 'exit(!sysopen(my $f, ".", 020200001, 0600))' 2>/dev/null && [ -d /proc/self/fd ] && unnamed=0
if [ $unnamed = 0 ]; then
	is "$(leftovers k.out)$(leftovers k.state)" "" "no unfinished file has a name"
	left=$(leftovers .k. | wc -w)
	[ "$left" -le 5 ]
	ok $? "but where the kill was at the very end ($left)"
else
	skip "this file system has no unnamed files"
	skip "this file system has no unnamed files"
fi
: >.k.out.unfinished
run 0 "the next run" csvprep -q --recipe r.prep --fit k.state -o k.out t.csv
is "$(leftovers .k.)" "" "removes that too"

# An input that another program cuts while it is mapped.
nntrain -q --net a.net --epochs 99999 --patience 0 --schedule constant --history h.tsv -o cut.bin s.tsr >out 2>err &
for _ in {1..200}; do [ "$(wc -l 2>/dev/null <h.tsv)" -gt 9 ] 2>/dev/null && break; sleep .02; done
truncate -s 0 s.tsr
wait $!
is "$? $(cat err)" "3 nntrain: s.tsr: was cut off while it was read" "an input cut while it is mapped"
is "$(echo cut.bin*)" "cut.bin*" "leaves nothing"

# impatient in|out COMMAND...: its input or output would not be waited for.
cat >impatient.pl <<'END'
use Fcntl;
my $side = shift;
pipe(my $r, my $w) or die;
fcntl($side eq "in" ? $r : $w, F_SETFL, O_NONBLOCK) or die;
my $other = fork;
if ($side eq "in" && !$other) { # a slow writer
	close $r;
	for (0 .. 9) {
		select undef, undef, undef, .02;
		sysread STDIN, my $x, $_ < 9 ? 3000 : 1e8 or last;
		for (my $at = 0; $at < length $x; ) { $at += syswrite $w, $x, 60000, $at }
	}
	exit;
} elsif ($side eq "out" && $other) { # a slow reader
	close $w;
	select undef, undef, undef, .2;
	while (sysread $r, my $x, 1e5) { syswrite STDOUT, $x; select undef, undef, undef, .001 }
	waitpid $other, 0;
	exit $? >> 8;
}
open STDIN, "<&", $r if $side eq "in";
open STDOUT, ">&", $w if $side eq "out";
close $r;
close $w;
exec @ARGV;
END
"$BUILD/unit/mkaudio" a.wav wav 22050 1 40000
for i in 1 2 3 4; do cp a.wav a$i.wav; done
wavnorm a[1-4].wav >waves.tsr
tsrnpy -o w.npz waves.tsr
melspec -o bands.tsr waves.tsr
printf 'stats mel*.loud : mean\n' >a.fun
csvprep --apply t.state t.csv >rows.tsr
nnpredict -q m.bin rows.tsr >many.tsv
for command in 'tsrpick waves.tsr' 'cmvn --group=x rows.tsr' 'augment waves.tsr' 'melspec waves.tsr' 'descriptors --columns=mel waves.tsr' \
	'functionals a.fun bands.tsr' 'wavnorm a.wav' 'csvprep --apply=t.state t.csv' \
	'csvprep --describe t.csv' 'tsrnpy --from=npz w.npz' 'tsrdump --tsv waves.tsr' 'tsrnpy waves.tsr' \
	'nnpredict m.bin rows.tsr' 'evalconf --bootstrap=9 many.tsv' 'nntrain --net=a.net --epochs=1 rows.tsr'; do
	read -ra words <<<"$command"
	last=$((${#words[@]} - 1))
	name=${words[0]}
	timeout 60 "${words[@]:0:last}" <"${words[last]}" >want 2>err
	run 0 "$name waits for its input" timeout 60 perl impatient.pl in "${words[@]:0:last}" <"${words[last]}"
	same out want "$name: all of it"
	run 0 "$name waits for its output" timeout 60 perl impatient.pl out "${words[@]:0:last}" <"${words[last]}"
	same out want "$name: all of that"
done

# With any of the first three descriptors closed all files are the same.
cat >files.sh <<'END'
augment -o x.o w.tsr
melspec -v -o x.o w.tsr
wavnorm -v --skip-bad 1 -o x.o p.tsv a.wav
csvprep -v --apply t.state -o x.o t.csv
csvprep -v --recipe r.prep --fit x.state -o x.o t.csv
nntrain -v --net a.net --epochs 2 --checkpoint x.check --history x.history -o x.o t.tsr
nnpredict -v -o x.o m.bin rows.tsr
evalconf --bootstrap 9 --reliability x.rel -o x.o p.tsv
evalcmp --bootstrap 9 --versus p.tsv -o x.o q.tsv
fuse --rules a.rules --report x.rep -o x.o a=p.tsv
tsrdump -o x.o t.tsr
tsrdiff -o x.o t.tsr t.tsr
tsrnpy --to npz -o x.o t.tsr
END
while read -r command; do
	odd=
	rm -f x.*
	bash -c "exec $command" >out 2>err </dev/null
	want=$?
	sums=$(cksum x.o x.rel x.rep x.state 2>/dev/null)
	for close in '<&-' '>&-' '2>&-' '<&- >&-' '<&- 2>&-' '>&- 2>&-' '<&- >&- 2>&-'; do
		[ -z "${SER_VALGRIND-}" ] || [[ $close != *2* ]] || continue
		rm -f x.*
		bash -c "exec $command $close" >out 2>err </dev/null
		[ $? = $want ] && [ "$(cksum x.o x.rel x.rep x.state 2>/dev/null)" = "$sums" ] || odd+=" $close"
		[ ! -e x.history ] || [ "$(wc -l <x.history)" = 3 ] || odd+=" $close (history)"
	done
	is "$want$odd" 0 "${command%% *} with descriptors closed"
done <files.sh
finish
