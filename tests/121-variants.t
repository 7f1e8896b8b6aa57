#!/bin/bash
# augment: speed, tempo, pitch, room and level, against their definitions and sox.
. "${0%/*}/lib.sh"
. "$root/tests/streams.sh"
need_tools perl

# waves FILE RATE SECONDS: a stream with a record for each line of standard input: KEY[ NAME=VALUE]
# and samples, all after tabs.
waves() {
	perl -e '
		my $rate = shift;
		open my $m, ">", "m.tsv" or die;
		while (<STDIN>) {
			chomp;
			my ($meta, @x) = split /\t/;
			my ($key, @more) = split / /, $meta;
			my $x = pack "f<*", @x;
			open my $o, ">:raw", "w$..wav" or die;
			print $o "RIFF", pack("V", 36 + length $x), "WAVEfmt ", pack("VvvVVvv", 16, 3, 1, $rate, 4 * $rate, 4, 32),
				"data", pack("V", length $x), $x;
			print $m join("\t", "w$..wav", $key, "", "", @more), "\n";
		}' "$2" && wavnorm -q --rate "$2" --seconds "$3" --manifest m.tsv -o "$1"
}
# values FILE KEY: one a line.
values() {
	tsrpick --key "$2" "$1" | tsrdump --data | cut -f 3- | tr '\t' '\n'
}
# lengths FILE: KEY:LENGTH.
lengths() {
	tsrdump --tsv "$1" | tail -n +2 | awk -F '\t' '{ print $1 ":" $7 }' | xargs
}
# tone: of HZ at 16 kHz, N samples, scaled by A.
tone() {
	perl -e 'print join("\t", map { sprintf "%.7f", $ARGV[2] * sin(6.283185307179586 * $ARGV[0] * $_ / 16000) } 0 .. $ARGV[1] - 1), "\n"' "$@"
}
# pitch: Hz of samples at 16 kHz, a line each, by where they rise through 0 in their middle half.
pitch() {
	awk '{ x[NR] = $1 } END {
		for (i = int(NR / 4); i < NR * 3 / 4; i++)
			if (x[i] < 0 && x[i + 1] >= 0) {
				at = i + x[i] / (x[i] - x[i + 1])
				first = n++ ? first : at
			}
		printf "%.2f\n", (n - 1) * 16000 / (at - first)
	}'
}
# near A B PERCENT
near() {
	awk -v a="$1" -v b="$2" -v p="$3" 'BEGIN { exit !(a - b <= b * p / 100 && b - a <= b * p / 100) }'
}

{ printf 'tone gain=12.5\t' && tone 200 16000 0.3; } >tone
waves all.tsr 16000 all <tone
waves fixed.tsr 16000 1 <tone
list=speed=0.9,speed=1.1,tempo=0.8,tempo=1.25,pitch=2,pitch=-3,room,level
run 0 "a list of them" augment --variants "$list" all.tsr
mv out v.tsr
run 0 "makes a stream" tsrdump --check v.tsr
is "$(lengths v.tsr)" 'tone:16000 tone@speed0.9:17778 tone@speed1.1:14545 tone@tempo0.8:20000 tone@tempo1.25:12800'\
' tone@pitch2:16000 tone@pitch-3:16000 tone@room:16000 tone@level:16000' "keys and lengths: n / F, rounded"
is "$(tsrdump --tsv --columns aug v.tsr | tail -n +2 | awk -F '\t' '{ print $NF }' | sed '$d' | paste -s -d ,)" \
	'-,speed 0.9,speed 1.1,tempo 0.8,tempo 1.25,pitch 2,pitch -3,room 0.4 s 6 dB' "aug= says what was done"
is "$(tsrdump --field pg v.tsr | tail -n 1)" \
	"augment $(cat "$root/VERSION") variants=$list noise=0.005 snr=none shift=5000 seed=0" "and pg= the list"
augment --variants "$list" fixed.tsr >f.tsr
is "$(lengths f.tsr | tr ' ' '\n' | cut -d : -f 2 | sort -u)" 16000 "records of one length keep it"
for v in speed0.9 tempo0.8; do
	is "$(values f.tsr tone@$v)" "$(values v.tsr tone@$v | sed -n 1,16000p)" "$v is cut"
