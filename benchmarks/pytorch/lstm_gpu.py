"""PyTorch's LSTM on the shapes, passes and precisions of `./gatefold doctor --device cuda:0`, timed in the same way.

    python3 benchmarks/pytorch/lstm_gpu.py [--json FILE]

Needs PyTorch with a CUDA device. Prints microseconds per step: the median of seven rounds, each of as many passes as last
ten milliseconds, after three warm-ups. Inference is the forward pass without gradients; training is forward and backward
from a given gradient of y to those of x and of all weights, which add up as they do by default.
"""

import argparse
import json
import time

import torch

SHAPES = [(64, 32, 128, 256), (100, 64, 512, 512), (25, 128, 1024, 1024)]  # T, B, I, H
PRECISIONS = {"F32": torch.float32, "TF32": torch.float32, "BF16": torch.bfloat16, "F16": torch.float16}
WARM_UPS = 3
ROUNDS = 7
ROUND_SECONDS = 0.01


def seconds_of(run, passes):
    torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(passes):
        run()
    torch.cuda.synchronize()
    return (time.perf_counter() - start) / passes


def median_seconds(run):
    seconds_of(run, WARM_UPS)
    passes = int(ROUND_SECONDS / seconds_of(run, 1)) + 1
    return sorted(seconds_of(run, passes) for _ in range(ROUNDS))[ROUNDS // 2]


def measure(steps, batch, inputs, hidden, precision):
    torch.backends.cuda.matmul.allow_tf32 = precision == "TF32"
    torch.backends.cudnn.allow_tf32 = precision == "TF32"
    options = {"device": "cuda", "dtype": PRECISIONS[precision]}
    lstm = torch.nn.LSTM(inputs, hidden, **options)
    lstm.flatten_parameters()
    x = torch.randn(steps, batch, inputs, requires_grad=True, **options)
    dy = torch.randn(steps, batch, hidden, **options)

    def infer():
        with torch.no_grad():
            lstm(x)

    def train():
        y, _ = lstm(x)
        torch.autograd.backward(y, dy)

    return median_seconds(infer), median_seconds(train)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", metavar="FILE", help="write the figures as JSON too")
    options = parser.parse_args()
    print(f"PyTorch {torch.__version__}, cuDNN {torch.backends.cudnn.version()}, {torch.cuda.get_device_name()}")
    rows = []
    for steps, batch, inputs, hidden in SHAPES:
        for precision in PRECISIONS:
            inference, training = (s * 1e6 / steps for s in measure(steps, batch, inputs, hidden, precision))
            shape = f"T{steps} B{batch} I{inputs} H{hidden}"
            print(
                f"{shape} {precision:4}  inference {inference:7.2f} us/step  training {training:7.2f} us/step",
                flush=True,
            )
            for mode, time_of_step in ("INFERENCE", inference), ("TRAINING", training):
                rows.append(
                    {"shape": shape, "precision": precision, "mode": mode, "microsecondsPerStep": time_of_step}
                )
    if options.json:
        with open(options.json, "w") as file:
            json.dump({"version": torch.__version__, "cudnn": torch.backends.cudnn.version(), "rows": rows}, file)


if __name__ == "__main__":
    main()
