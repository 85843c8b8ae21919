package org.gatefold.train;

/**
 * One finished update.
 *
 * @param epoch counted from 0
 * @param batch of the epoch, counted from 0: the last one of this update
 * @param batches in an epoch
 * @param step updates done since the beginning of training, this one included
 * @param rows sequences in this update
 * @param steps valid steps of these sequences
 * @param loss mean over the update's batches, before the update
 * @param gradientNorm Euclidean norm of all gradients, before clipping by norm
 * @param learningRate of this update
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
        float learningRate) {}
