#!/bin/sh
# completion.sh: what shells complete behind `sertools WORD...`, in lines as the programs' --completion has
# (base/opt.c); sertools sources it. All but the recipes' variables is what help says.
: "${pipelines:?is set by sertools}"

# row WORD TAKES HELP
row() { printf '%s\t-\t%s\t%s\n' "$1" "${2:--}" "${3:--}"; }

# words: those of standard input, the first of each line, as one line.
words() { awk '{ printf " %s", $1 }'; }

# options recipe|predict: the options of help that are for it. What it passes on the programs know best.
options() {
	{ help && nnpredict --completion && wavnorm --completion; } | awk -F '\t' -v of="$1" '
		NF > 1 { if (($1 in row) && !told[$1]++) row[$1] = $0; next }
		/^  (-.,|   ) --/ {
			letter = substr($0, 4, 1)
			if (of == "recipe" ? letter !~ /[jknshV]/ : letter ~ /[kns]/) next
			split(substr($0, 7), part, " ")
			word = part[1]
			arg = part[2] ~ /^[A-Z|a-z]*[A-Z|][A-Za-z|]*$/ ? part[2] : ""
			text = substr($0, 7 + length(word) + (arg == "" ? 0 : 1 + length(arg)))
			sub(/^ +/, "", text)
			takes = arg == "" ? "-" : "text"
			if (arg != "" && text ~ /: [a-z0-9, ]+ or [a-z0-9]+$/) {
				takes = text
				sub(/.*:/, "words", takes)
				gsub(/,| or/, "", takes)
			}
			row[word] = word "\t-" (letter == " " ? "" : letter) "\t" takes "\t" (text == "" ? "-" : text)
			if (of == "recipe") told[word] = 1
			order[++n] = word
		}
		END { for (i = 1; i <= n; i++) print row[order[i]] }'
}

# usage: the words behind sertools, with those behind them: "list<tab>nets|recipes|...".
usage() { help | sed -n "s/^ *sertools \([a-z][a-z]*\) /\1	/p"; }

variables() {
	for name in $(sed -n '/^VARIABLES := /,/[^\\]$/p' "$pipelines"/*.mk | tr -cs 'A-Z_' '\n' | grep -vx 'VARIABLES\|'); do
		case $name in
		V | SERTOOLS) continue ;;
		CORPUS) takes="words$(list corpora | words)" ;;
		NETS) takes="words$({ list nets && list recipes; } | awk '!seen[$1]++' | words)" ;;
		RECIPE) takes='words audio search csv leak-demo enroll-demo fuse-demo' ;;
		BASE) takes="words$(list recipes | words)" ;;
		SEARCH) takes="words$(list searches | words)" ;;
		CHOOSE) takes='words inner' ;;
		PROTOCOL) takes='words notebook' ;;
		MODEL) takes='list models' ;;
		RULES) takes='list rules' ;;
		LABELS) takes='list labels' ;;
		A | ACTORS | B | DEMO | DIR | FILE | FOLDS | OUT | RESPONSES | SUBDIR | TABLE | VOTES) takes='file' ;;
		*) takes=text ;;
		esac
		row "$name=" "$takes"
	done
}

# all_recipes: with what each is for.
all_recipes() { recipes | awk -F '\t' '{ print $1 "\t-\t-\t" $2 }'; }

first='' value=''
for word; do
	case $value$word in
	-j | --jobs) value=- ;;
	-*) value='' ;;
	*) first=$word && break ;;
	esac
done
case $first in
'')
	options recipe
	all_recipes
	usage | while IFS='	' read -r word behind; do row "$word" - "$behind"; done
	;;
list) row - "words $(usage | awk '$1 == "list" { gsub(/\|/, " ", $2); print $2 }')" ;;
help) row - "words$({ topics && usage; } | words)" ;;
path) row - "words$(cd "$pipelines" && find . -type f | cut -c 3- | sort | words)" ;;
*)
	if [ -n "$(recipe_file "$first")" ]; then
		options recipe
		variables
		case $first in plan | one) all_recipes ;; esac
	elif usage | grep -q "^$first	"; then
		# shellcheck disable=SC2034 # people looks there
		folder=${XDG_DATA_HOME:-${HOME-}/.local/share}/sertools/speakers
		options predict | awk -F '\t' -v people="$(people | words)" '$1 == "--speaker" { $3 = "words" people } { print }' OFS='\t'
		row MODEL= 'list models'
		row - 'list models'
	fi
	;;
esac
