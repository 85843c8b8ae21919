package org.gatefold.backend.reference.math;

import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import org.gatefold.tensor.Tensor;

/** Views of tensors in host memory, whichever backend owns it. */
public final class Floats {
    private Floats() {}

    /** All elements of a float tensor. */
    public static FloatBuffer of(Tensor tensor) {
        return tensor.block().view(tensor.offset(), tensor.bytes()).asFloatBuffer();
    }

    /** All elements of a float tensor, or null for null. */
    public static FloatBuffer orNull(Tensor tensor) {
        return tensor == null ? null : of(tensor);
    }

    /** All elements of an integer tensor. */
    public static IntBuffer ints(Tensor tensor) {
        return tensor.block().view(tensor.offset(), tensor.bytes()).asIntBuffer();
    }
}
