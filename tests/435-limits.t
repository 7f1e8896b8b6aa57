#!/bin/bash
# limits: what a net may allocate, and what happens where memory ends.
. "${0%/*}/lib.sh"
if is_instrumented; then
	echo '1..0 # SKIP valgrind and ASan take address space of their own'
	exit 0
fi
awk -v n=24 -v seed=1 -f "$data/clips.awk" | "$BUILD/unit/maketsr" train.tsr

# evil INPUT LAYER...: a model without any weights, x.bin.
evil() {
	local input=$1
	shift
	{
		printf 'H\ttype=model\tformat=1\tinput=%s\tclass=ANG\tclass=HAP\tfeature.type=mel' "$input"
		printf '\tnet=%s' "$@"
		printf '\nE\n'
	} | "$BUILD/unit/maketsr" x.bin
}
# within KIB COMMAND...: in so much address space and 20 seconds; a hang is status 124.
within() {
	(ulimit -v "$1" && exec timeout -k 1 20 "${@:2}")
}

# Models and nets that are larger than their files tell: no more than a gigabyte is
# even mapped, where the net would take 4 GB to 4 EB.
while IFS='|' read -r input layers re; do
	mapfile -t -d ';' layer < <(printf '%s' "$layers")
	evil "$input" "${layer[@]}"
	fails 3 "^nnpredict: x.bin: $re" "a model of $input and $layers" within 1000000 nnpredict x.bin train.tsr
done <<'EOT'
6,4|lstm 16000;dense classes;softmax|the model's weight 01.lstm/kernel is missing$
6,4|bigru 11000;dense classes;softmax|the model's weight 01.bigru/forward_kernel is missing$
6,4|flatten;dense 1048576;dense classes;softmax|the model's weight 02.dense/kernel is missing$
6,4|conv1d 65536 width=1024;globalavgpool;softmax|the model's weight 01.conv1d/kernel is missing$
6,4|flatten;dense 1048576;dense 1048576;softmax|line 3: dense: its kernel would be too large$
1000000000,1000000000,1000000000|flatten;softmax|examples of 18446744073709551615 values are not usable$
3000000000,3000000000|flatten;softmax|input '3000000000,3000000000' is not a shape$
100000,100000|flatten;softmax|examples of 10000000000 values are not usable$
1000000000,2|relu;globalavgpool;softmax|the net requires more than 4096 MiB of memory; --max-memory allows more$
46000,46000|maxpool1d 2;globalavgpool;softmax|the net requires more than 4096 MiB of memory; --max-memory allows more$
EOT
while IFS='|' read -r layers re; do
	printf '%b\n' "$layers" >x.net
	fails 3 "^nntrain: x.net: $re" "a net of $layers" within 1000000 nntrain --net x.net -o m train.tsr
done <<'EOT'
lstm 16000\ndense classes\nsoftmax|the net requires more than 4096 MiB of memory; --max-memory allows more$
bilstm 9000\ndense classes\nsoftmax|the net requires more than 4096 MiB of memory; --max-memory allows more$
conv1d 65536 width=1024\nglobalavgpool\ndense classes\nsoftmax|the net requires more than 4096 MiB of memory; --max-memory allows more$
dense 1048576\nglobalavgpool\ndense 1024\ndense classes\nsoftmax|the net requires more than 4096 MiB of memory; --max-memory allows more$
flatten\ndense 1048576\ndense 1048576\nsoftmax|line 3: dense: its kernel would be too large$
EOT
# A dense layer of 24 x 100,000: 9.2 MiB of weights, five times that in training.
printf 'flatten\ndense 100000\nrelu\ndense classes\nsoftmax\n' >x.net
fails 3 "requires more than 40 MiB" "--max-memory of nntrain" nntrain --max-memory 40 --net x.net -o m train.tsr
run 0 "and enough of it" nntrain -q --max-memory 120 --epochs 1 --net x.net -o wide.bin train.tsr
fails 3 "^nnpredict: wide.bin: the net requires more than 10 MiB" "--max-memory of nnpredict" \
	nnpredict --max-memory 10 wide.bin train.tsr
run 0 "and enough of it" nnpredict --max-memory 20 wide.bin train.tsr
for bad in 0 -1 x; do fails 2 "max-memory" "--max-memory $bad" nnpredict --max-memory "$bad" wide.bin train.tsr; done

# A thread's arena of malloc() takes 64 MiB of address space: seven would leave nothing of 400 MB.
{
	echo 'H type=wave rate=22050 samples=55125 at=start level=none trim=none'
	for i in {1..24}; do echo "T f32 55125 noise:$i key=k$i"; done
	echo E
} | tr ' ' '\t' | "$BUILD/unit/maketsr" wave.tsr
for command in melspec augment; do
	$command -j1 -o want wave.tsr
	for mb in 200 400; do
		run 0 "$command -j7 in $mb MB" within $((mb * 1000)) $command -j7 -o got wave.tsr
		same got want "the same as with one thread"
	done
done

# Where address space is short.
printf '%s\n' 'conv1d 64 width=3' batchnorm relu 'dropout 0.2' 'bilstm 96' 'dense classes' softmax >net.net
nntrain -q -j1 --epochs 1 --net net.net -o net.bin train.tsr
nnpredict -q -j1 net.bin train.tsr >want.tsv
for mb in 60 100 150 180 200 220 250 300 350 400; do
	bad=''
	for j in 1 2 4; do
		for command in "nntrain -q -j$j --net net.net --epochs 1 -o o.bin train.tsr" "nnpredict -q -j$j -o o.tsv net.bin train.tsr"; do
			rm -f o.bin o.tsv
			got=0
			# shellcheck disable=SC2086
			within $((mb * 1000)) $command >out 2>err || got=$?
			case $got in
			0) case $command in nntrain*) cmp -s o.bin net.bin ;; *) cmp -s o.tsv want.tsv ;; esac || bad+=" $command: other bytes" ;;
			4) [ "$(wc -l <err)" = 1 ] && grep -q ': out of memory' err && [ ! -e o.bin ] && [ ! -e o.tsv ] || bad+=" $command: $(cat err)" ;;
			*) bad+=" $command: $got: $(cat err)" ;;
			esac
		done
	done
	is "$bad" '' "$mb MB of address space: the result or one line"
done
run 0 "a version needs no memory" within 100000 nntrain --version

# 512 units were minutes of a QR decomposition.
printf 'bilstm 512\ndense classes\nsoftmax\n' >wide.net
run 0 "a bilstm of 512 units" timeout 20 nntrain -q -j1 --epochs 1 --net wide.net -o m train.tsr
finish
