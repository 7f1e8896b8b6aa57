#!/bin/bash
# golden: resampled signals, mel power and log-mel against librosa's.
. "${0%/*}/lib.sh"
golden=$shared/golden/features
need "$golden"
run 0 "common/audio agrees with every file there" "$BUILD/unit/golden" "$golden"
grep '^not ok' out | sed 's/^/# /'
for want in "$golden"/*.default.npy; do
	name=$(basename "$want" .default.npy)
	for file in "$golden/$name.wav" "$shared/data/keras/$name.wav" "$shared/data/cremad/$name.wav"; do
		[ -e "$file" ] || continue
		wavnorm "$file" | melspec >mel.tsr
		run 0 "wavnorm | melspec: $name" "$BUILD/unit/golden" mel.tsr "$want" 0.002 1e-4
		sed 's/^/# /' out
		is "$(tsrdump --tsv mel.tsr | tail -n +2 | cut -f 7)" 108,128 "and its shape"
	done
done
finish
