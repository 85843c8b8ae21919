package org.gatefold.device;

import org.gatefold.tensor.Block;

/**
 * A copy to the host that is asked for in the order of a device's work and waited for later; implemented by backends, used by
 * {@link DownloadSlot} only. One thread at a time.
 */
public interface Download extends AutoCloseable {
    /** Copies floats as they are after the work submitted so far, in the place of those of the call before. */
    void submit(Block source, long offset);

    /** Waits for the copy that was submitted last, and for nothing behind it, and gives what was copied. */
    void await(float[] target);

    /** Gives back what it copies to. */
    @Override
    void close();
}
