package org.gatefold.benchmarks.operations;

import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/** The same updates by libtorch's Adam, whose defaults are those of Gatefold's. */
final class LibTorchAdam implements Side {
    private final Tensor weights;
    private final Adam adam;

    /** @param weights and gradients to start with, taken before Gatefold's first update */
    LibTorchAdam(float[] weights, float[] gradients) {
        this.weights = Tensor.create(weights, weights.length);
        this.weights.set_requires_grad(true);
        this.weights.mutable_grad().put(Tensor.create(gradients, gradients.length));
        adam = new Adam(new TensorVector(this.weights), new AdamOptions(GatefoldAdam.RATE));
    }

    @Override
    public void run(Pass pass) {
        try (PointerScope pointers = new PointerScope()) {
            adam.step();
        }
    }

    @Override
    public Map<String, float[]> values(Pass pass) {
        run(pass);
        return Map.of("w", LibTorchLayer.floats(weights));
    }

    @Override
    public void close() {
        adam.close();
        weights.close();
    }
}
