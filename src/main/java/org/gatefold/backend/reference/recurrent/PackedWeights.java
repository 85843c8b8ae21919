package org.gatefold.backend.reference.recurrent;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.gatefold.backend.reference.math.Floats;
import org.gatefold.backend.reference.math.Matrix;
import org.gatefold.backend.reference.math.Products;
import org.gatefold.backend.reference.math.Rounding;
import org.gatefold.op.Precision;
import org.gatefold.op.recurrent.RecurrentWeights;
import org.gatefold.tensor.Tensor;

/**
 * The weights of one layer and direction as double matrices, in the orientation each product wants, and the sums of their
 * gradients in one backward pass. One thread at a time.
 */
final class PackedWeights {
    private int early;
    private int size;

    /** True if a layer's input goes to all gates as it is; then all of Wx is null. */
    boolean skipsInput;

    /** Wx and Wh, {@code [gates·H, in]} and {@code [gates·H, H]}; null in inference. */
    double[] wx;

    double[] wh;

    /** Their transposes. */
    double[] wxTransposed;

    double[] whTransposed;

    /** Of Wh and its transpose: all, and the part of the last gates of a unit, which take another operand. */
    Matrix whRows;

    Matrix lateWhRows;
    Matrix whTransposedRows;
    Matrix lateWhTransposedRows;

    /** Wr, {@code [P, H]}, null in inference, and its transpose; null without a projection. */
    Matrix wrRows;

    Matrix wrTransposedRows;

    /** {@code [biases·H]}. */
    double[] b;

    /** {@code [3·H]}; null without peepholes. */
    double[] peepholes;

    /** Of layer normalisation, {@code [2·G·H]} and of cells with a cell state {@code [2·H]} more; null without. */
    double[] norm;

    /** Sums of gradients in the layout of the weights; null before the first backward pass. */
    double[] dWx;

    double[] dWh;
    Matrix dWhRows;
    Matrix lateDWhRows;
    double[] dB;
    double[] dPeepholes;
    double[] dNorm;
    double[] dWr;
    Matrix dWrRows;

    /**
     * @param early rows of Wh whose operand is h
     */
    void pack(RecurrentWeights.Set set, int gateRows, int early, Precision precision, boolean training) {
        skipsInput = set.wx() == null;
        double[] x = skipsInput ? null : doubles(set.wx(), precision);
        double[] h = doubles(set.wh(), precision);
        wxTransposed = skipsInput ? null : Products.transpose(x, gateRows);
        whTransposed = Products.transpose(h, gateRows);
        whTransposedRows = Matrix.rows(whTransposed, gateRows);
        lateWhTransposedRows = whTransposedRows.fromColumn(early);
        this.early = early;
        size = h.length / gateRows;
        b = doubles(set.b(), Precision.F32);
        peepholes = set.p() == null ? null : doubles(set.p(), Precision.F32);
        norm = set.norm() == null ? null : doubles(set.norm(), Precision.F32);
        if (set.wr() != null) {
            int features = set.wr().shape().dim(0);
            double[] wr = doubles(set.wr(), precision);
            wrTransposedRows = Matrix.rows(Products.transpose(wr, features), features);
            wrRows = training ? Matrix.rows(wr, wr.length / features) : null;
        }
        if (training) {
            wx = x;
            wh = h;
            whRows = Matrix.rows(wh, size);
            lateWhRows = whRows.fromRow(early);
        }
    }

    private static double[] doubles(Tensor tensor, Precision precision) {
        FloatBuffer values = Floats.of(tensor);
        double[] result = new double[values.capacity()];
        for (int i = 0; i < result.length; i++) {
            result[i] = values.get(i);
        }
        Rounding.operand(precision, result, result.length);
        return result;
    }

    /** Starts the sums of gradients at zero. */
    void clearGradients(RecurrentWeights.Set like) {
        if (dWx == null) {
            dWx = new double[skipsInput ? 0 : wx.length];
            dWh = new double[wh.length];
            dWhRows = Matrix.rows(dWh, size);
            lateDWhRows = dWhRows.fromRow(early);
            dB = new double[b.length];
            dPeepholes = new double[peepholes == null ? 0 : peepholes.length];
            dNorm = new double[norm == null ? 0 : norm.length];
            dWr = new double[like.wr() == null ? 0 : Math.toIntExact(like.wr().elements())];
            dWrRows = like.wr() == null
                    ? null
                    : Matrix.rows(dWr, like.wr().shape().dim(1));
        } else {
            Arrays.fill(dWx, 0);
            Arrays.fill(dWh, 0);
            Arrays.fill(dB, 0);
            Arrays.fill(dPeepholes, 0);
            Arrays.fill(dNorm, 0);
            Arrays.fill(dWr, 0);
        }
    }

    /** Adds the sums of gradients, rounded to floats, to the caller's tensors. */
    void addGradients(RecurrentWeights.Set to) {
        if (!skipsInput) {
            add(dWx, to.wx());
        }
        add(dWh, to.wh());
        add(dB, to.b());
        if (peepholes != null) {
            add(dPeepholes, to.p());
        }
        if (norm != null) {
            add(dNorm, to.norm());
        }
        if (to.wr() != null) {
            add(dWr, to.wr());
        }
    }

    private static void add(double[] sums, Tensor to) {
        FloatBuffer values = Floats.of(to);
        for (int i = 0; i < sums.length; i++) {
            values.put(i, values.get(i) + (float) sums[i]);
        }
    }
}
