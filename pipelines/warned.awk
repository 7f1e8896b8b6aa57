# warned.awk: mixed.awk's tables of several tests -> of how many of the speakers, as a share,
# enrolment would warn: their recordings are few, or seem to be of one emotion.
BEGIN { FS = "\t" }
{ warned += $5 != "mixed" }
END { printf "%.6f\n", NR ? warned / NR : 0 }
