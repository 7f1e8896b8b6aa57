# corpus.sh: what recipes on a corpus of recordings share: its manifest, its folds,
# and its features.
# shellcheck shell=bash disable=SC1091,SC2004,SC2015,SC2016,SC2028,SC2034,SC2086,SC2153,SC2154,SC2155
corpora=$(cd "$here/datasets" && echo *.awk)
corpora=${corpora//.awk/}
usage="usage: sertools $recipe CORPUS={${corpora// /,}} DIR=folder [FOLDS=file, folder or loso] [OUT=folder]; CORPUS=table TABLE=labels.csv"
[ -n "${CORPUS:-}" ] || die "$usage"
adapter=$here/datasets/$CORPUS.awk
[[ $CORPUS != */* && -f $adapter ]] || die "CORPUS=$CORPUS: no pipelines/datasets/$CORPUS.awk$(near "$CORPUS" $corpora); $usage"
GROUP=${GROUP:-} awk 'BEGIN { match("", ENVIRON["GROUP"]) }' 2>/dev/null ||
	die "GROUP=$GROUP: this is no extended regular expression, as GROUP='spk[0-9]+' is"
[[ ${FOLDS:-loso} = loso || -r $FOLDS ]] || die "cannot read $FOLDS (FOLDS=...)"
[ -n "${NFOLDS+x}" ] || few=yes # folds that nobody asked for may be fewer
: "${EPOCHS=40}" "${SEED=1}" "${SEEDS=$SEED}" "${NFOLDS=5}" "${VALID=0.2}"
[[ $VALID =~ ^0?\.[0-9]*[1-9][0-9]*$ ]] || die "valid is $VALID, not a share between 0 and 1 (VALID=...)"
adapter_flags=() mark=''
# What the adapter reads: the recordings. recordings: the paths of those that there are.
listing() {
	local found
	found=$(recordings) || exit
	[ -n "$found" ] || die "no recordings under $DIR (DIR=...)"
	sort <<<"$found"
}
recordings() {
	local own
	own=$(cd "$out" && pwd)
	[[ $DIR/ != "$own"/* ]] || own='' # as demo's corpus is in its OUT
	find -L "$DIR" \( -type f -o -type l \) -print0 | tr '\n\0' '\1\n' |
		RECIPE=$recipe DIR=$DIR OUT_DIR=$own awk -f "$here/visible.awk" -f "$here/recordings.awk"
}
[ -n "${DIR:-}" ] || [ -z "${TABLE:-}" ] || { table_dir=yes && DIR=$(dirname -- "$TABLE"); }
[ -n "${DIR:-}" ] || die "$usage"
[ -d "$DIR" ] || die "no folder $DIR (DIR=...); where corpora are had: sertools list corpora"
DIR=$(cd "$(local_path "$DIR")" && pwd)
# unused MANIFEST: says what was listed and is not in it; adapters use all paths.
unused() { :; }
# shellcheck source=/dev/null
[ ! -e "$here/datasets/$CORPUS.sh" ] || . "$here/datasets/$CORPUS.sh"
[ -z "${SUBDIR:-}" ] || [ ! -d "$DIR/$SUBDIR" ] || DIR=$DIR/$SUBDIR
[ -z "${ADAPTER_FLAGS+x}" ] || mapfile -t adapter_flags < <(words ADAPTER_FLAGS)
for f in $SETS; do [[ $f = plain || $f = x3 ]] || die "SETS=$SETS: plain and x3 are known"; done
want_nets

# Recordings and folds are listed again each time.
corpus() { # SET...
	local found manifest labels f
	found=$(listing)
	manifest=$(awk "${adapter_flags[@]}" -f "$adapter" <<<"$found")
	unused "$manifest"
	manifest=$(RECIPE=$recipe GROUP=${GROUP:-} awk -f "$here/visible.awk" -f "$here/groups.awk" <<<"$manifest")
	[ -z "$shuffle" ] || manifest=$(awk -v seed="$SEED" -f "$here/draw.awk" -f "$here/shuffle.awk" <<<"$manifest")
	labels=$(cut -f 3 <<<"$manifest" | sort -u)
	[ "$(wc -l <<<"$labels")" -gt 1 ] || die "all recordings have one label, $labels: there is nothing to tell apart"
	! grep -qxE 'UNCERTAIN|NOSPEECH|-' <<<"$labels" ||
		die "the label $(grep -xE 'UNCERTAIN|NOSPEECH|-' <<<"$labels" | paste -s -d ' ' -) is what nnpredict writes where it predicts none: another name is required"
	# All folds' models have the same classes, also where none of one trains; a list cannot have commas.
	[[ $labels = *,* ]] || classes=$(paste -s -d , - <<<"$labels")
	put corpus.txt "${CORPUS_NAME:-$CORPUS}"$'\n'
	put manifest.tsv "$manifest"$'\n'
	if [ -d "${FOLDS:-}" ] || cut -f 4 <<<"$manifest" | cmp -s - <(cut -f 2 <<<"$manifest"); then
		deal_records
	else
		f=${FOLDS:-}
		deal '' "$manifest" -v foldfile="$(v "${f#loso}")" -v folds="${f:-$NFOLDS}" -v few="${few:-}" -v valid="$VALID"
	fi
	for f; do [[ -n ${makes[features/$f.sh]:-} ]] || features "$f"; done
}

# deal_records: keys.tsv, which record is in which part of each fold: those of FOLDS, a
# folder of EmoBox's, or where every recording is its own speaker, dealt out at random.
# Sets $mark to what is to be said of such a test.
deal_records() {
	local keys fold part lists
	[ "$recipe$choose" = audio ] || die "${choose:+CHOOSE=$choose: }$recipe is about speakers: FOLDS=folder and GROUP=none are for sertools audio"
	[ "${FOLDS:-}" != loso ] || die 'FOLDS=loso: GROUP=none knows no speakers to leave out'
	lists=$(fold_lists)
	# shellcheck disable=SC2001
	keys=$({ sed $'s/^/-\t-\t/' <<<"$manifest" && echo "$lists"; } | RECIPE=$recipe awk -v seed="$SEED" -v folds="$NFOLDS" \
		-v valid="$VALID" -f "$here/visible.awk" -f "$here/draw.awk" -f "$here/parts.awk")
	mark=${keys%%$'\n'*} keys=${keys#*$'\n'}
	put keys.tsv "$keys"$'\n'
	rm -f "$out/split.tsv"
	while read -r fold part; do
		[ "$part" != test ] || folds+=("$fold")
		who[$fold/$part]=records
	done < <(awk -F '\t' '!seen[$1, $2]++ { print $1, $2 }' <<<"$keys")
	lacking key "$keys" "$manifest"
	case $mark in
	heard) mark='given folds, a voice in training and test: not speaker-independent' ;;
	apart) mark='' ;;
	esac
	[ -d "${FOLDS:-}" ] || mark='every recording its own speaker: not speaker-independent'
}
# fold_lists: FOLD, PART, the line itself, of each list in FOLDS.
fold_lists() {
	local d f fold part lists=''
	[ -d "${FOLDS:-}" ] || return 0
	for d in "$FOLDS"/fold*/; do
		[ -d "$d" ] || continue
		fold=${d%/} fold=${fold##*/fold} fold=${fold#_}
		for f in "$d"*.jsonl; do
			[[ $fold =~ ^[A-Za-z0-9]+$ && $f =~ (^|[_/])(train|valid|val|dev|test)(_fold_?[0-9A-Za-z]+)?\.jsonl$ ]] || continue
			part=${BASH_REMATCH[2]/#val*/valid} part=${part/#dev/valid} lists+=" $fold/$part"
			sed "s/^/$fold"$'\t'"$part"$'\t/' <"$f"
		done
		[[ $lists = *" $fold/train"* && $lists = *" $fold/test"* ]] || die "$d: no train.jsonl and test.jsonl, or *_train_fold_$fold.jsonl (FOLDS=...)"
	done
	[ -n "$lists" ] || die "$FOLDS: no fold_1/train.jsonl in there (FOLDS=...)"
}
# The fold "all" tests none: those who test the first fold train in it.
# pick FOLD PART STREAMS: what writes these records of the streams; the rest is all
# but the test; parts that are
# lists of records are in rows.tsv, which $before makes.
pick() {
	local parts=$2 p list='' rows='' who_is fold
	fold=$(dealt "$1")
	[ "$2" != rest ] || parts='train valid'
	[ "$1" != all ] || parts=${parts/train/train test}
	case $1/$2 in
	all/test) return 0 ;;
	all/rest) echo "cat $3" && return 0 ;;
	esac
	for p in $parts; do
		who_is=${who[$fold/$p]:-}
		[ -n "$who_is" ] || continue
		list+=${list:+,}$who_is rows+="${rows:+ || }\$1 == \"$p\""
	done
	case $list in
	'') ;;
	records | records,*) echo "tsrpick --keys <(awk -F '\\t' '$rows { print \$2 }' \$d/rows.tsv) $3" ;;
	*) echo "tsrpick $(groups "$list") $3" ;;
	esac
}
# groups LIST: the options that pick them, a word of the shell. The system takes no argument of more than 128 KiB.
groups() {
	local all=$1 part
	[ ${#all} -le 100000 ] || eval "all=$1"
	while [ ${#all} -gt 100000 ]; do
		part=${all:0:100000} part=${part%,*}
		printf -- '--group %s ' "$(q "$part")"
		all=${all:${#part}+1}
	done
	[ ${#1} -le 100000 ] || all=$(q "$all")
	printf -- '--group %s\n' "$all"
}
# dealt FOLD: the fold of split.tsv or keys.tsv that it is. folder_of FOLD: where its runs are.
dealt() { if [ "$1" = all ]; then echo "${folds[0]}"; else echo "$1"; fi; }
folder_of() { if [ "$1" = all ]; then echo all; else echo "fold$1"; fi; }
# rows_of FOLD STREAMS: sets $before, $texts and $options to what pick needs of them.
rows_of() {
	local fold
	before='' options=''
	memo fold dealt "$1"
	[ "${who[$fold/test]}" = records ] || return 0
	before="tsrdump --tsv --columns src $2 | awk -v fold=$fold -f share/fold.awk keys.tsv - >\$d/rows.tsv\$new"$'\n''mv $d/rows.tsv$new $d/rows.tsv'$'\n'
	texts+=' keys.tsv share/fold.awk'
	[[ $mark != given* ]] || options=' --allow-overlap'
}
# about: adds to $options what users of a model must know of the corpus.
about() {
	local of name credit terms
	IFS=$'\t' read -r of name credit terms _ < <(CORPUS=${CORPUS_NAME:-$CORPUS} awk -F '\t' '$1 == ENVIRON["CORPUS"]' "$here/datasets/credits.tsv") || return 0
	options+=" --about $(q "corpus=$name") --about $(q "credit=$credit")"
	[ "$terms" = - ] || options+=" --about $(q "licence=$terms")"
}
features() { # SET
	local variants=''
	[ "$1" = plain ] || variants="augment $j$skip -s $SEED$(w AUGMENT_FLAGS) | "
	features_by "$1" "wavnorm $j$skip$(w WAVNORM_FLAGS)" "${variants}melspec $j$skip$(w MELSPEC_FLAGS)"
}
# features_by NAME WAVNORM FILTERS [TEXT]: the script of features/NAME.tsr; with FEATURE_SHARDS those of
# its parts, each of as many lines of the manifest, which go into it one behind the other. Their provenance
# is the same, so that the stream is as if it were made at once.
features_by() {
	local shards=${FEATURE_SHARDS:-1} texts="manifest.tsv${4:+ $4}" noted='' check='' parts=() heard=() part n i
	: "${listed:=features/$1.tsr}"
	n=$(wc -l <"$out/manifest.tsv")
	[ "$shards" -le "$n" ] || shards=$n
	if [ "$shards" -le 1 ]; then
		features_of "$1" "$2 --manifest manifest.tsv" "$3" "$texts"
		return
	fi
	for ((i = 1; i <= shards; i++)); do parts+=("features/$1.${i}of$shards"); done
	heard=("${parts[@]/#features\//features/.}")
	noted="$texts ${parts[*]/%/.sh} features/$1.sh"
	for ((i = 1; i <= shards; i++)); do
		part=${parts[i - 1]#features/}
		part_of[$part]="sed -n '$((n * (i - 1) / shards + 1)),$((n * i / shards))p' manifest.tsv"
		features_of "$part" "${part_of[$part]} |"$'\n'"    $2 --manifest -" "$3" "$texts"
	done
	# SKIP_BAD counts for all of them together.
	[ -z "$skip" ] || check="tsrdump --tsv --columns src ${parts[*]/%/.tsr} | awk -F '\\t' -v most=$SKIP_BAD '
    FNR == NR { had[\$NF == \"-\" ? \$1 : \$NF]; next } !(\$2 in had) && ++n > most { exit 1 }' - manifest.tsv ||
    { echo '${family:-$recipe}: $(broken)' >&2; exit 3; }
"
	script "features/$1.sh" "features/$1.tsr" "$texts" "${parts[*]/%/.tsr}" <<-END
		# $2 --manifest manifest.tsv | $3
		${check}cat $(braces "${parts[@]/%/.tsr}") >features/$1.tsr\$new
		cat $(braces "${heard[@]/%/.heard}") >features/.$1.heard
		mv features/$1.tsr\$new features/$1.tsr
	END
}
# broken: what to type where recordings are.
broken() {
	if [ -z "$skip" ]; then
		echo 'SKIP_BAD=1 leaves one broken recording out, SKIP_BAD=10 up to ten'
	else
		echo "more than SKIP_BAD=$SKIP_BAD recordings are broken: a larger number leaves more out"
	fi
}
# features_of NAME WAVNORM FILTERS TEXTS: the script of a stream that is made at once.
features_of() {
	script "features/$1.sh" "features/$1.tsr" "$4" '' <<-END
		$(stamps "$1") >features/.$1.heard
		$2 |
		    $3 -o features/$1.tsr || {
		    rc=\$?
		    [ \$rc != 3 ] || echo '${family:-$recipe}: $(broken)' >&2
		    exit \$rc
		}
	END
}
