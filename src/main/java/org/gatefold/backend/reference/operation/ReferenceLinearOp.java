package org.gatefold.backend.reference.operation;

import java.nio.FloatBuffer;
import org.gatefold.backend.reference.math.Floats;
import org.gatefold.backend.reference.math.Products;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.tensor.Tensor;

/** The affine map in plain Java. Stateless and thread-safe; works on heap copies of one call. */
public final class ReferenceLinearOp extends ReferenceOperation implements LinearOp {
    @Override
    public void computeForward(Tensor x, Tensor w, Tensor b, Tensor y) {
        int n = x.shape().dim(0);
        int inputs = x.shape().dim(1);
        int outputs = w.shape().dim(0);
        double[] sums = new double[n * outputs];
        if (b != null) {
            double[] bias = doubles(b);
            for (int i = 0; i < n; i++) {
                System.arraycopy(bias, 0, sums, i * outputs, outputs);
            }
        }
        double[] transposed = Products.transpose(doubles(w), outputs);
        Products.multiplyAdd(n, outputs, inputs, doubles(x), inputs, 1, transposed, sums);
        FloatBuffer to = Floats.of(y);
        for (int i = 0; i < sums.length; i++) {
            to.put(i, (float) sums[i]);
        }
    }

    @Override
    public void computeBackward(Tensor x, Tensor w, Tensor dy, Tensor dx, Tensor dw, Tensor db) {
        int n = x.shape().dim(0);
        int inputs = x.shape().dim(1);
        int outputs = w.shape().dim(0);
        double[] gradient = doubles(dy);
        if (dx != null) {
            double[] sums = new double[n * inputs];
            Products.multiplyAdd(n, inputs, outputs, gradient, outputs, 1, doubles(w), sums);
            FloatBuffer to = Floats.of(dx);
            for (int i = 0; i < sums.length; i++) {
                to.put(i, (float) sums[i]);
            }
        }
        if (dw != null) {
            double[] sums = new double[outputs * inputs];
            Products.multiplyAdd(outputs, inputs, n, gradient, 1, outputs, doubles(x), sums);
            add(sums, dw);
        }
        if (db != null) {
            double[] sums = new double[outputs];
            for (int i = 0; i < gradient.length; i++) {
                sums[i % outputs] += gradient[i];
            }
            add(sums, db);
        }
    }

    private static double[] doubles(Tensor tensor) {
        FloatBuffer values = Floats.of(tensor);
        double[] result = new double[values.capacity()];
        for (int i = 0; i < result.length; i++) {
            result[i] = values.get(i);
        }
        return result;
    }

    private static void add(double[] sums, Tensor to) {
        FloatBuffer values = Floats.of(to);
        for (int i = 0; i < sums.length; i++) {
            values.put(i, values.get(i) + (float) sums[i]);
        }
    }
}
