# bars.gp: how many times this version's time others take.
#     gnuplot -e "plots='pipelines/plot'; input='bars.tsv'; output='x.svg'" bars.gp
# input: work, the ratio of the version before, that of the best peer; - where there is none.
title = "Times of others, this version's being 1"
load plots . "/style.gp"
set datafile missing "-"
stats input using 0 nooutput
rows = int(STATS_records)
longest = 10
do for [r = 0:rows - 1] { stats input every ::r::r using (label = strcol(1), 0) nooutput; longest = max(strlen(label), longest) }
top = 2
low = 0.5
stats input using ($2 > top ? top = $2 : $2 < low ? low = $2 : 0) nooutput
stats input using ($3 > top ? top = $3 : $3 < low ? low = $3 : 0) nooutput
left = 20 + 7 * longest
width = left + 520
height = 120 + 26 * rows
note = "longer bars: this version is faster"
eval page(left, 60, 60, 50, 20)
set logscale x 2
low = 0.9 * low
set xrange [low : top * 1.3]
set yrange [rows - 0.5 : -0.5]
set xlabel "ratio" offset 0, 0.3
set xtics out scale 0.6
set ytics scale 0
@grid
set grid noytics
set arrow 1 from 1, graph 0 to 1, graph 1 nohead lc rgb "#444444" front
set label 11 "best peer" at screen 0.98, screen 1 - 24.0 / height right tc rgb hue(1)
set label 12 "before" at screen 0.98, screen 1 - 42.0 / height right tc rgb hue(5)
plot input using (low):0:(low):3:($0 - 0.36):($0 - 0.02):ytic(1) with boxxyerror fc rgb hue(1), \
	input using (low):0:(low):2:($0 + 0.02):($0 + 0.36) with boxxyerror fc rgb hue(5), \
	input using ($3 * 1.03):($0 - 0.19):(sprintf("%.2f", $3)) with labels left font ",10", \
	input using ($2 * 1.03):($0 + 0.19):(sprintf("%.2f", $2)) with labels left font ",10"
