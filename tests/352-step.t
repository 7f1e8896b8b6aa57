#!/usr/bin/env bash
# What scripts of experiments do about a folder that other hosts work in: inputs that come late, or are not as they were
# made, locks that are refused, programs of another version, and a ledger that many write.
. "${0%/*}/lib.sh"
. "$root/tests/tones.sh"
tiny

run 0 'all of it' recipe want audio

# It comes while it is waited for, and not at once with its sums.
cp -a want late
rm late/fold1/tiny-plain/{figures.tsv,.run.sums}
mkdir hidden
mv late/features/{plain.tsr,.plain.sums} hidden
{ sleep 1 && cp hidden/plain.tsr late/features && sleep 1 && cp hidden/.plain.sums late/features; } &
run 0 'features that come late' bash late/fold1/tiny-plain/run.sh
like "$(cat err)" 'fold1/tiny-plain/run.sh: features/plain.tsr is not here: waiting up to 60 s \(WAIT=60\)' 'are waited for'
is "$(results late)" "$(results want)" 'to the same bytes'
for what in 'cut short' 'of another plan' 'gone' 'without sums' 'with sums cut short'; do
	cp want/features/{plain.tsr,.plain.sums} late/features
	rm -f late/fold1/tiny-plain/.run.sums
	case $what in
	cut*) truncate -s -64 late/features/plain.tsr ;;
	of*) augment -s 2 want/features/plain.tsr >late/features/plain.tsr 2>/dev/null || tsrpick --group spk1 -o late/features/plain.tsr want/features/plain.tsr ;;
	gone) rm late/features/plain.tsr ;;
	without*) rm late/features/.plain.sums ;;
	with*) truncate -s -20 late/features/.plain.sums ;;
	esac
	WAIT=1 fails 3 "^fold1/tiny-plain/run.sh: .*(features/plain.tsr is not here|what features/plain.sh makes is not here, or not as it made it) on .*WAIT=1" \
		"features $what" bash -c 'bash late/fold1/tiny-plain/run.sh 2>err.all; rc=$?; grep -v ": waiting up to" err.all >&2; exit $rc'
	is "$(ls late/fold1/tiny-plain/.run.sums 2>/dev/null)" '' 'are refused in one line, and nothing counts'
done
cp want/features/{plain.tsr,.plain.sums} late/features

# What it reads changes while it works: as of a host that was cut off and did not know of another plan.
cp -a want zombie
rm zombie/fold1/tiny-plain/.run.sums
printf '#!/bin/sh\nprintf " " >>%q\nexec %q "$@"\n' "$PWD/zombie/manifest.tsv" "$(command -v evalconf)" >evalconf
chmod +x evalconf
PATH=$PWD:$PATH fails 3 'fold1/tiny-plain/run.sh: what it read was changed meanwhile, so this does not count' 'a text that changes meanwhile' \
	bash -c 'bash zombie/fold1/tiny-plain/run.sh 2>&1 | tail -n 1 >&2; exit ${PIPESTATUS[0]}'
is "$(ls zombie/fold1/tiny-plain/{figures.tsv,.run.sums} 2>/dev/null)" '' 'nothing of it counts'
rm evalconf

# A finished script does nothing again; two at once make one result.
run 0 'a script that is done' bash want/fold1/tiny-plain/run.sh
like "$(cat err)" 'fold1/tiny-plain/run.sh: is done' 'says so'
cp -a want two
rm two/fold1/tiny-plain/.run.sums two/ledger.tsv
rm -r two/ledger
for i in 1 2 3; do LOCK="wait" bash two/fold1/tiny-plain/run.sh 2>log.$i & done
wait
is "$(results two) $(wc -l <two/ledger.tsv)" "$(results want) 1" 'three of one script at once: made once'

# Locks.
mkdir fake
for rc in 71 65; do
	printf '#!/bin/sh\necho "flock: 7: No locks available" >&2\nexit %s\n' $rc >fake/flock
	chmod +x fake/flock
	rm two/fold1/tiny-plain/.run.sums
	PATH=$PWD/fake:$PATH run 0 'a file system without locks' bash two/fold1/tiny-plain/run.sh
	like "$(cat err)" 'fold1/tiny-plain/run.sh: no locks in this folder \(No locks available\)' 'is said'
done
PATH=$PWD/fake:$PATH recipe nolock audio >out 2>err
like "$? $(cat err)" '^0 .*no locks in this folder' 'and the whole of it is made'
is "$(results nolock)" "$(results want)" 'to the same bytes'
rm two/fold1/tiny-plain/.run.sums
rm -r fake

# Another version; no programs at all.
sed -i 's/[0-9.]*$/9.9/' two/share/version
fails 4 'fold1/tiny-plain/run.sh: planned with .sertools. 9.9, but .* has .sertools. [0-9.]+: install the same' 'another version' bash two/fold1/tiny-plain/run.sh
PATH=/usr/bin:/bin fails 4 'the programs of sertools are not in PATH on ' 'no programs' bash two/fold1/tiny-plain/run.sh

# The ledger: hosts have a file each, and many processes of one lose no line.
mkdir look && cd look || exit 99
for host in a b; do for i in $(seq 20); do
	bash -c '. "$1"; script=x host=$2 new=.new-$$-$3 SERTOOLS_NOTE=n; looked fold1 "run$3"' - "$root/pipelines/step.sh" $host $i &
done; done
wait
is "$(cat ledger/*.tsv | wc -l) $(wc -l <ledger.tsv) $(ls ledger | wc -l)" '40 40 2' 'forty looks by two hosts: forty lines'
cd ..
mkdir -p old && printf 'fold1\tfold1/x\tnote\n' >old/ledger.tsv
run 0 'a folder with the ledger of before' recipe old audio
is "$(cut -f 2 old/ledger.tsv | sort | tr '\n' ' ')" 'fold1/tiny-plain fold1/x fold2/tiny-plain ' 'keeps its lines'
finish
