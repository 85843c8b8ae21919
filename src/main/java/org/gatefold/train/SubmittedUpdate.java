package org.gatefold.train;

import java.util.List;
import org.gatefold.op.optimizer.Segments;
import org.gatefold.tensor.Tensor;

/**
 * An update that was given to the device, which makes it unless something is not finite, or the update before was not made.
 *
 * @param epoch for messages
 * @param batch for messages
 * @param number of this update, counted from 1
 * @param turn where its results are
 * @param weights of its passes
 * @param weight sum of the weights that the loss is a mean over, of all replicas
 * @param meanLoss of all replicas; null without them: the device tells it
 * @param lossScale by which its loss was multiplied
 * @param parts of the gradients, of which each has a sum of squares
 * @param squares these sums
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record SubmittedUpdate(
        int epoch,
        int batch,
        long number,
        UpdateResults.Turn turn,
        double[] weights,
        double weight,
        Double meanLoss,
        LossScale.Position lossScale,
        List<Segments.Segment> parts,
        Tensor squares) {

    /**
     * What came of an update.
     *
     * @param made false if it was skipped because gradients were not finite, and the loss scale made smaller
     * @param loss mean over its batches, before the change
     * @param gradientNorm Euclidean norm of all gradients before clipping, without the loss scale
     */
    record Outcome(boolean made, double loss, float gradientNorm) {}

    /** The mean of losses that the device tells, unless it is known. */
    double meanLoss(float[] losses) {
        return meanLoss != null ? meanLoss : mean(losses, weights, weights.length, weight);
    }

    /** A mean of losses of some passes, the first ones, by their weights, whose sum is given. */
    static double mean(float[] losses, double[] weights, int passes, double weight) {
        double sum = 0;
        for (int i = 0; i < passes; i++) {
            sum += weights[i] * losses[i];
        }
        return weight > 0 ? sum / weight : 0;
    }

    /** The first parameter whose gradient has a value that is not finite, or a norm too large for a float; empty if none has. */
    String firstNotFinite() {
        float[] sums = squares.toFloats();
        for (int i = 0; i < sums.length; i++) {
            if (!Float.isFinite(sums[i])) {
                return parts.get(i).name();
            }
        }
        return "";
    }
}
