# csv.sh: `sertools csv RESPONSES=... ACTORS=...` predicts the displayed emotion from
# raters' answers, with rows split at random and with actors kept apart. See
# sertools(7).
# shellcheck shell=bash disable=SC1091,SC2015,SC2016,SC2028,SC2034,SC2086,SC2153,SC2154,SC2155
: "${TABLES=notebook response clip-voice clip-face clip-both clip-all}" "${NETS=mlp mlp-mse}" "${SPLITS=rows actors}" \
	"${NFOLDS=5}" "${EPOCHS=40}" "${SEED=1}" "${SEEDS=$SEED}" "${TRAIN_FLAGS=--batch 256}" "${RESPONSES=}" "${ACTORS=}"
out=${OUT:-out/csv}
for f in $SPLITS; do [[ $f = rows || $f = actors ]] || die "SPLITS=$SPLITS: rows and actors are known"; done
[ -n "$RESPONSES" ] && [ -n "$ACTORS" ] || [ -z "$RESPONSES$ACTORS" ] ||
	die 'usage: sertools csv RESPONSES=finishedResponses.csv ACTORS=VideoDemographics.csv; without both, on made-up tables'
for f in "$RESPONSES" "$ACTORS"; do [ -z "$f" ] || [ -e "$f" ] || die "no file $f"; done
want_nets

# What csvprep is asked for each table.
table_of() { # TABLE
	case $1 in
	notebook | response) echo "--recipe prep/cremad-$1.prep $responses actors=$actors" ;;
	clip-all) echo "--recipe prep/cremad-clip.prep $responses" ;;
	clip-voice | clip-face | clip-both) echo "--recipe prep/cremad-clip.prep --columns '*.${1#clip-}*' $responses" ;;
	*) die "TABLES=$TABLES: there is no table $1$(near "$1" notebook response clip-voice clip-face clip-both clip-all)" ;;
	esac
}
# operand FILE: as csvprep takes it for no option and no NAME=FILE.
operand() { if [[ $1 = /* ]]; then printf '%s' "$1"; else printf './%s' "$1"; fi; }
# copy_of FILE NAME: takes a table in and says as what.
copy_of() {
	local name=$2.csv
	case $1 in *.gz | *.xz) name+=.${1##*.} ;; esac
	take "$1" "$name"
	echo "$name"
}

# The table lives as long as its run takes: it may be large.
run_of() { # FOLD TABLE NET SEED
	local d=$1/$2-$3$(after "$4") fit=''
	before="scratch \$d/table.tsr \$d/rows.tsv"$'\n' options=''
	[ "$3" != mlp-mse ] || options=' --loss mse'
	texts="tables.sha256 prep/cremad-${2/clip-*/clip}.prep" results="$responses $actors"
	# What steps learn, they learn from the actors who train; where rows are split at
	# random, from all, as the reference did.
	[ "$1" = rows ] || fit=" --fit-groups ${who[$1/train]}"
	before+="csvprep -q $(table_of "$2")$fit -o \$d/table.tsr"$'\n'
	if [ "$1" = rows ]; then
		random '$d/table.tsr'
	else
		train="tsrpick --group ${who[$1/train]} \$d/table.tsr" valid="tsrpick --group ${who[$1/valid]} \$d/table.tsr"
		test="tsrpick --group ${who[$1/test]} \$d/table.tsr"
	fi
	run "$d" "$3" "$4"
}

plan() {
	local f t n s actors_of
	local -A of=([rows]=rows)
	responses=responses.csv actors=actors.csv
	for t in $TABLES; do table_of "$t" >/dev/null; done
	if [ -z "$RESPONSES" ]; then
		for t in responses actors; do
			put $t.csv "$(awk -v what=$t -f "$here/draw.awk" -f "$here/csv-table.awk")"$'\n'
		done
	fi
	# Actors are dealt to folds as speakers are in sertools audio.
	actors_of=$(csvprep -q --recipe "$here/prep/cremad-clip.prep" "$(operand "${RESPONSES:-$out/responses.csv}")" | tsrdump --tsv |
		awk -F '\t' 'NR > 1 { print "-\t" $1 "\t" $2 "\t" $3 }')
	deal actors "$actors_of" -v folds="$NFOLDS"
	of[actors]=${folds[*]/#/actors}
	[ -z "$RESPONSES" ] || { responses=$(copy_of "$RESPONSES" responses) && actors=$(copy_of "$ACTORS" actors); }
	put tables.sha256 "$(cd "$out" && sha256sum "$responses" "$actors")"$'\n'
	for f in notebook response clip; do take "$here/prep/cremad-$f.prep" "prep/cremad-$f.prep"; done
	for f in $(for s in $SPLITS; do echo "${of[$s]}"; done); do
		for t in $TABLES; do for n in $NETS; do for s in $SEEDS; do run_of "$f" "$t" "$n" "$s"; done; done; done
	done
	for t in $TABLES; do for n in $NETS; do for s in $SPLITS; do
		configuration "$t-$n-$s" 'recipe\tnet\tsplit' "$t\t$n\t$s" "$t-$n" ${of[$s]}
	done; done; done
	table "recipe net split accuracy uar seeds commonest records epochs" 3 "names='recipe net'; by='split'; value='accuracy'; \
title='Displayed emotion from raters'' answers'; what='accuracy (%)'"
}
