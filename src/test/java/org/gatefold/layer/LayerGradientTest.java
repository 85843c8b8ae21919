package org.gatefold.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.layer.attention.AdditiveAttention;
import org.gatefold.layer.attention.AttentionPooling;
import org.gatefold.layer.attention.DotAttention;
import org.gatefold.layer.attention.GeneralAttention;
import org.gatefold.layer.attention.MultiHeadAttention;
import org.gatefold.layer.attention.PositionalEmbedding;
import org.gatefold.layer.attention.SinusoidalPositions;
import org.gatefold.layer.basic.ActivationLayer;
import org.gatefold.layer.basic.Dropout;
import org.gatefold.layer.basic.Highway;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.basic.Residual;
import org.gatefold.layer.basic.Softmax;
import org.gatefold.layer.cell.BatchNormLstm;
import org.gatefold.layer.cell.CellLoop;
import org.gatefold.layer.cell.IndRnn;
import org.gatefold.layer.cell.LayerNormGru;
import org.gatefold.layer.cell.LayerNormLstm;
import org.gatefold.layer.cell.Slstm;
import org.gatefold.layer.cell.Sru;
import org.gatefold.layer.convolution.Conv1d;
import org.gatefold.layer.convolution.Conv2d;
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
import org.gatefold.layer.recurrent.Bidirectional.Merge;
import org.gatefold.layer.recurrent.Gru;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.layer.recurrent.LstmCell;
import org.gatefold.layer.recurrent.RecurrentCell;
import org.gatefold.layer.recurrent.RecurrentLayer;
import org.gatefold.layer.recurrent.Rnn;
import org.gatefold.layer.recurrent.state.LayerState;
import org.gatefold.op.elementwise.Activation;
import org.gatefold.op.elementwise.ElementwiseOp;
import org.gatefold.op.recurrent.GateActivation;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Gradients of every layer, through the tape, against central differences on the reference device. */
class LayerGradientTest {
    private static final int STEPS = 4;
    private static final int BATCH = 3;
    private static final int FEATURES = 3;
    private static final int UNITS = 4;
    private static final int[] LENGTHS = {2, 0, 4};

