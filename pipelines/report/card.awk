# card.awk: the words to one line of wrong.awk, after lib.awk. -v n=N: its number; -v
# heard=yes: it is a recording.
BEGIN { FS = "\t" }
{
	print "<h3>" n ". <code>" esc($2) "</code></h3>"
	print "<p>{{@, " (heard == "yes" ? "said by" : "of") " speaker @, was taken for @ with a confidence of @ %; @ was given @ %.|<b>" esc(label($3)) \
		"</b>|" esc($6) "|<b>" esc(label($4)) "</b>|" percent($1) "|" esc(label($3)) "|" percent($5) "}}</p>"
}
