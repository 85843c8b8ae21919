package org.gatefold.benchmarks.runner.measure;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.Results;
import org.gatefold.benchmarks.runner.heat.BenchmarkSettings;
import org.gatefold.benchmarks.runner.heat.Ceiling;
import org.gatefold.benchmarks.runner.heat.ContestantSpec;
import org.gatefold.benchmarks.runner.heat.Heat;

/**
 * Starts a process per contestant, checks each, and gives each its turn, round after round: A B C A B C. Only one
 * contestant is busy at any time. For one thread.
 */
public record ComparisonRun(BenchmarkSettings settings, ResultCheck check, Progress progress) {
    /** Untimed at first: the Java compiler and the allocators shall have settled. */
    private static final int WARM_UP_MILLIS = 1000;

    private static final int WARM_UP_ITERATIONS = 3;

    /** Untimed in every turn: the caches still hold what the contestant before has used. */
    private static final int WARM_CACHE_MILLIS = 10;

    private static final int WARM_CACHE_ITERATIONS = 1;
    private static final int TIMED_ITERATIONS = 3;

    /** The contestants and, if there is one, the matrix product. */
    public Comparison run(Heat heat, List<ContestantSpec> contestants, Optional<Ceiling> ceiling) throws IOException {
        List<Seat> seats = new ArrayList<>();
        Map<String, String> absent = new LinkedHashMap<>();
        try {
            for (ContestantSpec spec : contestants) {
                progress.say(heat.title() + ": preparing and checking " + spec.name());
                admit(spec, heat, true, seats, absent);
            }
            if (ceiling.isPresent()) {
                admit(ceiling.get().spec(), heat, false, seats, absent);
            }
            for (Seat seat : seats) {
                seat.child.measure(WARM_UP_MILLIS, WARM_UP_ITERATIONS, 0, 0);
            }
            double pingPong = PingPong.medianRoundTripNanos();
            ProcessorUse use = new ProcessorUse(
                    seats.stream().map(seat -> seat.child.pid()).toList());
            for (int round = 0; round < settings.rounds(); round++) {
                progress.say(heat.title() + ": round " + (round + 1) + " of " + settings.rounds());
                for (Seat seat : seats) {
                    seat.turns.add(seat.child.measure(
                            WARM_CACHE_MILLIS, WARM_CACHE_ITERATIONS, settings.turnMillis(), TIMED_ITERATIONS));
                }
            }
            double others = use.othersPercent();
            pingPong = (pingPong + PingPong.medianRoundTripNanos()) / 2;
            return outcome(heat, ceiling, seats, absent, pingPong, others);
        } finally {
            seats.forEach(seat -> seat.child.close());
        }
    }

    /** Checks every contestant without measuring; the result holds the outcome by name. */
    public Map<String, String> check(Heat heat, List<ContestantSpec> contestants) throws IOException {
        Map<String, String> outcomes = new LinkedHashMap<>();
        each(
                heat,
                contestants,
                outcomes,
                seat -> outcomes.put(seat.child.spec().name(), String.format("right: error %.1e", seat.error)));
        return outcomes;
    }

    /** Checks every contestant, and counts what a pass does on a simulated device. */
    public Counted count(Heat heat, List<ContestantSpec> contestants) throws IOException {
        List<Counted.Entry> entries = new ArrayList<>();
        Map<String, String> absent = new LinkedHashMap<>();
        each(
                heat,
                contestants,
                absent,
                seat -> entries.add(new Counted.Entry(seat.child.spec().name(), seat.child.count(), seat.error)));
        return new Counted(heat, entries, absent);
    }

    /** Gives each contestant that passes the check to the action, one process at a time. */
    private void each(Heat heat, List<ContestantSpec> contestants, Map<String, String> absent, SeatAction action)
            throws IOException {
        for (ContestantSpec spec : contestants) {
            progress.say(heat.title() + ": checking " + spec.name());
            List<Seat> seats = new ArrayList<>();
            admit(spec, heat, true, seats, absent);
            for (Seat seat : seats) {
                try {
                    action.on(seat);
                } catch (IOException e) {
                    absent.put(spec.name(), "failed: " + e.getMessage());
                } finally {
                    seat.child.close();
                }
            }
        }
    }

    private interface SeatAction {
        void on(Seat seat) throws IOException;
    }

    /** Adds the contestant to those that have a seat, or to the absent with the reason. */
    private void admit(ContestantSpec spec, Heat heat, boolean checked, List<Seat> seats, Map<String, String> absent)
            throws IOException {
        LayerShape shape = heat.shape();
        LayerShape small = checked ? ResultCheck.affordable(shape, heat.pass()) : shape;
        ContestantChild child = new ContestantChild(spec, settings, ContestantChild.heapMib(shape));
        boolean admitted = false;
        try {
            Optional<String> reason = child.prepare(shape, heat.pass(), settings.threads());
            if (reason.isEmpty() && !small.equals(shape)) {
                reason = child.prepare(small, heat.pass(), settings.threads());
            }
            if (reason.isPresent()) {
                absent.put(spec.name(), reason.get());
                return;
            }
            Results results = child.check();
            ResultCheck.Finding worst =
                    checked ? check.worst(small, heat.pass(), results) : new ResultCheck.Finding("none", 0);
            if (worst.error() > spec.tolerance()) {
                absent.put(
                        spec.name(),
                        String.format(
                                "wrong result: error %.1e in %s, allowed %.1e",
                                worst.error(), worst.tensor(), spec.tolerance()));
                return;
            }
            if (!small.equals(shape)) {
                child.prepare(shape, heat.pass(), settings.threads());
            }
            seats.add(new Seat(child, worst.error()));
            admitted = true;
        } catch (IOException | IllegalStateException e) {
            absent.put(spec.name(), "failed: " + e.getMessage());
        } finally {
            if (!admitted) {
                child.close();
            }
        }
    }

    private static Comparison outcome(
            Heat heat,
            Optional<Ceiling> ceiling,
            List<Seat> seats,
            Map<String, String> absent,
            double pingPong,
            double others) {
        List<Measurement> measurements = new ArrayList<>();
        double ceilingGigaflops = Double.NaN;
        for (Seat seat : seats) {
            boolean isCeiling = ceiling.isPresent()
                    && seat.child.spec().equals(ceiling.get().spec());
            Measurement measurement = new Measurement(
                    seat.child.spec().name(),
                    isCeiling ? ceiling.get().flops() : heat.pass().flops(heat.shape()),
                    new Distribution(seat.turns.stream()
                            .flatMapToLong(turn -> turn.nanos().stream().mapToLong(Long::longValue))
                            .toArray()),
                    seat.error,
                    (long) new Distribution(seat.turns.stream()
                                    .mapToLong(ContestantChild.Turn::heapBytes)
                                    .toArray())
                            .median(),
                    seat.most(ContestantChild.Turn::peakNativeMib),
                    seat.most(ContestantChild.Turn::deviceBytes));
            if (isCeiling) {
                ceilingGigaflops = measurement.gigaflops();
            } else {
                measurements.add(measurement);
            }
        }
        return new Comparison(heat, measurements, absent, ceilingGigaflops, pingPong, others);
    }

    /** A contestant that has passed the check, with the turns it has had. */
    private static final class Seat {
        private final ContestantChild child;
        private final double error;
        private final List<ContestantChild.Turn> turns = new ArrayList<>();

        Seat(ContestantChild child, double error) {
            this.child = child;
            this.error = error;
        }

        long most(ToLongFunction<ContestantChild.Turn> figure) {
            return turns.stream().mapToLong(figure).max().getAsLong();
        }
    }
}
