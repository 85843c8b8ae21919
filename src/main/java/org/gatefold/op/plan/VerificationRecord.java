package org.gatefold.op.plan;

import java.util.Optional;

/**
 * Remembers, from one process to the next, which implementations gave wrong results on the hardware at hand, so that they
 * are not chosen there; a service of devices. Implementations go by their {@linkplain Family#qualified qualified} names.
 * Thread-safe.
 */
public interface VerificationRecord {
    /** When and how an implementation failed here; empty if it did not, or passed since. */
    Optional<String> failure(String implementation);

    /** Records that an implementation gave wrong results here. */
    void failed(String implementation, String reason);

    /** Records that an implementation passed every check here, which clears a failure. */
    void passed(String implementation);
}
