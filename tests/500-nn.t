#!/bin/bash
# nn: matrix products, layers and their gradients against their definitions.
. "${0%/*}/lib.sh"

# A program's tests, numbered on, and one more: it ran all that it planned.
for unit in gemm textbook gradients shards; do
	status=0 planned=none before=$count
	"$BUILD/unit/$unit" >out 2>err || status=$?
	while IFS= read -r line; do
		case $line in
		ok\ * | not\ ok\ *)
			count=$((count + 1))
			echo "${line%%ok *}ok $count - $unit: ${line#* - }"
			;;
		1..*) planned=${line#1..} ;;
		*) echo "$line" ;;
		esac
	done <out
	is "$status, $((count - before)) of $planned" "0, $planned of $planned" "$unit comes to its end"
done
finish
