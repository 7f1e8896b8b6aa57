# history.gp: learning curves: loss and accuracy, epoch by epoch.
#     gnuplot -e "input='crnn.tsv'; output='crnn.svg'" history.gp
#     gnuplot -e "input='a.tsv b.tsv'; names='cnn1d lstm'; output='x.svg'; title='Fold 1'" history.gp
# input: one or several histories of nntrain with blanks between; each gets a
# colour. names: theirs, else those of the files. A ring marks the epoch with
# the lowest validation loss, whose weights nntrain keeps.
if (!exists("title")) title = "Learning curves"
load ARG0[1:strlen(ARG0) - strlen("history.gp")] . "style.gp"
set datafile missing "-"
set datafile columnheaders

# How far the epochs go, which one was best, and whether there was validation.
last = 2
validated = 0
array best[n]
do for [i = 1:n] {
	best[i] = 0
	stats word(input, i) using (last = max(column("epoch"), last)) nooutput
	stats word(input, i) using (best[i] = column("best") == 1 ? column("epoch") : best[i]) nooutput
	validated = validated || best[i] > 0
}

keys = 60 + 8 * max(16, longest_of(n))
width = 860 + keys
height = 400
eval page(70, width - 420, 48, 56, 22)
at_best(i, y) = column("epoch") == best[i] ? y : NaN
dashed = "with linespoints pt 7 ps 0.25 lw 1.5 dt (7, 5)"
solid = "with linespoints pt 7 ps 0.3 lw 2"
ring = "with points pt 6 ps 1.1 lw 2"
set multiplot
set label 1 at screen 460 / real(width), screen 1 - 22 / real(height)
set xlabel "epoch" offset 0, 0.3
set xrange [1:last]
if (last <= 12) { set xtics 1 }
@grid

set ylabel "loss" offset 1, 0
set yrange [0:*]
held = ""
if (validated) { held = ', for [i = 1:n] word(input, i) using "epoch":"val_loss" @solid lc rgb hue(i)' . \
	', for [i = 1:n] word(input, i) using "epoch":(at_best(i, column("val_loss"))) @ring lc rgb hue(i)' }
plot for [i = 1:n] word(input, i) using "epoch":"loss" @dashed lc rgb hue(i) @held

unset label 1
set lmargin at screen 500 / real(width)
set rmargin at screen 850 / real(width)
set ylabel "accuracy (%)" offset 1, 0
set yrange [0:100]
set key at screen 870 / real(width), screen 1 - 40 / real(height) left top reverse Left samplen 2.5 spacing 1.3
if (validated) { held = \
	', for [i = 1:n] word(input, i) using "epoch":(100 * column("val_accuracy")) @solid lc rgb hue(i) notitle' . \
	', for [i = 1:n] word(input, i) using "epoch":(at_best(i, 100 * column("val_accuracy"))) @ring lc rgb hue(i) notitle' . \
	', NaN @solid lc rgb "#444444" title "validation", NaN @ring lc rgb "#444444" title "best epoch"' }
plot for [i = 1:n] NaN with lines lw 4 lc rgb hue(i) title word(names, i), \
	for [i = 1:n] word(input, i) using "epoch":(100 * column("accuracy")) @dashed lc rgb hue(i) notitle, \
	NaN @dashed lc rgb "#444444" title "training" @held
unset multiplot
