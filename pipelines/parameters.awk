# parameters.awk: tsrdump of models -> how many parameters they have together.
/^  [0-9]+ weights?, [0-9]+ parameters/ { sum += $3 }
END { printf "%.0f\n", sum }
