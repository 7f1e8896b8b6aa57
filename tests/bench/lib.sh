# lib.sh: what bench.sh and scale.sh share.
# shellcheck shell=bash
set -euo pipefail
export LC_ALL=C
# They choose OpenBLAS's kernels, and would for some of its users only.
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE MAKEFLAGS MAKELEVEL
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=${here%/tests/bench}
BUILD=${BUILD:-$root/build}
export SERTOOLS_DATADIR=$root
cores=$(getconf _NPROCESSORS_ONLN)

say() { printf '%s\n' "$*" >&2; }
die() {
	say "${0##*/}: $2"
	exit "$1"
}
# number NAME: the variable is a whole number above 0.
number() { [[ ${!1} =~ ^[1-9][0-9]*$ ]] || die 2 "$1=${!1}: not a whole number above 0"; }
load() { if [ -r /proc/loadavg ]; then cut -d ' ' -f 1 /proc/loadavg; else uptime | sed 's/.*: *//; s/[ ,].*//'; fi; }
# A line for each property of the machine and of what is measured.
machine() {
	local model memory
	model=$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo 2>/dev/null | sort -u | paste -sd ';' -)
	memory=$(awk '/^MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo 2>/dev/null || true)
	printf 'machine\t%s, %s processors, %s of memory, %s\n' "${model:-$(uname -m)}" "$cores" "${memory:-?}" "$(uname -sr)"
	printf 'date\t%s\n' "$(date -u '+%Y-%m-%d %H:%M UTC')"
	printf 'version\t%s\n' "$(version "$root" "$BUILD")"
}
# version TREE BUILD: with its commit, where it is one, and the kernels that it takes here.
version() {
	local commit
	commit=$(git -C "$1" describe --always --dirty --exclude '*' 2>/dev/null || true)
	printf '%s%s, kernels %s' "$("$2/tsrdump" -V | awk 'NR == 1 { print $NF }')" "${commit:+ ($commit)}" \
		"$("$2/tsrdump" -V -v | sed -n 's/^kernels: //p')"
}
# A machine that does something else gives no figures worth a table.
warn_load() {
	awk -v load="$(load)" -v cores="$cores" 'BEGIN { exit !(load > 0.3 * cores) }' || return 0
	say "${0##*/}: warning: the machine is busy $1 (load $(load)): the figures will be too high"
}
# proc_for DIR: mounts /proc in that root, where it is not, for this process and its own alone.
proc_for() {
	[ ! -e "$1/proc/self" ] || return 0
	[ -n "${BENCH_NAMESPACE-}" ] || BENCH_NAMESPACE=yes exec unshare --mount "$0"
	mount -t proc proc "$1/proc"
}
