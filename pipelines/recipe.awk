# recipe.awk: recipe(5) -> its lines that hold for -v protocol=enrolled-10 and -v
# variant=NAME (none: the recipe as a whole), NAME<tab>VALUE each, train's and drop's as one,
# for's and variant's not; has<tab>VARIANT for each variant. In the environment FILE is its
# name for messages, and FLAGS are more options for training. Wants visible.awk.
function fail(why) {
	print visible(ENVIRON["RECIPE"] ": " ENVIRON["FILE"] (FNR && !ended ? ": line " FNR : "") ": " why) | "cat >&2"
	failed = 3
	exit failed
}
function known(list, word) { return index(" " list " ", " " word " ") }

# Training options, in the order of their first; one that comes again replaces what it had.
function option_of(word) { return word ~ /^--?[A-Za-z]/ ? word : "" }
function options(from,    i, name) {
	for (i = from; i <= NF; i++) {
		if (option_of($i) != "") {
			name = $i
			if (known(OURS, name)) fail(name " is the experiment's own: a recipe cannot say it")
			if (!(name in value)) order[++ordered] = name
			value[name] = ""
			gone[name] = 0
		} else if (name == "") fail("'" $i "' is no option, as --epochs is")
		else value[name] = value[name] " " $i
	}
}
function drop(    i) {
	for (i = 2; i <= NF; i++) {
		if (!($i in value) || gone[$i]) fail("drop " $i ": no line train before this one has it")
		gone[$i] = 1
	}
}

BEGIN {
	NAMES = "features beside front augment validate net train drop enroll test predict protocol members weights for variant"
	OURS = "--net --classes -s --seed --valid --holdout-groups -o --output --history --checkpoint --resume --init -j --jobs -q --stats --beside"
	base = protocol
	sub(/-[0-9].*/, "", base)
	on = 1
}
{ sub(/^\357\273\277/, "") }
{ sub(/\r$/, "") }
{ sub(/(^|[ \t])#.*/, "") }
NF == 0 { next }
!known(NAMES, $1) { fail("'" $1 "' is unknown; known are: " NAMES) }
NF < 2 { fail($1 ": a value is required") }
{
	for (i = 2; i <= NF; i++)
		if ($i !~ /^[A-Za-z0-9_.,:=@%+\/-]+$/) fail($1 ": '" $i "' has other characters than letters, digits and _.,:=@%+/-")
}
$1 == "variant" {
	if ($2 !~ /^[A-Za-z0-9][A-Za-z0-9.-]*$/) fail("a variant goes by a name of letters, digits, . and -, as without-masks")
	if (NF != 2 && !(NF == 4 && $3 == "for")) fail("variant NAME, or variant NAME for PROTOCOL")
	if (!($2 in seen)) print "has\t" $2
	seen[$2]
	on = $2 == variant
	met = met || on
	if (NF == 2) next
	$2 = $4
	if (!known("alone enrolled", $2)) fail("for '" $2 "': alone or enrolled")
	on = on && $2 == base
	next
}
$1 == "for" {
	if (NF != 2 || !known("alone enrolled all", $2)) fail("for alone, for enrolled or for all")
	on = $2 == "all" || $2 == base
	next
}
!on { next }
$1 == "train" {
	options(2)
	next
}
$1 == "drop" {
	drop()
	next
}
{
	name = $1
	if (!(name in line)) lines[++n] = name
	sub(/^[ \t]*[a-z]+[ \t]+/, "")
	gsub(/[ \t]+/, " ")
	sub(/ $/, "")
	line[name] = $0
}

END {
	if (failed) exit failed
	ended = 1
	if (variant != "" && !met) fail("no variant " variant " is in there")
	$0 = ENVIRON["FLAGS"]
	options(1)
	for (i = 1; i <= n; i++)
		if (line[lines[i]] != "none" || lines[i] == "validate") print lines[i] "\t" line[lines[i]]
	for (i = 1; i <= ordered; i++)
		if (!gone[order[i]]) text = text " " order[i] value[order[i]]
	if (text != "") print "train\t" substr(text, 2)
	if (!("members" in line) && (!("features" in line) || !("net" in line)))
		fail("a recipe has lines features and net, or a line members")
	if (("weights" in line) && split(line["weights"], weight, " ") != split(line["members"], weight, " "))
		fail("weights " line["weights"] ": as many are required as there are members")
	if ("members" in line) {
		count = split(line["members"], member, " ")
		for (i = 1; i <= count; i++)
			if (member[i] !~ /^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[1-9][0-9]?)?$/) fail("members: '" member[i] "' is no recipe's name, or name:3 for three trainings")
		for (i = 1; i <= count; i++) {
			sub(/:.*/, "", member[i])
			if (member[i] in had) fail("members: " member[i] " is there twice; two trainings of it are " member[i] ":2")
			had[member[i]]
		}
	}
	count = split(line["weights"], weight, " ")
	for (i = 1; i <= count; i++) if (weight[i] !~ /^[0-9]*[.]?[0-9]+$/) fail("weights: '" weight[i] "' is no number")
	count = split(line["protocol"], member, " ")
	for (i = 1; i <= count; i++)
		if (member[i] !~ /^(alone|enrolled(-[1-9][0-9]*(-[A-Za-z0-9_]+)?)?)$/) fail("protocol '" member[i] "': alone, enrolled and enrolled-10 are known")
	if (("enroll" in line) && line["enroll"] !~ /^(net|cmvn( .*)?)$/) fail("enroll " line["enroll"] ": cmvn (with options) and net are known")
	if (("beside" in line) && line["beside"] != "none" && line["beside"] !~ /^[A-Za-z][A-Za-z0-9_]* [a-z]/) fail("beside " line["beside"] ": the name of an input of the net, then what it reads, as features has it")
	if (("test" in line) && line["test"] !~ /^(none|variants)$/) fail("test " line["test"] ": variants is known: recordings together with their variants")
	if (line["test"] == "variants" && !variant && !("members" in line) && !("augment" in line)) fail("test variants: of which? A line augment says that")
	if (("validate" in line) && line["validate"] != "none") fail("validate " line["validate"] ": none is known: all but the test speakers train")
	if (("members" in line) && ("net" in line)) fail("a recipe has lines features and net, or a line members: not both")
}
