# risk.gp: what refusing the least confident answers is worth.
#     gnuplot -e "input='curve.tsv'; output='risk.svg'" risk.gp
#     gnuplot -e "input='a.tsv b.tsv'; names='cnn1d crnn'; output='risk.svg'; target=0.3" risk.gp
# input: one or several curves of evalconf --risk-coverage with blanks between;
# each gets a colour. names: theirs, else those of the files. target: a risk,
# drawn as a line.
if (!exists("title")) title = "Risk where the least confident answers are refused"
set datafile separator tab
set datafile columnheaders
n = words(input)
base(path) = strstrt(path, "/") ? base(path[strstrt(path, "/") + 1:*]) : path
stem(file) = strlen(file) > 4 && file[strlen(file) - 3:*] eq ".tsv" ? file[1:strlen(file) - 4] : file
if (!exists("names")) { names = ""; do for [i = 1:n] { names = names . " " . stem(base(word(input, i))) } }
longest = 10
do for [i = 1:n] { longest = strlen(word(names, i)) > longest ? strlen(word(names, i)) : longest }

least = 8.6 * strlen(title) + 40
keys = 60 + 8 * longest
width = 560 + keys > least ? 560 + keys : least
height = 420
set terminal svg size (width), (height) font "sans-serif,13" background "white" noenhanced
set output output
set lmargin at screen 80 / real(width)
set rmargin at screen 540 / real(width)
set tmargin at screen 1 - 50 / real(height)
set bmargin at screen 60 / real(height)
set label 1 title at screen 0.5, screen 1 - 24 / real(height) center font ",16"
set xlabel "coverage (%): records that are answered" offset 0, 0.3
set ylabel "risk (%): wrong ones among them" offset 1, 0
set xrange [0:100]
set yrange [0:1<*]
set border 3 lc rgb "#888888"
set tics nomirror scale 0.5 tc rgb "black"
set grid lc rgb "#dddddd" lt 1
set key at screen 560 / real(width), screen 1 - 44 / real(height) left top reverse Left samplen 2.5 spacing 1.3
array colour[7] = ["#4477aa", "#ee6677", "#228833", "#aa3377", "#997700", "#33a0c0", "#777777"]
hue(i) = colour[(i - 1) % 7 + 1]
aim = ""
if (exists("target")) { aim = ', 100 * target with lines dt (6, 4) lw 1.5 lc rgb "#444444" title "target"' }
plot for [i = 1:n] word(input, i) using (100 * column("coverage")):(100 * column("risk")) with steps lw 2 lc rgb hue(i) \
	title word(names, i) @aim
