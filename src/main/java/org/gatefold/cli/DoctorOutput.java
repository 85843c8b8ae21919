package org.gatefold.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.gatefold.device.Device;
import org.gatefold.doctor.BenchmarkRow;
import org.gatefold.doctor.Finding;
import org.gatefold.doctor.Finding.Verdict;
import org.gatefold.doctor.Report;
import org.gatefold.op.Mode;
import org.gatefold.op.RecurrentSpec;

/** Prints what the doctor found, for people. One thread. */
final class DoctorOutput {
    /** Failed checks of a group that are printed one by one. */
    private static final int FAILURES_SHOWN = 3;

    private final PrintWriter out;

    DoctorOutput(PrintWriter out) {
        this.out = out;
    }

    void print(Report report) {
        boolean simulated = report.properties().containsKey(Device.SIMULATED);
        out.println(report.device() + (simulated ? " (simulated): " : ": ") + report.description());
        Table about = new Table("", "");
        report.machine().forEach(about::row);
        report.properties().forEach(about::row);
        about.print(out);
        out.println();
        printChecks(report.findings());
        out.println();
        if (report.benchmarkOmitted().isEmpty()) {
            printBenchmark(report.benchmark());
        } else {
            out.println("no benchmark: " + report.benchmarkOmitted());
        }
        out.println();
        long failed = count(report.findings(), Verdict.FAIL);
        long notRun = count(report.findings(), Verdict.NOT_RUN);
        int all = report.findings().size();
        out.println(
                report.healthy()
                        ? "all " + all + " checks passed"
                        : failed + " of " + all + " checks failed" + (notRun == 0 ? "" : ", " + notRun + " not run"));
        report.findings().stream()
                .filter(finding -> finding.verdict() == Verdict.NOT_RUN)
                .map(Finding::reason)
                .distinct()
                .forEach(reason -> out.println("not run: " + reason));
    }

    private static long count(List<Finding> findings, Verdict verdict) {
        return findings.stream().filter(finding -> finding.verdict() == verdict).count();
    }

    /** One line for every group of checks, and below them the first that failed in each group. */
    private void printChecks(List<Finding> findings) {
        Map<List<String>, List<Finding>> groups = new LinkedHashMap<>();
        for (Finding finding : findings) {
            groups.computeIfAbsent(
                            List.of(finding.operation(), finding.group(), finding.implementation()),
                            group -> new ArrayList<>())
                    .add(finding);
        }
        Table table = new Table("operation", "implementation", "checks", "worst error", "limit", "verdict");
        groups.forEach((group, own) -> table.row(
                group.get(0) + ": " + group.get(1),
                group.get(2),
                String.valueOf(own.size()),
                worstError(own),
                String.format(Locale.ROOT, "%.0e", own.get(0).limit()),
                verdict(own)));
        table.print(out);
        groups.values().forEach(this::printFailures);
    }

    private void printFailures(List<Finding> group) {
        group.stream()
                .filter(finding -> finding.verdict() == Verdict.FAIL)
                .limit(FAILURES_SHOWN)
                .forEach(finding -> out.println("FAIL " + finding.implementation() + ", " + finding.operation() + ": "
                        + finding.group() + ", " + finding.check() + ": " + finding.reason()));
        long hidden = count(group, Verdict.FAIL) - FAILURES_SHOWN;
        if (hidden > 0) {
            out.println("     and " + hidden + " more like these; --json lists all");
        }
    }

    private static String worstError(List<Finding> findings) {
        double worst = findings.stream()
                .mapToDouble(Finding::error)
                .filter(error -> !Double.isNaN(error))
                .max()
                .orElse(Double.NaN);
        return Double.isNaN(worst) ? "-" : String.format(Locale.ROOT, "%.1e", worst);
    }

    private static String verdict(List<Finding> findings) {
        long failed = count(findings, Verdict.FAIL);
        long notRun = count(findings, Verdict.NOT_RUN);
        if (failed > 0) {
            return "FAIL (" + failed + ")";
        }
        return notRun > 0 ? "not run (" + notRun + ")" : "PASS";
    }

    private void printBenchmark(List<BenchmarkRow> rows) {
        Table table = new Table(
                "LSTM layer",
                "pass",
                "precision",
                "ms",
                "µs/step",
                "TFLOP/s",
                "% of F32 GEMM",
                "MiB",
                "implementation");
        for (BenchmarkRow row : rows) {
            RecurrentSpec spec = row.spec();
            table.row(
                    String.format(
                            Locale.ROOT,
                            "T%d B%d I%d H%d",
                            spec.steps(),
                            spec.batch(),
                            spec.inputSize(),
                            spec.hiddenSize()),
                    row.mode() == Mode.TRAINING ? "fwd+bwd" : "inference",
                    spec.precision().name(),
                    String.format(Locale.ROOT, "%.3f", row.seconds() * 1e3),
                    String.format(Locale.ROOT, "%.2f", row.microsecondsPerStep()),
                    String.format(Locale.ROOT, "%.3f", row.flops() * 1e-12),
                    String.format(Locale.ROOT, "%.0f", row.partOfGemm() * 100),
                    String.format(Locale.ROOT, "%.1f", row.bytes() / 1048576.0),
                    row.implementation());
        }
        table.print(out);
        if (!rows.isEmpty()) {
            out.printf(
                    Locale.ROOT,
                    "F32 GEMM of this run: %.3f TFLOP/s; medians by the clock%n",
                    rows.get(0).gemmFlops() * 1e-12);
        }
    }
}
