#!/usr/bin/env bash
# experiment.sh RECIPE [plan|one]: an experiment is a folder of plain scripts, OUT,
# with a Makefile that says which of them makes what. RECIPE.sh beside this one
# plans it; then make does what is missing, or what other scripts made. With plan
# its targets are listed, with one only ONE is made, which as a RECIPE is of the plan that
# is there. See sertools(7).
# What recipes set for the functions here, and lists of words, are not for shellcheck:
# shellcheck disable=SC2016,SC2028,SC2034,SC2086,SC2089,SC2090,SC2153,SC2154
set -euo pipefail
export LC_ALL=C
unset CDPATH
here=$(cd "$(dirname "$0")" && pwd)
recipe=$1 mode=${2:-all} shared='' dry='' rules='' all=''
scripts=() folds=()
declare -A memos=() part_of=() makes=() maker=() needed=() reads=() taken=() who=() epochs_of=()
flags=${MAKEFLAGS:-}
case ${flags%% *} in -* | *=*) ;; *n*) dry=yes ;; esac
# In a script: the threads of a program, which are not part of its text.
j="-j \"\${THREADS:-0}\""

# shellcheck source=pipelines/plot.sh
. "$here/plot.sh"
# shellcheck source=pipelines/step.sh
. "$here/step.sh"
die() {
	echo "$recipe: $(visible "$*")" >&2
	exit 3
}
# q TEXT: as one word of the shell, or nothing. w NAME: what that variable holds, as
# words of it, with a blank before each: quotes and \\ count in it, but nothing runs.
q() { if [[ $1 =~ ^[A-Za-z0-9_./,:=@%+-]*$ ]]; then printf '%s\n' "$1"; else printf '%s\n' "'${1//\'/\'\\\'\'}'"; fi; }
w() {
	local word
	words "$1" | while IFS= read -r word; do printf ' %s' "$(q "$word")"; done
}
# words NAME: the same, one a line.
words() {
	[[ ! ${!1:-} =~ [^[:space:]] ]] || xargs printf '%s\n' <<<"${!1}" 2>/dev/null || die "$1=${!1}: a quote without its other"
}
# memo VARIABLE COMMAND...: sets it to what that command prints, which is the same for the same words: thousands of runs
# would be planned in minutes where each forks for it.
memo() {
	[ -n "${memos["${*:2}"]+x}" ] || memos["${*:2}"]=$("${@:2}")
	printf -v "$1" %s "${memos["${*:2}"]}"
}
# near WORD NAME...: in words, which of the names it may mean, or nothing.
near() { printf '%s\n' "${@:2}" | WORD=$1 awk -f "$here/nearest.awk"; }
# v VALUE: as awk -v takes it, which reads \\ as C does.
v() { printf '%s' "${1//\\/\\\\}"; }
# whole NAME LEAST: ends unless the variable is a whole number, LEAST at least.
whole() {
	local more=''
	[[ ${!1} != *' '* || $1 != SEED ]] || more="; several seeds: SEEDS='${!1}'"
	if [[ ! ${!1} =~ ^[0-9]{1,9}$ ]] || [ $((10#${!1})) -lt "$2" ]; then
		die "$1=${!1}: a whole number is required, $2 at least$more"
	fi
}
# once NAME: ends unless the variable is words, none of them twice, which would count twice.
once() {
	local twice
	[[ ${!1} =~ [^[:space:]] ]] || die "$1=: a value is required, or none of this at all"
	twice=$(tr -s '[:space:]' '\n' <<<"${!1}" | sort | uniq -d | head -n 1)
	[ -z "$twice" ] || die "$1=${!1}: $twice is there twice"
}
# check: what recipes take, before any work.
check() {
	local n
	[ -d /dev/fd ] || {
		echo "$recipe: /dev/fd is missing, by which programs read pipes: mount -t proc proc /proc" >&2
		exit 4
	}
	for n in awk:mawk flock:util-linux sha256sum:coreutils stat:coreutils xargs:findutils; do
		command -v ${n%:*} >/dev/null || die "${n%:*} is not installed (package ${n#*:})"
	done
	for n in WAIT:0 RETRY:0 SEED:0 EPOCHS:1 NFOLDS:2 FEATURE_SHARDS:1 INNER:2 REPEATS:1 THREADS:0; do [[ ! -v ${n%:*} ]] || whole ${n%:*} ${n#*:}; done
	for n in SETS PROTOCOL SEEDS SPLITS TABLES OUTER VARIANTS KNOWN; do [[ ! -v $n ]] || once $n; done
	[[ ! ${NETS:-} =~ [^[:space:]] ]] || once NETS
	[ -z "${SKIP_BAD:-}" ] || whole SKIP_BAD 0
	[ "${SKIP_BAD:-0}" = 0 ] || skip=" --skip-bad $SKIP_BAD"
	[[ ${SEEDS-1} =~ ^\ *[0-9]{1,9}(\ +[0-9]{1,9})*\ *$ ]] || die "SEEDS=$SEEDS: whole numbers are required, with blanks between"
	for n in RECIPE_FLAGS TRAIN_FLAGS WAVNORM_FLAGS AUGMENT_FLAGS MELSPEC_FLAGS ADAPTER_FLAGS; do words $n >/dev/null; done
}
# pin: sets $pinned to the line of scripts by which KERNEL's code path computes; nntrain says what there is.
pin() {
	local has
	[[ $KERNEL =~ ^[a-z0-9][a-z0-9-]*$ ]] || die "KERNEL=$KERNEL: a level is required, as v3"
	has=$(SERTOOLS_KERNEL=$KERNEL nntrain -V 2>&1) || die "KERNEL=$KERNEL: ${has#*SERTOOLS_KERNEL: }"
	pinned="export SERTOOLS_KERNEL=$KERNEL"$'\n'
}
# braces TEXT...: {a,b,c} for bash to expand, so that lists of paths stay short.
braces() { if [ $# = 1 ]; then echo "$1"; else (IFS=, && echo "{$*}"); fi; }

# ---- the lock

# It is the kernel's, so it ends with the last process that holds it, also one
# that outlives make; who was killed may take a moment to be gone. Who plans holds it
# alone; then it is shared with the scripts. One of them, and a plan that changes nothing, need
# no more than that.
lock_folder() {
	mkdir -p "$out"
	exec 9<>"$out/.lock"
	if lock -w 1 9; then
		echo "sertools $recipe$([[ $flags != *"-- "* ]] || echo " ${flags#*-- }"), process $$ on $(uname -n), since $(date '+%F %T')" >"$out/.lock-holder"
		trap 'rm -f "$out/.lock-holder"' EXIT
	elif [[ $mode = one || $mode = plan ]] && lock -w 10 -s 9; then
		shared=yes
	else
		busy
	fi
}
# keep_ledger: of a folder whose ledger was one file, see looked in step.sh.
keep_ledger() {
	[ ! -e "$out/ledger.tsv" ] || [ -d "$out/ledger" ] || { mkdir "$out/ledger" && cp -p "$out/ledger.tsv" "$out/ledger/before.tsv"; }
}
busy() { die "$out is in use: $(cat "$out/.lock-holder" 2>/dev/null || echo 'a script of it runs')"; }

# make -n plans in a copy, where links stand for what is there, and so changes nothing.
copy() {
	local from=$out
	out=$(mktemp -d)
	trap 'rm -rf "$out"' EXIT
	[ ! -d "$from" ] || (cd "$from" && find . -type d) | while IFS= read -r d; do
		mkdir -p "$out/$d"
		find "$(cd "$from/$d" && pwd)" -maxdepth 1 -type f -exec ln -s {} "$out/$d" \;
	done
	rm -f "$out/.lock-holder"
	: >"$out/.lock-holder"
}

# ---- files

# put FILE TEXT: writes OUT/FILE, but touches it only where its text changes. Until there is a
# Makefile, which is written last, half of one is no harm.
put() {
	local old='' file=$out/$1
	if [ -e "$file" ]; then
		IFS= read -r -d '' old <"$file" || true
		[ "$2" != "$old" ] || return 0
	fi
	[ -z "$shared" ] || busy
	[ -d "${file%/*}" ] || mkdir -p "${file%/*}"
	if [ "$1" != Makefile ] && [ ! -e "$out/Makefile" ] && [ ! -e "$file" ]; then
		printf '%s' "$2" >"$file"
	else
		printf '%s' "$2" >"$file.new"
		mv "$file.new" "$file"
	fi
}
# take FILE NAME: a copy of it becomes OUT/NAME.
take() {
	local file=$out/$2
	! cmp -s -- "$1" "$file" || return 0
	[ -z "$shared" ] || busy
	mkdir -p "${file%/*}"
	cp -- "$1" "$file.new"
	mv "$file.new" "$file"
}
# take_text NAME: as take, for nets and the recipes' own parts.
take_text() {
	local name=${1##*/} from
	[ -z "${taken[$1]:-}" ] || return 0
	case $1 in
	nets/*) from=$(net "${name%.net}") ;;
	functionals/*) from=$(text_of "$1") ;;
	share/*.gp) from=$here/plot/$name ;;
	share/*) from=$here/$name ;;
	*) return 0 ;;
	esac
	take "$from" "$1"
	taken[$1]=yes
}

# script NAME 'TARGETS' 'TEXTS' 'RESULTS': OUT/NAME, whose commands are the standard
# input. It makes TARGETS, of which the first, make's, is done last, of TEXTS and of
# other scripts' RESULTS, also named by their first. (Under make -n grouped targets
# would not show what depends on them.) The provenance of streams and models has
# SERTOOLS_NOTE, drawn from all texts behind it; that of the others is in sums (step.sh), the
# checksums of all that was read and made, of streams the ends, which may be large, and of the
# sums of other scripts.
script() {
	local body='' f up=${1//[^\/]/} from='' streams='' rest
	IFS= read -r -d '' body || true
	rest=$body
	for f in $3; do take_text "$f"; done
	while [[ $rest =~ [A-Za-z0-9_./+-]+\.tsr ]]; do streams+=" ${BASH_REMATCH[0]}" rest=${rest#*"${BASH_REMATCH[0]}"}; done
	for f in $4$streams; do
		[[ -z ${maker[$f]:-} || " $from " = *" ${maker[$f]} "* ]] || from+=" ${maker[$f]}"
	done
	put "$1" "#!/usr/bin/env bash
# Written by sertools ${family:-$recipe}, and rewritten only where this text changes.
set -euo pipefail
cd \"\$(dirname \"\$0\")${up//\///..}\"
# shellcheck source=/dev/null
. share/step
${3:+reads $3
}${4:+needs $4
}${from:+from$from
}${noted:+notes $noted
}makes $2
begin $1
$pinned${body}end
"
	maker[${2%% *}]=$1
	needed[$1]="$3 $4"
	rules+="${2%% *}: $1${3:+ $3}${4:+ $4}; \$(RUN) bash $1"$'\n'
	all+=" \\"$'\n\t'"${2%% *}"
	scripts+=("$1")
	makes[$1]=$2
	reads[$1]=${noted:-$3 $1}
}

# ---- what scripts there are

# second_option: nnpredict's for the net's second input, whose name and, behind a blank, what writes
# its records is $second; second_file: that writes them, where they are read $twice.
second_option() {
	if [ -z "$second" ]; then
		:
	elif [ -z "$twice" ]; then
		printf '%s' " --beside ${second%% *}=<(${second#* })"
	else
		printf '%s' " --beside ${second%% *}=\$d/test-${second%% *}.tsr"
	fi
}
second_file() { [ -z "$second" ] || echo "${second#* } -o \$d/test-${second%% *}.tsr"; }
# run DIR NET SEED: trains one net and, where there is a $test, tests it. $train, $valid (or nothing) and $test
# write records, $before makes what they need, $options are nntrain's and $predict
# nnpredict's, which reads its records $twice (or once, if empty), $texts and $results are
# what they read.
# Where $guard is text, it ends in the else of an if that is true where there is nothing to do. What trains on later
# keeps its checkpoint: $leave is what is done with that. $or is what is done where nntrain or nnpredict fail, other than to end.
run() {
	local tests='' targets="$1/model.bin" last=$leave${guard:+$'\n'fi} names flags
	memo names q "$classes"
	memo flags w TRAIN_FLAGS "${TRAIN_FLAGS:-}"
	[ -z "$test" ] || testing "$1"
	[[ $before = scratch* || $before != *'mv $d/rows.tsv$new'* ]] || targets+=" $1/rows.tsv"
	script "$1/run.sh" "$targets" "$texts nets/$2.net" "$results" <<-END
		d=$1
		rm -f \$d/{model.bin,history.tsv,predictions.tsv,figures.tsv}*
		$guard$before$train |
		    nntrain -q $j --net nets/$2.net${classes:+ --classes $names} --epochs $EPOCHS -s $3$flags$options \\
		        ${valid:+--valid <($valid) \\
		        }--checkpoint \$d/\$SERTOOLS_NOTE.checkpoint --resume \$d/\$SERTOOLS_NOTE.checkpoint \\
		        --history \$d/history.tsv -o \$d/model.bin$or
		${tests}$last
	END
	epochs_of[$1]=$EPOCHS
}
# testing DIR: sets $tests to the commands that test the model, and $targets to what the run makes, which are $outputs.
testing() {
	local first="$test |"$'\n'"    " last=$or more=''
	look "$1"
	[ -z "$second" ] || more=$(second_option)
	[ -z "$twice" ] || first="$test -o \$d/test.tsr"$'\n'"$(second_file)"${second:+$'\n'} last=" \$d/test.tsr$or"$'\n''rm $d/test*.tsr'
	tests="$looked${first}nnpredict $j$skip$predict$more -o \$d/predictions.tsv \$d/model.bin$last
evalconf -q --tsv --bootstrap 0 -o \$d/figures.tsv \$d/predictions.tsv
"
	targets=" $outputs" targets=${targets// / "$1/"} targets=${targets# }
}
# look DIR: sets looked to a script's line that notes which test was looked at, by which text.
look() {
	looked=''
	[ "$ledger" = no ] || looked="looked ${1%%/*} $1"$'\n'
}
# random STREAM: sets $before, $train, $valid and $test to a split of its records
# at random, whoever they are of. Without --allow-overlap nntrain would refuse that.
random() {
	local part
	before+="tsrdump --tsv $1 | awk -v seed=$SEED -f share/draw.awk -f share/rows.awk >\$d/rows.tsv\$new"$'\n''mv $d/rows.tsv$new $d/rows.tsv'$'\n'
	for part in train valid test; do
		printf -v $part "tsrpick --keys <(awk -F '\\\\t' '\$1 == \"%s\" { print \$2 }' \$d/rows.tsv) %s" $part "$1"
	done
	options+=' --allow-overlap'
	texts+=' share/draw.awk share/rows.awk'
}
# split MANIFEST OPTION...: who is in which part of each fold, by split.awk.
split() { awk -v seed="$SEED" "${@:2}" -f "$here/draw.awk" -f "$here/split.awk" <<<"$1"; }
# inner_folds SPLIT MANIFEST: folds of the training speakers of each fold that OUTER names, or of all.
inner_folds() {
	local f rest
	for f in ${OUTER:-$(awk -F '\t' '$2 == "test" { print $1 }' <<<"$1")}; do
		rest=$(awk -F '\t' -v fold="$f" 'FNR == NR {
			if ($1 == fold && $2 == "test") for (n = split($3, who, ","); n; n--) test[who[n]]
			next
		} !($4 in test)' <(echo "$1") - <<<"$2")
		[ "$rest" != "$2" ] || die "OUTER=$OUTER: there is no fold $f"
		[ "$(cut -f 4 <<<"$rest" | sort -u | wc -l)" -gt 1 ] ||
			die "fold $f leaves one speaker to train on, and inner folds require two: more folds (NFOLDS=) or others (FOLDS=)"
		split "$rest" -v folds="$INNER" -v few=yes -v valid="$VALID" | sed "s/^/$f-inner/" || return
	done
}
# nested_folds SPLIT MANIFEST: those of SPLIT, as far as OUTER names them, and their inner folds.
nested_folds() {
	awk -F '\t' -v outer=" ${OUTER:-} " 'outer !~ /[^ ]/ || index(outer, " " $1 " ")' <<<"$1"
	inner_folds "$@"
}
# deal PREFIX MANIFEST OPTION...: that, or with $choose that of inner folds, is split.tsv;
# sets $folds and, as $who[PREFIX FOLD/PART], words of the shell.
deal() {
	local split fold part list
	split=$(split "${@:2}")
	[ -z "$choose" ] || split=$(inner_folds "$split" "$2")
	[ -z "$nested" ] || split=$(nested_folds "$split" "$2")
	put split.tsv "$split"$'\n'
	while IFS=$'\t' read -r fold part list; do
		[ "$part" != test ] || folds+=("$fold")
		who[$1$fold/$part]=$(q "$list")
	done <<<"$split"
	lacking group "$split" "$2"
}
# lacking BY SPLIT MANIFEST: says before any work which fold cannot learn what.
lacking() { RECIPE=$recipe awk -v by="$1" -f "$here/visible.awk" -f "$here/lacks.awk" <(echo "$2") - <<<"$3"; }
# text_of FOLDER/NAME: that file of the recipes', or that of its name in this folder.
# What the plan has written itself, and taken so, is in OUT.
text_of() {
	if [ "${taken[$1]:-}" = own ]; then
		echo "$out/$1"
	elif [ -e "${1##*/}" ]; then
		echo "${1##*/}"
	else
		echo "$here/$1"
	fi
}
# net NAME: its file.
net() { text_of "nets/$1.net"; }
# is_recipe NAME: is it one model's or several models' recipe, not a net?
is_recipe() { [ -e "$(text_of "recipes/$1.recipe")" ]; }
want_nets() {
	local n known f
	known=$(for f in *.net "$here"/nets/*.net *.recipe "$here"/recipes/*.recipe; do f=${f##*/} && echo "${f%.*}"; done)
	for n in $NETS; do
		[[ $n =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]*$ ]] || die "NETS=$NETS: a net goes by its name, of letters, digits and ._-, as crnn"
		! is_recipe "$n" || continue
		[ -e "$(net "$n")" ] || die "NETS=$NETS: no net $n here or in $here/nets, nor such a recipe$(near "$n" $known) (sertools list nets, sertools list recipes)"
	done
	[ -n "${n:-}" ] || die "NETS=: which nets? (sertools list nets)"
}
# after SEED: what a run's name ends in.
after() { [ "$1" = "$SEED" ] || echo "-seed$1"; }

# configuration NAME HEADER CELLS STEM FOLD...: the runs FOLD/STEM, with all seeds,
# tested each record once and so are one test: its figures, and its row of the table.
# Where others were trained for these tests, their histories are $histories; the parameters
# of $models, where there are any, are added up.
configuration() {
	local c=$1 runs s ends=() each='' seeds='' targets="$1.row.tsv $1.figures.tsv $1.confusion.tsv $1.report.txt $1.kinds.txt" files past weigh=''
	for s in $SEEDS; do ends+=("$4$(after "$s")"); done
	runs=$(braces "${@:5}")/$(braces "${ends[@]}")
	for s in $SEEDS; do
		[ "$SEEDS" != "$s" ] || break
		seeds+="evalconf -q --tsv --bootstrap 0 -o $c.seed$s.figures.tsv $(braces "${@:5}")/$4$(after "$s")/predictions.tsv"$'\n'
		targets+=" $c.seed$s.figures.tsv"
		each+=" $c.seed$s.figures.tsv"
	done
	past=${histories:-$runs/history.tsv}
	[ -z "$models" ] || weigh=" -v parameters=\"\$(tsrdump --tsv $models | awk -f share/parameters.awk)\""
	case $warned in
	yes) weigh+=" -v warned=\"\$(awk -f share/warned.awk $runs/mixed.tsv)\"" ;;
	no) weigh+=' -v warned=-' ;;
	esac
	files=$(eval "printf '%s\n' $runs/figures.tsv ${histories//history.tsv/figures.tsv}" | awk '!seen[$0]++' | paste -s -d ' ' -)
	script "$c.sh" "$targets" "share/${row[0]}${models:+ share/parameters.awk}${warned:+ share/warned.awk}" "$files" <<-END
		evalconf -q --tsv -s $SEED --confusion $c.confusion.tsv -o $c.figures.tsv $runs/predictions.tsv
		evalconf -q -s $SEED -o $c.report.txt $runs/predictions.tsv
		tsrdump --head ${past//history.tsv/model.bin} | grep -E '^kernel=|^$' >$c.kinds.txt\$new
		mv $c.kinds.txt\$new $c.kinds.txt
		${seeds}awk -v names='$2' -v values='$3'$weigh -f share/${row[*]} $c.figures.tsv$each \\
		    $runs/figures.tsv $past >$c.row.tsv\$new
		mv $c.row.tsv\$new $c.row.tsv
	END
	rows+=("$c")
	runs_tsv+="$c$(eval "printf '\\t%s' $runs")"$'\n'
	[ "$plots" = no ] || plots "$c" "$runs" "$4"
}
# plots NAME RUNS STEM: a configuration's confusion matrix, and its learning curves where it is
# one of trainings.
plots() {
	local c=$1 learning='' targets="$1.confusion.svg" needs=share/confusion.gp
	if [ -z "$histories" ]; then
		targets="$c.learning.svg $targets" needs+=' share/history.gp'
		learning="gnuplot -e \"input='\$(echo $2/history.tsv)'; output='.$c.svg'; title='$c'; \\
    names='\$(echo $2 | sed -E 's,fold([^ ]*)/$3,fold-\1,g; s,/$3,,g')'\" share/history.gp
mv .$c.svg $c.learning.svg
"
	fi
	script "$c.plots.sh" "$targets" "share/style.gp $needs" "$c.row.tsv${learning:+ $files}" <<-END
		# A quote would begin a string of gnuplot's.
		sed 's/"/”/g' $c.confusion.tsv >.$c.tsv
		gnuplot -e "input='.$c.tsv'; output='.$c.svg'; title='$c'" share/confusion.gp
		rm .$c.tsv
		mv .$c.svg $c.confusion.svg
		${learning%$'\n'}
	END
}

# table SHOW [LEFT [PLOT]]: all configurations' rows, SHOW of them for people with LEFT
# columns of words first (2), and as bars with PLOT's settings of results.gp. The mean of
# seeds is shown where there are several. What differs from one machine to the next, seconds,
# is in costs.tsv, so that the table is the same everywhere; where it can not be, it says so.
# $below are commands that add to table.md.new what else is for people, from results $shown.
table() {
	local show=$1 more=''
	[[ $SEEDS = *' '* ]] || show=${show/ seeds/}
	# How many recordings were skipped belongs to the result.
	[ -z "$skip" ] || [ -z "$listed" ] || more="
tsrdump --tsv $listed | awk -f share/skipped.awk - manifest.tsv >>table.md\$new"
	script table.sh 'table.md table.tsv costs.tsv' "share/markdown.awk share/without.awk share/kinds.awk${below:+ share/searched.awk}${VARIANTS:+ share/change.awk}${listed:+${skip:+ share/skipped.awk manifest.tsv}}" \
		"${rows[*]/%/.row.tsv}${listed:+${skip:+ $listed}}${shown:+ $shown}" <<-END
		awk 'NR == 1 || FNR > 1' ${rows[*]/%/.row.tsv}${VARIANTS:+ | awk -f share/change.awk} >costs.tsv\$new
		awk -v name=seconds -f share/without.awk costs.tsv\$new >table.tsv\$new
		awk -v show='$show' -v left=${2:-2} -f share/markdown.awk table.tsv\$new >table.md\$new$below$more
		awk -f share/kinds.awk ${rows[*]/%/.kinds.txt} >>table.md\$new
		mv costs.tsv\$new costs.tsv
		mv table.tsv\$new table.tsv
		mv table.md\$new table.md
	END
	# Chance is one of the classes, which are the rows of a confusion matrix.
	[ "$plots" = no ] || script compare.sh compare.svg "share/style.gp share/results.gp" "table.md ${rows[0]}.row.tsv" <<-END
		chance=\$(awk 'END { print 1 / (NR - 1) }' ${rows[0]}.confusion.tsv)
		gnuplot -e "input='table.tsv'; output='.compare.svg'; chance=\$chance${3:+; $3}" share/results.gp
		mv .compare.svg compare.svg
	END
	put runs.tsv "$runs_tsv"
}
classes='' skip='' plan_sum='' rows=() row=(table.awk) runs_tsv='' plots=yes texts='' results='' before='' options='' predict=''
outputs='figures.tsv history.tsv predictions.tsv model.bin' guard='' or='' leave='rm -f $d/*.checkpoint*' nested='' shuffle='' below='' shown=''
noted='' twice='' second='' second_unknown='' ledger=yes histories='' models='' listed='' choose='' warned='' pinned=''
command -v gnuplot >/dev/null || plots=no

# ---- what is current

# redate FILE [REFERENCE]: dates a text now, or as another; never through a link.
redate() {
	cp "$out/$1" "$out/$1.new"
	touch ${2:+-r "$out/$2"} "$out/$1.new"
	mv "$out/$1.new" "$out/$1"
}
# note SCRIPT: the SERTOOLS_NOTE of what it makes.
note() { (cd "$out" && cat ${reads[$1]} | sha256sum | cut -c 1-16); }
# heard SET: are all recordings that are there as they were when the set's features were
# made? By size and date, as what replaces one may be older than the features; but for
# those that are dated in the future.
heard() {
	[ -e "$out/features/.$1.heard" ] || return
	(cd "$out" && eval "$(stamps "$1")") | awk -v today="$(date +%s)" '!now { had[$0]; next } !($0 in had) && $2 < today + 1 { exit 1 }' "$out/features/.$1.heard" now=1 -
}
# stamps SET: the command that lists size, date and name of the recordings that it is made of.
stamps() {
	local what="-Lc '%s %.9Y %n'" of='cut -f 1 manifest.tsv'
	[[ $OSTYPE = linux* ]] || what="-Lf '%z %Fm %N'"
	[ -z "${part_of[$1]:-}" ] || of="${part_of[$1]} | cut -f 1"
	echo "$of | tr '\\n' '\\0' | { xargs -0 stat $what 2>/dev/null || true; }"
}
# A result counts by its own provenance: where it has not the notes of these very
# texts, or where not all that it was made with and of is there as it was, or a recording
# was changed since, its script is dated now, and so make runs it. Where it has, texts
# that look newer, as they were changed and changed back, are dated as it is.
verify() {
	local name stream want had notes='' n t f
	local -A redone=()
	for name in "${scripts[@]}"; do
		stream=${makes[$name]##* } want='' had=''
		[ -e "$out/${makes[$name]%% *}" ] || { redone[$name]=yes && continue; }
		# What is dated in the future, by a clock that was ahead, looks made of what is yet to be made.
		[ ! "$out/${makes[$name]%% *}" -nt "$out/.lock-holder" ] ||
			for f in ${needed[$name]}; do [ -z "${redone[${maker[$f]:--}]:-}" ] || had=none; done
		(cd "$out" && sound "$(sums "$name")") || had=none
		[[ $name != features/* ]] || heard "$(basename "$stream" .tsr)" || { rm -f "$out/$(sums "$name")" && had=none; }
		case $stream in *.tsr | *.bin)
			want=$(note "$name") notes+=" $want "
			[ -n "$had" ] ||
				had=$(tsrdump --field pg "$out/$stream" 2>/dev/null | sed -n 's/.* note=\([^ ]*\).*/\1/p' | uniq) || had=none
			for n in $had; do [[ $notes == *" $n "* ]] || had=none; done
			;;
		esac
		if [ "${had##*$'\n'}" != "$want" ]; then
			redate "$name"
			redone[$name]=yes
			# A clock that is ahead, here or elsewhere, does not make it look made.
			[ "$out/$name" -nt "$out/${makes[$name]%% *}" ] || touch -r "$out/${makes[$name]%% *}" -d '+1 second' "$out/$name"
		elif [ -n "$want" ]; then
			for t in ${makes[$name]}; do
				for f in ${reads[$name]}; do [ ! "$out/$f" -nt "$out/$t" ] || redate "$f" "$t"; done
			done
		fi
	done
}

# ---- making it

# idle SCRIPT: does that run do nothing? search has some.
idle() { return 1; }

# Says what make does, whose words come in on descriptor 4: a line for each run
# that starts, or on a terminal one line that is redrawn. The last word is its status.
follow() {
	local line part='' name what rc started=() total=$1 features
	while :; do
		rc=0
		IFS= read -r -t 1 -u 4 line || rc=$?
		line=$part$line part='' # a second may end within a line
		[ $rc -le 128 ] || { part=$line && line=''; }
		[ $rc = 0 ] || [ $rc -gt 128 ] || break
		case $line in
		'make ended '*) ended=${line##* } ;;
		*'bash '*/run.sh)
			name=${line##*bash }
			started+=("${name%/run.sh}")
			! idle "$name" || continue
			what=training
			[ ! -e "$out/${name%run.sh}$(note "$name").checkpoint" ] || what=continuing
			[ -t 2 ] || echo "$recipe: [${#started[@]}/$total] ${name%/run.sh}: $what" >&2
			;;
		*'bash 'features/*.sh)
			features=${line##*bash features/}
			echo "$recipe: features of $(wc -l <"$out/manifest.tsv") recordings, ${features%.sh}" >&2
			;;
		esac
		[ ! -t 2 ] || [ ${#started[@]} = 0 ] || draw "$total" "${started[@]}"
	done
	[ ! -t 2 ] || printf '\r\033[J' >&2
}
draw() { # TOTAL STARTED...
	local run at e l rest n=0 left='?' now=() total=$1
	for run in "${@:2}"; do
		if [ -e "$out/${makes[$run/run.sh]%% *}" ]; then
			n=$((n + 1))
			continue
		fi
		at='not begun'
		while IFS=$'\t' read -r e l rest; do [ "$e" = epoch ] || at="epoch $e of ${epochs_of[$run]:-?}, loss $l"; done \
			2>/dev/null <"$out/$run/history.tsv" || true
		now+=("$run: $at")
	done
	[ $n = 0 ] || left=$((SECONDS * (total - n) / n)) left=$((left / 60)):$(printf %02d $((left % 60)))
	printf '\r\033[J\033[?7l%s: %d of %d runs done, %s left' "$recipe" $n "$total" "$left" >&2
	if [ ${#now[@]} -gt 1 ]; then
		printf '\n  %s' "${now[@]}" >&2
		printf '\033[%dA' ${#now[@]} >&2
	else
		printf '; %s' "${now[@]}" >&2
	fi
	printf '\033[?7h' >&2
}

# Its own make, to which the variables of the command line are no longer to be expanded.
inner() {
	local run=${RUN:-}
	[ "${RETRY:-0}" = 0 ] || run="bash $(q "$here/retry.sh") $RETRY $run"
	LOCK="wait" env ${plan_sum:+SERTOOLS_PLAN="$plan_sum"} MAKEFLAGS="${MAKEFLAGS%%-- *}" ${V:+SHELLOPTS=xtrace} "${MAKE:-make}" --no-print-directory -C "$out" RUN="${run//\$/\$\$}" "$@"
}
# terminate PID: it and all that it has started, which make alone would leave running.
terminate() {
	local IFS=$' \n' # where the signal comes, read has another
	# shellcheck disable=SC2046
	kill -TERM $(ps -A -o pid= -o ppid= 2>/dev/null | awk -v top="$1" '{ parent[$1] = $2 }
		END {
			for (p in parent) {
				for (a = p; a != top && a in parent; ) a = parent[a]
				if (a == top) print p
			}
		}') 2>/dev/null || kill -TERM "$1" 2>/dev/null || true # it may have ended
}
build() { # GOAL...
	local total pid stopped='' ended=''
	if [ -n "$dry" ]; then
		inner "$@"
		return
	fi
	total=$(MAKEFLAGS='' inner -n "$@" | grep -c 'bash .*/run\.sh$' || true)
	trap 'stopped=130' INT
	trap 'stopped=143; terminate $pid' TERM
	# Its status comes in words: bash 5.2 sometimes has none of a process substitution.
	exec 4< <(trap - INT TERM; rc=0; inner "$@" || rc=$?; echo "make ended $rc")
	pid=$!
	follow "$total"
	trap - INT TERM
	[ -z "$stopped" ] || echo "$recipe: interrupted; the same command resumes" >&2
	[ -z "$stopped" ] || ended=$stopped
	[ "${ended:=2}" = 0 ] || exit "$ended"
}

main() {
	command -v nntrain >/dev/null || die 'the programs of sertools are not in PATH'
	[ -z "${KERNEL:-}" ] || pin
	[ "$plots" = yes ] || echo "$recipe: gnuplot is not installed: no plots" >&2
	out=$(local_path "$out")
	[ ! -e "$out" ] || [ -d "$out" ] || die "$out is a file, but the experiment becomes a folder (OUT=...)"
	if [ -n "$dry" ]; then copy; else lock_folder; fi
	[ -n "$dry$shared" ] || keep_ledger
	plan
	take "$here/step.sh" share/step
	put share/version "$(nntrain -V)"$'\n'
	put Makefile "# Written by sertools $recipe. make runs what is necessary, make -n shows it;
# RUN='srun -n 1 -c 4' puts a launcher before each script, THREADS=1 goes with make -j.
.PRECIOUS all:$all
$rules"
	# By which scripts know what they are to see (unplanned in step.sh).
	put .plan "$(cd "$out" && printf '%s\n' "${reads[@]}" | tr -s ' ' '\n' | sort -u | xargs sha256sum)"$'\n'
	plan_sum=$(sha256sum <"$out/.plan" | cut -c 1-64)
	[ -n "$shared" ] || verify
	if [ "$mode" = plan ]; then
		ones
		return
	fi
	[ -n "$dry$shared" ] || lock -s -n 9 || busy
	if [ "${2:-all}" = all ]; then
		build all
		[ -n "$dry" ] || { arrived "${scripts[@]}" && show; }
		return
	fi
	make_one
}
# ones: the names that plan lists, and ONE takes.
ones() { printf '%s\n' "${scripts[@]}" | sed 's,/run\.sh$,,; s,/predict\.sh$,,; s,\.sh$,,'; }
# make_one: ONE and what it needs. What other hosts make, too, is waited for by its script.
make_one() {
	local name target again=()
	for name in "${ONE:-}"/run.sh "${ONE:-}"/predict.sh "${ONE:-}.sh"; do [ -z "${makes[$name]:-}" ] || break; done
	target=${makes[$name]:-}
	[ -n "$target" ] || die "ONE=${ONE:-}: sertools plan lists what there is$(ones | WORD=${ONE:-} awk -f "$here/nearest.awk")"
	[ -z "$shared" ] || outdated "${target%% *}"
	build "${again[@]}" "${target%% *}"
	[ -n "$dry" ] || arrived "$name"
}
# outdated TARGET: sets $again to the options by which make runs those scripts for it whose sums do not fit
# what is there, as of a process that was killed: dates do not tell, of several hosts still less.
outdated() {
	local t=$1 name todo=("$1")
	local -A seen=()
	while [ ${#todo[@]} -gt 0 ]; do
		t=${todo[-1]}
		unset 'todo[-1]'
		name=${maker[$t]:-}
		[[ -n $name && -z ${seen[$t]:-} ]] || continue
		seen[$t]=yes
		for t in ${needed[$name]}; do todo+=("$t"); done
		(cd "$out" && sound "$(sums "$name")") || again+=(-W "$name")
	done
}
# arrived SCRIPT...: ends unless what they make is here, too, where other hosts made it.
arrived() { (cd "$out" && script=$recipe new=.new-$$ SERTOOLS_PLAN=$plan_sum && ledger && wait_for unmade "$@"); }

# ---- one of the plan that is there

# planned: what script says, of the Makefile: a rule is "target: script texts results; launcher bash script".
planned() {
	local line name f rule='^([^ ]+): ([^;]*); .*bash ([^ ]+)$'
	while IFS= read -r line; do
		[[ $line =~ $rule ]] || continue
		name=${BASH_REMATCH[3]}
		scripts+=("$name") makes[$name]=${BASH_REMATCH[1]} maker[${BASH_REMATCH[1]}]=$name
		needed[$name]=${BASH_REMATCH[2]#"$name"} reads[$name]=''
		for f in ${needed[$name]}; do [ -n "${maker[$f]:-}" ] || reads[$name]+=" $f"; done
		reads[$name]+=" $name"
	done <"$out/Makefile"
}
main_one() {
	local first=''
	[[ -n ${OUT:-} && -n ${ONE:-} ]] || die 'usage: sertools one OUT=folder ONE=name, of the names that sertools plan lists'
	out=$(local_path "$OUT") shared=yes
	[ ! -e "$out/Makefile" ] || IFS= read -r first <"$out/Makefile" || true
	[[ $first = '# Written by sertools '* ]] || die "OUT=$OUT: no plan is in there: sertools plan audio OUT=$(q "$OUT") ... writes one (sertools help plan)"
	command -v nntrain >/dev/null || die 'the programs of sertools are not in PATH'
	if [ -z "$dry" ]; then
		exec 9<>"$out/.lock"
		lock -s -n 9 || { echo "one: in use: $(cat "$out/.lock-holder" 2>/dev/null): waiting" >&2 && lock -s 9; }
	fi
	planned
	[ ! -s "$out/.plan" ] || plan_sum=$(sha256sum <"$out/.plan" | cut -c 1-64)
	make_one
}
show() {
	cat "$out/table.md"
	echo "$recipe: the table, plots, models and predictions are in $out, seconds in costs.tsv there" >&2
}

check
if [ "$recipe" = one ]; then
	main_one
else
	# shellcheck source=/dev/null
	. "$here/$recipe.sh"
	main "$@"
fi
