#!/bin/bash
# tsrnpy: there and back again, what NumPy itself writes (241), and defects.
. "${0%/*}/lib.sh"
. "$root/tests/streams.sh"

maketsr a.tsr <<'END'
H type=mel rate=22050 pg=x pg=y
T f32 2,3 noise:1 key=1001_a label=angry group=1001 sex=male
T f32 2,3 noise:2 key=1002_ä label=sad group=1002
E
H type=mel rate=16000
E
H type=mel
T f32 2,3 nan,inf,-inf,-0,1e-45,3 key=1001_a note=
E
END
maketsr model.tsr <<'END'
H	type=model	net=conv1d 64	class=angry	class=sad	pg=nntrain 0.1.0
T	f32	5,2,3	ramp	key=00.conv1d/kernel
T	f32	3	0.5	key=00.conv1d/bias
T	f64	-	7	key=scale
E
END
for type in u8 i32 i64 f32 f64 f16; do
	printf 'H type=%s\nT %s 2,2 noise:3 key=a\nT %s 2,2 1,2,3,4 key=b\nE\n' $type $type $type | maketsr $type.tsr
done
# back FILE: that stream through an archive and back is itself.
back() {
	local name=$1
	shift
	tsrnpy "$@" -o x.npz "$name" && tsrnpy -o x.tsr x.npz
	same "$name" x.tsr "$name comes back, ${*:-as usual}"
}
options tsrnpy
reads_streams u8.tsr tsrnpy --from tsr

back a.tsr
back a.tsr --layout keys
back model.tsr
for type in u8 i32 i64 f32 f64 f16; do
	back $type.tsr
	back $type.tsr --layout keys
done
printf 'H\nE\n' | maketsr none.tsr
back none.tsr
back none.tsr --layout keys
printf 'H type=x\nT u8 0,3 ramp key=a\nT u8 0,3 ramp key=b\nE\n' | maketsr zero.tsr
back zero.tsr
printf 'H\nT u8 2,1,1,1,1,1,1,1 ramp key=a\nE\n' | maketsr deep.tsr
back deep.tsr
back deep.tsr --layout keys
printf 'H\nT u8 2 1,2 key=\303\244\nT u8 3 ramp key=a\314\210\nT u8 2 3,4 key=\303\244\nE\n' | maketsr accents.tsr
back accents.tsr --layout keys

# Ways in and out.
tsrnpy -o a.npz a.tsr
tsrnpy a.tsr >out
same out a.npz "from a stream to an archive is the default"
cat a.tsr | tsrnpy >out
same out a.npz "on a pipe too"
tsrnpy --layout keys -o x.npz accents.tsr
TZ=Asia/Tokyo LC_ALL=C.UTF-8 tsrnpy --layout keys accents.tsr >out
same out x.npz "the same bytes in every zone and locale"
tsrnpy a.npz >out
same out a.tsr "an archive is known by its content"
cp a.npz archive
tsrnpy <archive >out
same out a.tsr "on standard input too"
cat a.npz | tsrnpy --from npz >out
same out a.tsr "on a pipe --from says it"
cat a.npz | tsrnpy --from npz --to tsr - >out
same out a.tsr "- is standard input"
tsrnpy a.npz a.npz >out
cat a.tsr a.tsr >two.tsr
same out two.tsr "two archives are read one after the other"
tsrnpy a.tsr a.tsr >out
tsrnpy two.tsr >two.npz
same out two.npz "two streams too"
tsrnpy --to npy a.tsr >out
tsrnpy -o a.npy a.tsr
same out a.npy "an array by --to or by name"
is "$(head -c 128 a.npy | tail -c +11 | tr -d '\n' | sed 's/ *$//')" \
	"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2, 3), }" "has all records"
tsrnpy -o x.tsr a.npy
tsrnpy -o again.npy x.tsr
same again.npy a.npy "whose values come back"
is "$(tsrdump --tsv x.tsr | cut -f 1,7 | sed 1d | paste -sd ' ')" $'a.0\t2,3 a.1\t2,3 a.2\t2,3' "under numbered keys"
tsrnpy --one -o x.tsr a.npy
is "$(tsrdump --tsv x.tsr | cut -f 1,7 | sed 1d)" $'a\t3,2,3' "--one: as one record"
run 0 "--type and --set" tsrnpy --type wave --set rate=22050 --set x=1 a.npy
mv out set.tsr
is "$(tsrdump --head set.tsr)" "type=wave
rate=22050
x=1
pg=tsrnpy $(cat "$root/VERSION") layout=auto one=no data=none key=none label=none group=none type=wave set=rate=22050,x=1" \
	"make the head"
