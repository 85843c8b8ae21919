package org.gatefold.layer.recurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.layer.Context;
import org.gatefold.layer.Layer;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.recurrent.state.LayerState;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RecurrentCellTest extends RandomSequences {
    private static final int STEPS = 6;
    private static final int BATCH = 3;
    private static final int FEATURES = 5;
    private static final int UNITS = 7;

    RecurrentCellTest() {
        super(3, STEPS, BATCH, FEATURES);
    }

    static Stream<Supplier<RecurrentLayer<?>>> layers() {
        return Stream.of(
                () -> Lstm.of(UNITS).layers(2).returnSequences(),
                () -> Gru.of(UNITS).layers(2).returnSequences(),
                () -> Rnn.of(UNITS).returnSequences());
    }

    private ParameterStore build(Layer layer) {
        return build(layer, "layer", 1);
    }

    private float[] whole(RecurrentLayer<?> layer) {
        try (Context context = Context.inference(device)) {
            context.begin(0);
            Tensor x = context.scope().f32("x", STEPS, BATCH, FEATURES);
            x.write(data);
            return layer.forward(context, Variable.constant(x)).value().toFloats();
        }
    }

    private float[] input(int step) {
        return Arrays.copyOfRange(data, step * BATCH * FEATURES, (step + 1) * BATCH * FEATURES);
    }

    @ParameterizedTest
    @MethodSource("layers")
    void steppingEqualsTheLayerBitForBit(Supplier<RecurrentLayer<?>> maker) {
        RecurrentLayer<?> layer = maker.get();
        build(layer);
        float[] expected = whole(layer);
        for (boolean training : new boolean[] {false, true}) {
            try (Context context = training ? Context.training(device, 1) : Context.inference(device)) {
                context.begin(0);
                LayerState state = layer.cell().zeroState(context, BATCH);
                for (int t = 0; t < STEPS; t++) {
                    Tensor x = context.scope().f32("x", BATCH, FEATURES);
                    x.write(input(t));
                    var result = layer.cell().step(context, Variable.constant(x), state);
                    state = result.state();
                    assertThat(result.output().value().toFloats())
                            .as("step %d", t)
                            .isEqualTo(Arrays.copyOfRange(expected, t * BATCH * UNITS, (t + 1) * BATCH * UNITS));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("layers")
    void steppingOnTheCpuEqualsTheReference(Supplier<RecurrentLayer<?>> maker) {
        RecurrentLayer<?> layer = maker.get();
        ParameterStore store = build(layer);
        float[] expected = whole(layer);
        try (Device cpu = Devices.cpu();
                Scope cpuScope = cpu.openScope("model")) {
            RecurrentLayer<?> onCpu = maker.get();
            ParameterStore copy = new ParameterStore();
            onCpu.build(copy, "layer", Form.sequences(FEATURES));
            copy.allocate(cpuScope, 2);
            copy.copyFrom(store);
            try (CellStream stream = onCpu.cell().stream(cpu, BATCH)) {
                float[] output = new float[BATCH * UNITS];
                for (int t = 0; t < STEPS; t++) {
                    stream.step(input(t), output);
                    for (int i = 0; i < output.length; i++) {
                        // Outputs are of order 1; six steps of sums of twelve products in float.
                        assertThat(output[i]).isCloseTo(expected[t * BATCH * UNITS + i], within(2e-6f));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("layers")
    void aStreamEqualsTheLayerBitForBitAndStartsAnew(Supplier<RecurrentLayer<?>> maker) {
        RecurrentLayer<?> layer = maker.get();
        build(layer);
        float[] expected = whole(layer);
        try (CellStream stream = layer.cell().stream(device, BATCH)) {
            long held = 0;
            for (int round = 0; round < 3; round++) {
                float[] output = new float[BATCH * UNITS];
                for (int t = 0; t < STEPS; t++) {
                    stream.step(input(t), output);
                    assertThat(output)
                            .isEqualTo(Arrays.copyOfRange(expected, t * BATCH * UNITS, (t + 1) * BATCH * UNITS));
                    held = held == 0 ? device.bytesInUse() : held;
                    assertThat(device.bytesInUse()).isEqualTo(held);
                }
                stream.reset();
            }
        }
    }

    @Test
    void aStreamTakesUpChangedWeights() {
        Lstm lstm = Lstm.of(UNITS);
        ParameterStore store = build(lstm);
        try (CellStream stream = lstm.cell().stream(device, BATCH)) {
            float[] before = new float[BATCH * UNITS];
            float[] after = new float[BATCH * UNITS];
            stream.step(input(0), before);
            store.values().fill(0f);
            store.changed();
            stream.reset();
            stream.step(input(0), after);
            assertThat(before).isNotEqualTo(after);
            assertThat(after).containsOnly(0f);
        }
    }

    @Test
    void wrongSizesAreNamed() {
        Lstm lstm = Lstm.of(UNITS);
        build(lstm);
        try (CellStream stream = lstm.cell().stream(device, BATCH);
                Context context = Context.inference(device)) {
            context.begin(0);
            Variable x = Variable.constant(context.scope().zeros("x", BATCH, FEATURES + 1));
            assertThatThrownBy(() -> lstm.cell().step(context, x, null))
                    .hasMessage("layer: x: expected shape [B, 5], got [3, 6]");
            assertThatThrownBy(() -> stream.step(new float[BATCH * FEATURES], new float[1]))
                    .hasMessage("output: expected room for 21 numbers, got 1");
            assertThatThrownBy(() -> stream.step(new float[2], new float[BATCH * UNITS]))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aCellGoesForwardAndNeedsABuiltLayer() {
        Gru both = Gru.of(UNITS).bidirectional();
        assertThatThrownBy(both::cell).isInstanceOf(IllegalStateException.class).hasMessageContaining("not built yet");
        build(both);
        assertThatThrownBy(both::cell).hasMessage("layer 'layer': a cell goes forward, the layer is bidirectional");
    }
}
