#!/bin/bash
# nnimport: what Keras and PyTorch saved gives what they give (tests/data/exchange, made
# without our code), what cannot be done is refused by name, and damaged files are.
. "${0%/*}/lib.sh"
. "$root/tests/streams.sh"
export TMPDIR=$tmp
exchange=$data/exchange
cp "$exchange"/*.{keras,safetensors,npz} .
for f in "$exchange"/*.gz; do gzip -dc "$f" >"$(basename "$f" .gz)"; done
chmod u+w ./*
if nnimport -q -o x.bin mel.keras 2>err || [ $? != 4 ]; then :; else
	fails 4 'built without.* install lib' "says what it was built without" nnimport mel.keras
	finish
	exit
fi
options nnimport

# close FILE FILE [TOLERANCE]: probabilities of nnpredict's table agree with those of the other.
close() {
	awk -v t="${3:-1e-5}" 'NR == FNR { for (i = 2; i <= NF; i++) want[$1, i] = $i; n = NF - 1; next }
		FNR > 1 { rows++; for (i = 2; i <= n + 1; i++) { d = $(i + 5) - want[$1, i]; if (d > t || d < -t || !(($1, i) in want)) bad++ } }
		END { exit !(rows == 4 && bad == 0) }' "$2" "$1"
}
# agrees NAME GOLDEN CLASSES FILE [OPTION...]: what is made of FILE predicts as in GOLDEN.tsv.
agrees() {
	local name=$1 want=$2 classes=$3 file=$4
	shift 4
	run 0 "$name: imports" nnimport --features type=lld --classes "$classes" "$@" -o m.bin "$file"
	is "$(cat err)" '' "$name: without a word"
	tsrnpy --type lld in.npz | nnpredict m.bin >got.tsv 2>err
	close got.tsv "$exchange/$want.tsv" "${tolerance:-1e-5}"
	ok $? "$name: predicts the same"
}

# Keras: every layer there is, in the files of Keras 3 and Keras 2.
for form in keras h5; do
	agrees "cnn.$form" cnn a,b,c cnn.$form
	agrees "rnn.$form" rnn a,b,c rnn.$form
	agrees "plane.$form" plane no,yes plane.$form
	agrees "pools.$form" pools a,b,c pools.$form
	agrees "pools2d.$form" pools2d a,b,c pools2d.$form
done
agrees "a functional model" cnn a,b,c chain.keras
agrees "tf.keras 2.13 on Windows" rnn a,b,c windows.keras
is "$(nnimport -q --features type=lld pools2d.keras | tsrdump - | sed -n '/^ *net:/,/made/p' | grep -o '[a-z]*pool.*')" \
	"$(printf '%s\n' 'maxpool2d 3 2 stride_height=2 stride_width=1 padding=same' 'avgpool2d 4 3 stride_height=3 stride_width=2 padding=same' \
		'avgpool2d 2 2 stride_height=1 stride_width=1' 'maxpool2d 2 2 padding=same')" "pools with strides and padding of their own"
nnimport -q --features type=lld -o a.bin cnn.keras
nnimport -q --features type=lld -o b.bin cnn.h5
tsrdiff --atol 0 --rtol 0 a.bin b.bin >out 2>err
ok $? 'the same weights from both'
is "$(nnimport -q --features type=lld rnn.keras | tsrdump - | sed -n '/net:/,/made/p' | sed '1d;$d;s/^ *//')" \
	"$(printf '%s\n' 'bilstm 3 output=sequence' 'dropout 0.3' 'gru 4 output=sequence' 'dense 5' elu 'lstm 4 output=sequence' 'bigru 2' \
		'dense 3' softmax)" "the net's text, with the softmax that the loss has"
