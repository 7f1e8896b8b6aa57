# 130 statistics that are easy to read: pitch, loudness, colour of the voice, rhythm
frames voiced strength=0.55 within=35 least=8

# pitch (octaves over 100 Hz) and how clear it is
stats f0.voiced : mean sd p20 median p80 p20-80 slope absdiff
stats strength.voiced : mean sd

# loudness (dB)
stats energy.all : mean sd p20 median p80 p20-80 slope absdiff
stats energy.recorded.all : max

# colour: where the spectrum's weight is, and its form
stats slope.voiced centroid.voiced spread.voiced low_high.voiced flux.all : mean sd
stats mfcc*.all mfcc*.voiced : mean sd

# rhythm: voiced stretches, the pauses between them, changes of loudness
runs voiced : count mean max share
gaps voiced : mean max
record seconds

# thirds of the record against the whole
contour 3 : f0.voiced energy.all voiced
modulation mel* groups=1 : 0.5-2 2-4 4-8 8-16 16-30
