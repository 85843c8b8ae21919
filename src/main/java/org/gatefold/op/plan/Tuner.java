package org.gatefold.op.plan;

import java.util.List;
import java.util.Optional;
import org.gatefold.device.Device;
import org.gatefold.op.Mode;

/**
 * Decides between implementations that all take a spec; a service of devices on which only a measurement can tell.
 * Thread-safe.
 */
public interface Tuner {
    /**
     * What was decided.
     *
     * @param op the candidate to take; empty if all were rejected
     * @param rejected candidates that must not be taken, each with its name and the reason
     */
    record Decision<O>(Optional<O> op, List<String> rejected) {
        public Decision {
            rejected = List.copyOf(rejected);
        }
    }

    /**
     * Decides. May run the candidates in scopes of its own, which are closed when it returns, and may remember its
     * decisions.
     *
     * @param device the device that the candidates run on
     * @param candidates at least two, which all take the spec; preferred first
     */
    <O extends PlannedOp<S, P>, S, P extends Plan> Decision<O> decide(
            Device device, Family<O, S, P> family, List<O> candidates, S spec, Mode mode);
}
