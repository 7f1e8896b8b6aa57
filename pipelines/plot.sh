# plot.sh: what the scripts that draw share; they set here, out of which tmp is a folder.
# Bytes from files and names reach gnuplot and people through these alone.
# shellcheck shell=bash disable=SC1003,SC2016,SC2154

# visible TEXT: fit for a terminal, a title, a page (visible.awk).
visible() { TEXT=${1//$'\t'/\\t} awk -f "$here/visible.awk" -f <(echo 'BEGIN { print visible(ENVIRON["TEXT"]) }'); }
# local_path NAME: no option, pipe or block of gnuplot, whatever it begins with.
local_path() { case $1 in [-+'<|$']*) printf './%s' "$1" ;; *) printf '%s' "$1" ;; esac; }
# plain_file FILE: the path, or where programs would not take its name for a key that of a
# link to it.
plain_file() {
	local name=${1##*/}
	if [ "$(visible "$name")" = "$name" ]; then
		local_path "$1"
	else
		mkdir -p "$tmp/plain"
		ln -sf "$(case $1 in /*) ;; *) printf '%s/' "$PWD" ;; esac)$1" "$tmp/plain/recording"
		printf '%s' "$tmp/plain/recording"
	fi
}
# out_name FILE ENDING: what is made of it, where no name was given.
out_name() {
	local name=${1##*/}
	printf 'out/%s%s' "$(visible "${name%.*}" | tr ' \\' __)" "$2"
}
# deliver FILE OUT: puts it where it belongs, and says where that is.
deliver() {
	local to
	to=$(local_path "$2")
	mkdir -p "$(dirname "$to")"
	mv "$1" "$to"
	printf '%s\n' "$2"
}
# text VALUE: a string of gnuplot's, each byte as a number: '' within '...' misleads it.
text() { printf '"%s"' "$(printf %s "$1" | od -An -v -to1 | tr -d '\n' | tr ' ' '\\')"; }
# plot SCRIPT OUT.svg NAME=VALUE...: numbers must be numbers, all else is text; of the
# files with names for what they plot (data=FILE), gnuplot gets copies that it reads as
# what they are: it would take " for the beginning of a string.
plot() {
	local script=$1 settings setting name value
	settings="output=$(text "$(local_path "$2")")"
	for setting in "${@:3}"; do
		name=${setting%%=*} value=${setting#*=}
		case $name in
		data)
			awk -f "$here/visible.awk" -f <(echo '{ gsub(/"/, "”"); print visible($0) }') "$value" >"$tmp/plotted.tsv"
			settings+="; input=$(text "$tmp/plotted.tsv")"
			;;
		rate | hop | mels | fmin | fmax | offset | width | height | first | step | end | chance | target)
			[[ $value =~ ^-?[0-9]+(\.[0-9]*)?(e[-+]?[0-9]+)?$ ]] || die "$(visible "$name=$value"): this is no number"
			settings+="; $name=$value"
			;;
		input | answers) settings+="; $name=$(text "$value")" ;;
		*) settings+="; $name=$(text "$(visible "$value")")" ;;
		esac
	done
	gnuplot -e "$settings" "$here/plot/$script.gp"
}
