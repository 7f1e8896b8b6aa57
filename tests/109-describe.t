#!/bin/bash
# describe: the figures of a column, and its values as codes.
. "${0%/*}/lib.sh"
"$BUILD/unit/describe"
