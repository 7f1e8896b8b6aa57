#!/bin/bash
# npy, zip and npz: the library, on files made byte by byte.
. "${0%/*}/lib.sh"
"$BUILD/unit/npy"
