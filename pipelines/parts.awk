# parts.awk: which record is in which part of each fold, as lines FOLD PART KEY, from
# lines FOLD PART TEXT. - - is before each line of the manifest; the others' are those of
# JSON lines as EmoBox has, whose "wav" (or "audio") is found among the manifest's paths
# by its last folders and name without ending, or whose "key" is there. Without such
# the records are dealt to -v folds=N, label by label. Where a fold has none to validate,
# -v valid=SHARE of the speakers that train do, or of the records where speakers are on both
# sides. -v seed=N decides every draw. The first line is "heard" where a speaker is in the
# test and in another part of a fold, else "apart". Wants draw.awk and visible.awk.
function say(line) { print visible(ENVIRON["RECIPE"] ": " line) | "cat >&2" }
function fail(line) {
	say(line)
	failed = 3
	exit failed
}

# The text of a member of a JSON object, "" where there is none.
function member(object, name,    text, out, at, c) {
	if (!match(object, "\"" name "\"[ \t]*:[ \t]*\"([^\"\\\\]|\\\\.)*\"")) return ""
	text = substr(object, RSTART, RLENGTH - 1)
	sub("^\"" name "\"[ \t]*:[ \t]*\"", "", text)
	while ((at = index(text, "\\"))) {
		out = out substr(text, 1, at - 1)
		c = substr(text, at + 1, 1)
		text = substr(text, at + 2)
		if (c == "u") {
			out = out utf8(hex(substr(text, 1, 4)))
			text = substr(text, 5)
		} else out = out c
	}
	return out text
}
function hex(digits,    i, x) {
	for (i = 1; i <= length(digits); i++) x = x * 16 + index("0123456789abcdef", tolower(substr(digits, i, 1))) - 1
	return x
}
# In UTF-8.
function utf8(x) {
	if (x < 128) return sprintf("%c", x)
	if (x < 2048) return sprintf("%c%c", 192 + int(x / 64), 128 + x % 64)
	return sprintf("%c%c%c", 224 + int(x / 4096), 128 + int(x / 64) % 64, 128 + x % 64)
}

# All that a path may be called, from its name to its whole; those of several are nobody's.
function enter(path, i,    n, part, k, name) {
	sub(/\.[^.\/]*$/, "", path)
	n = split(path, part, "/")
	for (k = n; k > 0 && k > n - 8; k--) {
		name = part[k] (k == n ? "" : "/" name)
		if (name in at) at[name] = 0
		else at[name] = i
	}
}
function find(path, id,    n, part, k, name, found) {
	sub(/\.[^.\/]*$/, "", path)
	n = split(path, part, "/")
	for (k = n; k > 0; k--) {
		name = part[k] (k == n ? "" : "/" name)
		if (!(name in at)) break
		found = at[name]
		if (found) return found
	}
	if (id in of_key) return of_key[id]
	sub(/^[^-]*-/, "", id)
	return id in of_key ? of_key[id] : 0
}
function name_fold(f) {
	if (!(f in known)) fold[++nfolds] = f
	known[f]
}

function deal(    i, k, n, order) {
	sow(seed * 1000)
	for (i = 1; i <= records; i++) order[i] = i
	shuffle(order, records)
	if (folds > records) fail("NFOLDS=" folds ", but there are " records " recordings")
	for (i = 1; i <= folds; i++) name_fold(i)
	for (k = 1; k <= labels; k++)
		for (i = 1; i <= records; i++)
			if (label[order[i]] == all[k]) tests[order[i]] = n++ % folds + 1
	for (f = 1; f <= folds; f++)
		for (i = 1; i <= records; i++) part[f, i] = tests[i] == f ? "test" : "train"
}

# Takes -v valid of those who train.
function choose(f,    i, n, u, units, order, want, chosen, both, side) {
	for (i = 1; i <= records; i++) {
		if (part[f, i] == "valid") return
		if (part[f, i] == "") continue
		if (side[group[i]] != "" && side[group[i]] != part[f, i]) both = 1
		side[group[i]] = part[f, i]
	}
	for (i = 1; i <= records; i++)
		if (part[f, i] == "train" && !(units[u = both ? i : group[i]]++)) order[++n] = u
	sow(seed * 1000 + f)
	shuffle(order, n)
	want = n < 6 ? int(n / 2) : int(n * valid + 1 - 1e-9)
	if (n >= 6 && want < 3) want = 3
	for (i = 1; i <= want; i++) chosen[order[i]]
	for (i = 1; i <= records; i++)
		if (part[f, i] == "train" && (both ? i : group[i]) in chosen) part[f, i] = "valid"
}

BEGIN { FS = "\t" }
$1 == "-" {
	enter($3, ++records)
	key[records] = $4
	of_key[$4] = records
	label[records] = $5
	if (!has[$5]++) all[++labels] = $5
	group[records] = $6
	next
}
$0 ~ /[^\t ]/ {
	text = $0
	sub(/^[^\t]*\t[^\t]*\t/, "", text)
	if (text !~ /[^ \t\r]/) next
	wav = member(text, "wav")
	if (wav == "") wav = member(text, "audio")
	if (wav member(text, "key") == "") fail("FOLDS=: fold " $1 ", " $2 ": no \"wav\" and no \"key\" in " substr(text, 1, 60))
	name_fold($1)
	listed++
	i = find(wav, member(text, "key"))
	if (!i) {
		if (!missing++) gone = wav
		next
	}
	if (part[$1, i] != "" && part[$1, i] != $2) fail("FOLDS=: fold " $1 ": " key[i] " is in " part[$1, i] " and in " $2)
	part[$1, i] = $2
	used[i]
}

END {
	if (failed) exit failed
	if (!listed) deal()
	else {
		if (missing == listed) fail("FOLDS=: none of their recordings is in the corpus, as " gone)
		if (missing) say("FOLDS=: " missing " of " listed " lines are of recordings that are not in the corpus, the first " gone)
		for (i = 1; i <= records; i++) unused += !(i in used)
		if (unused) say("FOLDS=: " unused " of " records " recordings are in no fold and not used")
	}
	for (k = 1; k <= nfolds; k++) {
		choose(fold[k])
		split("", side)
		for (i = 1; i <= records; i++)
			if (part[fold[k], i] == "test") side[group[i]]
		for (i = 1; i <= records; i++)
			if (part[fold[k], i] != "" && part[fold[k], i] != "test" && group[i] in side) heard = 1
		for (i = 1; i <= records; i++)
			if (part[fold[k], i] != "") {
				size[part[fold[k], i]]++
				rows[++n] = fold[k] "\t" part[fold[k], i] "\t" key[i]
			}
		if (!size["test"] || !size["train"]) fail("FOLDS=: fold " fold[k] " has no recording to " (size["test"] ? "train with" : "test"))
		split("", size)
	}
	print heard ? "heard" : "apart"
	for (i = 1; i <= n; i++) print rows[i]
}
