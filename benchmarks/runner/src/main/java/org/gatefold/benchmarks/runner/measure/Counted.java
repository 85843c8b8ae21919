package org.gatefold.benchmarks.runner.measure;

import java.util.List;
import java.util.Map;
import org.gatefold.benchmarks.runner.heat.Heat;

/**
 * What passes do on a simulated device, in place of times.
 *
 * @param entries of the contestants whose results are right
 * @param absent why the others are not counted
 */
public record Counted(Heat heat, List<Entry> entries, Map<String, String> absent) {
    /**
     * @param counts of one pass, by name
     * @param error largest relative error in the check
     */
    public record Entry(String contestant, Map<String, Long> counts, double error) {}
}
