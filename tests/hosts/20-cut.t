#!/usr/bin/env bash
# A host is cut off at random moments of a comparison over four hosts: the run ends with one machine's
# table, by itself or by the same command again, and nothing half-made is taken for whole.
# CUT_SEED=2 CUT_MOMENTS=20: other moments, or more. CUT_ONLY='3 7': those two alone.
. "${0%/*}/../lib.sh"
. "$root/tests/hosts/lib.sh"
. "$root/tests/tones.sh"
need_tools bindfs
tmp=$(pwd -P)
seed=${CUT_SEED:-1} moments=${CUT_MOMENTS:-10}
# A dead host is noticed in seconds, not minutes.
export HOSTS_CPUS=2 HOSTS_SLURM='SlurmdTimeout=6
MessageTimeout=4
TCPTimeout=2
KillWait=2
InactiveLimit=10'
need_hosts 4
export SERTOOLS_DATADIR=$root
sertools=$build/sertools
tones 8
printf 'globalavgpool\ndense 64\nrelu\ndense 64\nrelu\ndense classes\nsoftmax\n' >tiny.net
variables=(CORPUS=folders DIR="$tmp/corpus" 'GROUP=spk[0-9]' NFOLDS=4 NETS=tiny SETS=plain 'SEEDS=1 2' EPOCHS=80
	WAVNORM_FLAGS='--seconds 0.5' TRAIN_FLAGS='--patience 0 --batch 4' THREADS=1)
for h in $(hosts); do echo "2/ssh -o ServerAliveInterval=2 -o ServerAliveCountMax=2 -o ConnectTimeout=3 $h"; done >list

# Of two folders that all hosts share, here is this machine's own, where locks hold between hosts; mounted is the
# same through FUSE, mounted by each host, where they do not.
mkdir here mounted
share() { on "$1" bindfs -o attr_timeout=0,entry_timeout=0,negative_timeout=0 "$tmp/here" "$tmp/mounted"; }
for h in head $(hosts); do share "$h"; done

