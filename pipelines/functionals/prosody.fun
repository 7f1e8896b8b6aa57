# 89 statistics of pitch, loudness and rhythm alone, without the spectrum
frames voiced strength=0.55 within=35 least=8
list usual mean sd p5 p20 p50 p80 p95 absdiff diffsd slope skewness

stats f0.voiced strength.voiced f0.diff.voiced energy.diff.all : usual
stats f0.voiced : range argmax
stats energy.all : sd p20-80 slope argmax
stats energy.recorded.all : max
runs voiced : count mean max sd share rate
gaps voiced : mean max sd
record seconds level
contour 3 : f0.voiced energy.all voiced
contour 6 : f0.voiced energy.all voiced
