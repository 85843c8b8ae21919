package org.gatefold.data;

/**
 * Shows a row of numbers otherwise each time that it is learnt from, such as an image a little moved. Implementations are
 * thread-safe and do not change; equal descriptions mean equal changes.
 */
public interface Augmentation {
    /**
     * Changes one row in place.
     *
     * @param values whose elements from 0 to below {@code count} are the row: {@code [step, element]} of a sequence, else
     *     {@code [element]}
     * @param count elements of the row, at least 1; all finite, and so they must stay
     * @param draws differ from row to row and epoch to epoch, and are the same in every run
     */
    void change(float[] values, int count, RandomDraws draws);

    /** What it does, in words; part of what a checkpoint is held to when training is gone on with. */
    String description();
}
