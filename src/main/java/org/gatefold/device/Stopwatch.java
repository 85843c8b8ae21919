package org.gatefold.device;

/**
 * Times work on one device by that device's own clock. One thread at a time; nothing else may be submitted to the device between
 * start and stop. Close it before the device.
 */
public interface Stopwatch extends AutoCloseable {
    /** Starts behind everything that was submitted before. */
    void start();

    /** Waits for everything submitted since {@link #start} and tells how long it took, in milliseconds. */
    double stopMillis();

    @Override
    void close();
}
