# recordings.awk: paths below DIR (in the environment) on standard input -> those of
# recordings that wavnorm reads, by their endings. What is left out is counted by its
# ending on standard error, in one line, with what converts it; what is no recording by
# its nature is counted apart. RECIPE says who speaks, OUT_DIR which folder is its own.
BEGIN {
	base = ENVIRON["DIR"] "/"
	own = ENVIRON["OUT_DIR"] "/"
	quote = "'"
	known("aif aifc aiff au bwf caf flac mp2 mp3 nist oga ogg opus rf64 snd sph w64 wav wave", read)
	known("7z avif bak bash bib bmp bz2 c cfg cmd conf css csv db dat doc docx eaf fig gif gz h h5 hdf5 heic htm html ico ini " \
		"ipynb jpeg jpg js json jsonl lab lnk lock log m mat md md5 mlf mk net npy npz odp ods odt old parquet pdf phn pkl png " \
		"ppt pptx praat prep ps1 pt pth py pyc r rar rst rtf sav sh sha1 sha256 sha512 sql sqlite srt stm svg tar tex " \
		"textgrid tgz tif tiff toml torrent trn trs tsr tsv txt url vtt wrd xls xlsx xml xz yaml yml zip zst", other)
	known("authors changelog changes contributing copying license licence makefile news readme thumbs.db", named)
}
function known(list, set,    n, i, name) {
	n = split(list, name, " ")
	for (i = 1; i <= n; i++) set[name[i]]
}
function count(kind, of) { if (!of[kind]++) of["", ++of[""]] = kind }
function counts(of,    i, list) {
	for (i = 1; i <= of[""]; i++) list = list (i == 1 ? "" : ", ") of[of["", i]] " " of["", i]
	return list
}
function quoted(text,    n, i, part) {
	n = split(text, part, quote)
	text = part[1]
	for (i = 2; i <= n; i++) text = text quote "\\" quote quote part[i]
	return quote text quote
}
function say(line) { print visible(ENVIRON["RECIPE"] ": " line) | "cat >&2" }
# What find takes to find the files that were left out.
function finds(    i, kind, list) {
	for (i = 1; i <= left[""]; i++) {
		kind = left["", i]
		list = list (i == 1 ? "" : " -o ") (kind == "without ending" ? "! -name " quoted("*.*") : "-iname " quoted("*" kind))
	}
	return list
}

own != "/" && index($0, own) == 1 { next }
{
	all++
	rest = substr($0, length(base) + 1)
	name = rest
	sub(/.*\//, "", name)
	ending = name
	if (!sub(/.*\./, "", ending)) ending = ""
	ending = tolower(ending)
	if (ending in read && name !~ /^\./ && ("/" rest) !~ /\/(\.|__MACOSX\/)/) {
		if (/\001/) {
			gsub(/\001/, " ")
			bad = $0
		}
		print
		used++
	} else if (rest ~ /(^|\/)__MACOSX\//) count("of __MACOSX", none)
	else if (("/" rest) ~ /\/\./) count("hidden", none)
	else if (tolower(name) in named || ending in other) count(ending == "" ? "named " name : "." ending, none)
	else count(ending == "" ? "without ending" : "." ending, left)
}

END {
	if (bad != "") {
		say(bad ": the name of a recording has a line break, which no manifest can hold")
		exit 3
	}
	if (!left[""] && !none[""]) exit
	line = "of " all " files in " ENVIRON["DIR"] ", " used + 0 " are used" (none[""] ? "; no recordings: " counts(none) : "")
	if (left[""])
		line = line "; left out: " counts(left) "; to use these: find -L " quoted(ENVIRON["DIR"]) " -type f \\( " finds() \
			" \\) -exec sh -c " quoted("f=${1##*/}; ffmpeg -nostdin -v error -n -i \"$1\" \"${1%/*}/${f%.*}.wav\"") " - {} \\;"
	say(line)
}
