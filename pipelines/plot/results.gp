# results.gp: what each configuration reached, as bars with intervals.
#     gnuplot -e "input='table.tsv'; output='results.svg'; chance=0.125" results.gp
# input: a table with a header, a line a configuration: columns net (names: others)
# and, where there is one, training (by: another) name it; uar, uar_low and uar_high are shares from 0 to
# 1, "-" where unknown. value, low, high: other columns instead. what: the axis'
# title; note: the line below the title; chance: drawn as a line. Bars of the
# same training have one colour, which a legend names where there are several.
if (!exists("title")) title = "UAR on speakers not heard in training"
if (!exists("what")) what = "UAR (%): mean of the classes' recalls"
if (!exists("note")) note = "with 95 % intervals, from resampling speakers"
if (!exists("names")) names = "net"
if (!exists("by")) by = "training"
if (!exists("value")) value = "uar"
if (!exists("low")) low = value . "_low"
if (!exists("high")) high = value . "_high"
load ARG0[1:strlen(ARG0) - strlen("results.gp")] . "style.gp"
set datafile missing "-"

# Which columns there are, and the names of the bars.
stats input skip 1 using 0 nooutput
rows = int(STATS_records)
header = "\t"
do for [i = 1:int(STATS_columns)] { stats input every ::0::0 using (header = header . strcol(i) . "\t", 0) nooutput }
has(name) = strstrt(header, "\t" . name . "\t") > 0
grouped = has(by)
array name[rows]
array group[rows]
array hue[rows]
set datafile columnheaders
do for [r = 1:rows] {
	name[r] = ""
	do for [k = 1:words(names)] {
		stats input every ::(r - 1)::(r - 1) using (name[r] = name[r] . (k > 1 ? " " : "") . strcol(word(names, k)), 0) nooutput
	}
	stats input every ::(r - 1)::(r - 1) using (group[r] = grouped ? strcol(by) : "", 0) nooutput
}
array legend[rows]
groups = 0
longest = 4
do for [r = 1:rows] {
	hue[r] = 0
	do for [k = 1:r - 1] { if (group[k] eq group[r]) { hue[r] = hue[k] } }
	if (hue[r] == 0) { groups = groups + 1; hue[r] = groups; legend[groups] = group[r] }
	if (grouped) { name[r] = name[r] . ", " . group[r] }
	longest = max(strlen(name[r]), longest)
}

left = 30 + 8 * longest
width = max(left + 580, wide(title) + 40)
below = groups > 1 ? 92 : 62
height = 84 + 40 * rows + below
eval page(left, 60, 84, below, 26)
set xlabel what
set xrange [0:100]
set yrange [rows + 0.5:0.5]
set grid xtics lc rgb "#dddddd" lt 1
set xtics 10
set ytics scale 0
set ytics ()
do for [r = 1:rows] { set ytics add (tic(name[r]) r) }
if (exists("chance")) {
	set arrow 1 from first 100 * chance, graph 0 to first 100 * chance, graph 1 nohead dt (6, 4) lw 1.5 lc rgb "#444444" front
	set label 2 "chance" at first 100 * chance, graph 1 center offset 0, 0.6 tc rgb "#444444" font ",11"
}
array tints[6] = [0x4477aa, 0xddaa33, 0x228833, 0xaa3377, 0x66ccee, 0x999999]
if (groups > 1) { set key at screen 0.5, screen 18 / real(height) center center horizontal Left reverse samplen 1.5 }
at(n) = column(0) + 1
tint(n) = tints[(hue[int(at(0))] - 1) % 6 + 1]
known(c) = strcol(c) ne "-" && strcol(c) ne ""
part(c) = known(c) ? 100 * column(c) : NaN
end(n) = known(high) ? part(high) : part(value)
plot input using (part(value)):(at(0)):(0):(part(value)):(at(0) - 0.34):(at(0) + 0.34):(tint(0)) with boxxyerror lc rgb variable notitle, \
	input using (known(low) ? part(value) : NaN):(at(0)):(part(low)):(part(high)) with xerrorbars pt 7 ps 0.3 lw 1.5 lc rgb "black" notitle, \
	input using (end(0)):(at(0)):(sprintf("%.1f", part(value))) with labels left offset 0.8, 0 notitle, \
	for [g = 1:groups > 1 ? groups : 0] NaN with lines lw 9 lc rgb tints[(g - 1) % 6 + 1] title legend[g]
