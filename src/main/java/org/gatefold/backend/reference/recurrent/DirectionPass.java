package org.gatefold.backend.reference.recurrent;

import java.util.Arrays;
import org.gatefold.backend.reference.math.Matrix;
import org.gatefold.backend.reference.math.Products;
import org.gatefold.backend.reference.math.Rounding;
import org.gatefold.op.Precision;
import org.gatefold.op.recurrent.CellNoise;
import org.gatefold.op.recurrent.RecurrentSpec;

/**
 * Runs one layer in one direction over all steps, forward or backward; holds the work arrays for that. Steps count in the
 * order in which the direction reads them. At each step the rows that have not ended form a dense matrix; all others are
 * left alone, so that nothing of their padding is ever read. One thread at a time.
 */
final class DirectionPass {
    private final boolean cellState;
    private final Precision precision;
    private final int steps;
    private final int batch;
    private final int size;

    /** P, features of h. */
    private final int features;

    private final int gateSize;

    /** Of these, how many take their recurrent product of h, and how many of {@link CellStep#late}. */
    final int earlySize;

    private final int lateSize;
    private final int segmentSteps;
    private final boolean recomputes;

    private final int[] rows;
    private final double[] x;
    private final double[] operand;
    private final double[] lateOperand;

    /** The step at hand, of the first rows of {@code rows}. */
    private final CellStep now;

    /** Null where h is what the cell gives. */
    private final OutputProjection projection;

    /** Null without layer normalisation. */
    private final CellNorm norm;

    /** States of all rows, or in the backward pass their gradients: {@code [B, P]} of h and {@code [B, H]} of c. */
    final double[] stateH;

    final double[] stateC;

    /** States before the first step, likewise. */
    final double[] initialH;

    final double[] initialC;

    private final double[] lateGradient;

    /** The arrays as matrices: gates' recurrent products, or their gradients, and what they are multiplied with. */
    private final Matrix operandRows;

    private final Matrix lateOperandRows;
    private final Matrix gateRows;
    private final Matrix lateGateRows;
    private final Matrix gateColumns;
    private final Matrix lateGateColumns;
    private final Matrix lateGradientRows;
    private final Matrix lateRows;
    private final Matrix dhRows;

    /** The gradient of the recurrent product's operand: that of h itself, unless masks lie between the two. */
    private final double[] dOperand;

    private final CellMath.Unit addPeepholes = this::addPeepholesOf;

    private final double[] dx;
    private final boolean noisy;
    private final boolean masked;
    private final double[] cellOfSegment;

    /** What is to be run: set by the plan before each pass. */
    CellMath math;

    PackedWeights weights;

    boolean reverse;
    int[] lengths;
    Source source;
    int inputSize;

    /** Output, {@code [T, B, D·P]}; this direction's columns start at {@code column}. */
    Steps output;

    int column;

    /** Layer·D + direction, whether its noise is drawn, and from what. */
    int set;

    boolean drawn;
    long seed;

    /** What the forward pass keeps; null if not kept. */
    Steps gates;

    Steps cells;
    Steps borders;

    /** Where the rows of a layer's input come from. */
    interface Source {
        /** Copies one row of a step to {@code target[at]}. */
        void get(int step, int row, double[] target, int at);
    }

    DirectionPass(RecurrentSpec spec, CellMath math, int widestInput, boolean training) {
        this.cellState = spec.cell().hasCellState();
        this.precision = spec.precision();
        this.steps = spec.steps();
        this.batch = spec.batch();
        this.size = spec.hiddenSize();
        this.features = spec.projectionSize();
        this.gateSize = spec.gateRows();
        this.lateSize = math.lateGates() * size;
        this.earlySize = gateSize - lateSize;
        this.segmentSteps = ReserveLayout.segmentSteps(spec);
        this.recomputes = spec.recomputeSegment() > 0;
        now = new CellStep(spec, math, training);
        projection = spec.projects() ? new OutputProjection(spec, now) : null;
        norm = spec.options().layerNorm() ? new CellNorm(spec, math, now) : null;
        rows = new int[batch];
        x = new double[batch * widestInput];
        masked = spec.options().noise().recurrentDropout() > 0;
        operand = masked || precision != Precision.F32 ? new double[batch * features] : now.previousH;
        lateOperand = precision != Precision.F32 ? new double[now.late.length] : now.late;
        stateH = new double[batch * features];
        initialH = new double[batch * features];
        stateC = cellArray();
        initialC = cellArray();
        cellOfSegment = cellArray();
        lateGradient = new double[training ? batch * lateSize : 0];
        operandRows = Matrix.rows(operand, features);
        lateOperandRows = Matrix.rows(lateOperand, size);
        gateRows = Matrix.rows(now.recurrent, gateSize);
        lateGateRows = gateRows.fromColumn(earlySize);
        gateColumns = gateRows.transposed();
        lateGateColumns = lateGateRows.transposed();
        lateGradientRows = Matrix.rows(lateGradient, lateSize);
        lateRows = Matrix.rows(now.late, size);
        dOperand = masked && training ? new double[batch * features] : now.dh;
        dhRows = Matrix.rows(dOperand, features);
        noisy = !spec.options().noise().equals(CellNoise.NONE);
        dx = training ? new double[batch * widestInput] : null;
    }

