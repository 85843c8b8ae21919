package org.gatefold.layer.cell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.gatefold.layer.cell.CellMath.product;
import static org.gatefold.layer.cell.CellMath.sigmoid;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.IntFunction;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.layer.Context;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.model.ModelStream;
import org.gatefold.model.Sequential;
import org.gatefold.simulator.SimulatedDevice;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The cell against the equations of its papers, computed one number after the other in double precision, in training and inference. */
class BatchNormLstmTest {
    private static final int STEPS = 4;
    private static final int ROWS = 3;
    private static final int FEATURES = 3;
    private static final int UNITS = 2;
    private static final int[] LENGTHS = {2, 4, 3};
    private static final double EPSILON = 0.01;
    private static final double MOMENTUM = 0.5;

    private final Map<String, double[]> weights = new HashMap<>();
    private final double[][][] x = new double[STEPS][ROWS][FEATURES];

    @BeforeAll
    static void load() {
        SimulatedDevice.loadIfBuilt();
    }

    @ParameterizedTest
    @CsvSource({"reference,0", "reference,3", "cpu,0", "cpu,3", "cuda:0,0", "cuda:0,3"})
    void computesTheEquations(String name, int perStep) {
        BatchNormLstm cell = BatchNormLstm.of(UNITS).epsilon((float) EPSILON).momentum((float) MOMENTUM);
        if (perStep > 0) {
            cell.perStep(perStep);
        }
        Random random = new Random(5);
        try (Device device = Devices.named(name);
                Scope scope = device.openScope("model");
                Context training = Context.training(device, 1);
                Context inference = Context.inference(device)) {
            CellLoop layer = CellLoop.of(cell).returnSequences();
            ParameterStore store = new ParameterStore();
            layer.build(store, "c", Form.sequences(FEATURES));
            store.allocate(scope, 1);
            for (Parameter parameter : store.list()) {
                float[] values = parameter.value().toFloats();
                for (int i = 0; i < values.length && !parameter.isFrozen(); i++) {
                    values[i] = 2 * random.nextFloat() - 1;
                }
                parameter.set(values);
                weights.put(parameter.name().substring(2), doubles(values));
            }
            float[] numbers = new float[STEPS * ROWS * FEATURES];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = 2 * random.nextFloat() - 1;
                x[i / ROWS / FEATURES][i / FEATURES % ROWS][i % FEATURES] = numbers[i];
            }
            training.begin(0);
            check(output(training, layer, numbers), expected(true, perStep));
            for (Parameter parameter : store.list()) {
                if (parameter.isFrozen()) {
                    assertThat(doubles(parameter.value().toFloats()))
                            .as(parameter.name())
                            .containsExactly(weights.get(parameter.name().substring(2)), within(1e-6));
                }
            }
            inference.begin(0);
            check(output(inference, layer, numbers), expected(false, perStep));
        }
    }

    private static float[] output(Context context, CellLoop layer, float[] numbers) {
        Tensor input = context.scope().f32("x", STEPS, ROWS, FEATURES);
        input.write(numbers);
        Variable given = Variable.constant(input, context.scope().lengths(STEPS, LENGTHS));
        return layer.forward(context, given).value().toFloats();
    }

    private static void check(float[] y, double[][][] expected) {
        for (int i = 0; i < y.length; i++) {
            int t = i / ROWS / UNITS;
            int row = i / UNITS % ROWS;
            assertThat((double) y[i])
                    .as("step %s, row %s, unit %s", t, row, i % UNITS)
                    .isCloseTo(expected[t][row][i % UNITS], within(1e-5));
        }
    }

    private static double[] doubles(float[] values) {
        double[] doubles = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }

    /** Values of real steps that are normalised together, in place; in training the running statistics go on. */
    private void normalise(boolean trains, String name, double[][] rows) {
        double[] mean = weights.get(name + ".mean");
        double[] variance = weights.get(name + ".variance");
        for (int j = 0; j < mean.length; j++) {
            double average = 0;
            double spread = 0;
            for (double[] row : rows) {
                average += row[j] / rows.length;
            }
            for (double[] row : rows) {
                spread += (row[j] - average) * (row[j] - average) / rows.length;
            }
            for (double[] row : rows) {
                row[j] = trains
                        ? (row[j] - average) / Math.sqrt(spread + EPSILON)
                        : (row[j] - mean[j]) / Math.sqrt(variance[j] + EPSILON);
            }
            if (trains && rows.length > 1) {
                mean[j] += MOMENTUM * (average - mean[j]);
                variance[j] += MOMENTUM * (spread * rows.length / (rows.length - 1) - variance[j]);
            }
        }
    }

    private double[][][] expected(boolean trains, int perStep) {
        double[][][] sums = new double[STEPS][ROWS][];
        for (int t = 0; t < STEPS; t++) {
            for (int row = 0; row < ROWS; row++) {
                sums[t][row] = product(weights.get("wx"), x[t][row]);
            }
        }
        if (perStep == 0) {
            normalise(trains, "normx", real(0, STEPS, t -> sums[t]));
        }
        double[][][] y = new double[STEPS][ROWS][UNITS];
        double[][] h = new double[ROWS][UNITS];
        double[][] c = new double[ROWS][UNITS];
        for (int t = 0; t < STEPS; t++) {
            int number = Math.min(t, perStep - 1);
            double[][] ofH = new double[ROWS][];
            for (int row = 0; row < ROWS; row++) {
                ofH[row] = product(weights.get("wh"), h[row]);
            }
            if (perStep > 0) {
                normalise(trains, "normx" + number, real(t, t + 1, at -> sums[at]));
                normalise(trains, "normh" + number, real(t, t + 1, at -> ofH));
            }
            double[][] shown = new double[ROWS][];
            double[][] o = new double[ROWS][UNITS];
            for (int row = 0; row < ROWS; row++) {
                double[] gates = new double[4 * UNITS];
                for (int k = 0; k < gates.length; k++) {
                    double gain = perStep > 0 ? weights.get("gammah")[k] : 1;
                    gates[k] = weights.get("gammax")[k] * sums[t][row][k] + gain * ofH[row][k] + weights.get("b")[k];
                }
                for (int j = 0; j < UNITS; j++) {
                    c[row][j] =
                            sigmoid(gates[UNITS + j]) * c[row][j] + sigmoid(gates[j]) * Math.tanh(gates[2 * UNITS + j]);
                    o[row][j] = sigmoid(gates[3 * UNITS + j]);
                }
                shown[row] = c[row].clone();
            }
            if (perStep > 0) {
                normalise(trains, "normc" + number, real(t, t + 1, at -> shown));
            }
            for (int row = 0; row < ROWS; row++) {
                for (int j = 0; j < UNITS && t < LENGTHS[row]; j++) {
                    double of = shown[row][j];
                    if (perStep > 0) {
                        of = weights.get("gammac")[j] * of + weights.get("betac")[j];
                    }
                    h[row][j] = o[row][j] * Math.tanh(of);
                    y[t][row][j] = h[row][j];
                }
            }
        }
        return y;
    }

    /** The rows of steps [begin, end) that have not ended. */
    private static double[][] real(int begin, int end, IntFunction<double[][]> rowsOf) {
        double[][] rows = new double[0][];
        for (int t = begin; t < end; t++) {
            for (int row = 0; row < ROWS; row++) {
                if (t < LENGTHS[row]) {
                    rows = Arrays.copyOf(rows, rows.length + 1);
                    rows[rows.length - 1] = rowsOf.apply(t)[row];
                }
            }
        }
        return rows;
    }

    @Test
    void refusesToGoOnInTheMiddleOfASequence() {
        try (Device device = Devices.named("reference");
                Sequential whole = Sequential.on(device)
                        .add(CellLoop.of(BatchNormLstm.of(UNITS).perStep(3)))
                        .build(2);
                Sequential free = Sequential.on(device)
                        .add(CellLoop.of(BatchNormLstm.of(UNITS)).stateful())
                        .build(2)) {
            CellLoop stateful = CellLoop.of(BatchNormLstm.of(UNITS).perStep(3)).stateful();
            assertThatThrownBy(() -> {
                        try (Sequential model =
                                Sequential.on(device).add(stateful).build(2)) {
                            model.parameters();
                        }
                    })
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("steps do not depend on their number in a stateful layer");
            assertThatThrownBy(() -> {
                        try (ModelStream stream = whole.stream(1)) {
                            stream.save();
                        }
                    })
                    .hasMessageContaining("depend on their number");
            try (ModelStream stream = free.stream(1)) {
                assertThat(stream.rows()).isOne();
            }
        }
    }
}