like "$(nnimport -q --features type=lld rnn.keras | tsrdump -)" 'input=\*,6' 'sequences of any length'
cat >rnn.net <<'END'
bilstm 3 output=sequence # as Bidirectional(LSTM(3, return_sequences=True))
gru 4 output=sequence
dense 5
elu
lstm 4 output=sequence
bigru 2
dense classes
softmax
END
agrees 'weights of Keras 3 alone' rnn a,b,c rnn.weights.h5 --net rnn.net --input '*,6'
agrees 'weights of Keras 2 alone' rnn a,b,c old.weights.h5 --net rnn.net --input '12,6'
fails 2 'rnn.weights.h5 has weights alone: --net FILE' "weights alone require --net" nnimport --features type=lld rnn.weights.h5
fails 2 '--input' "and --input" nnimport --features type=lld --classes a,b,c --net rnn.net rnn.weights.h5
fails 2 "says .classes': --classes" "and --classes where the net says so" nnimport --features type=lld --input 12,6 --net rnn.net rnn.weights.h5
sed 3,5d rnn.net >short.net
fails 3 "no layer of the net takes the weights of 'layers/lstm'" "a layer too few" nnimport --features type=lld --input 12,6 --classes a,b,c --net short.net rnn.weights.h5
fails 3 "old.weights.h5: " "a layer too few in order" nnimport --features type=lld --input 12,6 --classes a,b,c --net short.net old.weights.h5
{ head -n 1 rnn.net && cat rnn.net; } >long.net
fails 3 "rnn.weights.h5: no .layers/bidirectional_2|of shape" "a layer too many" nnimport --features type=lld --input 12,6 --classes a,b,c --net long.net rnn.weights.h5

# PyTorch
cat >cnn.net <<'END'
conv1d 4 width=3
batchnorm	# its epsilon is PyTorch's
relu
conv1d 4 3 stride=2 dilation=2 padding=valid
relu
maxpool1d 2
flatten
dense 8
batchnorm
elu
dense 8
tanh
dense classes
softmax
END
printf '%s\n' 'bilstm 3 output=sequence' 'bilstm 3 output=sequence' layernorm 'gru 4' 'dense 3' softmax >two.net
printf '%s\n' normalize 'conv2d 3 3 2 padding=valid' batchnorm relu 'maxpool2d 2 2' 'conv2d 2 1 1' 'bigru 2' 'dense 3' softmax >plane.net
printf '%s\n' 'conv2d 2 3 2 stride_height=2 stride_width=1 padding=valid' flatten batchnorm 'dense 3' softmax >flat.net
torch=(--features type=lld --input '12,6' --classes 'a,b,c')
agrees 'convolutions' torch-cnn a,b,c torch-cnn.safetensors --net cnn.net --input 12,6
like "$(tsrdump m.bin)" $'batchnorm epsilon=1e-05\t?' "batchnorm has PyTorch's epsilon"
agrees 'recurrent layers' torch-rnn a,b,c torch-rnn.safetensors --net two.net --input '*,6'
agrees 'a plane as a sequence' torch-plane a,b,c torch-plane.safetensors --net plane.net --input '12,6'
agrees 'flattened, then normalised' torch-flat a,b,c torch-flat.safetensors --net flat.net --input '12,6'
agrees 'double precision' torch-flat a,b,c torch-flat-f64.safetensors --net flat.net --input '12,6'
tolerance=2e-3
agrees 'half precision' torch-flat a,b,c torch-flat-f16.safetensors --net flat.net --input '12,6'
agrees 'bfloat16' torch-flat a,b,c torch-flat-bf16.safetensors --net flat.net --input '12,6'
unset tolerance
agrees 'a mapped module' torch-cnn a,b,c torch-cnn.safetensors --net cnn.net --input 12,6 --map 08.dense=fc1 --map 11.dense=fc2
fails 2 'no such module' 'a module that is not there' nnimport "${torch[@]}" --net cnn.net --map 08.dense=fc9 torch-cnn.safetensors
fails 2 "'08.dens=fc1' is not LAYER=MODULE" 'a layer that is not there' nnimport "${torch[@]}" --net cnn.net --map 08.dens=fc1 torch-cnn.safetensors
fails 2 'another kind or shape' 'a module of another shape' nnimport "${torch[@]}" --net cnn.net --map 08.dense=fc3 torch-cnn.safetensors
fails 2 'belongs to --net' '--map without --net' nnimport --map 08.dense=fc3 cnn.keras
fails 2 'has weights alone: --net' 'a state dict requires --net' nnimport "${torch[@]}" torch-cnn.safetensors
sed '8s/8/9/' cnn.net >other.net
fails 3 'no module in it is a dense .*08.dense/kernel, of shape \(8,9\)' 'a layer of another shape' nnimport "${torch[@]}" --net other.net torch-cnn.safetensors
grep -v tanh cnn.net | sed '/^dense 8/d' >other.net
fails 3 'torch-cnn.safetensors: ' 'a layer too few' nnimport "${torch[@]}" --net other.net torch-cnn.safetensors
sed 's/fc1/ab1/g; s/fc2/cd2/g' torch-cnn.safetensors >named.safetensors
fails 3 'any of 2 modules that fit \(ab1, cd2\): --map 08.dense=ab1' 'modules that could be any layer' nnimport "${torch[@]}" --net cnn.net named.safetensors
agrees 'one of them mapped' torch-cnn a,b,c named.safetensors --net cnn.net --input 12,6 --map 08.dense=ab1
printf '%s\n' 'conv1d 4 width=3' 'batchnorm epsilon=0.5 # this' 'layernorm 0.25' flatten 'dense 3' softmax >eps.net
printf 'PK\3\4\x14\0\0\0\0\0archive/data.pkl' >x.pt
printf '\x80\2}q\1.' >y.pth
fails 3 'pickle.*safetensors.torch.save_file' "PyTorch's own files" nnimport x.pt
fails 3 'pickle.*safetensors.torch.save_file' "and its older ones" nnimport y.pth

