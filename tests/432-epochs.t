#!/bin/bash
# epochs: which records are in which batches.
. "${0%/*}/lib.sh"
units epoch
ln -s "$BUILD/unit" unit
awk -v n=36 -v seed=1 -v variants=2 -f "$data/clips.awk" | unit/maketsr train.tsr
awk -v n=18 -v seed=2 -v prefix=v -v groups=x,y,z -f "$data/clips.awk" | unit/maketsr valid.tsr
printf 'flatten\ndense 4\nbatchnorm\ndense classes\nsoftmax\n' >small.net
fit=(nntrain --net small.net --rate 0.02 --epochs 6 --valid valid.tsr)

run 0 "--batch-groups" "${fit[@]}" -j1 --batch-groups 2x6 --checkpoint c.bin -o whole.bin train.tsr
"${fit[@]}" -j4 --batch-groups 2x6 -o m train.tsr
same whole.bin m "1 thread equals 4"
"${fit[@]}" --batch-groups 2x6 --resume c.bin -o m train.tsr
same whole.bin m "a resumed one gives the same bytes"
fails 3 "made with .*batch-groups=2x6, this training has .*batch-groups=3x6" "others" \
	"${fit[@]}" --batch-groups 3x6 --resume c.bin -o m train.tsr
run 0 "--variants random" "${fit[@]}" --variants random --batch 12 -o random.bin train.tsr
like "$(tsrdump --field pg random.bin)" "variants=random.* train=108 " "in the provenance too"
run 0 "both" "${fit[@]}" --variants random --batch-groups 2x6 -o both.bin train.tsr
# Neither the order of the records nor -j changes anything.
{ tsrpick --group d,e,f train.tsr && tsrpick --group a,b,c train.tsr; } >turned.tsr
for option in "--variants random" "--variants random --batch-groups 2x6"; do
	# shellcheck disable=SC2086
	for order in train turned; do "${fit[@]}" $option -o $order.bin $order.tsr; done
	run 0 "$option: in whatever order the records come" tsrdiff train.bin turned.bin
done
for bad in 2 2x 2x1 0x4 2x16x3 -2x4 2x99999 x " 2x4"; do
	fails 2 "--batch-groups: '$bad' is not groups x records" "--batch-groups '$bad'" "${fit[@]}" --batch-groups "$bad" -o m train.tsr
done
run 0 "more groups a batch than there are" "${fit[@]}" --batch-groups 16x100 -o most.bin train.tsr
run 0 "that is one batch" "${fit[@]}" --batch-groups 99x100 -o m train.tsr
run 0 "of the same records" tsrdiff most.bin m
fails 2 "exclude each other" "two sizes of batches" "${fit[@]}" --batch-groups 2x6 --batch 8 -o m train.tsr
awk -v n=24 -v seed=1 -v groups=- -f "$data/clips.awk" | unit/maketsr bare.tsr
fails 3 "bare.tsr: record 1 \(0\): it has no group, which --batch-groups requires" "records without groups" \
	nntrain --net small.net --batch-groups 2x6 -o m bare.tsr
finish
