#!/bin/bash
# fuzz: what libFuzzer begins with and what it has found, without libFuzzer.
. "${0%/*}/lib.sh"
for f in "$root"/tests/fuzz/corpus/*/*; do
	target=${f%/*}
	target=${target##*/}
	run 0 "$target: ${f##*/}" "$BUILD/unit/fuzzcorpus" "$target" "$f"
done
finish
