#!/bin/bash
# peers.sh: installs what bench.sh compares with into the folder PEERS, a root of Debian unstable
# which has the newest of them, 5 GB. What is there already stays; as root. make bench-peers runs it.
# shellcheck source=tests/bench/lib.sh
. "${0%/*}/lib.sh"
PEERS=${PEERS:-}
[ -n "$PEERS" ] || die 2 "PEERS=DIR: the folder is to be named"
[ "$(id -u)" = 0 ] || die 2 "only root can do that (debootstrap, chroot)"
command -v debootstrap >/dev/null || die 4 "debootstrap is not installed"

# One that Debian does not have any day is left out, and said.
packages=(
	g++ pkgconf libsndfile1-dev libsoxr-dev libfftw3-dev libonnxruntime-dev libopenblas0-openmp python3-numpy python3-scipy
	python3-soundfile python3-soxr python3-librosa python3-torch python3-torchaudio python3-sklearn python3-onnx python3-onnxruntime
	python3-pandas python3-pyarrow duckdb r-base-core r-cran-data.table nodejs
)
# ONNX Runtime is newer here than in Debian; its script would fetch what a processor has no use for.
# Polars has its program in a package for each kind of machine, which npm may take for optional.
modules=(onnxruntime-node nodejs-polars "nodejs-polars-linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')-gnu")

if [ ! -x "$PEERS/usr/bin/apt-get" ]; then
	say "a root of Debian unstable in $PEERS"
	debootstrap --variant=minbase sid "$PEERS" >&2
fi
proc_for "$PEERS"
apt() { chroot "$PEERS" env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -qq -o Dpkg::Use-Pty=0 -o Acquire::Check-Valid-Until=false "$@" >&2; }
# Where this machine has apt go by a proxy, so does that one.
if command -v apt-config >/dev/null; then
	apt-config dump | grep -i '^Acquire::.*proxy' >"$PEERS/etc/apt/apt.conf.d/99bench-proxy" || true
fi
apt update
left=()
for package in "${packages[@]}"; do
	say "$package"
	apt install -y --no-install-recommends "$package" || left+=("$package")
done
# PyTorch's own threads are OpenMP's: with those of another kind they would wait for each other.
for library in "$PEERS"/usr/lib/*/openblas-openmp/lib{blas,lapack}.so.3; do
	[ ! -e "$library" ] || chroot "$PEERS" update-alternatives --set \
		"${library##*/}-$(basename "$(dirname "${library%/*}")")" "${library#"$PEERS"}" >&2
done
if command -v npm >/dev/null; then
	say "${modules[*]}"
	mkdir -p "$PEERS/opt/peers"
	npm install --silent --prefix "$PEERS/opt/peers" --ignore-scripts --no-save "${modules[@]}" >&2 || left+=("${modules[@]}")
else
	say "npm is not installed here: without it no Polars, and the older ONNX Runtime of Debian"
	left+=("${modules[@]}")
fi
[ ${#left[@]} = 0 ] || say "left out, as they cannot be had: ${left[*]}"
say "make bench PEERS=$PEERS"
