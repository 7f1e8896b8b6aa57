"""An epoch of two hidden layers of 64 on a table, batch 256: mlp.py sklearn|torch THREADS TABLE.f32 COLUMNS EPOCHS.
Prints a TSV line: seconds an epoch (median of those after the first), the version."""
import sys
import time

import numpy as np

kind, threads, path, columns, epochs = sys.argv[1:]
x = np.fromfile(path, np.float32).reshape(-1, int(columns))
y = np.random.default_rng(0).integers(0, 6, len(x))

if kind == "sklearn":
    import sklearn
    from sklearn.neural_network import MLPClassifier

    version = "scikit-learn " + sklearn.__version__
    net = MLPClassifier((64, 64), batch_size=256, learning_rate_init=5e-4)

    def epoch():
        net.partial_fit(x, y, classes=range(6))
else:
    import torch
    from torch import nn

    version = "PyTorch " + torch.__version__.split("+")[0]
    torch.set_num_threads(int(threads))
    torch.set_flush_denormal(True)
    tx, ty = torch.from_numpy(x), torch.from_numpy(y)
    net = nn.Sequential(nn.Linear(int(columns), 64), nn.ReLU(inplace=True), nn.Linear(64, 64), nn.ReLU(inplace=True), nn.Linear(64, 6))
    adam = torch.optim.Adam(net.parameters(), 5e-4, fused=True)
    traced = torch.jit.trace(net, tx[:256])

    def epoch():
        order = torch.randperm(len(tx))
        for a, b in zip(tx[order].split(256), ty[order].split(256)):
            adam.zero_grad(set_to_none=True)
            nn.functional.cross_entropy(traced(a), b).backward()
            adam.step()


def seconds():
    start = time.perf_counter()
    epoch()
    return time.perf_counter() - start


runs = sorted([seconds() for _ in range(1 + int(epochs))][1:])
print("%.9f\t%s" % (runs[len(runs) // 2], version))
