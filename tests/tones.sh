# tests/tones.sh: a small corpus for the tests of recipes that train, and what
# these need; sourced after lib.sh.
# shellcheck shell=bash
need_tools make perl
[ -z "${SER_VALGRIND:-}" ] || {
	echo "1..0 # SKIP too slow under valgrind, and the programs have tests of their own"
	exit 0
}
unset MAKEFLAGS MAKELEVEL THREADS # make check has them

# tones N: corpus/{low,middle,high}/spkS-TAKE.wav, N speakers, three classes of one
# tone each, two takes of half a second.
tones() {
	mkdir -p corpus/low corpus/middle corpus/high
	perl -e '
		for my $s (1 .. $ARGV[0]) { for my $take (1, 2) { for my $class (["low", 200], ["middle", 600], ["high", 1800]) {
			my ($name, $f) = @$class;
			my $x = join "", map { pack "v", 0xffff & int(8000 * sin(6.2831853 * ($f + 9 * $s + $take) * $_ / 8000)) } 0 .. 3999;
			open my $o, ">:raw", "corpus/$name/spk$s-$take.wav" or die;
			print $o "RIFF", pack("V", 36 + length $x), "WAVEfmt ", pack("VvvVVvv", 16, 1, 1, 8000, 16000, 2, 16),
				"data", pack("V", length $x), $x;
		} } }' "$1" || exit 99
}

# tiny: tones of four speakers, and tiny.net, of which the following make an experiment in moments.
tiny() {
	tones 4
	printf 'globalavgpool\ndense classes\nsoftmax\n' >tiny.net
}
recipe() { # OUT [VARIABLE=VALUE...]
	make -s -f "$root/pipelines/recipes.mk" CORPUS=folders DIR=corpus GROUP='spk[0-9]' NFOLDS=2 NETS=tiny SETS=plain EPOCHS=3 \
		WAVNORM_FLAGS='--seconds 0.5' OUT="$1" "${@:2}"
}
results() { (cd "$1" && sha256sum fold?/*/{model.bin,predictions.tsv,figures.tsv} ./*.figures.tsv table.tsv table.md); }
