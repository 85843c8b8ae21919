#!/usr/bin/env python3
"""Writes what KerasFormatTest reads: models in the form of Keras' files, by h5py, with outputs of layers written here in float64 after Keras'
documentation: ci/interop/keras_files.py FOLDER [MODELS]. With MODELS, a folder of other people's models, their outputs too."""
import io
import json
import re
import sys
import zipfile

import h5py
import numpy as np

folder = sys.argv[1] + "/"
random = np.random.default_rng(5)
arrays = {}


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def hard(x):
    return np.clip(0.2 * x + 0.5, 0, 1)


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


ACT = {"tanh": np.tanh, "sigmoid": sigmoid, "hard_sigmoid": hard, "relu": lambda x: np.maximum(x, 0), "linear": lambda x: x,
       "softmax": softmax}


def step(kind, w, x, h, c, gate, act, reset_after):
    k, r, b = w
    n = h.shape[1]
    if kind == "LSTM":
        z = x @ k + h @ r + b
        i, f, g, o = gate(z[:, :n]), gate(z[:, n:2 * n]), act(z[:, 2 * n:3 * n]), gate(z[:, 3 * n:])
        c = f * c + i * g
        return o * act(c), c
    if kind == "GRU":
        bi, br = (b[0], b[1]) if reset_after else (b, np.zeros_like(b))
        xs, hs = x @ k + bi, h @ r[:, :2 * n] + br[:2 * n]
        z, rr = gate(xs[:, :n] + hs[:, :n]), gate(xs[:, n:2 * n] + hs[:, n:])
        if reset_after:
            hh = act(xs[:, 2 * n:] + rr * (h @ r[:, 2 * n:] + br[2 * n:]))
        else:
            hh = act(xs[:, 2 * n:] + (rr * h) @ r[:, 2 * n:])
        return z * h + (1 - z) * hh, c
    return act(x @ k + h @ r + b), c


def rnn(kind, w, x, mask=None, seq=False, back=False, gate=sigmoid, act=np.tanh, reset_after=True):
    rows, steps, _ = x.shape
    n = w[1].shape[0]
    h = c = out = np.zeros((rows, n))
    outs = []
    for t in (reversed(range(steps)) if back else range(steps)):
        nh, nc = step(kind, w, x[:, t], h, c, gate, act, reset_after)
        real = np.ones((rows, 1), bool) if mask is None else mask[:, t:t + 1]
        h, c = np.where(real, nh, h), np.where(real, nc, c)
        out = np.where(real, nh, out)
        outs.append(out)
    return np.stack(outs, 1) if seq else out


def both(kind, w, x, merge, mask=None, seq=False, **more):
    f, b = rnn(kind, w[:3], x, mask, seq, **more), rnn(kind, w[3:], x, mask, seq, True, **more)
    b = b[:, ::-1] if seq else b
    return {"concat": lambda: np.concatenate([f, b], -1), "sum": lambda: f + b, "mul": lambda: f * b, "ave": lambda: (f + b) / 2}[merge]()


def conv1d(w, x, causal=False, stride=1):
    k, b = w
    if causal:
        x = np.pad(x, ((0, 0), (k.shape[0] - 1, 0), (0, 0)))
    steps = (x.shape[1] - k.shape[0]) // stride + 1
    return np.stack([np.einsum("bki,kio->bo", x[:, t * stride:t * stride + k.shape[0]], k) for t in range(steps)], 1) + b


