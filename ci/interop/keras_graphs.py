#!/usr/bin/env python3
"""Writes models of Keras' own in which states go from layer to layer, or models stand in the place of layers, with their outputs, for
KerasGraphsTest: ci/interop/keras_graphs.py FOLDER. Wants Keras 3."""
import json
import os
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")

import h5py
import keras
import numpy as np
from keras import layers

folder = sys.argv[1] + "/"
random = np.random.default_rng(11)
arrays = {}


def write(file, model, **inputs):
    for weight in model.weights:
        value = random.standard_normal(weight.shape) * 0.4
        weight.assign((abs(value) + 0.1 if "variance" in weight.path else value).astype("f4"))
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

# A model within a model within one, of which one is applied twice, with states in it; and one of each step of a sequence.
inside = layers.Input((None, 3), name="inside")
read, h, c = layers.LSTM(4, return_sequences=True, return_state=True, name="first")(inside)
again = layers.LSTM(4, name="second")(read, initial_state=[h, c])
norm = keras.Sequential([layers.Input((4,)), layers.BatchNormalization(name="norm"), layers.Dense(3, name="dense")], name="norms")
body = keras.Model(inside, [norm(again), c], name="body")
other = layers.Input((None, 3), name="other")
one, two = body(source), body(other)
head = keras.Sequential([layers.Input((7,)), layers.Dense(5, activation="relu", name="dense"), layers.Dropout(0.1),
                         layers.Dense(2, name="last")], name="head")
nested = keras.Model([source, other], [head(layers.Concatenate(name="joined")([one[0], two[1]])), one[1]])
write("nested.keras", nested, source=series(2, 5, 3), other=series(2, 3, 3))
nested.save(folder + "nested.h5")
frame = layers.Input((6,), name="frame")
seen = layers.Dense(4, activation="tanh", name="seen")(frame)
look = keras.Model(frame, layers.Add(name="sum")([layers.Dense(3, name="a")(seen), layers.Dense(3, name="b")(seen)]), name="look")
each = keras.Sequential([layers.Input((None, 6), name="input"), layers.TimeDistributed(look, name="each"), layers.GRU(2, name="reader")])
write("nested_steps.keras", each, input=series(2, 3, 6))
each.save(folder + "nested_steps.h5")

# One model applied twice, as Keras 2 writes it: references to models within count from 1, which Keras 3 reads.
kernel, bias, x, y = series(3, 2), series(2), series(4, 3), series(4, 3)
arrays.update(siamese_x=x, siamese_y=y, siamese_out0=np.concatenate([x @ kernel + bias, y @ kernel + bias], 1))
base = {"name": "base", "layers": [
    {"class_name": "InputLayer", "config": {"name": "given", "batch_input_shape": [None, 3]}},
    {"class_name": "Dense", "config": {"name": "dense", "units": 2, "activation": "linear", "use_bias": True}}]}
config = {"name": "siamese", "input_layers": [["x", 0, 0], ["y", 0, 0]], "output_layers": [["joined", 0, 0]], "layers": [
    {"class_name": "InputLayer", "config": {"name": name, "batch_input_shape": [None, 3]}, "name": name, "inbound_nodes": []} for name in "xy"] + [
    {"class_name": "Sequential", "name": "base", "config": base, "inbound_nodes": [[["x", 0, 0, {}]], [["y", 0, 0, {}]]]},
    {"class_name": "Concatenate", "name": "joined", "config": {"name": "joined", "axis": -1},
     "inbound_nodes": [[["base", 1, 0, {}], ["base", 2, 0, {}]]]}]}
with h5py.File(folder + "siamese.h5", "w") as h5:
    h5.attrs["keras_version"] = "2.9.0"
    h5.attrs["model_config"] = json.dumps({"class_name": "Functional", "config": config})
    group = h5.create_group("model_weights")
    group.attrs["layer_names"] = np.array(["x", "y", "base", "joined"], "S")
    group.create_group("base").attrs["weight_names"] = np.array(["dense/kernel:0", "dense/bias:0"], "S")
    group["base"]["dense/kernel:0"], group["base"]["dense/bias:0"] = kernel, bias
# Attention with several heads: of words to each other, padding left out; and of a decoder to itself and to what was read.
words = layers.Input((None,), dtype="int32", name="input")
steps = layers.Embedding(9, 4, mask_zero=True, name="table")(words)
seen = layers.MultiHeadAttention(2, key_dim=5, name="heads")(steps, steps)
block = layers.LayerNormalization(name="norm")(layers.Add(name="sum")([steps, seen]))
write("attention_heads.keras", keras.Model(words, layers.Dense(3, name="answer")(layers.GlobalAveragePooling1D(name="mean")(block))),
      input=np.array([[3, 5, 1, 8], [2, 7, 0, 0]], "i4"))