# Features, shapes, classes.
fails 2 'its input is of shape \(12,6\); mel features as wavnorm \| melspec makes them are \(108,128\): --features or --like' \
	"features that do not fit" nnimport cnn.keras
fails 2 'of --features are \(32,64\)' "and others" nnimport --features 'mels=64 samples=16000' cnn.keras
fails 2 "'mel' is no setting.* did you mean mels" "a setting that there is not" nnimport --features 'mel=64' mel.keras
fails 2 'given twice' "a setting twice" nnimport --features 'mels=64 mels=64' mel.keras
fails 2 'NAME=VALUE' "no setting" nnimport --features 'mels' mel.keras
fails 2 'exclude' "--like with --features" nnimport --like x.bin --features type=lld mel.keras
fails 2 'type=wave is none' "a type that nets do not take" nnimport --features type=wave mel.keras
nnimport --classes a,b,c -o m.bin mel.keras
"$BUILD/unit/mkaudio" x.wav wav 22050 1 60000 voice 2>/dev/null
wavnorm x.wav | melspec >mel.tsr
run 0 "the default features are those of wavnorm | melspec" nnpredict m.bin mel.tsr
nnimport --features 'rate=16000 nfft=1024 scale=log level=peak -3 hop=160 samples=all mels=128' --input '*,128' -q -o m.bin mel.keras
wavnorm --rate 16000 --seconds all --peak -3 x.wav | melspec --nfft 1024 --hop 160 --scale log >mel.tsr
run 0 "others are those of their options" nnpredict m.bin mel.tsr
wavnorm --like m.bin x.wav | melspec --like m.bin >like.tsr
cmp <(tsrdump --tsv mel.tsr) <(tsrdump --tsv like.tsr) >err 2>&1
ok $? "and --like finds them"
nnimport -q --like m.bin --input '*,128' -o n.bin mel.keras
is "$(tsrdump n.bin | sed -n '/features/,/net:/p')" "$(tsrdump m.bin | sed -n '/features/,/net:/p')" "--like takes another model's"
run 0 "classes without names" nnimport --features type=lld -o m.bin cnn.keras
is "$(cat err)" 'nnimport: its classes are called 0 to 2: --classes A,B,C gives them names' "are numbered, and said to be"
is "$(tsrdump m.bin | grep classes)" '  classes: 0, 1, 2 (3)' "in the model"
fails 2 '2 names, but cnn.keras has 3 outputs' "too few names" nnimport --features type=lld --classes a,b cnn.keras
fails 2 "'a' appears twice" "a name twice" nnimport --features type=lld --classes a,b,a cnn.keras
nnimport -q --features type=lld -o a.bin cnn.keras
nnimport -q --features type=lld cnn.keras >b.bin
same a.bin b.bin "the same bytes"
nnimport -q --features type=lld - <cnn.keras >b.bin
same a.bin b.bin "from standard input"
cat cnn.keras | nnimport -q --features type=lld - >b.bin
same a.bin b.bin "and from a pipe"
odd=$'an "odd"\nname ä.keras'
cp cnn.keras "$odd"
run 0 "a file with an odd name" nnimport -q --features type=lld -o b.bin "$odd"
same a.bin b.bin "which is in no model"
like "$(tsrdump a.bin)" "nnimport [0-9.]+ source=keras bytes=$(stat -c %s cnn.keras) xxh3=[0-9a-f]{16}" "the provenance"
fails 4 '' "a full disk" bash -c 'nnimport -q --features type=lld cnn.keras >/dev/full'
fails 2 'one file' "no file" nnimport
fails 2 'one file' "two files" nnimport cnn.keras rnn.keras
fails 3 'nowhere' "a file that is not there" nnimport nowhere.keras
fails 3 'directory' "a folder" nnimport .
: >empty
fails 3 'empty' "an empty file" nnimport empty
fails 3 'WAV' "a recording" nnimport x.wav
fails 3 'this is a (CSV|text) file; .keras' "a text" nnimport "$root/tests/lib.sh"
printf 'key\n' >old.bin
for bad in "nnimport --classes a,b -o old.bin mel.keras" "nnimport -o old.bin x.pt"; do $bad 2>/dev/null; done
is "$(cat old.bin)" key "what was there stays"

