package org.gatefold.benchmarks.runner.measure;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.Pass;
import org.gatefold.benchmarks.runner.heat.BenchmarkSettings;
import org.gatefold.benchmarks.runner.heat.ContestantSpec;

/** Measures the time from the start of a JVM to the first result of an inference. For one thread. */
public final class StartTimes {
    /** Shape S1: so small that the start is all that counts. */
    private static final LayerShape SHAPE = new LayerShape(50, 32, 50, 50, 1, 1, false);

    private static final int STARTS = 5;

    private StartTimes() {}

    /** Each contestant is started several times, in turn; those that fail are left out. */
    public static List<StartTime> measure(
            List<ContestantSpec> contestants, BenchmarkSettings settings, Progress progress) throws IOException {
        List<List<Long>> nanos = new ArrayList<>();
        contestants.forEach(spec -> nanos.add(new ArrayList<>()));
        for (int start = 0; start < STARTS; start++) {
            for (int i = 0; i < contestants.size(); i++) {
                progress.say("start " + (start + 1) + " of " + STARTS + ": "
                        + contestants.get(i).name());
                start(contestants.get(i), settings).ifPresent(nanos.get(i)::add);
            }
        }
        List<StartTime> times = new ArrayList<>();
        for (int i = 0; i < contestants.size(); i++) {
            if (!nanos.get(i).isEmpty()) {
                long[] samples =
                        nanos.get(i).stream().mapToLong(Long::longValue).toArray();
                times.add(new StartTime(contestants.get(i).name(), new Distribution(samples)));
            }
        }
        return times;
    }

    private static Optional<Long> start(ContestantSpec spec, BenchmarkSettings settings) {
        long before = System.nanoTime();
        try (ContestantChild child = new ContestantChild(spec, settings)) {
            if (child.prepare(SHAPE, Pass.INFERENCE, settings.threads()).isPresent()) {
                return Optional.empty();
            }
            child.measure(0, 0, 0, 1);
            return Optional.of(System.nanoTime() - before);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    public record StartTime(String contestant, Distribution nanos) {}
}