done
is "$(values f.tsr tone@speed1.1 | sed -n 1,14545p)" "$(values v.tsr tone@speed1.1)" "a shorter one is itself"
is "$(values f.tsr tone@speed1.1 | sed 1,14545d | sort -u)" 0 "and then zeros"

# Speed: the tone of another frequency, and what sox says.
for f in 0.9 1.1; do
	values v.tsr tone@speed$f | awk -v f=$f '
		NR > 200 && NR <= 14300 { d = $1 - 0.3 * sin(6.283185307179586 * 200 * f * (NR - 1) / 16000); m = d * d > m ? d * d : m }
		END { exit !(NR > 14300 && m < 1e-12) }'
	ok $? "speed=$f of a tone is a tone, to 1e-6"
done
if command -v sox >/dev/null; then
	perl -e 'my $s = 7; my @b = (0) x 8; print join("\t", "noisy", map { $s = ($s * 1103515245 + 12345) % 2147483648; shift @b;
		push @b, $s / 2147483648 - 0.5; my $m = 0; $m += $_ for @b; sprintf "%.6f", $m / 8 } 1 .. 16000), "\n"' | waves noisy.tsr 16000 all
	values noisy.tsr noisy | perl -ne 'print pack "f<", $_' >n.f32
	for f in 0.9 1.1; do
		sox -t raw -e float -b 32 -r 16000 -c 1 n.f32 -t raw n.out speed $f rate -h 16000 2>err
		augment --variants speed=$f noisy.tsr >x.tsr
		paste <(values x.tsr noisy@speed$f) <(perl -e 'local $/; print join("\n", unpack "f<*", <STDIN>), "\n"' <n.out) |
			awk 'NR > 100 && NR < 14400 { n++; e += ($1 - $2) ^ 2; s += $2 ^ 2 } END { exit !(n > 14000 && e < s * 1e-6) }'
		ok $? "speed=$f is sox's, to 60 dB and more"
	done
else
	skip "sox is not here"
fi

# Tempo and pitch: of a tone, its frequency and its level; of clicks, when they come.
for want in 'tempo0.8 200' 'tempo1.25 200' 'pitch2 224.49' 'pitch-3 168.18' 'speed0.9 180'; do
	read -r name hz <<<"$want"
	got=$(values v.tsr "tone@$name" | pitch)
	near "$got" "$hz" 0.2
	ok $? "$name of 200 Hz is $hz Hz ($got)"
	values v.tsr "tone@$name" | awk '{ x[NR] = $1 } END { for (i = int(NR / 4); i < NR * 3 / 4; i++) { n++; s += x[i] ^ 2 }
		r = sqrt(s / n) / (0.3 / sqrt(2)); exit !(r > 0.97 && r < 1.03) }'
	ok $? "at the same level"
done
perl -e 'print join("\t", "clicks", map { my $k = $_ % 8000 - 4000; $k >= 0 ? sprintf "%.6f", 0.5 * exp(-$k / 100) * sin($k / 3) : 0 } 0 .. 31999), "\n"' |
	waves clicks.tsr 16000 all
augment --variants tempo=0.8,pitch=4 clicks.tsr >x.tsr
for want in 'tempo0.8 1.25' 'pitch4 1'; do
	read -r name factor <<<"$want"
	values x.tsr "clicks@$name" | awk -v f="$factor" '
		{ e[int((NR - 1) / 80)] += $1 ^ 2 }
		END { for (k = 0; k < 4; k++) { best = -1
			for (i = int((8000 * k) * f / 80); i < (8000 * k + 8000) * f / 80; i++) if (best < 0 || e[i] > e[best]) best = i
			d = best * 80 / f - (8000 * k + 4000); bad += d > 240 || d < -240 } exit bad > 0 }'
	ok $? "clicks come when they should with $name, to 15 ms"
done

