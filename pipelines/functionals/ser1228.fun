# 1,228 statistics for speech emotion recognition
frames voiced strength=0.55 within=35 least=8
frames loud within=30 least=8
list usual mean sd p5 p20 p50 p80 p95 absdiff diffsd slope

# spectrum
stats mel*.loud : usual skewness
stats mfcc*.all : usual skewness
stats mfcc*.voiced : mean sd
stats slope.all centroid.all spread.all low_high.all energy.all flux.all : usual skewness
stats slope.voiced centroid.voiced spread.voiced low_high.voiced energy.voiced flux.voiced : usual skewness

# prosody
stats f0.voiced : usual skewness
stats strength.voiced : usual skewness
stats f0.diff.voiced : usual skewness
stats energy.diff.all : usual skewness
runs voiced : count mean max sd share
record frames
runs voiced : rate
record level
stats energy.recorded.all : max
stats f0.voiced : range
stats energy.all f0.voiced : argmax

# how the record goes on
contour 3 : f0.voiced energy.all low_high.all voiced
contour 6 : f0.voiced energy.all low_high.all voiced
modulation mel* groups=8 points=512 : 0.5-2 2-4 4-8 8-16 16-30
