package org.gatefold.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.layer.attention.AdditiveAttention;
import org.gatefold.layer.attention.DotAttention;
import org.gatefold.layer.attention.GeneralAttention;
import org.gatefold.layer.basic.AllSteps;
import org.gatefold.layer.basic.Masking;
import org.gatefold.layer.norm.BatchNorm;
import org.gatefold.layer.pooling.TimePooling;
import org.gatefold.model.Sequential;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Mask;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Layers that read sequences from which a mask leaves out steps, also between others: as if the real steps stood alone. */
class LeftOutStepsTest {
    private static final int STEPS = 5;
    private static final int FEATURES = 3;
    private static final boolean[][] MASK = {
        {true, false, true, false, true}, {false, false, true, true, false}, {true, true, true, true, true},
    };

    private final Device device = Devices.named("reference");
    private final Scope scope = device.openScope("model");
    private final ParameterStore store = new ParameterStore();

    @AfterEach
    void close() {
        scope.close();
        device.close();
    }

    private <L extends Layer> L built(L layer) {
        layer.build(store, layer.defaultName(), Form.sequences(FEATURES));
        store.allocate(scope, 7);
        return layer;
    }

    /** {@code [T, B, F]}, with NaN at the steps left out unless they hold {@code value}. */
    private static float[] sequences(float value) {
        Random random = new Random(3);
        float[] x = new float[STEPS * MASK.length * FEATURES];
        for (int i = 0; i < x.length; i++) {
            x[i] = isReal(i / FEATURES) ? (float) random.nextGaussian() : value;
        }
        return x;
    }

    private static boolean isReal(int column) {
        return MASK[column % MASK.length][column / MASK.length];
    }

    /** The real steps of one row, alone. */
    private static float[] alone(float[] x, int row) {
        int count = 0;
        float[] steps = new float[x.length];
        for (int t = 0; t < STEPS; t++) {
            if (MASK[row][t]) {
                System.arraycopy(x, (t * MASK.length + row) * FEATURES, steps, count, FEATURES);
                count += FEATURES;
            }
        }
        return Arrays.copyOf(steps, count);
    }

    private Variable given(Context context, float... x) {
        Tensor tensor = context.scope().f32("x", STEPS, MASK.length, FEATURES);
        tensor.write(x);
        return Variable.constant(tensor, context.scope().lengths(Mask.of(STEPS, MASK)));
    }

    static Stream<Arguments> attentions() {
        return Stream.of(
                Arguments.of("dot", (Supplier<Layer>) DotAttention::create),
                Arguments.of("general", (Supplier<Layer>) GeneralAttention::create),
                Arguments.of("additive", (Supplier<Layer>) () -> AdditiveAttention.of(2)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("attentions")
    void areNotAttendedTo(String name, Supplier<Layer> made) {
        Layer layer = built(made.get());
        float[] x = sequences(9f);
        try (Context context = Context.inference(device)) {
            context.begin(0);
            float[] y = layer.forward(context, given(context, x)).value().toFloats();
            for (int row = 0; row < MASK.length; row++) {
                float[] real = alone(x, row);
                Tensor one = context.scope().f32("alone", real.length / FEATURES, 1, FEATURES);
                one.write(real);
                float[] expected =
                        layer.forward(context, Variable.constant(one)).value().toFloats();
                assertThat(alone(y, row)).as(name).containsExactly(expected, within(1e-6f));
            }
        }
    }

    @Test
    void causalAttentionTakesThemAtTheEndsOfRowsAlone() {
        DotAttention causal = built(DotAttention.create().causal());
        try (Context context = Context.inference(device)) {
            context.begin(0);
            assertThatThrownBy(() -> causal.forward(context, given(context, sequences(9f))))
                    .hasMessage(
                            "mask: causal attention takes steps left out at the ends of rows alone; got a mask that leaves out "
                                    + "earlier ones");
            Tensor x = context.scope().zeros("x", 3, 1, FEATURES);
            boolean[][] ends = {{true, true, false}};
            Variable y =
                    causal.forward(context, Variable.constant(x, context.scope().lengths(Mask.of(3, ends))));
            assertThat(y.lengths().of(0)).isEqualTo(2);
        }
    }

    @Test
    void doNotCountForBatchNorm() {
        BatchNorm layer = built(BatchNorm.create());
        float[] x = sequences(Float.NaN);
        double sum = 0;
        double squares = 0;
        int count = 0;
        for (int i = 0; i < x.length; i += FEATURES) {
            if (isReal(i / FEATURES)) {
                sum += x[i];
                squares += x[i] * x[i];
                count++;
            }
        }
        double mean = sum / count;
        double deviation = Math.sqrt(squares / count - mean * mean + 1e-5);
        try (Context context = Context.training(device, 1)) {
            context.begin(0);
            float[] y = layer.forward(context, given(context, x)).value().toFloats();
            for (int i = 0; i < x.length; i += FEATURES) {
                double expected = isReal(i / FEATURES) ? (x[i] - mean) / deviation : 0;
                assertThat(y[i]).isCloseTo((float) expected, within(1e-5f));
            }
        }
    }

    /** As behind Keras' {@code Masking}. */
    @Test
    void areZerosBehindMasking() {
        float[] x = sequences(2f);
        Masking layer = built(Masking.of(2f));
        try (Context context = Context.training(device, 1)) {
            context.begin(0);
            Tensor tensor = context.scope().f32("x", STEPS, MASK.length, FEATURES);
            tensor.write(x);
            Variable given = Variable.of(tensor, null, context.scope());
            Variable y = layer.forward(context, given);
            float[] values = y.value().toFloats();
            Tensor ones = context.scope().f32("dy", y.shape());
            ones.fill(1f);
            context.tape().backward(y, ones);
            float[] gradient = given.gradient().toFloats();
            for (int i = 0; i < x.length; i++) {
                assertThat(values[i]).isEqualTo(isReal(i / FEATURES) ? x[i] : 0f);
                assertThat(gradient[i]).isEqualTo(isReal(i / FEATURES) ? 1f : 0f);
            }
            assertThat(y.lengths().mask().isReal(0, 1)).isFalse();
        }
    }

    @Test
    void countAgainBehindAllSteps() {
        float[][][] rows = {{{1f}, {2f}, {4f}, {2f}}};
        try (Sequential masked = Sequential.on(device)
                        .add(Masking.of(2f))
                        .add(TimePooling.mean())
                        .build(1);
                Sequential all = Sequential.on(device)
                        .add(Masking.of(2f))
                        .add(AllSteps.create())
                        .add(TimePooling.mean())
                        .build(1)) {
            assertThat(masked.predict(rows)[0][0]).isEqualTo(2.5f);
            assertThat(all.predict(rows)[0][0]).isEqualTo(1.25f);
            assertThatThrownBy(() -> all.stream(1).close())
                    .hasMessageContaining("reads steps behind the ends of rows, which a stream has not come to");
        }
    }
}
