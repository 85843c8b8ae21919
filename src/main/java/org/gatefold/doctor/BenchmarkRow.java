package org.gatefold.doctor;

import org.gatefold.op.Mode;
import org.gatefold.op.recurrent.RecurrentSpec;

/**
 * The speed of one implementation on one shape.
 *
 * @param mode forward and backward in training, else forward
 * @param seconds median time of a pass
 * @param gemmFlops rate of a large F32 matrix product in the same run, in floating-point operations per second
 * @param bytes memory of plan and reserve
 */
public record BenchmarkRow(
        RecurrentSpec spec, Mode mode, String implementation, double seconds, double gemmFlops, long bytes) {
    /** Microseconds per step. */
    public double microsecondsPerStep() {
        return seconds * 1e6 / spec.steps();
    }

    /** Floating-point operations of the matrix products per second. */
    public double flops() {
        double forward = 2.0
                * spec.steps()
                * spec.batch()
                * spec.cell().gates()
                * spec.hiddenSize()
                * (spec.inputSize() + spec.hiddenSize());
        // Backward has two products for each of the forward pass: for the gradient of its input and of its weights.
        return (mode == Mode.TRAINING ? 3 : 1) * forward / seconds;
    }

    /** {@link #flops()} as a part of the rate of a large matrix product. */
    public double partOfGemm() {
        return flops() / gemmFlops;
    }
}
