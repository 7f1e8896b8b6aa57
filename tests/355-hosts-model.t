#!/usr/bin/env bash
# sertools hosts-model: its simulation against cases worked by hand, bounds that are proved and the formula of the
# machine-repairman model; its reading of an experiment's folder; its measuring of a launcher.
. "${0%/*}/lib.sh"
unset MAKEFLAGS MAKELEVEL THREADS
model() { # JOBS NAME=VALUE...: the table's columns seconds
	local file=$1 set=()
	shift
	for v; do set+=(-v "$v"); done
	"${awk:-awk}" "${set[@]}" -v notes=notes -f "$root/pipelines/draw.awk" -f "$root/pipelines/hosts-model.awk" "$file"
}
seconds() { model "$@" boot=0 | awk 'NR > 1 { printf "%s%g", (NR > 2 ? " " : ""), $3 }'; }
held() { model "$@" boot=0 | awk -F '\t' 'NR > 1 { printf "%s%s", (NR > 2 ? "," : ""), $NF }'; }

# Features, three runs, a row, a table; by hand.
{
	printf 'job\tkind\tseconds\tbytes\tneeds\n'
	printf 'features/x.sh\tfeatures/x\t10\t0\t-\n'
	for f in 1 2 3; do printf 'fold%d/a/run.sh\ta/run\t20\t100\tfeatures/x.sh\n' $f; done
	printf 'a.sh\trow\t1\t0\tfold1/a/run.sh fold2/a/run.sh fold3/a/run.sh\ntable.sh\ttable\t1\t0\ta.sh\n'
} >jobs.tsv
is "$(seconds jobs.tsv hosts='1 2 3 4')" '72 52 32 32' 'one, two, three at once; a fourth host has nothing to do'
is "$(seconds jobs.tsv hosts='1 2' slots=3)" '32 32' 'three at once on a host'
is "$(seconds jobs.tsv hosts='1 3' start=2)" '84 40' 'a start of 2 s on the host'
# 1 + 10; the runs are handed out at 12, 13 and 14, and the last ends at 34; 2 each for row and table.
is "$(seconds jobs.tsv hosts='1 3' dispatch=1)" '78 38' 'they are handed out one by one, 1 s each'
# All want the file system at 10: it has done with them at 12, 14 and 16; 18 s are left.
is "$(seconds jobs.tsv hosts='1 3' bandwidth=50)" '72 36' 'a file system that all share'
is "$(seconds jobs.tsv hosts='1 2 6 7' runs=4)" '133 72 32 32' 'twice as large: features and table are there once'
is "$(seconds jobs.tsv hosts='4 2 2 1')" '72 52 32' 'hosts in rising order, each once'
is "$(held jobs.tsv hosts='1 3')" 'hosts,longest run' 'held back by hosts, by the longest run'
is "$(held jobs.tsv hosts=300 runs=60 dispatch=1),$(held jobs.tsv hosts=3 bandwidth=5)" 'dispatcher,file system' 'by the dispatcher, by the file system'
sed '2s,10,50,' jobs.tsv >slow
is "$(held slow hosts=3)" 'critical path' 'by features'
like "$(model jobs.tsv hosts=1 boot=0 >/dev/null && cat notes)" '^6 jobs, 72.0 s of work. .* less than 32.0 s: features/x 10.0 s, fold1/a 20.0 s, a 1.0 s, table 1.0 s.' \
	'the critical path by its names'

# Of two that are ready the first in make's order begins: 5, then 1 and 6 side by side.
printf 'j\na\tk\t5\t0\t-\nb\tk\t1\t0\t-\nc\tk\t6\t0\t-\n' >order
is "$(seconds order hosts=2)" 7 "in make's order, not the longest first"
printf 'j\na\tk\t-\t0\t-\nb\tk\t4\t0\t-\nc\tk\t6\t0\t-\n' >order
is "$(seconds order hosts=1) $(tail -n 1 notes)" '15 2 of 3 jobs were measured; the others are taken to last as those of their kind.' 'what was not measured'
printf 'j\na\tk\t-\t0\t-\n' >none
run 3 'nothing measured' model none hosts=1
is "$(cat out)" '' 'is no table'

