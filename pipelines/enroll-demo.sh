# enroll-demo.sh: `sertools enroll-demo CORPUS=ravdess DIR=...` shows what it is worth to know
# 1, 2, 5 or more clips of a speaker, and what it costs where these show one emotion. It is
# sertools audio with these protocols, and uses what that has trained in the same OUT.
# shellcheck shell=bash disable=SC1091,SC2015,SC2034,SC2086,SC2154
: "${NETS=mlp1558}" "${KNOWN=1 2 5 10 20 40}" "${SKEW=}"
[[ $KNOWN =~ ^\ *[1-9][0-9]{0,5}(\ +[1-9][0-9]{0,5})*\ *$ ]] || die "KNOWN=$KNOWN: numbers of clips are required, with blanks between"
PROTOCOL=enrolled family=audio
. "$here/audio.sh"
warn=yes
out=${OUT:-out/enroll-$CORPUS}

# The label that is drawn first is the most frequent one, of equals the first, unless SKEW says.
settle() {
	local k labels
	labels=$(cut -f 3 "$out/manifest.tsv" | sort | uniq -c | sort -k 1,1nr -s | sed 's/^ *[0-9]* //')
	[ -n "$SKEW" ] || SKEW=${labels%%$'\n'*}
	grep -qxF -e "$SKEW" <<<"$labels" || die "SKEW=$SKEW: no recording has that label; there are: $(paste -s -d ' ' <<<"$labels")"
	[[ $SKEW =~ ^[A-Za-z0-9_]+$ ]] || die "SKEW=$SKEW: a label of letters, digits and _ is required"
	PROTOCOL=alone
	for k in $KNOWN; do PROTOCOL+=" enrolled-$k"; done
	for k in $KNOWN; do PROTOCOL+=" enrolled-$k-$SKEW"; done
	PROTOCOL+=' enrolled'
}
