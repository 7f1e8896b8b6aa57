#!/bin/bash
# nnexport: files read by independent readers; each net of pipelines/nets, and every kind of
# layer, in onnxruntime against nnpredict, where it is found: ONNXRUNTIME_NODE=DIR, in whose
# node_modules onnxruntime-node is, and a python3 that has the module onnxruntime.
. "${0%/*}/lib.sh"
. "$root/tests/streams.sh"

# A net by hand: the numbers are easy to tell.
cat >hand.txt <<'END'
H	type=model	format=1	net=# by hand	net=	net=conv1d 2 2	net=batchnorm epsilon=0.5	net=globalavgpool	net=dense classes	net=softmax	class=a "b"	class=ü, c	feature.type=mel	feature.hop=512	feature.column=x	feature.column=y	feature.column=z	input=*,3	temperature=2	threshold=0.25	note=	pg=melspec 1 a=b	pg=nntrain 1
T	f32	2,3,2	ramp	key=01.conv1d/kernel
T	f32	2	0.5,-0.5	key=01.conv1d/bias
T	f32	2	1,2	key=02.batchnorm/gamma
T	f32	2	3,4	key=02.batchnorm/beta
T	f32	2	5,6	key=02.batchnorm/mean
T	f32	2	7,8	key=02.batchnorm/variance
T	f32	2,2	1,2,3,4	key=04.dense/kernel
T	f32	2	0.25,-0.25	key=04.dense/bias
T	f64	2	1e300,-2	key=cmvn/mean
T	f64	2	9	key=state/step
E
END
maketsr hand.bin <hand.txt
printf 'H type=mel hop=512 column=x column=y column=z\nT f32 4,3 noise:1 key=one\nT f32 1,3 noise:2 key=two\nE\n' | maketsr mel.tsr
options nnexport

# safetensors
run 0 "safetensors" nnexport -o hand.safetensors hand.bin
run 0 "an independent reader" perl "$root/tests/safetensors.pl" hand.safetensors
is "$(cat out)" '01.conv1d/kernel F32 (2,3,2) 0 1 2 3 4 5 6 7 8 9 10 11
01.conv1d/bias F32 (2) 0.5 -0.5
02.batchnorm/gamma F32 (2) 1 2
02.batchnorm/beta F32 (2) 3 4
02.batchnorm/mean F32 (2) 5 6
02.batchnorm/variance F32 (2) 7 8
04.dense/kernel F32 (2,2) 1 2 3 4
04.dense/bias F32 (2) 0.25 -0.25
cmvn/mean F64 (2) 1e+300 -2' "has all arrays by their names but the training's"
metadata() { perl "$root/tests/safetensors.pl" hand.safetensors "$1"; }
is "$(metadata class)" 'a "b"
ü, c' "classes, one a line"
is "$(metadata net)" '# by hand

conv1d 2 2
batchnorm epsilon=0.5
globalavgpool
dense classes
softmax' "the net"
is "$(metadata feature.hop) $(metadata feature.column | paste -sd ' ') $(metadata input) $(metadata temperature) $(metadata threshold)" \
	'512 x y z *,3 2 0.25' "settings"
like "$(metadata pg)" "^melspec 1 a=b"$'\n'"nntrain 1"$'\n'"nnexport $(cat "$root/VERSION")" "provenance, which nnexport is part of"
is "$(metadata note)" '' "an empty value"
cp hand.safetensors first
nnexport --format safetensors - <hand.bin >second
same first second "the same bytes from a pipe, to a pipe"

imports=0
nnimport -q -o back.bin hand.safetensors 2>err || imports=1
if [ $imports = 0 ]; then
	nnpredict hand.bin mel.tsr >want
	nnpredict back.bin mel.tsr >got
	same want got "nnimport makes the model again"
elif grep -q 'built without' err; then
	skip 'nnimport is built without cJSON'
else
	ok 1 "nnimport takes it"
fi

