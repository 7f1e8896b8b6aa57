# audio.sh: `sertools audio CORPUS=ravdess DIR=...` compares nets on unseen
# speakers, with and without augmented training data. See sertools(7).
# shellcheck shell=bash disable=SC1091,SC2015,SC2016,SC2028,SC2034,SC2086,SC2153,SC2154,SC2155
: "${NETS=cnn1d lstm crnn}" "${SETS=plain x3}" "${PROTOCOL=speaker}"
for p in $PROTOCOL; do [[ $p = speaker || $p = notebook ]] || die "PROTOCOL=$PROTOCOL: speaker and notebook are known"; done
. "$here/corpus.sh"
out=${OUT:-out/audio-$CORPUS}

# The training, validation and test set of a protocol: in fold $1 with
# set $2.
protocol_speaker() {
	if [ "${who[$1/test]}" = records ]; then
		before="tsrdump --tsv --columns src features/$2.tsr | awk -v fold=$1 -f share/fold.awk keys.tsv - >\$d/rows.tsv"$'\n'
		texts+=' keys.tsv share/fold.awk'
		[[ $mark != given* ]] || options=' --allow-overlap'
	fi
	train=$(pick "$1" train "$2")
	# Where only one speaker is left to train on, no one validates.
	valid=$(pick "$1" valid plain)
	test=$(pick "$1" test plain)
}
# The reference's own: variants are made first, then records are split at random.
protocol_notebook() { random "features/$2.tsr"; }

runs_of() { # PROTOCOL FOLDER FOLD
	local n s seed d
	for n in $NETS; do for s in $SETS; do for seed in $SEEDS; do
		d=$2/$n-$s$(after "$seed") before='' options='' texts='manifest.tsv features/plain.sh' results=features/plain.tsr
		[ "$s" = plain ] || { texts+=" features/$s.sh" && results+=" features/$s.tsr"; }
		"protocol_$1" "$3" "$s"
		run "$d" "$n" "$seed"
	done; done; done
}

plan() {
	local p f n s c where protocol=''
	local -A means=([speaker]='speakers apart' [notebook]='records at random: leaks')
	corpus plain $SETS
	means[speaker]=${mark:-${means[speaker]}}
	for p in $PROTOCOL; do
		if [ "$p" = notebook ]; then
			runs_of notebook notebook -
			continue
		fi
		for f in "${folds[@]}"; do runs_of speaker "fold$f" "$f"; done
	done
	[ "$PROTOCOL$mark" = speaker ] || protocol=protocol
	for n in $NETS; do for s in $SETS; do for p in $PROTOCOL; do
		c=$n-$s where=("${folds[@]/#/fold}")
		[ "$p" = speaker ] || { c+=-notebook && where=(notebook); }
		configuration "$c" "net\ttraining|$protocol" "$n\t$s|${protocol:+${means[$p]}}" "$n-$s" "${where[@]}"
	done; done; done
	table "net training $protocol mean seeds uar accuracy epochs seconds" "${protocol:+3}" "${protocol:+names='net protocol'; title='UAR by protocol'}"
}
