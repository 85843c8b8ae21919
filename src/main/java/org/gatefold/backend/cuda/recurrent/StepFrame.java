package org.gatefold.backend.cuda.recurrent;

import java.nio.ByteBuffer;
import org.gatefold.backend.cuda.kernel.KernelArguments;

/**
 * What a chunk of steps works on, as the kernels read it: {@code StepFrame} in {@code common/recurrent/step.cuh}, where every field is
 * explained. Addresses of what is not there are 0.
 */
record StepFrame(
        Part gates,
        Part hidden,
        Part extra,
        Part output,
        Part given,
        Part projected,
        long bias,
        long peepholes,
        Normal normal,
        long lengths,
        int time,
        int timeStride,
        int outputWidth,
        int outputColumn,
        boolean keep,
        boolean vector,
        float clip,
        Drop drop) {
    private static final int BYTES = 224;

    /** An array's part of the first step of the chunk, and the number of elements from a step to the next. */
    record Part(long address, long stride) {
        /** Of what is not there. */
        static final Part NONE = new Part(0, 0);
    }

    /** Addresses of what layer normalisation keeps of the first step of the chunk: see the structure. */
    record Normal(
            long weights, long products, long recurrent, long inverses, long recurrentGradients, long shiftGradients) {
        static final Normal NONE = new Normal(0, 0, 0, 0, 0, 0);
    }

    /**
     * Dropout on the way out: the address of the seed, the probability, and the number of the layer.
     *
     * @param set the layer and direction, for masks of its cells
     */
    record Drop(long seed, float probability, int layer, int set) {}

    /** The structure, laid out as in C++. */
    ByteBuffer bytes() {
        return KernelArguments.room(BYTES)
                .putLong(gates.address)
                .putLong(hidden.address)
                .putLong(extra.address)
                .putLong(output.address)
                .putLong(bias)
                .putLong(peepholes)
                .putLong(lengths)
                .putLong(drop.seed)
                .putLong(gates.stride)
                .putLong(hidden.stride)
                .putLong(extra.stride)
                .putLong(output.stride)
                .putLong(given.address)
                .putLong(projected.address)
                .putLong(given.stride)
                .putLong(projected.stride)
                .putLong(normal.weights)
                .putLong(normal.products)
                .putLong(normal.recurrent)
                .putLong(normal.inverses)
                .putLong(normal.recurrentGradients)
                .putLong(normal.shiftGradients)
                .putInt(time)
                .putInt(timeStride)
                .putInt(outputWidth)
                .putInt(outputColumn)
                .putInt(keep ? 1 : 0)
                .putInt(vector ? 1 : 0)
                .putFloat(clip)
                .putFloat(drop.probability)
                .putFloat(1f / (1f - drop.probability))
                .putInt(drop.layer)
                .putInt(drop.set)
                .rewind();
    }
}