# Room: what it does to a click is its impulse response, and to all else convolution with that.
perl -e 'print join("\t", "x", map { $_ == 0 ? 1 : 0 } 0 .. 15999), "\n"' | waves click.tsr 16000 all
perl -e 'print join("\t", "x", map { sprintf "%.5f", sin($_ * $_ / 900) * exp(-$_ / 2000) } 0 .. 15999), "\n"' | waves x.tsr 16000 all
augment -s 3 --variants room --reverberation 0.3 --drr 5 click.tsr >h.tsr
augment -s 3 --variants room=0.3 --drr 5 click.tsr >h2.tsr
is "$(tsrdump --tsv --columns aug h.tsr | tail -n 1 | cut -f 1,13)" $'x@room\troom 0.3 s 5 dB' "a room's reverberation and direct sound"
is "$(lengths h2.tsr)" 'x:16000 x@room0.3:16000' "or in the list"
values h.tsr x@room >h
is "$(sed -n 1p h)" 1 "the direct sound is as it was"
awk 'NR > 1 { e += $1 ^ 2 } END { d = -10 * log(e) / log(10); exit !(d > 4.98 && d < 5.02) }' h
ok $? "5 dB above the reverberation"
awk 'NR > 1 && ($1 > 1e-6 || $1 < -1e-6) { last = NR } END { exit !(last > 4500 && last <= 4801) }' h
ok $? "which ends after 0.3 s"
awk 'NR > 1 && NR <= 4801 { t = (NR - 2) / 16000; e[int(t / 0.03 + 1e-9)] += $1 ^ 2 }
	END { for (a = 0; a < 10; a++) { y = 10 * log(e[a]) / log(10); x = a * 0.03; sx += x; sy += y; xx += x * x; xy += x * y }
		slope = (10 * xy - sx * sy) / (10 * xx - sx * sx); exit !(slope > -210 && slope < -190) }' h
ok $? "and falls by 60 dB in that time"
augment -s 3 --variants room --reverberation 0.3 --drr 5 x.tsr >y.tsr
paste h <(values y.tsr x) <(values y.tsr x@room) | awk '{ h[NR] = $1; x[NR] = $2; y[NR] = $3 }
	END { for (i = 1; i <= NR; i += 487) { s = 0; for (k = 1; k <= i; k++) s += h[k] * x[i - k + 1]
		d = s - y[i]; bad += d > 2e-5 || d < -2e-5 } exit bad > 0 || NR != 16000 }'
ok $? "of a signal: the sum of its definition"
augment -s 4 --variants room --reverberation 0.3 --drr 5 click.tsr >h2.tsr
run 1 "another seed, another room" tsrdiff --values h.tsr h2.tsr

# Level.
tsrdump --tsv --columns aug,gain v.tsr | awk -F '\t' '$1 == "tone@level" { print $(NF-1), $NF }' >level
read -r _ db _ gain <level
like "$(cat level)" '^level -?[0-9.]+ dB ' "a level says how much"
is "$gain" "$(awk -v d="$db" 'BEGIN { printf "%.6f", 12.5 + d }')" "and gain= goes with it"
paste <(values v.tsr tone) <(values v.tsr tone@level) | awk -v db="$db" 'BEGIN { g = exp(db / 20 * log(10)) }
	{ d = $2 - g * $1; bad += d > 1e-6 || d < -1e-6 } END { exit bad > 0 }'
ok $? "so much it is"
is "$(tsrdump --tsv --columns gain v.tsr | tail -n +2 | awk -F '\t' '{ print $NF }' | sed '$d' | sort -u)" 12.5 "others keep it"
{ echo 'H type=wave samples=4'; for k in {1..200}; do echo "T f32 4 0.1 key=k$k"; done; echo E; } | maketsr many.tsr
augment --variants level=3 many.tsr | tsrdump --tsv --columns gain | awk -F '\t' '$1 ~ /@level3/ { n++; s += $NF
	lo = n == 1 || $NF < lo ? $NF : lo; hi = n == 1 || $NF > hi ? $NF : hi }
	END { exit !(n == 200 && lo < -2.8 && lo >= -3 && hi > 2.8 && hi <= 3 && s / n < 0.4 && s / n > -0.4) }'
