#!/usr/bin/python3
"""functionals.py: what NumPy and SciPy give for the statistics of functionals/all.fun, for tests/140-functionals.t.

usage: functionals.py       writes functionals/ beside this file: in.npz, the sequences, and want.tsv: key, column, value
"""
import os
import warnings

import numpy as np
import scipy.stats

COLUMNS = [f"mel{i:02d}" for i in range(1, 9)] + ["mfcc01", "mfcc02", "f0", "strength", "energy"]
RATE, HOP = 16000, 256


def sequences():
    """key, (T,13), gain in dB"""
    rng = np.random.default_rng(3)
    for key, n in ("one", 1), ("two", 2), ("three", 3), ("seven", 7), ("eight", 8), ("some", 41), ("long", 90):
        t = np.arange(n)
        mel = -30 + 25 * np.sin(t / 4 + rng.random())[:, None] + rng.normal(0, 4, (n, 8))
        x = np.c_[mel, rng.normal(0, 30, (n, 2)), rng.normal(1, 0.3, n), rng.random(n) ** 0.5, mel.max(1) + rng.normal(3, 1, n)]
        yield key, x.astype("f4"), round(rng.normal(0, 9), 6)
    flat = np.full((20, 13), -80.0)
    flat[:, 10:12] = 0
    yield "silent", flat.astype("f4"), 60.0


def fallback(chosen, least, other):
    return chosen if chosen.sum() >= least else other


def strongest(s, n):
    return s >= np.sort(s)[::-1][min(n, len(s)) - 1]


def frame_sets(c):
    mel = np.max([c[k] for k in COLUMNS[:8]], 0)
    return {
        "all": np.ones(len(mel), bool),
        "voiced": fallback((c["strength"] > 0.55) & (mel > mel.max() - 35), 8, strongest(c["strength"], 8)),
        "loud": fallback(mel > mel.max() - 30, 8, np.ones(len(mel), bool)),
        "clear": fallback(c["strength"] > 0.7, 3, strongest(c["strength"], 3)),
        "near": fallback(c["energy"] > c["energy"].max() - 10, 2, np.ones(len(mel), bool)),
    }


def most(x, at, n):
    """The list `most' of values x at those frames of n."""
    d = np.diff(x) if len(x) > 1 else np.zeros(1)
    flat = x.std() < 1e-6
    return {
        "mean": np.mean(x), "sd": np.std(x), "min": np.min(x), "max": np.max(x), "range": np.ptp(x), "median": np.median(x),
        "iqr": scipy.stats.iqr(x), "p5": np.percentile(x, 5), "p97.5": np.percentile(x, 97.5),
        "p20-80": np.subtract(*np.percentile(x, [80, 20])), "absdiff": np.abs(d).mean(), "diffsd": d.std(),
        "slope": np.polyfit(np.linspace(-1, 1, len(x)), x, 1)[0] if len(x) > 1 else 0,
        "skewness": 0 if flat else scipy.stats.skew(x) * (x.std() / (x.std() + 1e-6)) ** 3,
        "kurtosis": 0 if flat else scipy.stats.kurtosis(x), "argmax": at[np.argmax(x)] / n, "argmin": at[np.argmin(x)] / n,
    }


def stats_line(sets, n):
    """sets: name, values, frames"""
    rows = [(name, most(x, at, n)) for name, x, at in sets]
    for stat in rows[0][1]:
        for name, row in rows:
            yield f"{name}.{stat}", row[stat]


def gradient(x, times):
    for _ in range(times):
        x = np.gradient(x) if len(x) > 1 else np.zeros(1)
    return x


def differences(x, at):
    d = np.diff(x)
    return (d, at[:-1]) if len(d) > 2 else (np.zeros(1), np.zeros(1))


def lengths(chosen):
    text = "".join(".#"[int(v)] for v in chosen)
    return np.array([len(part) for part in text.split(".") if part])


