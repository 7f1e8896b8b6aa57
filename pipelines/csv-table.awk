# csv-table.awk: made-up tables in the layout of CREMA-D's: -v what=responses or
# -v what=actors. Twelve actors say twelve sentences with six emotions; of each
# clip nine raters hear the voice, see the face, or both, three each, and answer
# rightly about as often as CREMA-D's raters did.
BEGIN {
	if (what == "actors") actors()
	else if (what == "responses") responses()
	else {
		print "csv-table.awk: -v what=responses or what=actors is wanted" | "cat >&2"
		exit 2
	}
}

function share() { return below(1000000) / 1000000 }
function actors(    i) {
	sow(7)
	print "\"ActorID\",\"Age\",\"Sex\",\"Race\",\"Ethnicity\""
	for (i = 1001; i <= 1012; i++)
		print i "," 20 + below(50) ",\"" (i % 2 ? "Male" : "Female") "\",\"" \
			(i % 3 ? "Caucasian" : i % 2 ? "Asian" : "African American") "\",\"" (i % 5 ? "Not " : "") "Hispanic\""
}

# The actor's clips are numbered in the order of their emotions, as CREMA-D's are.
function responses(    a, s, e, k, n, clip) {
	sow(11)
	split("IEO TIE IOM IWW TAI MTI IWL ITH DFA ITS TSI WSI", sentence, " ")
	split("N H S A F D", letter, " ")
	split("NEU HAP SAD ANG FEA DIS", name, " ")
	# How often the displayed emotion is heard, seen, or both.
	split("0.42 0.58 0.64", right, " ")
	print ",localid,pos,ans,ttr,queryType,numTries,clipNum,questNum,subType,clipName,sessionNums,respEmo,respLevel," \
		"dispEmo,dispVal,dispLevel"
	for (a = 1001; a <= 1012; a++)
		for (s = 1; s <= 12; s++)
			for (e = 1; e <= 6; e++) {
				clip++
				for (k = 0; k < 9; k++) row[++n] = clip " " a " " sentence[s] " " e " " (k % 3 + 1)
			}
	shuffle(row, n)
	for (k = 1; k <= n; k++) response(k, row[k])
}

function response(k, text,    f, e, heard, level) {
	split(text, f, " ")
	e = f[4]
	heard = share() < right[f[5]] ? e : share() < 0.45 ? 1 : 1 + below(6)
	level = int((heard == e ? 45 : 30) + 50 * share())
	print k ",SSI_" 1100000000 + below(240) * 4099 "," 20 + k % 80 "," letter[heard] "_" level "," \
		int(900 + 3000 / (0.15 + share())) "," f[5] "," (share() < 0.04) "," f[1] "," 1 + k % 30 ",4," f[2] "_" f[3] "_" \
		name[e] "_XX," 1 + k % 90 "," letter[heard] "," level "," letter[e] "," (share() < 0.003 ? "" : "50.0") ",X"
}
