package org.gatefold.op.recurrent;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.op.Arguments;

/**
 * Random masks inside a cell in training, drawn anew for every step but for that of h; the same in all layers, each of which
 * draws its own. They follow from nothing but the seed of a pass, the layer and direction, and the position: see
 * {@link Mask}. Immutable.
 *
 * @param zoneoutH probability that a unit's h stays what it was before the step (Krueger et al. 2017); in inference the
 *     share of it that stays
 * @param zoneoutC the same of an LSTM's cell state
 * @param candidateDropout probability of dropping a unit of what is offered to the state, g of an LSTM, n of a GRU, the
 *     function of a plain cell (Semeniuta et al. 2016); the others are multiplied with 1 / (1 - p); in training only
 * @param recurrentDropout probability of dropping a unit of h on its way into the recurrent products; the others are
 *     multiplied with 1 / (1 - p); in training only. One mask holds for all steps of a row and for all gates (Gal and
 *     Ghahramani 2016; Keras {@code recurrent_dropout}, whose {@code implementation=1} has a mask for every gate). What of h
 *     reaches the state otherwise, as z·h of a GRU, is not dropped
 * @param drawn whether passes for training draw masks; false lets them compute as inference does, with gradients
 */
public record CellNoise(float zoneoutH, float zoneoutC, float candidateDropout, float recurrentDropout, boolean drawn) {
    /** No masks. */
    public static final CellNoise NONE = new CellNoise(0f, 0f, 0f, 0f, true);

    private static final int STREAM_BITS = 24;

    /**
     * A mask. Its words are those of {@link org.gatefold.op.Philox} with the seed of the pass as key; element (t·B + b)·H + j
     * belongs to step t in time, row b and unit j, and of {@link #RECURRENT} element b·H + j to all steps; it falls out where
     * the word as a number in [0, 1) is below the probability.
     */
    public enum Mask {
        ZONEOUT_H(1),
        ZONEOUT_C(2),
        CANDIDATE(3),
        RECURRENT(4);

        private final int code;

        Mask(int code) {
            this.code = code;
        }

        /**
         * The stream of a layer and direction, which is none of the dropout between layers.
         *
         * @param set layer·D + direction
         */
        public int stream(int set) {
            return code << STREAM_BITS | set;
        }
    }

    public CellNoise {
        Arguments.requireProbability("zoneoutH", zoneoutH);
        Arguments.requireProbability("zoneoutC", zoneoutC);
        Arguments.requireProbability("candidateDropout", candidateDropout);
        Arguments.requireProbability("recurrentDropout", recurrentDropout);
        drawn = drawn || !(zoneoutH > 0 || zoneoutC > 0 || candidateDropout > 0 || recurrentDropout > 0);
    }

    public CellNoise withZoneout(float h, float c) {
        return new CellNoise(h, c, candidateDropout, recurrentDropout, drawn);
    }

    public CellNoise withCandidateDropout(float p) {
        return new CellNoise(zoneoutH, zoneoutC, p, recurrentDropout, drawn);
    }

    public CellNoise withRecurrentDropout(float p) {
        return new CellNoise(zoneoutH, zoneoutC, candidateDropout, p, drawn);
    }

    /** What is left where nothing is drawn: the shares of zoneout. */
    public CellNoise inference() {
        return new CellNoise(zoneoutH, zoneoutC, 0f, 0f, false);
    }

    /** What departs, as {@code zoneout 0.1 0.5}; empty without noise. */
    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        if (zoneoutH > 0 || zoneoutC > 0) {
            parts.add("zoneout " + zoneoutH + " " + zoneoutC);
        }
        if (candidateDropout > 0) {
            parts.add("candidate dropout " + candidateDropout);
        }
        if (recurrentDropout > 0) {
            parts.add("recurrent dropout " + recurrentDropout);
        }
        if (!drawn) {
            parts.add("not drawn");
        }
        return String.join(", ", parts);
    }
}
