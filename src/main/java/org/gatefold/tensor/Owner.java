package org.gatefold.tensor;

/** Says whether a tensor's memory is still there; implemented by the scope that owns it. */
public interface Owner {
    /** A number that changes whenever all memory handed out before becomes invalid. */
    long epoch();

    /** Whether the call that the thread is in is known to keep this from being closed. */
    boolean isKept();

    /**
     * Checks that memory handed out at {@code epoch} is still valid.
     *
     * @throws IllegalStateException naming the tensor and the scope, if the scope was closed or reset since
     */
    void requireAlive(long epoch, String tensor);
}
