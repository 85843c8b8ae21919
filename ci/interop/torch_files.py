#!/usr/bin/env python3
"""Writes what StateDictTest reads, by PyTorch itself: ci/interop/torch_files.py FOLDER [MODELS]. With MODELS, a folder that has
image_rnn.pth and stock_lstm.pth, their outputs too."""
import collections
import json
import os
import pickle
import struct
import sys
import zipfile

import numpy as np
import torch
from torch import nn

folder = sys.argv[1] + "/"
torch.manual_seed(7)
x = torch.randn(3, 5, 4)
arrays = {"x": x}


def keep(name, module, outputs):
    torch.save(module.state_dict(), folder + name + ".pt")
    arrays[name] = outputs


with torch.no_grad():
    for name, module in {
            "lstm": nn.LSTM(4, 3, num_layers=2, bidirectional=True, batch_first=True),
            "gru": nn.GRU(4, 3, num_layers=2, batch_first=True),
            "rnn": nn.RNN(4, 3, batch_first=True),
            "relu": nn.RNN(4, 3, nonlinearity="relu", bidirectional=True, batch_first=True),
            "projected": nn.LSTM(4, 5, proj_size=2, num_layers=2, batch_first=True),
            "unbiased": nn.GRU(4, 3, bias=False, batch_first=True)}.items():
        model = nn.ModuleDict({name: module, "fc": nn.Linear(module(x)[0].shape[-1], 2)})
        keep(name, model, model["fc"](model[name](x)[0]))

    cell = nn.LSTMCell(4, 3)
    h = c = torch.zeros(3, 3)
    outputs = []
    for t in range(5):
        h, c = cell(x[:, t], (h, c))
        outputs.append(h)
    keep("cell", nn.ModuleDict({"cell": cell}), torch.stack(outputs, 1))

    class Text(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Embedding(11, 4)
            self.conv = nn.Conv1d(4, 6, 3, padding=1)
            self.bn = nn.BatchNorm1d(6)
            self.ln = nn.LayerNorm(6)
            self.out = nn.Linear(6, 2)

        def forward(self, ids):
            y = torch.relu(self.bn(self.conv(self.emb(ids).transpose(1, 2))))
            return self.out(self.ln(y.transpose(1, 2)))

    text = Text().eval()
    text.bn.running_mean.normal_()
    text.bn.running_var.uniform_(0.5, 2)
    text.bn.weight.normal_()
    text.ln.bias.normal_()
    ids = torch.randint(11, (3, 5))
    arrays["ids"] = ids
    keep("text", text, text(ids))
    arrays["image"] = torch.randn(2, 2, 6, 5)
    image = nn.Sequential(nn.Conv2d(2, 4, 3, stride=2), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(16, 3)).eval()
    keep("image_net", image, image(arrays["image"]))

    class Scripted(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.GRU(4, 3, batch_first=True)
            self.fc = nn.Linear(3, 2)

        def forward(self, x):
            y, _ = self.rnn(x)
            return self.fc(y)

    scripted = Scripted()
    torch.jit.script(scripted).save(folder + "script.pt")
    arrays["script"] = scripted(x)
    torch.save({"epoch": 3, "model_state_dict": scripted.state_dict(),
                "optimizer_state_dict": torch.optim.Adam(scripted.parameters()).state_dict(), "loss": 0.5},
               folder + "checkpoint.pt")
    for name, dtype in {"half": torch.float16, "bfloat": torch.bfloat16, "double": torch.float64}.items():
        torch.save(collections.OrderedDict((k, v.to(dtype)) for k, v in scripted.state_dict().items()),
                   folder + name + ".pt")
    torch.save({"fc.weight": torch.arange(12.).reshape(3, 4).t()[1:3, :], "fc.bias": torch.arange(10.)[::5]},
               folder + "views.pt")
    torch.save(scripted.state_dict(), folder + "legacy.pt", _use_new_zipfile_serialization=False)
    torch.save(nn.Linear(2, 2), folder + "whole.pt")


def safetensors(name, tensors):
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for key, (dtype, shape, raw) in tensors.items():
        header[key] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(folder + name, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text + data)


def stored(value, dtype):
    value = value.numpy()
    if dtype == "BF16":
        return (dtype, value.shape, (value.astype("<f4").view("<u4") >> 16).astype("<u2").tobytes())
    return (dtype, value.shape, value.astype({"F16": "<f2", "F64": "<f8", "F32": "<f4"}[dtype]).tobytes())


state = {k: v.detach() for k, v in scripted.state_dict().items()}
for dtype in ("F16", "BF16", "F64"):
    safetensors(dtype + ".safetensors", {k: stored(v, dtype) for k, v in state.items()})
kinds = {"BOOL": "?", "U8": "u1", "I8": "i1", "U16": "<u2", "I16": "<i2", "U32": "<u4", "I32": "<i4", "U64": "<u8", "I64": "<i8"}
integers = {k: (k, [3], np.array([0, 1, 100 if k != "BOOL" else 1], v).tobytes()) for k, v in kinds.items()}
integers["F8_E4M3"] = ("F8_E4M3", [5], bytes([0x38, 0xc4, 0x7e, 0x01, 0x00]))  # 1, -3, 448, 2^-9, 0
integers["F8_E5M2"] = ("F8_E5M2", [4], bytes([0x3c, 0xc2, 0x7b, 0x01]))  # 1, -3, 57344, 2^-16
safetensors("types.safetensors", integers)
names = list(state)
safetensors("model-00001-of-00002.safetensors", {k: stored(state[k], "F32") for k in names[3:]})
safetensors("model-00002-of-00002.safetensors", {k: stored(state[k], "F32") for k in names[:3]})
with open(folder + "model.safetensors.index.json", "w") as out:
    json.dump({"metadata": {"total_size": 1}, "weight_map": {
        k: "model-00002-of-00002.safetensors" if i < 3 else "model-00001-of-00002.safetensors"
        for i, k in enumerate(names)}}, out)


class Evil:
    def __init__(self, call, *arguments):
        self.call, self.arguments = call, arguments

    def __reduce__(self):
        return self.call, self.arguments


for name, evil, protocol in (("system", Evil(os.system, "touch /tmp/gatefold-was-here"), 2),
                             ("eval", Evil(eval, "1+1"), 2), ("system4", Evil(os.system, "true"), 4),
                             ("nested", {"a.weight": [Evil(exec, "pass")]}, 2)):
    with zipfile.ZipFile(folder + name + ".pt", "w") as out:
        out.writestr("archive/data.pkl", pickle.dumps(evil, protocol))
        out.writestr("archive/version", "3\n")

np.savez(folder + "arrays.npz", **{k: v.detach().numpy() for k, v in arrays.items()})

if len(sys.argv) > 2:
    with torch.no_grad():
        big = {}
        rnn, fc = nn.RNN(28, 256, 2, batch_first=True), nn.Linear(256, 10)
        state = torch.load(sys.argv[2] + "/image_rnn.pth", map_location="cpu")
        nn.ModuleDict({"rnn": rnn, "fc": fc}).load_state_dict(state)
        big["image_x"] = torch.rand(2, 28, 28)
        big["image_rnn"] = fc(rnn(big["image_x"])[0][:, -1])
        lstm = nn.LSTM(14, 128, 3, batch_first=True)
        model = nn.ModuleDict({"lstm": lstm, "fc1": nn.Linear(128, 64), "fc2": nn.Linear(64, 1)})
        model.load_state_dict(torch.load(sys.argv[2] + "/stock_lstm.pth", map_location="cpu"))
        big["stock_x"] = torch.rand(2, 30, 14)
        big["stock_lstm"] = model["fc2"](torch.relu(model["fc1"](lstm(big["stock_x"])[0][:, -1])))
        np.savez(folder + "models.npz", **{k: v.numpy() for k, v in big.items()})
