# kinds.awk: tsrdump --head of models -> where different kinds of processor trained them, a
# line that says so; nothing where one did. With -v list=yes, which ones in any case. One that
# was continued on another kind is of both.
function join(list, value) { return list (list == "" ? "" : " and ") value }
function end_of_model(    k) {
	if (kernel != "" && !seen[kernel]++) { # sorted, as the order of models says nothing
		for (k = ++kinds; k > 1 && kind[k - 1] > kernel; k--) kind[k] = kind[k - 1]
		kind[k] = kernel
	}
	kernel = ""
}

FNR == 1 { end_of_model() }
/^kernel=/ { kernel = join(kernel, substr($0, 8)) }
/^$/ { end_of_model() }
END {
	end_of_model()
	for (i = 1; i <= kinds; i++) text = text (i > 1 ? "; " : "") kind[i]
	lowest = substr(kind[1], 1, match(kind[1] " ", / /) - 1)
	if (list) print text
	else if (kinds > 1)
		print "\nThe models were trained by kernels that round differently (" text "): KERNEL=" lowest " pins one."
}
