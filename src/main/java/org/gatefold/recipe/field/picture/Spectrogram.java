package org.gatefold.recipe.field.picture;

import java.util.List;

/**
 * A recording as shades over time, with what was heard in it, to be drawn.
 *
 * @param file of the picture, without its ending
 * @param title over the picture
 * @param stepSeconds the time from a step to the next
 * @param bands {@code [step][band]}, the lowest first; at least one step
 * @param marks what was heard, in order
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Spectrogram(String file, String title, double stepSeconds, float[][] bands, List<Mark> marks)
        implements Picture {
    /**
     * A word.
     *
     * @param step at which it begins
     * @param word as it is written
     */
    public record Mark(int step, String word) {}
}
