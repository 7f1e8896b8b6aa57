# tests/hosts/lib.sh: hosts on one machine, sourced by up, down, on and the tests beside it. A host is a network
# namespace (ip netns) with a process 1 of its own (init); its name, mounts, /run and processes are its own, too.
# Its cable ends in the bridge of the host named head, where users are. All other folders are the machine's.
# shellcheck shell=bash
set -u
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PATH=$PATH:/usr/sbin:/sbin
# Sets of hosts of different tags do not see each other.
tag=${HOSTS_TAG:-hosts}
dir=/tmp/sertools-$tag
build=$(cd "${BUILD:-$here/../../build}" 2>/dev/null && pwd) || build=''

die() {
	echo "hosts: $*" >&2
	exit 4
}
# lacking: what this machine lacks for it, or nothing.
lacking() {
	local n
	for n in slurmctld:slurm-wlm slurmd:slurm-wlm srun:slurm-wlm munged:munge sshd:openssh-server ssh:openssh-client \
		parallel:parallel ip:iproute2 nsenter:util-linux; do
		command -v "${n%:*}" >/dev/null || { echo "${n%:*} is not installed (package ${n#*:})" && return; }
	done
	[ "$(id -u)" = 0 ] || { echo 'hosts are for root' && return; }
	{ ip netns add "$(netns try)" && ip netns del "$(netns try)"; } 2>/dev/null || echo 'there are no network namespaces here'
}
# netns HOST: its namespace.
netns() { echo "ser-$tag-$1"; }
# hosts: the names of all but head.
hosts() { awk '$2 ~ /^h[0-9]+$/ { print $2 }' "$dir/etc/hosts"; }

# boot HOST: starts its process 1, and waits for its daemons.
boot() {
	rm -f "$dir/$1/up"
	mkdir -p "$dir/$1/slurm"
	setsid ip netns exec "$(netns "$1")" unshare --fork --kill-child --pid --mount-proc --uts --ipc --propagation slave \
		"$here/init" "$dir" "$1" </dev/null >>"$dir/$1/log" 2>&1 &
	echo $! >"$dir/$1/pid"
	for _ in $(seq 300); do
		[ ! -e "$dir/$1/up" ] || break
		kill -0 $! 2>/dev/null || break
		sleep 0.1
	done
	[ -e "$dir/$1/up" ] || die "$1 does not start: $(tail -q -n 3 "$dir/$1/"*log | paste -s -d ' ')"
	disown
	[ "$1" = head ] || cable "$1" up
}
# halt HOST: as if its power failed: not one process says good-bye.
halt() {
	[ "$1" = head ] || cable "$1" down 2>/dev/null || true
	while [ -n "$(ip netns pids "$(netns "$1")")" ]; do
		ip netns pids "$(netns "$1")" | xargs -r kill -KILL 2>/dev/null || true
		sleep 0.1
	done
}
# cable HOST down|up: pulled out at the bridge, or put back.
cable() { ip -n "$(netns head)" link set "$1" "$2"; }
# on HOST COMMAND...: there, in this folder, with this environment.
on() {
	local first
	[ -e "$dir/$1/pid" ] || die "there is no $1 (on --list)"
	first=$(pgrep -P "$(cat "$dir/$1/pid")") || die "$1 does not run (on --boot $1)"
	nsenter -t "$first" --mount --uts --ipc --net --pid -- sh -c 'cd "$0" && exec "$@"' "$PWD" "${@:2}"
}
# need_hosts N: for a test, which is skipped where there can be none: hosts of its own, which end with it.
need_hosts() {
	local lack
	export HOSTS_TAG=t$$ HOSTS_OWNER=$$
	tag=$HOSTS_TAG dir=/tmp/sertools-$tag
	lack=$(lacking)
	[ -z "$lack" ] || { echo "1..0 # SKIP $lack" && exit 0; }
	trap '"$here/down"; rm -rf "$tmp"' EXIT
	trap 'exit 130' INT TERM
	"$here/up" "$1" >/dev/null || { echo 'Bail out! No hosts' && exit 4; }
	PATH=$build:$PATH
}
