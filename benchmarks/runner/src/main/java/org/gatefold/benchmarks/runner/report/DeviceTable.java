package org.gatefold.benchmarks.runner.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.gatefold.benchmarks.runner.heat.DeepBench;
import org.gatefold.benchmarks.runner.heat.Heat;
import org.gatefold.benchmarks.runner.measure.Comparison;
import org.gatefold.benchmarks.runner.measure.Counted;
import org.gatefold.benchmarks.runner.measure.Measurement;

/** The lines of a report on heats on a device. Stateless. */
final class DeviceTable {
    static final int NAME_WIDTH = 27;

    private DeviceTable() {}

    /** What stands behind the heading: what percentages refer to, and what others have published. */
    static String heading(Comparison comparison) {
        StringBuilder text =
                new StringBuilder(format("matrix product %.1f TFLOP/s", comparison.ceilingGigaflops() / 1e3));
        text.append(format(", floor %.2f µs a step", floor(comparison)));
        OptionalDouble published = DeepBench.publishedMillis(comparison.heat());
        if (published.isPresent()) {
            text.append(format(
                    ", DeepBench's V100 %.2f µs a step",
                    published.getAsDouble() * 1e3 / comparison.heat().shape().steps()));
        }
        return text.append(format("; others used %.0f %%", comparison.othersPercent()))
                .toString();
    }

    static List<String> measured(Comparison comparison) {
        List<String> lines = new ArrayList<>();
        String baseline = comparison.baseline().map(Measurement::contestant).orElse("");
        lines.add(format(
                "  %-" + NAME_WIDTH + "s %9s %9s %9s %8s %7s %8s %12s %9s %8s",
                "",
                "us/step",
                "p10",
                "p90",
                "TFLOP/s",
                "% gemm",
                "% floor",
                "/" + baseline,
                "dev. MiB",
                "error"));
        int steps = comparison.heat().shape().steps();
        for (Measurement measurement : comparison.measurements()) {
            lines.add(format(
                    "  %-" + NAME_WIDTH + "s %9.2f %9.2f %9.2f %8.2f %7.1f %8.1f %12s %9.1f %8.0e",
                    measurement.contestant(),
                    measurement.microsPerStep(steps),
                    measurement.nanos().quantile(0.1) / 1e3 / steps,
                    measurement.nanos().quantile(0.9) / 1e3 / steps,
                    measurement.gigaflops() / 1e3,
                    comparison.ceilingPercent(measurement),
                    floorPercent(comparison, measurement),
                    format(
                            "%.2fx",
                            measurement.medianMillis()
                                    / comparison.baseline().orElseThrow().medianMillis()),
                    measurement.deviceBytes() / (double) (1 << 20),
                    measurement.error()));
        }
        return lines;
    }

    static List<String> counted(Counted counted) {
        List<String> lines = new ArrayList<>();
        if (counted.entries().isEmpty()) {
            return lines;
        }
        StringBuilder names = new StringBuilder(format("  %-" + NAME_WIDTH + "s", ""));
        counted.entries().get(0).counts().keySet().forEach(name -> names.append(format(" %12s", name)));
        lines.add(names.append(format(" %8s", "error")).toString());
        for (Counted.Entry entry : counted.entries()) {
            StringBuilder line = new StringBuilder(format("  %-" + NAME_WIDTH + "s", entry.contestant()));
            for (Map.Entry<String, Long> count : entry.counts().entrySet()) {
                line.append(format(" %12d", count.getValue()));
            }
            lines.add(line.append(format(" %8.0e", entry.error())).toString());
        }
        return lines;
    }

    /** Microseconds a step. */
    static double floor(Comparison comparison) {
        Heat heat = comparison.heat();
        return Floor.microsPerStep(
                heat.shape(), heat.pass(), heat.precision().orElseThrow(), comparison.ceilingGigaflops());
    }

    /** The floor in percent of what was measured: 100 is the least that we know to be needed. */
    static double floorPercent(Comparison comparison, Measurement measurement) {
        return 100
                * floor(comparison)
                / measurement.microsPerStep(comparison.heat().shape().steps());
    }

    private static String format(String format, Object... arguments) {
        return String.format(Locale.ROOT, format, arguments);
    }
}
