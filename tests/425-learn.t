#!/bin/bash
# learn: optimisers against their formulas, answers and batches by hand.
. "${0%/*}/lib.sh"
units learn
finish
