package org.gatefold.train.report;

/**
 * One finished update, or one that was skipped.
 *
 * @param epoch counted from 0
 * @param batch of the epoch, counted from 0: the last one of this update
 * @param batches in an epoch
 * @param step updates done since the beginning of training, this one included if it was done
 * @param rows sequences in this update; of several workers, this one's
 * @param steps valid steps of these sequences
 * @param loss mean over the update's batches, before the update; of several workers that exchange gradients, over those of all
 * @param gradientNorm Euclidean norm of all gradients, before clipping by norm and without the loss scale
 * @param learningRate of this update
 * @param lossScale by which the loss was multiplied; 1 without loss scaling
 * @param skipped true if the update was not made because gradients were not finite; the loss scale is smaller from here on
 */
public record StepReport(
        int epoch,
        int batch,
        int batches,
        long step,
        int rows,
        long steps,
        float loss,
        float gradientNorm,
        float learningRate,
        float lossScale,
        boolean skipped) {}
