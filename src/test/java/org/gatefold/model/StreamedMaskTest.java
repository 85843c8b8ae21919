package org.gatefold.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.gatefold.contract.Subject;
import org.gatefold.data.Column;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.Layer;
import org.gatefold.layer.attention.MultiHeadAttention;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.basic.Masking;
import org.gatefold.layer.cell.CellLoop;
import org.gatefold.layer.cell.Slstm;
import org.gatefold.layer.convolution.Conv1d;
import org.gatefold.layer.norm.BatchNorm;
import org.gatefold.layer.recurrent.Gru;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.layer.recurrent.Rnn;
import org.gatefold.tensor.Form;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams of models with masks give what the model gives for the whole sequences, whose last steps are real. */
class StreamedMaskTest {
    private static final int STEPS = 9;

    /** By row: the steps that are left out. The chunks end at 2, 3, 6 and 9. */
    private static final List<List<Integer>> OUT =
            List.of(List.of(), List.of(0, 1, 2), List.of(1, 2, 3, 4, 5, 7), List.of(0, 3, 4, 5));

    private static Network network(boolean zeros) {
        Lstm learned = Lstm.of(4).layers(2).learnedInitialState().returnSequences();
        Gru gru = Gru.of(5).returnSequences();
        Graph.Builder graph = Graph.builder();
        Graph.Node x = graph.layer(Masking.of(9f), graph.input("x", Form.sequences(3)));
        Graph.Node a = graph.layer(zeros ? learned.zeroOutputForMask() : learned, x);
        Graph.Node b = graph.layer(gru, graph.layer(Linear.of(3), a));
        Graph.Node c = graph.layer(Lstm.of(6).projection(3).returnSequences(), b);
        graph.output("steps", c);
        graph.output("last", graph.layer(Rnn.of(4), c));
        return graph.build();
    }

    private static float[][][] sequences() {
        float[][][] x = new float[OUT.size()][STEPS][3];
        for (int row = 0; row < x.length; row++) {
            for (int t = 0; t < STEPS; t++) {
                for (int f = 0; f < 3; f++) {
                    x[row][t][f] = OUT.get(row).contains(t) ? 9f : (float) Math.sin(row + 2.3 * t + 5.1 * f * (t + 1));
                }
            }
        }
        return x;
    }

    private static Column part(float[][][] x, int from, int end) {
        return Column.sequences(
                "x",
                Arrays.stream(x).map(row -> Arrays.copyOfRange(row, from, end)).toArray(float[][][]::new));
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu", "cuda:0"})
    void chunksGiveWhatTheWholeSequenceGives(String name) {
        for (boolean zeros : new boolean[] {false, true}) {
            try (Device device = Subject.openDevice(name);
                    Model model = network(zeros).on(device).seed(4).build();
                    ModelStream stream = model.stream(OUT.size())) {
                for (String state : List.of("lstm.h0", "lstm.c0")) {
                    float[] first = new float[8];
                    Arrays.fill(first, 0.5f);
                    model.parameters().get(state).set(first);
                }
                stream.reset();
                float[][][] x = sequences();
                float[][][] whole =
                        model.predict(part(x, 0, STEPS)).get("steps").sequences();
                int from = 0;
                for (int end : new int[] {2, 3, 6, STEPS}) {
                    var given = stream.chunk(part(x, from, end));
                    float[][] last = model.predict(part(x, 0, end)).get("last").rows();
                    for (int row = 0; row < x.length; row++) {
                        float[][] got = given.get("steps").sequences()[row];
                        for (int t = from; t < end; t++) {
                            close(name + " row " + row + " step " + t, got[t - from], whole[row][t]);
                        }
                        close(name + " row " + row, given.get("last").rows()[row], last[row]);
                    }
                    from = end;
                }
            }
        }
    }

    private static void close(String what, float[] actual, float[] expected) {
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).as(what).isCloseTo(expected[i], within(1e-6f));
        }
    }

    @Test
    void layersThatCannotTellAHoleFromAnEndAreRefused() {
        for (Layer layer : List.of(
                BatchNorm.create(),
                Conv1d.of(3, 2).causal(),
                MultiHeadAttention.of(1).causal(),
                CellLoop.of(Slstm.of(3)))) {
            try (Device device = Devices.named("reference");
                    Sequential model = Sequential.on(device)
                            .add(Masking.zeros())
                            .add(layer)
                            .build(Form.sequences(3))) {
                assertThatThrownBy(() -> model.stream(1, 4).close())
                        .hasMessageContaining("takes no masks in a stream, and a Masking comes before it");
            }
        }
    }
}
