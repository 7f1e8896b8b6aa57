#!/bin/bash
# metrics: figures and intervals against tables worked by hand.
. "${0%/*}/lib.sh"
"$BUILD/unit/metrics"
