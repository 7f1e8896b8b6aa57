# every kind of line and statistic
frames clear strength=0.7 least=3
frames near within=10 least=2 peak=energy
list few mean sd
list most few min max range median iqr p5 p97.5 p20-80 absdiff diffsd slope skewness kurtosis argmax argmin
stats mel*.loud mfcc*.delta.all mfcc*.delta2.all : most
stats f0.voiced f0.diff.voiced f0.diff.all f0.clear energy.recorded.near strength.all : \
	most
runs voiced near : count mean max sd share rate
gaps voiced clear : count mean max sd share rate
record frames seconds level
contour 3 : f0.voiced energy.all voiced near
modulation mel* groups=3 points=64 : 0.5-2 2-8
