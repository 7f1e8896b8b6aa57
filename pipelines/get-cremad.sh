#!/usr/bin/env bash
# get-cremad.sh URL DIR: fetches CREMA-D's recordings and tables with git-lfs and
# verifies each against the SHA-256 that the repository records. Run it again after
# an interruption or damage: it fetches what is missing or bad.
set -euo pipefail
export LC_ALL=C GIT_LFS_SKIP_SMUDGE=1
url=$1 dir=$2
[[ $dir != -* ]] || dir=./$dir
wanted='AudioWAV/*,*.csv'

say() { echo "get-cremad: $*" >&2; }
in_dir() { git -C "$dir" "$@"; }
sha256() { if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi; }

# Of lines SHA-256, two spaces, path under DIR: the paths where that is not so, and why.
wrong() {
	[ -s "$1" ] || return 0
	{ (cd "$dir" && sha256 --check --quiet "$1" 2>/dev/null) || true; } |
		sed 's/: FAILED open or read$/	missing/; s/: FAILED$/	another checksum/'
}

verify() {
	in_dir lfs ls-files --long --include "$wanted" | sed 's/ [-*] /  /' >"$tmp/recorded"
	wrong "$tmp/recorded" >"$tmp/bad"
}

# Bad files become pointers again, and what git-lfs has stored of them goes
# where it is damaged: pull then fetches it.
repair() {
	awk -F '\t' 'NR == FNR { bad[$1]; next } substr($0, 67) in bad {
		print substr($0, 1, 66) ".git/lfs/objects/" substr($0, 1, 2) "/" substr($0, 3, 2) "/" substr($0, 1, 64)
	}' "$tmp/bad" "$tmp/recorded" >"$tmp/stored"
	wrong "$tmp/stored" | cat - "$tmp/bad" | cut -f 1 | tr '\n' '\0' >"$tmp/paths"
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
	say "fetching $(wc -l <"$tmp/bad") of $(wc -l <"$tmp/recorded") files"
	repair
	in_dir lfs pull --include "$wanted" || say 'git-lfs stopped; what came is verified below'
	verify
fi
[ -s "$tmp/recorded" ] || { say "$url has no files under AudioWAV that git-lfs keeps"; exit 3; }
while IFS=$'\t' read -r path why; do say "$dir/$path: $why"; done <"$tmp/bad"
if [ -s "$tmp/bad" ]; then
	say "$(wc -l <"$tmp/bad") of $(wc -l <"$tmp/recorded") files are not as recorded; run it again to fetch them"
	exit 3
fi
say "$(wc -l <"$tmp/recorded") files are as recorded"
