package org.gatefold.benchmarks.runner;

import java.util.List;
import java.util.Map;

/**
 * What passes do on a simulated device, in place of times.
 *
 * @param entries of the contestants whose results are right
 * @param absent why the others are not counted
 */
record Counted(Heat heat, List<Entry> entries, Map<String, String> absent) {
    /**
     * @param counts of one pass, by name
     * @param error largest relative error in the check
     */
    record Entry(String contestant, Map<String, Long> counts, double error) {}
}
