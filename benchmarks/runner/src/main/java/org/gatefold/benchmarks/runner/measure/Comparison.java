package org.gatefold.benchmarks.runner.measure;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.gatefold.benchmarks.runner.heat.Contestants;
import org.gatefold.benchmarks.runner.heat.Heat;

/**
 * The outcome of one interleaved run of all contestants.
 *
 * @param measurements of the contestants that took part, in the order of their turns
 * @param absent why the others did not
 * @param ceilingGigaflops rate of the matrix product in the same run; NaN if it was left out
 * @param pingPongNanos round trip between two cores before and after
 * @param othersPercent of the machine's processor time that other processes used meanwhile
 */
public record Comparison(
        Heat heat,
        List<Measurement> measurements,
        Map<String, String> absent,
        double ceilingGigaflops,
        double pingPongNanos,
        double othersPercent) {

    /** Whom ratios refer to: Gatefold in single precision if it took part, else the first. */
    public Optional<Measurement> baseline() {
        return measurements.stream()
                .filter(measurement -> measurement.contestant().equals(Contestants.GATEFOLD))
                .findFirst()
                .or(() -> measurements.stream().findFirst());
    }

    public double ceilingPercent(Measurement measurement) {
        return 100 * measurement.gigaflops() / ceilingGigaflops;
    }
}
