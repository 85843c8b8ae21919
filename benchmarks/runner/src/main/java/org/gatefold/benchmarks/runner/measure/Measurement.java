package org.gatefold.benchmarks.runner.measure;

/**
 * What was measured of one contestant in one comparison.
 *
 * @param flops of one iteration
 * @param error largest relative error in the check
 * @param heapBytes allocated in the Java heap per iteration, median of the turns
 * @param peakNativeMib most physical memory beside the Java heap
 * @param deviceBytes of the device; 0 on the host
 */
public record Measurement(
        String contestant,
        double flops,
        Distribution nanos,
        double error,
        long heapBytes,
        long peakNativeMib,
        long deviceBytes) {

    public double medianMillis() {
        return nanos.median() / 1e6;
    }

    public double microsPerStep(int steps) {
        return nanos.median() / 1e3 / steps;
    }

    public double gigaflops() {
        return flops / nanos.median();
    }
}
