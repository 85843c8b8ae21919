package org.gatefold.layer.recurrent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Layer;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.recurrent.state.CarriedState;
import org.gatefold.layer.recurrent.state.LayerState;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** Long sequences in windows: outputs, and gradients with and without a cut at the border. */
class CarriedStateTest extends RandomSequences {
    private static final int STEPS = 8;
    private static final int BATCH = 2;
    private static final int FEATURES = 3;
    private static final int UNITS = 5;

    CarriedStateTest() {
        super(8, STEPS, BATCH, FEATURES);
    }

    private ParameterStore build(Layer layer) {
        return build(layer, "lstm", 2);
    }

    private Variable window(Context context, int from, int count) {
        Tensor x = context.scope().f32("x", count, BATCH, FEATURES);
        x.write(Arrays.copyOfRange(data, from * BATCH * FEATURES, (from + count) * BATCH * FEATURES));
        return Variable.constant(x);
    }

    private static double error(float[] actual, float[] expected) {
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            difference = Math.max(difference, Math.abs((double) actual[i] - expected[i]));
        }
        return difference / largest;
    }

    /** Gradient of the sum of all outputs, the sequence cut into windows; the tape runs through all of them. */
    private float[] gradient(Lstm lstm, ParameterStore store, int windows, boolean cut) {
        store.zeroGradients();
        try (Context context = Context.training(device, 1)) {
            context.begin(1);
            LayerState state = null;
            int length = STEPS / windows;
            for (int w = 0; w < windows; w++) {
                var result = lstm.forward(context, window(context, w * length, length), state);
                result.output().gradient().fill(1f);
                state = cut ? result.state().detached() : result.state();
            }
            context.tape().backward();
            return store.gradients().toFloats();
        }
    }

    @Test
    void windowsThatShareATapeHaveTheGradientOfTheWhole() {
        Lstm lstm = Lstm.of(UNITS).layers(2).returnSequences();
        ParameterStore store = build(lstm);
        float[] whole = gradient(lstm, store, 1, false);
        assertThat(gradient(lstm, store, 1, true)).isEqualTo(whole);
        // Sums over steps are cut in four: a few roundings of 2^-24 each.
        assertThat(error(gradient(lstm, store, 4, false), whole)).isLessThan(2e-6);
        assertThat(error(gradient(lstm, store, 4, true), whole)).isGreaterThan(1e-2);
    }

    @Test
    void aStatefulLayerGoesOnWhereTheBatchBeforeEnded() {
        Lstm plain = Lstm.of(UNITS).returnSequences();
        ParameterStore weights = build(plain);
        Lstm stateful = Lstm.of(UNITS).returnSequences().stateful();
        ParameterStore store = build(stateful);
        store.copyFrom(weights);
        try (Context context = Context.training(device, 1)) {
            context.begin(0);
            float[] whole =
                    plain.forward(context, window(context, 0, STEPS)).value().toFloats();
            for (int round = 0; round < 2; round++) {
                List<Float> parts = new ArrayList<>();
                for (int from = 0; from < STEPS; from += 2) {
                    context.begin(from);
                    Variable y = stateful.forward(context, window(context, from, 2));
                    for (float value : y.value().toFloats()) {
                        parts.add(value);
                    }
                    y.gradient().fill(1f);
                    context.tape().backward();
                }
                float[] joined = new float[parts.size()];
                for (int i = 0; i < joined.length; i++) {
                    joined[i] = parts.get(i);
                }
                assertThat(joined).isEqualTo(whole);
                context.clearCarriedStates();
            }
        }
    }

    @Test
    void statesAreForgottenWhenTheNumberOfRowsChanges() {
        Gru gru = Gru.of(UNITS).stateful();
        build(gru);
        try (Context context = Context.inference(device)) {
            context.begin(0);
            float[] first = gru.forward(context, window(context, 0, 2)).value().toFloats();
            context.begin(1);
            Variable one = Variable.constant(context.scope().zeros("x", 2, 1, FEATURES));
            assertThat(gru.forward(context, one).shape().dim(0)).isEqualTo(1);
            context.begin(2);
            assertThat(gru.forward(context, window(context, 0, 2)).value().toFloats())
                    .isEqualTo(first);
        }
    }

    @Test
    void aCarriedStateOutlivesTheStep() {
        Lstm lstm = Lstm.of(UNITS).returnSequences();
        build(lstm);
        try (Context context = Context.inference(device);
                CarriedState carried = lstm.carriedState(scope, BATCH)) {
            context.begin(0);
            assertThat(carried.state(context)).isNull();
            var result = lstm.forward(context, window(context, 0, 3), null);
            float[] expected = result.state().c().value().toFloats();
            carried.keep(result.state());
            context.begin(1);
            assertThat(carried.state(context).c().value().toFloats()).isEqualTo(expected);
            carried.clear();
            assertThat(carried.state(context)).isNull();
        }
    }
}
