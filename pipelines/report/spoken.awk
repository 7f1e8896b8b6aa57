# spoken.awk: the table of a bar chart as one sentence, after lib.awk.
BEGIN { FS = "\t" }
NR > 1 { printf "%s%s {{%s %%}}", (NR > 2 ? ", " : ""), esc($1), percent($2) }
