#!/bin/bash
# bootstrap: what it installs and says, with a package manager that only pretends.
. "${0%/*}/lib.sh"

mkdir tree bin real
cp "$root/bootstrap" tree
printf 'all demo:\n\t@echo made $@ X=$(X)\n' >tree/Makefile
# Nothing is there but what a bare system has; the pretended apt-get brings the rest.
for p in sh bash make dirname getconf mkdir tail cat rm id env grep cp chmod echo; do
	ln -s "$(type -P $p)" real/$p
done
cat >bin/apt-get <<END
#!/bin/sh
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do echo "apt line \$i of \$1"; done
[ ! -e '$tmp/no-network' ] || { echo "E: no network" >&2; exit 100; }
[ "\$1" != install ] || cp "$tmp"/later/* "$tmp/bin"
END
mkdir later
for p in man $(sed -n 's/.*\(need\|want\) program \([^ ]*\) .*/\2/p' "$root/bootstrap"); do
	[ -e "real/$p" ] || printf '#!/bin/sh\nexit 0\n' >"later/$p"
done
printf '#!/bin/sh\necho 0\n' >bin/id
chmod +x bin/* later/*
bare=(env -i PATH="$tmp/bin:$tmp/real" HOME="$tmp" "$tmp/real/sh" tree/bootstrap)

touch no-network
run 4 'an installation that fails' "${bare[@]}" demo X=1
like "$(cat err)" 'missing for make demo: cc .*pkg-config .*gnuplot espeak-ng man' 'says what is missing'
like "$(cat err)" "what the installation prints goes to $tmp/tree/build/bootstrap.log" 'where its output goes'
like "$(cat err)" 'apt line 25 of update
E: no network
bootstrap: that failed: the above is the end of .*/build/bootstrap.log$' 'shows its end, and names the log'
is "$(grep -c 'apt line [1-5] ' err)" 0 'not all of it'

rm no-network
run 0 'one that succeeds' "${bare[@]}" demo X=1
is "$(grep -c 'apt line' err out)" $'err:0\nout:0' 'says nothing of what apt prints'
is "$(grep -c 'apt line' tree/build/bootstrap.log)" 50 'which is in the log'
like "$(cat err)" 'bootstrap: .*apt-get install .* libsndfile1-dev .* espeak-ng man-db' 'says what it installs'
is "$(cat out)" 'made all X=
made demo X=1' 'and makes the target'
rm tree/build/bootstrap.log
run 0 'with all there' "${bare[@]}" demo
is "$(cat err)" 'bootstrap: make demo' 'nothing is installed'
finish
