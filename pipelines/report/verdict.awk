# verdict.awk: the answer to one record, in a sentence; after lib.awk.
BEGIN { FS = "\t" }
NR == 1 {
	columns()
	next
}
$at["pred"] != "NOSPEECH" {
	print "<p>{{The answer is @; the most probable class, @, has @ %.|<b>" esc(label($at["pred"])) "</b>|" esc(label(answer())) \
		"|" percent($at["confidence"]) "}}</p>"
}
