#!/bin/bash
# large: training sets that are larger than memory.
. "${0%/*}/lib.sh"
. "$root/tests/streams.sh"
if [ -n "${SER_VALGRIND-}" ]; then
	echo '1..0 # SKIP valgrind has memory of its own, and would take an hour'
	exit 0
fi
# 64 MiB of 128 records, 512 KiB each; named ten times it is a corpus of 640 MiB.
{
	echo H type=mel mels=128
	for ((i = 0; i < 128; i++)); do echo "T f32 1024,128 noise:$i key=r$i label=$((i % 3)) group=g$((i % 5))"; done
	echo E
} | maketsr x.tsr
ten=(x.tsr x.tsr x.tsr x.tsr x.tsr x.tsr x.tsr x.tsr x.tsr x.tsr)
printf '%s\n' normalize 'maxpool1d 64' globalavgpool 'dense classes' softmax >x.net
export TMPDIR=$tmp/spool
mkdir spool
# train NAME [ARGUMENT...]: a model of an epoch, and its peak of memory in KB.
train() { "$BUILD/unit/peak" "$1.kb" nntrain -q -j2 --epochs 1 --batch 16 --net x.net -o "$1.bin" "${@:2}"; }
# below KB MIB NAME
below() {
	if is_instrumented; then
		skip "$3: valgrind and ASan have memory of their own"
	else
		[ "$1" -lt $(($2 * 1024)) ]
		ok $? "$3 ($(($1 / 1024)) MiB)"
	fi
}

run 0 "a corpus of files that are mapped" train files "${ten[@]}"
below "$(cat files.kb)" 400 "leaves most of it on the disk"
cat "${ten[@]}" | train pipe >out 2>err
is "${PIPESTATUS[*]}" "0 0" "a corpus from a pipe"
below "$(cat pipe.kb)" 700 "leaves what is beyond 256 MiB on the disk"
same files.bin pipe.bin "and the model has the same bytes"
is "$(ls -A spool)" "" "TMPDIR is empty then"
run 0 "validation and a second input, too" train valid --holdout-groups 2 "${ten[@]}"
below "$(cat valid.kb)" 400 "leave most of it on the disk"
cat "${ten[@]}" | train valid-pipe --holdout-groups 2 >out 2>err
same valid.bin valid-pipe.bin "and are the same from a pipe"

# Where there is no room, one line says what to do, and nothing is left.
cat >full.sh <<'END'
ulimit -f 65536
cat "$@" | nntrain -q --epochs 1 --net x.net -o full.bin
END
fails 4 '^nntrain: standard input: more than 256 MiB come from a pipe: temporary file in .*/spool: File too large; TMPDIR names another folder$' \
	"a full disk" bash full.sh "${ten[@]}"
TMPDIR=$tmp/none fails 4 '^nntrain: standard input: more than 256 MiB come from a pipe: temporary file .*/none' "no such TMPDIR" \
	bash full.sh "${ten[@]}"
is "$(ls -A spool; echo full*)" "full.sh" "leave nothing"
fails 3 '^nntrain: standard input: byte [0-9]*: the stream is cut off$' "a pipe cut off behind 256 MiB" \
	bash -c 'cat "$@" | head -c 600000000 | nntrain -q --epochs 1 --net x.net -o cut.bin' - "${ten[@]}"
is "$(ls -A spool; echo cut*)" "cut*" "leaves nothing"

# cmvn reads twice, and so keeps what comes from a pipe.
cat "${ten[@]}" | "$BUILD/unit/peak" cmvn.kb cmvn -q -j2 2>err | cksum >once
is "${PIPESTATUS[*]}" "0 0 0" "cmvn of a pipe"
below "$(cat cmvn.kb)" 600 "leaves what is beyond 256 MiB on the disk"
is "$(cat once)" "$(cmvn -q -j2 "${ten[@]}" | cksum)" "and writes what it writes of files"

# Folds of 20,000 speakers: seconds, where sorting by insertion took minutes.
awk 'BEGIN { for (i = 0; i < 20000; i++) printf "x\tk%d\tA\tid%d\tsex=%s\n", i, i * 7919 % 20000, i % 3 ? "male" : "female" }' >manifest
run 0 "folds of 20,000 speakers" timeout 120 awk -v folds=5 -v seed=1 -f "$root/pipelines/draw.awk" -f "$root/pipelines/split.awk" manifest
cp out split.tsv
is "$(awk -F '\t' '{ n = split($3, s, ","); all[$1] += n; print $2, n } END { for (f in all) if (all[f] != 20000) print f }' split.tsv | sort | uniq -c |
	sed 's/^ *//')" $'5 test 4000\n5 train 12800\n5 valid 3200' "have each of them once"
is "$(cut -f 3 split.tsv | tr , '\n' | sort -u | wc -l)" 20000 "and no other"
# Lists that no single argument can hold are several.
list=$(for i in {1..30000}; do printf "it's %d," "$i"; done)
eval "$(sed -n '/^q() /p' "$root/pipelines/experiment.sh"; sed -n '/^groups() {/,/^}/p' "$root/pipelines/corpus.sh")"
eval "got=($(groups "$(q "${list%,}")"))"
is "$(printf '%s\n' "${got[@]}" | grep -v '^--group$' | paste -s -d ,)" "${list%,}" "a long list of speakers, in parts"
is "$(printf '%s\n' "${got[@]}" | awk 'length > 100000' | wc -l)" 0 "short enough"
is "$(groups "'a b',c")" "--group 'a b',c" "a short one as it is"
finish