# What is no model, and where nothing may appear.
fails 2 'one model is required' "no model" nnexport -o x.onnx
fails 2 'one model is required' "two" nnexport -o x.onnx hand.bin hand.bin
fails 2 '^nnexport: --format onnx or safetensors, or -o FILE with one of these endings, is required' "no format" nnexport hand.bin
fails 2 'format' "nor in the name" nnexport -o hand.pb hand.bin
fails 2 "format: 'pb'" "an unknown one" nnexport --format pb hand.bin
fails 3 'No such file' "no such model" nnexport -o x.safetensors no.bin
fails 3 'a model stream is expected' "features" nnexport -o x.safetensors mel.tsr
: >empty
fails 3 'empty' "an empty file" nnexport -o x.safetensors empty
for n in 0 100 700; do
	cut="$(($(wc -c <hand.bin) - n - 1))"
	dd if=hand.bin of=cut.bin bs=1 count=$cut 2>/dev/null
	fails 3 'cut.bin' "cut off at $cut" nnexport -o x.safetensors cut.bin
done
grep -v '04.dense/bias' hand.txt | maketsr lacks.bin
fails 3 'lacks.bin: the model.s weight 04.dense/bias is missing' "a weight is missing" nnexport -o x.safetensors lacks.bin
[ ! -e x.safetensors ] && [ ! -e x.onnx ]
ok $? "nothing appears"
run 4 "/dev/full" nnexport --format safetensors -o /dev/full hand.bin
fails 2 'hand.bin' "the input as output" nnexport --format safetensors -o hand.bin hand.bin
cp hand.bin $'a b\n"ü".bin'
run 0 "an odd name" nnexport -o $'x y\n.safetensors' $'a b\n"ü".bin'
same hand.safetensors $'x y\n.safetensors' "which the file does not have"

# ONNX
if ! nnexport -o hand.onnx hand.bin 2>err; then
	like "$(cat err)" '^nnexport: built without ONNX: install libprotobuf-c-dev and protobuf-c-compiler' "says what it was built without"
	[ ! -e hand.onnx ]
	ok $? "and writes nothing"
	skip 'built without protobuf-c'
	finish
	exit
fi
run 0 "an independent reader of ONNX" perl "$root/tests/onnx.pl" hand.onnx
is "$(cat out)" 'model 8 sertools opset 17
input features(batch,frames,3)
output probabilities(batch,2)
output logits(batch,2)
Transpose 01.conv1d/channels_first <- features -> 01.conv1d/channels_first perm=0,2,1
Conv 01.conv1d <- 01.conv1d/channels_first 01.conv1d/kernel 01.conv1d/bias -> 01.conv1d kernel_shape=2 strides=1 dilations=1 pads=0,1
BatchNormalization 02.batchnorm <- 01.conv1d 02.batchnorm/gamma 02.batchnorm/beta 02.batchnorm/mean 02.batchnorm/variance -> 02.batchnorm epsilon=0.5
ReduceMean 03.globalavgpool <- 02.batchnorm -> 03.globalavgpool axes=2 keepdims=0
Gemm 04.dense <- 03.globalavgpool 04.dense/kernel 04.dense/bias -> 04.dense
Identity 05.softmax/logits <- 04.dense -> logits
Div 05.softmax/tempered <- logits 05.softmax/temperature -> 05.softmax/tempered
Softmax 05.softmax <- 05.softmax/tempered -> probabilities axis=1
tensor 01.conv1d/kernel(2,3,2) 0 6 2 8 4 10 1 7 3 9 5 11
tensor 01.conv1d/bias(2) 0.5 -0.5
tensor 02.batchnorm/gamma(2) 1 2
tensor 02.batchnorm/beta(2) 3 4
tensor 02.batchnorm/mean(2) 5 6
tensor 02.batchnorm/variance(2) 7 8
tensor 04.dense/kernel(2,2) 1 2 3 4
tensor 04.dense/bias(2) 0.25 -0.25
tensor 05.softmax/temperature() 2
metadata class feature.column feature.hop feature.type format input net note pg temperature threshold type' "sees the graph"
is "$(perl "$root/tests/onnx.pl" hand.onnx metadata class)" "$(metadata class)" "and the metadata"
nnexport --format onnx hand.bin >second
same hand.onnx second "the same bytes again"
run 4 "ONNX to /dev/full" nnexport --format onnx -o /dev/full hand.bin

