# timeline.awk: nnpredict's table of the pieces of recordings -> what is heard when, as
# -v format=tsv, json, vtt, srt, audacity, rttm, textgrid or elan. The pieces are segments or windows,
# which may overlap: each instant belongs to the one that covers it and whose centre is nearest, or, with -v
# causal=1, to the first that covers it. -v smooth=N averages N neighbours, -v merge=1 joins what is alike;
# sertools(1) has the rest. Times are whole milliseconds inside.
function fail(why, status) {
	print "timeline.awk: " why | "cat >&2"
	failed = status ? status : 3
	exit failed
}
function bad(why) { fail("line " NR ": " why) }

BEGIN {
	FS = OFS = "\t"
	if (format == "") format = "tsv"
	if (format !~ /^(tsv|json|vtt|srt|audacity|rttm|textgrid|elan)$/)
		fail("format is tsv, json, vtt, srt, audacity, rttm, textgrid or elan", 2)
	if (smooth == "") smooth = 1
	if (smooth !~ /^[1-9][0-9]?[0-9]?$/ || !causal && smooth % 2 == 0)
		fail("smooth is an odd number of pieces below 1000, or with causal=1 any", 2)
	if (threshold != "" && !is_probability(threshold)) fail("threshold is a number from 0 to 1", 2)
	if (window != "" && (window !~ /^([0-9]+|[0-9]*\.[0-9]+)$/ || window * 1000 < 1))
		fail("window is the length of the windows in seconds", 2)
	if (uncertain == "") uncertain = "UNCERTAIN"
	if (nospeech == "") nospeech = "NOSPEECH"
	again = smooth > 1 || threshold != "" # whether labels are found anew
	if (threshold == "") threshold = 0.4
	ahead = causal ? 0 : (smooth - 1) / 2
	behind = smooth - 1 - ahead
	wait = causal ? 0 : ahead > 1 ? ahead : 1 # pieces that must have come before one is written
	file_is_one = format ~ /^(vtt|srt|audacity)$/
}

# The columns by their names.
function read_header(    i) {
	for (i = 1; i <= NF; i++) {
		if ($i ~ /^p\../) {
			column[++classes] = i
			class[classes] = substr($i, 3)
			known[class[classes]]
		} else if ($i ~ /^(key|start|end|channel|pred|confidence)$/) {
			if ($i in at) bad("two columns " $i)
			at[$i] = i
		}
	}
	split("key start pred confidence", need, " ")
	for (i = 1; i in need; i++)
		if (!(need[i] in at)) bad("no column " need[i] ": a table of nnpredict is required")
	if (again && !classes) bad("no columns p.CLASS, which smooth and threshold take: leave out --top")
	columns = NF
	header = $0
	if (format == "vtt") print "WEBVTT"
	if (format != "tsv") return
	printf "key%s\tstart\tend\tpred\tconfidence", ("channel" in at ? "\tchannel" : "")
	for (i = 1; i <= classes; i++) printf "\tp.%s", class[i]
	print ""
}

function milliseconds(name,    x) {
	x = $at[name]
	if (x !~ /^[0-9]+(\.[0-9]*)?$/) bad("column " name ": no number of seconds: pieces of wavnorm --segments or --window are required")
	if (x > 4294967) bad("column " name ": above 4294967 seconds")
	return int(x * 1000 + 0.5)
}

