package org.gatefold.layer.recurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.Context;
import org.gatefold.layer.Layer;
import org.gatefold.layer.basic.Masking;
import org.gatefold.layer.pooling.TimePooling;
import org.gatefold.layer.recurrent.state.StateValues;
import org.gatefold.model.SequenceInput;
import org.gatefold.model.SequenceOutput;
import org.gatefold.model.Sequential;
import org.gatefold.tensor.Mask;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Masks with holes: as if the real steps stood alone, with their outputs where these stand. */
class MaskTest {
    private static final int STEPS = 5;
    private static final int FEATURES = 3;
    private static final boolean[][] MASK = {
        {true, false, true, false, true},
        {false, false, true, true, false},
        {true, true, true, true, true},
        {false, false, false, false, false},
    };

    static Stream<Arguments> layers() {
        return Stream.of("reference", "cpu")
                .flatMap(device -> Stream.of(
                        Arguments.of(device, "lstm", (Supplier<RecurrentLayer<?>>) () -> Lstm.of(4)),
                        Arguments.of(device, "reverse", (Supplier<RecurrentLayer<?>>)
                                () -> Gru.of(4).reverse()),
                        Arguments.of(device, "both", (Supplier<RecurrentLayer<?>>)
                                () -> Lstm.of(3).bidirectional()),
                        Arguments.of(device, "stacked", (Supplier<RecurrentLayer<?>>)
                                () -> Rnn.of(4).layers(2).bidirectional())));
    }

    private static float[][][] sequences() {
        Random random = new Random(5);
        float[][][] rows = new float[MASK.length][STEPS][FEATURES];
        for (float[][] row : rows) {
            for (float[] step : row) {
                for (int i = 0; i < FEATURES; i++) {
                    step[i] = (float) random.nextGaussian();
                }
            }
        }
        return rows;
    }

    private static float[][][] realSteps(float[][][] rows) {
        float[][][] real = new float[rows.length][][];
        for (int row = 0; row < rows.length; row++) {
            float[][] of = rows[row];
            boolean[] mask = MASK[row];
            real[row] = IntStream.range(0, STEPS)
                    .filter(t -> mask[t])
                    .mapToObj(t -> of[t])
                    .toArray(float[][]::new);
        }
        return real;
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("layers")
    void outputsStandWhereTheRealStepsDo(String name, String title, Supplier<RecurrentLayer<?>> layer) {
        float[][][] x = sequences();
        try (Device device = Devices.named(name);
                Sequential repeats = model(device, layer.get());
                Sequential zeros = model(device, layer.get().zeroOutputForMask())) {
            SequenceOutput alone = repeats.predict(SequenceInput.of(realSteps(x)));
            SequenceOutput masked = repeats.predict(SequenceInput.of(x).mask(MASK));
            SequenceOutput zeroed = zeros.predict(SequenceInput.of(x).mask(MASK));
            assertThat(masked.states().get("layer").h())
                    .isDeepEqualTo(alone.states().get("layer").h());
            int width = masked.output().sequences()[0][0].length;
            int directions = title.equals("both") || title.equals("stacked") ? 2 : 1;
            for (int row = 0; row < MASK.length; row++) {
                float[][] real = alone.output().sequences()[row];
                for (int half = 0; half < directions; half++) {
                    boolean reverse = half == 1 || title.equals("reverse");
                    float[] shown = new float[width / directions];
                    int read = 0;
                    for (int i = 0; i < STEPS; i++) {
                        int t = reverse ? STEPS - 1 - i : i;
                        float[] nothing = new float[shown.length];
                        if (MASK[row][t]) {
                            int k = reverse ? real.length - 1 - read : read;
                            shown = part(real[k], half, shown.length);
                            read++;
                        }
                        assertThat(part(masked.output().sequences()[row][t], half, shown.length))
                                .as("row %d, step %d", row, t)
                                .isEqualTo(shown);
                        assertThat(part(zeroed.output().sequences()[row][t], half, shown.length))
                                .as("row %d, step %d, zeros", row, t)
                                .isEqualTo(MASK[row][t] ? shown : nothing);
                    }
                }
            }
        }
    }

    @MustBeClosed
    private static Sequential model(Device device, RecurrentLayer<?> layer) {
        return Sequential.on(device)
                .seed(3)
                .add(layer.named("layer").returnSequences())
                .build(FEATURES);
    }

    private static float[] part(float[] values, int half, int width) {
        return Arrays.copyOfRange(values, half * width, (half + 1) * width);
    }

    /** The gradient that reaches a real step is the sum over all places where its output is shown. */
    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("layers")
    void gradientsAreThoseOfTheRealStepsAlone(String name, String title, Supplier<RecurrentLayer<?>> layer) {
        try (Device device = Devices.named(name);
                Sequential model = model(device, layer.get());
                Context context = Context.training(device, 1)) {
            context.begin(1);
            Tensor x = context.scope().f32("x", STEPS, MASK.length, FEATURES);
            Random random = new Random(7);
            x.write(floats(random, x.arraySize()));
            Variable given = Variable.of(x, context.scope().lengths(Mask.of(STEPS, MASK)), context.scope());
            Variable y = model.forward(context, given);
            float[] weights = floats(random, y.value().arraySize());
            y.gradient().write(weights);
            context.tape().backward();
            float[] dx = given.gradient().toFloats();
            float[] values = x.toFloats();
            double largest = 0;
            for (float element : dx) {
                largest = Math.max(largest, Math.abs(element));
            }
            assertThat(largest).isGreaterThan(0.01);
            for (int i = 0; i < values.length; i++) {
                int row = i / FEATURES % MASK.length;
                int t = i / FEATURES / MASK.length;
                if (!MASK[row][t]) {
                    assertThat(dx[i]).isZero();
                    continue;
                }
                float saved = values[i];
                values[i] = saved + 0.01f;
                double above = loss(model, values, weights);
                values[i] = saved - 0.01f;
                double below = loss(model, values, weights);
                values[i] = saved;
                assertThat((double) dx[i])
                        .as("dx of row %d, step %d", row, t)
                        .isCloseTo((above - below) / 0.02, org.assertj.core.api.Assertions.within(2e-3 * largest));
            }
        }
    }

    private static double loss(Sequential model, float[] values, float[] weights) {
        float[][][] rows = new float[MASK.length][STEPS][FEATURES];
        for (int i = 0; i < values.length; i++) {
            rows[i / FEATURES % MASK.length][i / FEATURES / MASK.length][i % FEATURES] = values[i];
        }
        float[][][] y =
                model.predict(SequenceInput.of(rows).mask(MASK)).output().sequences();
        int width = y[0][0].length;
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            sum += (double) weights[i] * y[i / width % MASK.length][i / width / MASK.length][i % width];
        }
        return sum;
    }

