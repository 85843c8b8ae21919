package org.gatefold.layer;

/** A layer that no stream can run, as it needs whole sequences. */
public abstract class WholeSequenceLayer extends Layer {
    private final String why;

    /** @param why streams refuse it, as a sentence about the layer goes on */
    protected WholeSequenceLayer(String why) {
        this.why = why;
    }

    @Override
    protected final void stream(StreamStates states) {
        throw states.refusal(this, why);
    }
}