    static Stream<Arguments> sequenceLayers() {
        return Stream.of(
                named("lstm", () -> Lstm.of(UNITS)),
                named("lstm sequences", () -> Lstm.of(UNITS).returnSequences()),
                named("lstm reverse", () -> Lstm.of(UNITS).reverse()),
                named("lstm stacked", () -> Lstm.of(UNITS).layers(2).dropout(0.3f)),
                named("lstm stacked bidirectional", () -> Lstm.of(UNITS)
                        .layers(2)
                        .bidirectional()
                        .dropout(0.3f)
                        .returnSequences()),
                named("lstm bidirectional last", () -> Lstm.of(UNITS).bidirectional()),
                named("lstm recomputed", () -> Lstm.of(UNITS).layers(2).recompute(2)),
                named("gru", () -> Gru.of(UNITS).layers(2).bidirectional()),
                named("gru sequences", () -> Gru.of(UNITS).returnSequences()),
                named("lstm with peepholes", () -> Lstm.of(UNITS)
                        .peepholes(Initializer.normal(0.5f))
                        .activation(GateActivation.scaledTanh(1.1f, 0.8f))
                        .bidirectional()),
                named("lstm with a projection", () -> Lstm.of(UNITS)
                        .projection(UNITS - 1)
                        .layers(2)
                        .bidirectional()
                        .dropout(0.3f)
                        .returnSequences()),
                named("lstm with a projection, last, of a learned state", () -> Lstm.of(UNITS)
                        .projection(UNITS - 1)
                        .bidirectional()
                        .learnedInitialState()),
                named("gru whose input skips the product", () -> Gru.of(FEATURES)
                        .skipInput()
                        .layers(2)
                        .bidirectional()
                        .returnSequences()),
                named("lstm with coupled gates", () -> Lstm.of(UNITS)
                        .coupledGates()
                        .recurrentActivation(GateActivation.HARD_SIGMOID)
                        .gateClip(0.9f)),
                named(
                        "lstm with zoneout",
                        () -> Lstm.of(UNITS).layers(2).zoneout(0.3f, 0.2f).candidateDropout(0.3f)),
                named("gru with zoneout", () -> Gru.of(UNITS).bidirectional().zoneout(0.4f)),
                named(
                        "lstm with recurrent dropout",
                        () -> Lstm.of(UNITS).layers(2).peepholes().recurrentDropout(0.3f)),
                named(
                        "gru with recurrent dropout",
                        () -> Gru.of(UNITS).bidirectional().recurrentDropout(0.3f)),
                named(
                        "gru, reset before, with recurrent dropout",
                        () -> Gru.of(UNITS).resetBefore().recurrentDropout(0.3f)),
                named("rnn with dropped candidates", () -> Rnn.of(UNITS).candidateDropout(0.4f)),
                named("gru, reset before", () -> Gru.of(UNITS).layers(2).resetBefore()),
                named(
                        "gru with a learned initial state",
                        () -> Gru.of(UNITS).layers(2).bidirectional().learnedInitialState()),
                named(
                        "lstm with a learned initial state",
                        () -> Lstm.of(UNITS).learnedInitialState().returnSequences()),
                named(
                        "residual",
                        () -> Residual.of(
                                Lstm.of(FEATURES).bias(Initializer.normal(0.5f)).returnSequences())),
                named("lstm without bias", () -> Lstm.of(UNITS).layers(2).withoutBias()),
                named("locked dropout", () -> Dropout.of(0.4f).locked()),
                named("dropout of whole steps", () -> Dropout.of(0.4f).wholeSteps()),
                named(
                        "lstm with dropped weights",
                        () -> Lstm.of(UNITS).layers(2).bidirectional().weightDropout(0.4f)),
                named("gru in reading order", () -> Gru.of(UNITS).goBackwards().returnSequences()),
                named(
                        "two directions of two kinds",
                        () -> Bidirectional.of(
                                Lstm.of(UNITS).returnSequences(),
                                Gru.of(UNITS + 1).reverse().returnSequences())),
                named("two directions averaged", () -> Bidirectional.of(
                                Lstm.of(UNITS), CellLoop.of(Sru.of(UNITS)).reverse())
                        .merge(Merge.AVERAGE)),
                named("rnn", () -> Rnn.of(UNITS).layers(2)),
                named("rnn sequences", () -> Rnn.of(UNITS).bidirectional().returnSequences()),
                named("bidirectional concatenate", () -> bidirectional(Merge.CONCATENATE)),
                named("bidirectional sum", () -> bidirectional(Merge.SUM)),
                named("bidirectional average", () -> bidirectional(Merge.AVERAGE)),
                named("bidirectional multiply", () -> bidirectional(Merge.MULTIPLY)),
                named("bidirectional multiply last", () -> Bidirectional.of(Gru.of(UNITS))
                        .merge(Merge.MULTIPLY)),
                named("linear", () -> Linear.of(UNITS).bias(Initializer.normal(1f))),
                named("mean", TimePooling::mean),
                named("last", TimePooling::last),
                // With an epsilon that keeps higher derivatives small where three numbers lie close together.
                named("layer norm", () -> LayerNorm.create().epsilon(0.5f)),
                named("batch norm", () -> BatchNorm.create().epsilon(0.5f)),
                named("attention", () -> MultiHeadAttention.of(3)),
                named(
                        "attention of wide heads",
                        () -> MultiHeadAttention.of(2).headSize(5).withoutBias()),
                named("causal attention", () -> MultiHeadAttention.of(1).causal()),
                named("conv1d same", () -> Conv1d.of(UNITS, 3).same()),
                named("conv1d causal", () -> Conv1d.of(UNITS, 2).causal().dilation(2)),
                named("conv1d strided", () -> Conv1d.of(3, 2).stride(2).groups(3)),
                named("mean pooling", () -> AvgPool1d.of(2).padding(1, 0)),
                named(
                        "mean pooling without padding",
                        () -> AvgPool1d.of(3).stride(1).causal().withoutPadding()),
                named("indrnn", () -> CellLoop.of(IndRnn.of(UNITS).activation(Activation.TANH))
                        .returnSequences()),
                named("sru", () -> CellLoop.of(Sru.of(UNITS)).reverse()),
                named("slstm", () -> CellLoop.of(Slstm.of(UNITS)).returnSequences()),
                named(
                        "layer norm lstm",
                        () -> CellLoop.of(LayerNormLstm.of(UNITS).epsilon(0.5f))),
                named("layer norm gru", () -> CellLoop.of(LayerNormGru.of(UNITS).epsilon(0.5f))),
                named("lstm of a normalised input product", () -> Lstm.of(UNITS)
                        .batchNorm(0.1f, 0.5f)
                        .layers(2)
                        .bidirectional()
                        .dropout(0.3f)
                        .weightDropout(0.3f)
                        .returnSequences()),
                named("lstm of a normalised input product, last, of a learned state", () -> Lstm.of(UNITS)
                        .batchNorm(0.1f, 0.5f)
                        .layers(2)
                        .projection(UNITS - 1)
                        .learnedInitialState()),
                named(
                        "gru of a normalised input product",
                        () -> Gru.of(UNITS).batchNorm(0.1f, 0.5f).reverse()),
                named("gru, reset before, of a normalised input product", () -> Gru.of(UNITS)
                        .batchNorm(0.1f, 0.5f)
                        .resetBefore()
                        .withoutBias()
                        .returnSequences()),
                named(
                        "rnn of a normalised product of more features than units",
                        () -> Rnn.of(2).batchNorm(0.1f, 0.5f).bidirectional().returnSequences()),
                named(
                        "batch norm lstm",
                        () -> CellLoop.of(BatchNormLstm.of(UNITS).epsilon(0.5f)).returnSequences()),
                named(
                        "batch norm lstm per step",
                        () -> CellLoop.of(BatchNormLstm.of(UNITS).epsilon(0.5f).perStep(2))),
                named("first steps", () -> TimeSlice.first(3)),
                named("last steps", () -> TimeSlice.last(2)),
                named("every other step", () -> TimeSlice.every(2)),
                named(
                        "time distributed",
                        () -> TimeDistributed.of(
                                Linear.of(UNITS), BatchNorm.create().epsilon(0.5f), ActivationLayer.tanh())),
                named(
                        "other dimensions",
                        () -> TimeDistributed.of(
                                Linear.of(6),
                                Reshape.of(2, 3),
                                Linear.of(2),
                                Flatten.create(),
                                ActivationLayer.tanh())),
                named("general attention", () -> GeneralAttention.create().causal()),
                named("dot attention", () -> DotAttention.create().scaled()),
                named("additive attention", () -> AdditiveAttention.of(5)),
                named("causal additive attention", () -> AdditiveAttention.of(2).causal()),
                named("group norm", () -> GroupNorm.of(1).epsilon(0.5f)),
                named("attention pooling", AttentionPooling::create),
                named("attention pooling of heads", () -> AttentionPooling.of(3)),
                named("positional embedding", () -> PositionalEmbedding.of(6)),
                named("sinusoidal positions", SinusoidalPositions::create),
                named("highway", () -> Highway.of(Linear.of(FEATURES))),
                named("dropout", () -> Dropout.of(0.4f)),
                named("softmax", Softmax::probabilities));
    }

