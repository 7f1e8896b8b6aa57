#!/usr/bin/python3
"""golden.py: what other programs compute, for tests/145-others.t, which needs none of them.

usage: golden.py [FOLDER]      writes golden/ beside this file; golden/VERSIONS has the versions

features.tsv   mel spectrograms (T,F), some frames: of signals that the test makes again by their formulas.
               Where the column `by' says librosa, its own; else `numpy': its published formula in NumPy, below, which
               this script compares with librosa's before it writes anything.
descriptors.tsv  low-level descriptors (T,D), some frames: by their formulas in NumPy and SciPy, below
resample.tsv   samples of librosa.resample(x, orig_sr=RATE, target_sr=22050, res_type="soxr_hq") of a chirp
numpy/         files of numpy.save, savez and savez_compressed; numpy.tsv has their values
csv/           tables that pandas writes; describe.tsv, rows.tsv, groups.tsv have what it computes of them
metrics/       tables of predictions and what scikit-learn (and plain formulas: metrics.py) says of them

Without librosa, FOLDER has the arrays that it made by the calls in `by_librosa', as NAME.logmel.npy and
chirpRATE.resampled.npy.
"""
import os
import sys

import numpy as np
import pandas as pd
import scipy
import scipy.fft
import sklearn

import metrics

RATE = 22050
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden")