# LSTM and GRU: kernels, and gates in ONNX's order, i o f c of i f c o.
{
	printf 'H\ttype=model\tformat=1\tnet=bilstm 1\tnet=gru 1\tclass=a\tfeature.type=mel\tinput=5,2\ttemperature=1\n' | sed 's/bilstm 1/bilstm 1 output=sequence/'
	for d in forward backward; do
		printf 'T\tf32\t2,4\tramp\tkey=01.bilstm/%s_kernel\nT\tf32\t1,4\tramp\tkey=01.bilstm/%s_recurrent\nT\tf32\t4\tramp\tkey=01.bilstm/%s_bias\n' $d $d $d
	done
	printf 'T\tf32\t2,3\tramp\tkey=02.gru/kernel\nT\tf32\t1,3\tramp\tkey=02.gru/recurrent\nT\tf32\t2,3\tramp\tkey=02.gru/bias\nE\n'
} | maketsr gates.bin
nnexport -o gates.onnx gates.bin
is "$(perl "$root/tests/onnx.pl" gates.onnx | grep -E '^tensor.*(kernel|recurrent|bias)')" 'tensor 01.bilstm/kernel(2,4,2) 0 4 3 7 1 5 2 6 0 4 3 7
tensor 01.bilstm/recurrent(2,4,1) 0 3 1 2 0 3 1 2
tensor 01.bilstm/bias(2,8) 0 3 1 2 0 0 0 0 0 3 1 2
tensor 02.gru/kernel(1,3,2) 0 3 1 4 2 5
tensor 02.gru/recurrent(1,3,1) 0 1 2
tensor 02.gru/bias(1,6) 0 1 2 3 4 5' "weights of recurrent layers"

# What ONNX does not have is refused by name and line; so is an input called as an output.
small() { echo 'H type=mel' && for i in {1..9}; do echo "T f32 $(($i % 4 + 2)),12 noise:$i key=k$i label=$((i % 2)) group=g$((i % 3))"; done && echo E; }
small | maketsr small.tsr
printf '# a\nconv1d 4 3 stride=2 dilation=2\nglobalavgpool\ndense classes\nsoftmax\n' >both.net
nntrain -q --net both.net --epochs 1 -o both.bin small.tsr
fails 3 '^nnexport: both.bin: line 2: conv1d: ONNX has no stride and dilation together' "a layer that cannot be" nnexport -o x.onnx both.bin
printf 'relu\navgpool1d 2 3 padding=same\nglobalavgpool\ndense classes\nsoftmax\n' >gaps.net
nntrain -q --net gaps.net --epochs 1 -o gaps.bin small.tsr
fails 3 '^nnexport: gaps.bin: line 2: avgpool1d: ONNX has no stride above the size with padding=same' "nor can pools with gaps" nnexport -o x.onnx gaps.bin
printf 'globalavgpool\nsave a\ninput logits\nconcat a\ndense classes\nsoftmax\n' >named.net
{ echo 'H type=table' && for i in {1..9}; do echo "T f32 3 noise:$i key=k$i label=$((i % 2))"; done && echo E; } | maketsr small-rows.tsr
nntrain -q --net named.net --beside logits=small-rows.tsr --epochs 1 -o named.bin small.tsr
fails 3 "named.bin: its net has an input 'logits'" "an input of an output's name" nnexport -o x.onnx named.bin
[ ! -e x.onnx ]
ok $? "and no file"
sed 's/logits/features/' named.net >features.net
nntrain -q --net features.net --beside features=small-rows.tsr --epochs 1 -o features.bin small.tsr
nnexport -o features.onnx features.bin
is "$(perl "$root/tests/onnx.pl" features.onnx | grep ^input)" 'input main(batch,frames,12)
input features(batch,3)' "two inputs of one name"

