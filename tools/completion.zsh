#compdef @PROGRAMS@
# zsh completion of sertools and its programs, which are asked what there is to type (--completion).

_sertools() {
	local program=$words[1] cur=$PREFIX of='' takes='' line word letter kind text
	local -a row rows options plain variables names

	if [[ $PREFIX == (-|[A-Z_])*=* ]]; then
		of=${PREFIX%%=*}
		compset -P 1 '*='
	elif [[ $words[CURRENT-1] == -?* ]]; then
		of=$words[CURRENT-1]
	fi
	rows=("${(@f)$(_call_program words $program --completion ${(q)words[2,CURRENT-1]} 2>/dev/null)}")
	for line in $rows; do
		row=("${(@ps:\t:)line}")
		word=$row[1] letter=$row[2] kind=$row[3] text=${row[4]//:/\\:}
		if [[ $kind != - && -n $of && ( $of == $word || $of == $letter || $of= == $word ) ]]; then
			takes=$kind options=() plain=() variables=()
			break
		fi
		case $word in
		-) takes=$kind ;;
		-*) options+=("$word:$text") ;;
		*=) variables+=($word) ;;
		*) plain+=("$word:$text") ;;
		esac
	done
	case $takes in
	words*) names=(${=takes#words}) ;;
	list*) names=(${(f)"$(_call_program names ${program%${program:t}}sertools list ${takes#list } 2>/dev/null)"}) names=(${names%% *}) ;;
	esac
	(( $#plain )) && _describe -t commands command plain
	(( $#variables )) && compadd -S '' -a variables
	(( $#names )) && compadd -a names
	[[ $PREFIX == -* ]] && (( $#options )) && _describe -o -t options option options
	[[ $takes == (file|list*) ]] && { compset -P '*='; _files }
	return 0
}
_sertools "$@"
