#!/usr/bin/env bash
# report.sh: the parts of `sertools report`, which report.mk puts together: HTML in
# English with the marks of report/say.awk, on the standard output.
# usage: report.sh plan OUT               its configurations: name, then the runs
#        report.sh config OUT NAME        one of them
#        report.sh run OUT                what was run, and the comparison
#        report.sh mistakes OUT           the most confident ones
#        report.sh page OUT PART...       the page itself, translated
#        report.sh file FILE OUT         a page on one recording, by the MODELs
# Environment: MODEL, files with blanks between; LABELS, other names for classes; CLIPS=no: no audio; MISTAKES, how
# many; CORPUS, where the run does not tell; STEP, seconds between windows.
set -euo pipefail
export LC_ALL=C
here=$(dirname "$0")
CLIPS=${CLIPS:-yes} MISTAKES=${MISTAKES:-12} STEP=${STEP:-1}
export LABELS=${LABELS:-}

# shellcheck source=pipelines/plot.sh
. "$here/plot.sh"
die() {
	echo "report: $(visible "$*")" >&2
	exit 3
}

# An awk script of the report, with what they share.
part() {
	local script=$1
	shift
	awk -f "$here/visible.awk" -f "$here/report/lib.awk" -f "$here/report/$script.awk" "$@"
}
esc() { part esc < <(visible "$1"); }
# table NAME WORDS: of the TSV on the standard input; WORDS: the columns that are words.
table() { NAME=$1 part table -v words="$2"; }
# figure ID NAME WHAT CAPTION PLOT.svg
figure() { ID=$1 NAME=$2 WHAT=$3 CAPTION=$4 part svg "$5"; }
wanted() { [ -e "$1" ] || die "$1 is missing: ${2:-this is no finished run}"; }
# field NAME MODEL: of its head, - where it is not there.
field() { tsrdump --field "$1" -- "$2" 2>/dev/null || echo -; }

# What a run consists of: a line for each configuration, its name and the folders of
# its runs, in table.tsv's order. All of them become words of make and of its shell.
plan() {
	local kind all
	wanted "$1/table.tsv" 'a finished run of sertools audio, demo, csv or leak-demo is wanted'
	IFS= read -r kind <"$1/table.tsv" || die "$1/table.tsv is empty"
	[[ $kind =~ ^(net|recipe|protocol)$'\t' ]] || die "$1/table.tsv: this is no table of sertools audio, demo, csv or leak-demo"
	wanted "$1/runs.tsv"
	all=$(OUT=$1 awk -F '\t' -v OFS='\t' '{ for (i = 2; i <= NF; i++) $i = ENVIRON["OUT"] "/" $i } 1' "$1/runs.tsv")
	[[ $1 != -* && $all != *[!A-Za-z0-9_./+,@$'\200'-$'\377\t\n'-]* ]] ||
		die "$1/runs.tsv: a name in it, or the folder's, has other characters than letters, digits and _./+,@-"
	printf '%s\n' "$all"
}
# check OUT: plan, once all that it names is there.
check() {
	local name line stem
	plan "$1" >"$tmp/plan"
	[ -s "$tmp/plan" ] || die "$1/table.tsv has no configuration"
	while IFS= read -r line; do
		IFS=$'\t' read -ra stems <<<"$line"
		wanted "$1/${stems[0]}.figures.tsv" 'the experiment is not finished; the same command resumes it'
		for stem in "${stems[@]:1}"; do
			for name in $(models_of "$1" "$stem") "$stem/predictions.tsv" $([ -e "$stem/members" ] || echo "$stem/history.tsv"); do
				wanted "$name" 'the experiment is not finished; the same command resumes it'
			done
		done
	done <"$tmp/plan"
	wanted "$1/table.md"
	wanted "$1/compare.svg" 'gnuplot was not there when it was run; the same make draws it'
	cat "$tmp/plan"
}
# models_of OUT STEM...: the models that these runs are of: their own, or other runs'.
models_of() {
	local stem
	for stem in "${@:2}"; do
		if [ -e "$stem/members" ]; then OUT=$1 awk '{ print ENVIRON["OUT"] "/" $0 }' "$stem/members"; else echo "$stem/model.bin"; fi
	done
}
# stems OUT NAME: sets stems to its runs.
stems() {
	local line
	line=$(plan "$1" | NAME=$2 awk -F '\t' '$1 == ENVIRON["NAME"]')
	[ -n "$line" ] || die "$1/table.tsv has no configuration $2"
	IFS=$'\t' read -ra stems <<<"$line"
	stems=("${stems[@]:1}")
}
# The configuration whose mistakes are shown, as its line in table.tsv and its UAR:
# the highest, of those that were tested on speakers they had not heard, which are
# all or stand apart; and whether even its own were heard.
best() {
	awk -F '\t' 'NR == 1 {
		for (i = 1; i <= NF; i++) at[$i] = i
		next
	}
	{
		heard = ("split" in at) && $at["split"] == "rows" || ("protocol" in at) && $at["protocol"] !~ /speakers|^alone$|^enrolled [^;]*$/
		which = ("split" in at || "protocol" in at) && !heard ? "apart" : "all"
		print heard, $at["uar"], NR - 1, which
	}' "$1/table.tsv" | sort -k 1,1n -k 2,2gr -k 3,3n | awk 'NR == 1 { print $3, $2, $4, $1 ? "yes" : "no" }'
}

