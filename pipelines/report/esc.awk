# esc.awk: lines as text of HTML, after lib.awk.
{ print esc($0) }
