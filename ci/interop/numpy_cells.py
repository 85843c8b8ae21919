#!/usr/bin/env python3
"""Writes what NormedInputGoldenTest reads, by NumPy in float64: ci/interop/numpy_cells.py > FILE.

Cells whose input product is normalised by the statistics of a batch (Laurent et al. 2016), by a loop over the steps; gradients by
differences of fourth order.
"""
import numpy as np

STEPS, ROWS, FEATURES, UNITS = 3, 2, 2, 2
LENGTHS = [3, 2]
EPSILON = 0.01
STEP = 1e-4
GATES = {"lstm": 4, "gru": 3, "before": 3, "rnn": 1}
BIASES = {"lstm": 4, "gru": 4, "before": 3, "rnn": 1}


def wave(count, height, phase):
    return (height * np.sin(1.3 * np.arange(count) + phase)).astype("<f4").astype("<f8")


def sigmoid(v):
    return 1 / (1 + np.exp(-v))


def step(cell, x, wh, b, h, c):
    """h and c after a step of which x are the normalised products."""
    n = UNITS
    if cell == "rnn":
        return np.tanh(x + h @ wh.T + b), c
    if cell == "lstm":
        i, f, g, o = np.split(x + h @ wh.T + b, 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        return sigmoid(o) * np.tanh(c), c
    r = sigmoid(x[:, :n] + h @ wh[:n].T + b[:n])
    z = sigmoid(x[:, n:2 * n] + h @ wh[n:2 * n].T + b[n:2 * n])
    if cell == "gru":
        new = np.tanh(x[:, 2 * n:] + b[2 * n:3 * n] + r * (h @ wh[2 * n:].T + b[3 * n:]))
    else:
        new = np.tanh(x[:, 2 * n:] + b[2 * n:] + (r * h) @ wh[2 * n:].T)
    return (1 - z) * new + z * h, c


def outputs(cell, x, wx, wh, b, gamma):
    products = x.reshape(STEPS, ROWS, FEATURES) @ wx.reshape(-1, FEATURES).T
    real = np.array([[t < length for length in LENGTHS] for t in range(STEPS)])
    mean = products[real].mean(axis=0)
    variance = ((products[real] - mean) ** 2).mean(axis=0)
    normal = gamma * (products - mean) / np.sqrt(variance + EPSILON)
    h, c = np.zeros((ROWS, UNITS)), np.zeros((ROWS, UNITS))
    y = np.zeros((STEPS, ROWS, UNITS))
    for t in range(STEPS):
        after, state = step(cell, normal[t], wh.reshape(-1, UNITS), b, h, c)
        h = np.where(real[t][:, None], after, h)
        c = np.where(real[t][:, None], state, c)
        y[t] = np.where(real[t][:, None], after, 0)
    return y.ravel()


for cell, gates in GATES.items():
    values = {
        "x": wave(STEPS * ROWS * FEATURES, 1, 20),
        "wx": wave(gates * UNITS * FEATURES, 0.6, 0),
        "wh": wave(gates * UNITS * UNITS, 0.6, 1),
        "b": wave(BIASES[cell] * UNITS, 0.6, 2),
        "gamma": (1 + wave(gates * UNITS, 0.3, 4)).astype("<f4").astype("<f8"),
    }
    dy = wave(STEPS * ROWS * UNITS, 1, 23)
    print(cell, "y", *("%.8g" % v for v in outputs(cell, **values)))
    for name, value in values.items():
        gradient = []
        for at in range(value.size):
            def loss(steps):
                moved = value.copy()
                moved[at] += steps * STEP
                return outputs(cell, **{**values, name: moved}) @ dy
            gradient.append((loss(-2) - 8 * loss(-1) + 8 * loss(1) - loss(2)) / (12 * STEP))
        print(cell, "d" + name, *("%.8g" % v for v in gradient))
