# split.awk: a manifest -> who tests, validates and trains in each fold, as lines
# FOLD PART SPEAKER,SPEAKER,... between tabs. Test speakers come from -v
# foldfile=FILE (columns fold and test_speakers), else -v folds=N folds (or loso) are
# dealt out by speaker, as many as there are speakers at most with -v few=yes. -v valid=SHARE of the others validate, a fifth if not given.
# -v seed=N decides every draw, alike in every awk. Wants draw.awk.
function fail(why) {
	print "split.awk: " why | "cat >&2"
	failed = 3
	exit failed
}

# Dealt out sex by sex, so that no fold tests on one of them alone; with loso a fold
# tests one speaker.
function deal(    a, i, s, dealt) {
	if (folds == "loso") {
		for (i = 1; i <= speakers; i++) tests[speaker[fold[i] = i]] = i
		folds = speakers
		return
	}
	for (i = 1; i <= speakers; i++) a[i] = speaker[i]
	sow(seed * 1000)
	shuffle(a, speakers)
	if (folds > speakers && few == "")
		fail("NFOLDS=" folds ", but there are " speakers " speakers: NFOLDS=" speakers " at most, or FOLDS=loso")
	if (folds > speakers) folds = speakers
	for (i = 1; i <= folds; i++) fold[i] = i
	for (s = 1; s in sexes; s++)
		for (i = 1; i <= speakers; i++)
			if (sex[a[i]] == sexes[s]) tests[a[i]] = dealt++ % folds + 1
}

function read_folds(    cell, n, i, row, got, lines, id, who) {
	while ((got = (getline row < foldfile)) > 0) {
		sub(/\r$/, "", row)
		n = split(row, cell, "\t")
		if (!lines++)
			for (i = 1; i <= n; i++) {
				if (cell[i] == "fold") id = i
				if (cell[i] == "test_speakers") who = i
			}
		if (!id || !who) fail(foldfile ": no columns fold and test_speakers")
		if (lines > 1 && row != "") read_fold(cell[id], cell[who])
	}
	if (got < 0) fail(foldfile ": cannot be read")
	if (!folds) fail(foldfile ": no folds")
}
function read_fold(name, list,    who, n, i) {
	if (name !~ /^[A-Za-z0-9_]+$/ || name in known) fail(foldfile ": a fold's name is bad or repeated: " name)
	known[name]
	fold[++folds] = name
	n = split(list, who, " ")
	if (!n) fail(foldfile ": fold " name " has no test speakers")
	for (i = 1; i <= n; i++) {
		if (!(who[i] in sex)) fail(foldfile ": fold " name ": no recordings of speaker " who[i])
		if (who[i] in tests) fail(foldfile ": fold " name ": speaker " who[i] " is tested twice")
		tests[who[i]] = folds
	}
}

# To stop training by one voice is too noisy: at least three validate where as
# many are left to train, taken from the sexes in turn.
function choose(f,    a, n, i, s, want, got, turn, of, many) {
	for (i = 1; i <= speakers; i++) {
		part[speaker[i]] = tests[speaker[i]] == f ? "test" : "train"
		if (tests[speaker[i]] != f) a[++n] = speaker[i]
	}
	if (!n) fail("fold " fold[f] " leaves no one to train on")
	sow(seed * 1000 + f)
	shuffle(a, n)
	for (i = 1; i <= n; i++) of[sex[a[i]], ++many[sex[a[i]]]] = a[i]
	# Rounded up, but not for what the product is off by.
	want = n < 6 ? int(n / 2) : int(n * valid + 1 - 1e-9)
	if (n >= 6 && want < 3) want = 3
	if (want == n) fail("valid is " valid ": fold " fold[f] " leaves no one to train on")
	if (want < 3) print "split.awk: fold " fold[f] ": only " want " of " n " speakers validate" | "cat >&2"
	for (turn = 1; got < want; turn++)
		for (s = 1; s in sexes && got < want; s++) {
			if (turn > many[sexes[s]]) continue
			part[of[sexes[s], turn]] = "valid"
			got++
		}
}
function print_part(f, name,    i, list) {
	for (i = 1; i <= speakers; i++)
		if (part[speaker[i]] == name) list = list (list == "" ? "" : ",") speaker[i]
	row[++rows] = fold[f] "\t" name "\t" list
}

BEGIN {
	FS = "\t"
	if (valid == "") valid = 0.2
	if (valid !~ /^0?\.[0-9]+$/ || valid <= 0) fail("valid is " valid ", not a share between 0 and 1")
	sexes[1] = "male"
	sexes[2] = "female"
	sexes[3] = "unknown"
}

{
	if ($4 == "") fail(FILENAME ": line " NR ": no speaker (group); folds keep speakers apart, so each needs one")
	if ($4 ~ /,/) fail(FILENAME ": line " NR ": a comma in the speaker's name: " $4)
	is = "unknown"
	for (i = 5; i <= NF; i++)
		if ($i ~ /^sex=(fe)?male$/) is = substr($i, 5)
	if (!($4 in sex)) speaker[++speakers] = $4
	else if (sex[$4] != is) fail(FILENAME ": line " NR ": speaker " $4 " changes sex")
	sex[$4] = is
}

END {
	if (failed) exit failed
	if (speakers < 2) fail("fewer than two speakers: nobody unseen to test on")
	sort(speaker, speakers)
	if (foldfile == "") deal()
	else {
		folds = 0
		read_folds()
	}
	for (f = 1; f <= folds; f++) {
		choose(f)
		print_part(f, "test")
		print_part(f, "valid")
		print_part(f, "train")
	}
	for (i = 1; i <= rows; i++) print row[i]
}
