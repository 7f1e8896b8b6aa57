# tests/faults/walk.sh: one small run of a program again and again, each time with
# another of its calls failing (faults.c); sourced after lib.sh.
# shellcheck shell=bash disable=SC2154
preload=$BUILD/faults/faults.so
kinds='read write open map rename link sync close thread poll dup stat seek temp'
most=1     # lines that a message may have
outputs=() # files that the run writes; they hold "old" before

# faulty KIND HOW N COUNT COMMAND...: its status. Nothing else is started: there are ten thousand runs.
faulty() {
	local f
	for f in "${outputs[@]}"; do printf old >"$f"; done
	LD_PRELOAD=$preload FAULT_CALL=$1 FAULT_HOW=$2 FAULT_AT=$3 FAULT_COUNT=$4 "${@:5}" <"${input:-/dev/null}" >out 2>err
}

# intact FILE KIND: what it was before the run; where names change hands one after the
# other, the first of several may be new.
intact() {
	local text=
	! IFS= read -r -d '' text <"$1" && [ "$text" = old ] && return
	[[ ${#outputs[@]} -gt 1 && " rename link " = *" $2 "* ]] && cmp -s "$1" "whole-$1"
}

# judge STATUS KIND: all right bytes, or one line, a status that says so, and every
# file as it was before; what is wrong goes to $what.
judge() {
	local f lines
	what=
	if [ "$1" = "$want" ] && cmp -s out whole; then
		for f in "${outputs[@]}"; do cmp -s "$f" "whole-$f" || what+="$f is neither old nor whole;"; done
	else
		[ "$1" = 4 ] || [[ $1 = 3 && " stat seek " = *" $2 "* ]] || what+="status $1;"
		mapfile -t lines <err
		[ ${#lines[@]} -ge 1 ] && [ ${#lines[@]} -le $most ] || what+="${#lines[@]} lines;"
		for f in "${outputs[@]}"; do intact "$f" "$2" || what+="$f is not as it was;"; done
	fi
	for f in o.*.[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f] .*.unfinished; do
		[ ! -e "$f" ] || { what+="$f is left;" && rm -f -- "$f"; }
	done
}

# walk NAME KIND HOW COMMAND...: through all calls of that kind.
walk() {
	local name=$1 kind=$2 how=$3 n i rc what bad='' want=0 f
	shift 3
	faulty "$kind" "$how" 0 count "$@" || want=$?
	[ $want -le 1 ] || bad="it fails of itself: $(tail -n 1 err)"
	read -r n <count
	mv out whole
	for f in "${outputs[@]}"; do mv "$f" "whole-$f"; done
	for ((i = 1; i <= n; i++)); do
		rc=0
		faulty "$kind" "$how" $i '' "$@" || rc=$?
		judge $rc "$kind"
		[ -z "$what" ] || bad+=" $i: $what $(tail -n 1 err)"$'\n'
	done 2>/dev/null # the shell's own words on a crash
	calls=$n
	is "$bad" "" "$name: $n calls of $kind, $how"
}

# walk_all NAME COMMAND...: all kinds but memory.
walk_all() {
	local kind name=$1
	shift
	for kind in $kinds; do walk "$name" "$kind" error "$@"; done
	for kind in read write; do
		walk "$name" $kind short "$@"
		walk "$name" $kind interrupted "$@"
	done
}
