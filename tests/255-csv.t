#!/bin/bash
# csv: the reader at every place of a chunk's end; dict, table, recipe, learnt.
. "${0%/*}/lib.sh"
"$BUILD/unit/csv"
