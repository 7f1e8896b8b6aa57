#!/usr/bin/env bash
# get-cremad.sh URL DIR: fetches CREMA-D's recordings and tables with git-lfs and
# verifies each against the size and SHA-256 that the repository records. Run it
# again after an interruption or damage: it fetches what is missing or bad.
set -euo pipefail
export LC_ALL=C GIT_LFS_SKIP_SMUDGE=1
url=$1 dir=$2
wanted='AudioWAV/*,*.csv'

say() { echo "get-cremad: $*" >&2; }
in_dir() { git -C "$dir" "$@"; }
sha256() { if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi; }

# SHA-256, size and path of each file of the commit that git-lfs keeps: its blob
# is a pointer, a text of at most 1 KiB. cat-file puts a header line before each
# blob and a newline after it.
pointers() {
	in_dir ls-tree -r HEAD | awk -F '\t' '$2 ~ /^AudioWAV\/|\.csv$/ { split($1, a, " "); print a[3], $2 }' |
		in_dir cat-file --batch-check='%(objectname) %(objectsize) %(rest)' |
		awk '$2 <= 1024 { path = $0; sub(/^[^ ]* [^ ]* /, "", path); print $1, path }' |
		in_dir cat-file --batch='%(objectsize) %(rest)' | awk '
			left <= 0 { left = $1 + 1; path = substr($0, length($1) + 2); oid = ""; next }
			{ left -= length($0) + 1 }
			/^oid sha256:/ { oid = substr($2, 8) }
			/^size [0-9]+$/ && oid != "" { print oid "\t" $2 "\t" path }'
}

# Of lines SHA-256, two spaces, path under DIR: the paths where that is not so.
wrong_sums() {
	cd "$dir"
	[ ! -s "$1" ] || sha256 --check --quiet "$1" 2>/dev/null | sed 's/: FAILED.*//' || true
}

# Path and what is wrong of each file that is not as recorded.
verify() {
	pointers >"$tmp/pointers"
	: >"$tmp/right"
	cut -f 3 <"$tmp/pointers" | tr '\n' '\0' >"$tmp/paths"
	# wc says nothing of a file that is not there, which fails it.
	(cd "$dir" && { xargs -0 wc -c <"$tmp/paths" 2>/dev/null || true; }) >"$tmp/sizes"
	awk -v right="$tmp/right" '
		FILENAME ~ /sizes$/ { size[substr($0, index($0, $2))] = $1; next }
		{ split($0, want, "\t") }
		!(want[3] in size) { print want[3] "\tmissing"; next }
		size[want[3]] != want[2] { print want[3] "\t" size[want[3]] " bytes, not " want[2]; next }
		{ print want[1] "  " want[3] >right }' "$tmp/sizes" "$tmp/pointers" >"$tmp/bad"
	(wrong_sums "$tmp/right") | sed 's/$/	another checksum/' >>"$tmp/bad"
}

# Bad files become pointers again, and what git-lfs has stored of them goes
# where it is damaged: pull then fetches it.
repair() {
	awk -F '\t' 'NR == FNR { bad[$1]; next } $3 in bad {
		print $1 "  .git/lfs/objects/" substr($1, 1, 2) "/" substr($1, 3, 2) "/" $1
	}' "$tmp/bad" "$tmp/pointers" >"$tmp/stored"
	{ (wrong_sums "$tmp/stored"); cut -f 1 "$tmp/bad"; } | tr '\n' '\0' >"$tmp/paths"
	(cd "$dir" && xargs -0 rm -f <"$tmp/paths")
	in_dir checkout -q -f HEAD -- .
}

for tool in git git-lfs; do
	command -v "$tool" >/dev/null || { say "$tool is not installed (./bootstrap get-cremad)"; exit 4; }
done
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

[ -d "$dir/.git" ] || git init -q "$dir"
in_dir lfs install --local --skip-smudge --force >/dev/null
if ! in_dir rev-parse -q --verify HEAD >/dev/null; then
	say "fetching the list of files from $url"
	in_dir fetch --depth 1 "$url" HEAD
	in_dir checkout -q -f FETCH_HEAD
fi
in_dir config remote.origin.url "$url"
verify
if [ -s "$tmp/bad" ]; then
	say "fetching $(wc -l <"$tmp/bad") of $(wc -l <"$tmp/pointers") files"
	repair
	in_dir lfs pull --include "$wanted" || say 'git-lfs stopped; what came is verified below'
	verify
fi
[ -s "$tmp/pointers" ] || { say "$url has no files under AudioWAV that git-lfs keeps"; exit 3; }
while IFS=$'\t' read -r path why; do say "$dir/$path: $why"; done <"$tmp/bad"
if [ -s "$tmp/bad" ]; then
	say "$(wc -l <"$tmp/bad") of $(wc -l <"$tmp/pointers") files are not as recorded; run it again to fetch them"
	exit 3
fi
say "$(wc -l <"$tmp/pointers") files are as recorded"
