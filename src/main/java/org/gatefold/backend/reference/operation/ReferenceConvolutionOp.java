package org.gatefold.backend.reference.operation;

import java.nio.FloatBuffer;
import org.gatefold.backend.reference.math.Floats;
import org.gatefold.op.convolution.ConvolutionOp;
import org.gatefold.op.convolution.ConvolutionShape;
import org.gatefold.op.convolution.ConvolutionSpec;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/** Convolutions in plain Java, product by product. Stateless and thread-safe. */
public final class ReferenceConvolutionOp extends ReferenceOperation implements ConvolutionOp {
    /** One product of a weight and an element of x, which add to an element of y. */
    private interface Product {
        void of(int x, int w);
    }

    /** Calls {@code product} for everything that an element of y sums up. */
    private static void eachProduct(ConvolutionShape s, Lengths lengths, int n, int o, int p, int q, Product product) {
        ConvolutionSpec spec = s.spec();
        int ofGroup = s.channels() / spec.groups();
        int first = o / s.groupOutputs() * ofGroup;
        int height = lengths == null ? s.height() : lengths.of(n);
        for (int c = 0; c < ofGroup; c++) {
            for (int i = 0; i < spec.kernelHeight(); i++) {
                int row = p * spec.strideHeight() + i * spec.dilationHeight() - spec.paddingTop();
                for (int j = 0; j < spec.kernelWidth() && row >= 0 && row < height; j++) {
                    int column = q * spec.strideWidth() + j * spec.dilationWidth() - spec.paddingLeft();
                    if (column >= 0 && column < s.width()) {
                        int w = ((o * ofGroup + c) * spec.kernelHeight() + i) * spec.kernelWidth() + j;
                        product.of(x(s, n, first + c, row, column), w);
                    }
                }
            }
        }
    }

    private static int x(ConvolutionShape s, int n, int c, int row, int column) {
        return s.spec().images()
                ? ((n * s.channels() + c) * s.height() + row) * s.width() + column
                : (row * s.count() + n) * s.channels() + c;
    }

    /** An element of y. */
    private interface Output {
        void of(int y, int n, int o, int p, int q);
    }

    private static void eachOutput(ConvolutionShape s, Output output) {
        for (int n = 0; n < s.count(); n++) {
            for (int o = 0; o < s.outputs(); o++) {
                for (int p = 0; p < s.outHeight(); p++) {
                    for (int q = 0; q < s.outWidth(); q++) {
                        int y = s.spec().images()
                                ? ((n * s.outputs() + o) * s.outHeight() + p) * s.outWidth() + q
                                : (p * s.count() + n) * s.outputs() + o;
                        output.of(y, n, o, p, q);
                    }
                }
            }
        }
    }

    @Override
    public void computeForward(ConvolutionShape shape, Tensor x, Lengths lengths, Tensor w, Tensor b, Tensor y) {
        FloatBuffer from = Floats.of(x);
        FloatBuffer weights = Floats.of(w);
        FloatBuffer bias = Floats.orNull(b);
        FloatBuffer to = Floats.of(y);
        double[] sum = new double[1];
        eachOutput(shape, (at, n, o, p, q) -> {
            sum[0] = bias == null ? 0 : bias.get(o);
            eachProduct(shape, lengths, n, o, p, q, (i, k) -> sum[0] += (double) from.get(i) * weights.get(k));
            to.put(at, (float) sum[0]);
        });
    }

    @Override
    public void computeBackward(
            ConvolutionShape shape, Tensor x, Lengths lengths, Tensor w, Tensor dy, Tensor dx, Tensor dw, Tensor db) {
        FloatBuffer from = Floats.of(x);
        FloatBuffer weights = Floats.of(w);
        FloatBuffer gradient = Floats.of(dy);
        double[] ofX = new double[from.capacity()];
        double[] ofW = new double[weights.capacity()];
        double[] ofB = new double[shape.outputs()];
        eachOutput(shape, (at, n, o, p, q) -> {
            double g = gradient.get(at);
            ofB[o] += g;
            eachProduct(shape, lengths, n, o, p, q, (i, k) -> {
                ofX[i] += g * weights.get(k);
                ofW[k] += g * from.get(i);
            });
        });
        if (dx != null) {
            FloatBuffer to = Floats.of(dx);
            for (int i = 0; i < ofX.length; i++) {
                to.put(i, (float) ofX[i]);
            }
        }
        add(ofW, dw);
        add(ofB, db);
    }

    private static void add(double[] sums, Tensor to) {
        if (to != null) {
            FloatBuffer values = Floats.of(to);
            for (int i = 0; i < sums.length; i++) {
                values.put(i, values.get(i) + (float) sums[i]);
            }
        }
    }
}
