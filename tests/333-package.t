#!/bin/bash
# The Debian package: debian/ agrees with the tree. DEB=yes builds the package, twice, which takes minutes.
. "${0%/*}/lib.sh"
deb=$root/debian

is "$(sed -n '1s/.*(\(.*\)).*/\1/p' "$deb/changelog")" "$(cat "$root/VERSION")" 'the changelog has the version of VERSION'
sed -n '/^Build-Depends:/,/^[^ ]/s/^ \([^ ,]*\).*/\1/p' "$deb/control" >needs
missing=
for p in $(sed -nE "s/^\t(need|want) (library|header) [^ ]+ '?([^ ']+).*/\3/p" "$root/bootstrap"); do
	grep -qxF -e "$p" needs || missing+=" $p"
done
is "$missing" '' 'the libraries that bootstrap installs are needed to build it'
missing=
while read -r file; do [ "$file" = build/html ] || [ -e "$root/$file" ] || missing+=" $file"; done <"$deb/sertools.docs"
for file in $(sed -n 's/^TESTS = //p' "$deb/rules"); do [ -e "$root/$file" ] || missing+=" $file"; done
is "$missing" '' 'what it names is there'
is "$(awk '/^Files:/ { on = 1 } on && /^License: / { print $2; on = 0 }' "$deb/copyright" | sort -u)" \
	"$(awk '/^License: / { name = $2; next } name != "" && /^ / { print name } { name = "" }' "$deb/copyright" | sort -u)" \
	'each licence has its text'

# The package of this tree, and again elsewhere.
if [ "${DEB:-}" = yes ] && command -v dpkg-buildpackage dh mandoc >/dev/null; then
	name=sertools_$(cat "$root/VERSION")_$(dpkg --print-architecture).deb
	run 0 'it is built' make -C "$root" BUILD="$tmp/one" deb
	run 0 'and again, elsewhere' make -C "$root" BUILD="$tmp/other/place" deb
	same "one/$name" "other/place/$name" 'to the same bytes'
	dpkg-deb -x "one/$name" x
	is "$(cd x/usr/bin && echo *)" "$(cd "$root/tools" && printf '%s\n' *.c *.sh | sed 's/\.[a-z]*$//' | sort | paste -s -d ' ')" \
		'with all programs'
	is "$(cd x/usr/share/sertools && find pipelines -type f | sort)" "$(cd "$root" && find pipelines -type f | sort)" 'and all recipes'
	is "$(cd x/usr/share/doc/sertools/html && ls)" "$({ cd "$root/man" && printf '%s.html\n' *.[157]; printf '%s\n' index.html style.css; } | sort)" \
		'and the manual as HTML'
	run 0 'one of which runs' env -u SERTOOLS_DATADIR x/usr/bin/sertools list nets
	if command -v lintian >/dev/null; then
		run 0 'lintian' lintian --allow-root --fail-on error,warning "one/$name"
	else
		skip 'lintian is not installed'
	fi
else
	skip 'DEB=yes is not given, or dpkg-dev, debhelper or mandoc is not installed'
fi
finish