    private double[] cellArray() {
        return new double[cellState ? batch * size : 0];
    }

    /** Reads the initial states from {@code initialH, initialC}, leaves the final ones in {@code stateH, stateC}. */
    void forward() {
        now.peepholes = weights.peepholes;
        System.arraycopy(initialH, 0, stateH, 0, stateH.length);
        System.arraycopy(initialC, 0, stateC, 0, stateC.length);
        for (int k = 0; k < steps; k++) {
            if (borders != null && k % segmentSteps == 0) {
                for (int row = 0; row < batch; row++) {
                    borders.put(k / segmentSteps, row, 0, size, stateC, row * size);
                }
            }
            int t = time(k);
            int n = validRows(t);
            for (int i = 0; i < n; i++) {
                System.arraycopy(stateH, rows[i] * features, now.previousH, i * features, features);
                if (cellState) {
                    System.arraycopy(stateC, rows[i] * size, now.previousC, i * size, size);
                }
            }
            step(t, n);
            for (int i = 0; i < n; i++) {
                System.arraycopy(now.h, i * features, stateH, rows[i] * features, features);
                if (cellState) {
                    System.arraycopy(now.c, i * size, stateC, rows[i] * size, size);
                }
                output.put(t, rows[i], column, features, now.h, i * features);
            }
            if (!recomputes) {
                keep(k, n);
            }
        }
    }

    /** One step of the first n of {@code rows}: from previousH and previousC to h, c and kept. */
    private void step(int t, int n) {
        takeNoise(t, n);
        for (int i = 0; i < n; i++) {
            source.get(t, rows[i], x, i * inputSize);
            System.arraycopy(weights.b, 0, now.input, i * gateSize, gateSize);
            if (math.splitsRecurrence()) {
                int own = weights.b.length - gateSize;
                Arrays.fill(now.recurrent, i * gateSize, (i + 1) * gateSize - own, 0);
                System.arraycopy(weights.b, gateSize, now.recurrent, (i + 1) * gateSize - own, own);
            }
        }
        roundOperands(n);
        if (norm != null) {
            normalProducts(n);
        } else {
            products(n);
        }
        CellMath.each(now, n, math.forward);
        if (norm != null && cellState) {
            norm.cells(weights, n);
            CellMath.each(now, n, math.outputForward);
        }
        if (projection != null) {
            projection.forward(weights, n);
        }
    }

    /** As {@link #products(int)}, normalised. */
    private void normalProducts(int n) {
        norm.products(weights, n, x, inputSize, operandRows, features);
        norm.sums(weights, n);
        if (lateSize > 0) {
            CellMath.each(now, n, math.lateOperand);
            roundLateOperand(n);
            norm.lateProducts(weights, n, lateOperandRows);
            norm.lateSums(weights, n);
        }
    }

    /** Makes the normal products once more. */
    private void keptNormalProducts(int n) {
        roundOperands(n);
        norm.products(weights, n, x, inputSize, operandRows, features);
        if (lateSize > 0) {
            CellMath.each(now, n, math.keptLateOperand);
            roundLateOperand(n);
            norm.lateProducts(weights, n, lateOperandRows);
        }
    }

    /** The products of one step, added to what stands in {@code input} and {@code recurrent}. */
    private void products(int n) {
        if (weights.skipsInput) {
            for (int at = 0; at < n * gateSize; at++) {
                now.input[at] += x[at / gateSize * size + at % size];
            }
        } else {
            Products.multiplyAdd(n, gateSize, inputSize, x, inputSize, 1, weights.wxTransposed, now.input);
        }
        Products.multiplyAdd(n, earlySize, features, operandRows, weights.whTransposedRows, gateRows);
        if (lateSize > 0) {
            CellMath.each(now, n, math.lateOperand);
            roundLateOperand(n);
            Products.multiplyAdd(n, lateSize, size, lateOperandRows, weights.lateWhTransposedRows, lateGateRows);
        }
    }

