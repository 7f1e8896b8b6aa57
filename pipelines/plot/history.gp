# history.gp: learning curves: loss and accuracy, epoch by epoch.
#     gnuplot -e "input='crnn.tsv'; output='crnn.svg'" history.gp
#     gnuplot -e "input='a.tsv b.tsv'; names='cnn1d lstm'; output='x.svg'; title='Fold 1'" history.gp
# input: one or several histories of nntrain with blanks between; each gets a
# colour. names: theirs, else those of the files. A ring marks the epoch with
# the lowest validation loss, whose weights nntrain keeps.
if (!exists("title")) title = "Learning curves"
set datafile separator tab
set datafile missing "-"
set datafile columnheaders
n = words(input)
base(path) = strstrt(path, "/") ? base(path[strstrt(path, "/") + 1:*]) : path
stem(file) = strlen(file) > 4 && file[strlen(file) - 3:*] eq ".tsv" ? file[1:strlen(file) - 4] : file
if (!exists("names")) { names = ""; do for [i = 1:n] { names = names . " " . stem(base(word(input, i))) } }

# How far the epochs go, which one was best, and whether there was validation.
last = 2
longest = 16
validated = 0
array best[n]
do for [i = 1:n] {
	best[i] = 0
	stats word(input, i) using (last = column("epoch") > last ? column("epoch") : last) nooutput
	stats word(input, i) using (best[i] = column("best") == 1 ? column("epoch") : best[i]) nooutput
	validated = validated || best[i] > 0
	longest = strlen(word(names, i)) > longest ? strlen(word(names, i)) : longest
}

keys = 60 + 8 * longest
width = 860 + keys
height = 400
set terminal svg size (width), (height) font "sans-serif,13" background "white" noenhanced
set output output
array colour[7] = ["#4477aa", "#ee6677", "#228833", "#aa3377", "#997700", "#33a0c0", "#777777"]
hue(i) = colour[(i - 1) % 7 + 1]
at_best(i, y) = column("epoch") == best[i] ? y : NaN
dashed = "with linespoints pt 7 ps 0.25 lw 1.5 dt (7, 5)"
solid = "with linespoints pt 7 ps 0.3 lw 2"
ring = "with points pt 6 ps 1.1 lw 2"
set multiplot
set label 1 title at screen 460 / real(width), screen 1 - 22 / real(height) center font ",16"
set tmargin at screen 1 - 48 / real(height)
set bmargin at screen 56 / real(height)
set xlabel "epoch" offset 0, 0.3
set xrange [1:last]
if (last <= 12) { set xtics 1 }
set grid lc rgb "#dddddd" lt 1
set border 3 lc rgb "#888888"
set tics nomirror scale 0.5 tc rgb "black"

set lmargin at screen 70 / real(width)
set rmargin at screen 420 / real(width)
set ylabel "loss" offset 1, 0
set yrange [0:*]
unset key
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