    private static float[] floats(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    @Test
    void maskingLeavesOutStepsOfItsValue() {
        float[][][] x = sequences();
        float[][][] marked = sequences();
        for (int row = 0; row < MASK.length; row++) {
            for (int t = 0; t < STEPS; t++) {
                if (!MASK[row][t]) {
                    Arrays.fill(marked[row][t], -9f);
                }
            }
        }
        for (Supplier<Layer> pooling :
                List.<Supplier<Layer>>of(TimePooling::mean, TimePooling::max, TimePooling::last)) {
            try (Device device = Devices.named("reference");
                    Sequential model = Sequential.on(device)
                            .seed(4)
                            .add(Masking.of(-9f))
                            .add(Lstm.of(3).returnSequences())
                            .add(pooling.get())
                            .build(FEATURES);
                    Sequential alone = Sequential.on(device)
                            .seed(4)
                            .add(Masking.of(-99f))
                            .add(Lstm.of(3).returnSequences())
                            .add(pooling.get())
                            .build(FEATURES)) {
                assertThat(model.predict(marked)).isDeepEqualTo(alone.predict(realSteps(x)));
            }
        }
    }

    @Test
    void aMaskOrStateThatDoesNotFitIsNamed() {
        try (Device device = Devices.named("reference");
                Sequential model = model(device, Lstm.of(2))) {
            assertThatThrownBy(() -> model.predict(SequenceInput.of(sequences()).mask(MASK[0])))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("mask: expected 4 rows as the sequences, got 1");
            assertThatThrownBy(() -> model.predict(SequenceInput.of(sequences())
                            .state("elsewhere", StateValues.of(new float[1][4][2], new float[1][4][2]))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("states: expected names of recurrent layers ([layer]), got [elsewhere]");
            assertThatThrownBy(() -> model.predict(SequenceInput.of(sequences())
                            .state("layer", StateValues.of(new float[1][3][2], new float[1][4][2]))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("states of 'layer': h[0]: expected a length of 4 of [L*D][B][H], got 3");
        }
        try (Device device = Devices.named("reference");
                Sequential model = model(device, Lstm.of(3).projection(2))) {
            assertThatThrownBy(() -> model.predict(
                            SequenceInput.of(sequences()).state("layer", StateValues.of(states(3), states(3)))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("states of 'layer': h[0][0]: expected a length of 2 of [L*D][B][P], got 3");
            assertThatThrownBy(() -> model.predict(
                            SequenceInput.of(sequences()).state("layer", StateValues.of(states(2), states(2)))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("states of 'layer': c[0][0]: expected a length of 3 of [L*D][B][H], got 2");
        }
    }

    private static float[][][] states(int size) {
        return new float[1][4][size];
    }
}
