#!/usr/bin/env bash
# The hosts themselves: Slurm, ssh and GNU Parallel on them, power and cables, and that nothing of them is left.
. "${0%/*}/../lib.sh"
. "$root/tests/hosts/lib.sh"
need_hosts 2

is "$(on head srun -N 2 hostname | sort | paste -s -d ' ')" 'h1 h2' 'srun: both hosts'
run 7 "a step's status is srun's" on head srun -Q -n 1 -c 4 sh -c 'exit 7'
printf 'h1\nh2\n' >list
is "$(seq 2 | on head parallel --slf list -j 1 --wd . 'hostname; pwd; sleep 1' | sort -u | paste -s -d ' ')" \
	"$tmp h1 h2" 'GNU Parallel: both hosts, in this folder'
is "$(on h1 ssh h2 'hostname; command -v nntrain')" $'h2\n'"$build/nntrain" 'ssh from one to the other, where the programs are in PATH'
on head sbatch -W --array=1-3 -o /dev/null --wrap 'hostname >job$SLURM_ARRAY_TASK_ID' >out 2>err
is "$? $(cat job? | wc -l)" '0 3' 'sbatch: an array'
is "$(on h1 sh -c 'cat /proc/1/comm /proc/sys/kernel/hostname' | paste -s -d ' ')" 'bash h1' 'its processes and its name are its own'

# Each host can be lost, and comes back.
"$here/on" --cable h1 down
run 255 'a cable is out: no ssh' on head ssh -o ConnectTimeout=1 h1 true
"$here/on" --cable h1 up
run 0 'and in' on head ssh h1 true
"$here/on" --halt h2
run 255 'a host without power' on head ssh -o ConnectTimeout=1 h2 true
is "$(ip netns pids "$(netns h2)")" '' 'runs nothing'
run 0 'it starts' "$here/on" --boot h2
is "$(on head srun -w h2 hostname)" h2 'and works again'
on h1 sh -c 'kill -9 $(cat /run/slurmd.pid)'
run 1 'without its slurmd' on h1 pgrep slurmd
run 0 'it starts again' on h1 slurmd -N h1
is "$(on head srun -w h1 hostname)" h1 'and works'

# A second set of hosts, up and down beside it; also where up or its owner was killed.
left() { # TAG
	ip netns list | grep "ser-$1-"
	ls -d "/tmp/sertools-$1" 2>/dev/null
	grep -h "sertools-$1" /proc/[0-9]*/mounts 2>/dev/null
	pgrep -f "sertools-$1[ /]"
}
other() { env -u HOSTS_OWNER HOSTS_TAG="${tag}b" "$@"; }
run 0 'others beside them' other "$here/up" 1
like "$(cat out)" "HOSTS_TAG=${tag}b $here/down" 'up says what to type'
fails 4 'hosts are up' 'not twice' other "$here/up" 1
is "$(other "$here/on" --list)" h1 'one host'
fails 4 'there is no h7' 'and no other' other "$here/on" h7 true
other "$here/on" h1 sleep 1000 2>/dev/null &
sleep 0.2
run 0 'down' other "$here/down"
is "$(left "${tag}b")" '' 'nothing is left, also of what ran'
fails 4 'no hosts are up' 'nor to be used' other "$here/on" h1 true
for after in 0.05 0.1 0.2 0.4; do
	other timeout -s KILL $after "$here/up" 2 >/dev/null 2>&1
	other "$here/down"
done
is "$(left "${tag}b")" '' 'up was killed: down tidies'
sleep 1000 &
owner=$!
run 0 'hosts with an owner' env HOSTS_TAG="${tag}c" HOSTS_OWNER=$owner "$here/up" 1
{ kill -KILL $owner && wait $owner; } 2>/dev/null
for _ in $(seq 100); do
	[ -n "$(left "${tag}c")" ] || break
	sleep 0.1
done
is "$(left "${tag}c")" '' 'end with it'
is "$(on head srun -N 2 hostname | sort | paste -s -d ' ')" 'h1 h2' 'the first ones stand'
finish
