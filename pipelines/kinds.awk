# kinds.awk: tsrdump --head of models -> where different kinds of processor trained them, a
# line that says so; nothing where one did. With -v list=yes, which ones in any case. One that
# was continued on another kind counts as of both.
function join(list, value) { return list (list == "" ? "" : " and ") value }
function count() {
	if (kernel == "") return
	if (!n[kernel ", " blas]++) kind[++kinds] = kernel ", " blas
	kernel = blas = ""
}

/^kernel=/ { kernel = join(kernel, substr($0, 8)) }
/^blas=/ { blas = join(blas, substr($0, 6)) }
/^$/ { count() }
END {
	count()
	for (i = 2; i <= kinds; i++) # so that their order is not that of the models
		for (k = i; k > 1 && kind[k] < kind[k - 1]; k--) {
			swap = kind[k]
			kind[k] = kind[k - 1]
			kind[k - 1] = swap
		}
	for (i = 1; i <= kinds; i++) text = text (i > 1 ? "; " : "") kind[i] (list ? "" : ": " n[kind[i]])
	lowest = substr(kind[1], 1, match(kind[1], /[, ]/) - 1)
	if (list) print text
	else if (kinds > 1)
		print "\nThe models were trained by kernels that round differently (" text "): KERNEL=" lowest " pins one."
}
