package org.gatefold.backend.reference.operation;

import java.nio.FloatBuffer;
import org.gatefold.backend.reference.math.Floats;
import org.gatefold.op.sequence.SequenceOp;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/** Moves and reductions of padded batches in plain Java. Stateless. */
public final class ReferenceSequenceOp extends ReferenceOperation implements SequenceOp {
    @Override
    public void computeTranspose(Tensor x, Tensor y) {
        int outer = x.shape().dim(0);
        int inner = x.shape().dim(1);
        int width = x.shape().dim(2);
        FloatBuffer from = Floats.of(x);
        FloatBuffer to = Floats.of(y);
        for (int i = 0; i < outer; i++) {
            for (int j = 0; j < inner; j++) {
                copy(from, (i * inner + j) * width, to, (j * outer + i) * width, width);
            }
        }
    }

    @Override
    public void computePool(Pooling pooling, Tensor x, Lengths lengths, Tensor y) {
        Shape shape = x.shape();
        int batch = shape.dim(1);
        int width = shape.dim(2);
        FloatBuffer from = Floats.of(x);
        FloatBuffer to = Floats.of(y);
        for (int row = 0; row < batch; row++) {
            int valid = valid(lengths, row, shape.dim(0));
            for (int j = 0; j < width; j++) {
                float value = 0f;
                if (valid > 0) {
                    value = switch (pooling) {
                        case LAST -> from.get(((valid - 1) * batch + row) * width + j);
                        case MEAN -> mean(from, valid, batch * width, row * width + j);
                        case MAX -> {
                            int step = firstMaximum(from, valid, batch * width, row * width + j);
                            yield from.get((step * batch + row) * width + j);
                        }
                    };
                }
                to.put(row * width + j, value);
            }
        }
    }

    @Override
    public void computePoolBackward(Pooling pooling, Tensor x, Lengths lengths, Tensor dy, Tensor dx) {
        Shape shape = x.shape();
        int batch = shape.dim(1);
        int width = shape.dim(2);
        FloatBuffer from = Floats.of(x);
        FloatBuffer gradient = Floats.of(dy);
        dx.fill(0f);
        FloatBuffer to = Floats.of(dx);
        int stride = batch * width;
        for (int row = 0; row < batch; row++) {
            int valid = valid(lengths, row, shape.dim(0));
            for (int j = 0; j < width && valid > 0; j++) {
                int column = row * width + j;
                float value = gradient.get(column);
                switch (pooling) {
                    case LAST -> to.put((valid - 1) * stride + column, value);
                    case MEAN -> {
                        for (int step = 0; step < valid; step++) {
                            to.put(step * stride + column, value / valid);
                        }
                    }
                    case MAX -> to.put(firstMaximum(from, valid, stride, column) * stride + column, value);
                }
            }
        }
    }

    @Override
    public void computeMask(Lengths lengths, Tensor weights) {
        FloatBuffer to = Floats.of(weights);
        int batch = lengths.batch();
        for (int step = 0; step < lengths.steps(); step++) {
            for (int row = 0; row < batch; row++) {
                to.put(step * batch + row, step < lengths.of(row) ? 1f : 0f);
            }
        }
    }

    @Override
    public void computeConcatenate(Tensor a, Tensor b, Tensor y) {
        columns(a, b, y, (part, inPart, whole, inWhole, count) -> copy(part, inPart, whole, inWhole, count));
    }

    @Override
    public void computeSplit(Tensor y, Tensor a, Tensor b) {
        columns(a, b, y, (part, inPart, whole, inWhole, count) -> copy(whole, inWhole, part, inPart, count));
    }

    /** Copies numbers between a matrix and the one that has its columns beside others. */
    private interface Copy {
        void copy(FloatBuffer part, int inPart, FloatBuffer whole, int inWhole, int count);
    }

    private static void columns(Tensor a, Tensor b, Tensor y, Copy copy) {
        int left = a.shape().dim(1);
        int right = b.shape().dim(1);
        FloatBuffer leftPart = Floats.of(a);
        FloatBuffer rightPart = Floats.of(b);
        FloatBuffer whole = Floats.of(y);
        for (int row = 0; row < a.shape().dim(0); row++) {
            copy.copy(leftPart, row * left, whole, row * (left + right), left);
            copy.copy(rightPart, row * right, whole, row * (left + right) + left, right);
        }
    }

    private static void copy(FloatBuffer from, int source, FloatBuffer to, int target, int count) {
        to.slice(target, count).put(from.slice(source, count));
    }

    private static int valid(Lengths lengths, int row, int steps) {
        return lengths == null ? steps : lengths.of(row);
    }

    private static float mean(FloatBuffer values, int steps, int stride, int column) {
        double sum = 0;
        for (int step = 0; step < steps; step++) {
            sum += values.get(step * stride + column);
        }
        return (float) (sum / steps);
    }

    /** The first step with the largest value; the first NaN, if there is one. */
    private static int firstMaximum(FloatBuffer values, int steps, int stride, int column) {
        int best = 0;
        for (int step = 1; step < steps; step++) {
            float largest = values.get(best * stride + column);
            float value = values.get(step * stride + column);
            if (value > largest || (Float.isNaN(value) && !Float.isNaN(largest))) {
                best = step;
            }
        }
        return best;
    }
}
