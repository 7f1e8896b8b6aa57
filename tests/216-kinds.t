#!/bin/bash
# A file of the wrong kind is named, and so is what to type; text that hides goes nowhere.
. "${0%/*}/lib.sh"

# A file's first bytes, and what each program says of it: NAME|BYTES (of printf)|KIND|
# WHERE A STREAM IS EXPECTED. They are what file(1)'s magic and the formats' own pages have.
kinds='x.wav|RIFF\x24\0\0\0WAVEfmt |a WAV recording|try wavnorm x.wav \| melspec$
x.flac|fLaC\0\0\0\x22|a FLAC recording|try wavnorm x.flac \| melspec$
x.ogg|OggS\0\2|an Ogg recording|try wavnorm x.ogg \| melspec$
x.mp3|ID3\4\0\0\0\0\0\0|an MP3 recording|try wavnorm x.mp3 \| melspec$
y.mp3|\xff\xfb\x90\x64\0\0\0\0|an MP3 recording|try wavnorm y.mp3 \| melspec$
x.aiff|FORM\0\0\1\0AIFFCOMM|an AIFF recording|try wavnorm x.aiff
x.m4a|\0\0\0\x20ftypM4A |an M4A, MP4 or MOV recording|try ffmpeg -i x.m4a -f wav - \| wavnorm
x.webm|\x1a\x45\xdf\xa3\x01|a WebM or Matroska recording|try ffmpeg -i x.webm
x.aac|\xff\xf1\x50\x80\0\0|an AAC recording|try ffmpeg
x.amr|#!AMR\n|an AMR recording|try ffmpeg
x.csv|a,b,c\n1,2,3\n|a CSV file|try csvprep --recipe RECIPE x.csv
bom.csv|\xef\xbb\xbfa,b\n1,2\n|a CSV file|try csvprep
semi.csv|a;b;c\n1,5;2;3\n|a CSV file with semicolons|csvprep --delimiter semicolon
x.tsv|a\tb\n1\t2\n|a table with tabs|csvprep --delimiter tab
m.tsv|d/a.wav\tkey\tsad\n|a manifest of recordings|try wavnorm --manifest m.tsv \| melspec
p.tsv|key\tlabel\tgroup\tstart\tpred\n|a table of predictions|try evalconf p.tsv
utf16.csv|\xff\xfea\0,\0b\0|text in UTF-16|iconv -f UTF-16
x.h5|\x89HDF\r\n\x1a\n|an HDF5 file|nntrain makes
x.keras|PK\3\4\x14\0\0\0\0\0metadata.json{}|a Keras model|nntrain makes
x.pt|PK\3\4\x14\0\0\0\0\0archive/data.pkl|a PyTorch model|nntrain makes
x.onnx|\x08\x07\x12\x07pytorch|an ONNX model|nntrain makes
x.pkl|\x80\4\x95\x0c\0|a Python pickle|numpy.savez
x.npz|PK\3\4\x14\0\0\0\0\0arr_0.npy|an archive of NumPy arrays|try tsrnpy x.npz
x.npy|\x93NUMPY\1\0|a NumPy array|try tsrnpy x.npy
x.gz|\x1f\x8b\x08\0|a gzip file|gzip -dc x.gz
x.xz|\xfd7zXZ\0|an xz file|xz -dc x.xz
x.zip|PK\3\4\x14\0\0\0\0\0notes.txt|a zip archive|unpack it
x.xlsx|PK\3\4\x14\0\0\0\0\0[Content_Types].xml|an Excel|save it as CSV
x.html|<!DOCTYPE html>\n<html>|a web page|fetch it again
x.json|{"a": 1}\n|a JSON file|save it as CSV
lfs.wav|version https://git-lfs.github.com/spec/v1\noid sha256:1\n|a Git LFS pointer|git lfs pull
._x.wav|\0\5\x16\7\0\2|macOS|leave it out
x.pdf|%%PDF-1.4\n|a PDF document|wavnorm, csvprep and tsrnpy make streams
x.txt|hello\n|a text file|wavnorm, csvprep and tsrnpy make streams
the file.wav|RIFF\x24\0\0\0WAVEfmt |a WAV recording|try wavnorm '"'the file.wav'"' \| melspec'
while IFS='|' read -r name bytes kind next; do
	# shellcheck disable=SC2059
	printf "$bytes" >"$name"
	[[ $next != *\\ ]] || next+="| melspec"
	fails 3 "^melspec: $name: this is $kind.*, not a tsr stream.*${next}" "$name where a stream is expected" melspec "$name"
	case $name in
	*.csv | *.tsv | *.txt | *.json) [ "$name" = utf16.csv ] || continue ;;
	esac
	for text in "evalconf" "wavnorm --manifest" "csvprep --recipe"; do
		# shellcheck disable=SC2086
		fails 3 "^${text%% *}: $name: this is $kind.*, not text in UTF-8" "${text%% *} of it" $text "$name" </dev/null
	done
