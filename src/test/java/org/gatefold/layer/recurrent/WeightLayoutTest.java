package org.gatefold.layer.recurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.Parameter;
import org.gatefold.model.Sequential;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Weights of other systems, each number told by where it stood: what ONNX gives is held by the conformance suite. */
class WeightLayoutTest {
    private static final int INPUTS = 2;
    private static final int UNITS = 3;

    private Device device;

    @BeforeEach
    @SuppressWarnings("MustBeClosedChecker") // close() closes it
    void open() {
        device = Devices.named("reference");
    }

    @AfterEach
    void close() {
        device.close();
    }

    @MustBeClosed
    private Sequential model(RecurrentLayer<?> layer) {
        return Sequential.on(device).add(layer.named("layer")).build(INPUTS);
    }

    private static float[] numbered(int count, float from) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = from + i;
        }
        return values;
    }

    private static float[] parameter(Sequential model, String name) {
        return model.parameters().get("layer." + name).value().toFloats();
    }

    @Test
    void transposesKerasKernelsAndReordersTheGatesOfItsGru() {
        Gru gru = Gru.of(UNITS);
        try (Sequential model = model(gru)) {
            float[] kernel = numbered(INPUTS * 9, 0);
            float[] recurrent = numbered(UNITS * 9, 100);
            float[] bias = numbered(18, 200);
            gru.setWeights(WeightLayout.KERAS, kernel, recurrent, bias);
            Map<Integer, Integer> kerasBlock = Map.of(0, 1, 1, 0, 2, 2); // r, z, n here; z, r, h there
            float[] wx = parameter(model, "0.forward.wx");
            float[] wh = parameter(model, "0.forward.wh");
            float[] b = parameter(model, "0.forward.b");
            for (int gate = 0; gate < 3; gate++) {
                for (int unit = 0; unit < UNITS; unit++) {
                    int row = gate * UNITS + unit;
                    int column = kerasBlock.get(gate) * UNITS + unit;
                    for (int i = 0; i < INPUTS; i++) {
                        assertThat(wx[row * INPUTS + i]).isEqualTo(kernel[i * 9 + column]);
                    }
                    for (int i = 0; i < UNITS; i++) {
                        assertThat(wh[row * UNITS + i]).isEqualTo(recurrent[i * 9 + column]);
                    }
                    float sum = gate == 2 ? bias[column] : bias[column] + bias[9 + column];
                    assertThat(b[row]).isEqualTo(sum);
                }
            }
            assertThat(b[9]).as("the candidate's recurrent bias").isEqualTo(bias[9 + 6]);
            assertThat(gru.getWeights(WeightLayout.KERAS)).startsWith(kernel, recurrent);
        }
    }

    @Test
    void takesTorchBiasesTogetherAndGivesThemBackAsOne() {
        Lstm lstm = Lstm.of(UNITS).layers(2).bidirectional();
        try (Sequential model = model(lstm)) {
            List<float[]> state = new ArrayList<>();
            for (int set = 0; set < 4; set++) {
                int in = set < 2 ? INPUTS : 2 * UNITS;
                state.add(numbered(12 * in, 1000 * set));
                state.add(numbered(12 * UNITS, 1000 * set + 200));
                state.add(numbered(12, 1000 * set + 400));
                state.add(numbered(12, 1000 * set + 500));
            }
            lstm.setWeights(WeightLayout.PYTORCH, state.toArray(float[][]::new));
            assertThat(parameter(model, "1.reverse.wx")).isEqualTo(state.get(12));
            assertThat(parameter(model, "1.reverse.wh")).isEqualTo(state.get(13));
            assertThat(parameter(model, "1.reverse.b")[2]).isEqualTo(state.get(14)[2] + state.get(15)[2]);
            List<float[]> back = lstm.getWeights(WeightLayout.PYTORCH);
            assertThat(back).hasSize(16);
            assertThat(back.get(4)).isEqualTo(state.get(4));
            assertThat(back.get(7)).containsOnly(0f);
            lstm.setWeights(WeightLayout.PYTORCH, back.toArray(float[][]::new));
            assertThat(parameter(model, "1.reverse.b")[2]).isEqualTo(state.get(14)[2] + state.get(15)[2]);
        }
    }

    @Test
    void takesAndGivesTorchProjections() {
        Lstm lstm = Lstm.of(UNITS).projection(2).layers(2).bidirectional();
        try (Sequential model = model(lstm)) {
            List<float[]> state = new ArrayList<>();
            for (int set = 0; set < 4; set++) {
                int in = set < 2 ? INPUTS : 2 * 2;
                state.add(numbered(12 * in, 1000 * set));
                state.add(numbered(12 * 2, 1000 * set + 200));
                state.add(numbered(12, 1000 * set + 400));
                state.add(new float[12]);
                state.add(numbered(2 * UNITS, 1000 * set + 600));
            }
            lstm.setWeights(WeightLayout.PYTORCH, state.toArray(float[][]::new));
            assertThat(parameter(model, "1.reverse.wh")).isEqualTo(state.get(16));
            assertThat(parameter(model, "1.reverse.wr")).isEqualTo(state.get(19));
            assertThat(parameter(model, "0.forward.wr")).isEqualTo(state.get(4));
            assertThat(model.parameters().get("layer.0.forward.wr").shape()).hasToString("[2, 3]");
            assertThat(lstm.getWeights(WeightLayout.PYTORCH)).containsExactlyElementsOf(state);
            assertThatThrownBy(() -> lstm.getWeights(WeightLayout.KERAS))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("layout: KERAS has no projection, which this layer has");
            assertThatThrownBy(() -> lstm.setWeights(WeightLayout.ONNX))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("layout: ONNX has no projection, which this layer has");
            state.set(19, new float[5]);
            assertThatThrownBy(() -> lstm.setWeights(WeightLayout.PYTORCH, state.toArray(float[][]::new)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("arrays[19]: expected 6 numbers, got 5");
        }
        for (int features : new int[] {0, 3}) {
            assertThatThrownBy(() -> Lstm.of(UNITS).projection(features))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("projection: expected at least 1 and fewer than the units, 3, got " + features);
        }
    }

    @Test
    void noLayoutHasALayerWithoutInputWeights() {
        Gru gru = Gru.of(INPUTS).skipInput().layers(2);
        try (Sequential model = model(gru)) {
            assertThat(model.parameters().list())
                    .extracting(Parameter::name)
                    .doesNotContain("layer.0.forward.wx")
                    .contains("layer.0.forward.wh", "layer.1.forward.wx");
            assertThatThrownBy(() -> gru.getWeights(WeightLayout.PYTORCH))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "layout: PYTORCH has input weights of every layer, and this layer's input skips the product");
        }
        assertThatThrownBy(() -> model(Gru.of(INPUTS + 1).skipInput()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("layer 'layer': skipInput: expected as many features as units, " + (INPUTS + 1) + ", got "
                        + INPUTS);
    }

    @Test
    void newWeightsAreWhatTheNextPredictionComputesWith() {
        Rnn rnn = Rnn.of(1);
        try (Sequential model = Sequential.on(device).add(rnn).build(1)) {
            float[][][] x = {{{1f}}};
            model.predict(x);
            rnn.setWeights(WeightLayout.PYTORCH, new float[] {0.5f}, new float[] {0f});
            assertThat(model.predict(x)[0][0]).isEqualTo((float) Math.tanh(0.5));
        }
    }

    @Test
    void aLayerWithoutBiasHasNoneToGiveOrTake() {
        Gru gru = Gru.of(UNITS).withoutBias();
        try (Sequential model = model(gru)) {
            assertThat(model.parameters().list()).hasSize(2);
            float[] wx = numbered(9 * INPUTS, 0);
            float[] wh = numbered(9 * UNITS, 100);
            gru.setWeights(WeightLayout.PYTORCH, wx, wh);
            assertThat(gru.getWeights(WeightLayout.PYTORCH)).containsExactly(wx, wh);
            assertThat(gru.getWeights(WeightLayout.KERAS)).hasSize(2);
            gru.setWeights(WeightLayout.PYTORCH, wx, wh, new float[9], new float[9]);
            assertThatThrownBy(() -> gru.setWeights(WeightLayout.PYTORCH, wx, wh, new float[9], numbered(9, 1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("arrays: expected no bias, which this layer has not, or zeros");
        }
    }

    @Test
    void whatDoesNotFitIsNamed() {
        Lstm lstm = Lstm.of(UNITS);
        Lstm peepholes = Lstm.of(UNITS).peepholes();
        try (Sequential model = model(lstm);
                Sequential other = model(peepholes)) {
            assertThat(model.parameters().count()).isLessThan(other.parameters().count());
            assertThatThrownBy(() -> lstm.setWeights(WeightLayout.KERAS, new float[24]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("arrays: expected 3, or 2 without biases (layers x directions: 1), got 1");
            assertThatThrownBy(() -> lstm.setWeights(WeightLayout.PYTORCH, new float[24], new float[35]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("arrays[1]: expected 36 numbers, got 35");
            assertThatThrownBy(() -> peepholes.setWeights(WeightLayout.PYTORCH, new float[24], new float[36]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("layout: PYTORCH has no peepholes, which this layer has");
        }
    }
}
