# risk.gp: what refusing the least confident answers is worth.
#     gnuplot -e "input='curve.tsv'; output='risk.svg'" risk.gp
#     gnuplot -e "input='a.tsv b.tsv'; names='cnn1d crnn'; output='risk.svg'; target=0.3" risk.gp
# input: one or several curves of evalconf --risk-coverage with blanks between;
# each gets a colour. names: theirs, else those of the files. target: a risk,
# drawn as a line.
if (!exists("title")) title = "Risk where the least confident answers are refused"
load ARG0[1:strlen(ARG0) - strlen("risk.gp")] . "style.gp"
set datafile columnheaders

keys = 60 + 8 * max(10, longest_of(n))
width = max(560 + keys, wide(title) + 40)
height = 420
eval page(80, width - 540, 50, 60, 24)
set xlabel "coverage (%): records that are answered" offset 0, 0.3
set ylabel "risk (%): wrong ones among them" offset 1, 0
set xrange [0:100]
set yrange [0:1<*]
@grid
set key at screen 560 / real(width), screen 1 - 44 / real(height) left top reverse Left samplen 2.5 spacing 1.3
aim = ""
if (exists("target")) { aim = ', 100 * target with lines dt (6, 4) lw 1.5 lc rgb "#444444" title "target"' }
plot for [i = 1:n] word(input, i) using (100 * column("coverage")):(100 * column("risk")) with steps lw 2 lc rgb hue(i) \
	title word(names, i) @aim