    private static Layer bidirectional(Merge merge) {
        return Bidirectional.of(Lstm.of(UNITS).returnSequences()).merge(merge);
    }

    static Stream<Arguments> rowLayers() {
        return Stream.of(
                named("linear", () -> Linear.of(UNITS)),
                named("linear without bias", () -> Linear.of(UNITS).withoutBias()),
                named("layer norm", () -> LayerNorm.create().epsilon(0.5f).withoutAffine()),
                named("batch norm", () -> BatchNorm.create().epsilon(0.5f)),
                named("highway", () -> Highway.of(ActivationLayer.tanh())),
                named("repeat vector", () -> RepeatVector.of(3)),
                named("softmax", Softmax::probabilities),
                named("log softmax", Softmax::logarithms),
                named("sigmoid", ActivationLayer::sigmoid),
                named("tanh", ActivationLayer::tanh),
                named("relu", ActivationLayer::relu),
                named("leaky relu", () -> ActivationLayer.leakyRelu(0.1f)),
                named("elu", () -> ActivationLayer.elu(0.7f)),
                named("gelu", ActivationLayer::gelu),
                named("silu", ActivationLayer::silu),
                named("softplus", ActivationLayer::softplus),
                named("hard sigmoid", ActivationLayer::hardSigmoid),
                named("softsign", ActivationLayer::softsign),
                named("clip", () -> ActivationLayer.clip(-2f, 0.1f)),
                named("selu", ActivationLayer::selu),
                named("mish", ActivationLayer::mish),
                named("hard swish", ActivationLayer::hardSwish),
                named("gelu by tanh", ActivationLayer::geluTanh));
    }

