#!/usr/bin/env python3
"""Writes gradients.npz, which TorchGradientsTest reads, by PyTorch itself: ci/interop/torch_gradients.py FOLDER, where torch_files.py has
written its state dicts. Of the sum of outputs times fixed numbers: gradients of the input, NAME/x, and of parameters, NAME/PARAMETER."""
import sys

import numpy as np
import torch
from torch import nn

folder = sys.argv[1] + "/"
x = torch.tensor(np.load(folder + "arrays.npz")["x"])
torch.manual_seed(11)
gradients = {"dy": torch.randn(3, 5, 2)}
for name, module in {
        "lstm": nn.LSTM(4, 3, num_layers=2, bidirectional=True, batch_first=True),
        "gru": nn.GRU(4, 3, num_layers=2, batch_first=True),
        "rnn": nn.RNN(4, 3, batch_first=True),
        "relu": nn.RNN(4, 3, nonlinearity="relu", bidirectional=True, batch_first=True),
        "projected": nn.LSTM(4, 5, proj_size=2, num_layers=2, batch_first=True),
        "unbiased": nn.GRU(4, 3, bias=False, batch_first=True)}.items():
    model = nn.ModuleDict({name: module, "fc": nn.Linear(module(x)[0].shape[-1], 2)})
    model.load_state_dict(torch.load(folder + name + ".pt"))
    given = x.clone().requires_grad_(True)
    (model["fc"](model[name](given)[0]) * gradients["dy"]).sum().backward()
    gradients[name + "/x"] = given.grad
    for parameter, value in model.named_parameters():
        gradients[name + "/" + parameter] = value.grad
np.savez(folder + "gradients.npz", **{name: value.numpy() for name, value in gradients.items()})
