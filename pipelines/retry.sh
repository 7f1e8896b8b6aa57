#!/usr/bin/env bash
# retry.sh N COMMAND...: runs it, and up to N times again where it fails.
left=$1
shift
until "$@"; do
	rc=$?
	[ "$left" -gt 0 ] && [ $rc != 130 ] && [ $rc != 143 ] || exit $rc
	left=$((left - 1))
	echo "${*: -1}: status $rc on $(uname -n); again (RETRY)" >&2
	sleep 1
done