# The piece of this line joins its track, one channel of a recording.
function read_piece(    base, c, t, i, from, to) {
	c = "channel" in at && $at["channel"] != "-" ? $at["channel"] : ""
	base = $at["key"]
	if (c == "" && match(base, /\.ch[0-9]+$/)) c = substr(base, RSTART + 3)
	i = length(base) - length(".ch" c)
	if (c != "" && i > 0 && substr(base, i + 1) == ".ch" c) base = substr(base, 1, i)
	if (!("end" in at) && window == "") # of no piece at all, nothing says where it ends
		fail("line 1: no column end: -v window=SECONDS says how long the windows are")
	from = milliseconds("start")
	to = "end" in at && (window == "" || $at["end"] != "-") ? milliseconds("end") : from + int(window * 1000 + 0.5)
	if (to <= from) bad("ends before it begins")
	if (base != recording || !tracks) change_recording(base)
	if (!((base, c) in track)) {
		t = track[base, c] = ++tracks
		of[t] = base
		channel[t] = c
		title[t] = $at["key"] in titles ? base ".ch" c : $at["key"]
		titles[$at["key"]]
	}
	t = track[base, c]
	i = ++pieces[t]
	start[t, i] = from
	end[t, i] = to
	place(t, i)
	pred[t, i] = $at["pred"]
	confidence[t, i] = $at["confidence"]
	for (c = 1; c <= classes; c++) p[t, i, c] = $column[c]
	check_labels(t, i)
	while (written[t] < i - wait) settle(t, ++written[t])
}
function change_recording(base) {
	finish_recording()
	if (base in seen) bad("this recording's lines are not together: sort the table by key and start")
	if (file_is_one && tracks) bad("a second recording, but the format " format " takes one")
	seen[base]
	recording = base
}

# Where piece i begins and that before it ends, disjoint.
function place(t, i,    border) {
	first_of[t, i] = start[t, i]
	last_of[t, i] = end[t, i]
	if (i == 1) return
	if (start[t, i] <= start[t, i - 1])
		bad("begins " (start[t, i] == start[t, i - 1] ? "with" : "before") " the line above: sort the table by key and start, each once")
	if (end[t, i] < end[t, i - 1]) bad("ends before the line above does")
	if (start[t, i] >= end[t, i - 1]) return
	border = end[t, i - 1]
	if (!causal) { # halfway between the centres, or as near as both are there
		border = int((start[t, i] + end[t, i] + start[t, i - 1] + end[t, i - 1]) / 4 + 0.5)
		if (border < start[t, i]) border = start[t, i]
		if (border > end[t, i - 1]) border = end[t, i - 1]
	}
	first_of[t, i] = last_of[t, i - 1] = border
}

function check_labels(t, i,    c) {
	if (classes && pred[t, i] != nospeech && pred[t, i] != uncertain && !(pred[t, i] in known))
		bad("column pred: no class of the header: -v uncertain=NAME and -v nospeech=NAME give other names of these")
	if (!is_probability(confidence[t, i])) bad("column confidence: no number from 0 to 1")
	for (c = 1; c <= classes; c++)
		if (!is_probability(p[t, i, c])) bad("column p." class[c] ": no number from 0 to 1")
}
function is_probability(x) { return x ~ /^([0-9]+|[0-9]*\.[0-9]+)([eE][-+]?[0-9]+)?$/ && x + 0 <= 1 }
# As nnpredict writes it.
function probability(x) { return sprintf(x < 0.0005 ? "%.6g" : "%.6f", x) }

# Piece i of a track gets its label, from its neighbours too, and those that none will need go.
function settle(t, i,    j, c, n, best) {
	label = pred[t, i]
	sure = confidence[t, i]
	for (c = 1; c <= classes; c++) value[c] = p[t, i, c]
	if (again && label != nospeech) {
		for (j = i - behind; j <= i + ahead; j++) n += (t, j) in pred && pred[t, j] != nospeech
		for (c = 1; c <= classes && smooth > 1; c++) value[c] = mean(t, i, c, n)
		for (c = best = 1; c <= classes; c++) if (value[c] + 0 > value[best] + 0) best = c
		sure = value[best]
		label = sure + 0 < threshold + 0 ? uncertain : class[best]
	}
	if (last_of[t, i] > first_of[t, i]) join(t, first_of[t, i], last_of[t, i])
	j = i - behind
	if (j >= i) j = i - 1 # place looks at the one before
	for (c = 1; c <= classes; c++) delete p[t, j, c]
	delete start[t, j]
	delete end[t, j]
	delete first_of[t, j]
	delete last_of[t, j]
	delete pred[t, j]
	delete confidence[t, j]
}
function mean(t, i, c, n,    j, sum) {
	for (j = i - behind; j <= i + ahead; j++) if ((t, j) in pred && pred[t, j] != nospeech) sum += p[t, j, c]
	return probability(sum / n)
}

