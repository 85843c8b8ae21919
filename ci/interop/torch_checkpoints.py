#!/usr/bin/env python3
"""Writes checkpoints as people's programs save them, for CheckpointFilesTest, by PyTorch itself: ci/interop/torch_checkpoints.py FOLDER.
All hold one network, but for those of weight_norm; outputs.npz has what they give."""
import argparse
import collections
import os
import sys

import numpy as np
import torch
from torch import nn

folder = sys.argv[1] + "/"
os.makedirs(folder, exist_ok=True)
torch.manual_seed(5)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 4, batch_first=True)
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        return self.fc(self.lstm(x)[0])


net = Net()
optimizer = torch.optim.Adam(net.parameters())
x = torch.randn(2, 5, 3)
net(x).sum().backward()
optimizer.step()
state = net.state_dict()
arrays = {"x": x, "plain": net(x)}


def prefixed(prefix):
    return collections.OrderedDict((prefix + name, value) for name, value in state.items())


torch.save({"epoch": 3, "model_state_dict": state, "optimizer_state_dict": optimizer.state_dict(), "loss": torch.tensor(0.3)},
           folder + "loss.pt")
torch.save({"net_weights": state, "loss": torch.tensor(0.3)}, folder + "unnamed.pt")
torch.save({"epoch": 3, "state_dict": prefixed("model."), "pytorch-lightning_version": "1.9.0", "optimizer_states": [optimizer.state_dict()],
            "lr_schedulers": [], "callbacks": {"ModelCheckpoint": {"best_model_score": torch.tensor(1.0)}},
            "hyper_parameters": {"lr": 0.1, "layers": [1, 2], "name": None}}, folder + "lightning.ckpt")
torch.save(nn.DataParallel(net).state_dict(), folder + "parallel.pth")
torch.save({"state_dict": state, "args": argparse.Namespace(lr=0.1, names=["a"]), "best": np.float64(0.3), "curve": np.zeros(3),
            "history": collections.defaultdict(list, {"loss": [1.0, 2.0]}), "counts": collections.Counter("aab"),
            "device": torch.device("cpu"), "rng": torch.get_rng_state(), "numpy_rng": np.random.get_state()}, folder + "beside.pt")
torch.save({name: value.t().contiguous().t() if value.dim() == 2 else value for name, value in state.items()}, folder + "strided.pt")
flat, at, shared = torch.cat([value.reshape(-1) for value in state.values()]), 0, {}
for name, value in state.items():
    shared[name] = flat[at:at + value.numel()].view(value.shape)
    at += value.numel()
torch.save(shared, folder + "shared.pt")
torch.save({name: nn.Parameter(value) for name, value in state.items()}, folder + "parameters.pt")


class Normed(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.lstm = nn.utils.weight_norm(nn.LSTM(3, 4, batch_first=True), "weight_hh_l0")
        self.fc = nn.utils.weight_norm(nn.Linear(4, 2), dim=dim)

    def forward(self, x):
        return self.fc(self.lstm(x)[0])


for name, dim in (("rows", 0), ("whole", None)):
    made = Normed(dim)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.copy_(torch.randn_like(parameter))
    arrays[name] = made(x)
    torch.save(made.state_dict(), folder + name + ".pt")
    if name == "rows":
        # As torch.nn.utils.parametrizations.weight_norm of later versions calls them.
        torch.save({key.replace("fc.weight_g", "fc.parametrizations.weight.original0")
                    .replace("fc.weight_v", "fc.parametrizations.weight.original1"): value
                    for key, value in made.state_dict().items()}, folder + "parametrized.pt")
np.savez(folder + "outputs.npz", **{name: value.detach().numpy() for name, value in arrays.items()})
