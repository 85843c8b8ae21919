#!/usr/bin/env python3
"""Opens what Gatefold wrote for a module of ci/interop/torch_files.py with PyTorch itself, strictly, and prints how far its outputs are:
ci/interop/torch_check.py FOLDER NAME FILE.pt, with the folder that torch_files.py wrote and one of lstm, gru, rnn, relu, projected, unbiased.
Layers are called NAME and fc."""
import sys

import numpy as np
import torch
from torch import nn

folder, name, file = sys.argv[1:4]
arrays = np.load(folder + "/arrays.npz")
module = {"lstm": lambda: nn.LSTM(4, 3, num_layers=2, bidirectional=True, batch_first=True),
          "gru": lambda: nn.GRU(4, 3, num_layers=2, batch_first=True),
          "rnn": lambda: nn.RNN(4, 3, batch_first=True),
          "relu": lambda: nn.RNN(4, 3, nonlinearity="relu", bidirectional=True, batch_first=True),
          "projected": lambda: nn.LSTM(4, 5, proj_size=2, num_layers=2, batch_first=True),
          "unbiased": lambda: nn.GRU(4, 3, bias=False, batch_first=True)}[name]()
x = torch.from_numpy(arrays["x"])
with torch.no_grad():
    model = nn.ModuleDict({name: module, "fc": nn.Linear(module(x)[0].shape[-1], 2)})
    model.load_state_dict(torch.load(file, weights_only=True), strict=True)
    outputs = model["fc"](model[name](x)[0])
print(name, "largest error", float((outputs - torch.from_numpy(arrays[name])).abs().max()))
