#!/usr/bin/env bash
# sertools search, killed at any moment, goes on to the same table; of labels that were shuffled it finds nothing.
. "${0%/*}/lib.sh"
. "$root/tests/tones.sh"
tones 8
printf 'normalize\nglobalavgpool\ndense 8\nrelu\ndense classes\nsoftmax\n' >tiny.net
printf 'features mel\nnet tiny\nvalidate none\ntrain --epochs 9 --batch 8 --rate 0.001 --patience 0 --keep last\n' >slow.recipe
printf 'parameter\tvalues\ntrain --rate\t0.0001 to 0.3 log\nnet dense 1\t4 to 16 whole\n' >slow.tsv
search() { # [VARIABLE=VALUE...]
	make -f "$root/pipelines/recipes.mk" search CORPUS=folders DIR=corpus GROUP='spk[0-9]' NFOLDS=2 BASE=slow INNER=2 SETTINGS=3 RUNGS=2 \
		WAVNORM_FLAGS='--seconds 0.5' -j2 "$@"
}
# chosen.row.tsv has the seconds of a training, which are of no two runs.
results() {
	(cd "$1" && GLOBIGNORE=chosen.row.tsv && sha256sum table.tsv table.md settings.tsv folds.tsv versus.tsv chosen.* \
		fold?/chosen/{predictions,figures}.tsv fold?/rung?.tsv &&
		awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "seconds") c = i } { if (c) $c = ""; print }' chosen.row.tsv)
}

run 0 'a search' search OUT=clean
for i in 1 2 3 4 5; do
	setsid env --default-signal=INT,QUIT bash -c "$(declare -f search); root='$root'; search OUT='a \"folder\" ä'" >>log 2>&1 &
	pid=$!
	for _ in $(seq 600); do
		[ "$(find a* -name '*.sums' 2>/dev/null | wc -l)" -lt $((i * 8)) ] || break
		kill -0 $pid 2>/dev/null || break
		sleep 0.05
	done
	kill -KILL -- -$pid 2>/dev/null
	wait $pid 2>/dev/null
done
[ ! -e 'a "folder" ä/table.md' ]
ok $? 'killed five times'
run 0 'and continued' search OUT='a "folder" ä'
is "$(results 'a "folder" ä')" "$(results clean)" 'the same table'

# Resampling a few speakers would give too short an interval.
tones 24
run 0 'shuffled labels' search OUT=s SHUFFLE=yes GROUP='spk[0-9]+'
run 0 'as they are' search OUT=t plan -s GROUP='spk[0-9]+'
same <(cut -f 1,2,4- s/manifest.tsv) <(cut -f 1,2,4- t/manifest.tsv) 'are those of the same recordings'
is "$(cut -f 3,4 s/manifest.tsv | sort)" "$(cut -f 3,4 t/manifest.tsv | sort)" 'and speakers'
like "$(cat s/table.md)" 'Labels were shuffled: by chance the UAR is 33.3, which the interval of what was chosen .* has\.' 'end at chance'
is "$(awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } NR == 2 { print ($at["uar_low"] <= 1 / 3 && $at["uar_high"] >= 1 / 3) }' s/table.tsv)" 1 \
	'within the interval'
mkdir own
(cd own && search plan -s SHUFFLE=yes DIR=../corpus BASE=mlp1558 >../out 2>../err)
ok $? 'a plan'
[ -d own/out/search-folders-shuffled ]
ok $? 'in a folder of its own'
finish
