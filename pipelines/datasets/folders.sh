# Keys begin below DIR.
# shellcheck shell=bash disable=SC2034
adapter_flags=(-v base="$(v "$DIR")")
