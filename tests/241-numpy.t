#!/bin/bash
# tsrnpy against NumPy itself, where that is installed.
. "${0%/*}/lib.sh"
. "$root/tests/streams.sh"

need_python numpy
# py NAME: runs the program on standard input; it must end well.
py() {
	local name=$1
	{ echo 'import numpy as np' && cat; } >program.py
	run 0 "$name" "$python" program.py
}

maketsr a.tsr <<'END'
H type=mel rate=22050 pg=x pg=y
T f32 2,3 1,2,3,4,5,6 key=1001_a label=angry group=1001 sex=male
T f32 2,3 nan,inf,-inf,-0,1e-45,3 key=1002_ä label=sad
E
H type=mel
T f32 2,3 0.5 key=1001_a group=7
E
END
maketsr model.tsr <<'END'
H	type=model	net=conv1d 64	class=angry	class=sad
T	f32	5,2,3	ramp	key=00.conv1d/kernel
T	f64	3	0.5	key=00.conv1d/bias
T	i64	-	7	key=n
E
END
tsrnpy -o a.npz a.tsr
tsrnpy -o model.npz model.tsr
tsrnpy -o a.npy a.tsr
py "NumPy reads a stack" <<'END'
z = np.load('a.npz')
assert z.files == ['data', 'key', 'label', 'group', 'meta', 'head', 'records'], z.files
assert z['data'].dtype == np.float32 and z['data'].shape == (3, 2, 3)
want = np.array([[1, 2, 3, 4, 5, 6], [np.nan, np.inf, -np.inf, -0.0, 1e-45, 3], [0.5] * 6], np.float32)
assert np.array_equal(z['data'].reshape(3, 6).view(np.uint32)[:, 1:], want.view(np.uint32)[:, 1:])
assert np.isnan(z['data'][1, 0, 0])
assert list(z['key']) == ['1001_a', '1002_ä', '1001_a'] and list(z['label']) == ['angry', 'sad', '']
assert list(z['group']) == ['1001', '', '7'] and list(z['records']) == [2, 1]
assert z['meta'][0] == 'key=1001_a\nlabel=angry\ngroup=1001\nsex=male\n'
assert z['head'][0] == 'type=mel\nrate=22050\npg=x\npg=y\n'
assert np.array_equal(np.load('a.npy'), z['data'], equal_nan=True)
END
py "and a model" <<'END'
z = np.load('model.npz')
assert z.files == ['00.conv1d/kernel', '00.conv1d/bias', 'n', 'meta', 'head'], z.files
assert np.array_equal(z['00.conv1d/kernel'], np.arange(30, dtype=np.float32).reshape(5, 2, 3))
assert z['00.conv1d/bias'].dtype == np.float64 and z['n'].shape == () and z['n'] == 7
END
printf 'H\nT u8 2 1,2 key=\303\244\nT u8 3 ramp key=a\314\210\nE\n' | maketsr accents.tsr
tsrnpy --layout keys accents.tsr | cat >accents.npz
py "and names that are not ASCII" <<'END'
z = np.load('accents.npz')
assert z.files == ['\xe4', 'a\u0308', 'meta', 'head'] and list(z['a\u0308']) == [0, 1, 2], z.files
class Pipe:
    def __init__(self, name): self.file = open(name, 'wb')
    def write(self, data): return self.file.write(data)
    def flush(self): self.file.flush()
    def read(self): pass
for save in np.savez, np.savez_compressed:
    save(Pipe(save.__name__ + '.npz'), **z)
END
for how in savez savez_compressed; do
	cat $how.npz | tsrnpy --from npz >x.tsr
	same x.tsr accents.tsr "come back from a pipe by $how"
done
py "NumPy writes them again, plain and deflated" <<'END'
for name in 'a', 'model':
    z = dict(np.load(name + '.npz'))
    np.savez(name + '-plain.npz', **z)
    np.savez_compressed(name + '-deflated.npz', **z)
END
for name in a model; do
	for how in plain deflated; do
		tsrnpy -o x.tsr $name-$how.npz
		same x.tsr $name.tsr "$name.tsr comes back byte for byte, $how"
	done
done
py "an archive that was edited" <<'END'
z = dict(np.load('a.npz'))
del z['records']
z['head'] = z['head'][:1]
z['label'][2] = 'happy'
z['label'][0] = ''
z['data'] *= 2
z['take'] = np.array([1, -2, 3])
np.savez('edited.npz', **{k: v[::2] if len(v) == 3 else v for k, v in z.items()})
END
tsrnpy -o x.tsr edited.npz
is "$(tsrdump --tsv --columns sex,take x.tsr | sed 1d | cut -f 1-3,9,11,13-)" $'1001_a\t-\t1001\t2\t12\tmale\t1
1001_a\thappy\t7\t1\t1\t-\t3' "has the new values"

py "arrays with keys" <<'END'
x = np.zeros((3, 2), 'f4')
np.savez('keyed.npz', data=x, key=['a', 'b', 'a'])
np.savez('windows.npz', data=x, key=['a', 'b', 'a'], start=['0.000', '0.000', '1.000'])
np.savez('names.npz', data=x, name=['a', 'b', 'c'], spoken=['a', 'a', 'a'])
END
fails 3 "keyed.npz: record 3: the key 'a' is that of record 1 too" "a key twice" tsrnpy keyed.npz
run 0 "windows share theirs" tsrnpy windows.npz
run 0 "another array of keys" tsrnpy --key name names.npz
fails 3 "windows.npz: record 4: the key 'a' is that of record 1 too" "an archive twice" tsrnpy windows.npz windows.npz