    private void takeNoise(int t, int n) {
        if (noisy) {
            now.noise.take(t, rows, n, set, drawn, seed);
        }
    }

    private void roundOperands(int n) {
        if (operand != now.previousH) {
            for (int at = 0; at < n * features; at++) {
                operand[at] = now.noise.recurrent(at) * now.previousH[at];
            }
        }
        if (precision != Precision.F32) {
            Rounding.operand(precision, operand, n * features);
            Rounding.operand(precision, x, n * inputSize);
        }
    }

    private void roundLateOperand(int n) {
        if (precision != Precision.F32) {
            System.arraycopy(now.late, 0, lateOperand, 0, n * size);
            Rounding.operand(precision, lateOperand, n * size);
        }
    }

    private void keep(int slot, int n) {
        for (int i = 0; i < n; i++) {
            if (gates != null) {
                gates.put(slot, rows[i], now.kept, i * now.keptSize);
            }
            if (cells != null) {
                cells.put(slot, rows[i], 0, size, now.c, i * size);
            }
        }
    }

    /**
     * Reads gradients of the final states from {@code stateH, stateC}, leaves those of the initial states there, and adds
     * to the sums of the weights' gradients.
     *
     * @param dOutput gradient of output, read; null means zeros
     * @param dInput gradient of the layer's input, accumulated; null if not wanted
     * @param wantsWeights whether the weights' gradients are summed
     */
    void backward(Steps dOutput, Steps dInput, boolean wantsWeights) {
        now.peepholes = weights.peepholes;
        for (int segment = (steps - 1) / segmentSteps; segment >= 0; segment--) {
            int first = segment * segmentSteps;
            int end = Math.min(steps, first + segmentSteps);
            if (recomputes) {
                recompute(segment, first, end);
            }
            for (int k = end - 1; k >= first; k--) {
                stepBackward(k, k - first, segment, dOutput, dInput, wantsWeights);
            }
        }
    }

    private void recompute(int segment, int first, int end) {
        if (math.kept() == 0) {
            return;
        }
        if (cellState) {
            for (int row = 0; row < batch; row++) {
                borders.get(segment, row, 0, size, cellOfSegment, row * size);
            }
        }
        for (int k = first; k < end; k++) {
            int t = time(k);
            int n = validRows(t);
            previousHidden(t, n);
            for (int i = 0; i < n && cellState; i++) {
                System.arraycopy(cellOfSegment, rows[i] * size, now.previousC, i * size, size);
            }
            step(t, n);
            for (int i = 0; i < n && cellState; i++) {
                System.arraycopy(now.c, i * size, cellOfSegment, rows[i] * size, size);
            }
            keep(k - first, n);
        }
    }

    private void previousHidden(int t, int n) {
        for (int i = 0; i < n; i++) {
            if (startsAt(t, rows[i])) {
                System.arraycopy(initialH, rows[i] * features, now.previousH, i * features, features);
            } else {
                output.get(before(t), rows[i], column, features, now.previousH, i * features);
            }
        }
    }

    private void stepBackward(int k, int slot, int segment, Steps dOutput, Steps dInput, boolean wantsWeights) {
        int t = time(k);
        int n = validRows(t);
        takeNoise(t, n);
        previousHidden(t, n);
        for (int i = 0; i < n; i++) {
            int row = rows[i];
            source.get(t, row, x, i * inputSize);
            output.get(t, row, column, features, now.h, i * features);
            if (gates != null) {
                gates.get(slot, row, now.kept, i * now.keptSize);
            }
            if (cellState) {
                cells.get(slot, row, 0, size, now.c, i * size);
                if (startsAt(t, row)) {
                    System.arraycopy(initialC, row * size, now.previousC, i * size, size);
                } else if (slot > 0) {
                    cells.get(slot - 1, row, 0, size, now.previousC, i * size);
                } else {
                    borders.get(segment, row, 0, size, now.previousC, i * size);
                }
                System.arraycopy(stateC, row * size, now.dc, i * size, size);
            }
            if (dOutput == null) {
                Arrays.fill(now.dh, i * features, (i + 1) * features, 0);
            } else {
                dOutput.get(t, row, column, features, now.dh, i * features);
            }
            for (int j = 0; j < features; j++) {
                now.dh[i * features + j] += stateH[row * features + j];
            }
        }
        if (projection != null) {
            projection.backward(weights, n);
        }
        if (norm != null) {
            keptNormalProducts(n);
        }
        if (norm != null && cellState) {
            CellMath.each(now, n, math.made);
            norm.cells(weights, n);
            CellMath.each(now, n, math.outputBackward);
            norm.cellsBackward(weights, n, wantsWeights);
        }
        CellMath.each(now, n, math.backward);
        if (lateSize > 0) {
            lateGradient(n, wantsWeights);
        }
        products(t, n, dInput, wantsWeights);
        for (int i = 0; i < n; i++) {
            System.arraycopy(now.dh, i * features, stateH, rows[i] * features, features);
            if (cellState) {
                System.arraycopy(now.dc, i * size, stateC, rows[i] * size, size);
            }
        }
    }

