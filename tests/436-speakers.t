#!/bin/bash
# speakers: validation of nets that standardise within a speaker, and statistics of speakers in models.
. "${0%/*}/lib.sh"
ln -s "$BUILD/unit" unit

# A net that gives the softmax of two standardised values, by what training left in it: means 1 and 2, variances 4 and 9.
{
	printf 'H\ttype=model\tformat=1\tnet=speakernorm epsilon=1e-12\tnet=dense classes\tnet=softmax\tclass=ANG\tclass=HAP\tinput=2'
	printf '\tfeature.type=table\nT\tf32\t2\t1,2\tkey=01.speakernorm/mean\nT\tf32\t2\t4,9\tkey=01.speakernorm/variance\n'
	printf 'T\tf32\t2,2\t1,0,0,1\tkey=02.dense/kernel\nT\tf32\t2\t0\tkey=02.dense/bias\nE\n'
} | unit/maketsr norm.bin
cat >rows <<'END'
T f32 2 3,1 key=a1 label=ANG group=a
T f32 2 5,4 key=a2 label=HAP group=a
T f32 2 -2,6 key=a3 label=HAP group=a
T f32 2 4,4 key=b1 label=ANG group=b
T f32 2 0,5 key=n1 label=HAP
END
{ echo 'H type=table'; cat rows; echo E; } | unit/maketsr valid.tsr
{ echo 'H type=table'; sed 's/key=/key=t/; s/group=/group=t/' rows; echo E; } | unit/maketsr train.tsr
# By hand: (n own + 2 running) / (n + 2) and (n own + 20 running) / (n + 20); without a group the running ones.
awk '{ split($4, v, ","); g = $0 ~ /group=/ ? $0 : ""; sub(/.*group=/, "", g)
	n++; x[n] = v[1]; y[n] = v[2]; group[n] = g; hap[n] = $0 ~ /HAP/ }
	function standard(z, at, mean, variance,   i, k, m, v) {
		for (i = 1; i <= n; i++) if (group[at] != "" && group[i] == group[at]) { k++; m += z[i] }
		if (k > 0) m /= k
		for (i = 1; i <= n; i++) if (group[at] != "" && group[i] == group[at]) v += (z[i] - m) ^ 2
		return (z[at] - (k * m + 2 * mean) / (k + 2)) / sqrt((v + 20 * variance) / (k + 20))
	}
	END { for (i = 1; i <= n; i++) {
		d = standard(x, i, 1, 4) - standard(y, i, 2, 9)
		loss += log(1 + exp(hap[i] ? d : -d)) / n }
		printf "%.6f\n", loss }' <(sed 's/T f32 2 /T f32 2 /' rows) >want
tune=(nntrain --init norm.bin --freeze speakernorm --epochs 1 --rate 1e-12 --valid valid.tsr --history h.tsv --allow-overlap)
run 0 "validation of a net with speakernorm" "${tune[@]}" -o m train.tsr
is "$(tail -n 1 h.tsv | cut -f 4)" "$(cat want)" "has all validation records of each speaker"
"${tune[@]}" --batch 2 -j2 -o m train.tsr
is "$(tail -n 1 h.tsv | cut -f 4)" "$(cat want)" "however many at once"

# In training, clips of two groups a batch; the same bytes whatever -j is.
awk -v n=48 -v seed=1 -f "$data/clips.awk" | unit/maketsr clips.tsr
awk -v n=18 -v seed=2 -v prefix=v -v groups=x,y,z -f "$data/clips.awk" | unit/maketsr clips2.tsr
printf '%s\n' 'conv1d 6 width=3' relu globalavgpool speakernorm 'dense classes' softmax >norm.net
fit=(nntrain --net norm.net --batch-groups 2x8 --rate 0.02 --epochs 20 --valid clips2.tsr --history h.tsv)
run 0 "training with speakernorm" "${fit[@]}" -j1 --checkpoint c.bin -o one.bin clips.tsr
is "$(awk -F '\t' 'END { print ($5 > 0.9) }' h.tsv)" 1 "learns"
"${fit[@]}" -j4 -o m clips.tsr
same one.bin m "1 thread equals 4"
"${fit[@]}" --resume c.bin -o m clips.tsr
same one.bin m "a resumed one gives the same bytes"

# Statistics of cmvn are kept in the model.
{ echo 'H type=table column=a column=b'; grep group rows; echo E; } | unit/maketsr table.tsr
cmvn -q --fit t.stats -o z.tsr table.tsr
printf '%s\n' 'dense classes' softmax >rows.net
run 0 "--stats" nntrain --net rows.net --epochs 1 --stats t.stats --checkpoint c.bin -o m z.tsr
is "$(tsrdump --tsv --columns key m | grep -c '^cmvn/')" 2 "keeps what cmvn found of all speakers"
run 0 "from which cmvn takes it" cmvn --like m -o like.tsr table.tsr
cmvn --like t.stats -o fit.tsr table.tsr
is "$(tsrdump --data like.tsr)" "$(tsrdump --data fit.tsr)" "with the same result"
nntrain --net rows.net --epochs 1 --stats t.stats --resume c.bin -o again z.tsr
same m again "a resumed one gives the same bytes"
fails 3 "t.stats: .*not standardised by cmvn" "features as they were" \
	nntrain --net rows.net --stats t.stats -o m table.tsr
fails 3 "z.tsr: " "no statistics" nntrain --net rows.net --stats z.tsr -o m z.tsr
fails 3 "nowhere: No such file" "a missing file" nntrain --net rows.net --stats nowhere -o m z.tsr
finish
