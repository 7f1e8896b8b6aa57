#!/usr/bin/env bash
# compare.sh: `sertools compare A=... B=...`: evalcmp on the predictions that A and B in
# the environment name: a file, or files and patterns with blanks between.
set -euo pipefail
shopt -s nullglob
export LC_ALL=C
if [ -z "${A:-}" ] || [ -z "${B:-}" ]; then
	echo "usage: sertools compare A='predictions.tsv...' B='predictions.tsv...' [COMPARE_FLAGS=...]" >&2
	exit 2
fi
# files NAME: sets found to what that variable names.
files() {
	local f
	found=("${!1}")
	# shellcheck disable=SC2206
	[ -e "${!1}" ] || found=(${!1})
	for f in "${found[@]:-${!1}}"; do
		[ -e "$f" ] || { echo "compare: no such file: $1=$f" >&2 && exit 3; }
	done
}
files B
versus=("${found[@]/#/--versus=}")
files A
read -ra flags <<<"${COMPARE_FLAGS:-}"
exec evalcmp "${flags[@]}" "${versus[@]}" -- "${found[@]}"
