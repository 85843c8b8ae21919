package org.gatefold.doctor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.op.verify.Extent;

/**
 * Everything that an examination found.
 *
 * @param facts what was examined
 * @param extent how much was examined
 * @param findings one of every check of every implementation, in the order in which they ran
 * @param benchmark speeds of recurrent layers; empty if there was no benchmark
 * @param benchmarkOmitted why there was no benchmark; empty if there was one
 */
public record Report(
        Facts facts, Extent extent, List<Finding> findings, List<BenchmarkRow> benchmark, String benchmarkOmitted) {
    public Report {
        findings = List.copyOf(findings);
        benchmark = List.copyOf(benchmark);
    }

    /** True if every check ran and passed. */
    public boolean healthy() {
        return findings.stream().allMatch(finding -> finding.verdict() == Finding.Verdict.PASS);
    }

    /** The benchmark's rows that compete: those of each shape, mode and precision, fastest first. */
    public List<List<BenchmarkRow>> rankings() {
        Map<List<Object>, List<BenchmarkRow>> competitions = new LinkedHashMap<>();
        for (BenchmarkRow row : benchmark) {
            competitions
                    .computeIfAbsent(List.of(row.spec(), row.mode()), competition -> new ArrayList<>())
                    .add(row);
        }
        competitions.values().forEach(rows -> rows.sort(Comparator.comparingDouble(BenchmarkRow::seconds)));
        return List.copyOf(competitions.values());
    }
}
