#!/bin/bash
# fuzz: what libFuzzer begins with and what it has found, without libFuzzer.
. "${0%/*}/lib.sh"
for f in "$root"/tests/fuzz/corpus/*; do
	run 0 "${f##*/}" "$BUILD/unit/fuzzcorpus" "$f"
done
finish
