package org.gatefold.backend.reference.recurrent;

import java.util.Arrays;
import org.gatefold.backend.reference.math.DropoutMask;
import org.gatefold.op.recurrent.CellNoise;

/**
 * What noise does to the units of some rows of a step: how much of the states before the step stays, the scale of the
 * candidate, and that of h where it enters recurrent products. One thread at a time.
 */
final class NoiseMasks {
    private final CellNoise noise;
    private final int batch;
    private final int size;
    private final int features;
    private final DropoutMask mask = new DropoutMask();
    private final float[] row;

    /** {@code [n, P]}; null where nothing stays, or nothing is scaled, here and below. */
    private final double[] staysH;

    private final double[] recurrent;

    /** {@code [n, H]}. */
    private final double[] staysC;

    private final double[] candidate;

    /**
     * @param size H
     * @param features P, of h
     */
    NoiseMasks(CellNoise noise, int batch, int size, int features) {
        this.noise = noise;
        this.batch = batch;
        this.size = size;
        this.features = features;
        row = new float[size];
        staysH = noise.zoneoutH() > 0 ? new double[batch * features] : null;
        staysC = noise.zoneoutC() > 0 ? new double[batch * size] : null;
        candidate = noise.candidateDropout() > 0 ? new double[batch * size] : null;
        recurrent = noise.recurrentDropout() > 0 ? new double[batch * features] : null;
    }

    /** The share of h before the step that stays, of a unit at a place among states: 0 or 1 where masks are drawn. */
    double staysH(int at) {
        return staysH == null ? 0 : staysH[at];
    }

    double staysC(int at) {
        return staysC == null ? 0 : staysC[at];
    }

    double candidate(int at) {
        return candidate == null ? 1 : candidate[at];
    }

    double recurrent(int at) {
        return recurrent == null ? 1 : recurrent[at];
    }

    /**
     * Takes the masks of a step, or what they are in inference.
     *
     * @param rows of which the first n are meant
     * @param set layer and direction
     * @param drawn whether masks are drawn, from the seed
     */
    void take(int step, int[] rows, int n, int set, boolean drawn, long seed) {
        zoneout(staysH, features, noise.zoneoutH(), CellNoise.Mask.ZONEOUT_H.stream(set), step, rows, n, drawn, seed);
        zoneout(staysC, size, noise.zoneoutC(), CellNoise.Mask.ZONEOUT_C.stream(set), step, rows, n, drawn, seed);
        scale(
                candidate,
                size,
                noise.candidateDropout(),
                CellNoise.Mask.CANDIDATE.stream(set),
                step,
                rows,
                n,
                drawn,
                seed);
        // That of h is the same at every step.
        scale(
                recurrent,
                features,
                noise.recurrentDropout(),
                CellNoise.Mask.RECURRENT.stream(set),
                0,
                rows,
                n,
                drawn,
                seed);
    }

    private void scale(
            double[] scale, int width, float p, int stream, int step, int[] rows, int n, boolean drawn, long seed) {
        if (scale != null && !drawn) {
            Arrays.fill(scale, 1);
        }
        for (int i = 0; i < n && scale != null && drawn; i++) {
            draw(width, p, stream, step, rows[i], seed);
            for (int j = 0; j < width; j++) {
                scale[i * width + j] = row[j];
            }
        }
    }

    private void zoneout(
            double[] stays, int width, float p, int stream, int step, int[] rows, int n, boolean drawn, long seed) {
        if (stays != null && !drawn) {
            Arrays.fill(stays, p);
        }
        for (int i = 0; i < n && stays != null && drawn; i++) {
            draw(width, p, stream, step, rows[i], seed);
            for (int j = 0; j < width; j++) {
                stays[i * width + j] = row[j] == 0 ? 1 : 0;
            }
        }
    }

    private void draw(int width, float p, int stream, int step, int from, long seed) {
        Arrays.fill(row, 1);
        mask.apply(p, seed, stream, ((long) step * batch + from) * width, row, 0, width);
    }
}
