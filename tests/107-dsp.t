#!/bin/bash
# dsp: transforms, filter banks, levels, resampling against their definitions.
. "${0%/*}/lib.sh"
units dsp
finish
