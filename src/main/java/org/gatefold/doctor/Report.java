package org.gatefold.doctor;

import java.util.List;
import java.util.Map;

/**
 * Everything that an examination found.
 *
 * @param machine the computer and the program: name to value
 * @param device the device's name
 * @param description the device in words
 * @param properties hardware, drivers and libraries of the device: name to value
 * @param extent how much was examined
 * @param findings one of every check of every implementation, in the order in which they ran
 * @param benchmark speeds of recurrent layers; empty if there was no benchmark
 * @param benchmarkOmitted why there was no benchmark; empty if there was one
 */
public record Report(
        Map<String, String> machine,
        String device,
        String description,
        Map<String, String> properties,
        Extent extent,
        List<Finding> findings,
        List<BenchmarkRow> benchmark,
        String benchmarkOmitted) {
    public Report {
        findings = List.copyOf(findings);
        benchmark = List.copyOf(benchmark);
    }

    /** True if every check ran and passed. */
    public boolean healthy() {
        return findings.stream().allMatch(finding -> finding.verdict() == Finding.Verdict.PASS);
    }
}
