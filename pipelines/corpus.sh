# corpus.sh: what recipes on a corpus of recordings share: its manifest, its folds,
# and its features.
# shellcheck shell=bash disable=SC1091,SC2015,SC2016,SC2028,SC2034,SC2086,SC2153,SC2154,SC2155
corpora=$(cd "$here/datasets" && echo *.awk)
corpora=${corpora//.awk/}
usage="usage: sertools $recipe CORPUS={${corpora// /,}} DIR=folder [FOLDS=file or loso] [OUT=folder]"
[ -n "${CORPUS:-}" ] && [ -n "${DIR:-}" ] || die "$usage"
adapter=$here/datasets/$CORPUS.awk
[ -f "$adapter" ] || die "no pipelines/datasets/$CORPUS.awk; $usage"
[ -d "$DIR" ] || die "no folder $DIR (DIR=...)"
DIR=$(cd "$DIR" && pwd)
[[ ${FOLDS:-loso} = loso || -r $FOLDS ]] || die "cannot read $FOLDS (FOLDS=...)"
: "${EPOCHS=40}" "${SEED=1}" "${SEEDS=$SEED}" "${NFOLDS=5}" "${VALID=0.2}"
adapter_flags=()
# shellcheck source=/dev/null
[ ! -e "$here/datasets/$CORPUS.sh" ] || . "$here/datasets/$CORPUS.sh"
[ -z "${ADAPTER_FLAGS+x}" ] || eval "adapter_flags=($ADAPTER_FLAGS)"
[ ! -d "$DIR/${SUBDIR:-}" ] || DIR=$DIR${SUBDIR:+/$SUBDIR}
for f in $SETS; do [[ $f = plain || $f = x3 ]] || die "SETS=$SETS: plain and x3 are known"; done
want_nets

# Recordings and folds are listed again each time.
corpus() { # SET...
	local found manifest f
	found=$(find -L "$DIR" -type f |
		awk 'tolower($0) ~ /\.(wav|flac|ogg|oga|opus|mp3|aiff?|aifc|au|caf|w64)$/' | sort)
	[ -n "$found" ] || die "no recordings under $DIR"
	manifest=$(awk "${adapter_flags[@]}" -f "$adapter" <<<"$found")
	put corpus.txt "${CORPUS_NAME:-$CORPUS}"$'\n'
	put manifest.tsv "$manifest"$'\n'
	f=${FOLDS:-}
	deal '' -v foldfile="${f#loso}" -v folds="${f:-$NFOLDS}" -v valid="$VALID" "$out/manifest.tsv"
	for f; do [[ -n ${makes[features/$f.sh]:-} ]] || features "$f"; done
}
features() { # SET
	local variants=''
	[ "$1" = plain ] || variants="augment $j -s $SEED$(w "${AUGMENT_FLAGS:-}") | "
	script "features/$1.sh" "features/$1.tsr" manifest.tsv '' <<-END
		wavnorm $j$(w "${WAVNORM_FLAGS:-}") --manifest manifest.tsv |
		    ${variants}melspec $j$(w "${MELSPEC_FLAGS:-}") -o features/$1.tsr
	END
}
