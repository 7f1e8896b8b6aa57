# RAVDESS clips begin with about a second of near-silence: 2.5 s from the start
# would cut the words. 30 dB under the loudest frame leaves 1.8 s (median), and
# 2.5 s hold 91 % of the clips whole; from 40 dB on the room's noise counts as
# speech and every fifth clip is longer.
# shellcheck shell=bash disable=SC2034
: "${WAVNORM_FLAGS=--trim 30}"
# The sound of videos that are there as audio-only, too: see ravdess.awk.
adapter_flags=(-v modality="$(v "${MODALITY:-}")")
