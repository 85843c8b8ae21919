package org.gatefold.op.recurrent;

import java.util.List;
import java.util.Optional;
import org.gatefold.device.Device;
import org.gatefold.device.Operation;
import org.gatefold.op.Mode;

/**
 * Decides between implementations of recurrent layers that all take a spec; offered by devices on which only a measurement
 * can tell. Thread-safe.
 */
public interface RecurrentTuner extends Operation {
    /**
     * What was decided.
     *
     * @param op the candidate to take; empty if all were rejected
     * @param rejected candidates that must not be taken, each with its name and the reason
     */
    record Choice(Optional<RecurrentOp> op, List<String> rejected) {
        public Choice {
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
    Choice choose(Device device, List<RecurrentOp> candidates, RecurrentSpec spec, Mode mode);
}
