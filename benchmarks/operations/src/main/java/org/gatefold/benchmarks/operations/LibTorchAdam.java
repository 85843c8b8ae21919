package org.gatefold.benchmarks.operations;

import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.gatefold.benchmarks.libtorch.FusedAdam;

/** The same updates by libtorch's fused Adam. */
final class LibTorchAdam implements Side {
    private final Tensor weights;
    private final FusedAdam adam;

    /** @param weights and gradients to start with, taken before Gatefold's first update */
    LibTorchAdam(float[] weights, float[] gradients) {
        this.weights = Tensor.create(weights, weights.length);
        this.weights.set_requires_grad(true);
        this.weights.mutable_grad().put(Tensor.create(gradients, gradients.length));
        adam = new FusedAdam(List.of(this.weights), GatefoldAdam.RATE);
    }

    @Override
    public void run(Pass pass) {
        adam.step();
    }

    @Override
    public Map<String, float[]> values(Pass pass) {
        run(pass);
        return Map.of("w", LibTorchLayer.floats(weights));
    }

    @Override
    public void close() {
        weights.close();
    }
}
