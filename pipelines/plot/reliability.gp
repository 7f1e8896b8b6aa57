# reliability.gp: whether confidence means what it says: accuracy by confidence.
#     gnuplot -e "input='reliability.tsv'; output='reliability.svg'; title='crnn'" reliability.gp
# input: what evalconf --reliability writes. A bar is a bin's accuracy, a point
# its mean confidence and accuracy: on the diagonal where the two are equal.
# Below, how many records each bin has.
if (!exists("title")) title = "Reliability"
load ARG0[1:strlen(ARG0) - strlen("reliability.gp")] . "style.gp"
set datafile missing "-"

error = 0.0
all = 0.0
most = 0.0
stats input skip 1 using (most = max(column(3), most), all = all + column(3)) nooutput
stats input skip 1 using (column(3) > 0 ? (error = error + column(3) * abs(column(5) - column(4))) : 0) nooutput
note = all > 0 ? sprintf("expected calibration error %.1f %% of %d records", 100 * error / all, all) : "no records"

width = max(520, wide(title) + 40)
height = 620
left = (width - 520) / 2 + 80
eval page(left, width - left - 410, 70, height - 440, 26)
set multiplot
@grid
set xrange [0:100]
set xtics 20

set format x ""
set yrange [0:100]
set ytics 20
set ylabel "accuracy (%)" offset 1, 0
set key at graph 0.02, 0.98 left top reverse Left samplen 2 spacing 1.3
plot input skip 1 using (50 * (column(1) + column(2))):(100 * column(5)):(100 * column(1) + 0.3):(100 * column(2) - 0.3):(0):(100 * column(5)) \
		with boxxyerror lc rgb "#9dc8e2" notitle, \
	x with lines dt (6, 4) lw 1.5 lc rgb "#444444" title "as confident as right", \
	input skip 1 using (100 * column(4)):(100 * column(5)) with linespoints pt 7 ps 0.5 lw 2 lc rgb "#4477aa" \
		title "bins"

unset label
unset key
set tmargin at screen 1 - 460 / real(height)
set bmargin at screen 62 / real(height)
set format x "%g"
set xlabel "confidence (%): probability of the answer" offset 0, 0.3
set yrange [0:(most > 0 ? most * 1.05 : 1)]
set ytics autofreq
set ylabel "records" offset 1, 0
plot input skip 1 using (50 * (column(1) + column(2))):(column(3)):(95 * (column(2) - column(1))) with boxes lc rgb "#888888"
unset multiplot
