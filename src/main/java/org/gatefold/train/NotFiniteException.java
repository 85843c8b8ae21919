package org.gatefold.train;

/** A loss or a gradient is infinite or not a number; the update was not made, so the weights are as before. */
public final class NotFiniteException extends ArithmeticException {
    private static final long serialVersionUID = 1L;

    private final long step;
    private final String parameter;

    NotFiniteException(String message, long step, String parameter) {
        super(message);
        this.step = step;
        this.parameter = parameter;
    }

    /** The update that was not made, counted from 1. */
    public long step() {
        return step;
    }

    /** The first parameter whose gradient is not finite; empty if all gradients are finite and the loss is not. */
    public String parameter() {
        return parameter;
    }
}
