# spectrogram.gp: one record of melspec as an image.
#     gnuplot -e "input='x.tsv'; output='x.svg'; title='x'; rate=22050; hop=512; mels=128; fmin=0; fmax=8000" \
#         spectrogram.gp
# input: a line a frame, a value a band, the lowest first (tsrdump --data, without
# its first two columns). formula: slaney, the default, or htk. offset: the seconds
# at which the first frame is centred; unit: what the values are; width and height:
# pixels, where the picture is to be small.
# spectrogram.sh tells all of it from a stream.
if (!exists("title")) title = "Mel spectrogram"
if (!exists("formula")) formula = "slaney"
if (!exists("offset")) offset = 0
if (!exists("unit")) unit = "level (dB, 0 is the loudest)"
load ARG0[1:strlen(ARG0) - strlen("spectrogram.gp")] . "style.gp"

# Band m has its peak at the (m+1)th of mels+2 points that are even in mel.
slaney(f) = f < 1000 ? f * 3 / 200.0 : 15 + 27 * log(f / 1000.0) / log(6.4)
htk(f) = 2595 * log10(1 + f / 700.0)
mel(f) = formula eq "htk" ? htk(f) : slaney(f)
band(f) = (mel(f) - mel(fmin)) / (mel(fmax) - mel(fmin)) * (mels + 1) - 1
stats input using 1 nooutput
frames = int(STATS_records)
second = hop / real(rate)

if (!exists("width")) width = max(820, wide(title) + 120)
if (!exists("height")) height = 420
eval page(84, 124, 50, 58, 26)
set xlabel "time (s)" offset 0, 0.4
set ylabel "frequency (Hz), even in mel"
set cblabel unit offset 1.5, 0
set border 31 lc rgb "#888888"
set xrange [offset - second / 2 : offset + (frames - 0.5) * second]
set yrange [-1:mels]
set xtics out scale 0.6
set ytics out scale 0.6
set cbtics mirror scale 1
set ytics ()
# Not closer than a line of text.
apart = 17.0 * (mels + 1) / (height - 108)
hz = "20000 16000 12000 8000 6000 4000 3000 2000 1500 1000 750 500 250 100 0"
last = mels + 2 * apart
do for [i = 1:words(hz)] {
	f = real(word(hz, i))
	if (f >= fmin && f <= fmax && last - band(f) >= apart) { last = band(f); set ytics add (word(hz, i) last) }
}
set palette defined (0 "#000004", 1 "#1d1147", 2 "#51127c", 3 "#822681", 4 "#b63679", 5 "#e65164", 6 "#fb8861", \
	7 "#fec287", 8 "#fcfdbf")
# Silence has one level.
stats input matrix using 3 nooutput
if (STATS_min == STATS_max) { set cbrange [STATS_min - 1:STATS_max + 1] }
plot input matrix using (offset + $2 * second):1:3 with image