py "plain arrays of every type, rank and order" <<'END'
rng = np.random.default_rng(1)
for t in 'u1', 'i4', 'i8', 'f2', 'f4', 'f8':
    for rank in range(1, 6):
        shape = (3, 2, 4, 1, 5)[:rank]
        x = (rng.normal(size=shape) * 100).astype(t)
        np.save(f'{t}-{rank}-C.npy', x)
        np.save(f'{t}-{rank}-F.npy', np.asfortranarray(x))
END
bad=
for file in $(printf '%s\n' ??-?-[CF].npy | every 8); do
	tsrnpy $file | tsrnpy --from tsr --to npy >"back-$file"
	tsrnpy --one $file | tsrnpy --from tsr --to npy >"one-$file"
	[ -s "one-$file" ] || bad+=" $file"
done
is "$bad" '' "are read"
py "and equal" <<'END'
import glob
for f in glob.glob('back-*'):
    x, y, z = np.load(f[5:]), np.load(f), np.load('one-' + f[5:])
    assert x.dtype == y.dtype and np.array_equal(x, y), f
    assert np.array_equal(x[None], z), f
END
py "files of other programs" <<'END'
x = np.arange(24, dtype=np.float32).reshape(4, 3, 2)
y = np.array(['sad', 'angry', 'sad', 'häppy'])
np.savez('xy.npz', X=x, y=y, speaker=np.arange(4), id=np.array([b'a', b'b', b'c', b'd']))
np.savez_compressed('fortran.npz', data=np.asfortranarray(x), label=y)
np.savez('weights.npz', kernel=x, bias=np.float64(3))
np.savez('short.npz', data=x, label=y[:3])
np.savez('float.npz', data=x, label=np.ones(4))
np.savez('big.npz', data=x.astype('>f4'))
for t in '>f4', '?', 'c8', 'i2', 'u4', 'M8[s]', 'f4,i4', 'O', 'U3':
    np.save('type-%s.npy' % t[1:3].strip('[,'), np.zeros(3, t), allow_pickle=True)
np.save('header.npy', x)
END
run 0 "X and y" tsrnpy --data X --label y --group speaker --key id --type mel xy.npz
mv out x.tsr
is "$(tsrdump --tsv x.tsr | sed 1d | cut -f 1-3,9,11)" $'a\tsad\t0\t0\t5\nb\tangry\t1\t6\t11\nc\tsad\t2\t12\t17\nd\thäppy\t3\t18\t23' \
	"become records"
run 0 "an array in Fortran's order, deflated" tsrnpy fortran.npz
mv out x.tsr
is "$(tsrdump --data x.tsr | sed -n 4,6p)" $'fortran.1\t0\t6\t7\nfortran.1\t1\t8\t9\nfortran.1\t2\t10\t11' "becomes records"
run 0 "named arrays" tsrnpy weights.npz
mv out x.tsr
is "$(tsrdump --tsv x.tsr | sed 1d | cut -f 1,6,7)" $'kernel\tf32\t4,3,2\nbias\tf64\t-' "become records by name"
fails 3 'short.npz: label.npy: 3 elements for 4 records' "labels that are too few" tsrnpy short.npz
fails 3 'label.npy: type <f8 where strings' "labels that are none" tsrnpy float.npz
fails 3 'big-endian' "a big-endian array in an archive" tsrnpy big.npz
fails 3 "no array 'data'" "a stack that is not there" tsrnpy --layout stack xy.npz
fails 3 "y.npy: type <U5 has no counterpart" "strings that are no field" tsrnpy xy.npz
for file in type-*.npy; do
	fails 3 "$file: .*(big-endian|no counterpart|cannot be read)" "$file is named" tsrnpy "$file"
done
# Names that lead out of a folder.
py 'archives with such names' <<'END'
import zipfile, io
for i, name in enumerate(['../../x', '/tmp/x', 'a/../../x', 'a/..', '..', 'a\\..\\x', 'C:/x', 'C:\\x', 'a\033[31m', 'a\u202eb', 'a\u009bb']):
    b = io.BytesIO()
    np.save(b, np.zeros(3, np.float32))
    with zipfile.ZipFile('out%d.npz' % i, 'w') as z:
        info = zipfile.ZipInfo('x')
        info.filename = name + '.npy'
        z.writestr(info, b.getvalue())
np.savez('in.npz', **{'a..b': np.zeros(3, np.float32), '...': np.ones(3, np.float32), 'b/.c': np.ones(3, np.float32), 'c:d': np.ones(3, np.float32)})
END
for i in 0 1 2 3 4 5 6 7; do
	fails 3 "out$i.npz: .*an array must not be named '.*', which leads out of its folder" "$(unzip -Z1 out$i.npz 2>/dev/null || echo name $i)" tsrnpy -o x.tsr out$i.npz
done
for i in 8 9 10; do
	fails 3 "out$i.npz: .*names in the archive: byte 2" "hidden characters in a name, $i" tsrnpy -o x.tsr out$i.npz
done
run 0 'names with dots that stay in it' tsrnpy -o in.tsr in.npz
is "$(tsrdump --tsv in.tsr | sed 1d | cut -f 1 | sort | tr '\n' ' ')" '... a..b b/.c c:d ' 'are keys'
for key in ../../x /tmp/x a/../../x .. 'a\..\x' C:/x; do
	printf 'H\ttype=mel\nT\tf32\t3\tramp\tkey=%s\nE\n' "$key" | "$BUILD/unit/maketsr" key.tsr
	fails 3 'record 1 .*an array must not be named .*--layout stack' "a key $key as a name" tsrnpy --layout keys -o key.npz key.tsr
	run 0 'as data' tsrnpy -o key.npz key.tsr
	tsrnpy -o back.tsr key.npz
	same key.tsr back.tsr 'comes back'
done

finish
