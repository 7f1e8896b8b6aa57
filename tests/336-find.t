#!/bin/bash
# What is named without a path: a file, then the current folder, then the tree.
. "${0%/*}/lib.sh"

mkdir -p tree/pipelines/{nets,prep,rules,labels,models} work/folder.net
export SERTOOLS_DATADIR=$tmp/tree
cd work || exit 99
awk -v n=24 -v seed=1 -f "$data/clips.awk" | "$BUILD/unit/maketsr" x.tsr
classes=$(tsrdump --tsv x.tsr | cut -f 2 | sed 1d | sort -u | head -n 1)

# nets WHERE: a net that says whence it was taken.
net() { printf '# %s\nlstm 2\ndense classes\nsoftmax\n' "$1" >"$2"; }
came() { tsrdump --field net m.bin | sed -n '1s/# //p'; }
train() { nntrain -q -j1 --epochs 1 -o m.bin "$@" x.tsr; }

net tree ../tree/pipelines/nets/a.net
net other ../tree/pipelines/nets/folder.net
run 0 'a net of the tree' train --net a
is "$(came)" tree 'is found'
run 0 'with its ending' train --net a.net
is "$(came)" tree 'too'
tsrdump --field pg m.bin >pg
is "$(grep -c "tree\|$tmp\|a.net" pg)" 0 'and no name or path of it is in the provenance'
run 0 'a folder of that name' train --net folder
is "$(came)" other 'is passed over'
net here a.net
run 0 'the current folder' train --net a
is "$(came)" here 'comes first'
net file a
run 0 'a file of the very name' train --net a
is "$(came)" file 'before all'
run 0 'a path' train --net ../tree/pipelines/nets/a.net
is "$(came)" tree 'is that path'
fails 3 '^nntrain: ./b: No such file' 'and no name' train --net ./b
fails 3 "^nntrain: b: No such file, nor b.net, here or in $tmp/tree/pipelines/nets/.* \(sertools list nets names" \
	'a net that is nowhere' train --net b
fails 3 '^nntrain: b.net: No such file here or in ' 'with its ending' train --net b.net
fails 2 'empty' 'an empty name' train --net ''

# From where the program itself is, without the environment.
mkdir -p moved/bin moved/share/sertools/pipelines/nets build pipelines/nets
cp "$(command -v nntrain)" moved/bin
cp "$(command -v nntrain)" build
net installed moved/share/sertools/pipelines/nets/c.net
net source pipelines/nets/c.net
if [ -e /proc/self/exe ] && [ -z "${SER_VALGRIND-}" ]; then
	run 0 'the tree beside bin' env -u SERTOOLS_DATADIR moved/bin/nntrain -q -j1 --epochs 1 -o m.bin --net c x.tsr
	is "$(came)" installed 'is found, wherever it was moved to'
	run 0 'the tree about build' env -u SERTOOLS_DATADIR build/nntrain -q -j1 --epochs 1 -o m.bin --net c x.tsr
	is "$(came)" source 'as well'
	net set ../tree/pipelines/nets/c.net
	run 0 'SERTOOLS_DATADIR' build/nntrain -q -j1 --epochs 1 -o m.bin --net c x.tsr
	is "$(came)" set 'is before both'
else
	for _ in 1 2 3 4 5 6; do skip 'the program is not where it runs'; done
fi

# Every option that takes such files.
cp m.bin ../tree/pipelines/models/good.bin
run 0 'a model of the tree' nnpredict good x.tsr
cp out want
run 0 'with others' nnpredict --with good good x.tsr
run 0 'a model in the current folder' nnpredict m x.tsr
same out want 'is used'
fails 3 '^nnpredict: bad: No such file, nor bad.bin, here or in .*/models/ \(sertools list models' 'a model that is nowhere' \
	nnpredict bad x.tsr
fails 3 '^nnpredict: bad: No such file' 'and another' nnpredict --with bad good x.tsr
run 0 'nntrain --init' nntrain -q -j1 --epochs 1 --init good -o n.bin x.tsr
printf '%s\tShown\n' "$classes" >../tree/pipelines/labels/l.tsv
for tool in 'nnpredict --labels l good x.tsr' 'evalconf -q --labels l want' 'evalcmp -q --labels l --versus want want'; do
	run 0 "$tool" $tool
done
nnpredict --labels l good x.tsr >out
like "$(head -n 1 out)" 'p.Shown' 'names are shown as it says'
printf 'label L\n' >../tree/pipelines/prep/p.prep
printf 'L,x\nA,1\nB,2\n' >t.csv
run 0 'csvprep --recipe' csvprep --recipe p t.csv
printf 'voice=* -> $voice\n' >../tree/pipelines/rules/r.rules
run 0 'fuse --rules' fuse -q --rules r voice=want
fails 3 'fuse: s: No such file, nor s.rules' 'rules that are nowhere' fuse --rules s voice=want

# What is delivered goes by its name.
export SERTOOLS_DATADIR=$root
fails 3 "want: .*'HAP' is not among the labels that .*/cremad.rules declares" 'cremad.rules' fuse --rules cremad voice=want face=want
run 0 'fr.tsv' nnpredict -q --labels fr m x.tsr
finish
