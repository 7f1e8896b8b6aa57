# search.gp: what a search found at each rung: a line for each setting, of its UARs on inner folds.
#     gnuplot -e "input='rungs.tsv'; output='search.svg'" search.gp
# input: a table with a header, a line a rung: its epochs, then the UAR of each setting as a share from 0 to 1, "-" where it
# was dropped. The first setting, against which the others are chosen, is drawn apart.
if (!exists("title")) title = "UAR on inner folds, setting by setting"
if (!exists("note")) note = "mean of the folds that have not dropped it"
load ARG0[1:strlen(ARG0) - strlen("search.gp")] . "style.gp"
set datafile missing "-"
set datafile columnheaders
stats input using (last = column(0) + 1) nooutput
width = 720
height = 440
eval page(70, 30, 96, 62, 26)
set xlabel "epochs"
set ylabel "UAR (%): mean of the classes' recalls" offset 1, 0
set xrange [0.5:last + 0.5]
@grid
set key at graph 1, screen 1 - 70 / real(height) right center horizontal samplen 2
lines = "with linespoints pt 7"
plot for [c = 3:int(STATS_columns)] input using ($0 + 1):(100 * column(c)):xtic(1) @lines ps 0.5 lw 1.2 lc rgb "#b0b0b0" notitle, \
	NaN with lines lw 1.2 lc rgb "#b0b0b0" title "settings that were drawn", \
	input using ($0 + 1):(100 * column(2)):xtic(1) @lines ps 0.8 lw 2.5 lc rgb "#4477aa" title "the recipe as it is"