# gen FILE TYPE SHAPE: a hundred records; T is a length from 1 to 90.
gen() {
	awk -v type="$2" -v shape="$3" 'BEGIN { print "H type=" type
		for (i = 1; i <= 100; i++) { s = shape; sub(/T/, 1 + i * 37 % 90, s); printf "T f32 %s noise:%d key=k%d label=%s group=g%d\n", s, i, i, substr("abcd", 1 + i % 4, 1), i % 5 }
		print "E" }' | maketsr "$1"
}
gen vary.tsr mel T,12
gen fixed.tsr mel 20,12
gen bands.tsr mel T,64
gen frames.tsr mel 24,16
gen side.tsr mel 7,5
gen rows.tsr table 40
cat >time.net <<'END'
normalize axis=all
conv1d 6 width=3 padding=valid stride=2
elu alpha=0.7
save a
conv1d 6 width=5 dilation=2
tanh
add a
avgpool1d 3
layernorm
bigru 5 output=sequence
sigmoid
save b
globalavgpool
dense 10
sigmoid
multiply b
lstm 4 output=sequence
save c
gru 4 output=sequence
concat c
maxpool1d 2
bilstm 3
dense classes
softmax
END
cat >branches.net <<'END'
batchnorm
save x
conv1d 8 width=3 stride=2
save s
load x
maxpool1d 2
dense 8
add s
multiply s
conv2d 4 3 3 stride=2
relu
avgpool2d 3 1
conv2d 5 2 2 padding=valid
batchnorm
save pixels
globalmaxpool
sigmoid
multiply pixels
save t
conv1d 8 width=1 stride=3
elu
conv1d 6 width=2 stride=3
lstm 4
save sum
load t
globalstatspool
concat sum
dense classes
softmax
END
cat >heads.net <<'END'
normalize
channeldropout 0.1
save x
lstm 5
dense classes
softmax
save one
load x
attentionpool 3
dense classes
softmax
save two
load x
gru 3
dense classes
softmax
average one
average two
END
cat >plane.net <<'END'
conv2d 3 3 2 dilation=2
maxpool2d 3 2
save p
batchnorm
add p
concat p
flatten
dropout 0.3
dense classes
softmax
END
cat >inputs.net <<'END'
input side
normalize
bigru 3
save s
input main
normalize
conv1d 4 3
globalmaxpool
concat s
layernorm
batchnorm
speakernorm
dense classes
softmax
END
cat >overlap.net <<'END'
conv1d 5 3
maxpool1d 5 stride=2 padding=same
relu
maxpool1d 3 1 padding=same
save a
avgpool1d 4 stride=3
gru 4 output=sequence
avgpool1d 1 3 padding=same
globalstatspool
save b
load a
maxpool2d 3 2 stride=2 stride_width=1
avgpool2d 4 4 stride_height=3 padding=same
conv2d 3 2 2
maxpool2d 3 3 2 padding=same
avgpool2d 4 2 stride=1 padding=same
globalmaxpool
concat b
dense classes
softmax
END
cat >full.net <<'END'
maxpool1d 5 stride=2 padding=same
save a
avgpool1d 4 3 padding=same
flatten
save b
load a
maxpool1d 4 stride=3
flatten
concat b
save d
load a
avgpool2d 3 4 stride=2 stride_width=5 padding=same
maxpool2d 2 1 stride=1
flatten
concat d
dense classes
softmax
END
printf 'dense 5\ntanh\ndense classes\n' >scores.net

# net NAME FEATURES [NAME=STREAM]: trains it (options: $how) and keeps what it predicts.
nets=()
net() {
	local name=$1 features=$2
	shift 2
	nets+=("$name $features${1:+ $1}")
	# shellcheck disable=SC2086
	nntrain -q -j1 --net "$([ -e "$name.net" ] && echo "$name.net" || echo "$name")" $how ${1:+--beside "$1"} -o "$name.bin" "$features" &&
		nnpredict -q -j1 --tensor -o "$name.scores" ${1:+--beside "$1"} "$name.bin" "$features"
	run 0 "$name" nnexport -o "$name.onnx" "$name.bin"
	run 0 "$name: its file is whole" perl "$root/tests/onnx.pl" "$name.onnx"
	[ "$imports" = 0 ] || return 0
	nnexport -o there.safetensors "$name.bin" && nnimport -q -o back.bin there.safetensors
	run 0 "$name: there and back" nnpredict -q -j1 --tensor -o back.scores ${1:+--beside "$1"} back.bin "$features"
	[ "$(tsrdump --tsv back.scores | tee got | wc -l)" -gt 99 ] && tsrdump --tsv "$name.scores" | cmp - got >err 2>&1
	ok $? "$name: and it predicts the same"
}
how='--epochs 8 --rate 0.02'
net time vary.tsr
net branches vary.tsr
net heads vary.tsr
net plane fixed.tsr
net overlap vary.tsr
net full fixed.tsr
net inputs vary.tsr side=side.tsr
how='--epochs 2 --loss mse'
net scores rows.tsr
net mlp-mse rows.tsr
how='--epochs 1 --valid frames.tsr --allow-overlap'
for name in cnn1d crnn lstm; do net $name frames.tsr; done
how='--epochs 3 --valid rows.tsr --allow-overlap'
for name in mlp mlp1558; do net $name rows.tsr; done
how='--epochs 1 --valid bands.tsr --allow-overlap --batch-groups 3x4'
for name in mel64 mel64-speaker; do net $name bands.tsr; done
for name in duo duo-speaker; do net $name bands.tsr row=rows.tsr; done
kinds=$(sed -nE 's/^\.It Ic ([a-z0-9]+).*/\1/p' "$root/man/net.5" | sort)
is "$(cat ./*.net "$root"/pipelines/nets/*.net | sed 's/ .*//' | sort -u | comm -13 - <(echo "$kinds")), $(wc -l <<<"$kinds")" ', 34' \
	"every kind of layer is in one of them"
