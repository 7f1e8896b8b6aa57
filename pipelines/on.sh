#!/usr/bin/env bash
# on.sh HOST COMMAND...: runs it on that host by ssh, in this folder, which must be at the same path there, and with
# the variables that scripts of experiments take. As RUN="$(sertools path on.sh) node7".
quote() { printf "'%s'" "${1//\'/\'\\\'\'}"; }
host=$1
shift
line="cd $(quote "$PWD") && PATH=\$PATH:$(quote "$PATH")"
for v in THREADS WAIT LOCK; do [[ ! -v $v ]] || line+=" $v=$(quote "${!v}")"; done
for word; do line+=" $(quote "$word")"; done
exec ssh -n "$host" "$line"
