package org.gatefold.backend.reference.recurrent;

import java.util.Arrays;
import org.gatefold.backend.reference.math.Matrix;
import org.gatefold.backend.reference.math.Products;
import org.gatefold.backend.reference.math.Rounding;
import org.gatefold.op.Precision;
import org.gatefold.op.recurrent.RecurrentSpec;

/**
 * The projection of what an LSTM's cells give, {@link CellStep#unprojected}, to h, and its gradients, for a step of some rows. One
 * thread at a time.
 */
final class OutputProjection {
    private final CellStep step;
    private final Precision precision;
    private final int units;
    private final int features;

    /** The product, then the gradient of it: {@code [n, P]}. */
    private final double[] projected;

    private final Matrix projectedRows;
    private final Matrix projectedColumns;
    private final Matrix unprojectedRows;

    OutputProjection(RecurrentSpec spec, CellStep step) {
        this.step = step;
        this.precision = spec.precision();
        this.units = spec.hiddenSize();
        this.features = spec.projectionSize();
        this.projected = new double[spec.batch() * features];
        this.projectedRows = Matrix.rows(projected, features);
        this.projectedColumns = projectedRows.transposed();
        this.unprojectedRows = Matrix.rows(step.unprojected, units);
    }

    /** Writes h, of which some share may stay what it was. */
    void forward(PackedWeights weights, int n) {
        Rounding.operand(precision, step.unprojected, n * units);
        Arrays.fill(projected, 0, n * features, 0);
        Products.multiplyAdd(n, features, units, unprojectedRows, weights.wrTransposedRows, projectedRows);
        for (int at = 0; at < n * features; at++) {
            step.h[at] = CellMath.mix(step.noise.staysH(at), step.previousH[at], projected[at]);
        }
    }

    /** Before the cells' gradients: turns that of h into that of what they give, and into that of the state before that stays. */
    void backward(PackedWeights weights, int n) {
        for (int at = 0; at < n * features; at++) {
            double stays = step.noise.staysH(at);
            projected[at] = (1 - stays) * step.dh[at];
            step.dh[at] *= stays;
        }
        Rounding.operand(precision, projected, n * features);
        Arrays.fill(step.unprojected, 0, n * units, 0);
        Products.multiplyAdd(n, units, features, projectedRows, weights.wrRows, unprojectedRows);
    }

    /** After the cells' gradients, when what they give is there once more: adds to the sums of the weights' gradient. */
    void addGradient(PackedWeights weights, int n) {
        Rounding.operand(precision, step.unprojected, n * units);
        Products.multiplyAdd(features, units, n, projectedColumns, unprojectedRows, weights.dWrRows);
    }
}
