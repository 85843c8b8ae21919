package org.gatefold.simulator;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.op.Mode;
import org.gatefold.op.Precision;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.recurrent.RecurrentPlan;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.op.recurrent.RecurrentWeights;
import org.gatefold.op.recurrent.Reserve;
import org.gatefold.tensor.Tensor;

/**
 * Prints what a training pass of an LSTM layer does on the simulated device, beside the least it would have to do:
 * kernels and graph nodes per step, bytes moved, copies. Run by {@code ci/gpu-counts}.
 */
public final class DeviceCounts {
    private final PrintStream out;

    private DeviceCounts(PrintStream out) {
        this.out = out;
    }

    /** @param arguments {@code --kernels} also prints one line per kernel */
    public static void main(String[] arguments) {
        SimulatedDevice.load();
        SimulatedDevice.setOption("workers", "1"); // counts of distinct bytes are exact with one
        SimulatedDevice.setOption("check", "none"); // the tests check; here the shapes are large
        SimulatedDevice.setOption("multiprocessors", "64"); // as many as cuda.persistent needs to keep these weights
        boolean kernels = arguments.length > 0 && arguments[0].equals("--kernels");
        DeviceCounts counts = new DeviceCounts(System.out);
        counts.header();
        try (Device device = Devices.named("cuda:0")) {
            List<RecurrentSpec> shapes = List.of(
                    RecurrentSpec.of(Cell.LSTM, 64, 32, 128, 256), RecurrentSpec.of(Cell.LSTM, 25, 64, 512, 512));
            for (String implementation : List.of("cuda.steps", "cuda.fused", "cuda.persistent", "cuda.cluster")) {
                for (Precision precision : List.of(Precision.TF32, Precision.BF16)) {
                    for (RecurrentSpec shape : shapes) {
                        counts.shape(device, implementation, shape.withPrecision(precision), kernels);
                    }
                }
            }
        }
    }

    private void header() {
        out.println("| shape | pass | implementation | nodes per step | other nodes | MB moved | least MB | ratio |"
                + " host copies |");
        out.println("|---|---|---|---|---|---|---|---|---|");
    }

    private void shape(Device device, String implementation, RecurrentSpec spec, boolean kernels) {
        RecurrentOp op = device.operations(RecurrentOp.class).stream()
                .filter(each -> each.name().equals(implementation))
                .findFirst()
                .orElseThrow();
        if (op.unsupported(spec, Mode.TRAINING).isPresent()) {
            return;
        }
        int steps = spec.steps();
        int batch = spec.batch();
        int hidden = spec.hiddenSize();
        Random random = new Random(1);
        try (Scope scope = device.openScope("counts");
                RecurrentPlan plan = op.plan(scope, spec, Mode.TRAINING)) {
            RecurrentWeights weights = weights(scope, spec, random);
            RecurrentWeights gradients = weights(scope, spec, random);
            Tensor x = filled(scope, random, steps, batch, spec.inputSize());
            Tensor y = scope.zeros("y", steps, batch, hidden);
            Tensor dy = filled(scope, random, steps, batch, hidden);
            Tensor dx = scope.zeros("dx", steps, batch, spec.inputSize());
            Reserve reserve = plan.reserve(scope);
            plan.setWeights(weights);
            LstmTraffic least =
                    new LstmTraffic(steps, batch, spec.inputSize(), hidden, spec.precision() == Precision.BF16 ? 2 : 4);
            String title = String.format(
                    Locale.ROOT, "T%d B%d I%d H%d %s", steps, batch, spec.inputSize(), hidden, spec.precision());
            // The first pass of a shape captures its graph; what counts is every pass after it.
            for (int pass = 0; pass < 2; pass++) {
                device.synchronize();
                SimulatedDevice.resetCounts();
                plan.forward(x, null, null, y, null, reserve, 0);
                device.synchronize();
                report(pass, title, "forward", op.name(), steps, least.forward(), kernels);
                SimulatedDevice.resetCounts();
                plan.backward(x, null, null, y, dy, null, dx, null, gradients, reserve);
                device.synchronize();
                report(pass, title, "backward", op.name(), steps, least.backward(), kernels);
            }
        }
    }

    private static RecurrentWeights weights(Scope scope, RecurrentSpec spec, Random random) {
        int gates = 4 * spec.hiddenSize();
        return new RecurrentWeights(new RecurrentWeights.Set(
                filled(scope, random, gates, spec.inputSize()),
                filled(scope, random, gates, spec.hiddenSize()),
                filled(scope, random, gates)));
    }

    private static Tensor filled(Scope scope, Random random, int... dimensions) {
        Tensor tensor = scope.f32("values", dimensions);
        float[] values = new float[(int) tensor.shape().elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (random.nextFloat() - 0.5f) * 0.1f;
        }
        tensor.write(values);
        return tensor;
    }

    private void report(int pass, String title, String name, String op, int steps, long least, boolean kernels) {
        if (pass == 0) {
            return;
        }
        Counts counts = Counts.now();
        long perStep = counts.copies().deviceCount() / steps;
        long other = counts.copies().deviceCount() % steps;
        for (Map.Entry<String, Counts.Kernel> entry : counts.kernels().entrySet()) {
            Counts.Kernel kernel = entry.getValue();
            perStep += kernel.launches() / steps;
            other += kernel.launches() % steps;
            if (kernels) {
                out.printf(
                        Locale.ROOT,
                        "  %-28s %5d launches  %9.3f MB distinct  %9.3f MB requested%n",
                        entry.getKey(),
                        kernel.launches(),
                        kernel.movedBytes() / 1e6,
                        kernel.requestedBytes() / 1e6);
            }
        }
        long bytes = counts.movedBytes();
        out.printf(
                Locale.ROOT,
                "| %s | %s | %s | %d | %d | %.2f | %.2f | %.2f | %d |%n",
                title,
                name,
                op,
                perStep,
                other,
                bytes / 1e6,
                least / 1e6,
                (double) bytes / least,
                counts.copies().hostCount());
    }
}
