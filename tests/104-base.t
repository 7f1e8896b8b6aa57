#!/bin/bash
# base: growing text and arrays, options of yes and no, and closed descriptors.
. "${0%/*}/lib.sh"
run 0 "growing text and arrays" "$BUILD/unit/base"

"$BUILD/unit/mkaudio" a.wav wav 16000 1 40000
printf junk >bad.wav
run 0 "a bad record skipped" wavnorm --skip-bad 1 -o open.tsr bad.wav a.wav
if [ -z "${SER_VALGRIND-}" ]; then # which needs standard error itself
	run 0 "with standard error closed" bash -c 'exec wavnorm --skip-bad 1 -o closed.tsr bad.wav a.wav 2>&-'
	same closed.tsr open.tsr "no message goes into the output"
	run 0 "with standard input closed too" bash -c 'exec wavnorm --skip-bad 1 -o closed.tsr bad.wav a.wav <&- 2>&-'
	same closed.tsr open.tsr "nor then"
fi
fails 4 'standard input' "closed standard input cannot be read" bash -c 'exec tsrdump - <&-'
fails 4 'standard output' "nor closed standard output written" bash -c 'exec wavnorm a.wav >&-'
fails 4 'standard output' "nor with help" bash -c 'exec wavnorm --help >&-'

run 0 "a yes" melspec --center yes -o yes.tsr open.tsr
run 0 "a no" melspec --center no -o no.tsr open.tsr
is "$(tsrdump --field center yes.tsr) $(tsrdump --field center no.tsr)" "yes no" "both are what they say"
fails 2 "center.*'maybe' is none of yes, no" "neither" melspec --center maybe open.tsr
finish
