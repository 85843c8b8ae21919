package org.gatefold.benchmarks.operations;

/** What is timed. */
enum Pass {
    /** Forward as in inference: nothing is kept for a backward pass. */
    FORWARD("forward"),
    /** Forward and backward from a given gradient, or a whole update. */
    TRAINING("training");

    final String label;

    Pass(String label) {
        this.label = label;
    }
}
