package org.gatefold.op.crf;

import org.gatefold.device.Operation;
import org.gatefold.op.Arguments;
import org.gatefold.tensor.Call;
import org.gatefold.tensor.ElementType;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * Linear-chain conditional random field (Lafferty et al. 2001): labels k of a row of L steps score {@code start[k[0]] + Σ e[t, k[t]] +
 * Σ transitions[k[t-1], k[t]] + end[k[L-1]]}, and have the probability exp(score) / Z, Z being the sum of exp(score) over all sequences.
 * Sums are in double precision and a fixed order. Thread-safe.
 *
 * <p>A score of −∞ forbids: such sequences have no part in Z, no gradient, and are never the best one. Rows of no steps have the log
 * probability 0.
 */
public interface CrfOp extends Operation {
    /**
     * Log probabilities of given labels.
     *
     * @param emissions {@code [T, B, K]}, read where valid
     * @param lengths valid steps of each row; null means T for all
     * @param labels {@code [T, B]}, each in 0 to K-1, read where valid
     * @param y {@code [B]}, written; NaN for a row with a label that there is not, −∞ for a forbidden sequence
     */
    default void logLikelihood(CrfScores scores, Tensor emissions, Lengths lengths, Tensor labels, Tensor y) {
        Call call = Call.begin(emissions);
        try {
            Shape shape = check(scores, emissions, lengths, labels);
            Arguments.requireF32("y", y, shape.dim(1));
            Arguments.requireSameMemory(emissions.memory(), y);
            Arguments.requireDisjoint("y", y, scores.transitions(), scores.start(), scores.end(), emissions, labels);
            computeLogLikelihood(new LikelihoodArguments(scores, emissions, lengths, labels, y));
        } finally {
            call.end();
        }
    }

    /**
     * Gradients of log probabilities. Rows whose dy is 0 have none, whatever they hold; those of others without a finite log probability
     * are NaN.
     *
     * @param dy {@code [B]}, gradient of y, read
     * @param dEmissions {@code [T, B, K]}, written, 0 behind the lengths
     * @param dScores accumulated
     */
    default void logLikelihoodBackward(
            CrfScores scores,
            Tensor emissions,
            Lengths lengths,
            Tensor labels,
            Tensor dy,
            Tensor dEmissions,
            CrfScores dScores) {
        Call call = Call.begin(emissions);
        try {
            Shape shape = check(scores, emissions, lengths, labels);
            Arguments.requireF32("dy", dy, shape.dim(1));
            Arguments.requireF32("dEmissions", dEmissions, shape);
            Arguments.requireGiven("dScores", dScores);
            dScores.require("dScores.", shape.dim(2), emissions.memory());
            Arguments.requireSameMemory(emissions.memory(), dy, dEmissions);
            Tensor[] read = {scores.transitions(), scores.start(), scores.end(), emissions, labels, dy};
            Arguments.requireDisjoint("dEmissions", dEmissions, read);
            Arguments.requireDisjoint("dScores.transitions", dScores.transitions(), read);
            Arguments.requireDisjoint("dScores.start", dScores.start(), read);
            Arguments.requireDisjoint("dScores.end", dScores.end(), read);
            Arguments.requireDisjoint("dScores.transitions", dScores.transitions(), dEmissions);
            Arguments.requireDisjoint("dScores.start", dScores.start(), dEmissions, dScores.transitions());
            Arguments.requireDisjoint("dScores.end", dScores.end(), dEmissions, dScores.transitions(), dScores.start());
            computeLogLikelihoodBackward(
                    new LikelihoodGradients(scores, emissions, lengths, labels, dy, dEmissions, dScores));
        } finally {
            call.end();
        }
    }

    /**
     * The labels of the highest score (Viterbi 1967); of equal scores, from the last step to the first, that of the lowest label.
     *
     * @param emissions {@code [T, B, K]}, read where valid
     * @param lengths valid steps of each row; null means T for all
     * @param path {@code [T, B]} of I32, written: labels, -1 behind the lengths and all along a row without a sequence that is allowed
     * @param best {@code [B]}, written: the score; 0 for a row of no steps, −∞ for one without a sequence that is allowed
     */
    default void decode(CrfScores scores, Tensor emissions, Lengths lengths, Tensor path, Tensor best) {
        Call call = Call.begin(emissions);
        try {
            Shape shape = check(scores, emissions, lengths);
            Arguments.requireI32("path", path, shape.dim(0), shape.dim(1));
            Arguments.requireF32("best", best, shape.dim(1));
            Arguments.requireSameMemory(emissions.memory(), path, best);
            Tensor[] read = {scores.transitions(), scores.start(), scores.end(), emissions};
            Arguments.requireDisjoint("path", path, read);
            Arguments.requireDisjoint("best", best, read);
            Arguments.requireDisjoint("best", best, path);
            computeDecode(new DecodeArguments(scores, emissions, lengths, path, best));
        } finally {
            call.end();
        }
    }

    private static Shape check(CrfScores scores, Tensor emissions, Lengths lengths) {
        Arguments.requireGiven("scores", scores);
        Shape shape = Arguments.requireRank("emissions", emissions, 3, "[T, B, K]");
        scores.require("", shape.dim(2), emissions.memory());
        Arguments.optionalLengths(lengths, shape.dim(0), shape.dim(1), emissions.memory());
        return shape;
    }

    private static Shape check(CrfScores scores, Tensor emissions, Lengths lengths, Tensor labels) {
        Shape shape = check(scores, emissions, lengths);
        Arguments.requireTensor("labels", labels, ElementType.I32);
        Shape.require("labels", labels.shape(), shape.dim(0), shape.dim(1));
        Arguments.requireSameMemory(emissions.memory(), labels);
        return shape;
    }

    /** What {@link #logLikelihood} was given. */
    record LikelihoodArguments(CrfScores scores, Tensor emissions, Lengths lengths, Tensor labels, Tensor y) {}

    /** Implemented by backends; arguments are checked. */
    void computeLogLikelihood(LikelihoodArguments given);

    /** What {@link #logLikelihoodBackward} was given. */
    record LikelihoodGradients(
            CrfScores scores,
            Tensor emissions,
            Lengths lengths,
            Tensor labels,
            Tensor dy,
            Tensor dEmissions,
            CrfScores dScores) {}

    /** Implemented by backends; arguments are checked. */
    void computeLogLikelihoodBackward(LikelihoodGradients given);

    /** What {@link #decode} was given. */
    record DecodeArguments(CrfScores scores, Tensor emissions, Lengths lengths, Tensor path, Tensor best) {}

    /** Implemented by backends; arguments are checked. */
    void computeDecode(DecodeArguments given);
}
