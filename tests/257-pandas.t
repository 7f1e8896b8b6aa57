#!/bin/bash
# csvprep beside pandas, on tables drawn at random.
. "${0%/*}/lib.sh"
need_python pandas

cat >rows.prep <<'END'
join t k=id
drop-missing x c
clip x iqr=1.5
scale x y
onehot c
key n
select x y c=* v
END
cat >groups.prep <<'END'
join t k=id absent=allow kind=inner
aggregate k c ; count ; mean x y ; sum y ; min x ; max y ; count by h
drop c
fill * with=-9
key k
END

cat >late.prep <<'END'
encode a order=appearance
encode b
onehot c
onehot d order=appearance
END

# Records are single precision; what is learnt has all digits.
cat >compare.py <<'END'
import subprocess
import sys

import numpy as np
import pandas as pd


def run(*command, stdin=None):
    return subprocess.run(command, input=stdin, stdout=subprocess.PIPE, check=True).stdout


def stream(recipe):
    tables = ["m.csv"] if recipe == "late.prep" else ["m.csv", "t=t.csv"]
    out = run("csvprep", "-q", "--recipe", recipe, "--fit", "state", *tables)
    names = run("tsrdump", "--field", "column", "-", stdin=out).decode().split("\n")[:-1]
    cells = [line.split("\t") for line in run("tsrdump", "--data", "-", stdin=out).decode().split("\n")[:-1]]
    return pd.DataFrame([c[2:] for c in cells], columns=names, index=[c[0] for c in cells]).astype(float)


def learnt(step, column):
    for line in open("state"):
        w = line.split()
        if w[:3] == ["learnt", str(step), f'"{column}"']:
            return {w[i]: float(w[i + 1]) for i in range(3, len(w), 2)}


def near(got, want, what, limit):
    got, want = np.asarray(got, float), np.asarray(want, float)
    assert got.shape == want.shape, (what, got.shape, want.shape)
    worst = np.max(np.abs(got - want) / np.maximum(np.abs(want), 1e-30), initial=0)
    assert worst <= limit, (what, worst)


def draw(seed):
    rng = np.random.default_rng(seed)
    n, keys = int(rng.integers(200, 1500)), int(rng.integers(3, 40))
    x = rng.standard_cauchy(n) * 10.0 ** rng.integers(-3, 4)
    main = pd.DataFrame({
        "n": [f"r{i}" for i in range(n)],
        "k": rng.integers(0, keys, n),
        "x": np.where(rng.random(n) < 0.1, np.nan, x),
        "y": np.exp(rng.normal(0, 3, n)),
        "c": rng.choice(["a", "b,b", 'q"q', "é x", ""], n),
        "h": rng.choice(["u", "v"], n),
    })
    return main, pd.DataFrame({"id": rng.permutation(keys), "v": rng.normal(size=keys)})


SINGLE, DOUBLE = 2.0**-23, 1e-12


def compare(seed):
    main, side = draw(seed)
    main.to_csv("m.csv", index=False)
    side.to_csv("t.csv", index=False)

    # join, dropna, clip, z-score, get_dummies
    want = main.merge(side, left_on="k", right_on="id", how="left")
    want = want[want.x.notna() & (want.c != "")].copy()
    got = stream("rows.prep")
    assert list(got.index) == list(want.n)
    q1, q3 = want.x.quantile(0.25), want.x.quantile(0.75)
    limits = {"q1": q1, "q3": q3, "low": q1 - 1.5 * (q3 - q1), "high": q3 + 1.5 * (q3 - q1)}
    found = learnt(3, "x")
    near([found[k] for k in limits], list(limits.values()), "quantiles", DOUBLE)
    want["x"] = want.x.clip(limits["low"], limits["high"])
    for c in "xy":
        mean, deviation = want[c].mean(), want[c].std()
        found = learnt(4, c)
        # A mean near 0 is what is left of larger values: their size is the measure.
        assert abs(found["mean"] - mean) <= DOUBLE * want[c].abs().mean(), c
        near([found["deviation"]], [deviation], "deviation", DOUBLE)
        z = (want[c] - mean) / deviation
        assert np.all(np.abs(got[c].to_numpy() - z.to_numpy()) <= SINGLE * np.abs(z.to_numpy()) + DOUBLE), c
    dummies = pd.get_dummies(want.c, prefix="c", prefix_sep="=")
    made = got[[c for c in got.columns if c.startswith("c=")]]
    assert list(made.columns) == list(dummies.columns)
    assert np.array_equal(made.to_numpy(), dummies.to_numpy().astype(float))
    near(got.v, want.v, "join", SINGLE)

    # groupby, with keys that the other table lacks
    side = side.iloc[: len(side) // 2 + 1]
    side.to_csv("t.csv", index=False)
    want = main[main.k.isin(side.id)]
    got = stream("groups.prep")
    g = want.groupby(["k", "c"], sort=False)
    assert [int(k) for k in got.index] == [k for k, c in g.size().index]
    assert np.array_equal(got["count"], g.size())
    for name, what in (("mean.x", g.x.mean()), ("mean.y", g.y.mean()), ("sum.y", g.y.sum()), ("min.x", g.x.min()), ("max.y", g.y.max())):
        # x has both signs, and so a sum that may be near 0.
        size = g.x.apply(lambda s: s.abs().mean()).fillna(9) if name == "mean.x" else what.abs().fillna(9)
        error = np.abs(got[name].to_numpy() - what.fillna(-9).to_numpy())
        assert np.all(error <= SINGLE * np.abs(what.fillna(-9).to_numpy()) + DOUBLE * size.to_numpy()), name
    for h in "uv":
        assert np.array_equal(got["count." + h], (want.h == h).groupby([want.k, want.c], sort=False).sum()), h


def late():
    """factorize and get_dummies of 9000 rows, with values that first appear batches later."""
    rng = np.random.default_rng(0)
    columns = {}
    for name in "abcd":
        x = rng.choice(["m", "p", "q,q"], 9000)
        x[4200:] = np.where(rng.random(4800) < 0.1, "b", x[4200:])
        x[8300:] = np.where(rng.random(700) < 0.1, "z", x[8300:])
        columns[name] = x
    main = pd.DataFrame(columns)
    main.to_csv("m.csv", index=False)
    got = stream("late.prep")
    assert np.array_equal(got.a, pd.factorize(main.a)[0])
    assert np.array_equal(got.b, pd.factorize(main.b, sort=True)[0])
    dummies = pd.get_dummies(main.c, prefix="c", prefix_sep="=")
    order = ["d=" + v for v in pd.unique(main.d)]
    assert list(got.columns) == ["a", "b"] + list(dummies.columns) + order
    assert np.array_equal(got[dummies.columns].to_numpy(), dummies.to_numpy().astype(float))
    assert np.array_equal(got[order].to_numpy(), pd.get_dummies(main.d, prefix="d", prefix_sep="=")[order].to_numpy().astype(float))


late()
for seed in range(1, int(sys.argv[1]) + 1):
    compare(seed)
    print(seed)
END

rounds=12
[ -z "${SER_VALGRIND-}" ] || rounds=1
run 0 "pandas says the same" "$python" compare.py $rounds
is "$(wc -l <out)" $rounds "on $rounds pairs of tables: join, dropna, clip, z-score, get_dummies, groupby; factorize of late values"
finish
