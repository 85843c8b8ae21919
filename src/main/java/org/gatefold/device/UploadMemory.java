package org.gatefold.device;

/**
 * A memory whose blocks are written beside the work of its device, in an order of their own; implemented by backends, used
 * by {@link UploadSlot} only. Its name is that of the device's memory. One thread at a time.
 */
public interface UploadMemory extends Memory, AutoCloseable {
    /** Begins to copy what was written before, if that has not begun. */
    void send();

    /** Work submitted from here on sees all that was written before. */
    void ready();

    /** What is written from here on waits for the work submitted so far. */
    void release();

    /** Gives back what orders the writes; blocks are freed before. */
    @Override
    void close();
}