# Damage.
bad=
for n in 1 10 40 100 400 1000 2000 3000 4000; do
	head -c $n cnn.keras >cut.keras
	refused nnimport -q --features type=lld cut.keras || bad+=" keras:$n"
	head -c $((n * 9)) cnn.h5 >cut.h5
	refused nnimport -q --features type=lld cut.h5 || bad+=" h5:$n"
	[ $n -gt 2000 ] || head -c $n torch-cnn.safetensors >cut.safetensors
	refused nnimport -q "${torch[@]}" --net cnn.net cut.safetensors || bad+=" safetensors:$n"
done
is "$bad" '' "cut files"
bad=
for n in $(seq 1 7 150 | every 8); do
	flip cnn.keras $(($(stat -c %s cnn.keras) * n / 151)) $((n % 8)) x.keras
	nnimport -q --features type=lld -o x.bin x.keras 2>err
	case $? in 0) tsrdiff x.bin a.bin >/dev/null 2>&1 || bad+=" keras:$n" ;; 3) [ "$(wc -l <err)" = 1 ] || bad+=" keras:$n" ;; *) bad+=" keras:$n" ;; esac
	flip cnn.h5 $(($(stat -c %s cnn.h5) * n / 151)) $((n % 8)) x.h5
	nnimport -q --features type=lld -o x.bin x.h5 2>err
	case $? in 0 | 2) ;; 3) [ "$(wc -l <err)" = 1 ] || bad+=" h5:$n" ;; *) bad+=" h5:$n" ;; esac
done
is "$bad" '' "a flipped bit is noticed, or changes nothing but numbers where there are no checksums"

