#!/usr/bin/env python3
"""onnx.js for Python's onnxruntime: python3 onnx.py MODEL.onnx SCORES.tsr FEATURES.tsr [NAME=BESIDE.tsr]"""
import os
import struct
import sys

import numpy
import onnxruntime


def records(file):
    """Arrays of a stream, by what tsr(5) says."""
    data, at, out = open(file, "rb").read(), 0, []
    while at < len(data):
        kind, dtype, rank, meta = data[at + 5:at + 6], data[at + 6], data[at + 7], struct.unpack_from("<I", data, at + 8)[0]
        size = struct.unpack_from("<Q", data, at + 16)[0]
        shape = struct.unpack_from(f"<{rank}Q", data, at + 40)
        begin = (at + 40 + 8 * rank + meta + 63) // 64 * 64
        if kind == b"T":
            out.append(numpy.frombuffer(data[begin:begin + size], "<f8" if dtype == 5 else "<f4").reshape(shape))
        at = (begin + size + 63) // 64 * 64
    return out


def main(model, scores, *streams):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    first = session.get_inputs()[0].name
    given = {first if i == 0 else s.split("=", 1)[0]: records(s if i == 0 else s.split("=", 1)[1]) for i, s in enumerate(streams)}
    want, lengths, alone, largest, apart = records(scores), {}, [], 0.0, 0.0

    def run(indices):
        return session.run(["probabilities"], {name: numpy.stack([all[i] for i in indices]) for name, all in given.items()})[0]

    for i, p in enumerate(want):
        alone.append(run([i])[0])
        largest = numpy.maximum(largest, numpy.abs(p - alone[i]).max())
        lengths.setdefault(given[first][i].shape, []).append(i)
    for indices in lengths.values():
        for i, p in zip(indices, run(indices)):
            apart = numpy.maximum(apart, numpy.abs(p - alone[i]).max())
    print(len(want), "same" if largest < 1e-5 else largest, "same" if apart < 1e-5 else apart)
    if os.environ.get("VERBOSE"):
        print(largest, apart, len(lengths))


main(*sys.argv[1:])
