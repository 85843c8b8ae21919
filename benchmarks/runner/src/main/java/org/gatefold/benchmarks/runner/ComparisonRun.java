package org.gatefold.benchmarks.runner;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.gatefold.benchmarks.contract.LstmShape;
import org.gatefold.benchmarks.contract.Pass;
import org.gatefold.benchmarks.contract.Results;

/**
 * Starts a process per contestant, checks each, and gives each its turn, round after round: A B C A B C. Only one
 * contestant is busy at any time. For one thread.
 */
record ComparisonRun(BenchmarkSettings settings, ResultCheck check, Progress progress) {
    /** Untimed at first: the Java compiler and the allocators shall have settled. */
    private static final int WARM_UP_MILLIS = 1000;

    private static final int WARM_UP_ITERATIONS = 3;

    /** Untimed in every turn: the caches still hold what the contestant before has used. */
    private static final int WARM_CACHE_MILLIS = 10;

    private static final int WARM_CACHE_ITERATIONS = 1;
    private static final int TIMED_ITERATIONS = 3;
    private static final double CEILING_FLOPS = 2.0 * 2048 * 2048 * 2048;

    /** The contestants and, if {@code withCeiling}, the matrix product. */
    Comparison run(String shapeName, LstmShape shape, Pass pass, List<ContestantSpec> contestants, boolean withCeiling)
            throws IOException {
        List<Seat> seats = new ArrayList<>();
        Map<String, String> absent = new LinkedHashMap<>();
        try {
            for (ContestantSpec spec : contestants) {
                progress.say(shapeName + " " + pass.label() + ": preparing and checking " + spec.name());
                admit(spec, shape, pass, seats, absent);
            }
            if (withCeiling) {
                admit(Contestants.CEILING, shape, pass, seats, absent);
            }
            for (Seat seat : seats) {
                seat.child.measure(WARM_UP_MILLIS, WARM_UP_ITERATIONS, 0, 0);
            }
            double pingPong = PingPong.medianRoundTripNanos();
            ProcessorUse use = new ProcessorUse(
                    seats.stream().map(seat -> seat.child.pid()).toList());
            for (int round = 0; round < settings.rounds(); round++) {
                progress.say(shapeName + " " + pass.label() + ": round " + (round + 1) + " of " + settings.rounds());
                for (Seat seat : seats) {
                    seat.turns.add(seat.child.measure(
                            WARM_CACHE_MILLIS, WARM_CACHE_ITERATIONS, settings.turnMillis(), TIMED_ITERATIONS));
                }
            }
            double others = use.othersPercent();
            pingPong = (pingPong + PingPong.medianRoundTripNanos()) / 2;
            return outcome(shapeName, shape, pass, seats, absent, pingPong, others);
        } finally {
            seats.forEach(seat -> seat.child.close());
        }
    }

    /** Checks every contestant without measuring; the result holds the outcome by name. */
    Map<String, String> check(String shapeName, LstmShape shape, Pass pass, List<ContestantSpec> contestants)
            throws IOException {
        Map<String, String> outcomes = new LinkedHashMap<>();
        for (ContestantSpec spec : contestants) {
            progress.say(shapeName + " " + pass.label() + ": checking " + spec.name());
            List<Seat> seats = new ArrayList<>();
            admit(spec, shape, pass, seats, outcomes);
            for (Seat seat : seats) {
                outcomes.put(spec.name(), String.format("right: error %.1e", seat.error));
                seat.child.close();
            }
        }
        return outcomes;
    }

    /** Adds the contestant to those that have a seat, or to the absent with the reason. */
    private void admit(ContestantSpec spec, LstmShape shape, Pass pass, List<Seat> seats, Map<String, String> absent)
            throws IOException {
        ContestantChild child = new ContestantChild(spec, settings);
        boolean admitted = false;
        try {
            Optional<String> reason = child.prepare(shape, pass, settings.threads());
            if (reason.isPresent()) {
                absent.put(spec.name(), reason.get());
                return;
            }
            Results results = child.check();
            ResultCheck.Finding worst = spec.equals(Contestants.CEILING)
                    ? new ResultCheck.Finding("none", 0)
                    : check.worst(shape, pass, results);
            if (worst.error() > spec.tolerance()) {
                absent.put(
                        spec.name(),
                        String.format(
                                "wrong result: error %.1e in %s, allowed %.1e",
                                worst.error(), worst.tensor(), spec.tolerance()));
                return;
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
            String shapeName,
            LstmShape shape,
            Pass pass,
            List<Seat> seats,
            Map<String, String> absent,
            double pingPong,
            double others) {
        List<Measurement> measurements = new ArrayList<>();
        double ceiling = Double.NaN;
        for (Seat seat : seats) {
            boolean isCeiling = seat.child.spec().equals(Contestants.CEILING);
            Measurement measurement = new Measurement(
                    seat.child.spec().name(),
                    shapeName,
                    shape,
                    pass,
                    isCeiling ? CEILING_FLOPS : pass.flops(shape),
                    new Distribution(seat.turns.stream()
                            .flatMapToLong(turn -> turn.nanos().stream().mapToLong(Long::longValue))
                            .toArray()),
                    seat.error,
                    (long) new Distribution(seat.turns.stream()
                                    .mapToLong(ContestantChild.Turn::heapBytes)
                                    .toArray())
                            .median(),
                    seat.turns.stream()
                            .mapToLong(ContestantChild.Turn::peakNativeMib)
                            .max()
                            .getAsLong());
            if (isCeiling) {
                ceiling = measurement.gigaflops();
            } else {
                measurements.add(measurement);
            }
        }
        return new Comparison(shapeName, shape, pass, measurements, absent, ceiling, pingPong, others);
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
    }
}
