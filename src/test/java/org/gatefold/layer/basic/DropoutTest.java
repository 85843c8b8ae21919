package org.gatefold.layer.basic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.layer.Context;
import org.gatefold.layer.Layer;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.tensor.Form;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Masks depend on seed and step of the context alone, and there are none in inference. */
class DropoutTest {
    private final Device device = Devices.named("reference");
    private final Scope scope = device.openScope("model");

    @AfterEach
    void close() {
        scope.close();
        device.close();
    }

    static Stream<Supplier<Layer>> layers() {
        return Stream.of(
                () -> Dropout.of(0.5f), () -> Lstm.of(8).layers(3).dropout(0.5f).returnSequences());
    }

    private void build(Layer layer) {
        ParameterStore store = new ParameterStore();
        layer.build(store, "layer", Form.sequences(6));
        store.allocate(scope, 1);
    }

    private static float[] run(Context context, long step, Layer layer) {
        context.begin(step);
        Variable x = Variable.constant(context.scope().zeros("x", 5, 4, 6));
        x.value().fill(1f);
        return layer.forward(context, x).value().toFloats();
    }

    @ParameterizedTest
    @MethodSource("layers")
    void seedAndStepDecide(Supplier<Layer> maker) {
        Layer layer = maker.get();
        build(layer);
        try (Context a = Context.training(device, 1);
                Context b = Context.training(device, 1);
                Context c = Context.training(device, 2);
                Context inference = Context.inference(device)) {
            float[] first = run(a, 0, layer);
            float[] second = run(a, 1, layer);
            assertThat(second).isNotEqualTo(first);
            assertThat(run(b, 1, layer)).isEqualTo(second);
            assertThat(run(b, 0, layer)).isEqualTo(first);
            assertThat(run(c, 0, layer)).isNotEqualTo(first);

            float[] without = run(inference, 0, layer);
            assertThat(without).isNotEqualTo(first);
            assertThat(run(inference, 1, layer)).isEqualTo(without);
            a.setDropout(false);
            assertThat(run(a, 0, layer)).isEqualTo(without);
            assertThatThrownBy(() -> inference.setDropout(true)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void keptValuesAreScaledAndTwoLayersDrawDifferentMasks() {
        Layer first = Dropout.of(0.75f);
        Layer second = Dropout.of(0.75f);
        build(first);
        build(second);
        try (Context context = Context.training(device, 3)) {
            context.begin(0);
            Variable x = Variable.constant(context.scope().zeros("x", 50, 40, 6));
            x.value().fill(1f);
            float[] a = first.forward(context, x).value().toFloats();
            float[] b = second.forward(context, x).value().toFloats();
            assertThat(a).containsOnly(0f, 4f).isNotEqualTo(b);
            int kept = 0;
            for (float value : a) {
                kept += value > 0 ? 1 : 0;
            }
            // 12,000 draws with probability 1/4: five standard deviations are 237.
            assertThat(kept).isBetween(3000 - 237, 3000 + 237);
        }
    }

    /** Zeros and twos, each number as the one whose place is given. */
    private static void requireAlike(float[] y, IntUnaryOperator first) {
        Set<Float> kinds = new TreeSet<>();
        for (int i = 0; i < y.length; i++) {
            assertThat(y[i]).isEqualTo(y[first.applyAsInt(i)]);
            kinds.add(y[i]);
        }
        assertThat(kinds).containsExactly(0f, 2f);
    }

    @Test
    void aLockedMaskIsThatOfTheRowAtAllSteps() {
        Layer layer = Dropout.of(0.5f).locked();
        build(layer);
        try (Context context = Context.training(device, 3)) {
            float[] y = run(context, 0, layer);
            int step = y.length / 5;
            requireAlike(y, i -> i % step);
            assertThat(Arrays.copyOfRange(y, 0, 6)).isNotEqualTo(Arrays.copyOfRange(y, 6, 12));
        }
    }

    @Test
    void wholeStepsAreDroppedOrKept() {
        Layer layer = Dropout.of(0.5f).wholeSteps();
        build(layer);
        try (Context context = Context.training(device, 3)) {
            float[] y = run(context, 0, layer);
            int features = 6;
            requireAlike(y, i -> i - i % features);
            assertThat(run(context, 1, layer)).isNotEqualTo(y);
        }
    }
}
