#!/usr/bin/env python3
"""Writes models of Keras' own, whose states and sequences go from layer to layer, with their outputs, for KerasFormatTest: ci/interop/keras_states.py FOLDER.
Wants Keras 3."""
import os
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from keras import layers

folder = sys.argv[1] + "/"
random = np.random.default_rng(11)
arrays = {}


def write(file, model, **inputs):
    for weight in model.weights:
        weight.assign((random.standard_normal(weight.shape) * 0.4).astype("f4"))
    name = file.partition(".")[0]
    arrays.update({f"{name}_{key}": value for key, value in inputs.items()})
    outputs = model.predict(inputs, verbose=0)
    for i, output in enumerate(outputs if isinstance(outputs, list) else [outputs]):
        arrays[f"{name}_out{i}"] = output
    model.save(folder + file)


def series(*shape):
    return random.standard_normal(shape).astype("f4")


# Encoder and decoder as they are trained, and the decoder as it is asked for one step after the other.
source, target = layers.Input((None, 3), name="source"), layers.Input((None, 2), name="target")
_, h, c = layers.LSTM(4, return_state=True, name="encoder")(source)
decoder = layers.LSTM(4, return_sequences=True, return_state=True, name="decoder")
answer = layers.Dense(3, activation="softmax", name="answer")
steps, _, _ = decoder(target, initial_state=[h, c])
write("states_pair.keras", keras.Model([source, target], answer(steps)), source=series(2, 5, 3), target=series(2, 4, 2))

h_in, c_in = layers.Input((4,), name="h"), layers.Input((4,), name="c")
steps, h_out, c_out = decoder(target, initial_state=[h_in, c_in])
write("states_step.h5", keras.Model([target, h_in, c_in], [answer(steps), h_out, c_out]),
      target=series(2, 1, 2), h=series(2, 4), c=series(2, 4))

# Both directions, of which each tells its states; a GRU of words begins with them side by side, and another with each of its own.
words = layers.Input((None,), dtype="int32", name="words")
both, fh, fc, bh, bc = layers.Bidirectional(layers.LSTM(2, return_sequences=True, return_state=True), name="both")(source)
begun = layers.GRU(4, return_state=True, name="reader")(
    layers.Embedding(7, 3, name="table")(words), initial_state=layers.Concatenate(name="joined")([fh, bh]))
again = layers.Bidirectional(layers.LSTM(2, return_sequences=True), merge_mode="sum", name="again")(
    both, initial_state=[bh, bc, fh, fc])
write("states_both.keras", keras.Model([source, words], [begun[1], again]), source=series(2, 5, 3),
      words=random.integers(0, 7, (2, 4)).astype("i4"))

# A decoder that attends to all that the encoder gave (Luong 2015).
read, h = layers.GRU(4, return_sequences=True, return_state=True, name="encoder")(source)
steps = layers.GRU(4, return_sequences=True, name="decoder")(target, initial_state=h)
seen = layers.Attention(name="attention")([steps, read])
write("states_attention.keras", keras.Model([source, target], layers.Dense(2, name="answer")(layers.Concatenate(name="joined")([steps, seen]))),
      source=series(2, 5, 3), target=series(2, 4, 2))
np.savez(folder + "states.npz", **arrays)