tsrnpy -o u8.npz u8.tsr
run 0 "they change heads that an archive has" tsrnpy --set rate=8000 u8.npz
mv out set.tsr
is "$(tsrdump --head set.tsr | sed 's/^\(pg=tsrnpy\).*/\1/' | paste -sd ' ')" 'type=u8 rate=8000 pg=tsrnpy' "and add provenance"
is "$(tsrnpy a.npy | tsrdump --field type)" table "without --type it is a table"

# Wrong use and defects.
fails 2 'tsr to tsr' "no conversion" tsrnpy -o x.tsr a.tsr
fails 2 'npz to npy' "none of the two a stream" tsrnpy -o x.npy a.npz
fails 2 '--from npy or npz is required' "a pipe to a stream" tsrnpy -o x.tsr < <(cat a.npz)
fails 2 'NAME=VALUE' "--set without =" tsrnpy --set rate a.npz
fails 2 '--set' "--set of an impossible name" tsrnpy --set 'a b=1' a.npz
printf 'H\nT f32 2 ramp key=a\nT f64 3 ramp key=b\nE\n' | maketsr mixed.tsr
fails 3 'mixed.tsr: record 2 .b.: f64 of shape 3 differs' "records that are no stack" tsrnpy -o none.npz mixed.tsr
[ ! -e none.npz ]
ok $? "no file comes of them"
fails 3 'mixed.tsr: record 2' "nor an array" tsrnpy -o none.npy mixed.tsr
back mixed.tsr --layout keys
: >empty.npz
fails 3 'empty input' "an empty file" tsrnpy --from npz empty.npz
fails 3 'empty input' "an empty pipe" tsrnpy --from npy < <(:)
fails 3 'nowhere' "a path that is not there" tsrnpy --from npz nowhere.npz
fails 3 'not a NumPy array' "another file" tsrnpy --from npy "$root/Makefile"
bad=
size=$(stat -c %s u8.npz)
for at in $(seq 1 37 $((size - 1)) | every 8); do
	head -c "$at" u8.npz >cut.npz
	refused tsrnpy --from npz cut.npz || bad+=" $at"
done
is "$bad" '' "an archive that is cut off"
flip u8.npz 192 3 flipped.npz
fails 3 'flipped.npz: data.npy: .*CRC' "a flipped bit in its data" tsrnpy flipped.npz
head -c 140 a.npy >cut.npy
fails 3 'cut.npy: 12 bytes follow the header, whose shape requires 72' "an array that is cut off" tsrnpy cut.npy
{ cat a.npy && echo; } >longer.npy
fails 3 '73 bytes follow' "or too long" tsrnpy longer.npy
maketsr large.tsr <<<$'H\nT u8 1048577 0 key=a\nE'
tsrnpy -o large.npz large.tsr
fails 3 'max-record' "a record above --max-record" tsrnpy --max-record 1 large.npz
fails 3 'max-record' "in a stream too" tsrnpy --max-record 1 large.tsr
fails 3 "no array 'X'" "--data that is not there" tsrnpy --data X a.npz
for out in npy npz; do
	fails 4 'No space left' "a full disk, .$out" bash -c "tsrnpy --to $out a.tsr >/dev/full"
done
fails 4 'No space left' "a full disk, a stream" bash -c 'tsrnpy a.npz >/dev/full'
[ -n "${SER_VALGRIND-}" ] || # which needs such files itself
	fails 4 'temporary' "no place for temporary files" env TMPDIR=/nowhere tsrnpy a.tsr
# What would have no effect is an error: somebody meant to select.
"$BUILD/unit/maketsr" only.tsr <<'END'
H	type=table	column=x
T	f32	1	1	key=a	label=sad
E
END
for option in --one --data=x --key=a --label=sad --group=g --type=mel --set=a=b; do
	fails 2 'for making a stream: tsrpick' "$option of a stream" tsrnpy $option only.tsr
done
finish
