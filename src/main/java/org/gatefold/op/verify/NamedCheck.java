package org.gatefold.op.verify;

import org.gatefold.device.Operation;

/**
 * One check with its place in the report.
 *
 * @param group what belongs together in a summary
 * @param title what exactly is called
 * @param limit the relative error that is allowed
 * @param <O> the operation's contract
 */
public record NamedCheck<O extends Operation>(String group, String title, double limit, Check<O> check) {
    /** The relative error of operations in single precision. */
    public static final double SINGLE = 1e-5;

    public NamedCheck(String group, String title, Check<O> check) {
        this(group, title, SINGLE, check);
    }
}
