#!/bin/bash
# net: that net(5) says what the code does, and what the parser refuses.
. "${0%/*}/lib.sh"
man=$root/man/net.5

# Every kind, its options and their defaults, as the manual has them.
"$BUILD/unit/netcheck" --kinds | sort >kinds
sed -En 's/^\.It Ic //; T; s/ (Oo|Op) Cm ([a-z_0-9]+)( Ns (=[^ ]+))?( Oc)?/ [\2\4]/g; s/ Ar / /g; p' "$man" |
	sort >described
is "$(cat described)" "$(cat kinds)" "the manual has every layer with its options and defaults"

# The manual's examples: build, and say in their comments what shapes come out.
awk '/^\.Sh EXAMPLES/ { here = 1 }
	/^\.Ed/ && here { file = "" }
	file != "" { print >file }
	/^\.Bd/ && here { file = "example" ++n }' "$man"
i=0
for name in cnn1d lstm crnn mlp plane residual; do
	i=$((i + 1))
	shape=108,128
	[ "$name" != mlp ] || shape=29
	run 0 "the manual's net $name builds" "$BUILD/unit/netcheck" example$i $shape 8
	grep -v / out | cut -d ' ' -f 2 >shapes
	sed -n 's/.*# //p' example$i >want
	paste -d ' ' <(sed 's/#.*//' example$i) shapes | awk '{ print $NF }' >got
	paste -d '|' example$i got | sed -n 's/.*# \(.*\)|\(.*\)/\2/p' >said
	is "$(cat said)" "$(cat want)" "and its shapes are those of the comments"
	[ "$name" = plane ] || [ "$name" = residual ] && continue
	is "$(sed 's/ *#.*//; /^$/d' example$i)" "$(sed 's/ *#.*//; /^$/d' "$root/pipelines/nets/$name.net")" \
		"it is pipelines/nets/$name.net"
done

# The weights of each layer with weights, as the manual gives them.
cat >weights.net <<-'NET'
	normalize
	conv2d 5 height=2 width=3
	batchnorm
	conv1d 7 width=4
	bilstm 3 output=sequence
	lstm 4 output=sequence
	bigru 2 output=sequence
	gru 6
	dense 9
NET
run 0 "weights are listed" "$BUILD/unit/netcheck" --initial weights.net 10,8 3
is "$(grep / out | cut -d ' ' -f 1,2)" "01.normalize/mean (8)
01.normalize/deviation (8)
02.conv2d/kernel (2,3,1,5)
02.conv2d/bias (5)
03.batchnorm/gamma (5)
03.batchnorm/beta (5)
03.batchnorm/mean (5)
03.batchnorm/variance (5)
04.conv1d/kernel (4,40,7)
04.conv1d/bias (7)
05.bilstm/forward_kernel (7,12)
05.bilstm/forward_recurrent (3,12)
05.bilstm/forward_bias (12)
05.bilstm/backward_kernel (7,12)
05.bilstm/backward_recurrent (3,12)
05.bilstm/backward_bias (12)
06.lstm/kernel (6,16)
06.lstm/recurrent (4,16)
06.lstm/bias (16)
07.bigru/forward_kernel (4,6)
07.bigru/forward_recurrent (2,6)
07.bigru/forward_bias (2,6)
07.bigru/backward_kernel (4,6)
07.bigru/backward_recurrent (2,6)
07.bigru/backward_bias (2,6)
08.gru/kernel (4,18)
08.gru/recurrent (6,18)
08.gru/bias (2,18)
09.dense/kernel (6,9)
09.dense/bias (9)" "with the names and shapes of the manual"
# Where every value is known at first, that value.
is "$(sed -En 's/ \([0-9,]*\)//; /(bias|mean|deviation|gamma|beta|variance) /p' out | grep -v 'lstm/' |
	sed 's/.*\///' | sort -u)" "backward_bias 0.000 0.000
beta 0.000 0.000
bias 0.000 0.000
deviation 1.000 1.000
forward_bias 0.000 0.000
gamma 1.000 1.000
mean 0.000 0.000
variance 1.000 1.000" "weights begin as the manual says"

