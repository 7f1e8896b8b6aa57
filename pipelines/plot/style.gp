# style.gp: what the plots share. Each loads it first, from the folder it is in.
set datafile separator tab
# A name may begin with #, and hold what tics would take for a format or a line's end.
set datafile commentschars ""
swap(s, from, to) = strstrt(s, from) ? s[1:strstrt(s, from) - 1] . to . swap(s[strstrt(s, from) + strlen(from):*], from, to) : s
tic(s) = swap(swap(s, "\n", '\n'), "%", "%%")
set border 3 lc rgb "#888888"
set tics nomirror scale 0.5 tc rgb "black"
set style fill solid noborder
unset key
blues = 'set palette defined (0 "#f7fbff", 20 "#d2e3f3", 40 "#9dc8e2", 60 "#4d99ca", 80 "#1f6eb3", 100 "#08306b")'
grid = 'set grid lc rgb "#dddddd" lt 1'
array colour[7] = ["#4477aa", "#ee6677", "#228833", "#aa3377", "#997700", "#33a0c0", "#777777"]
hue(i) = colour[(i - 1) % 7 + 1]
max(a, b) = a > b ? a : b
# Pixels that a title needs.
wide(text) = 8.6 * strlen(text)

# For eval: opens the picture, where width and height are set, with the plot's distances
# in pixels from its edges, the title's from above, and a note below it where there is
# one. output: .png, else SVG.
png = strlen(output) > 4 && output[strlen(output) - 3:*] eq ".png"
page(left, right, top, below, head) = sprintf( \
	'set terminal %s size width, height font "sans-serif,%d" background "white" noenhanced; set output output; ' . \
	'set lmargin at screen %.15g; set rmargin at screen %.15g; set tmargin at screen %.15g; set bmargin at screen %.15g; ' . \
	'set label 1 title at screen 0.5, screen %.15g center font ",%d"; ', png ? "pngcairo" : "svg", png ? 10 : 13, left / real(width), \
	1 - right / real(width), 1 - top / real(height), below / real(height), 1 - head / real(height), png ? 13 : 16) . \
	(exists("note") ? sprintf('set label 3 note at screen 0.5, screen %.15g center tc rgb "#555555"', 1 - (head + 24) / real(height)) : "")

# names: of the files in input, if not said, without folder and .tsv.
base(path) = strstrt(path, "/") ? base(path[strstrt(path, "/") + 1:*]) : path
stem(file) = strlen(file) > 4 && file[strlen(file) - 3:*] eq ".tsv" ? file[1:strlen(file) - 4] : file
n = words(input)
if (!exists("names")) { names = ""; do for [i = 1:n] { names = names . " " . stem(base(word(input, i))) } }
longest_of(i) = i ? max(strlen(word(names, i)), longest_of(i - 1)) : 0
