#!/usr/bin/env bash
# get-cremad.sh URL MIRROR ARCHIVE DIR: fetches CREMA-D's recordings and tables with git-lfs and
# verifies each against the SHA-256 that the repository records. What that does not hand out
# (git-lfs has a budget there) it takes from the mirror, then from the archive of the release; either may be
# empty. Run it again after an interruption or damage: it fetches what is missing or bad.
set -euo pipefail
export LC_ALL=C GIT_LFS_SKIP_SMUDGE=1
url=$1 mirror=$2 archive=$3 dir=$4
[[ $dir != -* ]] || dir=./$dir
wanted='AudioWAV/*,*.csv'

say() { echo "get-cremad: $*" >&2; }
in_dir() { git -C "$dir" "$@"; }
sha256() { if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi; }
export -f sha256

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

# from_remote NAME URL: by git-lfs, which asks for contents by their SHA-256.
from_remote() {
	[ -s "$tmp/bad" ] && [ -n "$2" ] || return 0
	say "fetching $(wc -l <"$tmp/bad") of $(wc -l <"$tmp/recorded") files${3+ from $2}"
	repair
	in_dir config "remote.$1.url" "$2"
	in_dir lfs pull --include "$wanted" "$1" || say 'git-lfs stopped; what came is verified below'
	verify
}

# The archive stays in .git until it has been used, so that it can be continued where the server lets it.
download() {
	local status=0 fetch=(curl -fL)
	[ -t 2 ] || fetch+=(-sS)
	if [ -s "$1" ]; then
		"${fetch[@]}" -C - -o "$1" "$archive" 2>"$tmp/said" || status=$?
		case $status in
		0) return ;;
		22 | 33 | 36) rm "$1" ;; # not by this server, or it is complete
		*) cat "$tmp/said" >&2 && return 1 ;;
		esac
	fi
	"${fetch[@]}" -o "$1" "$archive"
}

# What the archive has of the files that are still bad, whatever they are called in it.
from_archive() {
	local file=$dir/.git/release.tar.gz from path
	[ -s "$tmp/bad" ] && [ -n "$archive" ] || return 0
	say "fetching $(wc -l <"$tmp/bad") of $(wc -l <"$tmp/recorded") files from $archive"
	command -v curl >/dev/null || { say 'curl is not installed (./bootstrap get-cremad)'; return; }
	download "$file" || { say "$archive could not be fetched"; return; }
	mkdir -p "$release"
	if ! tar -tzf "$file" >"$tmp/members" || ! grep -E '/AudioWAV/.|[.]csv$' "$tmp/members" | grep -v '^/\|[.][.]' >"$tmp/some" ||
		! tar -xzf "$file" -C "$release" -T "$tmp/some"; then
		say "$archive is no archive of CREMA-D"
	else
		find "$release" -type f -exec bash -c 'sha256 "$@"' - {} + >"$tmp/found"
		awk -F '\t' 'FILENAME ~ /bad$/ { bad[$1]; next }
			{ sum = substr($0, 1, 64); path = substr($0, 67) }
			FILENAME ~ /found$/ { found[sum] = path; next }
			path in bad && sum in found { print found[sum] "\t" path }' "$tmp/bad" "$tmp/found" "$tmp/recorded" >"$tmp/moves"
		while IFS=$'\t' read -r from path; do
			mkdir -p "$dir/$(dirname "$path")"
			cp "$from" "$dir/$path.part"
			mv -f "$dir/$path.part" "$dir/$path"
		done <"$tmp/moves"
		verify
	fi
	rm -rf "$file" "$release"
}

for tool in git git-lfs; do
	command -v "$tool" >/dev/null || { say "$tool is not installed (./bootstrap get-cremad)"; exit 4; }
done
tmp=$(mktemp -d)
release=$dir/.git/release
trap 'rm -rf "$tmp" "$release"' EXIT

[ -d "$dir/.git" ] || git init -q "$dir"
in_dir lfs install --local --skip-smudge --force >/dev/null
if ! in_dir rev-parse -q --verify HEAD >/dev/null; then
	say "fetching the list of files from $url"
	in_dir fetch --depth 1 "$url" HEAD
	in_dir checkout -q -f FETCH_HEAD
fi
verify
from_remote origin "$url"
from_remote mirror "$mirror" yes
from_archive
[ -s "$tmp/recorded" ] || { say "$url has no files under AudioWAV that git-lfs keeps"; exit 3; }
while IFS=$'\t' read -r path why; do say "$dir/$path: $why"; done <"$tmp/bad"
if [ -s "$tmp/bad" ]; then
	say "$(wc -l <"$tmp/bad") of $(wc -l <"$tmp/recorded") files are not as recorded; run it again to fetch them"
	exit 3
fi
say "$(wc -l <"$tmp/recorded") files are as recorded"
