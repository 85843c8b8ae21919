package org.gatefold.cli.output;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.gatefold.doctor.BenchmarkRow;
import org.gatefold.doctor.Doctor;
import org.gatefold.doctor.ExaminationListener;
import org.gatefold.doctor.Facts;
import org.gatefold.doctor.Finding;
import org.gatefold.doctor.Finding.Verdict;
import org.gatefold.doctor.Report;
import org.gatefold.op.Mode;
import org.gatefold.op.recurrent.RecurrentSpec;

/** Prints what the doctor does and finds, for people, while it happens. One thread. */
public final class DoctorOutput implements ExaminationListener {
    /** Failed checks of a group that are printed one by one. */
    private static final int FAILURES_SHOWN = 3;

    private final PrintWriter out;
    private LiveTable checks;
    private LiveTable layers;
    private BenchmarkRow before;

    public DoctorOutput(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void started(Facts facts) {
        out.println(facts.device() + (facts.simulated() ? " (simulated): " : ": ") + facts.description());
        Table about = new Table("", "");
        facts.machine().forEach(about::row);
        facts.properties().forEach(about::row);
        about.print(out);
        out.println();
        checks = new LiveTable(
                out,
                2,
                "operation                ",
                "implementation            ",
                "checks",
                "worst error",
                "limit",
                "seconds",
                "verdict");
    }

    /** Names what begins, so that one sees where time goes and where an examination hangs. */
    @Override
    public void checking(String operation, String group, String implementation) {
        checks.row(operation + ": " + group, implementation);
    }

    @Override
    public void checked(List<Finding> findings) {
        checks.row(
                String.valueOf(findings.size()),
                worstError(findings),
                String.format(Locale.ROOT, "%.0e", findings.get(0).limit()),
                String.format(
                        Locale.ROOT,
                        "%.2f",
                        findings.stream().mapToDouble(Finding::seconds).sum()),
                verdict(findings));
        printFailures(findings);
    }

    @Override
    public void benchmarking(int rows) {
        out.println();
        out.println("timing " + rows + " LSTM layers on random data (medians by the clock)");
        out.flush();
    }

    @Override
    public void timed(BenchmarkRow row) {
        if (before == null || !samePlace(before, row)) {
            out.println();
            out.println(shape(row.spec()) + ", " + pass(row.mode()));
            layers = new LiveTable(
                    out,
                    2,
                    "precision",
                    "implementation            ",
                    "  µs/step",
                    " TFLOP/s",
                    "% of F32 GEMM",
                    "       ms",
                    "    MiB");
        }
        before = row;
        layers.row(
                row.spec().precision().name(),
                row.implementation(),
                microseconds(row),
                String.format(Locale.ROOT, "%.3f", row.flops() * 1e-12),
                String.format(Locale.ROOT, "%.0f", row.partOfGemm() * 100),
                String.format(Locale.ROOT, "%.3f", row.seconds() * 1e3),
                String.format(Locale.ROOT, "%.1f", row.bytes() / 1048576.0));
    }

    private static boolean samePlace(BenchmarkRow one, BenchmarkRow other) {
        return one.mode() == other.mode()
                && one.spec().equals(other.spec().withPrecision(one.spec().precision()));
    }

    /** What is known at the end only. */
    public void finish(Report report) {
        out.println();
        if (report.benchmarkOmitted().isEmpty()) {
            printFastest(report);
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
        out.flush();
    }

    /** The fastest implementation of each shape, mode and precision, and the next, where there are several. */
    private void printFastest(Report report) {
        Table table = new Table("LSTM layer", "pass", "precision", "µs/step", "next", "fastest");
        boolean several = false;
        for (List<BenchmarkRow> ranking : report.rankings()) {
            if (ranking.size() > 1) {
                BenchmarkRow best = ranking.get(0);
                BenchmarkRow next = ranking.get(1);
                several = true;
                table.row(
                        shape(best.spec()),
                        pass(best.mode()),
                        best.spec().precision().name(),
                        microseconds(best),
                        microseconds(next),
                        best.implementation() + ", before " + next.implementation());
            }
        }
        if (several) {
            table.print(out);
        }
        List<String> wrong = report.findings().stream()
                .filter(finding -> finding.operation().equals(Doctor.RECURRENT))
                .filter(finding -> finding.verdict() != Verdict.PASS)
                .map(Finding::implementation)
                .distinct()
                .toList();
        if (!wrong.isEmpty()) {
            out.println("not timed, since checks failed: " + String.join(", ", wrong));
        }
        report.benchmark().stream()
                .findFirst()
                .ifPresent(row ->
                        out.printf(Locale.ROOT, "F32 GEMM of this run: %.3f TFLOP/s%n", row.gemmFlops() * 1e-12));
    }

    private static String shape(RecurrentSpec spec) {
        return String.format(
                Locale.ROOT, "T%d B%d I%d H%d", spec.steps(), spec.batch(), spec.inputSize(), spec.hiddenSize());
    }

    private static String pass(Mode mode) {
        return mode == Mode.TRAINING ? "fwd+bwd" : "inference";
    }

    private static String microseconds(BenchmarkRow row) {
        return String.format(Locale.ROOT, "%.2f", row.microsecondsPerStep());
    }

    private static long count(List<Finding> findings, Verdict verdict) {
        return findings.stream().filter(finding -> finding.verdict() == verdict).count();
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
        out.flush();
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
}
