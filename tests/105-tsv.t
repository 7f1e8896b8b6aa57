#!/bin/bash
# tsv: the reader of tab-separated lines.
. "${0%/*}/lib.sh"
"$BUILD/unit/tsv"
