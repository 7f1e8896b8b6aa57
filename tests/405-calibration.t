#!/bin/bash
# calibration: figures against tables worked by hand.
. "${0%/*}/lib.sh"
"$BUILD/unit/calibration"
