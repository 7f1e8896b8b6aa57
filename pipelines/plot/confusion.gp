# confusion.gp: a confusion matrix as a heat map.
#     gnuplot -e "input='m.tsv'; output='m.svg'; title='crnn, x3'" confusion.gp
# input: what evalconf --confusion writes. Colour and the upper figure of a cell
# are the share of the true class in percent; the lower figure is the count.
if (!exists("title")) title = "Confusion matrix"
load ARG0[1:strlen(ARG0) - strlen("confusion.gp")] . "style.gp"

# The size, and the names: gnuplot gives them out one by one only.
stats input skip 1 using 0 nooutput
rows = int(STATS_records)
columns = int(STATS_columns) - 1
array answer[columns]
array truth[rows]
do for [c = 1:columns] { stats input every ::0::0 using (answer[c] = strcol(c + 1), 0) nooutput }
do for [r = 1:rows] { stats input skip 1 every ::(r - 1)::(r - 1) using (truth[r] = strcol(1), 0) nooutput }
longest = 4
do for [c = 1:columns] { longest = max(strlen(answer[c]), longest) }
do for [r = 1:rows] { longest = max(strlen(truth[r]), longest) }

# Square cells; room for the longest name on the left and, where names are wider
# than a cell and so stand slanted, below.
cell = 58
slanted = longest > 7
names = 8 * longest
width = 50 + names + cell * columns + 30
spare = max(0, max(330, wide(title)) - width)
width = width + spare
left = 50 + names + spare / 2
below = slanted ? 44 + 5.2 * longest : 66
height = 66 + cell * rows + below
note = "% of the true class, number of records below"
eval page(left, width - left - cell * columns, 66, below, 24)

set label 2 "true class" at screen (left - names - 26) / real(width), graph 0.5 center rotate
set label 4 "predicted class" at graph 0.5, screen 18 / real(height) center
set xrange [0.5:columns + 0.5]
set yrange [rows + 0.5:0.5]
set tics scale 0
unset colorbox
set border 31 lc rgb "#888888"
if (slanted) { set xtics rotate by 40 right }
set xtics ()
set ytics ()
do for [c = 1:columns] { set xtics add (tic(answer[c]) c) }
do for [r = 1:rows] { set ytics add (tic(truth[r]) r) }

@blues
set cbrange [0:100]
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