evaluate() { evalconf -q --tsv --bootstrap 0 ${LABELS:+--labels "$LABELS"} "$@"; }

# ---- one configuration

provenance() { # NAME MODEL...
	local m name
	echo "<details><summary>{{Network, features and provenance of the models}}</summary>"
	echo "<h3>{{Network}}</h3><pre>$(field net "$2" | part esc)</pre>"
	for m in "${@:2}"; do
		name=${m#"$out"/}
		echo "<h3>{{Model}} <code>$(esc "${name#./}")</code></h3>"
		echo "<pre>$(tsrdump --head -- "$m" | grep -E '^(feature\.|input|temperature|threshold|target-risk|loss|epoch|pg)' | part esc)</pre>"
	done
	echo "</details>"
}

config() {
	local out=$1 name=$2 title models preds history names stem i of temperature=() tempered=no more=() what note
	stems "$out" "$name"
	title=$(esc "$name")
	mapfile -t models < <(models_of "$out" "${stems[@]}" | awk '!seen[$0]++')
	preds=("${stems[@]/%//predictions.tsv}")
	history="${stems[*]/%//history.tsv}"
	names=$(for stem in "${stems[@]}"; do basename "$(dirname "$stem")"; done | sed 's/^fold/fold-/' | paste -s -d ' ' -)

	evaluate --confusion "$tmp/confusion.tsv" --reliability "$tmp/after.bins" --risk-coverage "$tmp/curve" \
		-o "$tmp/after.tsv" "${preds[@]}"
	for i in "${!stems[@]}"; do
		# What several say together has no temperature.
		mapfile -t of < <(models_of "$out" "${stems[i]}")
		temperature[i]=$([ ${#of[@]} -gt 1 ] || field temperature "${of[0]}")
		[ "${temperature[i]:--}" != - ] || temperature[i]=1
		[ "${temperature[i]}" = 1 ] || tempered=yes
	done
	if [ $tempered = yes ]; then
		for i in "${!stems[@]}"; do
			TEMPERATURE=${temperature[i]} part untemper "${preds[i]}" >"$tmp/before$i.predictions"
		done
		evaluate --reliability "$tmp/before.bins" -o "$tmp/before.tsv" "$tmp"/before*.predictions
		more=("$tmp/before.tsv")
	fi
	# A curve of 400 points looks the same as one of 100,000.
	awk '{ line[NR] = $0 } END {
		every = NR > 400 ? NR / 400 : 1
		print line[1]
		for (i = 2; i < NR; i++) if (int(i / every) != int((i - 1) / every)) print line[i]
		print line[NR]
	}' "$tmp/curve" >"$tmp/thin.tsv"

	[ -e "${stems[0]}/members" ] || plot history "$tmp/learning.svg" "input=$history" "names=$names" "title=$name"
	plot confusion "$tmp/confusion.svg" "data=$tmp/confusion.tsv" "title=$name"
	plot risk "$tmp/risk.svg" "input=$tmp/thin.tsv" "names=$name" "title=Risk where the least confident are refused"
	plot reliability "$tmp/after.svg" "input=$tmp/after.bins" "title=Reliability$([ $tempered = no ] || echo ', tempered')"
	[ $tempered = no ] ||
		plot reliability "$tmp/before.svg" "input=$tmp/before.bins" "title=Reliability, before tempering"

	echo "<section id=\"c-$title\"><h2><code>$title</code></h2>"
	part figures "$out/$name.figures.tsv" "$tmp/after.tsv" "${more[@]}" | table "{{Figures of @|$title}}" 1
	if [ ! -e "${stems[0]}/members" ]; then
		echo "<h3>{{Learning curves}}</h3>"
		figure "learning-$title" "{{Learning curves of @|$title}}" \
			"{{Loss and accuracy by epoch, in training and in validation; one colour for each of @ runs.|${#stems[@]}}}" \
			"{{Rings mark the epochs whose weights were kept.}}" "$tmp/learning.svg"
	fi
	echo "<h3>{{Which class is taken for which}}</h3><div class=\"pair\">"
	what=$(confused "$tmp/confusion.tsv")
	figure "confusion-$title" "{{Confusion matrix of @|$title}}" "$what" \
		"{{Rows are the true classes, columns the answers; the class with the largest probability counts, also where the answer was refused.}}" \
		"$tmp/confusion.svg"
	part classes "$out/$name.figures.tsv" | table "{{Classes, with 95 % intervals over speakers}}" 1
	echo "</div>"
	echo "<h3>{{Confidence, and refusing to answer}}</h3><div class=\"pair\">"
	note='{{No model has a temperature other than 1.}}'
	if [ $tempered = yes ]; then
		what=$(error "$tmp/before.tsv")
		figure "before-$title" "{{Reliability of @ before tempering|$title}}" "$what" "{{As the networks have it.}}" "$tmp/before.svg"
		note='{{With the temperature of each model, which was fitted to its validation speakers.}}'
	fi
	what=$(error "$tmp/after.tsv")
	figure "after-$title" "{{Reliability of @|$title}}" "$what" "$note" "$tmp/after.svg"
	what=$(risk "$tmp/thin.tsv")
	figure "risk-$title" "{{Risk and coverage of @|$title}}" "$what" \
		"{{From left to right more is answered, the most confident first.}}" "$tmp/risk.svg"
	echo "</div><h3>{{Speakers}}</h3>"
	{
		printf 'speaker\trecords\taccuracy (%%)\tUAR (%%)\tmost frequent mistake: true class > answer\n'
		part speakers "${preds[@]}" | sort -t $'\t' -k 4,4g -k 1,1
	} | table "{{Speakers, those understood worst first}}" '1 5' | sed 's/class="scroll"/class="scroll tall"/'
	by_field "$out" "${preds[@]}"
	provenance "$name" "${models[@]}"
	echo "</section>"
}
# by_field OUT PREDICTIONS...: a table of each field of the manifest that has two to twelve values.
by_field() {
	local name
	[ -e "$1/manifest.tsv" ] || return 0
	for name in $(part fields "$1/manifest.tsv"); do
		part by -v by="$name" "$1/manifest.tsv" "${@:2}" | sort -t $'\t' -k 1,1 >"$tmp/by"
		[ ! -s "$tmp/by" ] || { printf '%s\trecords\taccuracy (%%)\tUAR (%%)\n' "$name" && cat "$tmp/by"; } | table "{{Results by @|$name}}" 1
	done
}
# What a confusion matrix says, in a sentence.
confused() {
	awk -F '\t' -v OFS='\t' 'NR == 1 { for (i = 2; i <= NF; i++) name[i] = $i; next }
	{
		for (i = 2; i <= NF; i++) {
			all += $i
			if ($1 == name[i]) right += $i
			else if ($i > most) { most = $i; from = $1; to = name[i] }
		}
	}
	END { print right + 0, all + 0, most + 0, from, to }' "$1" | part esc | awk -F '\t' '{
		print "{{@ of @ records are on the diagonal; the most frequent mistake is @ taken for @, @ times.|" $1 "|" $2 "|" \
			($4 == "" ? "-" : $4) "|" ($5 == "" ? "-" : $5) "|" $3 "}}" }'
}
error() {
	awk -F '\t' '$1 == "ece" { printf "{{Accuracy by confidence in bins; the expected calibration error is @ %%.|%.1f}}", 100 * $3 }' "$1"
}
risk() {
	awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
	!half && $at["coverage"] >= 0.5 { half = 100 * $at["risk"] }
	{ full = 100 * $at["risk"] }
	END { printf "{{Of all answers @ %% are wrong, of the most confident half @ %%.|%.1f|%.1f}}", full, half }' "$1"
}

# ---- the run

corpus_of() { if [ -n "${CORPUS:-}" ]; then echo "$CORPUS"; elif [ -e "$1/corpus.txt" ]; then cat "$1/corpus.txt"; fi; }
# credit CORPUS COLUMN: of what is known of the corpora; nothing where it is not.
credit() { CREDIT=$1 awk -F '\t' -v i="$2" '$1 == ENVIRON["CREDIT"] && $i != "-" { print $i }' "$here/datasets/credits.tsv"; }
# title OUT: the corpus, and the run.
title() {
	local corpus
	corpus=$(corpus_of "$1")
	[ -z "$corpus" ] || corpus="$(credit "$corpus" 2 | grep . || echo "$corpus"), "
	esc "$corpus${RUN_NAME:-$(basename "$1")}"
}
row() { printf '%s\t%s\n' "$1" "$2"; }
list() { paste -s -d ' ' - | sed 's/ /, /g'; }

facts() { # OUT
	local out=$1 corpus s models
	corpus=$(corpus_of "$out")
	row what value
	[ -z "$corpus" ] || row corpus "$(credit "$corpus" 2 | grep . || echo "$corpus")"
	[ -z "$(credit "$corpus" 3)" ] || row credit "$(credit "$corpus" 3)"
	[ -z "$(credit "$corpus" 4)" ] || row licence "$(credit "$corpus" 4)"
	if [ -e "$out/manifest.tsv" ]; then
		row recordings "$(wc -l <"$out/manifest.tsv" | tr -d ' ')"
		row skipped "$(sed -n 's/^\([0-9]* of [0-9]*\) recordings are broken and were skipped: /\1: /p' "$out/table.md" | sed 's/ of /\//')" | awk -F '\t' '$2 != ""'
		row speakers "$(cut -f 4 "$out/manifest.tsv" | sort -u | grep -c .)"
		cut -f 3 "$out/manifest.tsv" | sort | uniq -c | awk '{ n = $1; sub(/^ *[0-9]+ /, ""); print n "\t" $0 }' | part counts
	fi
	row configurations "$(plan "$out" | cut -f 1 | list)"
	for s in "$out"/features/*.sh; do
		[ ! -e "$s" ] || row "features of $(basename "$s" .sh)" "$(tr '\n' ' ' <"$s" |
			sed 's/.*wavnorm/wavnorm/; s/ -j "[^"]*"//g; s/ --manifest manifest.tsv//; s/ -o .*//; s/  */ /g')"
	done
	mapfile -t models < <(plan "$out" | cut -f 2- | tr '\t' '\n' | while IFS= read -r s; do models_of "$out" "$s"; done | awk '!seen[$0]++')
	row models ${#models[@]}
	row training "$(for s in "${models[@]}"; do
		sed -n 's/.*\(nntrain\) -q .* \(--epochs .*\) .$/\1 \2/p' "${s%model.bin}run.sh"; done | sort -u | paste -s -d ';' -)"
	row programs "$(for s in "${models[@]}"; do tsrdump --field pg "$s"; done |
		awk '!seen[$1, $2]++ { print $1 " " $2 }' | paste -s -d ',' - | sed 's/,/, /g')"
	row kernels "$(tsrdump --head "${models[@]}" | awk -v list=yes -f "$here/kinds.awk")"
}

found() { # OUT
	local number heard names
	read -r number _ _ heard < <(best "$1")
	names=$(plan "$1" | cut -f 1)
	N=$number HEARD=$heard NAMES=$names part found "$1/table.tsv" "$1/$(sed -n "${number}p" <<<"$names").confusion.tsv"
}
run() {
	local out=$1 words
	found "$out"
	echo '<section id="run"><h2>{{What was run}}</h2>'
	facts "$out" | table '{{The run}}' '1 2'
	if [ -e "$out/split.tsv" ]; then
		echo '<details><summary>{{Who trained, validated and tested}}</summary>'
		awk -F '\t' -v OFS='\t' '{ gsub(/,/, ", ", $3); who[$1, $2] = $3 } !seen[$1]++ { fold[++n] = $1 }
			END {
				print "fold", "tested on", "validated with", "trained on"
				for (i = 1; i <= n; i++) {
					f = fold[i]
					print f, who[f, "test"], (f, "valid") in who ? who[f, "valid"] : "-", (f, "train") in who ? who[f, "train"] : "-"
				}
			}' "$out/split.tsv" | table '{{Speakers of each fold}}' '1 2 3 4'
		echo '</details>'
	fi
	looks "$out"
	echo '</section><section id="comparison"><h2>{{Comparison}}</h2>'
	words=$(awk 'NR == 2 { n = gsub(/- \|/, ""); for (i = 1; i <= n; i++) print i }' "$out/table.md" | paste -s -d ' ' -)
	awk -f "$here/report/mdrows.awk" "$out/table.md" | table '{{All configurations}}' "$words"
	figure compare "{{What each configuration reached}}" "{{Bars with intervals; the table above has the figures.}}" \
		"{{Where intervals overlap, the configurations have not been told apart.}}" "$out/compare.svg"
	echo '</section>'
}

# looks OUT: how often each test was looked at, where the run has noted it.
looks() {
	[ -s "$1/ledger.tsv" ] || return 0
	echo '<details><summary>{{How often each test was looked at}}</summary>'
	echo '<p>{{Each time predictions of test records are made counts, also where the same script made them again.}}</p>'
	part looks "$1/ledger.tsv" | table '{{Looks at each test}}' 1
	echo '</details>'
}

# ---- recordings

magic() { od -An -tx1 -N 12 "$1" | tr -d ' \n'; }
# audio FILE NAME: a player that has the recording in it. As it is where it is
# small and browsers know it, else as Opus.
audio() {
	local size type=
	size=$(wc -c <"$1")
	case $(magic "$1") in
	52494646????????57415645) type=audio/wav ;;
	664c6143*) type=audio/flac ;;
	4f676753*) type=audio/ogg ;;
	494433* | fffb* | fff3* | fff2*) type=audio/mpeg ;;
	esac
	cp "$1" "$tmp/clip"
	if [ -z "$type" ] || [ "$size" -gt 262144 ]; then
		if command -v opusenc >/dev/null &&
			opusenc --quiet --downmix-mono --bitrate 32 --serial 1 --discard-comments --discard-pictures "$1" "$tmp/clip" 2>"$tmp/err"; then
			type=audio/ogg
		fi
	fi
	size=$(wc -c <"$tmp/clip")
	if [ -z "$type" ] || [ "$size" -gt 6000000 ]; then
		echo "<p class=\"soft\">{{The recording is not in this page: it is too large, or in a format that browsers do not play.}}</p>"
		return
	fi
	echo "<audio controls=\"controls\" preload=\"metadata\" aria-label=\"{{Recording}} $2\" src=\"data:$type;base64,$(base64 <"$tmp/clip" | tr -d '\n')\"></audio>"
}
# flags MODEL: sets wavnorm_flags and melspec_flags to what its features were
# made with, and length to the seconds of a record.
flags() {
	local name value
	wavnorm_flags=() melspec_flags=() length=
	while IFS='=' read -r name value; do
		case $name in
		feature.type) [ "$value" = mel ] || die "$1: this model is of features of type $value, not of recordings" ;;
		feature.rate) wavnorm_flags+=(--rate "$value") rate=$value ;;
		feature.samples) length=$(awk -v n="$value" -v rate="$rate" 'BEGIN { printf "%.9g", n / rate }') ;;
		feature.at) at=$value ;;
		feature.level)
			case $value in
			none) ;;
			peak\ * | rms\ *) wavnorm_flags+=("--${value% *}" "${value#* }") ;;
			*) die "$1: $name=$value is unknown" ;;
			esac
			;;
		feature.trim) [ "$value" = none ] || wavnorm_flags+=(--trim "$value") ;;
		feature.topdb) melspec_flags+=(--top-db "$value") ;;
		feature.nfft | feature.window | feature.hop | feature.mels | feature.fmin | feature.fmax | feature.formula | feature.norm | \
			feature.power | feature.center | feature.scale | feature.ref | feature.amin)
			melspec_flags+=("--${name#feature.}" "$value") ;;
		esac
	done < <(tsrdump --head -- "$1")
	[ -n "$length" ] || die "$1: this model does not tell how its features were made"
	# They become words of commands.
	for value in "${wavnorm_flags[@]}" "${melspec_flags[@]}"; do
		[[ $value =~ ^[-+.A-Za-z0-9]+$ ]] || die "$1: a setting of its features is '$value'"
	done
}
# spectrogram FILE ID SECONDS SIZE [MELSPEC-OPTION...]
spectrogram() {
	# A window tells where it starts.
	WAVNORM_FLAGS="${wavnorm_flags[*]} $([ "$at" = centre ] && echo "--seconds $3 --at centre" || echo "--window $3")" MELSPEC_FLAGS="${melspec_flags[*]} ${*:5}" \
		"$here/spectrogram.sh" "$1" "$tmp/spectrogram.svg" 1 "$4" >"$tmp/name"
	figure "$2" "{{Spectrogram of @|$(esc "${1##*/}")}}" \
		"{{${drawn:-Level by time and frequency, as the network gets the recording: @ seconds, bands even in mel.}|$3}}" "" \
		"$tmp/spectrogram.svg"
}

mistakes() {
	local out=$1 number uar which name preds model n=0 line key path corpus heard=no said span
	read -r number uar which _ < <(best "$out")
	name=$(plan "$out" | awk -F '\t' -v n="$number" 'NR == n { print $1 }')
	stems "$out" "$name"
	preds=("${stems[@]/%//predictions.tsv}")
	corpus=$(corpus_of "$out")
	echo '<section id="mistakes"><h2>{{The most confident mistakes}}</h2>'
	said='Of @, which has the highest UAR of the comparison (@ %).'
	[ "$which" = all ] || said='Of @, which has the highest UAR (@ %) of those that were tested on speakers whom training had not heard.'
	echo "<p>{{$said That was seen on the tests themselves, so it is no choice of a model, and no claim that it is the best.|<code>$(esc "$name")</code>|$(awk -v x="$uar" 'BEGIN { printf "%.1f", 100 * x }')}}</p>"
	part wrong "${preds[@]}" | sort -t $'\t' -k 1,1gr -k 2,2 | awk -v n="$MISTAKES" 'NR <= n' >"$tmp/wrong"
	[ -s "$tmp/wrong" ] || echo '<p>{{There is none: every answer that was not refused is right.}}</p>'
	if [ -s "$tmp/wrong" ] && [ -e "$out/manifest.tsv" ]; then
		read -r model < <(models_of "$out" "${stems[0]}")
		heard=yes
		said='A spectrogram shows what the network heard, @ seconds at most'
		if [[ $(field feature.type "$model") = mel && $(field feature.samples "$model") != all ]]; then
			flags "$model"
		else
			said='A spectrogram shows the recording, @ seconds at most' wavnorm_flags=() melspec_flags=() length=4 rate=16000 at=centre
		fi
		[ "$CLIPS" = no ] && said+='.' || said+='; the player has the whole recording.'
		echo "<p class=\"soft\">{{$said|$(awk -v x="$length" 'BEGIN { print x + 0 }')}}</p>"
		[ "$CLIPS" = no ] || licence "$corpus"
	fi
	echo '<div class="cards">'
	while IFS= read -r line; do
		n=$((n + 1))
		key=$(cut -f 2 <<<"$line")
		echo '<article>'
		part card -v n=$n -v heard=$heard <<<"$line"
		if [ -e "$out/manifest.tsv" ]; then
			path=$(KEY=$key awk -F '\t' '$2 == ENVIRON["KEY"] { print $1 }' "$out/manifest.tsv")
			path=${path:+$(local_path "$path")}
			span=$(KEY=$key awk -F '\t' '$2 == ENVIRON["KEY"] {
				for (i = 5; i <= NF; i++) if ($i ~ /^(start|end)=/) span[substr($i, 1, 3)] = substr($i, index($i, "=") + 1)
				if ("sta" in span || "end" in span) print span["sta"] + 0 "-" span["end"]
			}' "$out/manifest.tsv")
			if [ -n "$span" ]; then
				echo "<p class=\"soft\">{{A part of @, seconds @.|<code>$(esc "$path")</code>|$(esc "$span")}}</p>"
			elif [ ! -e "$path" ]; then
				echo "<p class=\"soft\">{{The recording is no longer where it was: @|<code>$(esc "${path:-$key}")</code>}}</p>"
			else
				spectrogram "$path" "mistake-$n" "$length" 480x300
				[ "$CLIPS" = no ] || audio "$path" "$(esc "$key")"
			fi
		fi
		echo '</article>'
	done <"$tmp/wrong"
	echo '</div></section>'
}
licence() { # CORPUS
	if [ -n "$(credit "$1" 4)" ]; then
		echo "<p class=\"soft\">{{The clips in this page come from @ (@) and are under its terms: @. Who passes the page on passes them on.|$(esc "$(credit "$1" 2)")|$(esc "$(credit "$1" 3)")|<b>$(esc "$(credit "$1" 4)")</b>}}</p>"
	elif [ "$1" = demo ]; then
		echo '<p class="soft">{{The clips in this page are made-up speech from espeak-ng; no one was recorded.}}</p>'
	else
		echo "<p class=\"soft\">{{The clips in this page come from @, whose terms are not known here: look them up before you pass the page on, or make it with CLIPS=no.|$(esc "${1:-the recordings of this run}")}}</p>"
	fi
}

# ---- one recording

# find_model NAME: its path, where it is one of those that come with the recipes.
find_model() { if [ ! -e "$1" ] && [ -f "$here/models/$1.bin" ]; then echo "$here/models/$1.bin"; else local_path "$1"; fi; }
# about MODEL...: each model's card, where one says whose data made it: under which terms, how it was tested.
about() {
	local m card='' name
	for m; do
		[ -z "$(tsrdump --head -- "$m" | sed -n '/^about[.]/p')" ] || card=yes
	done
	[ -n "$card" ] || return 0
	echo '<section id="about"><h2>{{About the model}}</h2>'
	for m; do
		name=${m##*/}
		card=${m%.bin}.tsv
		[ "$name" != model.bin ] || card=${m%model.bin}card.tsv
		{
			row what value
			tsrdump --head -- "$m" | sed -n $'s/^about\\.\\([^=]*\\)=/\\1\t/p'
			row classes "$(field class "$m" | list)"
		} | table "{{Model @|$(esc "${name%.bin}")}}" '1 2'
		if [ -s "$card" ]; then
			part cardrows "$card" | table '{{Tests on speakers whom training had not heard}}' '1 2'
		else
			echo '<p class="soft">{{No card is beside it: how it was tested is not known here.}}</p>'
		fi
	done
	echo '<p class="soft">{{It knows what the speakers of its corpus played; in other voices, languages and rooms it is right less often, and what somebody feels it cannot know. In the European Union it is prohibited to infer emotions at work and in education (AI Act, Article 5(1)(f)); people must be told of such a system (Article 50(3)).}}</p>'
	echo '</section>'
}
# parts_of MODEL FILE: for a model of other features than fixed mel spectrograms: a short recording is
# taken whole, else windows of 3 s are predicted, about the length of what such models are trained on.
parts_of() {
	[ "$(field feature.samples "$1")" = all ] || die "$1: this model is of features of type $(field feature.type "$1"), not of recordings"
	wavnorm_flags=(--rate "$(field feature.rate "$1")") melspec_flags=() at=start length=3 whole=yes
	rate=${wavnorm_flags[1]}
	end=$(seconds "$2")
	! awk -v x="$end" 'BEGIN { exit x > 6 }' || length=$end
}

# answers FILE MODEL...: what the models say to each window, as nnpredict's table.
answers() {
	local with=() m windows=(--window "$length" --step "$STEP")
	for m in "${@:3}"; do with+=(--with "$m"); done
	if [ -n "$whole" ]; then
		[ $# = 2 ] || die "$2: a model of whole recordings is reported on alone (MODEL=...)"
		[ "$length" != "$end" ] || windows=()
		sertools predict -q "${windows[@]}" "MODEL=$2" -- "$1"
		return
	fi
	# Windows begin at the start.
	[ "$at" != centre ] || windows=(--seconds "$length" --at centre)
	wavnorm -q "${wavnorm_flags[@]}" "${windows[@]}" -o "$tmp/wave.tsr" -- "$1"
	melspec -q "${melspec_flags[@]}" -o "$tmp/mel.tsr" "$tmp/wave.tsr"
	nnpredict -q "${with[@]}" "$2" "$tmp/mel.tsr"
}

# seconds FILE: how long it is, as wavnorm hears it, to a hundredth. (A window of 0.01 may be
# half a sample longer.)
seconds() {
	wavnorm -q "${wavnorm_flags[@]}" --window 0.01 -- "$1" | tsrdump --tsv --columns start |
		awk -F '\t' 'END { printf "%.2f", int(100 * $NF + 1 + 1e-6) / 100 }'
}

file() {
	local file out=$2 models=("$MODEL") name n end='' hop what m note='' whole='' drawn=''
	file=$(local_path "$1")
	[ -n "$out" ] || out=$(out_name "$1" .html)
	wanted "$file" 'no such recording'
	[[ $out == *.html ]] || die "$out: a name that ends in .html is wanted (OUT=...)"
	[[ $STEP =~ ^[0-9]*\.?[0-9]+$ ]] || die "STEP=$STEP: seconds are wanted"
	# Words and patterns, but no commands.
	# shellcheck disable=SC2206
	[ -e "$MODEL" ] || models=($MODEL)
	for m in "${!models[@]}"; do
		models[m]=$(find_model "${models[m]}")
		wanted "${models[m]}" 'no such model (MODEL=...): sertools list models names those here; sertools demo or audio makes some, as fold1/crnn-x3/model.bin'
	done
	if [[ $(field feature.type "${models[0]}") = mel && $(field feature.samples "${models[0]}") != all ]]; then
		flags "${models[0]}"
	else
		parts_of "${models[0]}" "$(plain_file "$file")"
	fi
	answers "$(plain_file "$file")" "${models[@]}" >"$tmp/answers.tsv"
	name=$(esc "${file##*/}")
	n=$(awk 'END { print NR - 1 }' "$tmp/answers.tsv")
	end=$length
	[ "$n" = 1 ] || end=$(seconds "$(plain_file "$file")")
	[ -z "$whole" ] || drawn='Level by time and frequency: @ seconds, bands even in mel.'
	{
		printf 'class\tp\tp_low\tp_high\n'
		part means "$tmp/answers.tsv" | sort -t $'\t' -k 2,2gr
	} >"$tmp/means.tsv"
	[ "$n" = 1 ] || note='mean of all windows with speech'
	plot results "$tmp/bars.svg" "data=$tmp/means.tsv" names=class value=p 'what=probability (%)' \
		'title=Probability of each class' "note=$note"
	{
		part lead "$tmp/answers.tsv" | tee "$tmp/lead"
		about "${models[@]}"
		echo '<section id="answer"><h2>{{Answer}}</h2>'
		if [ "$n" = 1 ]; then
			part verdict "$tmp/answers.tsv"
		else
			echo "<p>{{The recording is longer than the @ seconds of one record: @ windows, @ s apart, have a prediction each.|$length|$n|$STEP}}</p>"
		fi
		# Of what is no speech they mean nothing.
		if ! grep -q 'No speech was found' "$tmp/lead"; then
			what=$(part spoken "$tmp/means.tsv")
			figure bars "{{Probability of each class}}" "$what" "" "$tmp/bars.svg"
		fi
		[ "$CLIPS" = no ] || audio "$file" "$name"
		echo '</section>'
		if [ "$n" -gt 1 ]; then
			ANSWERS=$tmp/dots.tsv part time "$tmp/answers.tsv" >"$tmp/time.tsv"
			plot time "$tmp/time.svg" "data=$tmp/time.tsv" "answers=$tmp/dots.tsv" "step=$STEP" "end=$end" \
				"first=$(awk -F '\t' -v x="$length" 'NR == 2 { printf "%.9g", $4 + x / 2 }' "$tmp/answers.tsv")"
			echo '<section id="time"><h2>{{Emotion over time}}</h2>'
			figure over-time "{{Emotion over time}}" "{{Probability of each class in @ windows; the table below has the answers.|$n}}" "" "$tmp/time.svg"
			part segments -v window="$length" -v step="$STEP" -v end="$end" "$tmp/answers.tsv" | table "{{Stretches with one answer}}" 1 |
				sed 's/class="scroll"/class="scroll tall"/'
			echo '</section>'
		fi
		echo '<section id="spectrogram"><h2>{{Spectrogram}}</h2>'
		# Not more than about 2000 frames, or the page becomes heavy.
		hop=$(awk -v s="$end" -v rate="$rate" 'BEGIN { h = int(s * rate / 2000); print h }')
		if [ "$hop" -gt "$(field feature.hop "${models[0]}")" ]; then
			spectrogram "$file" mel "$end" 820x420 --hop "$hop"
		else
			spectrogram "$file" mel "$end" 820x420
		fi
		echo '</section><section id="model"><h2>{{Model}}</h2>'
		for m in "${models[@]}"; do provenance "$m" "$m"; done
		echo '</section>'
	} >"$tmp/part.html"
	page "{{Emotion in @|$name}}" "$tmp/part.html" >"$tmp/page.html"
	deliver "$tmp/page.html" "$out"
}

# ---- the page

page() { # TITLE PART...
	local title=$1 language=en
	shift
	[[ $LABELS != *.tsv || ! -e $here/report/${LABELS##*/} ]] || language=$(basename -- "$LABELS" .tsv)
	{
		cat <<-END
			<!DOCTYPE html>
			<html lang="$language">
			<head><meta charset="utf-8"/><meta name="viewport" content="width=device-width, initial-scale=1"/>
			<title>$title</title>
			<style>
		END
		cat "$here/report/style.css"
		cat <<-END
			</style></head>
			<body><header><h1>$title</h1>
		END
		cat "$@" | grep '^<p class="lead">' || true
		echo '<nav aria-label="{{Sections}}"><ul>'
		sed -n 's/.*<section id="\([^"]*\)"><h2>\(.*\)<\/h2>.*/<li><a href="#\1">\2<\/a><\/li>/p' "$@"
		echo '</ul></nav></header><main>'
		cat "$@" | grep -v '^<p class="lead">'
		echo '</main><footer><p>{{Made by sertools. A network knows the emotions that the speakers of its corpus played; between corpora, languages and rooms its figures fall.}}</p></footer></body></html>'
	} | TEXT=$here/report/$language.tsv awk -f "$here/report/say.awk"
}

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
case $1 in
plan) check "$2" ;;
config | run | mistakes | file) "$@" ;;
page) page "{{Emotion recognition: @|$(title "$2")}}" "${@:3}" ;;
*) die "no such part: $1" ;;
esac
