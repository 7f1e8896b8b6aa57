#!/bin/bash
# wavnorm --like and melspec --like: what a model was trained on, setting by setting.
. "${0%/*}/lib.sh"

# Four recordings of 1.2 s of a tone that grows, of two classes and speakers.
for k in 1 2 3 4; do
	"$BUILD/unit/mkaudio" r$k.wav wav 16000 1 19200
	printf 'r%s.wav\tr%s\t%s\ts%s\n' $k $k $((k % 2)) $k
done >all.tsv
printf 'globalavgpool\ndense classes\nsoftmax\n' >tiny.net
train() { nntrain -q -j1 --epochs 1 --net tiny.net -o "$1"; }

# same_bytes WAVNORM MELSPEC NAME [ALIKE]: as the model made with these options, without
# them and with; ALIKE where provenance tells the same number in another way.
base=(--rate 8000 --seconds 0.5)
same_bytes() {
	local -a w m
	read -ra w <<<"$1"
	read -ra m <<<"$2"
	wavnorm -q "${base[@]}" "${w[@]}" --manifest all.tsv | melspec -q --fmax 3900 "${m[@]}" -o want.tsr &&
		train m.bin <want.tsr && wavnorm -j1 --like m.bin --manifest all.tsv 2>err | melspec -q -j2 --like m.bin >got.tsr
	if [ -z "${4-}" ]; then
		same got.tsr want.tsr "$3"
	else
		is "$(tsrdump --head got.tsr | grep -av ^pg)" "$(tsrdump --head want.tsr | grep -av ^pg)" "$3: the head"
		run 0 "$3: the records" tsrdiff --atol 0 --rtol 0 want.tsr got.tsr
	fi
	run 0 "$3: nnpredict takes it" nnpredict m.bin got.tsr
	wavnorm -q --like m.bin "${base[@]}" "${w[@]}" --manifest all.tsv |
		melspec -q --like m.bin --fmax 3900 "${m[@]}" >got.tsr 2>err
	run 0 "$3, said again" nnpredict m.bin got.tsr
}
same_bytes '' '' 'rate, length and upper edge'
same_bytes '--at centre' '' 'place'
same_bytes '--trim 12.5' '' 'trimming'
same_bytes '--peak -3' '' 'peak'
same_bytes '--rms -21.25' '' 'root mean square'
same_bytes '--rate 7999 --seconds 0.33333' '--fmax 3000' 'a length that is no whole number of samples' alike
same_bytes '' '--nfft 512 --window 300 --hop 77' 'frames'
same_bytes '' '--nfft 512' 'a window that follows the frame'
same_bytes '' '--center no --mels 17 --fmin 55.5' 'bands'
same_bytes '' '--formula htk --norm peak --power 1' 'kinds of bands'
same_bytes '' '--scale log --amin 1e-7' 'logarithm'
same_bytes '' '--scale power' 'power'
same_bytes '' '--ref 0.5 --top-db none' 'decibels'
same_bytes '' '--ref 1.0 --top-db 60.50 --amin 1e-9' 'numbers said in another way' alike
same_bytes '--rate 16000 --seconds 0.7 --at centre --trim 25 --peak -1' \
	'--nfft 1024 --window 800 --hop 200 --mels 40 --fmin 20 --fmax 7000 --norm peak --top-db 50' 'all at once'

# Training with variants changes nothing: they are made in training alone.
wavnorm -q "${base[@]}" --trim 20 --manifest all.tsv >w.tsr
melspec -q --fmax 3900 w.tsr >want.tsr
augment -q w.tsr | melspec -q --fmax 3900 | train x3.bin
wavnorm --like x3.bin --manifest all.tsv | melspec -q --like x3.bin >got.tsr
same got.tsr want.tsr 'a model of augmented records'
tsrdump --field pg x3.bin >pg
like "$(cat pg)" 'augment' 'which says so'

# Windows: their length is the model's, their step is not.
wavnorm -q --rate 8000 --trim 20 --window 0.5 --step 0.25 r1.wav r2.wav >want.tsr
for flags in '--step 0.25' '--window 0.5 --step 0.25'; do
	run 0 "windows, $flags" wavnorm --like x3.bin $flags r1.wav r2.wav
	same out want.tsr 'are of the length that the model knows'
done
fails 2 '--window 0.4 contradicts x3.bin, which was trained with --window 0.5$' 'another length' \
	wavnorm --like x3.bin --window 0.4 r1.wav

# What contradicts the model names both.
for flags in 'rate 16000 8000' 'seconds 0.6 0.5' 'at centre start' 'trim 30 20' 'peak -1 none' 'rms -20 none'; do
	read -r name value has <<<"$flags"
	fails 2 "^wavnorm: --$name $value contradicts x3.bin, which was trained with --$name $has$" "another $name" \
		wavnorm --like x3.bin "--$name" "$value" r1.wav
done
for flags in 'nfft 1024 2048' 'window 1000 2048' 'hop 256 512' 'center no yes' 'power 1 2' 'mels 64 128' 'fmin 20 0' \
	'fmax 3000 3900' 'formula htk slaney' 'norm peak area' 'scale log db' 'ref 1 max' 'amin 1e-09 1e-10' 'top-db 70 80'; do
	read -r name value has <<<"$flags"
	fails 2 "^melspec: --$name $value contradicts x3.bin, which was trained with --$name $has$" "another $name" \
		melspec --like x3.bin "--$name" "$value" w.tsr
done

# By name, and what is no such model.
mkdir -p tree/pipelines/models && mv x3.bin tree/pipelines/models/known.bin
SERTOOLS_DATADIR=$tmp/tree run 0 'a model by its name' wavnorm --like known r1.wav
SERTOOLS_DATADIR=$tmp/tree run 0 'in both' melspec --like known w.tsr
fails 3 'unknown: No such file, nor unknown.bin' 'one that is nowhere' melspec --like unknown w.tsr
fails 3 'w.tsr: .*wave.*model' 'a stream that is no model' melspec --like w.tsr w.tsr
printf 'label L\n' >t.prep
printf 'L,x\nA,1\nB,2\nA,2\n' >t.csv
printf 'dense classes\nsoftmax\n' >table.net
csvprep --recipe t.prep t.csv | nntrain -q -j1 --epochs 1 --net table.net -o table.bin
fails 3 'table.bin: trained on a table stream, not on features of sound' 'a model of tables' wavnorm --like table.bin r1.wav
printf 'H type=mel\nT f32 3,2 ramp key=a label=A\nT f32 3,2 ramp key=b label=B\nE\n' | "$BUILD/unit/maketsr" bare.tsr
train bare.bin <bare.tsr
fails 3 'bare.bin: the rate of the features it was trained on is missing' 'a model that does not know' \
	wavnorm --like bare.bin r1.wav
fails 3 'bare.bin: the nfft of the features it was trained on is missing' 'nor of the frames' melspec --like bare.bin w.tsr

# A mismatch says what to type.
wavnorm -q --rate 8000 --seconds 0.5 r1.wav | melspec -q --fmax 3900 >other.tsr
cp tree/pipelines/models/known.bin crnn.bin
fails 3 'other.tsr: the features have trim=none; crnn.bin was trained on trim=20; wavnorm --like crnn.bin \.\.\. \| melspec --like crnn.bin makes' \
	'features made otherwise' nnpredict crnn.bin other.tsr
wavnorm --like crnn.bin r1.wav | melspec --like crnn.bin | nnpredict crnn.bin >out 2>err
is "$(wc -l <out)" 2 'and that works'
finish