# all OUT: the sums of all results; histories, rows and costs have seconds, too.
all() {
	(cd "$1" && sha256sum -- fold?/*/{model.bin,predictions.tsv,figures.tsv} ./*.figures.tsv ./*.confusion.tsv \
		./*.report.txt table.tsv table.md)
}
# differs OUT: which of them are not as one machine made them.
differs() { diff <(echo "$want") <(all "$1" 2>&1) | awk "{ print \$1, \$NF }"; }
# wrong OUT: results that are not as their sums say, and what is left of half-made ones.
wrong() {
	(
		cd "$1" || exit
		find . -name '.*.sums' | while IFS= read -r f; do sha256sum --check --quiet "$f" 2>/dev/null; done
		find . -name '*.new*' -o -name '*.tmp*' -o -name '*.checkpoint*'
	)
}
# made OUT: how many scripts have done their work.
made() { find "$1" -name '.*.sums' 2>/dev/null | wc -l; }
by_srun() { "$sertools" audio "${variables[@]}" OUT="$out" -j 8 RUN='srun -Q -n 1 -c 1' RETRY=2; }
by_parallel() {
	"$sertools" plan audio "${variables[@]}" OUT="$out" >plan &&
		parallel --slf list --wd . --joblog log --retries 3 --resume-failed "$sertools one OUT=$out ONE={}" <plan
}
# type_it LAUNCHER: the command, on head, in a session of its own.
type_it() {
	on head setsid -w bash -c "echo \$\$ >session; $(declare -p variables sertools out); $(declare -f by_srun by_parallel); by_$1" >>said 2>&1
}

# cut KIND HOST: what is cut off. mend KIND HOST: what makes it whole again.
cut() {
	case $1 in
	cable) cable "$2" down ;;
	power) halt "$2" ;;
	slurmd) on "$2" sh -c 'kill -KILL $(cat /run/slurmd.pid)' ;;
	steps) on "$2" sh -c 'kill -KILL $(pgrep slurmstepd)' ;;
	sshd) on "$2" sh -c 'kill -KILL $(cat /run/sshd.pid) $(pgrep -f "^sshd: root")' ;;
	connections) on "$2" sh -c 'kill -KILL $(pgrep -f "^sshd: root")' ;;
	submission) on head pkill -KILL -s "$(cat session)" ;;
	esac >/dev/null 2>&1
}
mend() {
	case $1 in
	cable) cable "$2" up ;;
	power) boot "$2" && share "$2" ;;
	slurmd) on "$2" slurmd -N "$2" ;;
	sshd) on "$2" /usr/sbin/sshd -E "$dir/$2/sshd.log" ;;
	esac >/dev/null 2>&1
}
# calm: no host is still at work, and Slurm has all.
calm() {
	local h n
	for n in $(seq 300); do
		for h in $(hosts); do ! on "$h" pgrep -f 'run\.sh|[.]sh$' || continue 2; done
		[ "$(on head sinfo -h -N -o %T | grep -c '^idle$')" != 4 ] || return 0
		sleep 0.2
	done >/dev/null 2>&1
	on head sinfo -N -l | sed 's/^/# /'
	return 1
}

out=$tmp/one
run 0 'one machine' "$sertools" audio "${variables[@]}" OUT="$out"
want=$(all one)
for launcher in srun parallel; do
	out=$tmp/here/$launcher
	: >said
	started=$SECONDS
	rm -f log
	type_it "$launcher"
	rc=$?
	took=$((SECONDS - started))
	[ $rc = 0 ] || sed 's/^/# /' said
	is "$rc $(differs "$out")" "0 " "four hosts by $launcher, in $took s"
	is "$(wrong "$out")" '' 'and nothing else is left'
done

scripts=$(made one)
RANDOM=$seed
kinds_srun=(cable power slurmd steps submission)
kinds_parallel=(cable power sshd connections submission)
for i in $(seq "$moments"); do
	launcher=srun kind=${kinds_srun[(i - 1) / 2 % 5]} folder=here
	[ $((i % 2)) = 1 ] || launcher=parallel kind=${kinds_parallel[(i - 1) / 2 % 5]}
	[ $((i / 2 % 2)) = 0 ] || folder=mounted
	host=h$((RANDOM % 4 + 1))
	n=$((RANDOM % 10))
	read -r after back < <(awk -v a="$RANDOM" -v b="$RANDOM" 'BEGIN { printf "%.1f %.1f\n", 1.5 * a / 32768, 2 + 12 * b / 32768 }')
	[[ " ${CUT_ONLY:-$i} " = *" $i "* ]] || continue
	out=$tmp/$folder/$i
	: >said
	rm -f log session
	calm || ok 1 'all hosts are back'
	started=$SECONDS times=1
	type_it "$launcher" &
	typed=$!
	while [ "$(made "$tmp/here/$i")" -lt $n ] && kill -0 $typed 2>/dev/null; do sleep 0.05; done
	sleep "$after"
	at=$((SECONDS - started)) had=$(made "$tmp/here/$i")
	cut "$kind" "$host"
	{ sleep "$back" && mend "$kind" "$host"; } &
	mending=$!
	wait $typed
	rc=$?
	while [ $rc != 0 ] && [ $times -lt 4 ]; do
		echo "## again, after status $rc" >>said
		times=$((times + 1))
		type_it "$launcher"
		rc=$?
	done
	what="$launcher, $folder: $host's $kind cut at $at s, $had of $scripts scripts done, for $back s: $((SECONDS - started)) s, typed $times times"
	wait $mending
	calm || ok 1 'all hosts are back'
	[ $rc = 0 ] || sed 's/^/# /' said
	[ -z "${CUT_SAID:-}" ] || cp said "$CUT_SAID.$i"
	is "$rc $(differs "$tmp/here/$i")" "0 " "$what"
	is "$(wrong "$tmp/here/$i")" '' 'nothing half-made is left, also when the host has ended'
done
finish