# Graphs at random: between the bounds, which for one host are the work and all queues.
graph() { # SEED JOBS
	awk -v seed="$1" -v n="$2" -v OFS='\t' -f "$root/pipelines/draw.awk" -f <(echo 'BEGIN {
		sow(seed)
		print "job"
		for (i = 1; i <= n; i++) {
			needs = ""
			for (j = below(4); j > 0 && i > 1; j--) needs = needs (needs == "" ? "" : " ") "j" (below(i - 1) + 1)
			print "j" i, "k" below(3), below(1000) / 100, below(500), (needs == "" ? "-" : needs)
		}
	}')
}
for s in $(seq 12); do
	graph "$s" 60 >graph
	for d in 0 0.3; do for b in 0 300; do
		model graph hosts='1 2 3 5 8 13 60' dispatch=$d start=0.1 bandwidth=$b boot=0 | awk -F '\t' -v d=$d -v s="$s" '
			NR > 1 && ($3 < $11 - 0.002 || $3 > $12 + 0.002) { print "seed " s ", dispatch " d ": " $0 }'
	done; done
done >outside
is "$(cat outside)" '' 'random graphs: never below the lower bounds, never above that of Graham and all queues'

# Runs alone, exponential with a mean of 10 s, which a dispatcher hands out in 0.5 s each, on n hosts: the formula of
# M/M/1//n (mean value analysis: Reiser and Lavenberg, J. ACM 27, 1980) has its dispatcher
# exponential, too, and so is a little slower; min(1 / d, n / (Z + d)) is the asymptotic bound.
awk 'BEGIN { srand(4); print "j"; for (i = 1; i <= 6000; i++) printf "j%d\tk\t%.4f\t0\t-\n", i, -10 * log(1 - rand()) }' >many
model many hosts='5 15 21 40' dispatch=0.5 boot=0 | awk -F '\t' '
	NR > 1 {
		n = $1; z = '"$(awk 'NR > 1 { t += $3 } END { print t / 6000 }' many)"'; q = 0
		for (k = 1; k <= n; k++) {
			r = 0.5 * (1 + q)
			x = k / (z + r)
			q = x * r
		}
		best = n / (z + 0.5) < 2 ? n / (z + 0.5) : 2
		if (6000 / $3 > best || 6000 / $3 < 0.985 * x || 6000 / $3 > 1.1 * x) print n " hosts: " 6000 / $3 " a second, formula " x ", bound " best
	}' >apart
is "$(cat apart)" '' 'throughput: that of the machine-repairman model'

# Intervals.
graph 3 80 >graph
model graph hosts='1 4 16' seed=2 >one
is "$(awk -F '\t' 'NR > 1 && !($4 < $3 && $3 < $5)' one)" '' 'the prediction is in its interval'
is "$(awk -F '\t' 'NR == 2 { print ($5 - $4 > 60 && $5 - $4 < 140) }' one)" 1 'which is as wide as 80 times of 0 to 10 s make it: 4 standard errors of 26 s'
for awk in gawk original-awk 'busybox awk'; do
	command -v "${awk%% *}" >/dev/null || { skip "there is no $awk" && continue; }
	printf '#!/bin/sh\nexec %s "$@"\n' "$awk" >other && chmod +x other
	awk=./other model graph hosts='1 4 16' seed=2 >two
	same one two "the same bytes by $awk"
done