# The interval with label, sure and value, or more of the one that waits; means are over time.
function join(t, from, to,    c, w) {
	w = to - from
	if (merge && t in label_of && label_of[t] == label && to_of[t] == from) {
		to_of[t] = to
		sure_of[t] = (sure_of[t] * (from - from_of[t]) + sure * w) / (to - from_of[t])
		for (c = 1; c <= classes; c++)
			value_of[t, c] = (value_of[t, c] * (from - from_of[t]) + value[c] * w) / (to - from_of[t])
		joined[t] = 1
		return
	}
	put(t)
	label_of[t] = label
	from_of[t] = from
	to_of[t] = to
	sure_of[t] = sure
	for (c = 1; c <= classes; c++) value_of[t, c] = value[c]
	if (!merge) put(t)
}

# Writes the interval of a track that waits, if one does, or holds it until the end.
function put(t,    c) {
	if (!(t in label_of)) return
	if (joined[t]) {
		sure_of[t] = probability(sure_of[t])
		for (c = 1; c <= classes; c++) value_of[t, c] = probability(value_of[t, c])
	}
	if (format == "tsv") put_tsv(t)
	else if (format == "json") put_json(t)
	else if (label_of[t] != nospeech) put_label(t)
	if (to_of[t] > latest) latest = to_of[t]
	joined[t] = 0
	delete label_of[t]
}
function put_tsv(t,    c) {
	printf "%s%s\t%s\t%s\t%s\t%s", title[t], ("channel" in at ? "\t" (channel[t] == "" ? "-" : channel[t]) : ""), \
		seconds(from_of[t]), seconds(to_of[t]), label_of[t], sure_of[t]
	for (c = 1; c <= classes; c++) printf "\t%s", value_of[t, c]
	print ""
	fflush()
}
function put_json(t,    c) {
	printf "{\"key\":%s,\"channel\":%s,\"start\":%s,\"end\":%s,\"pred\":%s,\"confidence\":%s", quote_json(title[t]), \
		(channel[t] == "" ? "null" : quote_json(channel[t])), seconds(from_of[t]), seconds(to_of[t]), quote_json(label_of[t]), sure_of[t]
	for (c = 1; c <= classes; c++) printf "%s%s:%s", (c == 1 ? ",\"p\":{" : ","), quote_json(class[c]), value_of[t, c]
	print (classes ? "}" : "") "}"
	fflush()
}
function put_label(t,    n) {
	if (format == "audacity") print seconds(from_of[t]), seconds(to_of[t]), voice(t) label_of[t]
	else if (format == "rttm") put_rttm(t)
	else if (format ~ /^(vtt|srt)$/ && channel[t] == "") put_cue(from_of[t], to_of[t], t, label_of[t], sure_of[t])
	else { # the channels' cues are sorted by their times
		n = ++held[t]
		held_from[t, n] = from_of[t]
		held_to[t, n] = to_of[t]
		held_label[t, n] = label_of[t]
		held_sure[t, n] = sure_of[t]
		return
	}
	fflush()
}
# Its fields are separated by blanks.
function put_rttm(t) {
	print "SPEAKER " field(of[t]) " " (channel[t] == "" ? 1 : field(channel[t])) " " seconds(from_of[t]) " " \
		seconds(to_of[t] - from_of[t]) " <NA> <NA> " field(label_of[t]) " " sure_of[t] " <NA>"
}
function field(s) {
	gsub(/ /, "_", s)
	return s
}
function put_cue(from, to, t, name, sure) {
	if (format == "vtt") {
		print "\n" clock(from, ".") " --> " clock(to, ".")
		print (channel[t] == "" ? "" : "<v " escape(voice(t, 1)) ">") escape(name) sprintf(" %.2f", sure)
	} else {
		if (cues) print ""
		print ++cues "\n" clock(from, ",") " --> " clock(to, ",")
		print voice(t) name sprintf(" %.2f", sure)
	}
}

