#!/usr/bin/env bash
# sertools get-cremad, against a repository of this machine.
. "${0%/*}/lib.sh"
need_tools git git-lfs make
export HOME=$tmp GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b.c GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b.c
unset GIT_DIR GIT_WORK_TREE MAKEFLAGS

{
	git init -q source
	cd source || exit 99
	git lfs install --local
	git lfs track 'AudioWAV/*.wav' '*.mp3' 'big.csv'
	mkdir AudioWAV AudioMP3
	for i in 1 2 3 4; do seq $((i * 1000)) >AudioWAV/100${i}_DFA_ANG_XX.wav; done
	seq 50 >AudioMP3/1001_DFA_ANG_XX.mp3
	seq 3000 >big.csv
	printf '"ActorID","Sex"\n' >VideoDemographics.csv
	git add -A
	git commit -q -m corpus
	cd ..
} >log 2>&1 || { cat log; exit 99; }
wav=AudioWAV/1002_DFA_ANG_XX.wav
# get DIR [VARIABLE=VALUE...]
get() {
	make --no-print-directory -f "$root/pipelines/recipes.mk" get-cremad CREMAD_URL="file://$tmp/source" \
		CREMAD_MIRROR= CREMAD_ARCHIVE= DIR="$1" "${@:2}"
}

run 0 'fetches' get 'a copy'
is "$(tail -n 1 err)" 'get-cremad: 5 files are as recorded' 'and says so'
same source/AudioWAV/1004_DFA_ANG_XX.wav 'a copy/AudioWAV/1004_DFA_ANG_XX.wav' 'a recording'
same source/big.csv 'a copy/big.csv' 'a table that git-lfs keeps'
same source/VideoDemographics.csv 'a copy/VideoDemographics.csv' 'a table that git keeps'
like "$(cat 'a copy/AudioMP3/1001_DFA_ANG_XX.mp3')" 'git-lfs.github.com/spec' 'what is not wanted stays a pointer'

oid=$(git -C source show "HEAD:$wav" | sed -n 's/^oid sha256://p')
object=.git/lfs/objects/${oid:0:2}/${oid:2:2}/$oid
mv source elsewhere
run 0 'a second run asks nobody' get 'a copy'
is "$(cat err)" 'get-cremad: 5 files are as recorded' 'and fetches nothing'
sed 's/7/8/' "elsewhere/$wav" >x && mv x "a copy/$wav"
run 0 'a damaged file' get 'a copy'
same "elsewhere/$wav" "a copy/$wav" "is mended from what git-lfs has stored"
sed 's/7/8/' "elsewhere/$wav" >x && cp x "a copy/$object.new" && mv -f "a copy/$object.new" "a copy/$object" && mv x "a copy/$wav"
run 2 'where that is damaged too, and nothing can be fetched' get 'a copy'
like "$(cat err)" "$wav: " 'the file is named'
like "$(cat err)" '1 of 5 files are not as recorded' 'and counted'
mv elsewhere source
run 0 'which a later run mends' get 'a copy'
same "source/$wav" "a copy/$wav" 'the file is whole again'

printf 'x' >>"a copy/$wav"
rm "a copy/AudioWAV/1003_DFA_ANG_XX.wav"
run 0 'a longer and a missing file' get 'a copy'
like "$(cat err)" 'fetching 2 of 5 files' 'only these are fetched'
same "source/$wav" "a copy/$wav" 'both are'
same source/AudioWAV/1003_DFA_ANG_XX.wav 'a copy/AudioWAV/1003_DFA_ANG_XX.wav' 'whole again'

# A source that hands out something else.
tr 1 2 <"source/$object" >x && mv -f x "source/$object"
run 2 'a source with a damaged file' get other
like "$(cat err)" "other/$wav: " 'it is named'
same source/AudioWAV/1001_DFA_ANG_XX.wav other/AudioWAV/1001_DFA_ANG_XX.wav 'the others came'