done < <(sed 's/ \\|/ \\\\|/' <<<"$kinds" | sed 's/\\\\|/[|]/')

# What is suggested can be pasted, whatever the name is; text_word's three ways.
# shellcheck disable=SC2016 # as they are
for name in "it's.csv" -dash.csv 'do$lar `x`.csv' $'new\nline.csv' $'e\x1b[m\'\\.csv' 'back\slash.csv' "'"; do
	printf 'a,b\n1,2\n' >./"$name"
	melspec -- "$name" >out 2>err
	command=$(sed -n 's/.*: try csvprep --recipe RECIPE /csvprep --describe /p' err)
	run 0 "pasted, of $(printf %q "$name")" bash -c "$command"
	grep -q '^a ' out
	ok $? "it is that file"
done
{
	head -c 256 /dev/zero | tr '\0' x
	printf 'xustar\0'
} >x.tar
fails 3 'this is a tar archive.*unpack it first' "a tar archive" melspec x.tar
printf 'a,b\n' | iconv -t UTF-32 >x.utf32
fails 3 'this is text in UTF-32.*iconv -f UTF-32' "UTF-32, which begins as UTF-16 does" melspec x.utf32
printf 'a,b\n1,2\n' | iconv -t UTF-16 >x.utf16
fails 3 'not audio: this is text in UTF-16: try iconv' "UTF-16, which begins as a frame of MPEG audio does" wavnorm x.utf16
printf 'PK\3\4\x14\0\0\0\0\0arr_0.npy' >p.npz
fails 3 'try tsrnpy --from npz$' "an archive from a pipe" bash -c 'cat p.npz | tsrnpy'
fails 3 "line 1: not UTF-8: .*iconv -f WINDOWS-1252" "Windows' encoding" csvprep --describe <(printf 'n\xe9,b\n1,2\n')
fails 3 "line 1: a carriage return.*tr '.r' '.n'" "lines that end in CR alone" csvprep --describe <(printf 'a,b\r1,2\r')

# What hides (controls of both sets, directions, ends of lines, zero width) is no key, label
# or group, and a message shows it as an escape.
wavnorm --seconds 0.1 --manifest <("$BUILD/unit/mkaudio" a.wav wav 8000 1 800 >&2; printf 'a.wav\tk\n') -o good.tsr
while read -r bytes shown; do
	printf "a.wav\tk$bytes\tsad\n" >m.tsv
	fails 3 '^wavnorm: [^[:cntrl:]]*(control character|which does not show)' "$shown in a key" wavnorm --manifest m.tsv
	printf "a.wav\tk\tsad$bytes\n" >m.tsv
	fails 3 '^wavnorm: [^[:cntrl:]]*(control character|which does not show)' "$shown in a label" wavnorm --manifest m.tsv
	fails 3 '.' "$shown in a message" tsrpick -o /dev/null "$(printf "no${bytes}file")"
	is "$(cat err)" "tsrpick: no${shown}file: No such file or directory" "is escaped"
done <<'END'
\x1b \x1b
\xc2\x9b \u009b
\xe2\x80\xae \u202e
\xe2\x81\xa6 \u2066
\xe2\x80\xa8 \u2028
\xe2\x80\xa9 \u2029
\xe2\x80\x8b \u200b
\xe2\x80\x8f \u200f
\xef\xbb\xbf \ufeff
END
# Joiners, which Persian and emoji need, and all that shows are fine.
name=$(LC_ALL=C.UTF-8 printf '\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \U0001f469\u200d\U0001f4bb \u00e9\u00a0x')
printf 'a.wav\t%s\tsad\n' "$name" >m.tsv
run 0 "Persian and emoji are" wavnorm --manifest m.tsv
is "$(tsrdump --tsv out | sed -n '2s/\t.*//p')" "$name" "kept"
printf 'x,l\n1\xe2\x80\x8b,a\n2,b\n' >hidden.csv
run 0 "and a cell of a CSV file that is not kept may have any" csvprep --describe hidden.csv
finish