def conv2d(w, x, same=False, stride=1):
    k, b = w
    if same:
        p = [(s - 1) // 2 for s in k.shape[:2]]
        q = [s - 1 - a for s, a in zip(k.shape[:2], p)]
        x = np.pad(x, ((0, 0), (p[0], q[0]), (p[1], q[1]), (0, 0)))
    hs, ws = [(x.shape[i + 1] - k.shape[i]) // stride + 1 for i in (0, 1)]
    return np.stack([np.stack([np.einsum("bhwi,hwio->bo", x[:, i * stride:i * stride + k.shape[0], j * stride:j * stride + k.shape[1]], k)
                               for j in range(ws)], 1) for i in range(hs)], 1) + b


def pool2d(x, reduce):
    return reduce(np.stack([x[:, i:x.shape[1] // 2 * 2:2, j:x.shape[2] // 2 * 2:2] for i in (0, 1) for j in (0, 1)]), 0)


def norm(w, x):
    gamma, beta, mean, var = w
    return (x - mean) / np.sqrt(var + 1e-3) * gamma + beta


def layer_norm(w, x):
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-3) * w[0] + w[1]


def some(*shape):
    return (random.standard_normal(shape) * 0.4).astype("<f4")


def cell(kind, n, units, reset_after=True):
    g = {"LSTM": 4, "GRU": 3, "SimpleRNN": 1}[kind] * units
    return [some(n, g), some(units, g), some(2, g) if kind == "GRU" and reset_after else some(g)]


def statistics(n):
    return [some(n) + 1, some(n), some(n), np.abs(some(n)) + 0.5]


def snake(name):
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


PARTS = {"LSTM": ["cell"], "GRU": ["cell"], "SimpleRNN": ["cell"], "Bidirectional": ["forward_layer/cell", "backward_layer/cell"],
         "TimeDistributed": ["layer"]}


def keras3(file, config, layers, prefix="layers"):
    """layers: class, name, weights."""
    data = io.BytesIO()
    with h5py.File(data, "w") as h5:
        counts = {}
        for kind, _, weights in layers:
            group = snake(kind)
            counts[group] = counts.get(group, -1) + 1
            base = prefix + "/" + group + (f"_{counts[group]}" if counts[group] else "")
            h5.create_group(base + "/vars")
            if kind == "Dropout":
                h5[base + "/seed_generator/vars/0"] = np.zeros(2, "u4")
            parts = PARTS.get(kind, [""])
            each = len(weights) // len(parts)
            for p, part in enumerate(parts):
                for i in range(each):
                    h5[f"{base}/{part}/vars/{i}".replace("//", "/")] = weights[p * each + i]
        h5.create_group("vars")
    with zipfile.ZipFile(file, "w") as out:
        out.writestr("metadata.json", json.dumps({"keras_version": "3.3.3", "date_saved": "2024-01-01@00:00:00"}))
        out.writestr("config.json", json.dumps(config))
        out.writestr("model.weights.h5", data.getvalue())


def keras2(file, config, layers, root="model_weights"):
    with h5py.File(file, "w") as h5:
        h5.attrs["keras_version"] = "2.3.0-tf"
        h5.attrs["backend"] = "tensorflow"
        if config:
            h5.attrs["model_config"] = json.dumps(config)
        top = h5.create_group(root) if root else h5
        top.attrs["layer_names"] = np.array([name for _, name, _ in layers], "S")
        for _, name, weights in layers:
            group = top.create_group(name)
            names = [f"{name}/w_{i}:0" for i in range(len(weights))]
            group.attrs["weight_names"] = np.array(names, "S") if names else np.array([])
            for one, weight in zip(names, weights):
                group.create_dataset(one, data=weight)


def layer(kind, name, **config):
    return {"module": "keras.layers", "class_name": kind, "config": {"name": name, **config}, "registered_name": None}


def tensor(name):
    return {"class_name": "__keras_tensor__", "config": {"shape": [None], "dtype": "float32", "keras_history": [name, 0, 0]}}


def called(made, *of, several=False):
    inputs = [tensor(one) for one in of]
    return {**made, "name": made["config"]["name"], "inbound_nodes": [{"args": [inputs] if several else inputs, "kwargs": {}}] if of else []}


def wide(weights):
    return [w.astype("<f8") for w in weights]


# Tokens with a mask, Keras 3.
emb, bi, gru, out = [some(9, 3)], cell("LSTM", 3, 2) + cell("LSTM", 3, 2), cell("GRU", 4, 3), [some(3, 4), some(4)]
ids = np.array([[3, 1, 8, 2, 0, 0], [5, 0, 7, 7, 1, 2], [0, 4, 4, 0, 6, 0]], "<i4")
mask = ids != 0
y = both("LSTM", wide(bi), wide(emb)[0][ids], "concat", mask, True)
y = softmax(rnn("GRU", wide(gru), y, mask) @ out[0] + out[1])
arrays.update(ids=ids, text=y)
keras3(folder + "text.keras", {"module": "keras", "class_name": "Sequential", "config": {"name": "sequential", "layers": [
    layer("InputLayer", "input_layer", batch_shape=[None, None], dtype="int32"),
    layer("Embedding", "words", input_dim=9, output_dim=3, mask_zero=True),
    layer("Bidirectional", "both_ways", merge_mode="concat",
          layer=layer("LSTM", "inner", units=2, return_sequences=True, recurrent_activation="sigmoid")),
    layer("Dropout", "drop", rate=0.5),
    layer("GRU", "reader", units=3, reset_after=True, recurrent_activation="sigmoid"),
    layer("Dense", "answer", units=4, activation="softmax")]}},
       [("Embedding", "words", emb), ("Bidirectional", "both_ways", bi), ("Dropout", "drop", []), ("GRU", "reader", gru),
        ("Dense", "answer", out)])

# Series of Keras 2, with Masking, merges, hard sigmoid, reset before, going backwards.
x = some(2, 5, 3)
x[0, 3:] = -9
x[1, 1] = -9
mask = (x != -9).any(-1)
g2, l2, td = cell("GRU", 3, 2, False) + cell("GRU", 3, 2, False), cell("LSTM", 2, 3) + cell("LSTM", 2, 3), [some(3, 2), some(2)]
back, dense = cell("SimpleRNN", 2, 4), [some(4, 2), some(2)]
y = both("GRU", wide(g2), x, "sum", mask, True, reset_after=False)
y = both("LSTM", wide(l2), y, "mul", mask, True, gate=hard)
y = np.maximum(y @ td[0] + td[1], 0)
y = rnn("SimpleRNN", wide(back), y, mask, back=True, act=ACT["relu"]) @ dense[0] + dense[1]
arrays.update(series_x=x, series=y)
series = [("Masking", "masking", []), ("Bidirectional", "b1", g2), ("Bidirectional", "b2", l2), ("TimeDistributed", "td", td),
          ("SimpleRNN", "back", back), ("Dense", "dense", dense)]
keras2(folder + "series.h5", {"class_name": "Sequential", "config": {"name": "sequential", "layers": [
    layer("Masking", "masking", mask_value=-9.0, batch_input_shape=[None, 5, 3]),
    layer("Bidirectional", "b1", merge_mode="sum",
          layer=layer("GRU", "g", units=2, return_sequences=True, reset_after=False, recurrent_activation="sigmoid")),
    layer("Bidirectional", "b2", merge_mode="mul",
          layer=layer("LSTM", "l", units=3, return_sequences=True, recurrent_activation="hard_sigmoid")),
    layer("TimeDistributed", "td", layer=layer("Dense", "d", units=2, activation="relu")),
    layer("SimpleRNN", "back", units=4, activation="relu", go_backwards=True),
    layer("Dense", "dense", units=2, activation="linear")]}}, series)

# Images, channels last.
x = some(2, 8, 6, 2)
c1, bn, c2 = [some(3, 2, 2, 4), some(4)], statistics(4), [some(2, 2, 4, 3), some(3)]
y = np.maximum(conv2d(c1, x.astype("<f8"), same=True), 0)
y = norm(wide(bn), pool2d(y, np.max))
y = pool2d(conv2d(c2, y), np.mean)
fc = [some(y[0].size, 3), some(3)]
arrays.update(image_x=x, image=np.tanh(y.reshape(2, -1) @ fc[0] + fc[1]))
keras3(folder + "image.keras", {"module": "keras", "class_name": "Sequential", "config": {"name": "sequential", "layers": [
    layer("InputLayer", "in", batch_shape=[None, 8, 6, 2]),
    layer("Conv2D", "c1", filters=4, kernel_size=[3, 2], strides=[1, 1], padding="same", activation="relu", data_format="channels_last"),
    layer("MaxPooling2D", "mp", pool_size=[2, 2], strides=[2, 2], padding="valid"),
    layer("BatchNormalization", "bn", axis=-1, epsilon=0.001, momentum=0.99),
    layer("Conv2D", "c2", filters=3, kernel_size=[2, 2], strides=[1, 1], padding="valid"),
    layer("AveragePooling2D", "ap", pool_size=[2, 2], padding="valid"),
    layer("Flatten", "flat"),
    layer("Dense", "fc", units=3, activation="tanh")]}},
       [("Conv2D", "c1", c1), ("MaxPooling2D", "mp", []), ("BatchNormalization", "bn", bn), ("Conv2D", "c2", c2),
        ("AveragePooling2D", "ap", []), ("Flatten", "flat", []), ("Dense", "fc", fc)])

# A graph: two branches, merges, attention, two outputs, a layer applied twice.
x = some(2, 6, 3)
cv, ln, gb, ls, dn = [some(2, 3, 4), some(4)], [some(4) + 1, some(4)], cell("LSTM", 3, 4), cell("LSTM", 8, 3), [some(4, 2), some(2)]
a = layer_norm(wide(ln), conv1d(wide(cv), x, causal=True))
b = rnn("LSTM", wide(gb), x, seq=True, back=True)
s = a + b
both_ = np.concatenate([s, a], -1)
att = softmax(both_ @ both_.transpose(0, 2, 1)) @ both_
p = att.mean(1)
dec = rnn("LSTM", wide(ls), np.repeat(p[:, None], 4, 1), seq=True)
arrays.update(graph_x=x, graph_steps=dec, graph_twice=(s @ dn[0] + dn[1]).mean(1) * (a @ dn[0] + dn[1]).mean(1))
dense2 = called(layer("Dense", "dn", units=2, activation="linear"), "s")
dense2["inbound_nodes"].append({"args": [tensor("ln")], "kwargs": {}})
second = tensor("dn")
second["config"]["keras_history"] = ["dn", 1, 0]
pool2 = called(layer("GlobalAveragePooling1D", "p2"), "dn")
pool3 = called(layer("GlobalAveragePooling1D", "p3"), "dn")
pool3["inbound_nodes"][0]["args"] = [second]
keras3(folder + "graph.keras", {"module": "keras", "class_name": "Functional", "config": {"name": "functional", "layers": [
    called(layer("InputLayer", "x", batch_shape=[None, None, 3])),
    called(layer("Conv1D", "cv", filters=4, kernel_size=[2], strides=[1], padding="causal", activation="linear"), "x"),
    called(layer("LSTM", "gb", units=4, return_sequences=True, go_backwards=True, recurrent_activation="sigmoid"), "x"),
    called(layer("LayerNormalization", "ln", axis=[-1], epsilon=0.001), "cv"),
    called(layer("Add", "s"), "ln", "gb", several=True),
    called(layer("Concatenate", "cat", axis=-1), "s", "ln", several=True),
    called(layer("Attention", "att", use_scale=False, score_mode="dot"), "cat", "cat", several=True),
    called(layer("GlobalAveragePooling1D", "p"), "att"),
    called(layer("RepeatVector", "rep", n=4), "p"),
    called(layer("LSTM", "ls", units=3, return_sequences=True, recurrent_activation="sigmoid"), "rep"),
    dense2, pool2, pool3, called(layer("Multiply", "twice"), "p2", "p3", several=True)],
    "input_layers": ["x", 0, 0], "output_layers": [["ls", 0, 0], ["twice", 0, 0]]}},
       [("InputLayer", "x", []), ("Conv1D", "cv", cv), ("LSTM", "gb", gb), ("LayerNormalization", "ln", ln), ("Add", "s", []),
        ("Concatenate", "cat", []), ("Attention", "att", []), ("GlobalAveragePooling1D", "p", []), ("RepeatVector", "rep", []),
        ("LSTM", "ls", ls), ("Dense", "dn", dn)])

# The same two layers as a functional model of Keras 2, and weights alone.
ave = cell("SimpleRNN", 3, 2) + cell("SimpleRNN", 3, 2)
head = [some(2, 2), some(2)]
x = some(2, 4, 3)
arrays.update(old_x=x, old=both("SimpleRNN", wide(ave), x, "ave") @ head[0] + head[1])
old = [("InputLayer", "x", []), ("Bidirectional", "ave", ave), ("Dense", "head", head)]
keras2(folder + "old.h5", {"class_name": "Model", "config": {"name": "m", "layers": [
    {"name": "x", "class_name": "InputLayer", "config": {"batch_input_shape": [None, None, 3], "name": "x"}, "inbound_nodes": []},
    {"name": "ave", "class_name": "Bidirectional", "config": {"name": "ave", "merge_mode": "ave", "layer": layer(
        "SimpleRNN", "r", units=2, activation="tanh")}, "inbound_nodes": [[["x", 0, 0, {}]]]},
    {"name": "head", "class_name": "Dense", "config": {"name": "head", "units": 2, "activation": "linear"},
     "inbound_nodes": [[["ave", 0, 0, {}]]]}], "input_layers": [["x", 0, 0]], "output_layers": [["head", 0, 0]]}}, old)
keras2(folder + "weights.h5", None, old, root="")
np.savez(folder + "arrays.npz", **arrays)

if len(sys.argv) > 2:
    models, big = sys.argv[2] + "/", {}
    with zipfile.ZipFile(models + "practice_lstm.keras") as archive:
        h5 = h5py.File(io.BytesIO(archive.read("model.weights.h5")))

    def read(group):
        return [group[str(i)][:].astype("<f8") for i in range(len(group))]

    L = h5["layers"]
    big["practice_x"] = x = random.random((2, 12, 24)).astype("<f4")
    y = rnn("LSTM", read(L["lstm_1/cell/vars"]), rnn("LSTM", read(L["lstm/cell/vars"]), x, seq=True))
    for name in ("dense", "dense_1"):
        w, b = read(L[name + "/vars"])
        y = y @ w + b
    big["practice_lstm"] = y
    h5 = h5py.File(models + "stock_lstm.h5")["model_weights"]

    def named(h5, layer):
        return [h5[layer][n][:].astype("<f8") for n in h5[layer].attrs["weight_names"]]

    big["stock_x"] = x = random.random((2, 90, 1)).astype("<f4")
    y = rnn("LSTM", named(h5, "lstm"), x, seq=True)
    y = rnn("LSTM", named(h5, "lstm_2"), rnn("LSTM", named(h5, "lstm_1"), y, seq=True))
    w, b = named(h5, "dense")
    big["stock_lstm"] = y @ w + b
    h5 = h5py.File(models + "textgenrnn_weights.hdf5")

    def from_cudnn(k, r, b):
        n = r.shape[0]
        k = np.hstack([part.T.reshape(part.shape, order="F") for part in np.hsplit(k, 4)])
        r = np.hstack([part.T for part in np.hsplit(r, 4)])
        return [k, r, b[:4 * n] + b[4 * n:]]

    big["textgen_x"] = ids = random.integers(1, 465, (2, 20)).astype("<i4")
    e = named(h5, "embedding")[0][ids]
    r1 = rnn("LSTM", from_cudnn(*named(h5, "rnn_1")), e, seq=True)
    r2 = rnn("LSTM", from_cudnn(*named(h5, "rnn_2")), r1, seq=True)
    cat = np.concatenate([e, r1, r2], -1)
    weights = softmax((cat @ named(h5, "attention")[0])[..., 0])
    w, b = named(h5, "output")
    big["textgenrnn"] = softmax((cat * weights[..., None]).sum(1) @ w + b)
    np.savez(folder + "models.npz", **big)
