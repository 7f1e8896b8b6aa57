"""Recordings to (108,128) log-mel in dB, as wavnorm | melspec make it: features.py librosa|torchaudio|numpy
PROCESSES OUT.f32 FILE... `numpy` is soundfile, soxr and SciPy's FFT, with what an expert would do."""
import os
import sys

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):  # processes instead: faster
    os.environ.setdefault(variable, "1")
import numpy as np

RATE, SAMPLES, NFFT, HOP, BANDS, TOP = 22050, 55125, 2048, 512, 128, 8000.0
ENOUGH = SAMPLES / RATE + 0.25  # seconds: nothing beyond reaches the features


def by_librosa():
    import librosa

    def features(path):
        y, _ = librosa.load(path, sr=RATE, duration=ENOUGH)
        y = librosa.util.fix_length(y, size=SAMPLES)
        s = librosa.feature.melspectrogram(y=y, sr=RATE, n_fft=NFFT, hop_length=HOP, n_mels=BANDS, fmax=TOP)
        return librosa.power_to_db(s, ref=np.max).T

    return features


def read(path):
    import soundfile

    with soundfile.SoundFile(path) as f:
        y = f.read(int(ENOUGH * f.samplerate), dtype="float32", always_2d=True)
        return y[:, 0] if y.shape[1] == 1 else y.mean(axis=1), f.samplerate


def by_torchaudio():
    import torch
    import torchaudio

    torch.set_num_threads(1)
    mel = torchaudio.transforms.MelSpectrogram(RATE, n_fft=NFFT, hop_length=HOP, n_mels=BANDS, f_max=TOP, pad_mode="constant",
                                               norm="slaney", mel_scale="slaney")
    to_rate = {}

    @torch.inference_mode()
    def features(path):
        y, rate = read(path)
        y = torch.from_numpy(y)
        if rate != RATE:
            if rate not in to_rate:
                to_rate[rate] = torchaudio.transforms.Resample(rate, RATE)
            y = to_rate[rate](y)
        y = torch.nn.functional.pad(y[:SAMPLES], (0, max(0, SAMPLES - len(y))))
        db = mel(y).clamp_(min=1e-10).log10_().mul_(10)
        return (db - db.max()).clamp_(min=-80).T.numpy()

    return features


def triangles(bins):
    """(bins,BANDS) by Slaney's scale."""
    last = 15 + np.log(TOP / 1000) * 27 / np.log(6.4)
    mels = np.linspace(0, last, BANDS + 2)
    edge = np.where(mels < 15, mels * 200 / 3, 1000 * np.exp((mels - 15) * np.log(6.4) / 27))
    low, mid, high = edge[:-2], edge[1:-1], edge[2:]
    hz = np.arange(bins)[:, None] * (RATE / NFFT)
    return (np.clip(np.minimum((hz - low) / (mid - low), (high - hz) / (high - mid)), 0, None) * 2 / (high - low)).astype(np.float32)


def by_numpy():
    import scipy.fft
    import soxr

    bins = int(TOP * NFFT / RATE) + 2
    mel = triangles(bins)
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(NFFT) / NFFT)).astype(np.float32)
    padded = np.zeros(SAMPLES + NFFT, np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(padded, NFFT)[::HOP]

    def features(path):
        y, rate = read(path)
        y = (y if rate == RATE else soxr.resample(y, rate, RATE))[:SAMPLES]
        padded[NFFT // 2:NFFT // 2 + len(y)] = y
        padded[NFFT // 2 + len(y):] = 0
        s = scipy.fft.rfft(frames * window, axis=1)[:, :bins]
        db = 10 * np.log10(np.maximum((s.real ** 2 + s.imag ** 2) @ mel, 1e-10))
        return np.maximum(db - db.max(), -80)

    return features


BY = {"librosa": by_librosa, "torchaudio": by_torchaudio, "numpy": by_numpy}


def worker(path):
    """Of a pool, which inherits `features`: a function in a function cannot be sent to it."""
    return features(path)


if __name__ == "__main__":
    features, processes, files = BY[sys.argv[1]](), int(sys.argv[2]), sys.argv[4:]
    if processes > 1:
        import multiprocessing

        with multiprocessing.get_context("fork").Pool(processes) as pool:
            out = pool.map(worker, files, chunksize=16)
    else:
        out = [features(path) for path in files]
    np.stack(out).astype(np.float32, copy=False).tofile(sys.argv[3])
