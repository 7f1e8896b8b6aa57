#!/bin/bash
# man: every program's page and --help have the same options, the same
# conventions hold everywhere, and pages refer to pages that exist.
. "${0%/*}/lib.sh"

# Options of --help, one a line: "-j --threads N".
of_help() {
	"$1" --help | sed -nE 's/^  (-.|  )[, ] (--[a-z0-9-]+)( [^ ]+)?( .*)?$/\1 \2\3/p' | sed 's/^ *//' | sort
}

# Options that a page describes, in the same form.
of_page() {
	sed -nE 's/^\.It (Fl .*)/\1/p' "$1" |
		sed -E 's/ Ns / /g; s/ Ns$//; s/ , / /g; s/Fl -/--/g; s/Fl /-/g; s/ Ar / /g; s/ = /=/g; s/\\&//g' | sort
}

tools=$(cd "$root/tools" && ls -- *.c *.sh | sed 's/\.[a-z]*$//')
for tool in $tools; do
	page=$root/man/$tool.1
	[ -e "$page" ]
	ok $? "$tool has a page"
	[ -e "$page" ] || continue
	is "$(of_page "$page")" "$(of_help "$tool")" "$tool.1 and $tool --help have the same options"
	is "$(sed -n 's/^\.Dt //p; s/^\.Nm \([^ ]*\)$/\1/p' "$page" | head -n 2)" "${tool^^} 1"$'\n'"$tool" "$tool.1 is its page"
	run 0 "$tool -h" "$tool" -h
	like "$(head -n 1 out)" "^usage: $tool \[options\]" "$tool -h shows its usage"
	[ "$(cat err)" = '' ] && ! LC_ALL=C grep -q '^.\{121\}' out
	ok $? "$tool -h is neat"
	mv out help
	run 0 "$tool --help" "$tool" --help
	same out help "$tool --help is -h"
	run 0 "$tool -V" "$tool" -V
	is "$(cat out)" "$tool (sertools) $(cat "$root/VERSION")" "$tool -V shows the version"
	run 0 "$tool --version" "$tool" --version
	for version in '-V -v' '-vV' '--verbose --version'; do
		[ "$tool" = sertools ] && break # a script, which computes nothing
		run 0 "$tool $version" "$tool" $version
		is "$(sed -n 's/: .*//; 2,$p' out | paste -s)" kernels \
			"$tool $version names what computes"
	done
	fails 2 "^$tool: .*no-such-option" "$tool refuses an unknown option" "$tool" --no-such-option
	fails 2 "^$tool: .*-%" "$tool refuses an unknown letter" "$tool" -%
	fails 2 "^$tool: .*-o" "$tool refuses -o without its argument" "$tool" -o
	fails 4 '' "$tool --help to a full disk" bash -c "$tool --help >/dev/full"
done

for page in "$root"/man/*.[157]; do
	name=${page##*/}
	is "$(sed -n 's/^\.Dt //p' "$page")" "$(tr '[:lower:].' '[:upper:] ' <<<"$name")" "$name says its name"
	# Ours must be there; these others are known.
	unknown=
	while read -r other section; do
		[ -e "$root/man/$other.$section" ] && continue
		case $other.$section in
		awk.1 | cat.1 | cmp.1 | cut.1 | espeak-ng.1 | ffmpeg.1 | find.1 | fnmatch.3 | git.1 | git-lfs.1 | gnuplot.1 | opusenc.1 | \
			gzip.1 | make.1 | python3.1 | sort.1 | sox.1 | uniq.1 | xz.1) ;;
		*) unknown+=" $other($section)" ;;
		esac
	done < <(sed -nE 's/^.*(\.Xr|Xr) ([^ ]+) ([0-9]).*$/\2 \3/p' "$page" | sort -u)
	is "$unknown" '' "$name refers to pages that exist"
	case $name in
	*.1)
		[ -e "$root/tools/${name%.1}.c" ] || [ -e "$root/tools/${name%.1}.sh" ]
		ok $? "$name has its program"
		;;
	esac
	# groff takes such words of a title for macros, and leaves out what follows; mandoc does so in headings.
	is "$(grep -nE '^\.(%[A-Z]|S[hs]) (.* )?(A[dnpqr]|B[qx]|D[qv]|E[mrv]|F[alntx]|I[cn]|L[ik]|M[st]|N[dmosx]|O[px]|P[afq]|Q[lq]|S[qxy]|T[an]|V[at]|Xr)( |$)' "$page")" \
		'' "$name: no word of a reference or heading is a macro (write \\&An)"
	if command -v mandoc >/dev/null; then
		is "$(mandoc -T lint -W warning "$page" 2>&1)" '' "$name is well formed"
	else
		skip "mandoc is not here"
	fi
done
finish
