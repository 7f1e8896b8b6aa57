# time.gp: the probability of each class over the windows of a long recording.
#     gnuplot -e "input='p.tsv'; answers='a.tsv'; output='x.svg'; first=1.25; step=1" time.gp
# input: a header of class names, then a line a window with their probabilities.
# answers: a line for each window that was answered: its number, from 0, and the
# number of the class, from 1; these get a dot. first: the seconds at the middle of
# the first window; step: from one window to the next.
if (!exists("title")) title = "Emotion over time"
set datafile separator tab
stats input skip 1 using 0 nooutput
windows = int(STATS_records)
classes = int(STATS_columns)
array name[classes]
do for [c = 1:classes] { stats input every ::0::0 using (name[c] = strcol(c), 0) nooutput }
longest = 4
do for [c = 1:classes] { longest = strlen(name[c]) > longest ? strlen(name[c]) : longest }

left = 30 + 8 * longest
width = left + 760
height = 110 + 30 * classes
set terminal svg size (width), (height) font "sans-serif,13" background "white" noenhanced
set output output
set lmargin at screen left / real(width)
set rmargin at screen 1 - 124 / real(width)
set tmargin at screen 1 - 54 / real(height)
set bmargin at screen 56 / real(height)
set label 1 title at screen 0.5, screen 1 - 20 / real(height) center font ",16"
set label 2 "a dot: the answer" at screen 0.5, screen 1 - 42 / real(height) center tc rgb "#555555"
set xlabel "time (s): middle of the window" offset 0, 0.3
set cblabel "probability (%)" offset 1.5, 0
set border lc rgb "#888888"
set xrange [first - step / 2.0 : first + (windows - 0.5) * step]
set yrange [classes + 0.5 : 0.5]
set cbrange [0:100]
set xtics nomirror out scale 0.6 tc rgb "black"
set ytics nomirror scale 0 tc rgb "black"
set cbtics 20 tc rgb "black"
set ytics ()
do for [c = 1:classes] { set ytics add (name[c] c) }
unset key
set palette defined (0 "#f7fbff", 20 "#d2e3f3", 40 "#9dc8e2", 60 "#4d99ca", 80 "#1f6eb3", 100 "#08306b")
plot input skip 1 matrix using (first + $2 * step):($1 + 1):(100 * $3) with image, \
	answers using (first + $1 * step):2 with points pt 7 ps 0.5 lc rgb "#ffffff", \
	answers using (first + $1 * step):2 with points pt 7 ps 0.35 lc rgb "#d00000"
