#!/usr/bin/env python3
"""Small models in the files that Keras writes, and what they give by NumPy.

    python3 keras.py DIR

Needs h5py and NumPy, no Keras: layouts are those of a file of Keras 3.12 and of
keras/src/legacy/saving/legacy_h5_format.py, formulas those of the layers' documentation, in
double precision. Beside DIR/NAME.keras, .h5.gz and .weights.h5.gz there are in.npz (the records)
and NAME.tsv (key and probabilities)."""
import gzip
import io
import json
import re
import sys
import zipfile

import h5py
import numpy as np

rng = np.random.default_rng(11)


def draw(*shape):
    return rng.normal(0, 0.5, shape).astype("f4")


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


ACT = {
    "linear": lambda x: x, "relu": lambda x: np.maximum(x, 0), "tanh": np.tanh, "sigmoid": sigmoid, "softmax": softmax,
    "elu": lambda x: np.where(x > 0, x, np.exp(x) - 1),
}


def cells(n, stride, reach, same):
    """Where windows of reach cells begin, with zeros before and behind for padding="same"."""
    if not same:
        return [i * stride for i in range((n - reach) // stride + 1)], 0
    out = -(-n // stride)
    before = max((out - 1) * stride + reach - n, 0) // 2
    return [i * stride - before for i in range(out)], before


def conv(x, kernel, c):
    """Convolution of (T,C) or (H,W,C), which np.pad makes wide enough on all sides."""
    d, window = x.ndim - 1, kernel.shape[:-2]
    reach = [(w - 1) * c["dilation_rate"][i] + 1 for i, w in enumerate(window)]
    starts = [cells(x.shape[i], c["strides"][i], reach[i], c["padding"] == "same")[0] for i in range(d)]
    wide = np.pad(x, [(r, r) for r in reach] + [(0, 0)])
    y = np.zeros([len(s) for s in starts] + [kernel.shape[-1]])
    for at in np.ndindex(*[len(s) for s in starts]):
        for k in np.ndindex(*window):
            cell = tuple(starts[i][at[i]] + k[i] * c["dilation_rate"][i] + reach[i] for i in range(d))
            y[at] += wide[cell] @ kernel[k]
    return y


def pool(x, c, what):
    """Of each window what lies within x, as TensorFlow does it."""
    d, size = x.ndim - 1, c["pool_size"]
    starts = [cells(x.shape[i], (c["strides"] or size)[i], size[i], c["padding"] == "same")[0] for i in range(d)]
    y = np.zeros([len(s) for s in starts] + [x.shape[-1]])
    for at in np.ndindex(*[len(s) for s in starts]):
        window = tuple(slice(max(starts[i][at[i]], 0), starts[i][at[i]] + size[i]) for i in range(d))
        y[at] = what(x[window], tuple(range(d)))
    return y


def lstm(x, w, units, sequence):
    h, c, all_h = np.zeros(units), np.zeros(units), []
    for row in x:
        i, f, g, o = np.split(row @ w[0] + h @ w[1] + (w[2] if len(w) > 2 else 0), 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        all_h.append(h)
    return np.array(all_h) if sequence else h


def gru(x, w, units, sequence):
    h, all_h = np.zeros(units), []
    for row in x:
        px, ph = row @ w[0] + w[2][0], h @ w[1] + w[2][1]
        z, r = sigmoid(px[:units] + ph[:units]), sigmoid(px[units:2 * units] + ph[units:2 * units])
        h = z * h + (1 - z) * np.tanh(px[2 * units:] + r * ph[2 * units:])
        all_h.append(h)
    return np.array(all_h) if sequence else h


def norm(x, mean, variance, epsilon, w, c):
    w = list(w)
    y = (x - mean) / np.sqrt(variance + epsilon)
    y = y * w.pop(0) if c.get("scale", True) else y
    return y + w.pop(0) if c.get("center", True) else y


def layer(kind, c, w, x):
    act = ACT[c.get("activation", "linear")]
    if kind == "TimeDistributed":
        return layer(c["layer"]["class_name"], c["layer"]["config"], w, x)
    if kind == "Dense":
        return act(x @ w[0] + (w[1] if c["use_bias"] else 0))
    if kind in ("Conv1D", "Conv2D"):
        return act(conv(x, w[0], c) + (w[1] if c["use_bias"] else 0))
    if kind == "BatchNormalization":
        return norm(x, w[-2], w[-1], c["epsilon"], w[:-2], c)
    if kind == "LayerNormalization":
        return norm(x, x.mean(-1, keepdims=True), x.var(-1, keepdims=True), c["epsilon"], w, c)
    if kind == "Normalization":
        return (x - w[0]) / np.maximum(np.sqrt(w[1]), 1e-7)
    if kind in ("LSTM", "GRU"):
        return (lstm if kind == "LSTM" else gru)(x, w, c["units"], c["return_sequences"])
    if kind == "Bidirectional":
        inner, seq = c["layer"]["config"], c["layer"]["config"]["return_sequences"]
        f = lstm if c["layer"]["class_name"] == "LSTM" else gru
        n = len(w) // 2
        there, back = f(x, w[:n], inner["units"], seq), f(x[::-1], w[n:], inner["units"], seq)
        return np.concatenate([there, back[::-1] if seq else back], -1)
    if kind.startswith("Global"):
        return (np.max if "Max" in kind else np.mean)(x, tuple(range(x.ndim - 1)))
    if kind.startswith(("Max", "Average")):
        return pool(x, c, np.max if kind[0] == "M" else np.mean)
    if kind == "Flatten":
        return x.reshape(-1)
    if kind == "Reshape":
        return x.reshape(c["target_shape"])
    if kind == "ELU":
        return np.where(x > 0, x, c["alpha"] * (np.exp(x) - 1))
    if kind == "ReLU":
        return np.maximum(x, 0)
    if kind == "Softmax":
        return softmax(x)
    return act(x)  # Activation, and what does nothing outside of training


# A model: name, input shape, layers as (class, config, weights).


def dense(f, units, activation="linear", bias=True):
    w = [draw(f, units)] + ([draw(units)] if bias else [])
    return ("Dense", {"units": units, "activation": activation, "use_bias": bias}, w)


def conv_layer(kind, window, c, filters, **more):
    cfg = {"filters": filters, "kernel_size": window, "strides": [1] * len(window), "padding": "same",
           "data_format": "channels_last", "dilation_rate": [1] * len(window), "groups": 1, "activation": "linear", "use_bias": True}
    cfg.update(more)
    w = [draw(*window, c, filters)] + ([draw(filters)] if cfg["use_bias"] else [])
    return (kind, cfg, w)


def recurrent(kind, f, units, sequence=False, bias=True):
    g = 4 if kind == "LSTM" else 3
    w = [draw(f, g * units), draw(units, g * units)] + ([draw(*([g * units] if g == 4 else [2, g * units]))] if bias else [])
    c = {"units": units, "activation": "tanh", "recurrent_activation": "sigmoid", "use_bias": bias, "return_sequences": sequence,
         "return_state": False, "go_backwards": False, "stateful": False, "unroll": False, "dropout": 0.1}
    return (kind, {**c, "reset_after": True} if g == 3 else c, w)


def both(inner, again):
    name, config, w = inner
    config = dict(config, name="forward_" + name.lower())
    back = dict(config, name="backward_" + name.lower(), go_backwards=True)
    return ("Bidirectional", {"merge_mode": "concat", "layer": {"class_name": name, "config": config},
                              "backward_layer": {"class_name": name, "config": back}}, w + again[2])


def batchnorm(n, axis=-1, scale=True, center=True, epsilon=0.001):
    w = ([1 + draw(n) / 2] if scale else []) + ([draw(n)] if center else []) + [draw(n), 0.1 + draw(n) ** 2]
    return ("BatchNormalization", {"axis": axis, "momentum": 0.99, "epsilon": epsilon, "scale": scale, "center": center}, w)


def plain(kind, **c):
    return (kind, c, [])


MODELS = [
    ("cnn", [12, 6], "softmax", [
        ("Normalization", {"axis": [-1], "invert": False, "mean": None, "variance": None}, [draw(6), 0.1 + draw(6) ** 2]),
        conv_layer("Conv1D", [3], 6, 4, activation="relu", use_bias=False),
        batchnorm(4, scale=False, epsilon=0.01),
        plain("MaxPooling1D", pool_size=[2], strides=[2], padding="valid", data_format="channels_last"),
        plain("SpatialDropout1D", rate=0.2),
        conv_layer("Conv1D", [4], 4, 5, strides=[2], padding="same"),
        ("LayerNormalization", {"axis": -1, "epsilon": 0.001, "scale": True, "center": False}, [1 + draw(5)]),
        plain("Activation", activation="tanh"),
        conv_layer("Conv1D", [2], 5, 4, padding="valid", dilation_rate=[2]),
        plain("GaussianNoise", stddev=0.1),
        plain("Flatten", data_format="channels_last"),
        dense(4, 5, "sigmoid", bias=False), plain("ELU", alpha=0.5), plain("Dropout", rate=0.3), dense(5, 3), plain("Softmax", axis=-1)]),
    ("rnn", [None, 6], "logits", [
        both(recurrent("LSTM", 6, 3, True), recurrent("LSTM", 6, 3, True)),
        plain("Dropout", rate=0.3),
        recurrent("GRU", 6, 4, True),
        ("TimeDistributed", {"layer": {"class_name": "Dense", "config": {"units": 5, "activation": "elu", "use_bias": True}}},
         [draw(4, 5), draw(5)]),
        recurrent("LSTM", 5, 4, True, bias=False),
        both(recurrent("GRU", 4, 2), recurrent("GRU", 4, 2)),
        dense(4, 3)]),
    ("plane", [12, 6, 1], "binary", [
        conv_layer("Conv2D", [3, 2], 1, 3, strides=[1, 2], activation="relu"),
        batchnorm(3, axis=[3], center=False),
        plain("MaxPooling2D", pool_size=[2, 1], strides=None, padding="valid", data_format="channels_last"),
        conv_layer("Conv2D", [2, 2], 3, 2, padding="valid"),
        plain("ReLU", max_value=None, negative_slope=0.0, threshold=0.0),
        plain("Reshape", target_shape=[5, 4]),
        recurrent("LSTM", 4, 3, True),
        plain("GlobalAveragePooling1D", data_format="channels_last", keepdims=False),
        dense(3, 1, "sigmoid")]),
]


def pool_layer(kind, size, strides=None, padding="valid"):
    return plain(kind, pool_size=size, strides=strides, padding=padding, data_format="channels_last")


def pools():
    """Windows that overlap, or reach beyond the ends: over a sequence of any length, and over a plane."""
    return [
        ("pools", [None, 6], "softmax", [
            conv_layer("Conv1D", [3], 6, 5),
            pool_layer("MaxPooling1D", [5], [2], "same"),
            pool_layer("AveragePooling1D", [4], [1], "same"),
            conv_layer("Conv1D", [2], 5, 4, activation="tanh"),
            pool_layer("MaxPooling1D", [2], [1]),
            pool_layer("AveragePooling1D", [3], None, "same"),
            recurrent("GRU", 4, 3),
            dense(3, 3, "softmax")]),
        ("pools2d", [12, 6, 1], "softmax", [
            conv_layer("Conv2D", [3, 3], 1, 3),
            pool_layer("MaxPooling2D", [3, 2], [2, 1], "same"),
            pool_layer("AveragePooling2D", [4, 3], [3, 2], "same"),
            conv_layer("Conv2D", [2, 2], 3, 4, activation="elu"),
            pool_layer("AveragePooling2D", [2, 2], [1, 1]),
            pool_layer("MaxPooling2D", [2, 2], None, "same"),
            plain("Flatten", data_format="channels_last"),
            dense(4, 3, "softmax")]),
    ]


def snake(name):
    return re.sub("([a-z])([A-Z])", r"\1_\2", re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)).lower()


def named(layers):
    count = {}
    for kind, config, w in layers:
        base = snake(kind)
        count[base] = count.get(base, -1) + 1
        yield base + (f"_{count[base]}" if count[base] else ""), kind, config, w


def parts(kind, w):
    """Where Keras 3 keeps which variables of a layer."""
    if kind in ("LSTM", "GRU"):
        return [("/cell", w)]
    if kind == "Bidirectional":
        n = len(w) // 2
        return [("/forward_layer/cell", w[:n]), ("/backward_layer/cell", w[n:])]
    return [("/layer" if kind == "TimeDistributed" else "", w)]


def weights3(f, layers):
    for name, kind, _, w in named(layers):
        f.require_group(f"layers/{name}/vars")
        for part, values in parts(kind, w):
            group = f.require_group(f"layers/{name}{part}/vars")
            group.attrs["name"] = name
            for i, value in enumerate(values):
                group.create_dataset(str(i), data=value)


def description(name, shape, end, layers, version):
    own = [{"class_name": kind, "config": dict(config, name=f"{own}_7"), "registered_name": None} for own, kind, config, _ in named(layers)]
    first = {"class_name": "InputLayer", "config": {"batch_shape" if version == 3 else "batch_input_shape": [None] + shape, "name": "in"}}
    loss = {"class_name": "SparseCategoricalCrossentropy", "config": {"from_logits": end == "logits"}}
    return {"class_name": "Sequential", "config": {"name": name, "layers": [first] + own}, "compile_config": {"loss": loss}}


def functional(model, version):
    """The same as a functional model: each layer says whose output it reads."""
    layers = model["config"]["layers"]
    before = None
    for one in layers:
        one["name"] = one["config"]["name"]
        if before is None:
            one["inbound_nodes"] = []
        elif version == 3:
            tensor = {"class_name": "__keras_tensor__", "config": {"shape": [None], "keras_history": [before, 0, 0]}}
            one["inbound_nodes"] = [{"args": [tensor], "kwargs": {"training": None}}]
        else:
            one["inbound_nodes"] = [[[before, 0, 0, {}]]]
        before = one["name"]
    return dict(model, class_name="Functional")


def packed(path, fill):
    data = io.BytesIO()
    with h5py.File(data, "w") as f:
        fill(f)
    with open(path, "wb") as f:
        f.write(gzip.compress(data.getvalue(), mtime=0))


def weights213(f, layers):
    """As tf.keras 2.13 wrote it on Windows: with its separators, and each layer with weights twice
    in the list of layers, of which the second takes a number, too."""
    used = {}
    for _, kind, _, w in named(layers):
        base = snake(kind)
        name = f"{base}_{used[base]}" if base in used else base
        used[base] = used.get(base, 0) + (2 if w else 1)
        for part, values in parts(kind, w):
            group = f.create_group(f"_layer_checkpoint_dependencies/{name}{part}".replace("/", "\\")).create_group("vars")
            for i, value in enumerate(values):
                group.create_dataset(str(i), data=value)


def write3(path, model, layers, weights=weights3):
    data = io.BytesIO()
    with h5py.File(data, "w") as f:
        weights(f, layers)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        for name, text in (("metadata.json", '{"keras_version": "3.12.0"}'), ("config.json", json.dumps(model)),
                           ("model.weights.h5", data.getvalue())):
            z.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)



def weights2(group, layers, whole):
    own = list(named(layers))
    group.attrs["layer_names"] = np.array([b"in"] + [f"{name}_7".encode() for name, *_ in own])
    group.create_group("in").attrs["weight_names"] = np.asarray([])  # of doubles, as Keras has it
    for name, kind, _, w in own:
        part = group.create_group(f"{name}_7")
        names = [f"{name}_7/w{i}:0" for i in range(len(w))]
        part.attrs["weight_names"] = np.asarray([n.encode() for n in names])
        for n, value in zip(names, w):
            part.create_dataset(n, data=value, **({"compression": "gzip"} if whole and value.size > 50 else {}))


def write2(path, model, layers):
    def fill(f):
        f.attrs["keras_version"] = "2.15.0"
        f.attrs["model_config"] = json.dumps({k: model[k] for k in ("class_name", "config")})
        f.attrs["training_config"] = json.dumps({"loss": model["compile_config"]["loss"]})
        weights2(f.create_group("model_weights"), layers, True)

    packed(path, fill)


def write(folder, records, name, shape, end, layers):
    write3(f"{folder}/{name}.keras", description(name, shape, end, layers, 3), layers)
    write2(f"{folder}/{name}.h5.gz", functional(description(name, shape, end, layers, 2), 2), layers)
    with open(f"{folder}/{name}.tsv", "w") as out:
        for key, x in records.items():
            y = x.astype("f8").reshape([12, 6] + shape[2:])
            for kind, config, w in layers:
                y = layer(kind, config, w, y)
            y = softmax(y) if end == "logits" else np.array([1 - y[0], y[0]]) if end == "binary" else y
            print(key, *(f"{p:.8f}" for p in y), sep="\t", file=out)


def main(folder):
    records = {f"r{i}": rng.normal(0, 1, (12, 6)).astype("f4") for i in range(4)}
    np.savez(f"{folder}/in.npz", **records)
    for model in MODELS:
        write(folder, records, *model)
    name, shape, end, layers = MODELS[0]
    write3(f"{folder}/chain.keras", functional(description(name, shape, end, layers, 3), 3), layers)
    name, shape, end, layers = MODELS[1]
    write3(f"{folder}/windows.keras", description(name, shape, end, layers, 3), layers, weights213)
    packed(f"{folder}/rnn.weights.h5.gz", lambda f: weights3(f, layers))
    packed(f"{folder}/old.weights.h5.gz", lambda f: weights2(f, layers, False))
    layers = [conv_layer("Conv1D", [1], 128, 2, activation="relu"), plain("GlobalAveragePooling1D", keepdims=False), dense(2, 3, "softmax")]
    write3(f"{folder}/mel.keras", description("mel", [108, 128], "softmax", layers, 3), layers)  # for the manual's examples
    for model in pools():
        write(folder, records, *model)


if __name__ == "__main__":
    main(sys.argv[1])
