#!/usr/bin/python3
"""Small state dicts of PyTorch as safetensors, and what their modules give.

    python3 torch.py DIR

Needs PyTorch (1.13 was used), and in.npz of keras.py in DIR. Writes DIR/NAME.safetensors, by the
format's description, and DIR/NAME.tsv (key and probabilities)."""
import json
import os
import struct
import sys

sys.path = [p for p in sys.path if os.path.abspath(p or ".") != os.path.dirname(os.path.abspath(__file__))]  # this file's name

import numpy as np
import torch
from torch import nn

torch.manual_seed(11)


class Cnn(nn.Module):
    """Convolutions with the channels first, flattened so, and normalised behind that."""

    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv1d(6, 4, 3, padding=1, bias=False), nn.BatchNorm1d(4)
        self.conv2 = nn.Conv1d(4, 4, 3, stride=2, dilation=2)
        self.fc1, self.bn2, self.fc2, self.fc3 = nn.Linear(8, 8), nn.BatchNorm1d(8), nn.Linear(8, 8), nn.Linear(8, 3)

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x.transpose(1, 2))))
        x = torch.flatten(torch.max_pool1d(torch.relu(self.conv2(x)), 2), 1)
        return self.fc3(torch.tanh(self.fc2(torch.nn.functional.elu(self.bn2(self.fc1(x))))))


class Rnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(6, 3, num_layers=2, bidirectional=True, batch_first=True)
        self.norm, self.gru, self.head = nn.LayerNorm(6), nn.GRU(6, 4, batch_first=True), nn.Linear(4, 3)

    def forward(self, x):
        return self.head(self.gru(self.norm(self.lstm(x)[0]))[1][0])


class Plane(nn.Module):
    """A plane whose rows become those of a sequence, and a mean and deviation that are buffers."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 3, (3, 2)), nn.BatchNorm2d(3, affine=False), nn.ReLU(), nn.MaxPool2d(2),
                                      nn.Conv2d(3, 2, 1))
        self.rnn, self.out = nn.GRU(4, 2, bidirectional=True, batch_first=True), nn.Linear(4, 3)
        self.register_buffer("mean", torch.randn(6))
        self.register_buffer("std", torch.rand(6) + 0.5)

    def forward(self, x):
        x = self.features(((x - self.mean) / self.std).unsqueeze(1))
        return self.out(torch.cat(list(self.rnn(x.transpose(1, 2).flatten(2))[1]), 1))


class Flat(nn.Module):
    """What was flattened goes to the normalisation first."""

    def __init__(self):
        super().__init__()
        self.conv, self.bn, self.fc = nn.Conv2d(1, 2, (3, 2), stride=(2, 1)), nn.BatchNorm1d(50), nn.Linear(50, 3)

    def forward(self, x):
        return self.fc(self.bn(torch.flatten(self.conv(x.unsqueeze(1)), 1)))


def write(path, state, kind="F32"):
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, value in state.items():
        if value.dtype == torch.int64:
            dtype, raw = "I64", value.numpy().tobytes()
        elif kind == "BF16":
            dtype, raw = kind, value.bfloat16().view(torch.int16).numpy().tobytes()
        else:
            dtype, raw = kind, value.to({"F32": torch.float32, "F64": torch.float64, "F16": torch.float16}[kind]).numpy().tobytes()
        header[name] = {"dtype": dtype, "shape": list(value.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


SCALE = {"torch-rnn": 0.8, "torch-flat": 0.1}  # so that no class is certain


def main(folder):
    records = np.load(f"{folder}/in.npz")
    for name, model in (("torch-cnn", Cnn()), ("torch-rnn", Rnn()), ("torch-plane", Plane()), ("torch-flat", Flat())):
        for key, value in model.state_dict().items():
            if "running_var" in key:
                value.copy_(torch.rand_like(value) / 100 + 5e-4)  # so that epsilon matters
            elif value.dtype == torch.float32 and key not in ("mean", "std"):
                value.copy_(torch.randn_like(value) * SCALE.get(name, 0.4))
        state = model.eval().double().state_dict()
        for kind in ("F32", "F64", "F16", "BF16"):
            if kind == "F32" or name == "torch-flat":
                write(f"{folder}/{name}{'' if kind == 'F32' else '-' + kind.lower()}.safetensors", state, kind)
        for key, value in state.items():
            value.copy_(value.float())  # as they were written
        with open(f"{folder}/{name}.tsv", "w") as out, torch.no_grad():
            for key in records.files:
                p = torch.softmax(model(torch.from_numpy(records[key]).double().unsqueeze(0))[0], 0)
                print(key, *(f"{x:.8f}" for x in p.tolist()), sep="\t", file=out)
    mel = nn.Sequential(nn.Conv1d(128, 2, 3, padding=1), nn.BatchNorm1d(2), nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(2, 3))
    write(f"{folder}/mel.safetensors", mel.state_dict())  # for the manual's examples


if __name__ == "__main__":
    main(sys.argv[1])
