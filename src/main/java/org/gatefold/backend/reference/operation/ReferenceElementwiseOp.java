package org.gatefold.backend.reference.operation;

import java.nio.FloatBuffer;
import org.gatefold.backend.reference.math.DropoutMask;
import org.gatefold.backend.reference.math.Floats;
import org.gatefold.backend.reference.math.Functions;
import org.gatefold.op.elementwise.Activation;
import org.gatefold.op.elementwise.ElementwiseOp;
import org.gatefold.tensor.Tensor;

/** Elementwise operations in plain Java, each computed in double precision and rounded once. Stateless. */
public final class ReferenceElementwiseOp extends ReferenceOperation implements ElementwiseOp {
    /** Elements of a dropout call that are handled together; a multiple of 4. */
    private static final int RUN = 1024;

    @Override
    public void computeActivate(Activation function, Tensor x, Tensor y) {
        FloatBuffer from = Floats.of(x);
        FloatBuffer to = Floats.of(y);
        for (int i = 0; i < from.capacity(); i++) {
            to.put(i, (float) Functions.value(function, from.get(i)));
        }
    }

    @Override
    public void computeActivateBackward(Activation function, Tensor x, Tensor y, Tensor dy, Tensor dx) {
        FloatBuffer from = Floats.of(x);
        FloatBuffer gradient = Floats.of(dy);
        FloatBuffer to = Floats.of(dx);
        for (int i = 0; i < from.capacity(); i++) {
            to.put(i, (float) (gradient.get(i) * Functions.slope(function, from.get(i))));
        }
    }

    @Override
    public void computeCombine(Binary operator, Tensor a, Tensor b, Tensor y) {
        FloatBuffer left = Floats.of(a);
        FloatBuffer right = Floats.of(b);
        FloatBuffer to = Floats.of(y);
        for (int i = 0; i < left.capacity(); i++) {
            float p = left.get(i);
            float q = right.get(i);
            to.put(
                    i,
                    switch (operator) {
                        case ADD -> p + q;
                        case SUBTRACT -> p - q;
                        case MULTIPLY -> p * q;
                        case AVERAGE -> (float) ((p + (double) q) / 2);
                        case DIVIDE -> p / q;
                        case MAXIMUM -> Math.max(p, q);
                        case MINIMUM -> Math.min(p, q);
                    });
        }
    }

    @Override
    public void computeAddScaled(float alpha, Tensor x, Tensor y) {
        FloatBuffer from = Floats.of(x);
        FloatBuffer to = Floats.of(y);
        for (int i = 0; i < from.capacity(); i++) {
            to.put(i, (float) (to.get(i) + (double) alpha * from.get(i)));
        }
    }

    @Override
    public void computeScale(float alpha, Tensor x, Tensor y) {
        FloatBuffer from = Floats.of(x);
        FloatBuffer to = Floats.of(y);
        for (int i = 0; i < from.capacity(); i++) {
            to.put(i, alpha * from.get(i));
        }
    }

    @Override
    public void computeDropout(float p, long seed, int stream, Tensor x, Tensor y) {
        DropoutMask mask = new DropoutMask();
        FloatBuffer from = Floats.of(x);
        FloatBuffer to = Floats.of(y);
        float[] values = new float[RUN];
        for (int first = 0; first < from.capacity(); first += RUN) {
            int count = Math.min(RUN, from.capacity() - first);
            from.get(first, values, 0, count);
            mask.apply(p, seed, stream, first, values, 0, count);
            to.put(first, values, 0, count);
        }
    }
}
