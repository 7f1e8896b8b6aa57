# confusion.gp: a confusion matrix as a heat map.
#     gnuplot -e "input='m.tsv'; output='m.svg'; title='crnn, x3'" confusion.gp
# input: what evalconf --confusion writes. Colour and the upper figure of a cell
# are the share of the true class in percent; the lower figure is the count.
if (!exists("title")) title = "Confusion matrix"
set datafile separator tab

# The size, and the names: gnuplot gives them out one by one only.
stats input skip 1 using 0 nooutput
rows = int(STATS_records)
columns = int(STATS_columns) - 1
array answer[columns]
array truth[rows]
do for [c = 1:columns] { stats input every ::0::0 using (answer[c] = strcol(c + 1), 0) nooutput }
do for [r = 1:rows] { stats input skip 1 every ::(r - 1)::(r - 1) using (truth[r] = strcol(1), 0) nooutput }
longest = 4
do for [c = 1:columns] { longest = strlen(answer[c]) > longest ? strlen(answer[c]) : longest }
do for [r = 1:rows] { longest = strlen(truth[r]) > longest ? strlen(truth[r]) : longest }

# Square cells; room for the longest name on the left and, where names are wider
# than a cell and so stand slanted, below.
cell = 58
slanted = longest > 7
names = 8 * longest
least = 8.6 * strlen(title) > 330 ? 8.6 * strlen(title) : 330
width = 50 + names + cell * columns + 30
spare = width < least ? least - width : 0
width = width + spare
left = 50 + names + spare / 2
below = slanted ? 44 + 5.2 * longest : 66
height = 66 + cell * rows + below
set terminal svg size (width), (height) font "sans-serif,13" background "white" noenhanced
set output output
set lmargin at screen left / real(width)
set rmargin at screen (left + cell * columns) / real(width)
set tmargin at screen 1 - 66 / real(height)
set bmargin at screen below / real(height)

set label 1 title at screen 0.5, screen 1 - 22 / real(height) center font ",16"
set label 2 "% of the true class, number of records below" at screen 0.5, screen 1 - 48 / real(height) center \
	tc rgb "#555555"
set label 3 "true class" at screen (left - names - 26) / real(width), graph 0.5 center rotate
set label 4 "predicted class" at graph 0.5, screen 18 / real(height) center
set xrange [0.5:columns + 0.5]
set yrange [rows + 0.5:0.5]
set xtics scale 0 nomirror tc rgb "black"
set ytics scale 0 nomirror tc rgb "black"
unset key
unset colorbox
set border lc rgb "#888888"
if (slanted) { set xtics rotate by 40 right }
set xtics ()
set ytics ()
do for [c = 1:columns] { set xtics add (answer[c] c) }
do for [r = 1:rows] { set ytics add (truth[r] r) }

set palette defined (0 "#f7fbff", 20 "#d2e3f3", 40 "#9dc8e2", 60 "#4d99ca", 80 "#1f6eb3", 100 "#08306b")
set cbrange [0:100]
set style fill solid noborder
total(n) = (sum [c = 1:columns] column(c + 1))
share(k) = total(0) > 0 ? 100 * column(k + 1) / total(0) : 0
ink(k) = share(k) > 52 ? 0xffffff : 0x222222
row(n) = column(0) + 1
plot for [k = 1:columns] input skip 1 \
		using (k):(row(0)):(k - 0.5):(k + 0.5):(row(0) - 0.5):(row(0) + 0.5):(share(k)) with boxxyerror fc palette, \
	for [k = 1:columns] input skip 1 using (k):(row(0) - 0.14):(sprintf("%.0f %%", share(k))):(ink(k)) \
		with labels font ",14" tc rgb variable, \
	for [k = 1:columns] input skip 1 using (k):(row(0) + 0.22):(sprintf("%d", column(k + 1))):(ink(k)) \
		with labels font ",11" tc rgb variable