# What may be written in several ways.
printf '\n  # a comment\nconv1d\t4   width=3#behind\r\n\nflatten\ndense units=classes' >same1
printf 'conv1d width=3 4\nflatten\ndense classes\n' >same2
"$BUILD/unit/netcheck" same1 7,2 3 >out1
run 0 "blanks, tabs, comments, order" "$BUILD/unit/netcheck" same2 7,2 3
same out out1 "all mean the same"
printf 'conv2d 2 3 3 stride=2 stride_width=3\nflatten\ndense 1\n' >strides
run 0 "strides of their own" "$BUILD/unit/netcheck" strides 7,10 3
like "$(cat out)" '01.conv2d \(4,4,2\)' "override the common one"

# refuse LINE REGEX SHAPE NET: one line on standard error that names net and line.
refuse() {
	printf "$4" >bad.net
	fails 3 "^netcheck: bad\.net: ${1:+line $1: }$2" "${4//\\n/; }" "$BUILD/unit/netcheck" bad.net "$3" 3
}
refuse '' 'no layers' 5 ''
refuse '' 'no layers' 5 '# nothing\n\n'
refuse 2 "'convld' is not a layer" 9,2 'dense 4\nconvld 3\n'
refuse 1 "'Dense' is not a layer" 5 'Dense 4'
refuse 1 "'bilsmt' is not a layer: did you mean bilstm?" 9,2 'bilsmt 4'
refuse 1 "'Conv1D' is not a layer: did you mean conv1d?" 9,2 'Conv1D 4'
refuse 1 "'attention' is not a layer .net.5. lists them." 9,2 'attention 4'
refuse 3 'dense: units is missing' 5 '\n\ndense'
refuse 1 "dense: units: 'x' is not a whole number" 5 'dense x'
refuse 1 "dense: units: '2.5' is not a whole number" 5 'dense 2.5'
refuse 1 "dense: units: '3x' is not a whole number" 5 'dense 3x'
refuse 1 "dense: units: '' is not a whole number" 5 'dense units='
refuse 1 "dense: units: 'nan' is not a whole number" 5 'dense nan'
refuse 1 'dense: units: 0 is not between 1 and' 5 'dense 0'
refuse 1 'dense: units: -3 is not between 1 and' 5 'dense -3'
refuse 1 "dense: 'unit' is not an option of it" 5 'dense unit=3'
refuse 1 "dense: '4' is not an option of it" 5 'dense 3 4'
refuse 1 "relu: '4' is not an option of it" 5 'relu 4'
refuse 1 'conv1d: width is given twice' 5,2 'conv1d 3 width=3 width=4'
refuse 1 'conv1d: filters is missing' 5,2 'conv1d width=3'
refuse 1 "conv1d: padding: 'half' is none of same, valid" 5,2 'conv1d 3 3 padding=half'
refuse 1 "lstm: output: 'all' is none of last, sequence" 5,2 'lstm 3 output=all'
refuse 1 "dropout: rate: '' is not a number" 5 'dropout rate='
refuse 1 'dropout: rate: 1 is not between 0 and 0.99' 5 'dropout 1'
refuse 1 "dropout: rate: 'inf' is not a number" 5 'dropout inf'
refuse 1 'too many words' 5 'a b c d e f g h i j k l m n o p q'
refuse 2 'longer than 1023 bytes' 5 "relu\\n$(printf '#%01100d' 0)"
refuse 257 'more than 256 layers' 5 "$(for ((i = 0; i < 257; i++)); do printf 'relu\\n'; done)"

# Shapes that do not fit.
for kind in 'conv1d 3 3' 'conv2d 3 3 3' 'lstm 3' 'bilstm 3' 'gru 3' 'bigru 3' maxpool1d maxpool2d avgpool1d avgpool2d \
	globalmaxpool globalavgpool globalstatspool 'attentionpool 4'; do
	refuse 2 "${kind%% *}: its input is of rank 1" 9,9 "flatten\\n$kind\\ndense 1"
	refuse 1 "${kind%% *}: its input is of rank 1" 9 "$kind\\ndense 1"
