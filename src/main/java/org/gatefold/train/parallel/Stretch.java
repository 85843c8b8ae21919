package org.gatefold.train.parallel;

/**
 * Some elements of a flat tensor, one behind the other.
 *
 * @param from the first one
 * @param count at least 1
 */
public record Stretch(int from, int count) {
    /** The part of one of several workers; parts may be empty. */
    int first(int worker, int workers) {
        return from + (int) ((long) count * worker / workers);
    }
}
