"""A training step in PyTorch: train.py NET THREADS BATCH SECONDS. Prints a TSV line: seconds
a step (median of five parts), the version. The nets are those of pipelines/nets; of the ways to
run them the faster is taken."""
import sys
import time

import torch
from torch import nn

CLASSES, FRAMES, BANDS, POOL = 6, 108, 128, 512


def norm(channels):
    return nn.BatchNorm1d(channels, eps=1e-3, momentum=0.01)


def block(inputs, outputs):
    """conv1d, batchnorm, relu, maxpool1d, dropout"""
    return [nn.Conv1d(inputs, outputs, 5, padding=2), norm(outputs), nn.ReLU(inplace=True), nn.MaxPool1d(2), nn.Dropout(0.3)]


class Recurrent(nn.Module):
    """(B,C,T) or (B,T,F) to (B,H): the layers one by one, the last one's last state."""

    def __init__(self, before, sizes, both, after, flipped):
        super().__init__()
        self.before, self.after, self.flipped = nn.Sequential(*before), nn.Sequential(*after), flipped
        self.layers = nn.ModuleList(nn.LSTM(i, o, batch_first=True, bidirectional=both) for i, o in sizes)
        self.dropout = nn.Dropout(0.3)

    def forward(self, x):
        x = self.before(x)
        if self.flipped:
            x = x.transpose(1, 2)
        for i, layer in enumerate(self.layers):
            x, (h, _) = layer(x if i == 0 else self.dropout(x))
        return self.after(h[0] if len(h) == 1 else torch.cat([h[0], h[1]], 1))


def create(name):
    if name == "cnn1d":
        return nn.Sequential(*block(BANDS, 64), *block(64, 128), *block(128, 256), nn.Flatten(), nn.Linear(256 * (FRAMES // 8), 128),
                             nn.ReLU(inplace=True), norm(128), nn.Dropout(0.4), nn.Linear(128, CLASSES))
    if name == "lstm":
        head = [nn.Dropout(0.3), nn.Linear(128, 64), nn.ReLU(inplace=True), nn.Dropout(0.3), nn.Linear(64, CLASSES)]
        return Recurrent([], [(BANDS, 128), (256, 64)], True, head, False)
    return Recurrent(block(BANDS, 64) + block(64, 128), [(128, 64)], False, [nn.Dropout(0.4), nn.Linear(64, CLASSES)], True)


class Trainer:
    """Batches are views of data that was shuffled once, as a careful loader hands them."""

    def __init__(self, name, batch, traced):
        torch.manual_seed(0)
        self.net, self.batch, self.turn = create(name), batch, 0
        self.adam = torch.optim.Adam(self.net.parameters(), 5e-4, fused=True)
        shape = (POOL, FRAMES, BANDS) if name == "lstm" else (POOL, BANDS, FRAMES)
        self.x, self.y = torch.randn(shape), torch.randint(0, CLASSES, (POOL,))
        self.run = torch.jit.trace(self.net, self.x[:batch], check_trace=False) if traced else self.net

    def step(self):
        at = self.turn % (POOL // self.batch) * self.batch
        self.turn += 1
        self.adam.zero_grad(set_to_none=True)
        loss = nn.functional.cross_entropy(self.run(self.x[at:at + self.batch]), self.y[at:at + self.batch])
        loss.backward()
        self.adam.step()
        return loss.item()

    def seconds(self, steps):
        start = time.perf_counter()
        for _ in range(steps):
            self.step()
        return (time.perf_counter() - start) / steps


def main(name, threads, batch, seconds):
    torch.set_num_threads(int(threads))
    torch.set_flush_denormal(True)
    ways = [Trainer(name, int(batch), traced) for traced in (False, True)]
    for way in ways:
        way.seconds(3)
    steps = max(1, int(float(seconds) / 5 / ways[0].seconds(1)))
    runs = [[way.seconds(steps) for way in ways] for _ in range(5)]
    best = min(sorted(times)[2] for times in zip(*runs))
    print("%.9f\tPyTorch %s" % (best, torch.__version__.split("+")[0]))


if __name__ == "__main__":
    main(*sys.argv[1:])
