# time.gp: the probability of each class over the windows of a long recording.
#     gnuplot -e "input='p.tsv'; answers='a.tsv'; output='x.svg'; first=1.25; step=1" time.gp
# input: a header of class names, then a line a window with their probabilities.
# answers: a line for each window that was answered: its number, from 0, and the
# number of the class, from 1; these get a dot. first: the seconds at the middle of
# the first window; step: from one window to the next. end: seconds; nothing is drawn
# beyond.
if (!exists("title")) title = "Emotion over time"
load ARG0[1:strlen(ARG0) - strlen("time.gp")] . "style.gp"
stats input skip 1 using 0 nooutput
windows = int(STATS_records)
classes = int(STATS_columns)
array name[classes]
do for [c = 1:classes] { stats input every ::0::0 using (name[c] = strcol(c), 0) nooutput }
longest = 4
do for [c = 1:classes] { longest = max(strlen(name[c]), longest) }

left = 30 + 8 * longest
width = left + 760
height = 110 + 30 * classes
note = "a dot: the answer"
eval page(left, 124, 54, 56, 18)
set xlabel "time (s): middle of the window" offset 0, 0.3
set cblabel "probability (%)" offset 1.5, 0
set border 31 lc rgb "#888888"
stop = first + (windows - 0.5) * step
if (exists("end") && end < stop) { stop = end }
set xrange [first - step / 2.0 : stop]
set yrange [classes + 0.5 : 0.5]
set cbrange [0:100]
set xtics out scale 0.6
set ytics scale 0
set cbtics 20 mirror scale 1
set ytics ()
do for [c = 1:classes] { set ytics add (tic(name[c]) c) }
@blues
# An image would have the last window as wide as the others, and needs two of them at least.
from = first + (windows - 1.5) * step
image = windows > 2 ? "input skip 1 matrix every :::::(windows - 2) using (first + $2 * step):($1 + 1):(100 * $3) with image, " : \
	"for [c = 1:classes] input skip 1 every ::0::(windows - 2) " . \
	"using (first):(c):(from - step):(from):(c - 0.5):(c + 0.5):(100 * column(c)) with boxxyerror fc palette, "
eval "plot " . image . "for [c = 1:classes] input skip 1 every ::(windows - 1) " . \
	"using (stop):(c):(from):(stop):(c - 0.5):(c + 0.5):(100 * column(c)) with boxxyerror fc palette, " . \
	"answers using (first + $1 * step):2 with points pt 7 ps 0.5 lc rgb '#ffffff', " . \
	"answers using (first + $1 * step):2 with points pt 7 ps 0.35 lc rgb '#d00000'"
