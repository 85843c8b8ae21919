package org.gatefold.backend.reference.recurrent;

import org.gatefold.op.recurrent.RecurrentSpec;

/**
 * The values of one step of some rows, for a cell's mathematics. Arrays hold one row after the other: of H units, and of
 * gates·H (or kept·H) values where the gates stand one after the other. One thread at a time.
 */
final class CellStep {
    /** H. */
    final int size;

    /** P, features of h. */
    final int features;

    /** gates·H, and kept·H. */
    final int gateSize;

    final int keptSize;

    /** {@code [n, gates·H]}, input product with bias, and recurrent product unless that is split or normalised. */
    final double[] input;

    /** {@code [n, gates·H]}, recurrent product with its bias; {@link #input} itself unless split or normalised. */
    final double[] recurrent;

    /** States before the step, {@code [n, P]} and {@code [n, H]}; c only of cells with a cell state, here and below. */
    final double[] previousH;

    final double[] previousC;

    /** States after the step, likewise. */
    final double[] h;

    final double[] c;

    /**
     * What is projected to h, {@code [n, H]}, or its gradient, which the cell's gradient replaces by itself; of no size where h is
     * what the cell gives.
     */
    final double[] unprojected;

    /** What the backward pass needs beside h and c, {@code [n, kept·H]}. */
    final float[] kept;

    /** What late gates' recurrent product is of, {@code [n, H]}, or its gradient; of no size where there are none. */
    final double[] late;

    /**
     * With layer normalisation, what a step makes of the cell states, {@code [n, H]}, then what of it the output's function is taken of;
     * of no size without, as the next.
     */
    final double[] normed;

    /** Its gradient, then that of the cell states through it. */
    final double[] dNormed;

    /** What noise does to the step. */
    final NoiseMasks noise;

    /** {@code [3·H]}, of i, f and o; null without. */
    double[] peepholes;

    /** Gradient of h, {@code [n, P]}; then what reaches previousH outside the recurrent product. Null in inference. */
    final double[] dh;

    /** Gradient of c but for what comes through h, {@code [n, H]}; then that of previousC. Null in inference. */
    final double[] dc;

    /** Gradients of {@link #input} and {@link #recurrent}, in their place: a backward pass reads neither. */
    final double[] dInput;

    final double[] dRecurrent;

    /** @param training whether a backward pass will follow */
    CellStep(RecurrentSpec spec, CellMath math, boolean training) {
        this.size = spec.hiddenSize();
        this.features = spec.projectionSize();
        this.gateSize = spec.cell().gates() * size;
        this.keptSize = math.kept() * size;
        int batch = spec.batch();
        noise = new NoiseMasks(spec.options().noise(), batch, size, features);
        int cells = spec.cell().hasCellState() ? batch * size : 0;
        input = new double[batch * gateSize];
        recurrent = math.splitsRecurrence() || spec.options().layerNorm() ? new double[batch * gateSize] : input;
        previousH = new double[batch * features];
        previousC = new double[cells];
        h = new double[batch * features];
        c = new double[cells];
        unprojected = new double[spec.projects() ? batch * size : 0];
        kept = new float[batch * keptSize];
        int normal = spec.options().layerNorm() ? cells : 0;
        normed = new double[normal];
        dNormed = new double[training ? normal : 0];
        late = new double[math.lateGates() > 0 ? batch * size : 0];
        dh = training ? new double[batch * features] : null;
        dc = training ? new double[cells] : null;
        dInput = input;
        dRecurrent = recurrent;
    }

    /** The peephole of gate 0 (i), 1 (f) or 2 (o) of a unit; 0 without. */
    double peephole(int gate, int unit) {
        return peepholes == null ? 0 : peepholes[gate * size + unit];
    }
}
