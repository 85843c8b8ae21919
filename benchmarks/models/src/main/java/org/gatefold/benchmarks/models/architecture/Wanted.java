package org.gatefold.benchmarks.models.architecture;

/** What a model answers. */
public enum Wanted {
    /** A class of each row, by cross-entropy. */
    CLASS,
    /** A class of each step, by cross-entropy. */
    CLASSES,
    /** A number of each row, by the mean of squares. */
    NUMBER
}
