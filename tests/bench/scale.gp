# scale.gp: time and memory against the size of the work, each as a multiple of its first.
#     gnuplot -e "plots='pipelines/plot'; input='lines.tsv'; output='x.svg'" scale.gp
# input: of exponents.awk, a block for each line: name, size, time (- where it was too short), memory.
title = "Time and memory against the size of the work"
load plots . "/style.gp"
set datafile missing "-"
stats input using 2 nooutput
lines = int(STATS_blocks)
big = 3 * STATS_max
width = 1180
height = 560
note = "multiples of what the smallest size takes; dashed: linear"
eval page(60, 700, 76, 60, 20)
set logscale xy
set format "%g"
@grid
set xlabel "times the work" offset 0, 0.3
set xrange [0.7 : big]
set yrange [0.3 : 2 * big]
set multiplot
set label 12 "time" at screen 0.23, screen 0.885 center
plot x with lines dt 2 lc rgb "#888888", \
	for [i = 0:lines - 1] input index i using 2:3 with linespoints pt 5 + 2 * (i / 7) ps 0.5 lc rgb hue(i + 1)
unset label 1
unset label 3
set label 12 "memory" at screen 0.585, screen 0.885 center
set lmargin at screen 0.455
set rmargin at screen 0.715
set key at screen 0.985, screen 0.86 right top Left reverse samplen 1.5
plot x with lines dt 2 lc rgb "#888888" notitle, \
	for [i = 0:lines - 1] input index i using 2:4 with linespoints pt 5 + 2 * (i / 7) ps 0.5 lc rgb hue(i + 1) \
	title system(sprintf("awk -F '\\t' 'NF { if (!on) { on = 1; if (++k == %d) print $1 } } !NF { on = 0 }' '%s'", i + 1, input))
unset multiplot
