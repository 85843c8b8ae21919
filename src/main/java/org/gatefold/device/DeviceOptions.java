package org.gatefold.device;

/**
 * How a device is opened.
 *
 * @param threads CPU threads that operations may use, the caller's included; 0 means all processors
 */
public record DeviceOptions(int threads) {
    /** Set to choose the default number of CPU threads. */
    public static final String THREADS_PROPERTY = "gatefold.threads";

    public DeviceOptions {
        if (threads < 0 || threads > 1024) {
            throw new IllegalArgumentException("threads: expected 0 (all processors) to 1024, got " + threads);
        }
    }

    /** The defaults: {@code -Dgatefold.threads}, or all processors. */
    public static DeviceOptions defaults() {
        String text = System.getProperty(THREADS_PROPERTY, "0");
        try {
            return new DeviceOptions(Integer.parseInt(text.trim()));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "-D" + THREADS_PROPERTY + ": expected a number of threads, got '" + text + "'", e);
        }
    }

    /** The number of threads to use: {@link #threads()}, or the number of processors. */
    public int resolvedThreads() {
        return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    }
}
