package org.gatefold.doctor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.gatefold.device.Device;
import org.gatefold.device.Scope;
import org.gatefold.op.Footprint;
import org.gatefold.op.Mode;
import org.gatefold.op.Precision;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.RecurrentArguments;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.op.verify.Workbench;
import org.gatefold.tensor.Tensor;

/**
 * Times LSTM layers and a large matrix product by the clock, waiting for the device after each round; on random data,
 * because processors run faster on zeros. Equal shares of {@link #SECONDS} go to the rows; a row goes beyond its share only
 * where its warm-ups and one round do. One thread.
 */
final class Benchmark {
    static final List<RecurrentSpec> SHAPES = List.of(
            RecurrentSpec.of(Cell.LSTM, 64, 32, 128, 256),
            RecurrentSpec.of(Cell.LSTM, 100, 64, 512, 512),
            RecurrentSpec.of(Cell.LSTM, 25, 128, 1024, 1024));

    /** For all rows; a GPU has some 120. */
    private static final double SECONDS = 60;

    /** More would tell no more, where there are few rows. */
    private static final double MOST_SECONDS_OF_A_ROW = 2;

    /** CUDA implementations submit their first pass directly, record the second and replay it from then on. */
    private static final int WARM_UPS = 3;

    private static final int ROUNDS = 7;

    /** A round lasts at least so long, so that the clock and the wait at its end do not count. */
    private static final double ROUND_SECONDS = 0.01;

    private static final int SMALLEST_PRODUCT = 512;
    private static final int LARGEST_PRODUCT = 4096;
    private static final double PRODUCT_SECONDS = 0.02;

    /** What is timed in one row. */
    private record Contestant(RecurrentOp op, RecurrentSpec spec) {}

    private final Device device;
    private final List<RecurrentSpec> shapes;

    Benchmark(Device device, List<RecurrentSpec> shapes) {
        this.device = device;
        this.shapes = shapes;
    }

    List<BenchmarkRow> run(List<RecurrentOp> implementations, ExaminationListener listener) {
        int count = 0;
        for (RecurrentSpec shape : shapes) {
            for (Mode mode : Mode.values()) {
                count += contestants(implementations, shape, mode).size();
            }
        }
        listener.benchmarking(count);
        double share = Math.min(MOST_SECONDS_OF_A_ROW, SECONDS / Math.max(1, count));
        double gemmFlops = gemmFlops(device.operation(LinearOp.class), share);
        List<BenchmarkRow> rows = new ArrayList<>();
        for (RecurrentSpec shape : shapes) {
            for (Mode mode : Mode.values()) {
                try (Scope scope = device.openScope("benchmark")) {
                    Workbench bench = new Workbench(scope);
                    RecurrentArguments arguments = new RecurrentArguments(bench, shape, mode, null);
                    bench.reset();
                    for (Contestant contestant : contestants(implementations, shape, mode)) {
                        BenchmarkRow row = row(contestant, mode, arguments, share, gemmFlops);
                        rows.add(row);
                        listener.timed(row);
                    }
                }
            }
        }
        return rows;
    }

    private static List<Contestant> contestants(List<RecurrentOp> implementations, RecurrentSpec shape, Mode mode) {
        List<Contestant> all = new ArrayList<>();
        for (Precision precision : Precision.values()) {
            RecurrentSpec spec = shape.withPrecision(precision);
            for (RecurrentOp op : implementations) {
                if (op.unsupported(spec, mode).isEmpty()) {
                    all.add(new Contestant(op, spec));
                }
            }
        }
        return all;
    }

    private BenchmarkRow row(
            Contestant contestant, Mode mode, RecurrentArguments arguments, double share, double gemmFlops) {
        RecurrentOp op = contestant.op();
        RecurrentSpec spec = contestant.spec();
        try (Scope scope = device.openScope("benchmark of " + op.name())) {
            double seconds = seconds(arguments.pass(op, spec.precision(), scope), share);
            Footprint footprint = op.footprint(spec, mode);
            return new BenchmarkRow(spec, mode, op.name(), seconds, gemmFlops, footprint.plan() + footprint.reserve());
        }
    }

    /** The rate of a square product, the largest that takes no longer than a few hundredths of a second. */
    double gemmFlops(LinearOp op, double share) {
        double flops = 0;
        for (int size = SMALLEST_PRODUCT; size <= LARGEST_PRODUCT; size *= 2) {
            double seconds;
            try (Scope scope = device.openScope("product")) {
                Workbench bench = new Workbench(scope);
                Tensor x = bench.input("x", size, size);
                Tensor w = bench.input("w", size, size);
                Tensor y = bench.output("y", size, size);
                seconds = seconds(() -> op.forward(x, w, null, y), share);
            }
            flops = 2.0 * size * size * size / seconds;
            if (seconds > PRODUCT_SECONDS) {
                break;
            }
        }
        return flops;
    }

    /** The median of the rounds that the share has time for, at least one. */
    double seconds(Runnable pass, double share) {
        long start = System.nanoTime();
        double once = round(pass, 1);
        for (int i = 1; i < WARM_UPS && once < MOST_SECONDS_OF_A_ROW; i++) {
            once = round(pass, 1);
        }
        int repetitions = (int) Math.ceil(ROUND_SECONDS / Math.max(1e-6, once));
        List<Double> rounds = new ArrayList<>();
        do {
            rounds.add(round(pass, repetitions));
        } while (rounds.size() < ROUNDS && secondsSince(start) < share);
        Collections.sort(rounds);
        return rounds.get(rounds.size() / 2);
    }

    /** Seconds of one pass, as the mean of a round. */
    private double round(Runnable pass, int repetitions) {
        long start = System.nanoTime();
        for (int i = 0; i < repetitions; i++) {
            pass.run();
        }
        device.synchronize();
        return secondsSince(start) / repetitions;
    }

    private static double secondsSince(long start) {
        return (System.nanoTime() - start) * 1e-9;
    }
}
