#!/usr/bin/env bash
# The same bytes from one machine and from four hosts that share a folder: tables, models, predictions and plots, by
# srun, by GNU Parallel over ssh and by an array of sbatch. Of another corpus by HOSTS_CORPUS, variables of sertools audio:
#   HOSTS_CORPUS='CORPUS=ravdess DIR=/data/ravdess FOLDS=/data/emobox.tsv NETS=mlp1558 SETS=plain' make check-hosts TESTS=tests/hosts/10-same.t PROVE=-v
. "${0%/*}/../lib.sh"
. "$root/tests/voices.sh"
. "$root/tests/hosts/lib.sh"
need_tools make perl
need_hosts 4
unset MAKEFLAGS MAKELEVEL THREADS # make check has them

mkdir corpus corpus/mood0 corpus/mood1 corpus/mood2
voices 4 2 8000 400
for f in s*.wav; do m=${f#*-} && mv "$f" "corpus/mood${m%%-*}"; done
printf 'globalavgpool\ndense classes\nsoftmax\n' >tiny.net
read -r -a what <<<"${HOSTS_CORPUS:-CORPUS=folders DIR=$tmp/corpus GROUP=s[0-9] NFOLDS=2 EPOCHS=2 NETS='tiny mlp1558' PROTOCOL=alone}"
eval "what=(${what[*]})"

# results DIR: what is the same on every machine: not seconds, hosts, nor the order of what was done.
results() {
	(cd "$1" && find . -name '.?*' -prune -o -type f ! -name history.tsv ! -name '*.row.tsv' ! -name costs.tsv ! -path './ledger*' -print | sort |
		xargs sha256sum)
}
worked() { find "$1" -name '.*.time' -exec cut -f 1 {} + | sort -u | paste -s -d ' '; }
check_way() { # DIR NAME
	same one/table.tsv "$1/table.tsv" "$2: the same table.tsv"
	same one/table.md "$1/table.md" "$2: the same table.md"
	results "$1" >got
	is "$(diff want got)" '' "$2: and all models, predictions and figures"
	is "$(worked "$1")" 'h1 h2 h3 h4' "$2: each host did some"
	echo "# $2: $(sha256sum <"$1/table.tsv" | cut -c 1-16) table.tsv, $(sha256sum <got | cut -c 1-16) all $(wc -l <got) files, $SECONDS s"
	SECONDS=0
}

SECONDS=0
run 0 'on one machine' sertools audio "${what[@]}" OUT=one -j 2
results one >want
echo "# one machine: $(sha256sum <one/table.tsv | cut -c 1-16) table.tsv, $(sha256sum <want | cut -c 1-16) all $(wc -l <want) files, $SECONDS s"
sed 's/^/# /' one/table.md
SECONDS=0
run 0 'srun' on head sertools audio "${what[@]}" OUT=srun -j 8 THREADS=1 RUN='srun -Q -n 1 -c 4'
check_way srun srun

run 0 'a plan' on head sertools plan audio "${what[@]}" OUT=parallel
cp out plan
for i in 1 2 3 4; do echo "2/h$i"; done >hosts
run 0 'GNU Parallel' on head parallel --slf hosts --wd . --joblog log --retries 3 sertools one OUT=parallel ONE={} :::: plan
check_way parallel 'GNU Parallel'

run 0 'a plan for an array' on head sertools plan audio "${what[@]}" OUT=array
cp out plan
run 0 'sbatch' on head sbatch -W -c 4 -o array.log --array="1-$(wc -l <plan)%8" --wrap 'sertools one OUT=array ONE="$(sed -n ${SLURM_ARRAY_TASK_ID}p plan)"'
check_way array 'sbatch'
finish
