package org.gatefold.backend.reference.operation;

import java.nio.FloatBuffer;
import org.gatefold.backend.reference.math.Floats;
import org.gatefold.op.pooling.PoolingOp;
import org.gatefold.op.pooling.PoolingShape;
import org.gatefold.op.pooling.PoolingSpec;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/** Pooling in plain Java, window by window. Stateless and thread-safe. */
public final class ReferencePoolingOp extends ReferenceOperation implements PoolingOp {
    /** A window: where it puts what it gives, and what it has of x, in order; {@code at} is used again for the next. */
    private interface Window {
        void of(int y, int[] at, int count);
    }

    private static void eachWindow(PoolingShape s, Lengths lengths, Window window) {
        PoolingSpec spec = s.spec();
        int[] at = new int[Math.min(s.height(), spec.kernelHeight()) * Math.min(s.width(), spec.kernelWidth())];
        for (int n = 0; n < s.count(); n++) {
            int height = lengths == null ? s.height() : lengths.of(n);
            for (int c = 0; c < s.channels(); c++) {
                for (int p = 0; p < s.outHeight(); p++) {
                    for (int q = 0; q < s.outWidth(); q++) {
                        int top = p * spec.strideHeight() - spec.paddingTop();
                        int left = q * spec.strideWidth() - spec.paddingLeft();
                        int count = 0;
                        for (int i = Math.max(0, top); i < Math.min(height, top + spec.kernelHeight()); i++) {
                            for (int j = Math.max(0, left); j < Math.min(s.width(), left + spec.kernelWidth()); j++) {
                                at[count++] = place(s, s.height(), s.width(), n, c, i, j);
                            }
                        }
                        window.of(place(s, s.outHeight(), s.outWidth(), n, c, p, q), at, count);
                    }
                }
            }
        }
    }

    private static int place(PoolingShape s, int height, int width, int n, int c, int row, int column) {
        return s.spec().images()
                ? ((n * s.channels() + c) * height + row) * width + column
                : (row * s.count() + n) * s.channels() + c;
    }

    /** The place of the first of the largest numbers; of the first NaN, if there is one. */
    private static int largest(FloatBuffer x, int[] at, int count) {
        int best = at[0];
        for (int k = 1; k < count; k++) {
            float value = x.get(at[k]);
            if (value > x.get(best) || (Float.isNaN(value) && !Float.isNaN(x.get(best)))) {
                best = at[k];
            }
        }
        return best;
    }

    private static int divisor(PoolingSpec spec, int count) {
        return spec.countPadding() ? spec.kernelHeight() * spec.kernelWidth() : count;
    }

    @Override
    public void computeForward(PoolingShape shape, Tensor x, Lengths lengths, Tensor y) {
        FloatBuffer from = Floats.of(x);
        FloatBuffer to = Floats.of(y);
        PoolingSpec spec = shape.spec();
        eachWindow(shape, lengths, (place, at, count) -> {
            if (count == 0) {
                to.put(place, 0f);
                return;
            }
            to.put(
                    place,
                    switch (spec.kind()) {
                        case MAX -> from.get(largest(from, at, count));
                        case AVERAGE -> {
                            double sum = 0;
                            for (int k = 0; k < count; k++) {
                                sum += from.get(at[k]);
                            }
                            yield (float) (sum / divisor(spec, count));
                        }
                    });
        });
    }

    @Override
    public void computeBackward(PoolingShape shape, Tensor x, Lengths lengths, Tensor y, Tensor dy, Tensor dx) {
        FloatBuffer from = Floats.of(x);
        FloatBuffer gradient = Floats.of(dy);
        PoolingSpec spec = shape.spec();
        double[] sums = new double[from.capacity()];
        eachWindow(shape, lengths, (place, at, count) -> {
            double g = gradient.get(place);
            switch (spec.kind()) {
                case MAX -> {
                    if (count > 0) {
                        sums[largest(from, at, count)] += g;
                    }
                }
                case AVERAGE -> {
                    for (int k = 0; k < count; k++) {
                        sums[at[k]] += g / divisor(spec, count);
                    }
                }
            }
        });
        FloatBuffer to = Floats.of(dx);
        for (int i = 0; i < sums.length; i++) {
            to.put(i, (float) sums[i]);
        }
    }
}
