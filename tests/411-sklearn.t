#!/bin/bash
# evalconf: figures of random tables against scikit-learn's.
. "${0%/*}/lib.sh"
for python in python3 /usr/bin/python3 ''; do
	[ -n "$python" ] && "$python" -c 'import sklearn.metrics' 2>/dev/null && break
done
if [ -z "$python" ]; then
	echo "1..0 # SKIP scikit-learn (python3-sklearn) is not here"
	exit 0
fi

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
