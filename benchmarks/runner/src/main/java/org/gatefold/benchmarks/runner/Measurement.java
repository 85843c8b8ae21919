package org.gatefold.benchmarks.runner;

import org.gatefold.benchmarks.contract.LstmShape;
import org.gatefold.benchmarks.contract.Pass;

/**
 * What was measured of one contestant in one comparison.
 *
 * @param flops of one iteration
 * @param error largest relative error in the check
 * @param heapBytes allocated in the Java heap per iteration, median of the turns
 * @param peakNativeMib most physical memory beside the Java heap
 */
record Measurement(
        String contestant,
        String shapeName,
        LstmShape shape,
        Pass pass,
        double flops,
        Distribution nanos,
        double error,
        long heapBytes,
        long peakNativeMib) {

    double medianMillis() {
        return nanos.median() / 1e6;
    }

    double gigaflops() {
        return flops / nanos.median();
    }
}
