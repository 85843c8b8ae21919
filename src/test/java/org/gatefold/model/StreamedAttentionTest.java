package org.gatefold.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.gatefold.contract.Subject;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.attention.MultiHeadAttention;
import org.gatefold.layer.attention.PositionalEmbedding;
import org.gatefold.layer.attention.SinusoidalPositions;
import org.gatefold.layer.attention.TransformerEncoder;
import org.gatefold.layer.attention.TransformerEncoderLayer;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.tensor.Form;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams of models with causal attention and positions give what the model gives for the whole sequences. */
class StreamedAttentionTest {
    private static final int ROWS = 3;
    private static final int MOST = 12;

    private static Network network() {
        return Network.sequential(Form.sequences(4))
                .add(Linear.of(6))
                .add(PositionalEmbedding.of(MOST + 1))
                .add(TransformerEncoder.of(
                                2, TransformerEncoderLayer.of(2, 5).causal().preNorm())
                        .finalNorm())
                .add(SinusoidalPositions.create())
                .add(Lstm.of(6).returnSequences())
                .add(MultiHeadAttention.of(3).causal())
                .add(Linear.of(2))
                .build();
    }

    private static float[][] sequence(int seed, int steps) {
        float[][] x = new float[steps][4];
        for (int t = 0; t < steps; t++) {
            for (int f = 0; f < 4; f++) {
                x[t][f] = (float) Math.sin(seed + 3.7 * t + 11.3 * f * (t + 1));
            }
        }
        return x;
    }

    /** What the model gives for a whole sequence. */
    private static float[][] whole(Model model, float[][] x) {
        return model.predictSequences(new float[][][] {x}, new int[] {x.length})[0];
    }

    private static void equal(float[][] actual, float[][] expected) {
        for (int t = 0; t < expected.length; t++) {
            for (int i = 0; i < expected[t].length; i++) {
                assertThat(actual[t][i]).as("step %d", t).isCloseTo(expected[t][i], within(2e-6f));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu", "cuda:0"})
    void chunksGiveWhatTheWholeSequenceGives(String name) {
        try (Device device = Subject.openDevice(name);
                Model model = network().on(device).seed(4).build();
                ModelStream stream = model.stream(ROWS, MOST)) {
            float[][][] x = new float[ROWS][][];
            float[][][] expected = new float[ROWS][][];
            for (int row = 0; row < ROWS; row++) {
                x[row] = sequence(row, MOST);
                expected[row] = whole(model, x[row]);
            }
            int from = 0;
            for (int end : new int[] {1, 2, 6, 7, MOST}) {
                float[][][] part = chunk(stream, x, from, end);
                for (int row = 0; row < ROWS; row++) {
                    equal(part[row], Arrays.copyOfRange(expected[row], from, end));
                }
                from = end;
            }
        }
    }

    private static float[][][] chunk(ModelStream stream, float[][][] x, int from, int end) {
        return stream.chunk(
                Arrays.stream(x).map(row -> Arrays.copyOfRange(row, from, end)).toArray(float[][][]::new));
    }

    /** Row 1 begins a new sequence after 5 steps, row 2 after 7: each row then has another number of steps behind it. */
    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu", "cuda:0"})
    void rowsBeginAnewEachByItself(String name) {
        try (Device device = Subject.openDevice(name);
                Model model = network().on(device).seed(4).build();
                ModelStream stream = model.stream(ROWS, MOST)) {
            float[][][] x = {sequence(0, MOST), sequence(1, MOST), sequence(2, MOST)};
            chunk(stream, x, 0, 5);
            stream.reset(1);
            chunk(stream, x, 5, 7);
            stream.reset(2);
            byte[] saved = stream.save();
            float[][][] last = chunk(stream, x, 7, MOST);
            int[] begins = {0, 5, 7};
            for (int row = 0; row < ROWS; row++) {
                float[][] expected = whole(model, Arrays.copyOfRange(x[row], begins[row], MOST));
                equal(last[row], Arrays.copyOfRange(expected, 7 - begins[row], MOST - begins[row]));
            }
            stream.restore(saved);
            assertThat(chunk(stream, x, 7, MOST)).isDeepEqualTo(last);
            try (ModelStream other = model.stream(2, MOST)) {
                stream.restore(saved);
                other.goOnFrom(stream, 2, 1);
                float[][][] swapped = chunk(other, new float[][][] {x[2], x[1]}, 7, MOST);
                equal(swapped[0], last[2]);
                equal(swapped[1], last[1]);
            }
        }
    }

    @Test
    void aStepTooManyIsRefusedAndChangesNothing() {
        try (Device device = Devices.cpu();
                Model model = network().on(device).seed(4).build();
                ModelStream stream = model.stream(1, 3)) {
            float[][][] x = {sequence(0, 5)};
            chunk(stream, x, 0, 2);
            byte[] before = stream.save();
            assertThatThrownBy(() -> chunk(stream, x, 2, 4))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("keeps at most 3 steps of a sequence, as the stream was told, got 4");
            assertThat(stream.save()).isEqualTo(before);
            equal(chunk(stream, x, 2, 3)[0], Arrays.copyOfRange(whole(model, sequence(0, 3)), 2, 3));
            stream.reset();
            equal(chunk(stream, x, 0, 3)[0], whole(model, sequence(0, 3)));
            try (ModelStream longer = model.stream(1, 4)) {
                assertThatThrownBy(() -> longer.goOnFrom(stream, 0))
                        .hasMessage("other: expected a stream for sequences of at most 4 steps, got one for 3");
                assertThatThrownBy(() -> longer.restore(stream.save())).isInstanceOf(IllegalArgumentException.class);
            }
            assertThatThrownBy(() -> model.stream(1, 0)).hasMessage("mostSteps: expected at least 1, got 0");
        }
    }

    @Test
    void positionsEndWhereTheirVectorsDo() {
        try (Device device = Devices.cpu();
                Sequential model =
                        Sequential.on(device).add(PositionalEmbedding.of(3)).build(Form.sequences(4));
                ModelStream stream = model.stream(1)) {
            float[][][] x = {sequence(0, 4)};
            chunk(stream, x, 0, 3);
            assertThatThrownBy(() -> chunk(stream, x, 3, 4)).hasMessageContaining("x: expected at most 3 steps, got 4");
        }
    }
}
