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
import org.gatefold.layer.Context;
import org.gatefold.layer.Layer;
import org.gatefold.layer.attention.AdditiveAttention;
import org.gatefold.layer.attention.AttentionPooling;
import org.gatefold.layer.attention.DotAttention;
import org.gatefold.layer.attention.GeneralAttention;
import org.gatefold.layer.attention.MultiHeadAttention;
import org.gatefold.layer.attention.PositionalEmbedding;
import org.gatefold.layer.attention.SinusoidalPositions;
import org.gatefold.layer.attention.TransformerEncoder;
import org.gatefold.layer.attention.TransformerEncoderLayer;
import org.gatefold.layer.basic.ActivationLayer;
import org.gatefold.layer.basic.Dropout;
import org.gatefold.layer.basic.Highway;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.basic.Softmax;
import org.gatefold.layer.cell.BatchNormLstm;
import org.gatefold.layer.cell.CellFunction;
import org.gatefold.layer.cell.CellLoop;
import org.gatefold.layer.cell.IndRnn;
import org.gatefold.layer.cell.LayerNormGru;
import org.gatefold.layer.cell.LayerNormLstm;
import org.gatefold.layer.cell.Slstm;
import org.gatefold.layer.cell.Sru;
import org.gatefold.layer.convolution.Conv1d;
import org.gatefold.layer.convolution.Conv2d;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.embedding.TiedLinear;
import org.gatefold.layer.form.Flatten;
import org.gatefold.layer.form.Permute;
import org.gatefold.layer.form.RepeatVector;
import org.gatefold.layer.form.Reshape;
import org.gatefold.layer.form.TimeDistributed;
import org.gatefold.layer.form.TimeSlice;
import org.gatefold.layer.form.ToRows;
import org.gatefold.layer.form.ToSequence;
import org.gatefold.layer.norm.BatchNorm;
import org.gatefold.layer.norm.GroupNorm;
import org.gatefold.layer.norm.LayerNorm;
import org.gatefold.layer.pooling.AvgPool1d;
import org.gatefold.layer.pooling.AvgPool2d;
import org.gatefold.layer.pooling.GlobalPooling;
import org.gatefold.layer.pooling.MaxPool1d;
import org.gatefold.layer.pooling.MaxPool2d;
import org.gatefold.layer.pooling.TimePooling;
import org.gatefold.layer.recurrent.Bidirectional;
import org.gatefold.layer.recurrent.Gru;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.layer.recurrent.Rnn;
import org.gatefold.tensor.ElementType;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
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

    static Stream<Supplier<Layer[]>> sequenceModels() {
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
                () -> new Layer[] {Lstm.of(7).layers(2).weightDropout(0.3f).returnSequences(), Linear.of(2)},
                () -> new Layer[] {
                    Lstm.of(7)
                            .projection(3)
                            .layers(2)
                            .bidirectional()
                            .recompute(4)
                            .learnedInitialState()
                            .returnSequences(),
                    Lstm.of(6).projection(5).weightDropout(0.3f).stateful(),
                    Linear.of(2)
                },
                () -> new Layer[] {
                    Lstm.of(7)
                            .layerNorm()
                            .layers(2)
                            .bidirectional()
                            .recompute(4)
                            .returnSequences(),
                    Lstm.of(6).layerNorm().weightDropout(0.3f).stateful(),
                    Linear.of(2)
                },
                () -> new Layer[] {
                    Gru.of(7).layerNorm().layers(2).bidirectional().recompute(4).returnSequences(),
                    Gru.of(6).layerNorm().resetBefore().weightDropout(0.3f).returnSequences(),
                    Rnn.of(5).layerNorm().stateful(),
                    Linear.of(2)
                },
                () -> new Layer[] {
                    Linear.of(4),
                    Lstm.of(7)
                            .batchNorm()
                            .layers(2)
                            .bidirectional()
                            .dropout(0.3f)
                            .learnedInitialState()
                            .returnSequences(),
                    Gru.of(6).batchNorm().weightDropout(0.3f).returnSequences(),
                    Rnn.of(5).batchNorm().bidirectional().returnSequences(),
                    Rnn.of(4).batchNorm().stateful(),
                    Linear.of(2)
                },
                () -> new Layer[] {Gru.of(7).goBackwards().returnSequences(), Linear.of(2)},
                () -> new Layer[] {
                    Linear.of(5), Lstm.of(5).skipInput().layers(2).recompute(4), Linear.of(2)
                },
                () -> new Layer[] {
                    Linear.of(3),
                    Bidirectional.of(
                            Lstm.of(4).returnSequences(), Gru.of(3).reverse().returnSequences()),
                    Bidirectional.of(Rnn.of(4), Gru.of(4).reverse()).merge(Bidirectional.Merge.AVERAGE)
                },
                () -> new Layer[] {Lstm.of(7).stateful().returnSequences(), Linear.of(2)},
                () -> new Layer[] {Gru.of(7).layers(2).stateful(), Linear.of(2)},
                () -> new Layer[] {
                    Conv1d.of(4, 3).same(), LayerNorm.create(), Conv1d.of(6, 2).causal()
                },
                () -> new Layer[] {Conv1d.of(4, 3), TimePooling.mean(), BatchNorm.create()},
                () -> new Layer[] {BatchNorm.create(), MultiHeadAttention.of(3).causal(), Linear.of(2)},
                () -> new Layer[] {
                    Linear.of(4), MultiHeadAttention.of(2).headSize(5).withoutBias(), Linear.of(2)
                },
                () -> new Layer[] {Linear.of(4), GeneralAttention.create(), Linear.of(2)},
                () -> new Layer[] {Linear.of(4), DotAttention.create().causal(), Linear.of(2)},
                () -> new Layer[] {Linear.of(4), AdditiveAttention.of(3), GroupNorm.of(2)},
                () -> new Layer[] {Linear.of(4), AttentionPooling.of(2), Linear.of(2)},
                () -> new Layer[] {Linear.of(4), PositionalEmbedding.of(9), SinusoidalPositions.create()},
                () -> new Layer[] {Linear.of(4), TransformerEncoder.of(2, TransformerEncoderLayer.of(2, 6))},
                () -> new Layer[] {
                    Linear.of(4), TransformerEncoderLayer.of(2, 6).preNorm().dropout(0f), LayerNorm.create()
                },
                () -> new Layer[] {Linear.of(4), Highway.of(ActivationLayer.tanh())},
                () -> new Layer[] {Linear.of(4), TimeSlice.last(3)},
                () -> new Layer[] {Linear.of(4), TimeSlice.every(2)},
                () -> new Layer[] {Conv1d.of(4, 3).stride(2), Lstm.of(5).returnSequences(), Linear.of(2)},
                () -> new Layer[] {Linear.of(4), MaxPool1d.of(2), Gru.of(4).returnSequences(), AttentionPooling.of(1)},
                () -> new Layer[] {
                    Lstm.of(7),
                    RepeatVector.of(4),
                    Conv1d.of(5, 2).stride(2),
                    Lstm.of(6).returnSequences(),
                    TimeSlice.every(2),
                    Linear.of(2)
                },
                () -> new Layer[] {Linear.of(4), TimeSlice.first(4), Gru.of(6).returnSequences(), LayerNorm.create()},
                () -> new Layer[] {Linear.of(4), MaxPool1d.of(3).stride(1).causal(), AvgPool1d.of(2)});
    }

    static Stream<Arguments> models() {
        Form images = Form.rows(2, 6, 7);
        Form films = Form.sequences(1, 5, 6);
        return Stream.concat(
                sequenceModels().map(layers -> Arguments.of(Form.sequences(TestModels.FEATURES), layers)),
                Stream.of(
                        model(Form.tokens(), () -> new Layer[] {Embedding.of(11, 6), TiedLinear.to("embedding")}),
                        model(Form.tokens(), () -> new Layer[] {Embedding.of(11, 6), MultiHeadAttention.of(2)}),
                        model(Form.tokens(), () ->
                                new Layer[] {Embedding.of(11, 6).paddingId(0), TimePooling.max()}),
                        model(images, () -> new Layer[] {Conv2d.of(4, 3, 3).same(), BatchNorm.create()}),
                        model(images, () -> new Layer[] {
                            BatchNorm.create(),
                            MaxPool2d.of(2, 2),
                            AvgPool2d.of(3, 3).same()
                        }),
                        model(images, () -> new Layer[] {
                            Conv2d.of(2, 1, 1), Permute.of(3, 1, 2), Reshape.of(7, 12), ToSequence.create()
                        }),
                        model(images, () -> new Layer[] {BatchNorm.create(), Flatten.create(), RepeatVector.of(3)}),
                        model(images, () ->
                                new Layer[] {BatchNorm.create(), Flatten.create(), RepeatVector.of(3), ToRows.of(3)}),
                        model(images, () -> new Layer[] {
                            BatchNorm.create(), Reshape.of(12, 7), ToSequence.create(), AvgPool1d.of(3), Lstm.of(3)
                        }),
                        model(films, () -> new Layer[] {Conv2d.of(3, 2, 2), GlobalPooling.max(), Lstm.of(3)})));
    }

    private static Arguments model(Form input, Supplier<Layer[]> layers) {
        return Arguments.of(input, layers);
    }

    @ParameterizedTest
    @MethodSource("models")
    void theFootprintIsWhatAStepUses(Form input, Supplier<Layer[]> layers) {
        open("reference", device -> footprintIsWhatAStepUses(device, input, layers.get()));
        open("cpu", device -> footprintIsWhatAStepUses(device, input, layers.get()));
    }

    private static Tensor zeros(Context context, Form input) {
        Shape shape = input.shape(STEPS, BATCH);
        if (input.type() == ElementType.F32) {
            return context.scope().zeros("x", shape);
        }
        Tensor ids = context.scope().i32("ids", shape.toArray());
        ids.write(new int[Math.toIntExact(shape.elements())]);
        return ids;
    }

    private static void footprintIsWhatAStepUses(Device device, Form input, Layer[] layers) {
        Sequential.Builder builder = Sequential.on(device);
        for (Layer layer : layers) {
            builder.add(layer);
        }
        try (Sequential model = builder.build(input);
                Context context = Context.training(device, 1)) {
            TrainingFootprint footprint = model.footprint(BATCH, STEPS);
            for (int step = 0; step < 3; step++) {
                context.begin(step);
                Tensor x = zeros(context, input);
                Lengths lengths = input.sequence() ? context.scope().lengths(STEPS, 9, 0, 3, 5, 1) : null;
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

    static Stream<Supplier<CellFunction>> cells() {
        return Stream.of(
                () -> IndRnn.of(13),
                () -> Slstm.of(13),
                () -> Sru.of(13),
                () -> LayerNormLstm.of(13),
                () -> LayerNormGru.of(13),
                () -> BatchNormLstm.of(13),
                () -> BatchNormLstm.of(13).perStep(4));
    }

    /** Steps compute only the rows that have not ended, so that the footprint is what a batch without padding takes. */
    @ParameterizedTest
    @MethodSource("cells")
    void theFootprintOfACellIsThatOfFullRows(Supplier<CellFunction> cell) {
        open("cpu", device -> {
            footprintOfACell(device, CellLoop.of(cell.get()).returnSequences());
            footprintOfACell(device, CellLoop.of(cell.get()).reverse());
            if (!cell.get().type().equals("BatchNormLstm")) {
                footprintOfACell(device, CellLoop.of(cell.get()).stateful());
            }
        });
    }

    private static void footprintOfACell(Device device, CellLoop loop) {
        try (Sequential model = Sequential.on(device)
                .add(Linear.of(4))
                .add(loop)
                .add(Linear.of(2))
                .build(TestModels.FEATURES)) {
            TrainingFootprint footprint = model.footprint(BATCH, STEPS);
            assertThat(peak(model, 9, 9, 9, 9, 9)).isEqualTo(footprint.step());
            for (int[] rows : new int[][] {{9, 9, 9, 9, 8}, {9, 0, 3, 5, 1}, {0, 0, 0, 0, 1}}) {
                assertThat(peak(model, rows)).isPositive().isLessThanOrEqualTo(footprint.step());
            }
        }
    }

    /** What three steps on rows of these lengths take at most from the arena. */
    private static long peak(Sequential model, int... rows) {
        try (Context context = Context.training(model.device(), 1)) {
            for (int step = 0; step < 3; step++) {
                context.begin(step);
                Tensor x = context.scope().zeros("x", STEPS, BATCH, TestModels.FEATURES);
                Variable y = model.forward(
                        context, Variable.constant(x, context.scope().lengths(STEPS, rows)));
                y.gradient().fill(1f);
                context.tape().backward();
            }
            return context.scope().peakBytes();
        }
    }

    /** Only real steps are gathered, so that the footprint is what a batch without padding would take at most. */
    @Test
    void theFootprintOfDistributedLayersIsNeverPassed() {
        open("cpu", device -> {
            try (Sequential model = Sequential.on(device)
                    .add(TimeDistributed.of(Linear.of(4), BatchNorm.create()))
                    .build(TestModels.FEATURES)) {
                long footprint = model.footprint(BATCH, STEPS).step();
                for (int[] rows : new int[][] {{9, 9, 9, 9, 9}, {9, 9, 9, 9, 8}, {9, 0, 3, 5, 1}, {0, 0, 0, 0, 1}}) {
                    assertThat(peak(model, rows)).isPositive().isLessThanOrEqualTo(footprint);
                }
            }
        });
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
