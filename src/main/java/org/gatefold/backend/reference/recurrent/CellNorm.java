package org.gatefold.backend.reference.recurrent;

import java.util.Arrays;
import org.gatefold.backend.reference.math.Matrix;
import org.gatefold.backend.reference.math.Products;
import org.gatefold.op.recurrent.CellOptions;
import org.gatefold.op.recurrent.RecurrentSpec;

/**
 * Layer normalisation inside a cell, for a step of some rows: of the product with x over all gates, of each product with h over the gates
 * that take it, and of the cell state on its way out (Ba et al. 2016, equations 20 to 22). Normal values are not kept: the way back makes
 * them once more. One thread at a time.
 */
final class CellNorm {
    private final CellStep step;
    private final int units;
    private final int width;

    /** Columns of gates whose product is with h; the others' is with what these decide. */
    private final int early;

    /** Whether the recurrent parts of sums, and their gradients, stand apart from the others. */
    private final boolean apart;

    /** Normal products with x and with h {@code [n, G·H]}, and normal cell states {@code [n, H]}; one inverse deviation a row. */
    private final double[] ofX;

    private final double[] ofH;
    private final double[] ofC;
    private final double[] inverseX;
    private final double[] inverseH;
    private final double[] inverseLate;
    private final double[] inverseC;
    private final Matrix rowsOfH;
    private final Matrix lateRowsOfH;

    CellNorm(RecurrentSpec spec, CellMath math, CellStep step) {
        this.step = step;
        this.units = spec.hiddenSize();
        this.width = spec.gateRows();
        this.early = width - math.lateGates() * units;
        this.apart = math.splitsRecurrence();
        int batch = spec.batch();
        ofX = new double[batch * width];
        ofH = new double[batch * width];
        ofC = new double[spec.cell().hasCellState() ? batch * units : 0];
        inverseX = new double[batch];
        inverseH = new double[batch];
        inverseLate = new double[early < width ? batch : 0];
        inverseC = new double[batch];
        rowsOfH = Matrix.rows(ofH, width);
        lateRowsOfH = rowsOfH.fromColumn(early);
    }

    /** Makes the normal products of n rows with x and with h, of operands as products take them. */
    void products(PackedWeights weights, int n, double[] x, int inputSize, Matrix h, int features) {
        Arrays.fill(ofX, 0, n * width, 0);
        Arrays.fill(ofH, 0, n * width, 0);
        Products.multiplyAdd(n, width, inputSize, x, inputSize, 1, weights.wxTransposed, ofX);
        Products.multiplyAdd(n, early, features, h, weights.whTransposedRows, rowsOfH);
        normalise(ofX, 0, width, width, n, inverseX);
        normalise(ofH, 0, early, width, n, inverseH);
    }

    /** Makes those of late gates, once the operand is there. */
    void lateProducts(PackedWeights weights, int n, Matrix operand) {
        Products.multiplyAdd(n, width - early, units, operand, weights.lateWhTransposedRows, lateRowsOfH);
        normalise(ofH, early, width, width, n, inverseLate);
    }

    /** Adds the normal products to the sums of gates, which hold their biases. */
    void sums(PackedWeights weights, int n) {
        sums(weights, n, 0, early);
    }

    /** The same of late gates. */
    void lateSums(PackedWeights weights, int n) {
        sums(weights, n, early, width);
    }

    private void sums(PackedWeights weights, int n, int from, int to) {
        double[] recurrent = apart ? step.recurrent : step.input;
        for (int row = 0; row < n; row++) {
            for (int j = from; j < to; j++) {
                int at = row * width + j;
                step.input[at] += weights.norm[j] * ofX[at];
                recurrent[at] += weights.norm[width + j] * ofH[at];
            }
        }
    }

    /** Turns the gradients of late gates' sums into those of their products with the operand, in {@code dRecurrent}. */
    void lateBackward(PackedWeights weights, int n, boolean wantsWeights) {
        recurrentBackward(weights, n, early, width, inverseLate, wantsWeights);
    }

    /**
     * Turns the gradients of sums into those of the products: with x in {@code dInput}, with h in {@code dRecurrent}, where those of late
     * gates are there already.
     */
    void backward(PackedWeights weights, int n, boolean wantsWeights) {
        recurrentBackward(weights, n, 0, early, inverseH, wantsWeights);
        for (int at = 0; at < n * width; at++) {
            int j = at % width;
            if (wantsWeights) {
                weights.dNorm[j] += step.dInput[at] * ofX[at];
            }
            step.dInput[at] *= weights.norm[j];
        }
        throughMoments(step.dInput, ofX, 0, width, width, n, inverseX);
    }

    private void recurrentBackward(
            PackedWeights weights, int n, int from, int to, double[] inverse, boolean wantsWeights) {
        for (int row = 0; row < n; row++) {
            for (int j = from; j < to; j++) {
                int at = row * width + j;
                double gradient = apart ? step.dRecurrent[at] : step.dInput[at];
                if (wantsWeights) {
                    weights.dNorm[width + j] += gradient * ofH[at];
                }
                step.dRecurrent[at] = gradient * weights.norm[width + j];
            }
        }
        throughMoments(step.dRecurrent, ofH, from, to, width, n, inverse);
    }

    /** Replaces what a step makes of the cell states in {@code normed} by what the output's function is taken of. */
    void cells(PackedWeights weights, int n) {
        System.arraycopy(step.normed, 0, ofC, 0, n * units);
        normalise(ofC, 0, units, units, n, inverseC);
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
        throughMoments(step.dNormed, ofC, 0, units, units, n, inverseC);
    }

    /** Normalises columns [from, to) of n rows. */
    private static void normalise(double[] values, int from, int to, int width, int n, double[] inverse) {
        int size = to - from;
        for (int row = 0; row < n; row++) {
            int first = row * width + from;
            double mean = 0;
            for (int at = first; at < first + size; at++) {
                mean += values[at];
            }
            mean /= size;
            double variance = 0;
            for (int at = first; at < first + size; at++) {
                double centred = values[at] - mean;
                variance += centred * centred;
            }
            inverse[row] = 1 / Math.sqrt(variance / size + CellOptions.LAYER_NORM_EPSILON);
            for (int at = first; at < first + size; at++) {
                values[at] = (values[at] - mean) * inverse[row];
            }
        }
    }

    /** From gradients of normal values to those of what they are made of, in place, of the same columns. */
    private static void throughMoments(
            double[] gradients, double[] normal, int from, int to, int width, int n, double[] inverse) {
        int size = to - from;
        for (int row = 0; row < n; row++) {
            int first = row * width + from;
            double mean = 0;
            double inner = 0;
            for (int at = first; at < first + size; at++) {
                mean += gradients[at] / size;
                inner += gradients[at] * normal[at] / size;
            }
            for (int at = first; at < first + size; at++) {
                gradients[at] = inverse[row] * (gradients[at] - mean - normal[at] * inner);
            }
        }
    }
}