is "$(printf '%s\n' "${nets[@]%% *}" | sort | comm -13 - <(cd "$root/pipelines/nets" && ls | sed 's/\.net$//' | sort))" '' "all nets of pipelines/nets are among them"
like "$(perl "$root/tests/onnx.pl" duo.onnx)" 'Log .*Div .*Softmax .*-> probabilities' "a mean of softmaxes has a temperature"

# against PROGRAM...: each of them in a runtime. Its own messages are about the machine.
against() {
	local one
	for one in "${nets[@]}"; do
		read -ra words <<<"$one"
		is "$("$@" "${words[0]}.onnx" "${words[0]}.scores" "${words[@]:1}" 2>/dev/null)" '100 same same' "${words[0]} in ${1##*/}'s onnxruntime, alone and in batches"
	done
}
if [ -n "${ONNXRUNTIME_NODE-}" ] && command -v node >/dev/null; then
	against node "$root/tests/onnx.js"
else
	skip 'ONNXRUNTIME_NODE names no folder with node_modules/onnxruntime-node, or node is not installed'
fi
if find_python onnxruntime; then against "$python" "$root/tests/onnx.py"; else skip 'there is no Python with onnxruntime'; fi

# ONNX's own checker, and PyTorch with the weights.
if find_python onnx; then
	run 0 "ONNX's checker" "$python" -c 'import sys, onnx
for f in sys.argv[1:]:
    onnx.checker.check_model(onnx.load(f), full_check=True)' ./*.onnx
else
	skip 'there is no Python with onnx'
fi
if find_python torch; then
	nnexport -o crnn.safetensors crnn.bin
	tsrnpy --to npz -o frames.npz frames.tsr
	tsrnpy --to npz -o scores.npz crnn.scores
	run 0 "crnn in PyTorch" "$python" - <<'END'
import json, struct
import numpy, torch
from torch.nn import functional as F
data = open("crnn.safetensors", "rb").read()
n = struct.unpack("<Q", data[:8])[0]
header = json.loads(data[8:8 + n])
meta = header.pop("__metadata__")
w = {k: torch.tensor(numpy.frombuffer(data[8 + n + v["data_offsets"][0]:8 + n + v["data_offsets"][1]], "<f4").reshape(v["shape"]).copy())
     for k, v in header.items()}
x = torch.tensor(numpy.load("frames.npz")["data"])
x = ((x - w["01.normalize/mean"]) / w["01.normalize/deviation"]).transpose(1, 2)
for conv, norm in (("02.conv1d", "03.batchnorm"), ("07.conv1d", "08.batchnorm")):
    x = F.conv1d(x, w[conv + "/kernel"].permute(2, 1, 0), w[conv + "/bias"], padding=2)
    x = F.batch_norm(x, w[norm + "/mean"], w[norm + "/variance"], w[norm + "/gamma"], w[norm + "/beta"], eps=1e-3)
    x = F.max_pool1d(F.relu(x), 2)
lstm = torch.nn.LSTM(128, 64, batch_first=True)
lstm.load_state_dict({"weight_ih_l0": w["12.lstm/kernel"].T, "weight_hh_l0": w["12.lstm/recurrent"].T, "bias_ih_l0": w["12.lstm/bias"],
                      "bias_hh_l0": torch.zeros(256)})
x = lstm(x.transpose(1, 2))[0][:, -1]
x = x @ w["14.dense/kernel"] + w["14.dense/bias"]
p = torch.softmax(x / float(meta["temperature"]), 1).detach().numpy()
want = numpy.load("scores.npz")["data"]
assert numpy.abs(p - want).max() < 1e-5, numpy.abs(p - want).max()
END
else
	skip 'there is no Python with torch'
fi
finish
