#!/bin/bash
# Completion: what the programs tell (--completion) is what their tables have, and what bash and zsh make of it.
. "${0%/*}/lib.sh"
need_install
run 0 'install' install install
PATH=$tmp/root/opt/ser/bin:/usr/bin:/bin
share=$tmp/root/opt/ser/share

missing='' others=''
for tool in $(cd "$root/tools" && ls -- *.c | sed 's/\.c$//'); do
	[ "$("$tool" --completion | awk -F '\t' '$1 != "-" { print $2, $1 }' | sed 's/^- //' | sort)" = \
		"$("$tool" --help | sed -nE 's/^  (-.|  )[, ] (--[a-z0-9-]+).*/\1 \2/p' | sed 's/^ *//' | sort)" ] || others+=" $tool"
	[ -e "$share/bash-completion/completions/$tool" ] && grep -Eq "^#compdef .*\b$tool\b" "$share/zsh/site-functions/_sertools" ||
		missing+=" $tool"
done
is "$others" '' 'the programs tell the options that --help has'
is "$missing" '' 'each is known to bash and zsh'
is "$(wavnorm --completion | grep -E '^(--at|--like|--manifest|--seconds|--threads|-)	' | cut -f 1-3)" \
	$'--manifest\t-\tfile\n--like\t-\tlist models\n--seconds\t-\twords all\n--at\t-\twords start centre\n--threads\t-j\ttext\n-\t-\tfile' 'and what they take'
fails 4 '^wavnorm: standard output: ' 'a full disk is told' sh -c 'wavnorm --completion >/dev/full'

# bash: what a key would show behind these words, and what compopt asks for.
cat >try <<END
. '$share/bash-completion/completions/sertools'
compopt() { options+=" \$*"; }
options='' COMP_WORDS=("\$@") COMP_CWORD=\$((\$# - 1))
_sertools "\$1"
printf '%s\n' "\${COMPREPLY[*]}\$options"
END
try() { bash --norc try "$@" 2>&1; }
mkdir here && cd here && touch 'a file' voice.bin net.net && mv ../try .
is "$(try wavnorm --tr)" '--trim --trim-frame -o default' 'bash: options'
is "$(try wavnorm --at '')" 'start centre' 'what an option takes'
is "$(try wavnorm --at = c)" centre 'behind ='
is "$(try wavnorm --at =)" 'start centre' 'right behind it'
is "$(try wavnorm -o '')" ' -o default' 'files, of which the shell knows best'
is "$(try wavnorm --quiet --tr)" '--trim --trim-frame -o default' 'a flag takes nothing'
is "$(try nntrain --net crn)" 'crnn -o filenames -o default' 'nets by name'
is "$(try nntrain --net n)" 'net.net -o filenames -o default' 'and files'
is "$(try nnpredict vo)" 'voice.bin -o filenames -o default' 'models'
is "$(try nnpredict --beside row = a)" 'a file -o filenames -o default' 'the file of NAME=FILE'
is "$(try sertools au)" audio 'recipes'
is "$(try sertools pre)" predict "and sertools's own commands"
is "$(try sertools -j 2 aud)" audio 'behind an option'
is "$(try sertools list ne)" nets 'what there is to list'
is "$(try sertools help wav)" wavnorm 'and to read about'
is "$(try sertools path plot/con)" plot/confusion.gp 'files of the recipes'
is "$(try sertools audio CORP)" 'CORPUS= CORPUS_NAME=' 'variables of a recipe'
is "$(try sertools audio TABLE)" 'TABLE= TABLES=' 'these'
is "$(try sertools audio CORPUS = rav)" ravdess 'corpora'
is "$(try sertools audio NETS = cnn)" cnn1d 'nets'
is "$(try sertools audio NFO)" 'NFOLDS= -o nospace' 'a single one without a blank'
is "$(try sertools predict --to)" '--top -o filenames -o default' 'options of predict'
is "$(try sertools predict --check-speech '')" 'yes no' 'what they take'
is "$(try sertools timeline --format = a)" audacity 'and of timeline'
mkdir -p people/sertools/speakers && touch people/sertools/speakers/{anna,björn}.stats
is "$(XDG_DATA_HOME=$PWD/people try sertools predict --speaker '')" 'anna björn' 'speakers who are enrolled'
is "$(try ./no-such-program '')" '' 'nothing of what is not there'

# zsh, in a terminal: what is listed behind the line.
if command -v zsh >/dev/null && zsh -fc 'zmodload zsh/zpty' 2>/dev/null; then
	cat >zpty <<'END'
zmodload zsh/zpty
gather() { for i in {1..200}; do while zpty -r -t z chunk 2>/dev/null; do out+=$chunk; done; [[ $out == *$~1* ]] && return; sleep 0.1; done }
zpty z zsh -f -i
zpty -w z "PS1=; fpath=($1 \$fpath); autoload -U compinit; compinit -u -D; LISTMAX=1000; unsetopt beep; stty rows 100 cols 200
bindkey '^I' list-choices; bindkey -s '^X' ' ; print do''ne\r'; print rea''dy"
gather ready
zpty -w -n z $2$'\t\x18'
out=; gather done
print -r -- $out | sed 's/\x1b\[[0-9;?]*[a-zA-Z]//g' | tr -d '\r'
END
	shown() { zsh -f zpty "$share/zsh/site-functions" "$1" </dev/null; }
	like "$(shown 'wavnorm --tr')" '--trim  *-- drop both ends.*--trim-frame  *-- frames' 'zsh: options with their help'
	like "$(shown 'wavnorm --at ')" 'centre  *start' 'what an option takes'
	like "$(shown 'wavnorm --at=c')" $'\ncentre' 'behind ='
	like "$(shown 'nntrain --net ')" 'crnn .*net.net' 'names and files'
	like "$(shown 'sertools ')" 'audio  *-- CORPUS=ravdess.*list  *-- nets' 'recipes and commands'
	like "$(shown 'sertools audio CORPUS=')" $'\ncremad .*ravdess' 'variables'
else
	skip 'zsh is not installed'
fi
finish
