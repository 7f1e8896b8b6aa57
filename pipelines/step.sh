# step.sh: what each script of an experiment does before and after its own commands. What it
# makes is made by one process at a time, of what is here and whole, and its sums say of what.
# The folder may be on a network file system, which shows other hosts' files late or as they
# were, and drops the locks of a host that is cut off, which may go on all the same: so a result
# appears whole, and counts only where its sums, written last, fit all that is there.
# shellcheck shell=bash disable=SC2086

# A script says: reads TEXT..., needs RESULT..., from SCRIPT... that make these, and makes
# FILE..., of which the first is make's target; notes TEXT... where the note of its provenance is not
# that of what it reads and of itself. Then: begin SCRIPT; its commands; end.
declare -A step=([reads]='' [notes]='' [needs]='' [from]='' [makes]='' [scratch]='')
reads() { step[reads]=$*; }
notes() { step[notes]=$*; }
needs() { step[needs]=$*; }
from() { step[from]=$*; }
makes() { step[makes]=$*; }
# scratch FILE...: what goes when the script ends.
scratch() { step[scratch]=$*; }

# beside SCRIPT WHAT: a file about it: .run.sums of run.sh. sums SCRIPT: its checksums.
beside() {
	local name=${1##*/}
	echo "${1%"$name"}.${name%.sh}.$2"
}
sums() { beside "$1" sums; }
# stamp STREAM: its size and its end, which has a checksum over all of it. It may be large.
stamp() { echo "# $(($(wc -c <"$1"))) $(tail -c 1024 "$1" | sha256sum | cut -c 1-64) $1"; }
# sum FILE...: the checksums of those that are no streams, then the stamps of streams.
sum() {
	local f files=()
	for f; do [[ $f = *.tsr ]] || files+=("$f"); done
	[ ${#files[@]} = 0 ] || sha256sum "${files[@]}"
	for f; do [[ $f != *.tsr ]] || stamp "$f"; done
}
# sound SUMS...: is all there, and as it was when these were written?
sound() {
	local f line
	for f; do [ -s "$f" ] || return 1; done
	cat "$@" | sha256sum --check --strict --status - 2>/dev/null || return 1
	while read -r line; do
		f=${line##* }
		[ -e "$f" ] && [ "$(stamp "$f")" = "$line" ] || return 1
	done < <(grep -h '^# ' "$@" | sort -u)
}
# unplanned SUMS...: which text of this script, or of those behind the sums, is not that of the plan. Older results
# with their older scripts and sums fit each other, and may be what is seen here; but sertools says by SERTOOLS_PLAN
# which plan it made: that whose texts' sums are in .plan.
unplanned() {
	[ -n "${SERTOOLS_PLAN:-}" ] || return 0
	[ "$(sha256sum .plan 2>/dev/null | cut -c 1-64)" = "$SERTOOLS_PLAN" ] || { echo .plan && return; }
	{ sha256sum ${step[reads]} "$script" 2>/dev/null || true; } | awk -v sums="$*" '
		function check(line, name) {
			name = substr(line, 67)
			if (name in plan && plan[name] != substr(line, 1, 64)) other = name
			if (name ~ /\.sums$/ && !seen[name]++) follow(name)
		}
		function follow(file, line) {
			while ((getline line <file) > 0) check(line)
			close(file)
		}
		FILENAME != "-" { plan[substr($0, 67)] = substr($0, 1, 64); next }
		{ check($0) }
		END {
			for (n = split(sums, files, " "); n; n--) follow(files[n])
			if (other != "") print other
		}' .plan -
}
# done_by_now: has it been made, as it is planned?
done_by_now() { sound "$(sums "$script")" && [ -z "$(unplanned "$(sums "$script")")" ]; }
# unmade SCRIPT...: what of what these make is not here yet as it is planned, or not as they made it.
unmade() {
	local f all=''
	for f; do all+=" $(sums "$f")"; done
	f=$(unplanned $all)
	[ -z "$f" ] || { echo "$f is not here as it was planned" && return; }
	[ -n "$all" ] && ! sound $all || return 0
	for f; do sound "$(sums "$f")" || { echo "what $f makes is not here, or not as it made it" && return; }; done
}
# lacking_of: what of all that is to be read is lacking.
lacking_of() {
	local f
	for f in ${step[reads]} ${step[needs]}; do [ -e "$f" ] || { echo "$f is not here" && return; }; done
	unmade ${step[from]}
}
# wait_for WHAT [ARGUMENT...]: until that command, which says what is lacking, says nothing. Listing a folder
# makes a network file system look again.
wait_for() {
	local lack end=$((SECONDS + ${WAIT:-60})) said='' f
	while lack=$("$@") && [ -n "$lack" ]; do
		if [ $SECONDS -ge $end ]; then
			echo "$script: $lack on $(uname -n), ${WAIT:-60} s on (WAIT=${WAIT:-60}); the same command goes on, sertools one OUT=... makes it" >&2
			return 3
		fi
		[ -n "$said" ] || echo "$script: $lack: waiting up to ${WAIT:-60} s (WAIT=${WAIT:-60})" >&2
		said=yes
		for f in . ${step[needs]} ${step[from]} ${step[reads]}; do [[ $f != */* ]] || echo "${f%/*}"; done | sort -u | xargs ls -a . >/dev/null 2>&1 || true
		sleep 0.5
	done
}

# lock OPTION... DESCRIPTOR: false where another process has it. Where the file system knows no locks, that is said,
# and the work goes on: the bytes are the same, whoever makes them.
lock() {
	local why rc=0
	why=$(flock "$@" 2>&1) || rc=$?
	case $rc in
	6[4-9] | 7[0-8]) echo "${script:-$recipe}: no locks in this folder (${why##*: }): what others make at the same time may be made twice" >&2 ;;
	*) return $rc ;;
	esac
}
# claim FILE OPTION... DESCRIPTOR: the same; where LOCK=wait waits for it, else ends, and says who has it by FILE.
claim() {
	local who
	! lock -n "${@:2}" || return 0
	who="$script: in use: $(cat "$1" 2>/dev/null || echo 'by another process')"
	[ "${LOCK:-}" = wait ] || { echo "$who" >&2 && exit 1; }
	echo "$who: waiting" >&2
	lock "${@:2}"
}

# prepare: waits for all that it takes, and ends where nothing is to be made. What runs it may be an older text than
# that which has just been found here, so it begins again with that.
prepare() {
	local trace=''
	check_version
	# Shared locks are for those who can read, where they are those of NFS.
	exec 7<>.lock 8>>"$script"
	claim .lock-holder -s 7
	claim "$(beside "$script" holder)" 8
	if done_by_now; then
		echo "$script: is done" >&2
		exit
	fi
	wait_for lacking_of || exit
	[[ $- != *x* ]] || trace=-x
	SERTOOLS_BEGUN=$script exec bash $trace "$script"
}
# begin SCRIPT: returns where there is something to make, and all that it takes is here.
begin() {
	local f
	script=$1 host=$(uname -n) started=$EPOCHREALTIME
	new=.new-$host-$$ # ends the names of files that are not whole yet
	[ "${SERTOOLS_BEGUN:-}" = "$script" ] || prepare
	unset SERTOOLS_BEGUN
	trap 'ended $?' EXIT
	echo "process $$ on $host, since $(date '+%F %T')" >"$(beside "$script" holder)"
	rm -f "$(sums "$script")"
	for f in ${step[makes]}; do rm -f "$f".new-"$host"-*; done
	SERTOOLS_NOTE=$(cat ${step[notes]:-${step[reads]} "$script"} | sha256sum | cut -c 1-16)
	export SERTOOLS_NOTE
	was=$(inputs)
}
# inputs: the sums of all that is read.
inputs() {
	local f all=''
	for f in ${step[from]}; do all+=" $(sums "$f")"; done
	sum ${step[reads]} "$script" ${step[needs]} $all
}
# ended STATUS: half of what it makes is nothing to go on from; but another host, where locks do not hold, may have
# made it whole.
ended() {
	[ "$1" = 0 ] || done_by_now || rm -f "${step[makes]%% *}"
	rm -f "$(beside "$script" holder)" ${step[scratch]}
}
# end: all was made: of what still is there, or of nothing that counts.
end() {
	local sums
	sums=$(sums "$script")
	if [ -n "$(lacking_of)" ] || [ "$(inputs)" != "$was" ]; then
		echo "$script: what it read was changed meanwhile, so this does not count; the same command again" >&2
		exit 3
	fi
	times >"$sums$new"
	awk -v OFS='\t' -v host="$host" -v from="$started" -v now="$EPOCHREALTIME" -v threads="${THREADS:-0}" '
		{ for (i = 1; i <= 2; i++) { split($i, t, "[ms]"); cpu += 60 * t[1] + t[2] } }
		END { printf "%s\t%.3f\t%.3f\t%.3f\t%s\n", host, from, now - from, cpu, threads }' "$sums$new" >"$(beside "$script" time)$new"
	mv "$(beside "$script" time)$new" "$(beside "$script" time)"
	{ echo "$was" && sum ${step[makes]}; } >"$sums$new"
	mv "$sums$new" "$sums"
}
# check_version: another version makes other bytes.
check_version() {
	local here want
	here=$(nntrain -V 2>/dev/null) || { echo "$script: the programs of sertools are not in PATH on $(uname -n)" >&2 && exit 4; }
	IFS= read -r want 2>/dev/null <share/version || return 0
	[ "$here" = "$want" ] || {
		echo "$script: planned with ${want#* }, but $(uname -n) has ${here#* }: install the same on all hosts, or plan again" >&2
		exit 4
	}
}

# looked TEST RUN: notes that this test is looked at, by which text, before its predictions are made. Each host has
# a file, as hosts that append to one file of a network file system lose lines; ledger.tsv has all.
looked() {
	local boot
	boot=$(cut -c 1-8 /proc/sys/kernel/random/boot_id 2>/dev/null) || boot=0
	mkdir -p ledger
	printf '%s\t%s\t%s\n' "$1" "$2" "$SERTOOLS_NOTE" >>"ledger/$host-$boot.tsv"
	ledger
}
ledger() {
	[ -d ledger ] || return 0
	exec 6<>ledger/.lock
	lock 6
	# One that is listed may not be here yet: its host sees it.
	cat ledger/*.tsv >"ledger.tsv$new" 2>/dev/null || true
	if cmp -s "ledger.tsv$new" ledger.tsv; then rm "ledger.tsv$new"; else mv "ledger.tsv$new" ledger.tsv; fi
	exec 6>&-
}
