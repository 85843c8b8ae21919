package org.gatefold.op.verify;

import org.gatefold.device.Operation;

/**
 * One way to call an operation, which gives the same results on every implementation. Stateless.
 *
 * @param <O> the operation's contract
 */
@FunctionalInterface
public interface Check<O extends Operation> {
    /**
     * Makes arguments and plans on a workbench.
     *
     * @return the calls, which may be run again and again on them
     */
    Runnable prepare(O op, Workbench bench);
}
