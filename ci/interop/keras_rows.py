#!/usr/bin/env python3
"""Writes models of Keras' own, whose steps become rows, with their outputs, for KerasFormatTest: ci/interop/keras_rows.py FOLDER. Wants Keras 3."""
import os
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from keras import layers

folder = sys.argv[1] + "/"
random = np.random.default_rng(7)
arrays = {}


def write(file, model, x):
    for weight in model.weights:
        value = random.standard_normal(weight.shape) * 0.4
        weight.assign((abs(value) + 0.1 if "variance" in weight.name else value).astype("f4"))
    name = file.partition(".")[0]
    arrays.update({name + "_x": x, name: model.predict(x, verbose=0)})
    model.save(folder + file)


def series(*shape):
    return random.standard_normal(shape).astype("f4")


write("flat_lstm.keras", keras.Sequential([
    layers.Input((5, 3)), layers.LSTM(4, return_sequences=True), layers.Dropout(0.2), layers.Flatten(),
    layers.Dense(2, activation="sigmoid")]), series(3, 5, 3))
write("flat_convolved.h5", keras.Sequential([
    layers.Input((17, 2)), layers.ZeroPadding1D((1, 2)), layers.Conv1D(4, 3, strides=2, activation="relu"),
    layers.Conv1D(3, 2, dilation_rate=2), layers.Conv1D(3, 3, strides=2, padding="causal"), layers.Conv1D(4, 2, padding="same"),
    layers.MaxPooling1D(2, strides=1), layers.AveragePooling1D(2, strides=1, padding="same"), layers.MaxPooling1D(2),
    layers.Flatten(), layers.Dense(3)]), series(2, 17, 2))
write("flat_words.keras", keras.Sequential([
    layers.Input((6,), dtype="int32"), layers.Embedding(9, 3), layers.Flatten(), layers.RepeatVector(4), layers.GRU(3, return_sequences=True),
    layers.Flatten(), layers.Dense(2, activation="softmax")]), random.integers(0, 9, (3, 6)).astype("i4"))
x = layers.Input((4, 3))
steps = layers.SimpleRNN(6, return_sequences=True)(x)
turned = layers.LSTM(3)(layers.Permute((2, 1))(steps))
again = layers.GRU(3)(layers.Reshape((8, 3))(steps))
both = layers.Flatten()(layers.Add()([steps, layers.Bidirectional(layers.LSTM(3, return_sequences=True))(x)]))
write("flat_graph.keras", keras.Model(x, layers.Dense(2)(layers.Concatenate()([turned, again, both]))), series(2, 4, 3))
write("flat_strides.keras", keras.Sequential([
    layers.Input((11, 3)), layers.Conv1D(4, 3, strides=2, padding="same", activation="relu"), layers.MaxPooling1D(3, strides=2, padding="same"),
    layers.AveragePooling1D(2, padding="same"), layers.Conv1D(3, 2, strides=2, padding="same"), layers.LSTM(3)]), series(2, 11, 3))
write("flat_norm.keras", keras.Sequential([
    layers.Input((6,)), layers.Dense(12), layers.Reshape((4, 3)), layers.BatchNormalization(), layers.LSTM(3)]), series(2, 6))
each = layers.TimeDistributed
write("flat_windows.keras", keras.Sequential([
    layers.Input((None, 8, 2)), each(layers.Conv1D(4, 3, activation="relu")), each(layers.ZeroPadding1D(1)),
    each(layers.Conv1D(3, 3, strides=2, use_bias=False)), each(layers.BatchNormalization()), each(layers.MaxPooling1D(2)), each(layers.Dropout(0.5)),
    each(layers.Flatten()), layers.LSTM(3), layers.Dense(2)]), series(2, 3, 8, 2))
write("flat_films.keras", keras.Sequential([
    layers.Input((None, 6, 5, 2)), each(layers.Conv2D(4, 3, padding="same", activation="relu")), each(layers.MaxPooling2D(2)),
    each(layers.Conv2D(3, 2)), each(layers.GlobalAveragePooling2D()), layers.GRU(3)]), series(2, 3, 6, 5, 2))
np.savez(folder + "rows.npz", **arrays)
