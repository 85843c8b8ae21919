package org.gatefold.benchmarks.runner.report;

import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.benchmarks.runner.heat.BenchmarkSettings;
import org.gatefold.benchmarks.runner.heat.ContestantSpec;
import org.gatefold.benchmarks.runner.heat.DeepBench;
import org.gatefold.benchmarks.runner.heat.Heat;
import org.gatefold.benchmarks.runner.measure.Comparison;
import org.gatefold.benchmarks.runner.measure.ContestantChild;
import org.gatefold.benchmarks.runner.measure.Counted;
import org.gatefold.benchmarks.runner.measure.Measurement;
import org.gatefold.benchmarks.runner.measure.StartTimes;
import org.gatefold.benchmarks.runner.measure.Sweep;

/** Collects everything that was measured for one JSON file. Mutable; for one thread. */
public final class JsonReport {
    private final Map<String, Object> root = new LinkedHashMap<>();
    private final List<Object> comparisons = new ArrayList<>();

    public JsonReport(Map<String, String> environment, String quiet, BenchmarkSettings settings) {
        root.put("environment", environment);
        root.put("quiet", quiet);
        Map<String, Object> used = new LinkedHashMap<>();
        settings.device().ifPresent(device -> used.put("device", device.toString()));
        used.put("threads", settings.threads());
        used.put("rounds", settings.rounds());
        used.put("turn_ms", settings.turnMillis());
        used.put("heap_mib", ContestantChild.HEAP_MIB);
        root.put("settings", used);
    }

    public void contestants(List<ContestantSpec> specs, Map<String, String> versions) {
        Map<String, Object> all = new LinkedHashMap<>();
        for (ContestantSpec spec : specs) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("version", versions.get(spec.name()));
            one.put("environment", spec.environment());
            one.put("jvm_arguments", spec.jvmArguments());
            one.put("tolerance", spec.tolerance());
            all.put(spec.name(), one);
        }
        root.put("contestants", all);
        root.put("comparisons", comparisons);
    }

    public void comparison(Comparison comparison) {
        Map<String, Object> entry = entry(comparison.heat());
        if (!Double.isNaN(comparison.ceilingGigaflops())) {
            entry.put("gemm_gflops", comparison.ceilingGigaflops());
        }
        entry.put("core_round_trip_ns", comparison.pingPongNanos());
        entry.put("others_cpu_percent", comparison.othersPercent());
        entry.put("absent", comparison.absent());
        Map<String, Object> measured = new LinkedHashMap<>();
        for (Measurement measurement : comparison.measurements()) {
            measured.put(measurement.contestant(), entry(comparison, measurement));
        }
        entry.put("results", measured);
        comparisons.add(entry);
    }

    public void counted(Counted counted) {
        Map<String, Object> entry = entry(counted.heat());
        entry.put("absent", counted.absent());
        Map<String, Object> all = new LinkedHashMap<>();
        for (Counted.Entry one : counted.entries()) {
            Map<String, Object> counts = new LinkedHashMap<>(one.counts());
            counts.put("error", one.error());
            all.put(one.contestant(), counts);
        }
        entry.put("counts", all);
        comparisons.add(entry);
    }

    private static Map<String, Object> entry(Heat heat) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("name", heat.shapeName());
        entry.put("shape", heat.shape().toString());
        entry.put("pass", heat.pass().label());
        heat.precision().ifPresent(precision -> entry.put("precision", precision.name()));
        DeepBench.publishedMillis(heat).ifPresent(millis -> entry.put("deepbench_v100_ms", millis));
        return entry;
    }

    private static Map<String, Object> entry(Comparison comparison, Measurement measurement) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("median_ms", measurement.medianMillis());
        result.put("p10_ms", measurement.nanos().quantile(0.1) / 1e6);
        result.put("p90_ms", measurement.nanos().quantile(0.9) / 1e6);
        result.put("samples", measurement.nanos().count());
        result.put("gflops", measurement.gigaflops());
        if (!Double.isNaN(comparison.ceilingGigaflops())) {
            result.put("gemm_percent", comparison.ceilingPercent(measurement));
        }
        Map<String, Double> ratios = new LinkedHashMap<>();
        for (Measurement other : comparison.measurements()) {
            if (!other.contestant().equals(measurement.contestant())) {
                ratios.put(other.contestant(), other.medianMillis() / measurement.medianMillis());
            }
        }
        result.put("times_as_fast_as", ratios);
        result.put("heap_bytes_per_step", measurement.heapBytes());
        result.put("peak_native_mib", measurement.peakNativeMib());
        if (comparison.heat().precision().isPresent()) {
            result.put(
                    "us_per_step",
                    measurement.microsPerStep(comparison.heat().shape().steps()));
            result.put("device_bytes", measurement.deviceBytes());
            if (!Double.isNaN(comparison.ceilingGigaflops())) {
                result.put("floor_percent", DeviceTable.floorPercent(comparison, measurement));
            }
        }
        result.put("error", measurement.error());
        return result;
    }

    public void startTimes(List<StartTimes.StartTime> times) {
        Map<String, Double> medians = new LinkedHashMap<>();
        times.forEach(time -> medians.put(time.contestant(), time.nanos().median() / 1e6));
        root.put("start_to_first_result_ms", medians);
    }

    public void sweep(List<Sweep.Line> lines) {
        List<Object> all = new ArrayList<>();
        for (Sweep.Line line : lines) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("contestant", line.contestant());
            entry.put("pass", line.pass().label());
            entry.put("over", line.variable());
            Map<String, Double> points = new LinkedHashMap<>();
            line.points().forEach(point -> points.put(Integer.toString(point.value()), point.medianMillis()));
            entry.put("median_ms", points);
            entry.put("growth_of_unit_cost", line.growth());
            all.add(entry);
        }
        root.put("sweep", all);
    }

    public void write(Path file) throws IOException {
        Files.writeString(
                file,
                new GsonBuilder()
                                .setPrettyPrinting()
                                .disableHtmlEscaping()
                                .create()
                                .toJson(root) + "\n");
    }
}
