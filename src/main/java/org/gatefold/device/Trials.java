package org.gatefold.device;

import java.util.Optional;
import java.util.function.Supplier;

/**
 * Where implementations are tried that may fail, without the device having failed for others. A service of devices ({@link
 * Device#service}). Thread-safe.
 */
public interface Trials {
    /**
     * Runs a trial by this thread: what it submits is its own, and a failure that a device otherwise tells everyone from then on is told
     * to this thread alone, till the trial ends. Trials of several threads take turns.
     */
    <T> T run(Supplier<T> trial);

    /** Runs a trial on a device, which need not know of any. */
    static <T> T on(Device device, Supplier<T> trial) {
        Optional<Trials> trials = device.service(Trials.class);
        return trials.isPresent() ? trials.get().run(trial) : trial.get();
    }
}
