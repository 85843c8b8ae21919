package org.gatefold.backend.reference.recurrent;

import java.util.Arrays;
import org.gatefold.backend.reference.math.Matrix;
import org.gatefold.backend.reference.math.Products;
import org.gatefold.op.recurrent.CellOptions;
import org.gatefold.op.recurrent.RecurrentSpec;

/**
 * Layer normalisation inside an LSTM, for a step of some rows: of both products over all gates, and of the cell state on its way out
 * (Ba et al. 2016, equations 20 to 22). Normal values are not kept: the way back makes them once more. One thread at a time.
 */
final class CellNorm {
    private final CellStep step;
    private final int units;
    private final int width;

    /** Normal products with x and with h {@code [n, 4·H]}, and normal cell states {@code [n, H]}; one inverse deviation a row. */
    private final double[] ofX;

    private final double[] ofH;
    private final double[] ofC;
    private final double[] inverseX;
    private final double[] inverseH;
    private final double[] inverseC;
    private final Matrix rowsOfH;

    CellNorm(RecurrentSpec spec, CellStep step) {
        this.step = step;
        this.units = spec.hiddenSize();
        this.width = spec.gateRows();
        int batch = spec.batch();
        ofX = new double[batch * width];
        ofH = new double[batch * width];
        ofC = new double[batch * units];
        inverseX = new double[batch];
        inverseH = new double[batch];
        inverseC = new double[batch];
        rowsOfH = Matrix.rows(ofH, width);
    }

    /** Makes the normal products of n rows, of operands as products take them. */
    void products(PackedWeights weights, int n, double[] x, int inputSize, Matrix h, int features) {
        Arrays.fill(ofX, 0, n * width, 0);
        Arrays.fill(ofH, 0, n * width, 0);
        Products.multiplyAdd(n, width, inputSize, x, inputSize, 1, weights.wxTransposed, ofX);
        Products.multiplyAdd(n, width, features, h, weights.whTransposedRows, rowsOfH);
        normalise(ofX, width, n, inverseX);
        normalise(ofH, width, n, inverseH);
    }

    /** Writes the sums of all gates. */
    void sums(PackedWeights weights, int n) {
        for (int at = 0; at < n * width; at++) {
            int j = at % width;
            step.input[at] = weights.norm[j] * ofX[at] + weights.norm[width + j] * ofH[at] + weights.b[j];
        }
    }

    /** Turns the gradients of sums, in place, into those of the products: with x in {@code dInput}, with h in {@code dRecurrent}. */
    void backward(PackedWeights weights, int n, boolean wantsWeights) {
        for (int at = 0; at < n * width; at++) {
            int j = at % width;
            if (wantsWeights) {
                weights.dNorm[j] += step.dInput[at] * ofX[at];
                weights.dNorm[width + j] += step.dInput[at] * ofH[at];
            }
            step.dRecurrent[at] = step.dInput[at] * weights.norm[width + j];
            step.dInput[at] *= weights.norm[j];
        }
        throughMoments(step.dInput, ofX, width, n, inverseX);
        throughMoments(step.dRecurrent, ofH, width, n, inverseH);
    }

    /** Replaces what a step makes of the cell states in {@code normed} by what the output's function is taken of. */
    void cells(PackedWeights weights, int n) {
        System.arraycopy(step.normed, 0, ofC, 0, n * units);
        normalise(ofC, units, n, inverseC);
        for (int at = 0; at < n * units; at++) {
            int unit = 2 * width + at % units;
            step.normed[at] = weights.norm[unit] * ofC[at] + weights.norm[unit + units];
        }
    }

    /** Turns the gradient of {@code normed}, in {@code dNormed}, into that of the cell states. */
    void cellsBackward(PackedWeights weights, int n, boolean wantsWeights) {
        for (int at = 0; at < n * units; at++) {
            int unit = 2 * width + at % units;
            if (wantsWeights) {
                weights.dNorm[unit] += step.dNormed[at] * ofC[at];
                weights.dNorm[unit + units] += step.dNormed[at];
            }
            step.dNormed[at] *= weights.norm[unit];
        }
        throughMoments(step.dNormed, ofC, units, n, inverseC);
    }

    private static void normalise(double[] values, int size, int n, double[] inverse) {
        for (int row = 0; row < n; row++) {
            double mean = 0;
            for (int j = 0; j < size; j++) {
                mean += values[row * size + j];
            }
            mean /= size;
            double variance = 0;
            for (int j = 0; j < size; j++) {
                double centred = values[row * size + j] - mean;
                variance += centred * centred;
            }
            inverse[row] = 1 / Math.sqrt(variance / size + CellOptions.LAYER_NORM_EPSILON);
            for (int j = 0; j < size; j++) {
                values[row * size + j] = (values[row * size + j] - mean) * inverse[row];
            }
        }
    }

    /** From gradients of normal values to those of what they are made of, in place. */
    private static void throughMoments(double[] gradients, double[] normal, int size, int n, double[] inverse) {
        for (int row = 0; row < n; row++) {
            double mean = 0;
            double inner = 0;
            for (int at = row * size; at < (row + 1) * size; at++) {
                mean += gradients[at] / size;
                inner += gradients[at] * normal[at] / size;
            }
            for (int at = row * size; at < (row + 1) * size; at++) {
                gradients[at] = inverse[row] * (gradients[at] - mean - normal[at] * inner);
            }
        }
    }
}
