# GROUP is the extended regular expression that finds the speaker in a path.
# shellcheck shell=bash disable=SC2034
adapter_flags=(-v base="$DIR" -v group="${GROUP:-}")
