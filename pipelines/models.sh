#!/usr/bin/env bash
# models.sh OUT TO: makes the models that come with sertools, and their cards, from the RAVDESS
# recordings in DIR: `sertools audio` of the recipe duo on the folds of EmoBox, with three seeds,
# trains and tests those that the cards tell of, and what is trained on all speakers goes to TO.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$1 to=$2
[ -n "${DIR:-}" ] || {
	echo 'usage: sertools models DIR=folder-of-RAVDESS [OUT=folder]' >&2
	exit 2
}
CORPUS=ravdess FOLDS=$here/models/emobox.tsv NETS=duo SEEDS='1 2 3' FINAL=yes OUT=$out "$here/experiment.sh" audio
flags=${MAKEFLAGS:-}
case ${flags%% *} in -* | *=*) ;; *n*) exit ;; esac # make -n
mkdir -p "$to"
for kind in alone: enrolled:-speaker; do
	from=$out/all/duo-${kind%%:*} name=$to/ravdess${kind#*:}
	cp "$from/model.bin" "$name.bin.new"
	cp "$from/card.tsv" "$name.tsv"
	mv "$name.bin.new" "$name.bin"
	echo "models: $name.bin, with its card" >&2
done
