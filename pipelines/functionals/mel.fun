# of mel spectrograms alone, with any number of bands, as melspec makes them: 9 a band, 32 of rhythm
frames loud within=30 least=8
stats mel*.loud : mean sd p5 p50 p95 absdiff slope skewness
stats mel*.delta.loud : sd
modulation mel* groups=8 : 0.5-2 2-4 4-8 8-16