# What the repository does not hand out: from the mirror, then from the archive of the release.
object_of() { local oid && oid=$(git -C whole show "HEAD:$1" | sed -n 's/^oid sha256://p') && echo ".git/lfs/objects/${oid:0:2}/${oid:2:2}/$oid"; }
cp -R source whole
for f in AudioWAV/100{1,2,3,4}_DFA_ANG_XX.wav big.csv; do cp -f "source/$f" "whole/$(object_of "$f")"; done
GIT_LFS_SKIP_SMUDGE=1 git -C whole archive --prefix=CREMA-D-1.0/ HEAD | tar -xf - # pointers, as GitHub may have it
tar -czf pointers.tar.gz CREMA-D-1.0
for f in source/AudioWAV/*.wav source/big.csv; do cp "$f" "CREMA-D-1.0/${f#source/}"; done
mv CREMA-D-1.0/AudioWAV/1004_DFA_ANG_XX.wav CREMA-D-1.0/AudioWAV/another-name.wav
tar -czf release.tar.gz CREMA-D-1.0
cp -R whole mirror
rm -rf source/.git/lfs/objects
run 0 'out of budget: from the mirror' get mirrored CREMAD_MIRROR="file://$tmp/mirror"
like "$(cat err)" "fetching 5 of 5 files from file://$tmp/mirror" 'which is said'
same source/AudioWAV/1004_DFA_ANG_XX.wav mirrored/AudioWAV/1004_DFA_ANG_XX.wav 'a recording'
rm "mirror/$(object_of AudioWAV/1003_DFA_ANG_XX.wav)" "mirror/$(object_of AudioWAV/1004_DFA_ANG_XX.wav)"
tr 1 2 <"whole/$(object_of big.csv)" >x && mv -f x "mirror/$(object_of big.csv)"
if command -v curl >/dev/null; then
	run 0 'a mirror that has not all' get both CREMAD_MIRROR="file://$tmp/mirror" CREMAD_ARCHIVE="file://$tmp/release.tar.gz"
	like "$(cat err)" "fetching 3 of 5 files from file://$tmp/release.tar.gz" 'the others are from the archive'
	for f in AudioWAV/{1001,1002,1003,1004}_DFA_ANG_XX.wav big.csv; do same "source/$f" "both/$f" "$f"; done
	is "$(find both -name 'release*' -o -name '*.part' -o -name 'another*')" '' 'which does not stay'
	run 0 'and again' get both
	is "$(cat err)" 'get-cremad: 5 files are as recorded' 'asks nobody'
	run 0 'from the archive alone' get archived CREMAD_ARCHIVE="file://$tmp/release.tar.gz"
	run 2 'an archive of pointers' get pointers CREMAD_ARCHIVE="file://$tmp/pointers.tar.gz"
	like "$(cat err)" '5 of 5 files are not as recorded; run it again' 'is none of recordings'
	like "$(cat pointers/$wav)" 'git-lfs.github.com/spec' 'and leaves what was there'
	dd if=release.tar.gz of=cut.tar.gz bs=400 count=1 2>/dev/null
	run 2 'an archive that was cut off' get cut CREMAD_ARCHIVE="file://$tmp/cut.tar.gz"
	like "$(cat err)" "cut.tar.gz is no archive of CREMA-D" 'is told'
	cp cut.tar.gz cut/.git/release.tar.gz
	run 0 'one whose fetching was interrupted' get cut CREMAD_ARCHIVE="file://$tmp/release.tar.gz"
	cp pointers.tar.gz cut/.git/release.tar.gz && seq 9 >cut/$wav
	run 2 'an archive that is not there' get cut CREMAD_ARCHIVE="file://$tmp/none.tar.gz"
	like "$(cat err)" 'none.tar.gz could not be fetched' 'is told'
	mkdir without && for tool in bash make git git-lfs awk sed tr cut cat rm wc mktemp mkdir xargs sha256sum dirname sh; do ln -s "$(command -v $tool)" without/; done
	run 2 'without curl' env PATH="$tmp/without" make --no-print-directory -f "$root/pipelines/recipes.mk" get-cremad \
		CREMAD_URL="file://$tmp/source" CREMAD_MIRROR= CREMAD_ARCHIVE="file://$tmp/release.tar.gz" DIR=cut
	like "$(cat err)" 'curl is not installed' 'it is asked for'
else
	for _ in {1..21}; do skip 'curl is not installed'; done
fi
rm -rf source && mv whole source

run 2 'no folder given' make -f "$root/pipelines/recipes.mk" get-cremad
like "$(cat err)" 'usage: sertools get-cremad DIR=' 'is a usage error'
run 2 'a repository that is not there' make -f "$root/pipelines/recipes.mk" get-cremad CREMAD_URL="file://$tmp/none" CREMAD_MIRROR= CREMAD_ARCHIVE= DIR=none
finish