ok $? "levels are uniform to 3 dB either way"
printf 'H type=wave\nT f32 4 0.1 key=k gain=loud\nE\n' | maketsr bad.tsr
fails 3 'record 1 \(k\): gain=loud is not in dB' "a gain that is no number" augment --variants level bad.tsr

# Values of the old ones; seeds; threads.
augment --variants noise=0.1,noise=0.001,shift=10 fixed.tsr >x.tsr
is "$(tsrdump --tsv --columns aug x.tsr | tail -n +3 | awk -F '\t' '{ print $1, $NF }' | sed 's/shift -*[0-9]*$/shift/' | paste -s -d ,)" \
	'tone@noise0.1 noise 0.1,tone@noise0.001 noise 0.001,tone@shift10 shift' "noise and shift take values too"
augment --variants noise fixed.tsr | tsrpick --key tone@noise >x.tsr
augment --variants room,noise,level fixed.tsr | tsrpick --key tone@noise >y.tsr
run 0 "other variants change nothing" tsrdiff --values x.tsr y.tsr
perl -e 'for $k (1 .. 12) { print join("\t", "k$k", map { sprintf "%.5f", 0.3 * sin($_ * $k / 50) } 0 .. 700 * $k), "\n" }' | waves k.tsr 16000 all
augment -j 1 --variants "$list" k.tsr >one.tsr
for j in 2 5; do
	augment -j $j --variants "$list" k.tsr >out
	same out one.tsr "-j $j gives the same bytes"
done

# What is refused, and what is short.
for bad in 'speed' 'pitch' 'spede=1' '=0.9' ''; do
	fails 2 "'$bad' is none of noise, shift, level, room, speed=F" "a variant '$bad'" augment --variants "noise,$bad" all.tsr
done
for bad in speed=0 speed=5 tempo=-1 pitch=25 level=-1 room=0 noise=-1; do
	fails 2 "${bad%=*}=.* is not between" "$bad" augment --variants "$bad" all.tsr
done
fails 2 'whole number' "half a sample" augment --variants shift=0.5 all.tsr
for bad in speed=x speed= pitch=2x; do
	fails 2 "is not a number" "$bad" augment --variants "$bad" all.tsr
done
fails 2 'speed=0.90 appears twice' "one twice" augment --variants speed=0.9,speed=0.90 all.tsr
printf 'H type=wave rate=4000\nT f32 4 1 key=k\nE\n' | maketsr slow.tsr
fails 3 'tempo and pitch require a rate of 8000 to 192000 Hz, not 4000' "a rate too low" augment --variants tempo=0.9 slow.tsr
printf 'H type=wave\nT f32 4 1 key=a\nE\n' | maketsr bare.tsr
fails 3 "the stream's rate, '', is not in Hz" "no rate" augment --variants room bare.tsr
run 0 "which speed does not need" augment --variants speed=0.9 bare.tsr
is "$(lengths out)" 'a:4 a@speed0.9:4' "and a length that no head leaves open stays"
for n in 1 2 100 1025; do
	printf 'H type=wave rate=16000 samples=all\nT f32 %s 0.5 key=k\nE\n' $n | maketsr short.tsr
	run 0 "of $n samples" augment --variants tempo=0.25,tempo=4,pitch=24,pitch=-24,speed=0.25,speed=4,room,level short.tsr
	[ ! -s err ] && tsrdump --check out
	ok $? "without a word, and a stream"
done
printf 'H type=wave rate=16000 samples=all\nT f32 0 0 key=a\nE\n' | maketsr empty.tsr
run 0 "of none" augment --variants "$list" empty.tsr
is "$(lengths out | tr ' ' '\n' | cut -d : -f 2 | sort -u)" 0 "there are none"
printf 'H type=wave rate=16000\nT f32 3 3e38 key=k\nE\n' | maketsr big.tsr
fails 3 'record 1 \(k\): a sample is too large for room' "too large" augment --variants room --drr -40 big.tsr
fails 4 'No space left' "/dev/full" bash -c 'augment --variants tempo=0.9 all.tsr >/dev/full'
finish