    /** The gradient of what late gates' product was of, and so of the gates that decided it. */
    private void lateGradient(int n, boolean wantsWeights) {
        if (norm != null) {
            norm.lateBackward(weights, n, wantsWeights);
        }
        for (int i = 0; i < n; i++) {
            System.arraycopy(now.recurrent, i * gateSize + earlySize, lateGradient, i * lateSize, lateSize);
        }
        Rounding.operand(precision, lateGradient, n * lateSize);
        Arrays.fill(now.late, 0, n * size, 0);
        Products.multiplyAdd(n, size, lateSize, lateGradientRows, weights.lateWhRows, lateRows);
        CellMath.each(now, n, math.lateBackward);
    }

    /** The products of one backward step; {@code input} and {@code recurrent} hold the gradients of the gates. */
    private void products(int t, int n, Steps dInput, boolean wantsWeights) {
        if (wantsWeights) {
            addBias(n);
            if (weights.peepholes != null) {
                CellMath.each(now, n, addPeepholes);
            }
        }
        if (norm == null) {
            roundOperands(n);
        } else {
            norm.backward(weights, n, wantsWeights);
        }
        Rounding.operand(precision, now.input, n * gateSize);
        if (now.recurrent != now.input) {
            Rounding.operand(precision, now.recurrent, n * gateSize);
        }
        if (masked) {
            Arrays.fill(dOperand, 0, n * features, 0);
        }
        Products.multiplyAdd(n, features, earlySize, gateRows, weights.whRows, dhRows);
        for (int at = 0; masked && at < n * features; at++) {
            now.dh[at] += now.noise.recurrent(at) * dOperand[at];
        }
        if (wantsWeights) {
            if (!weights.skipsInput) {
                Products.multiplyAdd(gateSize, inputSize, n, now.input, 1, gateSize, x, weights.dWx);
            }
            Products.multiplyAdd(earlySize, features, n, gateColumns, operandRows, weights.dWhRows);
            if (projection != null) {
                projection.addGradient(weights, n);
            }
            if (lateSize > 0) {
                CellMath.each(now, n, math.keptLateOperand);
                roundLateOperand(n);
                Products.multiplyAdd(lateSize, size, n, lateGateColumns, lateOperandRows, weights.lateDWhRows);
            }
        }
        if (dInput != null) {
            Arrays.fill(dx, 0, n * inputSize, 0);
            if (weights.skipsInput) {
                for (int at = 0; at < n * gateSize; at++) {
                    dx[at / gateSize * size + at % size] += now.input[at];
                }
            } else {
                Products.multiplyAdd(n, inputSize, gateSize, now.input, gateSize, 1, weights.wx, dx);
            }
            for (int i = 0; i < n; i++) {
                dInput.add(t, rows[i], inputSize, dx, i * inputSize);
            }
        }
    }

    /** Peepholes of i and f saw the cell state before the step, that of o the one after it. */
    private void addPeepholesOf(CellStep s, int at, int gate, int keep) {
        int unit = at % size;
        weights.dPeepholes[unit] += s.dInput[gate] * s.previousC[at];
        weights.dPeepholes[size + unit] += s.dInput[gate + size] * s.previousC[at];
        weights.dPeepholes[2 * size + unit] += s.dInput[gate + 3 * size] * s.c[at];
    }

    private void addBias(int n) {
        int own = weights.b.length - gateSize;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < gateSize; j++) {
                weights.dB[j] += now.input[i * gateSize + j];
            }
            for (int j = 0; j < own; j++) {
                weights.dB[gateSize + j] += now.recurrent[(i + 1) * gateSize - own + j];
            }
        }
    }

    /** The step of the sequence that is read k-th. */
    private int time(int k) {
        return reverse ? steps - 1 - k : k;
    }

    /** The step read before step t. */
    private int before(int t) {
        return reverse ? t + 1 : t - 1;
    }

    private boolean startsAt(int t, int row) {
        return reverse ? t == lengths[row] - 1 : t == 0;
    }

    private int validRows(int t) {
        int n = 0;
        for (int row = 0; row < batch; row++) {
            if (t < lengths[row]) {
                rows[n++] = row;
            }
        }
        return n;
    }
}
