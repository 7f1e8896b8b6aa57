# bash completion of sertools and its programs, which are asked what there is to type (--completion).
# shellcheck shell=bash

# _sertools_list KIND PROGRAM: the names that the sertools beside PROGRAM lists.
_sertools_list() {
	local name
	"${2%"${2##*/}"}sertools" list "$1" 2>/dev/null | while read -r name _; do printf '%s\n' "$name"; done
}

_sertools() {
	local cur=${COMP_WORDS[COMP_CWORD]} at=$((COMP_CWORD - 1)) of='' takes='' word letter kind
	COMPREPLY=()
	# NAME=VALUE is three words.
	if [[ $cur == = ]]; then
		of=${COMP_WORDS[at]} cur=''
	elif [[ ${COMP_WORDS[at]} == = ]]; then
		of=${COMP_WORDS[at - 1]}
	elif [[ ${COMP_WORDS[at]} == -?* ]]; then
		of=${COMP_WORDS[at]}
	fi
	while IFS=$'\t' read -r word letter kind _; do
		if [[ $kind != - && $of != '' && ($of == "$word" || $of == "$letter" || $of= == "$word") ]]; then
			takes=$kind COMPREPLY=()
			break
		elif [[ $word == - ]]; then
			takes=$kind
		elif [[ $word == "$cur"* && ($cur != '' || $word != -*) ]]; then
			COMPREPLY+=("$word")
		fi
	done < <("$1" --completion "${COMP_WORDS[@]:1:at}" 2>/dev/null)
	case $takes in
	words*) mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -W "${takes#words}" -- "$cur") ;;
	list*) mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -W "$(_sertools_list "${takes#list }" "$1")" -- "$cur"; compgen -f -- "$cur") ;;
	esac
	case $takes in
	list*) compopt -o filenames -o default ;;
	file) compopt -o default ;; # which knows quoted names
	esac
	[[ ${#COMPREPLY[@]} != 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace
}
complete -F _sertools @PROGRAMS@