function seconds(ms) { return sprintf("%.3f", ms / 1000) }
function clock(ms, point) {
	return sprintf("%02d:%02d:%02d%s%03d", int(ms / 3600000), int(ms / 60000) % 60, int(ms / 1000) % 60, point, ms % 1000)
}
function voice(t, alone) { return channel[t] == "" ? "" : "Channel " channel[t] (alone ? "" : ": ") }
function escape(s) {
	gsub(/&/, "\\&amp;", s)
	gsub(/</, "\\&lt;", s)
	gsub(/>/, "\\&gt;", s)
	return s
}
# XML 1.0 takes no control characters, not even as references.
function escape_xml(s) {
	s = escape(s)
	gsub(/"/, "\\&quot;", s)
	gsub(/[\001-\010\013\014\016-\037]|\357\277\276|\357\277\277/, "\357\277\275", s)
	return s
}
function quote_json(s) {
	gsub(/\\/, "&&", s)
	gsub(/"/, "\\\"", s)
	gsub(/[\001-\037]/, "\357\277\275", s)
	return "\"" s "\""
}
function quote_praat(s) {
	gsub(/"/, "\"\"", s)
	return "\"" s "\""
}

function finish_recording(    t) {
	for (t = finished + 1; t <= tracks; t++) {
		while (written[t] < pieces[t]) settle(t, ++written[t])
		put(t)
	}
	finished = tracks
}

# Each track's cues are in order: the earliest of their first ones is the next.
function put_held(    t, next_of, best) {
	do {
		best = 0
		for (t = 1; t <= tracks; t++)
			if (next_of[t] < held[t] && (!best || held_from[t, next_of[t] + 1] < held_from[best, next_of[best] + 1])) best = t
		if (best) {
			t = ++next_of[best]
			put_cue(held_from[best, t], held_to[best, t], best, held_label[best, t], held_sure[best, t])
		}
	} while (best)
}

# A tier has no gaps: empty intervals fill them.
function put_textgrid(    t) {
	print "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n"
	print "xmin = 0\nxmax = " seconds(latest) "\ntiers? <exists>\nsize = " tracks + 0 "\nitem []:"
	for (t = 1; t <= tracks; t++) {
		print "    item [" t "]:\n        class = \"IntervalTier\"\n        name = " quote_praat(title[t])
		print "        xmin = 0\n        xmax = " seconds(latest) "\n        intervals: size = " put_tier(t)
		put_tier(t, 1)
	}
}
# Counts a tier's intervals, or writes them.
function put_tier(t, show,    i, n, from) {
	for (i = 1; i <= held[t]; i++) {
		if (held_from[t, i] > from) put_interval(show, ++n, from, held_from[t, i], "")
		put_interval(show, ++n, held_from[t, i], held_to[t, i], held_label[t, i])
		from = held_to[t, i]
	}
	if (latest > from) put_interval(show, ++n, from, latest, "")
	return n + 0
}
function put_interval(show, n, from, to, text) {
	if (!show) return
	print "        intervals [" n "]:\n            xmin = " seconds(from) "\n            xmax = " seconds(to)
	print "            text = " quote_praat(text)
}

# The format has a date, which is always the same here, so that the same table gives the same bytes.
function put_elan(    t, i, n) {
	print "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
	print "<ANNOTATION_DOCUMENT AUTHOR=\"\" DATE=\"1970-01-01T00:00:00Z\" FORMAT=\"3.0\" VERSION=\"3.0\"" \
		" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"" \
		" xsi:noNamespaceSchemaLocation=\"http://www.mpi.nl/tools/elan/EAFv3.0.xsd\">"
	print "  <HEADER MEDIA_FILE=\"\" TIME_UNITS=\"milliseconds\">"
	for (t = 1; t <= tracks; t++) if (t == 1 || of[t] != of[t - 1]) put_media(of[t])
	for (t = 1; t <= tracks; t++) n += held[t]
	print "    <PROPERTY NAME=\"lastUsedAnnotationId\">" n + 0 "</PROPERTY>\n  </HEADER>\n  <TIME_ORDER>"
	put_slots()
	print "  </TIME_ORDER>"
	for (t = 1; t <= tracks; t++) {
		print "  <TIER LINGUISTIC_TYPE_REF=\"emotion\" TIER_ID=\"" escape_xml(title[t]) "\">"
		for (i = 1; i <= held[t]; i++) {
			print "    <ANNOTATION>\n      <ALIGNABLE_ANNOTATION ANNOTATION_ID=\"a" ++annotations "\" TIME_SLOT_REF1=\"" \
				slot[t, i, 1] "\" TIME_SLOT_REF2=\"" slot[t, i, 2] "\">"
			print "        <ANNOTATION_VALUE>" escape_xml(held_label[t, i]) "</ANNOTATION_VALUE>"
			print "      </ALIGNABLE_ANNOTATION>\n    </ANNOTATION>"
		}
		print "  </TIER>"
	}
	print "  <LINGUISTIC_TYPE GRAPHIC_REFERENCES=\"false\" LINGUISTIC_TYPE_ID=\"emotion\" TIME_ALIGNABLE=\"true\"/>"
	print "</ANNOTATION_DOCUMENT>"
}
function put_media(base,    list, i, n, name, path, type) {
	path = base ".wav"
	for (i = n = split(media, list, "\t"); i; i--) {
		name = list[i]
		sub(/.*\//, "", name)
		sub(/\.[^.]*$/, "", name)
		if (n == 1 || name == base || list[i] == base) path = list[i]
	}
	type = tolower(path) ~ /\.wav$/ ? "audio/x-wav" : "audio/*"
	print "    <MEDIA_DESCRIPTOR MEDIA_URL=\"" escape_xml(path ~ /^\// ? "file://" path : path) "\" MIME_TYPE=\"" type "\"" \
		(path ~ /^\// ? "" : " RELATIVE_MEDIA_URL=\"" escape_xml("./" path) "\"") "/>"
}
# All times of all tracks, in order: the ends of a track's annotations are in order, too.
function put_slots(    t, done, best, time, when, side, n) {
	do {
		best = 0
		for (t = 1; t <= tracks; t++) {
			if (done[t] >= 2 * held[t]) continue
			side = done[t] % 2
			time = side ? held_to[t, (done[t] + 1) / 2] : held_from[t, done[t] / 2 + 1]
			if (!best || time < when) {
				best = t
				when = time
			}
		}
		if (best) {
			slot[best, int(done[best] / 2) + 1, done[best] % 2 + 1] = "ts" ++n
			done[best]++
			print "    <TIME_SLOT TIME_SLOT_ID=\"ts" n "\" TIME_VALUE=\"" sprintf("%.0f", when) "\"/>"
		}
	} while (best)
}

# The mark of a program that failed (common/base/failed.h), which has said why.
/^\030/ {
	failed = 3
	exit failed
}
{ sub(/\r$/, "") }
NR == 1 {
	sub(/^\357\273\277/, "")
	read_header()
}
$0 == header { next } # of each file, where there are several
{
	if (NF != columns) bad(NF " columns, but the header has " columns)
	read_piece()
}

END {
	if (failed) exit failed
	if (!NR) fail("no table: empty input")
	finish_recording()
	if (format ~ /^(vtt|srt)$/) put_held()
	if (format == "textgrid") put_textgrid()
	if (format == "elan") put_elan()
}