    private static Arguments named(String name, Supplier<Layer> layer) {
        return Arguments.of(name, layer);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("sequenceLayers")
    void gradientsOnSequences(String name, Supplier<Layer> layer) {
        check(layer.get(), Form.sequences(FEATURES), LENGTHS, Shape.of(STEPS, BATCH, FEATURES));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rowLayers")
    void gradientsOnRows(String name, Supplier<Layer> layer) {
        check(layer.get(), Form.rows(FEATURES), null, Shape.of(BATCH, FEATURES));
    }

    static Stream<Arguments> imageLayers() {
        return Stream.of(
                named(
                        "conv2d",
                        () -> Conv2d.of(4, 2, 3).padding(1, 0).stride(2, 1).groups(2)),
                named("mean pooling", () -> AvgPool2d.of(2, 3).padding(1, 1).stride(1, 2)),
                named(
                        "mean pooling without padding",
                        () -> AvgPool2d.of(3, 3).same().withoutPadding()),
                named("global mean", GlobalPooling::mean),
                named("group norm", () -> GroupNorm.of(2).epsilon(0.5f)),
                named("permute", () -> Permute.of(3, 1, 2)),
                named("permute inner dimensions", () -> Permute.of(1, 3, 2)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("imageLayers")
    void gradientsOnImages(String name, Supplier<Layer> layer) {
        check(layer.get(), Form.rows(2, 4, 5), null, Shape.of(BATCH, 2, 4, 5));
        check(layer.get(), Form.sequences(2, 4, 5), new int[] {2, 1}, Shape.of(2, 2, 2, 4, 5));
    }

    private static void check(Layer layer, Form form, int[] lengths, Shape shape) {
        try (Device device = Devices.named("reference");
                Scope scope = device.openScope("model")) {
            GradientCheck.of(device, scope, layer, form, lengths, shape).run();
        }
    }

    /** With a seed by which no cell state comes so near to the bound that the differences' step takes it across. */
    @Test
    void gradientOfAClippedCellState() {
        long seed = 24;
        Lstm clipped = Lstm.of(UNITS).cellClip(0.4f);
        Lstm free = Lstm.of(UNITS);
        try (Device device = Devices.named("reference");
                Scope scope = device.openScope("model")) {
            ParameterStore store = GradientCheck.build(scope, clipped, Form.sequences(FEATURES), seed);
            GradientCheck.build(scope, free, Form.sequences(FEATURES), seed);
            AtomicBoolean bounded = new AtomicBoolean();
            new GradientCheck(device, store, LENGTHS, List.of(Shape.of(STEPS, BATCH, FEATURES)), (context, inputs) -> {
                        Variable y = clipped.forward(context, inputs.get(0));
                        float[] without =
                                free.forward(context, inputs.get(0)).value().toFloats();
                        bounded.compareAndSet(false, !Arrays.equals(y.value().toFloats(), without));
                        return List.of(y);
                    })
                    .run();
            assertThat(bounded).as("some state is at the bound").isTrue();
        }
    }

    @Test
    void gradientOfColumnsAsSteps() {
        check(ToSequence.create(), Form.rows(3, 2, 2), null, Shape.of(BATCH, 3, 2, 2));
    }

    @Test
    void gradientOfStepsAsRows() {
        check(ToRows.of(3), Form.sequences(2, 2), null, Shape.of(3, BATCH, 2, 2));
    }

    static Stream<Arguments> maxima() {
        return Stream.of(
                Arguments.of(TimePooling.max(), Form.sequences(FEATURES), LENGTHS),
                Arguments.of(MaxPool1d.of(2).padding(1, 0), Form.sequences(FEATURES), LENGTHS),
                Arguments.of(MaxPool1d.of(3).stride(1).causal(), Form.sequences(FEATURES), LENGTHS),
                Arguments.of(MaxPool2d.of(2, 3).stride(1, 2).padding(1, 1), Form.rows(2, 3, 4), null),
                Arguments.of(GlobalPooling.max(), Form.rows(2, 3, 4), null));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("maxima")
    void gradientOfTheMaximum(Layer layer, Form form, int[] lengths) {
        Shape shape = form.shape(STEPS, BATCH);
        // All different by more than the differences' step, so that none changes which is the largest.
        float[] x = new float[Math.toIntExact(shape.elements())];
        for (int i = 0; i < x.length; i++) {
            x[i] = (i * 7 % x.length) * 0.15f - 2f;
        }
        try (Device device = Devices.named("reference");
                Scope scope = device.openScope("model")) {
            GradientCheck.of(device, scope, layer, form, lengths, shape)
                    .input(0, x)
                    .run();
        }
    }

    @Test
    void gradientsOfInitialAndFinalStates() {
        for (boolean sequences : new boolean[] {false, true}) {
            try (Device device = Devices.named("reference");
                    Scope scope = device.openScope("model")) {
                Lstm lstm = Lstm.of(UNITS).layers(2).bidirectional();
                if (sequences) {
                    lstm.returnSequences();
                }
                ParameterStore store = GradientCheck.build(scope, lstm, Form.sequences(FEATURES), 11);
                Shape states = Shape.of(4, BATCH, UNITS);
                new GradientCheck(
                                device,
                                store,
                                LENGTHS,
                                List.of(Shape.of(STEPS, BATCH, FEATURES), states, states),
                                (context, inputs) -> {
                                    LayerState initial = new LayerState(inputs.get(1), inputs.get(2));
                                    var result = lstm.forward(context, inputs.get(0), initial);
                                    return List.of(
                                            result.output(),
                                            result.state().h(),
                                            result.state().c());
                                })
                        .run();
            }
        }
    }

    /** Each pass of a step has statistics, and so weights, of its own. */
    @Test
    void gradientsOfALayerThatIsUsedTwiceAndNormalisesEachTime() {
        try (Device device = Devices.named("reference");
                Scope scope = device.openScope("model")) {
            Lstm lstm = Lstm.of(UNITS).batchNorm(0.1f, 0.5f).layers(2);
            ParameterStore store = GradientCheck.build(scope, lstm, Form.sequences(FEATURES), 11);
            Shape shape = Shape.of(STEPS, BATCH, FEATURES);
            new GradientCheck(
                            device,
                            store,
                            LENGTHS,
                            List.of(shape, shape),
                            (context, inputs) ->
                                    List.of(lstm.forward(context, inputs.get(0)), lstm.forward(context, inputs.get(1))))
                    .run();
        }
    }

    @Test
    void gradientsByRunningStatistics() {
        for (RecurrentLayer<?> layer : List.of(
                Lstm.of(UNITS).batchNorm(0.1f, 0.5f).layers(2),
                Gru.of(UNITS).batchNorm(0.1f, 0.5f).bidirectional(),
                Gru.of(UNITS).batchNorm(0.1f, 0.5f).resetBefore().withoutBias())) {
            try (Device device = Devices.named("reference");
                    Scope scope = device.openScope("model")) {
                ParameterStore store = GradientCheck.build(scope, layer, Form.sequences(FEATURES), 11);
                store.list().stream().filter(p -> p.name().endsWith(".mean")).forEach(p -> p.value()
                        .fill(0.3f));
                GradientCheck check = new GradientCheck(
                        device, store, LENGTHS, List.of(Shape.of(STEPS, BATCH, FEATURES)), (context, inputs) -> {
                            context.setDropout(false);
                            return List.of(layer.forward(context, inputs.get(0)));
                        });
                // Statistics are given numbers, which get no gradients.
                store.list().stream().filter(Parameter::isFrozen).forEach(p -> check.without(p.name()));
                check.run();
            }
        }
    }

    @Test
    void gradientsThroughSteppedCells() {
        try (Device device = Devices.named("reference");
                Scope scope = device.openScope("model")) {
            Lstm lstm = Lstm.of(UNITS).layers(2);
            ParameterStore store = GradientCheck.build(scope, lstm, Form.sequences(FEATURES), 11);
            LstmCell cell = lstm.cell();
            Shape row = Shape.of(BATCH, FEATURES);
            new GradientCheck(device, store, null, List.of(row, row, row), (context, inputs) -> {
                        LayerState state = null;
                        Variable output = null;
                        for (Variable x : inputs) {
                            RecurrentCell.Result result = cell.step(context, x, state);
                            state = result.state();
                            output = result.output();
                        }
                        return List.of(output, state.c());
                    })
                    .run();
        }
    }

    @Test
    void aWrongGradientIsCaught() {
        try (Device device = Devices.named("reference");
                Scope scope = device.openScope("model")) {
            Linear linear = Linear.of(UNITS);
            ParameterStore store = GradientCheck.build(scope, linear, Form.rows(FEATURES), 11);
            GradientCheck check =
                    new GradientCheck(device, store, null, List.of(Shape.of(BATCH, FEATURES)), (context, inputs) -> {
                        Variable x = inputs.get(0);
                        Variable y = linear.forward(context, x);
                        context.tape()
                                .record(() -> context.op(ElementwiseOp.class).scale(1.01f, y.gradient(), y.gradient()));
                        return List.of(y);
                    });
            assertThatThrownBy(check::run).isInstanceOf(AssertionError.class).hasMessageContaining("gradient error");
        }
    }

    @Test
    void aFrozenParameterHasNoGradientAndPassesItOn() {
        try (Device device = Devices.named("reference");
                Scope scope = device.openScope("model");
                Context context = Context.training(device, 1)) {
            Lstm lstm = Lstm.of(UNITS);
            ParameterStore store = GradientCheck.build(scope, lstm, Form.sequences(FEATURES), 11);
            store.freeze("lstm.0.forward.wh");
            context.begin(1);
            Variable x = Variable.of(context.scope().zeros("x", STEPS, BATCH, FEATURES), null, context.scope());
            x.value().fill(0.5f);
            Variable y = lstm.forward(context, x);
            y.gradient().fill(1f);
            context.tape().backward();

            assertThat(store.get("lstm.0.forward.wh").gradient().toFloats()).containsOnly(0f);
            assertThat(store.get("lstm.0.forward.wx").gradient().toFloats()).doesNotContain(0f);
            assertThat(x.gradient().toFloats()).doesNotContain(0f);

            store.zeroGradients();
            store.freeze("lstm");
            context.begin(2);
            Variable constant = Variable.constant(context.scope().zeros("x", STEPS, BATCH, FEATURES));
            assertThat(lstm.forward(context, constant).requiresGradient()).isFalse();
            assertThat(context.tape().size()).isZero();
        }
    }
}
