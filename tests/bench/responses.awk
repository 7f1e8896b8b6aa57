# responses.awk: a table of ratings as crowds give them, in the layout of CREMA-D's
# finishedResponses.csv, and one of who was rated:
#     awk -f pipelines/draw.awk -f responses.awk -v rows=212000 -v actors=actors.csv >responses.csv
function one(list, n) { return substr(list, below(n) + 1, 1) }
function actor(i) {
	return sprintf("%d,%d,\"%s\",\"%s\",\"%s\"", 1000 + i, 20 + below(55), i % 2 ? "Male" : "Female", race[1 + below(4)],
		below(9) ? "Not Hispanic" : "Hispanic")
}
function clip(i,    k) {
	k = i % 82
	shown[i] = substr("ADFHNS", k % 6 + 1, 1)
	level[i] = k < 18 ? substr("LMH", k % 3 + 1, 1) : "X"
	name[i] = 1001 + int(i / 82) "_" phrase[k % 12 + 1] "_" long[shown[i]] "_" (level[i] == "X" ? "XX" : level[i] == "L" ? "LO" : level[i] == "M" ? "MD" : "HI")
}
BEGIN {
	sow(1)
	split("African American,Asian,Caucasian,Unknown", race, ",")
	split("IEO TIE IOM IWW TAI MTI IWL ITH DFA ITS TSI WSI", phrase)
	long["A"] = "ANG"; long["D"] = "DIS"; long["F"] = "FEA"; long["H"] = "HAP"; long["N"] = "NEU"; long["S"] = "SAD"
	print "\"ActorID\",\"Age\",\"Sex\",\"Race\",\"Ethnicity\"" >actors
	for (i = 1; i <= 91; i++) print actor(i) >actors
	clips = 91 * 82
	for (i = 0; i < clips; i++) clip(i)
	print ",localid,pos,ans,ttr,queryType,numTries,clipNum,questNum,subType,clipName,sessionNums,respEmo,respLevel,dispEmo,dispVal,dispLevel"
	for (r = 1; r <= rows; r++) {
		i = below(clips)
		rated = below(2) ? shown[i] : one("ADFHNS", 6)
		strong = below(101)
		slow = 900 + int(-2500 * log((1 + below(9999)) / 10000)) # a few take very long
		value = below(400) ? (level[i] == "L" ? "20.0" : level[i] == "H" ? "80.0" : "50.0") : ""
		print r ",SSI_" 1100000000 + below(60000000) "," below(400) "," rated "_" strong "," slow "," 1 + below(3) "," (below(9) ? 0 : 1 + below(3)) \
			"," i + 1 "," 1 + below(35) ",4," name[i] "," 1 + below(2443) "," rated "," strong "," shown[i] "," value "," level[i]
	}
}
