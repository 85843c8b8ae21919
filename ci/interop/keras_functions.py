#!/usr/bin/env python3
"""Writes models of Keras' own with every activation that is read, by its name, as a layer and behind a layer, bounded rectifiers, and layers
that merge values, with their outputs, for KerasFunctionsTest: ci/interop/keras_functions.py FOLDER. Wants Keras 3."""
import os
import sys

os.environ.setdefault("KERAS_BACKEND", "numpy")

import keras
import numpy as np
from keras import layers

folder = sys.argv[1] + "/"
random = np.random.default_rng(17)
arrays = {}


def write(name, model, x):
    for weight in model.weights:
        weight.assign((random.standard_normal(weight.shape) * 0.8).astype("f4"))
    outputs = model.predict(x, verbose=0)
    arrays[name + "_x"] = x
    for i, output in enumerate(outputs if isinstance(outputs, list) else [outputs]):
        arrays[f"{name}_out{i}"] = output
    model.save(folder + name + ".keras")


def x(*shape):
    return (random.standard_normal(shape) * 3).astype("f4")


names = ["hard_sigmoid", "softsign", "relu6", "selu", "mish", "hard_silu", "gelu", "hard_tanh", "silu", "elu", "softplus", "leaky_relu"]
given = layers.Input((6,), name="x")
write("functions", keras.Model(given, layers.Concatenate(name="joined")([layers.Activation(f, name=f)(given) for f in names])), x(4, 6))

given = layers.Input((None, 3), name="x")
write("functions_dense", keras.Model(given, layers.Concatenate(name="joined")(
    [layers.Dense(2, activation=f, name="dense_" + f)(given) for f in names]
    + [layers.TimeDistributed(layers.Dense(2, activation="mish"), name="each")(given)])), x(2, 5, 3))

rectifiers = {"plain": {}, "six": {"max_value": 6}, "two": {"max_value": 2.0}, "slope": {"negative_slope": 0.3},
              "threshold": {"threshold": 0.5}, "both": {"max_value": 1.5, "threshold": 0.5}, "bent": {"max_value": 1.5, "negative_slope": 0.25}}
given = layers.Input((9,), name="x")
write("functions_relu", keras.Model(given, layers.Concatenate(name="joined")(
    [layers.ReLU(**options, name=name)(given) for name, options in rectifiers.items()])), x(4, 9))

given = layers.Input((None, 3), name="x")
a, b, c = [layers.Dense(4, name=name)(given) for name in "abc"]
write("functions_merge", keras.Model(given, [layers.Average(name="average")([a, b, c]), layers.Subtract(name="subtract")([a, b]),
                                             layers.Maximum(name="maximum")([a, b, c]), layers.Minimum(name="minimum")([c, b])]), x(2, 4, 3))
np.savez(folder + "functions.npz", **arrays)
