package org.gatefold.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.gatefold.contract.Subject;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.Context;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.LayerDescription;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.basic.ActivationLayer;
import org.gatefold.layer.basic.Dropout;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.basic.Masking;
import org.gatefold.layer.basic.Residual;
import org.gatefold.layer.basic.Softmax;
import org.gatefold.layer.pooling.TimePooling;
import org.gatefold.layer.recurrent.Bidirectional;
import org.gatefold.layer.recurrent.Gru;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.layer.recurrent.Rnn;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.CellActivations;
import org.gatefold.op.recurrent.GateActivation;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SequentialTest {
    /** Nobody has to say that weights were written, of which plans keep packed copies. */
    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu", "cuda:0"})
    void weightsThatWereWrittenAreComputedWith(String name) {
        try (Device device = Subject.openDevice(name);
                Sequential model = Sequential.on(device)
                        .add(Gru.of(3).returnSequences())
                        .add(Lstm.of(4))
                        .build(2)) {
            float[][][] x = {{{1f, 2f}, {0.5f, -1f}}};
            for (Parameter parameter : model.parameters().list()) {
                float[] before = model.predict(x)[0];
                Tensor value = parameter.value();
                float[] written = value.toFloats();
                for (int i = 0; i < written.length; i++) {
                    written[i] += 0.3f;
                }
                value.write(written);
                assertThat(model.predict(x)[0]).as(parameter.name()).isNotEqualTo(before);
            }
            model.parameters().values().fill(0f);
            assertThat(model.predict(x)[0]).containsOnly(0f);
        }
    }

    private final Device device = Devices.named("reference");

    @AfterEach
    void close() {
        assertThat(device.bytesInUse()).as("bytes left").isZero();
        device.close();
    }

    @Test
    void theSameSeedGivesTheSameModel() {
        try (Sequential a = TestModels.forecaster(device, 42);
                Sequential b = TestModels.forecaster(device, 42);
                Sequential c = TestModels.forecaster(device, 43)) {
            float[] values = a.parameters().values().toFloats();
            assertThat(b.parameters().values().toFloats()).isEqualTo(values);
            assertThat(c.parameters().values().toFloats()).isNotEqualTo(values);
        }
    }

    /** Rows run in parts; the second call, four times as large, takes no more memory. */
    @Test
    void manyRowsArePredictedAsFew() {
        float[][][] rows = TestModels.sequences(4096, 5, 3);
        try (Sequential model = TestModels.forecaster(device, 1)) {
            float[][] few = model.predict(Arrays.copyOfRange(rows, 0, 1024));
            model.predict(Arrays.copyOfRange(rows, 1024, 2048));
            long before = device.bytesInUse();
            float[][] many = model.predict(rows);
            assertThat(device.bytesInUse()).isEqualTo(before);
            assertThat(Arrays.copyOfRange(many, 0, 1024)).isDeepEqualTo(few);
            assertThat(Arrays.copyOfRange(many, 4000, 4096))
                    .isDeepEqualTo(model.predict(Arrays.copyOfRange(rows, 4000, 4096)));
            int[] lengths = new int[4096];
            lengths[3000] = 9;
            assertThatThrownBy(() -> model.predict(rows, lengths))
                    .hasMessageStartingWith("lengths[3000]: expected 0 to " + rows[3000].length);
        }
    }

    @Test
    void predictionsDependOnNothingBehindARowsEnd() {
        try (Sequential model = TestModels.forecaster(device, 1)) {
            float[][][] ragged = TestModels.sequences(5, 7, 2);
            float[][] expected = model.predict(ragged);
            assertThat(expected).hasDimensions(5, 1);

            int[] lengths = Arrays.stream(ragged).mapToInt(row -> row.length).toArray();
            float[][][] padded = new float[5][7][TestModels.FEATURES];
            for (int row = 0; row < 5; row++) {
                for (int t = 0; t < 7; t++) {
                    if (t < lengths[row]) {
                        padded[row][t] = ragged[row][t];
                    } else {
                        Arrays.fill(padded[row][t], Float.NaN);
                    }
                }
            }
            assertThat(model.predict(padded, lengths)).isDeepEqualTo(expected);
            for (int row = 0; row < 5; row++) {
                if (lengths[row] > 0) {
                    assertThat(model.predict(new float[][][] {ragged[row]})[0]).isEqualTo(expected[row]);
                }
            }
        }
    }

    @Test
    void sequencesComeBackAsLongAsTheyWere() {
        try (Sequential model = Sequential.on(device)
                .add(Gru.of(4).returnSequences())
                .add(Linear.of(2))
                .build(TestModels.FEATURES)) {
            float[][][] rows = TestModels.sequences(4, 6, 3);
            float[][][] outputs = model.predictSequences(rows, null);
            for (int row = 0; row < 4; row++) {
                assertThat(outputs[row].length).isEqualTo(rows[row].length);
                for (float[] step : outputs[row]) {
                    assertThat(step).hasSize(2);
                }
            }
            assertThatThrownBy(() -> model.predict(rows))
                    .hasMessage("predict: the model gives [T, B, 2]; use predictSequences");
        }
    }

    @Test
    void rowsNeedNoSequence() {
        try (Sequential model = Sequential.on(device)
                .add(Linear.of(8))
                .add(ActivationLayer.gelu())
                .add(Linear.of(3))
                .add(Softmax.probabilities())
                .build(Form.rows(2))) {
            float[][] y = model.predictRows(new float[][] {{1f, 2f}, {3f, 4f}});
            assertThat(y).hasDimensions(2, 3);
            assertThat(y[1][0] + y[1][1] + y[1][2]).isBetween(0.99999f, 1.00001f);
        }
    }

    @Test
    void everyLayerIsBuiltAgainFromItsDescription() {
        try (Sequential model = Sequential.on(device)
                        .seed(9)
                        .add(Lstm.of(5)
                                .layers(2)
                                .bidirectional()
                                .dropout(0.25f)
                                .cellClip(5f)
                                .recompute(3)
                                .forgetBias(0.5f)
                                .inputWeights(Initializer.normal(0.1f))
                                .returnSequences()
                                .named("encoder"))
                        .add(Bidirectional.of(Gru.of(4).returnSequences()).merge(Bidirectional.Merge.AVERAGE))
                        .add(Rnn.of(3).relu().reverse().returnSequences())
                        .add(Masking.of(0.5f))
                        .add(Lstm.of(4)
                                .peepholes(Initializer.normal(0.3f))
                                .coupledGates()
                                .gateClip(0.75f)
                                .zoneout(0.125f, 0.25f)
                                .candidateDropout(0.375f)
                                .recurrentDropout(0.4375f)
                                .projection(3)
                                .bidirectional()
                                .activations(
                                        CellActivations.of(Cell.LSTM),
                                        new CellActivations(
                                                GateActivation.HARD_SIGMOID,
                                                GateActivation.scaledTanh(1.2f, 0.6f),
                                                GateActivation.IDENTITY))
                                .zeroOutputForMask()
                                .returnSequences())
                        .add(Gru.of(3).resetBefore().returnSequences())
                        .add(Rnn.of(3).skipInput().returnSequences())
                        .add(Lstm.of(3).layerNorm().returnSequences())
                        .add(Gru.of(3).layerNorm().resetBefore().returnSequences())
                        .add(Rnn.of(3).layerNorm().returnSequences())
                        .add(Lstm.of(3)
                                .batchNorm(0.25f, 0.125f)
                                .layers(2)
                                .reverse()
                                .returnSequences())
                        .add(Residual.of(
                                Gru.of(3).withoutBias().learnedInitialState().returnSequences()))
                        .add(Dropout.of(0.1f).locked())
                        .add(Dropout.of(0.1f).wholeSteps())
                        .add(Dropout.of(0.5f))
                        .add(Lstm.of(3).stateful().torchInitializers().returnSequences())
                        .add(TimePooling.max())
                        .add(ActivationLayer.leakyRelu(0.2f))
                        .add(Linear.of(2).withoutBias().weights(Initializer.HE_NORMAL))
                        .add(Softmax.logarithms())
                        .build(TestModels.FEATURES);
                Model again = Network.of(model.network().description())
                        .on(device)
                        .seed(9)
                        .build()) {
            assertThat(again.network().description()).isEqualTo(model.network().description());
            assertThat(again.parameters().values().toFloats())
                    .isEqualTo(model.parameters().values().toFloats());
            float[][][] rows = TestModels.sequences(3, 5, 4);
            assertThat(again.predict(rows)).isDeepEqualTo(model.predict(rows));
        }
    }

    @Test
    void wrongDescriptionsAreNamed() {
        assertDescriptionFails("Lsdm", Map.of(), "BatchNorm, Bidirectional");
        assertDescriptionFails("Lstm", Map.of("unit", 3), "Lstm.units: is missing");
        assertDescriptionFails("Linear", Map.of("units", 2.5), "Linear.units: expected an integer");
        assertDescriptionFails(
                "TimePooling", Map.of("pooling", "both"), "TimePooling.pooling: expected one of [LAST, MEAN, MAX]");
    }

    private static void assertDescriptionFails(String type, Map<String, Object> options, String message) {
        GraphDescription description =
                GraphDescription.chain(Form.sequences(2), List.of(new LayerDescription(type, "it", options)));
        assertThatThrownBy(() -> Network.of(description))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void weightsAreCopiedBetweenModels() {
        try (Sequential a = TestModels.forecaster(device, 1);
                Sequential b = TestModels.forecaster(device, 2)) {
            float[][][] rows = TestModels.sequences(3, 5, 4);
            float[][] before = b.predict(rows);
            b.parameters().copyFrom(a.parameters());
            assertThat(b.predict(rows)).isDeepEqualTo(a.predict(rows));
            assertThat(before[0]).isNotEqualTo(a.predict(rows)[0]);
        }
    }

    @Test
    void theSummaryShowsLayersFormsParametersAndMemory() {
        try (Sequential model = TestModels.forecaster(device, 1)) {
            String[] lines = model.summary(8, 16).split("\\R");
            assertThat(lines).hasSize(8);
            assertThat(lines[0].trim().split(" +")).containsExactly("layer", "type", "input", "output", "parameters");
            // 2 directions of (4·6·(3+6) + 24), then of (4·6·(12+6) + 24).
            assertThat(lines[1])
                    .startsWith("lstm ")
                    .contains("[T, B, 3]", "[B, 12]")
                    .endsWith(" 1,392");
            assertThat(lines[2]).startsWith("dropout ").endsWith(" 0");
            assertThat(lines[3]).startsWith("linear ").endsWith(" 52");
            assertThat(lines[5]).startsWith("linear2 ").endsWith(" 5");
            assertThat(lines[6]).startsWith("1,449 parameters on reference");
            assertThat(lines[7]).startsWith("one training step of 8 rows of 16 steps takes ");
            TrainingFootprint footprint = model.footprint(8, 16);
            assertThat(lines[7])
                    .contains(
                            Summary.bytes(footprint.withOptimizerStates(2).total()),
                            "parameters " + Summary.bytes(footprint.parameters()));
        }
    }

    @Test
    void bytesAreReadable() {
        assertThat(Summary.bytes(1000)).isEqualTo("1000 B");
        assertThat(Summary.bytes(1536)).isEqualTo("1.5 KiB");
        assertThat(Summary.bytes(3L << 30)).isEqualTo("3.0 GiB");
    }

    @Test
    void whatNoArrayHoldsIsNamed() {
        float[][] series = new float[50_000][];
        Arrays.fill(series, new float[20]);
        float[][][] rows = new float[5_000][][];
        Arrays.fill(rows, series);
        try (Context context = Context.inference(device)) {
            assertThatThrownBy(() -> BatchFirst.sequences(context, rows, null))
                    .hasMessage(
                            "rows: expected at most 2147483639 numbers at a time, got 5000 rows of 50000 steps of 20"
                                    + " features");
            rows[3] = null;
            assertThatThrownBy(() -> BatchFirst.sequences(context, rows, null))
                    .hasMessage("rows[3]: expected an array, got null");
            rows[3] = new float[][] {new float[20], null};
            assertThatThrownBy(() -> BatchFirst.sequences(context, Arrays.copyOfRange(rows, 3, 4), null))
                    .hasMessage("rows[0][1]: expected an array, got null");
            assertThatThrownBy(() -> BatchFirst.rows(context, new float[][] {null}))
                    .hasMessage("rows[0]: expected an array, got null");
        }
    }

    @Test
    void mistakesAreNamedAtTheEdge() {
        assertThatThrownBy(() -> open(Sequential.on(device), 3)).hasMessage("layers: expected at least one, got none");
        assertThatThrownBy(() -> open(Sequential.on(device).add(Linear.of(1)), 0))
                .hasMessage("features: expected at least 1, got 0");
        assertThatThrownBy(() -> Lstm.of(-1)).hasMessage("units: expected at least 1, got -1");
        assertThatThrownBy(() -> Network.sequential(Form.sequences(1))
                        .add(Lstm.of(1 << 30))
                        .build())
                .hasMessage("layer 'lstm': units: expected at most 536870911, got 1073741824");
        assertThatThrownBy(() -> Network.sequential(Form.sequences(1))
                        .add(Rnn.of(Integer.MAX_VALUE).bidirectional())
                        .build())
                .hasMessage("layer 'rnn': units: expected at most 1073741823, got 2147483647");
        assertThatThrownBy(() -> Lstm.of(1).dropout(1f)).hasMessage("dropout: expected 0 <= p < 1, got 1.0");
        assertThatThrownBy(() -> open(Sequential.on(device).add(Lstm.of(4)).add(Lstm.of(4)), 3))
                .hasMessage(
                        "layer 'lstm2': expected sequences [T, B, features], got rows [B, 4]; a recurrent layer before"
                                + " it gives sequences with returnSequences()");
        Lstm used = Lstm.of(2);
        try (Sequential model = Sequential.on(device).add(used).build(3)) {
            assertThatThrownBy(() -> used.layers(2)).hasMessageContaining("layer 'lstm' is built already");
            assertThatThrownBy(() -> open(Sequential.on(device).add(used), 3)).hasMessageContaining("is built already");
            assertThatThrownBy(() -> model.predict(new float[2][5][4]))
                    .hasMessage("input: expected shape [T, B, 3], got [5, 2, 4]");
            assertThatThrownBy(() -> model.predict(new float[1][5][3], new int[] {6}))
                    .hasMessage("lengths[0]: expected 0 to 5 (the steps of the row), got 6");
            assertThatThrownBy(() -> model.predict(new float[1][5][3], new int[] {-1}))
                    .hasMessageContaining("got -1");
            assertThatThrownBy(() -> model.predict(new float[1][5][3], new int[] {1, 2}))
                    .hasMessage("lengths: expected 1 (one per row), got 2");
            assertThatThrownBy(() -> model.predict(new float[0][][]))
                    .hasMessage("rows: expected at least one row, got none");
            assertThatThrownBy(() -> model.predict(new float[][][] {{{1f, 2f, 3f}, {1f}}}))
                    .hasMessage("rows[0][1]: expected 3 features, got 1");
            assertThatThrownBy(() -> model.footprint(0, 1)).hasMessage("batch: expected at least 1, got 0");
        }
    }

    @Test
    void aClosedModelSaysSo() {
        Sequential closed = closed();
        assertThatThrownBy(() -> closed.predict(new float[1][5][3])).hasMessage("model: is closed");
        assertThatThrownBy(() -> openPredictor(closed)).hasMessage("model: is closed");
        try (Context context = Context.inference(device)) {
            context.begin(0);
            assertThatThrownBy(() -> closed.forward(context, BatchFirst.sequences(context, new float[1][5][3], null)))
                    .hasMessage("model: is closed");
        }
    }

    private Sequential closed() {
        try (Sequential model = TestModels.forecaster(device, 1)) {
            model.predict(new float[1][5][3]);
            return model;
        }
    }

    private static void open(Sequential.Builder builder, int features) {
        try (Sequential model = builder.build(features)) {
            assertThat(model.layers()).isNotEmpty();
        }
    }

    private static void openPredictor(Sequential model) {
        try (Predictor predictor = model.predictor()) {
            predictor.clearStates();
        }
    }

    @Test
    void namesALinearLayerThatIsTooLarge() {
        assertThatThrownBy(() -> Network.sequential(Form.rows(1 << 16))
                        .add(Linear.of(1 << 15))
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("layer 'linear': units x features: expected a product of at most 2147483647, got 32768 x"
                        + " 65536");
    }
}
