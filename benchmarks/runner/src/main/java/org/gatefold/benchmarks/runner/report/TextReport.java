package org.gatefold.benchmarks.runner.report;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.gatefold.benchmarks.contract.Cell;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.runner.heat.BenchmarkSettings;
import org.gatefold.benchmarks.runner.heat.DeviceChoice;
import org.gatefold.benchmarks.runner.heat.Heat;
import org.gatefold.benchmarks.runner.measure.Comparison;
import org.gatefold.benchmarks.runner.measure.Counted;
import org.gatefold.benchmarks.runner.measure.Measurement;
import org.gatefold.benchmarks.runner.measure.StartTimes;
import org.gatefold.benchmarks.runner.measure.Sweep;

/** Writes results as text tables. Mutable; for one thread. */
public final class TextReport {
    private static final int NAME_WIDTH = 14;

    private final StringBuilder text = new StringBuilder();

    public void environment(Map<String, String> facts, String quiet, BenchmarkSettings settings) {
        line("%s, %s cores, %s; %s", facts.get("processor"), facts.get("cores"), facts.get("memory"), facts.get("jvm"));
        line("commit %s, %s; machine %s", facts.get("commit"), facts.get("date"), quiet);
        settings.device().ifPresent(device -> line("on %s", device));
        if (settings.device().map(DeviceChoice::simulated).orElse(false)) {
            return;
        }
        line(
                "%d threads each; %d rounds of %d ms per contestant, taken in turn",
                settings.threads(), settings.rounds(), settings.turnMillis());
    }

    public void comparison(Comparison comparison) {
        line("");
        if (comparison.heat().precision().isPresent()) {
            line("%s; %s", heading(comparison.heat()), DeviceTable.heading(comparison));
            DeviceTable.measured(comparison).forEach(this::append);
        } else {
            onHost(comparison);
        }
        absent(comparison.heat(), comparison.absent());
    }

    public void counted(Counted counted) {
        line("");
        append(heading(counted.heat()));
        DeviceTable.counted(counted).forEach(this::append);
        absent(counted.heat(), counted.absent());
    }

    private void onHost(Comparison comparison) {
        line(
                "%s; matrix product %.0f GFLOP/s, core to core and back %.0f ns, others used %.0f %%",
                heading(comparison.heat()),
                comparison.ceilingGigaflops(),
                comparison.pingPongNanos(),
                comparison.othersPercent());
        String baseline = comparison.baseline().map(Measurement::contestant).orElse("");
        line(
                "  %-14s %9s %9s %9s %8s %7s %12s %11s %8s %8s",
                "", "median ms", "p10", "p90", "GFLOP/s", "% gemm", "/" + baseline, "heap B/step", "nat. MiB", "error");
        for (Measurement measurement : comparison.measurements()) {
            line(
                    "  %-14s %9s %9s %9s %8.1f %7.1f %12s %11d %8d %8.0e",
                    measurement.contestant(),
                    millis(measurement.medianMillis()),
                    millis(measurement.nanos().quantile(0.1) / 1e6),
                    millis(measurement.nanos().quantile(0.9) / 1e6),
                    measurement.gigaflops(),
                    comparison.ceilingPercent(measurement),
                    String.format(
                            Locale.ROOT,
                            "%.2fx",
                            measurement.medianMillis()
                                    / comparison.baseline().get().medianMillis()),
                    measurement.heapBytes(),
                    measurement.peakNativeMib(),
                    measurement.error());
        }
    }

    public void checks(Heat heat, Map<String, String> outcomes) {
        line("");
        append(heading(heat));
        absent(heat, outcomes);
    }

    private void absent(Heat heat, Map<String, String> reasons) {
        int width = heat.precision().isPresent() ? DeviceTable.NAME_WIDTH : NAME_WIDTH;
        reasons.forEach((name, reason) -> line("  %-" + width + "s %s", name, reason));
    }

    private static String heading(Heat heat) {
        return heat.shapeName() + " " + sizes(heat.shape()) + ", " + heat.pass().label()
                + heat.precision().map(precision -> " in " + precision).orElse("");
    }

    public void startTimes(List<StartTimes.StartTime> times) {
        line("");
        line("From JVM start to first result (S1 inference), ms");
        for (StartTimes.StartTime time : times) {
            line(
                    "  %-14s %6.0f  (%.0f to %.0f)",
                    time.contestant(),
                    time.nanos().median() / 1e6,
                    time.nanos().quantile(0) / 1e6,
                    time.nanos().quantile(1) / 1e6);
        }
    }

    public void sweep(Sweep.Line sweep) {
        StringBuilder points = new StringBuilder();
        for (Sweep.Point point : sweep.points()) {
            points.append(String.format(
                    Locale.ROOT,
                    "  %d: %s ms (%.4f each)",
                    point.value(),
                    millis(point.medianMillis()),
                    point.millisPerUnit()));
        }
        line("");
        line("%s %s over %s:%s", sweep.contestant(), sweep.pass().label(), sweep.variable(), points);
        line("  cost per unit, largest to smallest: %.2f (1 is linear)", sweep.growth());
    }

    private static String sizes(LayerShape shape) {
        return (shape.cell() == Cell.LSTM ? "" : shape.cell() + " ") + "T" + shape.steps() + " B" + shape.batch() + " I"
                + shape.inputSize() + " H" + shape.hiddenSize()
                + (shape.layers() > 1 ? " L" + shape.layers() : "")
                + (shape.directions() == 2 ? " bidirectional" : "");
    }

    private static String millis(double millis) {
        return String.format(Locale.ROOT, millis < 1 ? "%.4f" : millis < 100 ? "%.3f" : "%.1f", millis);
    }

    private void line(String format, Object... arguments) {
        append(String.format(Locale.ROOT, format, arguments));
    }

    private void append(String line) {
        text.append(line.stripTrailing()).append('\n');
    }

    /** What was written since the last call. */
    public String take() {
        String taken = text.toString();
        text.setLength(0);
        return taken;
    }
}