read, asked = layers.Input((None, 4), name="read"), layers.Input((None, 4), name="asked")
own = layers.MultiHeadAttention(2, key_dim=2, use_bias=False, name="own")(asked, asked, use_causal_mask=True)
across = layers.MultiHeadAttention(3, key_dim=2, name="across")(query=own, value=read, key=read)
model = keras.Model([read, asked], across)
write("attention_across.keras", model, read=series(2, 5, 4), asked=series(2, 3, 4))
model.save(folder + "attention_across.h5")
# Masks, which Keras 3 tells the layers that read them: of words, of steps, and joined.
words, steps = layers.Input((None,), dtype="int32", name="words"), layers.Input((None, 2), name="steps")
table = layers.Embedding(9, 3, mask_zero=True, name="table")(words)
first = layers.Bidirectional(layers.LSTM(2), name="both")(layers.Dropout(0.1, name="drop")(table))
real = layers.Masking(2.0, name="real")(steps)
joined = layers.Concatenate(name="joined")([real, layers.Dense(3, activation="tanh", name="wide")(real)])
given = series(2, 4, 2)
given[1, 2:] = 2
write("masks.keras", keras.Model([words, steps], [first, layers.GlobalAveragePooling1D(name="mean")(joined),
                                                  layers.SimpleRNN(3, name="end")(joined)]),
      words=np.array([[3, 5, 1, 8], [2, 7, 0, 0]], "i4"), steps=given)
# Two layers that read one way each, of other classes and sizes.
given = layers.Input((None, 3), name="input")
ways = layers.Bidirectional(layers.LSTM(3, return_sequences=True), name="ways",
                            backward_layer=layers.GRU(2, return_sequences=True, go_backwards=True))(given)
once = layers.Bidirectional(layers.SimpleRNN(2), backward_layer=layers.SimpleRNN(2, activation="relu", go_backwards=True),
                            merge_mode="sum", name="once")(given)
write("two_ways.keras", keras.Model(given, [ways, once]), input=series(2, 5, 3))
# Masks that end, at layers that know none, at recurrent ones and at sums, and steps left out that are read all the same.
words, steps = layers.Input((5,), dtype="int32", name="words"), layers.Input((5, 2), name="steps")
table = layers.Embedding(9, 3, mask_zero=True, name="table")(words)
drop = layers.Dropout(0.1, name="drop")(layers.BatchNormalization(name="norm")(table))
outputs = [
    layers.GRU(2, name="second")(layers.Dense(3, activation="tanh", name="wide")(layers.LSTM(4, return_sequences=True, name="first")(drop))),
    layers.GlobalMaxPooling1D(name="most")(drop),
    layers.SimpleRNN(2, name="third")(layers.Bidirectional(layers.LSTM(2, return_sequences=True), name="both")(table)),
    layers.GlobalAveragePooling1D(name="mean")(layers.Attention(name="seen")([drop, drop]))]
real = layers.Masking(2.0, name="real")(steps)
whole = layers.Dense(2, name="whole")(steps)
outputs += [
    layers.GRU(2, name="summed")(layers.Add(name="sum")([real, whole])),
    layers.GRU(2, name="beside")(layers.Concatenate(name="joined")([real, whole])),
    layers.Dense(2, name="flat")(layers.Flatten(name="steps_flat")(layers.TimeDistributed(layers.Dense(2), name="each")(real)))]
given = series(4, 5, 2)
given[1, 3:], given[2, :2], given[3, 1] = 2, 2, 2
write("open_steps.keras", keras.Model([words, steps], outputs), steps=given,
      words=np.array([[3, 5, 1, 8, 2], [2, 7, 0, 0, 0], [0, 0, 4, 6, 1], [5, 0, 3, 0, 0]], "i4"))
# Attention that scales scores, of steps to each other and to those of another sequence, and with a mask.
asked, read = layers.Input((None, 3), name="asked"), layers.Input((None, 3), name="read")
real = layers.Masking(2.0, name="real")(read)
given = series(2, 5, 3)
given[1, 3:] = 2
write("attention_scaled.keras", keras.Model([asked, read], [
    layers.AdditiveAttention(name="added")([asked, real]), layers.AdditiveAttention(use_scale=False, name="plain")([asked, asked]),
    layers.Attention(use_scale=True, name="scaled")([asked, read])]), asked=series(2, 4, 3), read=given)
np.savez(folder + "graphs.npz", **arrays)