done
refuse 2 'dense: its input is of rank 3' 9,9 'conv2d 3 3 3\ndense 2'
refuse 2 'softmax: its input is of rank 2' 9,9 'dense 3\nsoftmax'
refuse 2 "the last layer's output is not of rank 1" 9,9 'relu\nconv1d 3 3\n'
refuse 1 'conv1d: a window of 10 does not fit into 9 values' 9,9 'conv1d 3 10 padding=valid\nflatten'
refuse 1 'conv1d: a window of 11 does not fit into 9 values' 9,9 'conv1d 3 3 dilation=5 padding=valid\nflatten'
refuse 1 'conv2d: a window of 4 does not fit into 3 values' 3,9 'conv2d 3 4 1 padding=valid\nflatten'
refuse 1 'conv2d: a window of 4 does not fit into 3 values' 9,3 'conv2d 3 1 4 padding=valid\nflatten'
refuse 2 'avgpool1d: 1 rows come in, fewer than 2' 3,9 'maxpool1d\navgpool1d\nflatten'
refuse 3 'maxpool1d: 1 rows come in, fewer than 2' 5,9 'maxpool1d\nmaxpool1d\nmaxpool1d\nflatten'
refuse 1 'avgpool2d: 9 rows of 3 come in, fewer than 1 of 4' 9,3 'avgpool2d 1 4\nflatten'
refuse 1 "maxpool1d: padding: 'half' is none of same, valid" 5,2 'maxpool1d 3 padding=half'
refuse 1 'maxpool1d: stride: 0 is not between 1 and' 5,2 'maxpool1d 3 stride=0'
refuse 1 "maxpool1d: 'stride_width' is not an option of it" 5,2 'maxpool1d 3 stride_width=2'
refuse 1 'maxpool1d: 4 rows come in, fewer than 5' 4,2 'maxpool1d 5 stride=2'
printf 'maxpool1d 5 stride=2 padding=same\nmaxpool2d 1 2 stride_height=3\navgpool2d 3 3 1 padding=same\nflatten\n' >pools
run 0 "pools that overlap" "$BUILD/unit/netcheck" pools 4,8 3
is "$(grep -v / out | head -n 3)" "01.maxpool1d (2,8)
02.maxpool2d (1,4,1)
03.avgpool2d (1,4,1)" "have a window for each stride"
refuse 1 'speakernorm: its input is of rank 2; 1 is required .a pool over time comes before.' 9,3 'speakernorm'
refuse 3 'speakernorm: line 1 has one, and a net has one at most' 9 'speakernorm\nrelu\nspeakernorm'
refuse 2 "save: line 1 has saved 'a' already" 9 'save a\nsave a\nadd a'
refuse 2 "add: no line before it has 'save b'" 9 'save a\nadd b'
refuse 2 "save: no line after it uses 'a'" 9 'relu\nsave a\nrelu'
refuse 3 "add: .9,4. comes in, 'a' of line 1 is .9,3.; they must be the same" 9,3 'save a\ndense 4\nadd a'
refuse 3 "concat: .4,4. comes in, 'a' of line 1 is .9,4.; all dimensions but the last must be the same" 9,4 \
	'save a\nmaxpool1d\nconcat a'
refuse 3 "concat: .4. comes in, 'a' of line 1 is .9,4.; all dimensions but the last must be the same" 9,4 \
	'save a\nglobalavgpool\nconcat a'
refuse 4 "multiply: .3. comes in, 'a' of line 1 is .9,4.; they must be the same, or one as many values" 9,4 \
	'save a\nglobalavgpool\ndense 3\nmultiply a'
refuse 2 'relu: nothing uses its output, as line 3 reads on from elsewhere .save keeps it.' 9 'save a\nrelu\nload a'
refuse 1 'save: name is missing' 9 'save'
refuse 4 "average: it is of softmaxes: 'save a' comes right after one" 9 'dense classes\nsave a\nsoftmax\naverage a'
refuse 5 'average: only another average may come after it' 9 'dense classes\nsoftmax\nsave a\nsoftmax\naverage a\nrelu'
refuse 1 'save: name: a word of 1 to 31 bytes is required' 9 "save $(printf 'a%.0s' {1..32})"
refuse 2 "input: no input 'row' is given .--beside row=STREAM gives it." 9 'relu\ninput row'
refuse 1 "input: no input 'row' is given" 9 'input row'
refuse 2 "input: 'main' has been read before" 9 'relu\ninput main'
printf 'input main\nnormalize\nsave a\nrelu\nadd a\n' >main.net
run 0 "the first input may be named" "$BUILD/unit/netcheck" main.net 9 3
like "$(cat out)" '05.add \(9\)' "and saved activations be read"
refuse 2 'normalize: it must be the first layer' 9,3 'relu\nnormalize\nflatten'
refuse 3 'dense: its kernel would be too large' 9,9 'flatten\ndense 1000000\ndense 1000000'
refuse 1 'conv2d: its input with the zeros around it would be too large' 2000,900 \
	'conv2d 1 1024 1024 dilation=1024\nglobalavgpool'
finish
