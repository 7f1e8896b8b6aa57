#!/bin/bash
# seek: where libsndfile may look in a file, and where not.
. "${0%/*}/lib.sh"
"$BUILD/unit/seek"
