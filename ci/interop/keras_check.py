#!/usr/bin/env python3
"""Opens .keras files that Gatefold wrote with Keras itself (3.15, any backend: KERAS_BACKEND) and writes inputs and what Keras makes of them:
ci/interop/keras_check.py FOLDER OUTPUTS.npz. KerasExportTest writes the files under -Dgatefold.written=FOLDER; for each NAME.keras there are
NAME/x/INPUT and NAME/y/OUTPUT."""
import glob
import os
import sys

import keras
import numpy as np

folder, target = sys.argv[1:3]
random = np.random.default_rng(5)
arrays = {}
for file in sorted(glob.glob(folder + "/*.keras")):
    name = os.path.basename(file)[:-6]
    model = keras.saving.load_model(file)
    inputs = []
    for x in model.inputs:
        shape = [3] + [6 if size is None else size for size in x.shape[1:]]
        value = random.integers(0, 5, shape).astype("<i4") if x.dtype == "int32" else random.standard_normal(shape).astype("<f4")
        if x.dtype != "int32" and len(shape) == 3:
            value[1, 2] = -2
        inputs.append(value)
        arrays[f"{name}/x/{x.name}"] = value
    outputs = model(inputs if len(inputs) > 1 else inputs[0], training=False)
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    for output, value in zip(model.output_names, outputs):
        arrays[f"{name}/y/{output}"] = np.asarray(keras.ops.convert_to_numpy(value)).astype("<f4")
    print(name, [a.shape for a in inputs], model.output_names)
np.savez(target, **arrays)
