#!/usr/bin/env python3
"""Writes small encoders of the BERT family with random weights, named as Hugging Face's libraries name them, and what they give:
ci/interop/bert_files.py FOLDER. The values are of the equations in float64, by PyTorch's automatic differentiation."""
import json
import math
import os
import struct
import sys

import numpy as np
import torch

folder = sys.argv[1]
torch.manual_seed(11)
V, F, H, HEADS, LAYERS, PLACES = 60, 16, 24, 4, 2, 12
ids = torch.tensor([[2, 7, 9, 59, 11, 3], [2, 5, 8, 3, 0, 0], [2, 3, 0, 0, 0, 0]])
lengths = torch.tensor([6, 4, 2])
types = torch.tensor([[0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 0, 0], [0, 0, 0, 0, 0, 0]])


def safetensors(path, tensors, dtype="F32"):
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, tensor in tensors.items():
        raw = tensor.detach().to(torch.float32).numpy().astype("<f4").tobytes()
        header[name] = {"dtype": dtype, "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text + data)


def weights(family):
    embedded = 8 if family == "electra" else F
    shapes = {"embeddings.word_embeddings.weight": (V, embedded), "embeddings.position_embeddings.weight": (PLACES, embedded)}
    if family != "distilbert":
        shapes["embeddings.token_type_embeddings.weight"] = (2, embedded)
    shapes["embeddings.LayerNorm"] = embedded
    if embedded != F:
        shapes["embeddings_project"] = (F, embedded)
    for i in range(LAYERS):
        if family == "distilbert":
            at = f"transformer.layer.{i}."
            for name in ("q_lin", "k_lin", "v_lin", "out_lin"):
                shapes[at + "attention." + name] = (F, F)
            shapes[at + "sa_layer_norm"] = F
            shapes[at + "ffn.lin1"], shapes[at + "ffn.lin2"] = (H, F), (F, H)
            shapes[at + "output_layer_norm"] = F
        else:
            at = f"encoder.layer.{i}."
            for name in ("self.query", "self.key", "self.value", "output.dense"):
                shapes[at + "attention." + name] = (F, F)
            shapes[at + "attention.output.LayerNorm"] = F
            shapes[at + "intermediate.dense"], shapes[at + "output.dense"] = (H, F), (F, H)
            shapes[at + "output.LayerNorm"] = F
    if family == "bert":
        shapes["pooler.dense"] = (F, F)
    made = {}
    for name, shape in shapes.items():
        if name.endswith(".weight"):
            made[name] = 0.5 * torch.randn(shape)
        elif isinstance(shape, int):
            made[name + ".weight"] = 1 + 0.2 * torch.randn(shape)
            made[name + ".bias"] = 0.2 * torch.randn(shape)
        else:
            made[name + ".weight"] = torch.randn(shape) / math.sqrt(shape[1])
            made[name + ".bias"] = 0.2 * torch.randn(shape[0])
    return made


def norm(x, w, name):
    mean = x.mean(-1, keepdim=True)
    variance = ((x - mean) ** 2).mean(-1, keepdim=True)
    return (x - mean) / torch.sqrt(variance + 1e-12) * w[name + ".weight"] + w[name + ".bias"]


def affine(x, w, name):
    return x @ w[name + ".weight"].T + w[name + ".bias"]


def encode(w, family, types):
    x = w["embeddings.word_embeddings.weight"][ids] + w["embeddings.position_embeddings.weight"][: ids.shape[1]]
    if family != "distilbert":
        x = x + w["embeddings.token_type_embeddings.weight"][types]
    x = norm(x, w, "embeddings.LayerNorm")
    if family == "electra":
        x = affine(x, w, "embeddings_project")
    valid = torch.arange(ids.shape[1])[None] < lengths[:, None]
    names = (["attention.q_lin", "attention.k_lin", "attention.v_lin", "attention.out_lin", "sa_layer_norm", "ffn.lin1", "ffn.lin2",
              "output_layer_norm"] if family == "distilbert" else
             ["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense",
              "attention.output.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm"])
    for i in range(LAYERS):
        at = ("transformer" if family == "distilbert" else "encoder") + f".layer.{i}."
        q, k, v, out, norm1, wide, narrow, norm2 = (at + name for name in names)

        def heads(name):
            return affine(x, w, name).reshape(*x.shape[:2], HEADS, F // HEADS).transpose(1, 2)

        scores = heads(q) @ heads(k).transpose(2, 3) / math.sqrt(F // HEADS)
        scores = scores.masked_fill(~valid[:, None, None], -math.inf)
        attended = (torch.softmax(scores, -1) @ heads(v)).transpose(1, 2).reshape(*x.shape)
        x = norm(x + affine(attended, w, out), w, norm1)
        y = affine(x, w, wide)
        y = y * 0.5 * (1 + torch.erf(y / math.sqrt(2)))
        x = norm(x + affine(y, w, narrow), w, norm2)
    pooled = torch.tanh(affine(x[:, 0], w, "pooler.dense")) if family == "bert" else None
    return x, pooled, valid


def config(family):
    if family == "distilbert":
        return {"model_type": family, "vocab_size": V, "dim": F, "n_layers": LAYERS, "n_heads": HEADS, "hidden_dim": H,
                "max_position_embeddings": PLACES, "activation": "gelu", "dropout": 0.1, "sinusoidal_pos_embds": False}
    made = {"model_type": family, "vocab_size": V, "hidden_size": F, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS,
            "intermediate_size": H, "max_position_embeddings": PLACES, "type_vocab_size": 2, "hidden_act": "gelu",
            "layer_norm_eps": 1e-12, "hidden_dropout_prob": 0.1, "position_embedding_type": "absolute"}
    return made | ({"embedding_size": 8} if family == "electra" else {})


for family in ("bert", "distilbert", "electra"):
    into = os.path.join(folder, family)
    os.makedirs(into, exist_ok=True)
    made = weights(family)
    with open(os.path.join(into, "config.json"), "w") as out:
        json.dump(config(family), out, indent=1)
    if family == "distilbert":
        kept = {"distilbert." + name: value for name, value in made.items()} | {"vocab_projector.bias": torch.zeros(V)}
        torch.save(kept, os.path.join(into, "pytorch_model.bin"))
    elif family == "electra":
        kept = {"electra." + name: value for name, value in made.items()}
        kept["electra.embeddings.position_ids"] = torch.arange(PLACES, dtype=torch.float32)[None]
        kept["discriminator_predictions.dense.bias"] = torch.zeros(F)
        safetensors(os.path.join(into, "model.safetensors"), kept)
    else:
        # As TensorFlow's converters call norms.
        kept = {name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): value
                for name, value in made.items()}
        safetensors(os.path.join(into, "model.safetensors"), kept)
    w = {name: value.double().requires_grad_() for name, value in made.items()}
    steps, pooled, valid = encode(w, family, types)
    single, _, _ = encode(w, family, torch.zeros_like(types))
    arrays = {"input_ids": ids.numpy().astype(np.int32), "input_ids.lengths": lengths.numpy().astype(np.int32),
              "token_type_ids": types.numpy().astype(np.int32), "token_type_ids.lengths": lengths.numpy().astype(np.int32),
              "last_hidden_state": steps.detach().numpy(), "single": single.detach().numpy()}
    if pooled is not None:
        arrays["pooler_output"] = pooled.detach().numpy()
    # The mean over real steps of single texts, squared and added up.
    mean = (single * valid[..., None]).sum(1) / lengths[:, None]
    (mean ** 2).sum().backward()
    for name, value in w.items():
        if value.grad is not None:
            arrays["gradient." + name] = value.grad.numpy()
    np.savez_compressed(os.path.join(into, "arrays.npz"), **{name: value.astype(np.float32) if value.dtype == np.float64 else value
                                                            for name, value in arrays.items()})
    if family == "bert":
        letters = [chr(c) for c in range(ord("a"), ord("z") + 1)]
        with open(os.path.join(into, "vocab.txt"), "w") as out:
            out.writelines(piece + "\n" for piece in ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters,
                                                      *("##" + letter for letter in letters), ".", ",", "the"])
