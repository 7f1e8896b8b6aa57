#!/bin/bash
# tsr: the library, on streams made byte by byte.
. "${0%/*}/lib.sh"
"$BUILD/unit/tsr"
