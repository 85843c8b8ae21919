#!/usr/bin/env python3
"""Writes what TransformerStateDictTest reads, by PyTorch itself: ci/interop/torch_transformers.py FOLDER."""
import sys

import numpy as np
import torch
from torch import nn

folder = sys.argv[1] + "/"
torch.manual_seed(3)
x = torch.randn(3, 5, 6)
arrays = {"x": x}


class Attended(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(6, 2, batch_first=True)
        self.fc = nn.Linear(6, 2)

    def forward(self, x):
        return self.fc(self.attention(x, x, x)[0])


class Encoded(nn.Module):
    def __init__(self, norm_first):
        super().__init__()
        layer = nn.TransformerEncoderLayer(6, 2, 8, activation="gelu", batch_first=True, norm_first=norm_first)
        self.encoder = nn.TransformerEncoder(layer, 2, norm=nn.LayerNorm(6) if norm_first else None)
        self.fc = nn.Linear(6, 2)

    def forward(self, x):
        return self.fc(self.encoder(x))


for name, model in {"attention": Attended(), "encoder": Encoded(False), "prenorm": Encoded(True)}.items():
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
        torch.save(model.state_dict(), folder + name + ".pt")
        arrays[name] = model.eval()(x)
np.savez(folder + "transformers.npz", **{name: array.numpy() for name, array in arrays.items()})