def run_stats(chosen):
    run = lengths(chosen)
    some = run if len(run) else np.zeros(1)
    return {"count": len(run), "mean": some.mean(), "max": some.max(), "sd": some.std(), "share": run.sum() / len(chosen),
            "rate": len(run) / len(chosen)}


def runs_line(named):
    for stat in "count", "mean", "max", "sd", "share", "rate":
        for name, chosen in named:
            yield f"{name}.{stat}", run_stats(chosen)[stat]


def contour(c, sets):
    n = len(c["f0"])
    for p in range(3):
        part = np.zeros(n, bool)
        part[p * n // 3:(p + 1) * n // 3] = True
        for name, of in ("f0", "voiced"), ("energy", "all"):
            here = c[name][part & sets[of]]
            yield f"{name}.{of}.{p + 1}of3", here.mean() - c[name][sets[of]].mean() if len(here) else 0
        for of in "voiced", "near":
            yield f"{of}.{p + 1}of3", sets[of][part].mean() if part.any() else 0


def modulation(c):
    n, rows = len(c["f0"]), []
    hz = np.arange(33) * RATE / HOP / 64
    for a, b in (0, 2), (2, 5), (5, 8):
        x = np.mean([c[k] for k in COLUMNS[a:b]], 0)
        x = ((x - x.mean()) * np.hanning(n))[:64]
        dft = np.exp(-2j * np.pi * np.outer(np.arange(33), np.arange(len(x))) / 64) @ x
        value = np.array([np.log(1e-3 + (np.abs(dft[(hz >= lo) & (hz < hi)]) ** 2).sum()) for lo, hi in ((0.5, 2), (2, 8))])
        rows.append((f"mel{a + 1:02d}-mel{b:02d}", value - value.mean()))
    for k, band in enumerate(("0.5-2", "2-8")):
        for name, value in rows:
            yield f"{name}.modulation.{band}", value[k]


def row(x, gain):
    c = dict(zip(COLUMNS, x.astype("f8").T))
    sets, n = frame_sets(c), len(x)
    at = {k: np.flatnonzero(v) for k, v in sets.items()}
    yield from stats_line([(f"{k}.loud", c[k][at["loud"]], at["loud"]) for k in COLUMNS[:8]] + [
        (f"{k}.{name}.all", gradient(c[k], times), at["all"]) for name, times in (("delta", 1), ("delta2", 2)) for k in ("mfcc01", "mfcc02")], n)
    yield from stats_line([
        ("f0.voiced", c["f0"][at["voiced"]], at["voiced"]), ("f0.diff.voiced", *differences(c["f0"][at["voiced"]], at["voiced"])),
        ("f0.diff.all", *differences(c["f0"], at["all"])), ("f0.clear", c["f0"][at["clear"]], at["clear"]),
        ("energy.recorded.near", c["energy"][at["near"]] - gain, at["near"]), ("strength.all", c["strength"], at["all"])], n)
    yield from runs_line([(f"{k}.runs", sets[k]) for k in ("voiced", "near")])
    yield from runs_line([(f"{k}.gaps", ~sets[k]) for k in ("voiced", "clear")])
    yield from (("record.frames", n), ("record.seconds", n * HOP / RATE), ("record.level", -gain))
    yield from contour(c, sets)
    yield from modulation(c)


def main():
    warnings.simplefilter("ignore")
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "functionals"))
    head = ["type=lld", f"rate={RATE}", f"hop={HOP}", "level=peak -0.915"] + [f"column={k}" for k in COLUMNS]
    data = list(sequences())
    np.savez_compressed("in.npz", head=["".join(f"{line}\n" for line in head)],
                        meta=[f"key={key}\nlabel=a\ngroup=s\ngain={gain:.6f}\n" for key, _, gain in data],
                        **{key: x for key, x, _ in data})
    with open("want.tsv", "w") as out:
        for key, x, gain in data:
            for name, value in row(x, gain):
                print(key, name, f"{value:.9g}", sep="\t", file=out)


if __name__ == "__main__":
    main()
