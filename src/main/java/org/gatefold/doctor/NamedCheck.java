package org.gatefold.doctor;

import org.gatefold.device.Operation;
import org.gatefold.op.verify.Check;

/**
 * One check with its place in the report.
 *
 * @param group what belongs together in a summary
 * @param title what exactly is called
 * @param limit the relative error that is allowed
 * @param <O> the operation's contract
 */
record NamedCheck<O extends Operation>(String group, String title, double limit, Check<O> check) {
    /** The relative error of operations in single precision. */
    static final double SINGLE = 1e-5;

    NamedCheck(String group, String title, Check<O> check) {
        this(group, title, SINGLE, check);
    }
}
