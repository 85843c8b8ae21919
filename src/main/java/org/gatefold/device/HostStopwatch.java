package org.gatefold.device;

/** The host's clock, for devices whose work is done when its call returns. */
final class HostStopwatch implements Stopwatch {
    private long start;

    @Override
    public void start() {
        start = System.nanoTime();
    }

    @Override
    public double stopMillis() {
        return (System.nanoTime() - start) * 1e-6;
    }

    @Override
    public void close() {}
}