def signal(name, rate=RATE):
    """0.5 sin 1 kHz and one click, of 2.5 s; a linear chirp from 50 Hz to 0.45 of the rate, of 1.5 s."""
    if name == "sine1k":
        x = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(55125) / rate)
    elif name == "impulse":
        x = np.zeros(55125)
        x[27562] = 1
    else:
        t = np.arange(rate * 3 // 2) / rate
        x = 0.5 * np.sin(2 * np.pi * (50 * t + (0.45 * rate - 50) / 1.5 * t * t / 2))
    return x.astype("f4")


def padded(x):
    return np.pad(x, (0, max(0, 55125 - len(x))))


def filters(nfft, mels, fmin, fmax, htk, peak, rate=RATE):
    """(F, nfft/2+1): triangles whose corners are evenly spaced in mel, by Slaney's scale or HTK's."""
    def to_mel(f):
        if htk:
            return 2595 * np.log10(1 + f / 700)
        return np.where(f < 1000, f * 3 / 200, 15 + 27 * np.log(np.maximum(f, 1) / 1000) / np.log(6.4))

    def to_hz(m):
        return 700 * (10 ** (m / 2595) - 1) if htk else np.where(m < 15, m * 200 / 3, 1000 * 6.4 ** ((m - 15) / 27))

    corner = to_hz(np.linspace(to_mel(np.array(fmin)), to_mel(np.array(fmax)), mels + 2))[:, None]
    f = np.arange(nfft // 2 + 1) * rate / nfft
    up = (f - corner[:-2]) / (corner[1:-1] - corner[:-2])
    down = (corner[2:] - f) / (corner[2:] - corner[1:-1])
    triangles = np.maximum(0, np.minimum(up, down))
    return triangles if peak else triangles * 2 / (corner[2:] - corner[:-2])


def mel(x, nfft=2048, window=2048, hop=512, mels=128, fmin=0.0, fmax=8000.0, htk=False, peak=False, power=2, scale="db"):
    x = np.pad(x.astype("f8"), nfft // 2)
    w = np.zeros(nfft)
    at = (nfft - window) // 2
    w[at : at + window] = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)
    frames = np.lib.stride_tricks.sliding_window_view(x, nfft)[::hop]
    s = np.abs(np.fft.rfft(frames * w)) ** power @ filters(nfft, mels, fmin, fmax, htk, peak).T
    if scale == "power":
        return s
    if scale == "log":
        return np.log(np.maximum(s, 1e-10))
    s = 10 * np.log10(np.maximum(s, 1e-10))
    return np.maximum(s - s.max(), -80)


def by_librosa(name, folder):
    """(T,F) in dB; for a chirp of that rate, it resampled."""
    try:
        import librosa
    except ImportError:
        rate = name[5:] if name.startswith("chirp") else None
        return np.load(f"{folder}/{name}.resampled.npy" if rate else f"{folder}/{name}.logmel.npy").T
    if name.startswith("chirp"):
        rate = int(name[5:])
        return librosa.resample(signal("chirp", rate), orig_sr=rate, target_sr=RATE, res_type="soxr_hq")
    s = librosa.feature.melspectrogram(y=signal(name), sr=RATE, n_fft=2048, hop_length=512, n_mels=128, fmax=11025, pad_mode="constant")
    return librosa.power_to_db(s, ref=np.max, top_db=80).T


def features(folder):
    rows = []
    for name in "sine1k", "impulse":
        got = by_librosa(name, folder)
        assert np.abs(mel(signal(name), fmax=11025.0) - got).max() < 2e-3, name  # single precision near the floor
        rows += [(name, "--fmax 11025", "librosa", t, got[t]) for t in range(0, 108, 18)]
    x = padded(signal("chirp"))
    for options, how in (
        ("", {}),
        ("--nfft 512 --window 400 --hop 160 --mels 40 --scale log", dict(nfft=512, window=400, hop=160, mels=40, scale="log")),
        ("--formula htk --norm peak --power 1 --scale power --mels 20 --fmin 60", dict(htk=True, peak=True, power=1, scale="power", mels=20, fmin=60.0)),
    ):
        got = mel(x, **how)
        rows += [("chirp", options, "numpy", t, got[t]) for t in range(2, len(got) * 6 // 10, len(got) // 9)]
    with open("features.tsv", "w") as out:
        print("signal", "options", "by", "frame", "values", sep="\t", file=out)
        for name, options, by, frame, values in rows:
            print(name, options or "-", by, frame, ",".join(f"{v:.8g}" for v in values), sep="\t", file=out)


def voice(rate):
    """0.8 s of 19 harmonics that rise by 0.8 octaves from 85 Hz, 0.2 s of silence, 0.3 s of noise."""
    t = np.arange(rate * 8 // 10) / rate
    phase = 2 * np.pi * 85 / np.log(2) * (2**t - 1)
    harmonics = 0.3 * np.sin(np.pi * t / 0.8) * sum(np.sin(h * phase) / h for h in range(1, 20))
    noise, state = [], 1
    for _ in range(rate * 3 // 10):
        state = (state * 1103515245 + 12345) % 2**31
        noise.append(0.1 * (state / 2**30 - 1))
    return np.concatenate([harmonics, np.zeros(rate * 2 // 10), noise]).astype("f4")


def track(frames, window, rate, low=70, high=500, octave_cost=0.01, jump_cost=0.35):
    """log2(F0 / 100) and strength: sums of products for each lag, then the best path through 24 of them."""
    lags = range(int(rate / high), int(rate / low) + 1)
    own = np.array([window[: len(window) - k] @ window[k:] for k in lags]) / (window @ window)
    x = frames * window
    x -= x.mean(1)[:, None]
    r = np.stack([(x[:, : len(window) - k] * x[:, k:]).sum(1) for k in lags], 1) / ((x * x).sum(1)[:, None] + 1e-9) / own
    score = r - octave_cost * np.log2(np.array(lags) / lags[0])
    octave = np.log2(rate / np.array(lags) / 100)
    best = [np.argsort(-s, kind="stable")[:24] for s in score]
    total, back = score[0][best[0]], []
    for t in range(1, len(best)):
        ways = total - jump_cost * np.abs(np.subtract.outer(octave[best[t]], octave[best[t - 1]]))
        back.append(ways.argmax(1))
        total = score[t][best[t]] + ways.max(1)
    path = [int(total.argmax())]
    for b in reversed(back):
        path.append(b[path[-1]])
    lag = np.array([b[k] for b, k in zip(best, reversed(path))])
    return octave[lag], r[np.arange(len(lag)), lag].clip(0, 1)


def describe(x, rate, hop=256, window=640, fft=1024, mels=64, fmin=50.0, fmax=8000.0, mfcc=20, delta=0):
    """(T,D): bands, cepstra, pitch, shape, and their differences."""
    x = x.astype("f8")
    frames = np.array([np.pad(x, window // 2)[t * hop : t * hop + window] for t in range(1 + len(x) // hop)])
    w = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)
    p = np.maximum(np.abs(np.fft.rfft(frames * w, fft)) ** 2 @ filters(fft, mels, fmin, fmax, False, False, rate).T, 1e-8)
    m = 10 * np.log10(p)
    b = np.arange(mels)
    centroid = (p * b).sum(1) / p.sum(1)
    spread = np.sqrt((p * (b - centroid[:, None]) ** 2).sum(1) / p.sum(1))
    flux = np.sqrt((np.diff(m, axis=0) ** 2).mean(1))
    low = mels * 15 // 32
    out = np.column_stack([
        m, scipy.fft.dct(m, norm="ortho")[:, :mfcc], *track(frames, w, rate), np.polyfit(b, m.T, 1)[0], centroid, spread,
        m[:, :low].max(1) - m[:, low:].max(1), 10 * np.log10(p.sum(1) + 1e-9), [flux[0], *flux]])
    orders = [out]
    for _ in range(delta):
        orders.append(np.gradient(orders[-1], axis=0))
    return np.hstack(orders)


def descriptors():
    with open("descriptors.tsv", "w") as out:
        print("rate", "options", "frame", "values", sep="\t", file=out)
        for rate, options, how in (
            (16000, "-", {}),
            (8000, "--hop 100 --window 250 --fft 500 --mels 20 --fmin 0 --fmax 3800 --mfcc 13 --delta 2",
             dict(hop=100, window=250, fft=500, mels=20, fmin=0.0, fmax=3800.0, mfcc=13, delta=2)),
        ):
            got = describe(voice(rate), rate, **how)
            for t in range(0, len(got), 6):
                print(rate, options, t, ",".join(f"{v:.7g}" for v in got[t]), sep="\t", file=out)


def resample(folder):
    with open("resample.tsv", "w") as out:
        print("rate", "index", "value", sep="\t", file=out)
        for rate in 8000, 16000, 44100, 48000:
            got = by_librosa(f"chirp{rate}", folder)
            for i in [*range(0, len(got), 331), *range(len(got) - 3, len(got))]:
                print(rate, i, f"{got[i]:.9g}", sep="\t", file=out)


def numpy_files():
    os.makedirs("numpy", exist_ok=True)
    with open("numpy.tsv", "w") as out:
        for t in "u1", "i4", "i8", "f2", "f4", "f8":
            x = np.arange(24).reshape(3, 2, 4).astype(t)
            if t[0] == "f":
                x /= np.array(3, t)
                x.flat[:5] = np.array([np.nan, np.inf, -np.inf, -0.0, np.finfo(t).smallest_subnormal])
            for order in "CF":
                np.save(f"numpy/{t}{order}.npy", np.asarray(x, order=order))
            for i, row in enumerate(x.reshape(6, 4)):
                print(t, i, *(repr(v.item()) for v in row), sep="\t", file=out)
    x = np.arange(8, dtype="f4").reshape(4, 2)
    named = dict(X=x, y=["sad", "h\u00e4ppy", "sad", ""], who=np.array([b"s1", b"s2", b"s1", b"s3"]), id=np.arange(10, 14))
    np.savez("numpy/plain.npz", **named)
    np.savez_compressed("numpy/deflated.npz", **named)


def csv():
    os.makedirs("csv", exist_ok=True)
    rng = np.random.default_rng(9)
    n = 80
    main = pd.DataFrame({
        "n": [f"r{i}" for i in range(n)], "k": rng.integers(0, 6, n),
        "x": np.where(rng.random(n) < 0.1, np.nan, rng.standard_cauchy(n).round(6)), "y": np.exp(rng.normal(0, 3, n)),
        "c": rng.choice(["a", "b,b", 'q"q', "\u00e9 x", ""], n),
        "note": rng.choice(["two\nlines", 'say "so", twice', " ", ""], n),
    })
    side = pd.DataFrame({"id": rng.permutation(6), "v": rng.normal(size=6)})
    main.to_csv("csv/main.csv", index=False)
    main.to_csv("csv/windows.csv", index=False, sep=";", encoding="utf-8-sig", lineterminator="\r\n", quoting=1)
    side.to_csv("csv/side.csv", index=False)
    main = pd.read_csv("csv/main.csv", keep_default_na=False, na_values={"x": [""]})
    d = main.describe()
    with open("csv/describe.tsv", "w") as out:
        for c in d:
            print(c, *(f"{d[c][k]:.17g}" for k in ("count", "min", "25%", "50%", "75%", "max", "mean", "std")), sep="\t", file=out)
    want = main.merge(side, left_on="k", right_on="id", how="left")
    want = want[want.x.notna() & (want.c != "")].copy()
    q1, q3 = want.x.quantile(0.25), want.x.quantile(0.75)
    want["x"] = want.x.clip(q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1))
    for c in "xy":
        want[c] = (want[c] - want[c].mean()) / want[c].std()
    dummies = pd.get_dummies(want.c)
    numbers = pd.concat([want[["x", "y"]], dummies, want[["v"]]], axis=1)
    write("csv/rows.tsv", want.n, numbers)
    g = main[main.x.notna()].groupby(["k", "c"], sort=False)
    write("csv/groups.tsv", [k for k, c in g.size().index], pd.DataFrame(
        {"count": g.size(), "x": g.x.mean(), "y": g.y.sum(), "min": g.x.min(), "max": g.y.max()}))


def write(name, keys, numbers):
    with open(name, "w") as out:
        for key, row in zip(keys, numbers.to_numpy(float)):
            print(key, *(f"{v:.9g}" for v in row), sep="\t", file=out)


def figures():
    os.makedirs("metrics", exist_ok=True)
    metrics.write("metrics", 4)
    for case in range(4):
        with open(f"metrics/{case}.want", "w") as out:
            for name, value in metrics.wanted(f"metrics/{case}.tsv").items():
                print(name, f"{value:.15g}", sep="\t", file=out)


def main():
    folder = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else None
    os.chdir(HERE)
    features(folder)
    descriptors()
    resample(folder)
    numpy_files()
    csv()
    figures()
    versions = [f"python {sys.version.split()[0]}", f"numpy {np.__version__}", f"scipy {scipy.__version__}", f"pandas {pd.__version__}", f"scikit-learn {sklearn.__version__}"]
    try:
        import librosa
        versions.append(f"librosa {librosa.__version__}")
    except ImportError:
        versions.append(open(f"{folder}/VERSIONS").readline().strip())
    open("VERSIONS", "w").write("\n".join(versions) + "\n")


if __name__ == "__main__":
    main()
