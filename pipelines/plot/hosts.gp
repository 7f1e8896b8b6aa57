# hosts.gp: the time of an experiment by the number of hosts, as hosts-model.awk has it.
#     gnuplot -e "input='hosts-model.tsv'; output='hosts-model.svg'" hosts.gp
# Dashed: as many times faster as there are hosts, and what no number of hosts can
# outdo. Rings: what was measured.
if (!exists("title")) title = "Time by number of hosts"
load ARG0[1:strlen(ARG0) - strlen("hosts.gp")] . "style.gp"
set datafile missing "-"
set datafile columnheaders

stats input using (column("hosts")) nooutput
first = STATS_min
last = max(STATS_max, 1.5 * first)
stats input using (column("seconds")) nooutput
top = STATS_max
bottom = STATS_min
floor_of(c) = sprintf("stats input using (column('%s')) nooutput", c)
eval floor_of("path")
path = STATS_max
eval floor_of("dispatcher")
dispatcher = STATS_max
eval floor_of("files")
files = STATS_max
stats input using (column("hosts") == first ? column("seconds") : NaN) nooutput
most = STATS_max * first
seen = 0
stats input using (seen = seen + (strcol("measured") ne "-" && strcol("measured") ne ""), 0) nooutput
low = max(path, max(dispatcher, files))

width = max(900, wide(title) + 40)
height = 460
eval page(80, width - 600, 50, 60, 24)
set logscale xy
set xlabel "hosts" offset 0, 0.3
set ylabel "time (s)" offset 1, 0
set xrange [first:last]
set yrange [0.5 * (low < bottom ? low : bottom):1.5 * top]
@grid
set key at screen 620 / real(width), screen 1 - 44 / real(height) left top reverse Left samplen 2.5 spacing 1.3
floors = ', path with lines dt (2, 3) lw 2 lc rgb hue(2) title "the critical path alone"'
if (dispatcher > 0) { floors = floors . ', dispatcher with lines dt (2, 3) lw 2 lc rgb hue(4) title "handing out jobs alone"' }
if (files > 0) { floors = floors . ', files with lines dt (2, 3) lw 2 lc rgb hue(5) title "reading files alone"' }
rings = seen ? ', input using "hosts":"measured" with points pt 6 ps 1.2 lw 2 lc rgb "black" title "measured"' : ""
eval 'plot input using "hosts":"seconds_low":"seconds_high" with filledcurves fc rgb "#c9d8ea" title "95 % interval", ' . \
	'input using "hosts":"seconds" with linespoints pt 7 ps 0.4 lw 2 lc rgb hue(1) title "predicted", ' . \
	'most / x with lines dt (6, 4) lw 1.5 lc rgb "#777777" title "as many times faster"' . floors . rings