#!/usr/bin/env bash
# A host whose file system shows late what others wrote: missing, as it was before, or cut.
# What it makes is right all the same, or there is a clean error, never a wrong table.
. "${0%/*}/lib.sh"
. "$root/tests/tones.sh"
need_tools cc
if is_instrumented || ! cc -O1 -shared -fPIC -o late.so "$root/tests/preload/late.c" -ldl 2>err ||
	! LD_PRELOAD=$tmp/late.so tsrdump --version >out 2>err || [ -s err ]; then
	echo '1..0 # SKIP nothing can be preloaded here'
	exit 0
fi
tiny
tmp=$(pwd -P)

audio() { # OUT EPOCHS [VARIABLE=VALUE...]
	make -f "$root/pipelines/recipes.mk" CORPUS=folders DIR=corpus GROUP='spk[0-9]' NFOLDS=2 NETS=tiny SETS=plain \
		WAVNORM_FLAGS='--seconds 0.5' TRAIN_FLAGS='--patience 0' OUT="$1" EPOCHS="$2" "${@:3}" audio
}
results() { (cd "$1" && sha256sum fold?/*/{model.bin,predictions.tsv,figures.tsv} ./*.figures.tsv ./*.confusion.tsv table.tsv table.md); }

# RUN=./late: a script on the other host, for which what this one wrote in the last
# seconds is as in old. RUN=./turns: on either host by turns.
mkdir own
printf '#!/bin/sh\n[ ! -e calm ] || exec "$@"\nLATE_HOST=other LATE_SECONDS=$(cat seconds) LATE_DIR=%s LATE_OLD=%s LATE_OWN=%s LD_PRELOAD=%s exec "$@"\n' \
	"$tmp/x" "$tmp/old" "$tmp/own" "$tmp/late.so" >late
sed -i "s,seconds),$tmp/&,; s,-e calm,-e $tmp/calm," late
printf '#!/bin/bash\nexec 9>>%s/turn\nflock 9\necho >&9\nn=$(wc -l <%s/turn)\nexec 9>&-\n[ $((n %% 2)) = 0 ] || exec "$@"\nexec %s/late "$@"\n' \
	"$tmp" "$tmp" "$tmp" >turns
chmod +x late turns
cp -R corpus kept
# again OLD...: x as of two epochs, and old as is said.
again() {
	rm -rf x old own turn
	mkdir own
	cp -R clean2 x
	"$@"
}
for e in 2 90; do run 0 "$e epochs on one host" audio clean$e $e; done
[ "$(results clean2)" != "$(results clean90)" ]
ok $? 'differ'

echo 2 >seconds
rm -rf x
run 0 'a plan' audio x 90 plan
cp -R x old
run 0 'another host sees new files two seconds late' audio x 90 RUN="$tmp/turns"
is "$(results x)" "$(results clean90)" 'and the results are those of one host'

again cp -R clean2 old
run 0 'it sees files of another setting instead' audio x 90 RUN="$tmp/turns"
is "$(results x)" "$(results clean90)" 'and the results are those of one host'

# cut: old is what will be, without the last quarter of each line's file.
cut_short() {
	local f
	cp -R clean90 old
	find old -name '*.tsv' | while IFS= read -r f; do sed -n '$!p' "$f" >"$f.new" && mv "$f.new" "$f"; done
}
again cut_short
run 0 'it sees files without their ends' audio x 90 RUN="$tmp/turns"
is "$(results x)" "$(results clean90)" 'and the results are those of one host'

# Longer than is waited for.
again cp -R clean2 old
echo 1000 >seconds
run 2 'it sees them for longer than WAIT' env WAIT=1 bash -c "$(declare -f audio); root=$root; audio x 90 RUN='$tmp/late'"
like "$(cat err)" 'run.sh: .* is not here as it was planned.* on other, 1 s on \(WAIT=1\); the same command' 'is said in a line'
is "$(cat out)" '' 'no table is shown'
touch calm
run 0 'the same command, once it sees all' audio x 90 RUN="$tmp/late"
is "$(results x)" "$(results clean90)" 'and the results are those of one host'
rm calm

# Who asks is on the other host.
again cp -R clean2 old
run 0 'one host makes it' audio x 90
echo 3 >seconds
elsewhere() { "$tmp/late" make -f "$root/pipelines/recipes.mk" CORPUS=folders DIR=corpus GROUP='spk[0-9]' NFOLDS=2 NETS=tiny SETS=plain \
	WAVNORM_FLAGS='--seconds 0.5' TRAIN_FLAGS='--patience 0' OUT=x EPOCHS=90 audio; }
run 0 'the other host asks for it' elsewhere
is "$(results x)" "$(results clean90)" 'and the results are those of one host'
is "$(cat out)" "$(cat clean90/table.md)" 'and so is what it shows'

# A host whose clock is ahead.
rm -rf ahead
printf '#!/bin/sh\n"$@" && find . -type f ! -name "*.sh" -newer %s/calm -exec touch -d "+2 min" {} +\n' "$tmp" >fast
chmod +x fast
touch calm
run 0 'a clock that is two minutes ahead' audio ahead 2 RUN="$tmp/fast"
run 0 'and then other settings' env WAIT=3 bash -c "$(declare -f audio); root=$root; audio ahead 90"
is "$(results ahead)" "$(results clean90)" 'the results are those of one host'
finish
