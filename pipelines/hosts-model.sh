#!/usr/bin/env bash
# hosts-model.sh: `sertools hosts-model OUT=...`: how long an experiment takes on 1 to 1,000
# hosts, of its Makefile, the times that its scripts took, and what its launcher takes for
# a job; hosts-model.awk says by which model. See sertools(7).
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=pipelines/plot.sh
. "$here/plot.sh"
die() {
	echo "hosts-model: $(visible "$*")" >&2
	exit 3
}
# number NAME WHAT REGEX: ends unless the variable is one.
number() { [[ ${!1} =~ ^($3)$ ]] || die "$1=${!1}: $2 is required"; }

# times: SCRIPT<tab>HOST START SECONDS..., what the scripts in OUT took.
times() {
	(cd "$out" && find . -name '.*.time' -type f -exec awk '
		FNR == 1 { file = substr(FILENAME, 3); at = match(file, /[^\/]*$/)
			print substr(file, 1, at - 1) substr(file, at + 1, length(file) - at - 5) ".sh\t" $0 }' {} +)
}
sizes() { (cd "$out" && find . \( -name '*.tsr' -o -name model.bin \) -exec wc -c {} +); }
# jobs: $tmp/jobs.tsv, of OUT, or those that come with sertools.
jobs() {
	if [ -z "${OUT:-}" ]; then
		cp "$here/hosts/ravdess.tsv" "$tmp/jobs.tsv"
		echo "hosts-model: no OUT=folder of an experiment: of $(sed -n '1s/^# //p' "$tmp/jobs.tsv")" >&2
		return
	fi
	out=$(local_path "$OUT")
	[ -f "$out/Makefile" ] || die "OUT=$OUT: there is no experiment (sertools plan audio OUT=...)"
	times >"$tmp/times"
	[ -s "$tmp/times" ] || die "OUT=$OUT: no script of it has run, so there are no times (sertools audio OUT=..., or ONE=... of one run at least)"
	sizes >"$tmp/sizes"
	awk -f "$here/hosts-jobs.awk" what=times "$tmp/times" what=sizes "$tmp/sizes" what= "$out/Makefile" >"$tmp/jobs.tsv"
}
# ran: where all jobs ran: the hosts, how many jobs a host did at once, and the seconds in which any ran, with
# pauses of up to 10 s, as longer ones are interruptions.
ran() {
	awk -F '\t' '$3 == "-" { exit 1 }' "$tmp/jobs.tsv" || return 0
	cut -f 2- "$tmp/times" | awk '{ printf "%.3f 1 %s\n%.3f -1 %s\n", $2, $1, $2 + $3, $1 }' | sort -k 1,1n -k 2,2n | awk '
		{
			if (running || $1 - before < 10) total += $1 - before
			before = $1
			running += $2
			if (!($3 in now)) hosts++
			now[$3] += $2
			if (now[$3] > slots) slots = now[$3]
		}
		NR == 1 { total = 0 }
		END { printf "%d %d %.3f\n", hosts, slots, total }'
}
# launcher: what RUN takes for a job that does nothing: one after another, and 16 at once, which keep who hands out
# busy. Sets DISPATCH, START.
launcher() {
	local alone many began
	# shellcheck disable=SC2016 # make's
	echo 'all: $(shell seq -f job%.0f $(JOBS))
.DEFAULT: ; @$(RUN) bash /dev/null' >"$tmp/Makefile"
	launches 1 2 >/dev/null
	alone=$(launches 1 10) many=$(launches 16 64)
	: "${DISPATCH:=$many}" "${START:=$(awk -v a="$alone" -v d="$DISPATCH" 'BEGIN { print (a > d ? a - d : 0) }')}"
}
# launches AT_ONCE JOBS: the seconds for each.
launches() {
	local began=$EPOCHREALTIME
	MAKEFLAGS='' "${MAKE:-make}" -s -C "${out:-.}" -f "$tmp/Makefile" -j "$1" RUN="${RUN//\$/\$\$}" JOBS="$2" >&2 || die "RUN=$RUN: this launcher fails"
	awk -v from="$began" -v to="$EPOCHREALTIME" -v n="$2" 'BEGIN { printf "%.4f\n", (to - from) / n }'
}
# table: for people, of the TSV.
table() {
	awk -F '\t' -v OFS='\t' '
		function s(x) { return x == "-" ? x : sprintf(x < 100 ? "%.1f" : "%.0f", x) }
		NR == 1 { print "hosts", "seconds", "95 % interval", "measured", "speed-up", "efficiency", "held back by"; next }
		{ print $1, s($3), ($5 > $4 ? s($4) " to " s($5) : "-"), s($2), sprintf("%.1f", $6), sprintf("%.0f %%", 100 * $7), $NF }' "$1" |
		awk -v left=0 -f "$here/markdown.awk"
}

: "${HOSTS=1 2 5 10 20 50 100 200 500 1000}" "${RUNS=0}" "${SEED=1}" "${BANDWIDTH=0}"
hosts=$(tr -s '[:space:]' '\n' <<<"$HOSTS" | sed '/^$/d' | sort -nu)
for n in $hosts; do [[ $n =~ ^[1-9][0-9]{0,5}$ ]] || die "HOSTS=$HOSTS: whole numbers are required, from 1 to 999999"; done
[ -n "$hosts" ] || die "HOSTS=$HOSTS: of how many hosts?"
number RUNS 'a whole number' '[0-9]{1,6}'
number SEED 'a whole number' '[0-9]{1,9}'
number BANDWIDTH 'a number of bytes a second' '[0-9]+([.][0-9]*)?(e[0-9]{1,2})?'
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
jobs
on='' slots='' seconds=''
[ -z "${OUT:-}" ] || read -r on slots seconds < <(ran) || true
[ -z "$seconds" ] || [ "$RUNS" != 0 ] || : "${MEASURED=$on:$seconds}"
: "${SLOTS=${slots:-1}}"
number SLOTS 'a whole number, 1 at least,' '[1-9][0-9]{0,3}'
[ -z "${RUN:-}" ] || launcher
: "${DISPATCH=0.02}" "${START=0.1}"
for n in DISPATCH START; do number $n 'a number of seconds' '[0-9]*[.]?[0-9]+'; done
for n in ${MEASURED:-}; do [[ $n =~ ^[1-9][0-9]{0,5}:[0-9]+([.][0-9]+)?$ ]] || die "MEASURED=$MEASURED: HOSTS:SECONDS is required, as 4:171.5"; done

awk -v hosts="$(tr '\n' ' ' <<<"$hosts")" -v slots="$SLOTS" -v dispatch="$DISPATCH" -v start="$START" -v bandwidth="$BANDWIDTH" -v runs="$RUNS" \
	-v seed="$SEED" -v measured="${MEASURED:-}" -v notes="$tmp/notes" -f "$here/draw.awk" -f "$here/hosts-model.awk" "$tmp/jobs.tsv" >"$tmp/hosts-model.tsv" ||
	die "OUT=${OUT:-}: none of its scripts has run as it is planned now (sertools audio OUT=...)"
table "$tmp/hosts-model.tsv"
{
	cat "$tmp/notes"
	echo "A job takes the launcher $DISPATCH s at the one process that hands out (DISPATCH), and $START s more on its host (START); $SLOTS at once on a host (SLOTS)."
} | sed '1s/^/\n/'
to=${out:-out}
mkdir -p "$to"
mv "$tmp/hosts-model.tsv" "$to/hosts-model.tsv"
command -v gnuplot >/dev/null || { echo 'hosts-model: gnuplot is not installed: no figure' >&2 && exit; }
plot hosts "$tmp/hosts-model.svg" input="$to/hosts-model.tsv" ${title:+"title=$title"}
deliver "$tmp/hosts-model.svg" "$to/hosts-model.svg" >&2
