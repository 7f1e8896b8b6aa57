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
get() { make --no-print-directory -f "$root/pipelines/recipes.mk" get-cremad CREMAD_URL="file://$tmp/source" DIR="$1"; }

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
run 2 'no folder given' make -f "$root/pipelines/recipes.mk" get-cremad
like "$(cat err)" 'usage: sertools get-cremad DIR=' 'is a usage error'
run 2 'a repository that is not there' make -f "$root/pipelines/recipes.mk" get-cremad CREMAD_URL="file://$tmp/none" DIR=none
finish
