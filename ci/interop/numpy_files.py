#!/usr/bin/env python3
"""Writes the arrays that NumpyArrayTest and ConvertCommandTest read, by NumPy itself: ci/interop/numpy_files.py FOLDER."""
import sys
import numpy as np

folder = sys.argv[1]
ramp = np.arange(12).reshape(2, 2, 3)
arrays = {dtype: ramp.astype(dtype) for dtype in
          ("u1", "i1", "<u2", "<i2", "<u4", "<i4", "<u8", "<i8", "<f2", "<f4", "<f8", ">f4", ">i2", ">f8")}
named = {"a_" + dtype.replace("<", "le_").replace(">", "be_"): array for dtype, array in arrays.items()}
np.savez(folder + "/types.npz",
         flags=np.array([True, False, True]),
         columns=np.asfortranarray(ramp.astype("<f4")),
         scalar=np.float64(2.5),
         empty=np.zeros((0, 3), "<f4"),
         halves=np.array([1.5, -2.0, 65504.0, 6e-8, 6.1e-5, np.inf, -np.inf, -0.0, np.nan], "<f2"),
         large=np.array([2**63], "<u8"),
         minus=np.array([-1, -128], "i1"),
         **named)
np.savez_compressed(folder + "/packed.npz", zeros=np.zeros((300, 300), "<f4"))
np.save(folder + "/single.npy", ramp.astype("<f4") / 4)
np.savez(folder + "/texts.npz", texts=np.array(["a", "b"]))
np.savez(folder + "/objects.npz", objects=np.array([None, 1], dtype=object))
np.savez(folder + "/records.npz", records=np.array([(1, 2.0)], dtype=[("a", "<i4"), ("b", "<f4")]))
x = np.array([[1.0, 2.0], [3.0, -4.0], [0.5, 0.25]], "<f4")
np.savez(folder + "/inputs.npz", x)
np.savez(folder + "/expected.npz", output=x @ np.array([[0.5], [-1.5]]) + 0.25)
steps = np.arange(8, dtype="<f8").reshape(2, 2, 2)
np.savez(folder + "/steps.npz", **{"input": steps, "input.lengths": np.array([2, 1])})
np.savez(folder + "/steps_expected.npz", steps @ np.array([[0.5], [-1.5]]) + 0.25)