# Safetensors by hand: safe HEADER [BYTES]
safe() {
	{ perl -e 'print pack("Q<", length $ARGV[0]), $ARGV[0], "\0" x $ARGV[1]' "$1" "${2:-0}"; } >hand.safetensors
}
printf '%s\n' 'dense 2' softmax >dense.net
hand=(nnimport --features type=table --input 2 --classes 'a,b' --net dense.net hand.safetensors)
good='"fc.bias":{"dtype":"F32","shape":[2],"data_offsets":[16,24]}'
safe '{"fc.weight":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},'"$good}" 24
run 0 "a small file" "${hand[@]}"
while IFS='|' read -r header bytes re name; do
	safe "$header" "$bytes"
	fails 3 "^nnimport: hand.safetensors: .*$re" "$name" "${hand[@]}"
done <<END
{"fc.weight":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},$good}|20|fc.bias' ends 4 bytes behind|cut off
{"fc.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[0,16]},$good}|24|do not fit|a shape that does not fit
{"fc.weight":{"dtype":"F32","shape":[2,2],"data_offsets":[16,0]},$good}|24|data_offsets|offsets that go back
{"fc.weight":{"dtype":"F32","shape":[2,-2],"data_offsets":[0,16]},$good}|24|no size|a negative size
{"fc.weight":{"dtype":"F32","shape":[99999999,99999999],"data_offsets":[0,16]},$good}|24|too many|sizes that overflow
{"fc.weight":{"dtype":"I8","shape":[4,4],"data_offsets":[0,16]},$good}|24|no module|another type
{"fc.weight":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},$good,$good}|24|'fc.bias' appears twice|a name twice
{"fc.weight":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},$good}|24|no module|another rank
{"fc.weight":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"fc.weight_g":{"dtype":"F32","shape":[2],"data_offsets":[16,24]}}|24|'fc.weight_g' is no weight|a weight that nothing here has
{"fc.weight":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},$good,"x.bias":{"dtype":"F32","shape":[2],"data_offsets":[16,24]}}|24|no layer .*'x'|a module too many
{"fc.weight":{"dtype":"F32"|24|damaged JSON text at byte|no JSON
{"fc.weight":[]}|24|no dtype|no object
{}|0|no module|nothing in it
END
perl -e 'print pack("Q<", 1 << 40), "{}"' >hand.safetensors
fails 3 'its header would have 1099511627776 bytes' "a huge header" "${hand[@]}"
perl -e '$h = "{" . join("", map { "\"a\":{" } 1 .. 90) . "}" x 91; print pack("Q<", length $h), $h' >hand.safetensors
fails 3 'nested more than' "a deep header" "${hand[@]}"
perl -e '$h = q({"fc.weight":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"fc.bias":{"dtype":"F32","shape":[2],"data_offsets":[16,24]}});
	print pack("Q<", length $h), $h, pack("f<6", 1, 2, "nan", 4, 5, 6)' >hand.safetensors
fails 3 "'fc.weight' holds a value that is NaN" "NaN" "${hand[@]}"

# What Keras's layers may say that cannot be done here.
if ! find_python zipfile; then
	skip 'there is no Python with zipfile'
else
	# edit FILE FROM TO: x.keras is that one with another config.json.
	edit() {
		"$python" -c 'import sys, zipfile
name, old, new = sys.argv[1:]
with zipfile.ZipFile(name) as a, zipfile.ZipFile("x.keras", "w") as b:
    for n in a.namelist():
        text = a.read(n)
        if n == "config.json":
            assert old.encode() in text, old
            text = text.replace(old.encode(), new.encode())
        b.writestr(n, text)' "$@" 2>err
	}
	while IFS='|' read -r file old new re; do
		edit "$file.keras" "$old" "$new"
		fails 3 "^nnimport: x.keras: .*$re" "$re" nnimport -q --features type=lld x.keras
	done <<'END'
cnn|"class_name": "ELU"|"class_name": "LeakyReLU"|layer 'elu_7' \(LeakyReLU\): there is no such layer here
cnn|"activation": "sigmoid"|"activation": "swish"|layer 'dense_7' \(Dense\): activation="swish" cannot be done
cnn|"strides": [2], "padding": "valid", "data|"strides": [0], "padding": "valid", "data|layer 'max_pooling1d_7' \(MaxPooling1D\): strides=\[0\] cannot be done here
cnn|"pool_size": [2], "strides": [2], "padding": "valid"|"pool_size": [5], "strides": [5], "padding": "full"|\(MaxPooling1D\): padding="full" cannot be done here
pools2d|"strides": [2, 1], "padding": "same"|"strides": [2, -1], "padding": "same"|layer 'max_pooling2d_7' \(MaxPooling2D\): strides=\[2,-1\] cannot be done here
rnn|"class_name": "GRU"|"class_name": "Masking"|layer 'gru_7' \(Masking\): there is no such layer here
cnn|"padding": "valid", "data_format": "channels_last", "dilation|"padding": "causal", "data_format": "channels_last", "dilation|'conv1d_2_7' \(Conv1D\): padding="causal"
cnn|"groups": 1|"groups": 2|'conv1d_7' \(Conv1D\): groups=2 cannot be done
cnn|"channels_last"|"channels_first"|data_format="channels_first"
cnn|"axis": -1, "momentum"|"axis": 1, "momentum"|\(BatchNormalization\): axis=1
cnn|"filters": 4|"filters": 5|'layers/conv1d/vars/0' is of shape \(3,6,4\); 02.conv1d/kernel requires \(3,6,5\)
cnn|"units": 5|"units": -1|'dense_7' \(Dense\): units=-1
cnn|"use_bias": false|"use_bias": true|no 'layers/conv1d/vars/1' in it
cnn|"class_name": "Sequential"|"class_name" "Sequential"|config.json: damaged JSON text
cnn|"class_name": "Sequential"|"class_name": "x", "class_name": "Sequential"|'class_name' appears twice
cnn|"layers": [|"strata": [|it describes no layers
rnn|"recurrent_activation": "sigmoid"|"recurrent_activation": "hard_sigmoid"|recurrent_activation="hard_sigmoid"
rnn|"return_state": false|"return_state": true|return_state=true
rnn|"stateful": false|"stateful": true|stateful=true
rnn|"merge_mode": "concat"|"merge_mode": "sum"|'bidirectional_7' \(Bidirectional\): merge_mode="sum"
rnn|"reset_after": true|"reset_after": false|\(GRU\): reset_after=false
rnn|"layer": {"class_name": "Dense"|"layer": {"class_name": "Conv1D"|\(TimeDistributed\): a layer of class Conv1D
rnn|"go_backwards": false|"go_backwards": true|backwards
plane|"target_shape": [5, 4]|"target_shape": [4, 5]|\(Reshape\): target_shape=\[4,5\]
plane|{"class_name": "Reshape"|{"class_name": "Dense", "config": {"units": 2, "name": "wide"}}, {"class_name": "Reshape"|'wide' \(Dense\): of each cell of a plane it cannot be done here
plane|"strides": [1, 2]|"strides": [1, 0]|strides=\[1,0\]
chain|{"training": null}|{"training": true}|'normalization_7' \(Normalization\): it does not read the layer before it alone
chain|"layers": [|"output_layers": [["dense_7", 0, 0], ["softmax_7", 0, 0]], "layers": [|it has 2 outputs: only nets with one
rnn|{"class_name": "TimeDistributed"|{"class_name": "TimeDistributed", "config": {"layer": {"class_name": "Flatten"}}}, {"class_name": "TimeDistributed"|no 'layers/time_distributed_1/layer/vars/0' in it
chain|"keras_history": ["flatten_7", 0, 0]|"keras_history": ["in", 0, 0]|'dense_7' \(Dense\): it does not read the layer before it alone
END
	edit cnn.keras '"padding": "valid", "data_format": "channels_last", "name": "max' '"padding": "same", "data_format": "channels_last", "name": "max'
	agrees 'padding=same where windows are full' cnn a,b,c x.keras
	edit cnn.keras '"from_logits": false' '"from_logits": true'
	agrees 'a loss that takes logits, and a net with softmax' cnn a,b,c x.keras
	edit plane.keras '"activation": "sigmoid"' '"activation": "linear"'
	mv x.keras y.keras
	edit y.keras '"from_logits": false' '"from_logits": true'
	agrees 'a loss that takes the logit of one of two classes' plane no,yes x.keras
	edit rnn.keras SparseCategorical Binary
	like "$(nnimport -q --features type=lld x.keras | tsrdump -)" $'dense 3\n *sigmoid\n' 'logits that are to be compared one by one'
	edit cnn.keras '"use_bias": false' '"use_bias": false, "dropout": 0.5'
	run 0 "what matters in training alone is passed over" nnimport -q --features type=lld x.keras
	"$python" -c 'import zipfile
with zipfile.ZipFile("bomb.keras", "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr("config.json", "{}")
    with z.open("model.weights.h5", "w") as f:
        for i in range(520):
            f.write(bytes(1 << 20))'
	fails 3 'model.weights.h5 in it is larger than 512 MiB' "a file that unpacks to more than there could be" nnimport bomb.keras
	"$python" -c 'import zipfile
with zipfile.ZipFile("none.keras", "w") as z: z.writestr("config.json", "{}")
with zipfile.ZipFile("junk.keras", "w") as z: z.writestr("config.json", "{}"); z.writestr("model.weights.h5", "x" * 100)
with zipfile.ZipFile("cnn.keras") as a, zipfile.ZipFile("less.keras", "w") as b:
    for n in a.namelist(): b.writestr(n, a.read(n)[:-3000 if n[-1] == "5" else None])'
	fails 3 'there is no model.weights.h5 in it' "weights that are missing" nnimport none.keras
	fails 3 'HDF5' "weights that are none" nnimport junk.keras
	fails 3 'cut off HDF5' "weights that are cut off" nnimport less.keras
fi

# Ours come back as they were.
if command -v nnexport >/dev/null; then
	nnimport -q --features type=lld --classes a,b,c -o m.bin rnn.keras
	nnexport -o m.safetensors m.bin
	run 0 "a model that nnexport wrote" nnimport -o back.bin m.safetensors
	tsrdiff --atol 0 --rtol 0 m.bin back.bin >out 2>err
	ok $? "has the same weights"
	is "$(tsrdump back.bin | sed '/made by/,/weight/d')" "$(tsrdump m.bin | sed 's/^m.bin/back.bin/; /made by/,/weight/d')" "and says the same"
	fails 2 'says all but --classes itself' "and nothing is to be said" nnimport --features type=lld m.safetensors
	run 0 "but the classes may" nnimport --classes x,y,z -o back.bin m.safetensors
	like "$(tsrdump back.bin)" 'classes: x, y, z' "be called otherwise"
else
	skip 'nnexport is not here'
fi

# The real one, as its authors' notebook printed it.
if [ -e "$shared/data/keras/seed-crnn.keras" ]; then
	run 0 "the CRNN of a notebook" nnimport --classes anger,disgust,fear,happy,neutral,sad -o crnn.bin "$shared/data/keras/seed-crnn.keras"
	wavnorm "$shared/data/keras/TestAudioHappy.wav" | melspec | nnpredict crnn.bin >out 2>err
	is "$(awk 'NR == 2 { print $5, ($6 > .6087 && $6 < .6089) }' out)" 'happy 1' "is 60.88 % sure of happy"
else
	skip 'data/keras is not here'
fi
finish
