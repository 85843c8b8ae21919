package org.gatefold.doctor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gatefold.device.Device;
import org.gatefold.device.Scope;
import org.gatefold.op.Cell;
import org.gatefold.op.Footprint;
import org.gatefold.op.LinearOp;
import org.gatefold.op.Mode;
import org.gatefold.op.Precision;
import org.gatefold.op.RecurrentOp;
import org.gatefold.op.RecurrentSpec;
import org.gatefold.op.verify.RecurrentArguments;
import org.gatefold.op.verify.Workbench;
import org.gatefold.tensor.Tensor;

/** Times LSTM layers and a large matrix product by the clock, waiting for the device after each round. One thread. */
final class Benchmark {
    static final List<RecurrentSpec> SHAPES = List.of(
            RecurrentSpec.of(Cell.LSTM, 64, 32, 128, 256),
            RecurrentSpec.of(Cell.LSTM, 100, 64, 512, 512),
            RecurrentSpec.of(Cell.LSTM, 25, 128, 1024, 1024));

    private static final int WARM_UPS = 3;
    private static final int ROUNDS = 7;

    /** Where a pass takes so long, fewer rounds tell as much. */
    private static final double SLOW_SECONDS = 0.2;

    private static final int ROUNDS_OF_SLOW_PASSES = 3;

    /** A round lasts at least so long, so that the clock and the wait at its end do not count. */
    private static final double ROUND_SECONDS = 0.01;

    private static final int SMALLEST_PRODUCT = 512;
    private static final int LARGEST_PRODUCT = 8192;
    private static final double PRODUCT_SECONDS = 0.02;

    private final Device device;
    private final List<RecurrentSpec> shapes;

    Benchmark(Device device, List<RecurrentSpec> shapes) {
        this.device = device;
        this.shapes = shapes;
    }

    List<BenchmarkRow> run(List<RecurrentOp> implementations) {
        double gemmFlops = gemmFlops();
        List<BenchmarkRow> rows = new ArrayList<>();
        for (RecurrentSpec shape : shapes) {
            for (Mode mode : Mode.values()) {
                for (Precision precision : Precision.values()) {
                    RecurrentSpec spec = shape.withPrecision(precision);
                    for (RecurrentOp op : implementations) {
                        if (op.unsupported(spec, mode).isEmpty()) {
                            rows.add(row(op, spec, mode, gemmFlops));
                        }
                    }
                }
            }
        }
        return rows;
    }

    private BenchmarkRow row(RecurrentOp op, RecurrentSpec spec, Mode mode, double gemmFlops) {
        try (Scope scope = device.openScope("benchmark")) {
            Runnable pass = new RecurrentArguments(new Workbench(scope), spec, mode, null).pass(op, scope);
            Footprint footprint = op.footprint(spec, mode);
            return new BenchmarkRow(
                    spec, mode, op.name(), seconds(pass), gemmFlops, footprint.plan() + footprint.reserve());
        }
    }

    /** The rate of a square product, the largest that takes no longer than a few hundredths of a second. */
    private double gemmFlops() {
        double flops = 0;
        for (int size = SMALLEST_PRODUCT; size <= LARGEST_PRODUCT; size *= 2) {
            double seconds;
            try (Scope scope = device.openScope("product")) {
                Tensor x = scope.zeros("x", size, size);
                Tensor w = scope.zeros("w", size, size);
                Tensor y = scope.zeros("y", size, size);
                LinearOp op = device.operation(LinearOp.class);
                seconds = seconds(() -> op.forward(x, w, null, y));
            }
            flops = 2.0 * size * size * size / seconds;
            if (seconds > PRODUCT_SECONDS) {
                break;
            }
        }
        return flops;
    }

    private double seconds(Runnable pass) {
        for (int i = 0; i < WARM_UPS; i++) {
            pass.run();
        }
        device.synchronize();
        double once = round(pass, 1);
        int repetitions = (int) Math.ceil(ROUND_SECONDS / Math.max(1e-6, once));
        double[] seconds = new double[once < SLOW_SECONDS ? ROUNDS : ROUNDS_OF_SLOW_PASSES];
        for (int i = 0; i < seconds.length; i++) {
            seconds[i] = round(pass, repetitions);
        }
        Arrays.sort(seconds);
        return seconds[seconds.length / 2];
    }

    /** Seconds of one pass, as the mean of a round. */
    private double round(Runnable pass, int repetitions) {
        long start = System.nanoTime();
        for (int i = 0; i < repetitions; i++) {
            pass.run();
        }
        device.synchronize();
        return (System.nanoTime() - start) * 1e-9 / repetitions;
    }
}
