#!/usr/bin/env bash
# make install and uninstall; what is installed works away from the tree.
. "${0%/*}/lib.sh"
need_install

run 0 'install' install install
tools=$(cd "$root/tools" && echo *.c *.sh)
missing=
for t in $tools; do [ -x "root/opt/ser/bin/${t%.*}" ] || missing+=" $t"; done
is "$missing" '' 'every program is there'
is "$(cd root/opt/ser/bin && ls | wc -l)" "$(wc -w <<<"$tools")" 'and nothing else'
missing=
for m in "$root"/man/*.[157]; do [ -s "root/opt/ser/share/man/man${m##*.}/${m##*/}" ] || missing+=" $m"; done
is "$missing" '' 'every manual page is there'
is "$(cd root/opt/ser/share/sertools/pipelines && find . -type f | sort)" "$(cd "$root/pipelines" && find . -type f | sort)" \
	'and the recipes'
is "$(find root -type f ! -perm -444) $(find root -perm /022 ! -type l)" ' ' 'all can read, the owner alone can write'

# hardened PROGRAM: a position-independent executable whose tables are read-only once it
# runs (full RELRO), whose stack holds no code and is protected, with checked functions.
hardened() {
	local text
	text=$(readelf -hldW "$1" && nm -D "$1") || return
	[[ $text == *'DYN (Position-Independent'* && $text == *GNU_RELRO* && $text == *BIND_NOW* ]] &&
		[[ $text =~ GNU_STACK\ +[x0-9a-f\ ]+\ RW\  && $text == *__stack_chk_fail* && $text == *printf_chk* ]]
}
if [ "$(uname -s)" = Linux ] && command -v readelf >/dev/null && ! grep -q 'sanitize' "$BUILD/flags"; then
	weak=
	for t in "$root"/tools/*.c; do
		t=${t##*/}
		hardened "root/opt/ser/bin/${t%.c}" || weak+=" $t"
	done
	is "$weak" '' 'all are hardened'
else
	skip 'readelf is not installed, or a sanitizer is in'
fi

PATH=$tmp/root/opt/ser/bin:/usr/bin:/bin
run 0 'an installed program runs' wavnorm --version
is "$(cat out)" "wavnorm (sertools) $(cat "$root/VERSION")" 'and tells its version'
run 2 'an installed recipe runs' make -f root/opt/ser/share/sertools/pipelines/recipes.mk audio
like "$(cat err)" 'usage: sertools audio' 'and finds its parts'

is "$(grep -c '/opt/ser/share/sertools' root/opt/ser/bin/nntrain) $(grep -c "$tmp" root/opt/ser/bin/nntrain)" '1 0' \
	'programs know where they will be, not DESTDIR'

# As a user has it: an empty folder, and nothing of the source tree.
unset SERTOOLS_DATADIR
mkdir empty && cd empty || exit 99
is "$(command -v sertools)" "$tmp/root/opt/ser/bin/sertools" 'sertools is there'
run 0 'and runs' sertools --version
run 0 'lists' sertools list nets
like "$(cat out)" 'crnn ' 'what is installed, though it was moved'
run 2 'runs a recipe' sertools audio CORPUS=folders
like "$(cat err)" 'usage: ' 'of the installed tree'
run 0 'finds its manual' bash -c 'sertools help audio'
gzip "$tmp/root/opt/ser/share/man/man7/sertools.7"
run 0 'also compressed, as packages have it' sertools help audio
like "$(cat out)" 'sertools audio CORPUS=' 'which it shows'
gunzip "$tmp/root/opt/ser/share/man/man7/sertools.7.gz"

# A user who is not root, with recordings of two classes and four speakers.
cd ..
mkdir -p home recordings/{low,high}
for s in 1 2 3 4; do
	"$BUILD/unit/mkaudio" recordings/low/spk$s.wav wav 8000 1 4000
	"$BUILD/unit/mkaudio" recordings/high/spk$s.wav wav 8000 1 4000 constant
done
printf 'globalavgpool\ndense classes\nsoftmax\n' >home/tiny.net
user=()
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	chmod 755 "$tmp"
	chown nobody home
	user=(setpriv --reuid=nobody --clear-groups)
fi
user+=(env -i -C home PATH="$PATH" TMPDIR=/tmp HOME="$tmp/home")
run 0 'sertools audio in an empty folder' "${user[@]}" sertools audio CORPUS=folders DIR=../recordings GROUP='spk[0-9]$' \
	NFOLDS=2 NETS=tiny SETS=plain EPOCHS=1 WAVNORM_FLAGS='--seconds 0.5' MELSPEC_FLAGS='--fmax 8000'
is "$(grep -c '^| tiny' out) $(wc -l <home/out/audio-folders/fold1/tiny-plain/predictions.tsv)" '1 5' 'makes a table and predictions'
if command -v gnuplot >/dev/null; then
	run 0 'sertools report' "${user[@]}" sertools report OUT=out/audio-folders
	[ -s home/out/audio-folders/report.html ]
	ok $? 'makes a page'
else
	for _ in 1 2; do skip 'gnuplot is not installed'; done
fi
is "$(grep -c "$root\|$tmp" root/opt/ser/bin/sertools)" 0 'names no folder of the build'
like "$(cat root/opt/ser/bin/sertools)" "installed='/opt/ser/share/sertools'" 'nor DESTDIR, but where it will be'

run 0 'uninstall' install uninstall
is "$(find root -type f)" '' 'leaves no file'
is "$(find root -name 'sertools*')" '' 'and no folder of ours'
run 0 'uninstall again' install uninstall
mkdir -p root/opt/ser/share/doc && touch root/opt/ser/share/doc/other
run 0 'install with DATADIR' install install DATADIR=/opt/ser/share/doc
run 0 'uninstall' install uninstall DATADIR=/opt/ser/share/doc
is "$(find root -type f)" root/opt/ser/share/doc/other 'leaves what others put into DATADIR'
for where in 'PREFIX=/usr' 'PREFIX=/' 'PREFIX=/opt/a DATADIR=/opt/a/share/' 'PREFIX=/x BINDIR=/x/b MANDIR=/y/m DATADIR=/z'; do
	read -ra words <<<"$where"
	mkdir -p root/usr/share/doc root/bin root/x/b root/z root/y/m
	find root -type d | sort >before
	run 0 "install, $where" install install "${words[@]}"
	run 0 "uninstall, $where" install uninstall "${words[@]}"
	is "$(find root -type f) $(find root -name sertools) $(comm -23 before <(find root -type d | sort))" \
		'root/opt/ser/share/doc/other  ' 'leaves what was there, and nothing of ours'
done
if git -C "$root" rev-parse -q --verify HEAD >/dev/null 2>&1; then
	tarball=dist/sertools-$(cat "$root/VERSION").tar.gz
	run 0 'dist' make -C "$root" BUILD="$tmp/dist" dist
	mv "$tarball" first.tar.gz
	run 0 'dist again' make -C "$root" BUILD="$tmp/dist" dist
	same "$tarball" first.tar.gz 'the same bytes'
	like "$(tar -tzf "$tarball")" "sertools-$(cat "$root/VERSION")/Makefile" 'with the tree in a folder of its name'
else
	for _ in 1 2 3 4; do skip 'not a git repository'; done
fi
finish
