# tests/lib.sh: TAP helpers for the scripts beside it, sourced by each.
# A script: . "${0%/*}/lib.sh"; then ok/is/run/...; at its end: finish.
# shellcheck shell=bash
set -u
export LC_ALL=C
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BUILD=${BUILD:-$root/build}
PATH=$BUILD:$PATH
export SERTOOLS_DATADIR=$root # wherever $BUILD is
shared=${SHARED:-$root/../shared}
data=$root/tests/data
# Under valgrind or on a slow machine threads only cost: tests name -j themselves.
tmp=$(mktemp -d) && trap 'rm -rf "$tmp"' EXIT && cd "$tmp" || exit 99
count=0

# ok STATUS NAME: a test that passed where STATUS is 0.
ok() {
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		[ ! -s err ] || sed 's/^/# stderr: /' err
	fi
}

# is GOT WANT NAME: equal strings.
is() {
	if [ "$1" = "$2" ]; then
		ok 0 "$3"
	else
		ok 1 "$3"
		printf '# got:  %s\n# want: %s\n' "${1//$'\n'/$'\n'#       }" "${2//$'\n'/$'\n'#       }"
	fi
}

# like TEXT REGEX NAME: bash's extended regular expression.
like() {
	[[ $1 =~ $2 ]]
	local rc=$?
	ok $rc "$3"
	[ $rc = 0 ] || printf '# got:  %s\n# want: /%s/\n' "$1" "$2"
}

# run STATUS NAME COMMAND...: runs it with stdout in ./out, stderr in ./err,
# and wants that very status, so a crash never passes for an expected failure.
run() {
	local want=$1 name=$2 got=0
	shift 2
	"$@" >out 2>err || got=$?
	[ "$got" = "$want" ]
	local rc=$?
	ok $rc "$name"
	[ $rc = 0 ] || echo "# status $got, wanted $want: $*"
}

# fails STATUS REGEX NAME COMMAND...: as run, and standard error is exactly
# one line that matches.
fails() {
	local want=$1 re=$2 name=$3 got=0
	shift 3
	"$@" >out 2>err || got=$?
	if [ "$got" = "$want" ] && [ "$(wc -l <err)" = 1 ] && [[ $(cat err) =~ $re ]]; then
		ok 0 "$name"
	else
		ok 1 "$name"
		echo "# status $got, wanted $want and one line like /$re/: $*"
	fi
}

# same FILE FILE NAME: equal bytes.
same() {
	cmp "$1" "$2" >err 2>&1
	ok $? "$3"
}

# The levels of the kernels that run here: v2 v3 v4, or the only one.
levels() {
	local level found=
	for level in v2 v3 v4; do
		if SERTOOLS_KERNEL=$level tsrdump -V >/dev/null 2>&1; then
			found+=$level$'\n'
		fi
	done
	printf '%s' "${found:-$(tsrdump -V -v | sed -n 's/^kernels: //p')$'\n'}"
}

# at_level LEVEL UNIT: a C program's tests, numbered on, and one more: it ran all
# that it planned.
at_level() {
	local status=0 planned=none before=$count line
	SERTOOLS_KERNEL=$1 "$BUILD/unit/$2" >out 2>err || status=$?
	while IFS= read -r line; do
		case $line in
		ok\ * | not\ ok\ *)
			count=$((count + 1))
			echo "${line%%ok *}ok $count - $2 $1: ${line#* - }"
			;;
		1..*) planned=${line#1..} ;;
		*) echo "$line" ;;
		esac
	done <out
	is "$status, $((count - before)) of $planned" "0, $planned of $planned" "$2 $1 comes to its end"
}

# units UNIT...: their tests at each level.
units() {
	local level unit
	for level in $(levels); do
		for unit; do
			at_level "$level" "$unit"
		done
	done
}

skip() {
	count=$((count + 1))
	echo "ok $count - # SKIP $1"
}

# Under valgrind or ASan, which are slow and have memory of their own.
is_instrumented() {
	[ -n "${SER_VALGRIND-}" ] || ldd "$BUILD/wavnorm" | grep -q asan
}

# Made for another kind of processor than bash, and run by an emulator (binfmt_misc).
is_emulated() {
	[[ $OSTYPE = linux* && "$(od -An -tx1 -j 18 -N 2 "$BUILD/wavnorm")" != "$(od -An -tx1 -j 18 -N 2 "$BASH")" ]]
}

# need PATH: ends the script as skipped where data outside the project is absent.
need() {
	[ -e "$1" ] && return
	echo "1..0 # SKIP ${1##*/shared/} is not here"
	exit 0
}

# need_tools TOOL...: as need, for programs.
need_tools() {
	local tool
	for tool in "$@"; do
		command -v "$tool" >/dev/null && continue
		echo "1..0 # SKIP $tool is not installed"
		exit 0
	done
}

# find_python MODULE: sets python to one that has it; false where none does.
find_python() {
	for python in python3 /usr/bin/python3; do
		"$python" -c "import $1" 2>/dev/null && return
	done
	return 1
}

# need_python MODULE: as need, for it.
need_python() {
	find_python "$1" && return
	echo "1..0 # SKIP there is no Python with $1"
	exit 0
}

# need_install: ends the script as skipped where nothing can be installed; else `install
# TARGET` is make for a prefix below $tmp/root/opt/ser.
need_install() {
	local f
	if [ ! -e "$BUILD/libsertools.a" ]; then
		echo "1..0 # SKIP $BUILD is not what make built"
		exit 0
	fi
	unset MAKEFLAGS MAKELEVEL
	# Another PREFIX links the programs anew, which others use meanwhile: so in a copy.
	mkdir "$tmp/build"
	for f in "$BUILD"/*; do
		case ${f##*/} in asan | bench | double | faults | fuzz | lint-* | unit | valgrind) ;; *) cp -a "$f" "$tmp/build" ;; esac
	done
	install() { make -C "$root" BUILD="$tmp/build" DESTDIR="$tmp/root" PREFIX=/opt/ser "$@"; }
}

finish() {
	echo "1..$count"
}
