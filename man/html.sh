#!/bin/sh
# html.sh VERSION FOLDER: the manual as a folder of HTML, a page for each of ours and an index. Links to pages of
# others go to Debian's.
set -eu
version=$1 folder=$2
man=$(cd "$(dirname "$0")" && pwd)

# begin TITLE: a page to its text.
begin() {
	cat <<-END
		<!DOCTYPE html>
		<html lang="en">
		<head>
		<meta charset="utf-8">
		<meta name="viewport" content="width=device-width, initial-scale=1">
		<title>$1</title>
		<link rel="stylesheet" href="style.css">
		</head>
		<body>
	END
}

# about PAGE: what its name line says of it, as HTML.
about() { awk '/^[.]Nd / { sub(/^[.]Nd /, ""); gsub(/&/, "\\&amp;"); gsub(/</, "\\&lt;"); print; exit }' "$1"; }

# page FILE NAME: the page itself. In its folder mandoc sees which others are ours.
page() {
	begin "$2 – sertools"
	echo '<header><a href="index.html">sertools: the manual</a></header>'
	echo '<main>'
	(cd "$man" && mandoc -T html -I os="sertools $version" -O fragment,toc,man='%N.%S.html;https://manpages.debian.org/%N.%S' "$1") |
		sed 's|^<h1 class="Sh">TABLE OF CONTENTS</h1>|<h1 class="Sh toc">CONTENTS</h1>|'
	echo '</main></body></html>'
}

# list TITLE FILE...: a part of the index.
list() {
	printf '<h2>%s</h2>\n<dl>\n' "$1"
	shift
	for file; do
		name=${file##*/}
		printf '<dt><a href="%s.html">%s(%s)</a></dt><dd>%s</dd>\n' "$name" "${name%.*}" "${name##*.}" "$(about "$file")"
	done
	echo '</dl>'
}

index() {
	begin 'sertools: the manual'
	echo "<main class=\"index\"><h1>sertools</h1><p>$(about "$man/sertools.7"): the manual of version $version.
		<a href=\"sertools.7.html\">sertools(7)</a> is the overview, with whole pipelines.</p>"
	list Overviews "$man"/*.7
	list Programs "$man"/*.1
	list Formats "$man"/*.5
	echo '</main></body></html>'
}

# mend FILE: links to sections that the page does not have lead to the overview, which has it ("see FILES BY NAME in
# sertools(7)"); mandoc writes those to FINE-TUNING with a line below.
mend() {
	awk -v own="$1" '
		{ text = $0 }
		pass == 1 {
			while (match(text, / id="[^"]*"/)) {
				id = has[FILENAME, substr(text, RSTART + 5, RLENGTH - 6)] = substr(text, RSTART + 5, RLENGTH - 6)
				gsub(/-/, "_", id)
				if (FILENAME == own) spelt[id] = substr(text, RSTART + 5, RLENGTH - 6)
				text = substr(text, RSTART + RLENGTH)
			}
			next
		}
		{
			line = ""
			while (match(text, / href="#[^"]*"/)) {
				id = substr(text, RSTART + 8, RLENGTH - 9)
				to = (own, id) in has || !(("sertools.7.html", id) in has) ? "" : "sertools.7.html"
				if (!((own, id) in has) && id in spelt) id = spelt[id]
				line = line substr(text, 1, RSTART - 1) " href=\"" to "#" id "\""
				text = substr(text, RSTART + RLENGTH)
			}
			print line text
		}' pass=1 "$1" sertools.7.html pass=2 "$1"
}

mkdir -p "$folder"
cp "$man/style.css" "$folder"
chmod 644 "$folder/style.css"
cd "$folder"
for file in "$man"/*.[157]; do
	name=${file##*/}
	page "$file" "${name%.*}(${name##*.})" >"$name.html"
done
for file in "$man"/*.[157]; do
	name=${file##*/}.html
	mend "$name" >mended
	mv mended "$name"
done
index >index.html
