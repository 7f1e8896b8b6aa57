#!/bin/bash
# nn: matrix products, layers and their gradients against their definitions.
. "${0%/*}/lib.sh"

units gemm textbook shards lengths speaker
at_level "$(levels | tail -n 1)" gradients # in double precision, which has one level
finish
