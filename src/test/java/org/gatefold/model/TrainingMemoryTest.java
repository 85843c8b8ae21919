package org.gatefold.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.ActivationLayer;
import org.gatefold.layer.Context;
import org.gatefold.layer.Dropout;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Linear;
import org.gatefold.layer.Softmax;
import org.gatefold.layer.TimePooling;
import org.gatefold.layer.recurrent.Bidirectional;
import org.gatefold.layer.recurrent.Gru;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.layer.recurrent.Rnn;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a training step takes from memory, native and Java's, and that it gives it back. */
class TrainingMemoryTest {
    private static final int BATCH = 5;
    private static final int STEPS = 9;

    private static void open(String name, Consumer<Device> test) {
        try (Device device = Devices.named(name)) {
            test.accept(device);
            assertThat(device.bytesInUse()).as("bytes left").isZero();
        }
    }

    static Stream<Supplier<Layer[]>> models() {
        return Stream.of(
                () -> new Layer[] {Lstm.of(7), Linear.of(2)},
                () -> new Layer[] {Lstm.of(7).layers(2).bidirectional().dropout(0.2f), Dropout.of(0.5f), Linear.of(2)},
                () -> new Layer[] {
                    Lstm.of(7).returnSequences(),
                    Gru.of(6).bidirectional().returnSequences().recompute(3),
                    TimePooling.mean(),
                    Softmax.logarithms()
                },
                () -> new Layer[] {
                    Bidirectional.of(Rnn.of(4).returnSequences()).merge(Bidirectional.Merge.SUM),
                    Bidirectional.of(Lstm.of(4)).merge(Bidirectional.Merge.MULTIPLY),
                    ActivationLayer.relu()
                },
                () -> new Layer[] {Lstm.of(7).stateful().returnSequences(), Linear.of(2)},
                () -> new Layer[] {Gru.of(7).layers(2).stateful(), Linear.of(2)});
    }

    @ParameterizedTest
    @MethodSource("models")
    void theFootprintIsWhatAStepUses(Supplier<Layer[]> layers) {
        open("reference", device -> footprintIsWhatAStepUses(device, layers.get()));
        open("cpu", device -> footprintIsWhatAStepUses(device, layers.get()));
    }

    private static void footprintIsWhatAStepUses(Device device, Layer[] layers) {
        Sequential.Builder builder = Sequential.on(device);
        for (Layer layer : layers) {
            builder.add(layer);
        }
        try (Sequential model = builder.build(TestModels.FEATURES);
                Context context = Context.training(device, 1)) {
            TrainingFootprint footprint = model.footprint(BATCH, STEPS);
            for (int step = 0; step < 3; step++) {
                context.begin(step);
                Tensor x = context.scope().zeros("x", STEPS, BATCH, TestModels.FEATURES);
                Lengths lengths = context.scope().lengths(STEPS, 9, 0, 3, 5, 1);
                Variable y = model.forward(context, Variable.constant(x, lengths));
                y.gradient().fill(1f);
                context.tape().backward();
            }
            assertThat(context.scope().peakBytes()).isEqualTo(footprint.step());
            assertThat(model.parameters().values().bytes()).isEqualTo(footprint.parameters());
            assertThat(model.parameters().gradients().bytes()).isEqualTo(footprint.gradients());
            assertThat(footprint.withOptimizerStates(2).total())
                    .isEqualTo(footprint.total() + 2 * footprint.parameters());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void nativeMemoryDoesNotGrowAfterTheFirstStepAndIsGivenBack(String name) {
        open(name, device -> {
            try (Sequential model = TestModels.forecaster(device, 1);
                    Context context = Context.training(device, 1)) {
                float[][][] rows = TestModels.sequences(BATCH, STEPS, 1);
                TestModels.step(model, context, 0, rows);
                TestModels.step(model, context, 1, rows);
                long held = device.bytesInUse();
                for (int step = 2; step < 20; step++) {
                    TestModels.step(model, context, step, rows);
                    assertThat(device.bytesInUse()).isEqualTo(held);
                }
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void plansOfManySizesAreBounded(String name) {
        open(name, device -> {
            try (Sequential model = Sequential.on(device).add(Lstm.of(3)).build(TestModels.FEATURES);
                    Context context = Context.training(device, 1)) {
                long held = 0;
                for (int size = 1; size <= 120; size++) {
                    TestModels.step(model, context, size, TestModels.sequences(1, 1 + size % 60, size));
                    if (size == 60) {
                        held = device.bytesInUse();
                    }
                }
                assertThat(device.bytesInUse()).isLessThanOrEqualTo(held + (64 << 10));
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void aStepAllocatesLittleOnTheJavaHeap(String name) {
        open(name, device -> {
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            try (Sequential model = TestModels.forecaster(device, 1);
                    Context context = Context.training(device, 1)) {
                long thread = Thread.currentThread().getId();
                long allocated = 0;
                int rounds = 200;
                for (int step = -rounds; step < rounds; step++) {
                    if (step == 0) {
                        allocated = threads.getThreadAllocatedBytes(thread);
                    }
                    context.begin(step);
                    Tensor x = context.scope().zeros("x", STEPS, BATCH, TestModels.FEATURES);
                    Variable y = model.forward(context, Variable.constant(x));
                    y.gradient().fill(1f);
                    context.tape().backward();
                }
                long perStep = (threads.getThreadAllocatedBytes(thread) - allocated) / rounds;
                // Handles and recorded steps of five layers; the reference's own scratch comes on top.
                assertThat(perStep).isLessThan(name.equals("reference") ? 64 << 10 : 16 << 10);
            }
        });
    }
}
