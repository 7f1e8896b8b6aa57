#!/bin/bash
# evalconf: figures of random tables against scikit-learn's.
. "${0%/*}/lib.sh"
need_python sklearn.metrics # Debian's python3-sklearn

cases=1000
[ -z "${SER_VALGRIND:-}" ] || cases=20 # each run takes long there
"$python" "$data/metrics.py" write . $cases || exit 99
bad=
for ((i = 0; i < cases; i++)); do
	evalconf -q --tsv --bootstrap 0 -o $i.figures $i.tsv 2>err || bad+=" $i"
done
is "$bad" "" "$cases random tables are judged"
run 0 "figures agree with scikit-learn's to 1e-9" "$python" "$data/metrics.py" check .
echo "# $(cat out)"
finish
