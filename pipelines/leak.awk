# leak.awk: which records train, validate and test under each protocol, as lines
# PROTOCOL REPEAT PART KEY between tabs, from split.tsv and records.tsv (tsrdump
# --tsv of the recordings and their variants). -v repeats="1 2" names the folds
# that are taken. Wants draw.awk. The protocols:
#   record   every recording is augmented, then records are split at random
#   clip     recordings are split at random, then those that train are augmented
#   speaker  speakers are split as split.tsv says, then the same
# All three have as many records in each part as speaker has in that fold; what
# validates is never augmented. Over the repeats no record is tested twice.
function fail(why) {
	print "leak.awk: " why | "cat >&2"
	failed = 3
	exit failed
}

function put(protocol, part, i) { print protocol, fold[f], part, key[i] }

# A recording and its variants.
function put_clip(protocol, part, clip,    v) {
	for (v = 1; v <= variants[key[clip]]; v++) put(protocol, part, variant[key[clip], v])
}

function by_speaker(    c, part, v) {
	tests = valids = trains = 0
	for (c = 1; c <= clips; c++) {
		part = part_of[fold[f], group[clip[c]]]
		if (part == "train") {
			put_clip("speaker", part, clip[c])
			trains += variants[key[clip[c]]]
			continue
		}
		put("speaker", part, clip[c])
		if (part == "test") tests++
		else valids++
	}
	if (!tests || !trains) fail("fold " fold[f] " leaves no one to train or test on")
}

function by_clip(    i, at) {
	if (clip_start + tests > clips) fail("the folds test more recordings than there are")
	for (i = 0; i < clips; i++) {
		at = mixed_clip[(clip_start + i) % clips + 1]
		if (i < tests) put("clip", "test", at)
		else if (i < tests + valids) put("clip", "valid", at)
		else put_clip("clip", "train", at)
	}
	clip_start += tests
}

# Recordings validate before anything trains, or none might be left to.
function by_record(    i, at, valid, train) {
	for (i = 0; i < records; i++) {
		at = mixed[(record_start + i) % records + 1]
		used[at] = i < tests ? "test" : !source[at] && valid < valids ? "valid" : ""
		if (used[at] == "valid") valid++
	}
	for (i = 0; i < records; i++) {
		at = mixed[(record_start + i) % records + 1]
		if (used[at] == "" && train < trains) {
			used[at] = "train"
			train++
		}
		if (used[at] != "") put("record", used[at], at)
	}
	record_start += tests
}

BEGIN {
	FS = OFS = "\t"
	folds = split(repeats, fold, " ")
}

FILENAME ~ /split\.tsv$/ {
	n = split($3, who, ",")
	for (i = 1; i <= n; i++) part_of[$1, who[i]] = $2
	next
}
FNR == 1 {
	for (i = 1; i <= NF; i++) column[$i] = i
	next
}
{
	records++
	key[records] = $column["key"]
	group[records] = $column["group"]
	source[records] = $column["src"] != "-"
	from = source[records] ? $column["src"] : $column["key"]
	if (!source[records]) clip[++clips] = records
	variant[from, ++variants[from]] = records
}

END {
	if (failed) exit failed
	sow(seed * 1000)
	for (i = 1; i <= clips; i++) mixed_clip[i] = clip[i]
	shuffle(mixed_clip, clips)
	for (i = 1; i <= records; i++) mixed[i] = i
	shuffle(mixed, records)
	for (f = 1; f <= folds; f++) {
		by_speaker()
		by_clip()
		by_record()
	}
}