# An experiment's folder. Times are made up: fold and seed are no other kind.
need_tools make
mkdir -p "it's é out" && cd "it's é out" && mkdir -p features fold1/a-x3 fold1/a-x3-seed2 fold2/a-x3
printf '.DELETE_ON_ERROR:\nall: \\\n\tfeatures/x3.tsr\n%s\n' 'features/x3.tsr: features/x3.sh manifest.tsv; $(RUN) bash features/x3.sh
fold1/a-x3/figures.tsv: fold1/a-x3/run.sh nets/a.net features/x3.tsr; $(RUN) bash fold1/a-x3/run.sh
fold1/a-x3-seed2/figures.tsv: fold1/a-x3-seed2/run.sh nets/a.net features/x3.tsr; $(RUN) bash fold1/a-x3-seed2/run.sh
fold2/a-x3/figures.tsv: fold2/a-x3/run.sh nets/a.net features/x3.tsr; $(RUN) bash fold2/a-x3/run.sh
a-x3.row.tsv: a-x3.sh share/table.awk fold1/a-x3/figures.tsv fold1/a-x3-seed2/figures.tsv fold2/a-x3/figures.tsv; $(RUN) bash a-x3.sh
table.md: table.sh share/markdown.awk a-x3.row.tsv; $(RUN) bash table.sh' >Makefile
cd ..
predict() { make -s -f "$root/pipelines/recipes.mk" hosts-model OUT="it's é out" "$@"; }
run 2 'no times' predict
like "$(cat err)" "hosts-model: OUT=it's .* out: no script of it has run.* \(sertools audio OUT" 'are named, and what to type'
was() { printf '%s\t%s\t%s\t%s\t1\n' "$2" "$3" "$4" "$4" >"it's é out/$1"; }
was features/.x3.time h1 1790001000.5 10
was fold1/a-x3/.run.time h1 1790001010.6 20
was fold2/a-x3/.run.time h2 1790001010.7 30
head -c 5000 /dev/zero >"it's é out/features/x3.tsr"
run 0 'times of some' predict HOSTS='1 3' START=0 DISPATCH=0 BANDWIDTH=1000
# Each run has 5 s of reading in it; they wait for it until 15, 20 and 25.
is "$(cut -f 1-3,8 "it's é out/hosts-model.tsv" | sed 1d | tr '\t\n' ' ;')" '1 - 105.000 60.000;3 - 70.000 60.000;' \
	'the others are as their like: a run 25 s, the row and the table 10 s as features'
like "$(cat out)" '3 of 6 jobs were measured' 'which is said'
is "$(sed -n '1s/  */ /gp' out)" '| hosts | seconds | 95 % interval | measured | speed-up | efficiency | held back by |' 'a table'
was fold1/a-x3-seed2/.run.time h2 1790001000.7 9.9
was .a-x3.time h1 1790001040.9 2
was .table.time h1 1790001043 1
run 0 'times of all' predict HOSTS='1 2 4' START=0 DISPATCH=0
is "$(cut -f 1-3 "it's é out/hosts-model.tsv" | sed 1d | tr '\t\n' ' ;')" '1 - 72.900;2 43.500 52.900;4 - 43.000;' 'and what was measured'
was .table.time h1 1790009043 1
run 0 'the table was made later' predict HOSTS='1 2 4' START=0 DISPATCH=0
like "$(sed -n 3p "it's é out/hosts-model.tsv")" $'^2\t43.400\t52.900' 'which is no measured second'
if command -v gnuplot >/dev/null; then
	is "$(cat err)" "it's é out/hosts-model.svg" 'no more is said than where the figure is'
	is "$(sed -n 's/.*<text>\(.*\)<\/text>.*/\1/p' "it's é out/hosts-model.svg" | grep -c '^predicted$\|^measured$\|^hosts$')" 3 'a figure'
else
	skip 'gnuplot is not installed'
fi
printf '#!/bin/sh\nsleep 0.1\nexec "$@"\n' >late && chmod +x late
run 0 'a launcher is measured' predict RUN="$PWD/late"
start=$(sed -n 's/^A job takes .*(DISPATCH), and \([0-9.]*\) s more on its host.*/\1/p' out)
is "$(awk -v s="$start" 'BEGIN { print (s > 0.05 && s < 2) }')" 1 'that sleeps for 0.1 s'
run 2 'one that fails' predict RUN=false
like "$(cat err)" 'hosts-model: RUN=false: this launcher fails' 'is named'
for v in HOSTS=0 HOSTS= HOSTS='1 x' SLOTS=0 DISPATCH=x START=-1 BANDWIDTH=1x RUNS=-2 SEED=x MEASURED=4; do
	run 2 "$v" predict "$v"
	like "$(cat err)" "hosts-model: ${v%%=*}=" 'is refused'
done
run 2 'no experiment' make -s -f "$root/pipelines/recipes.mk" hosts-model OUT=nowhere
like "$(cat err)" 'OUT=nowhere: there is no experiment' 'is said'
mkdir plain
run 0 'without OUT' make -s -C plain -f "$root/pipelines/recipes.mk" hosts-model
like "$(cat err)" 'no OUT=folder of an experiment: of ' 'the times that come with sertools'
like "$(cat out)" $'\n43 jobs, ' 'of 43 scripts'
finish
