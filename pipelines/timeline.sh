# timeline.sh: sertools timeline, which reads this: predictions for the pieces of recordings through timeline.awk.
# shellcheck shell=sh disable=SC2154
smooth=1 threshold='' labels='' media='' pieces=''
i=0
while [ "$i" -lt "$n" ]; do
	i=$((i + 1))
	eval "word=\$option$i"
	case $word in
	--top=* | --columns=* | --json | --output=*) fail 2 "${word%%=*} is not for timeline (sertools help timeline)" ;;
	--channels=mix) ;;
	--channels=*) options="$options --columns channel" ;;
	--segments | --window=* | --step=*) pieces=yes ;;
	--threshold=*) threshold=${word#*=} ;;
	--labels=*) labels=${word#*=} ;;
	smooth=*) smooth=${word#*=} ;;
	esac
done
[ -n "$pieces" ] || wavnorm="$wavnorm --segments"
if [ "$smooth" != 1 ] && [ -n "$threshold" ]; then
	[ "$threshold" != auto ] || fail 2 '--threshold auto is for labels that are not smoothed: name a number'
	keep shown "threshold=$threshold"
fi

# What --labels makes of these two is no class.
for file in "$labels" "./$labels.tsv" "$pipelines/labels/$labels.tsv"; do
	if [ -z "$labels" ] || [ ! -f "$file" ]; then continue; fi
	for name in UNCERTAIN NOSPEECH; do
		text=$(NAME=$name awk -F '\t' '$1 == ENVIRON["NAME"] { gsub(/\\/, "&&", $2); print $2; exit }' "$file")
		[ -z "$text" ] || keep shown "$(echo $name | tr '[:upper:]' '[:lower:]')=$text"
	done
	break
done
for file; do media=$media${media:+\\t}$(printf %s "$file" | sed 's/\\/\\\\/g'); done
keep shown "media=$media"

find_at_once
show="awk $at_once$(printf %s "$shown" | sed 's/ "/ -v "/g') -f \"\$pipelines/timeline.awk\""
printf 'key\tstart\tend\tpred\tconfidence\tp.x\n' | eval "$show" >/dev/null || exit # before anything is read

# What fails here says so behind it as programs do, see common/base/failed.h.
{ (predict "$@") || printf '\030'; } | eval "$show" || {
	status=$?
	case $status in
	1 | 2) fail 4 'the timeline cannot be written' ;; # by any awk
	*) exit $status ;;
	esac
}
