package org.gatefold.exchange.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.gatefold.data.Column;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.exchange.ModelFile;
import org.gatefold.model.Model;
import org.gatefold.model.ModelStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Graphs of ONNX chunk by chunk: states by inputs and outputs, by layers, and ends of chunks that stand in front of the next. */
class OnnxStreamTest {
    private static final int STEPS = 12;
    private static final int FEATURES = 3;
    private static final int UNITS = 4;

    @TempDir
    private Path folder;

    /** An LSTM whose states are inputs and outputs of these names. */
    private Path withStates(String h, String c, String hn, String cn) throws IOException {
        return new OnnxFiles(14, 1)
                .input("x", "time", "batch", String.valueOf(FEATURES))
                .input(h, "1", "batch", String.valueOf(UNITS))
                .input(c, "1", "batch", String.valueOf(UNITS))
                .weights("w", 1, 4 * UNITS, FEATURES)
                .weights("r", 1, 4 * UNITS, UNITS)
                .weights("b", 1, 8 * UNITS)
                .node("LSTM", "x,w,r,b,," + h + "," + c, "all," + hn + "," + cn, OnnxFiles.of("hidden_size", UNITS))
                .wholes("axes", 1)
                .node("Squeeze", "all,axes", "y")
                .output("y", "time", "batch", String.valueOf(UNITS))
                .output(hn, "1", "batch", String.valueOf(UNITS))
                .output(cn, "1", "batch", String.valueOf(UNITS))
                .write(folder);
    }

    private static float[][][] series(int rows, int steps, int features) {
        Random random = new Random(5);
        float[][][] x = new float[rows][steps][features];
        for (float[][] row : x) {
            for (float[] step : row) {
                for (int i = 0; i < features; i++) {
                    step[i] = random.nextFloat() - 0.5f;
                }
            }
        }
        return x;
    }

    private static float[] flat(float[][][] x, int from, int to) {
        int features = x[0][0].length;
        float[] flat = new float[x.length * (to - from) * features];
        for (int row = 0; row < x.length; row++) {
            for (int t = from; t < to; t++) {
                System.arraycopy(x[row][t], 0, flat, (row * (to - from) + t - from) * features, features);
            }
        }
        return flat;
    }

    /** All outputs, by chunks of the sizes in turn. */
    private static float[][][] streamed(ModelStream stream, float[][][] x, int outputs, int... sizes) {
        float[][][] y = new float[x.length][x[0].length][outputs];
        for (int from = 0, i = 0; from < x[0].length; i++) {
            int to = Math.min(x[0].length, from + sizes[i % sizes.length]);
            float[] given = new float[x.length * (to - from) * outputs];
            stream.chunk(flat(x, from, to), given);
            for (int row = 0; row < x.length; row++) {
                for (int t = from; t < to; t++) {
                    int at = (row * (to - from) + t - from) * outputs;
                    y[row][t] = Arrays.copyOfRange(given, at, at + outputs);
                }
            }
            from = to;
        }
        return y;
    }

    private static void requireSame(float[][][] actual, float[][][] expected) {
        for (int row = 0; row < expected.length; row++) {
            for (int t = 0; t < expected[row].length; t++) {
                assertThat(actual[row][t]).containsExactly(expected[row][t], within(2e-6f));
            }
        }
    }

    private static float[][][] whole(Model model, float[][][] x) {
        float[][][] zeros = new float[x.length][1][UNITS];
        return model.predict(Column.sequences("x", x), Column.sequences("h0", zeros), Column.sequences("c0", zeros))
                .get("y")
                .sequences();
    }

    @Test
    void carriesStatesByTheirNames() throws IOException {
        Path file = withStates("h0", "c0", "hn", "cn");
        float[][][] x = series(2, STEPS, FEATURES);
        try (Device device = Devices.cpu();
                Model model = OnnxModels.load(device, file);
                ModelStream stream = model.stream(2);
                ModelStream other = model.stream(2)) {
            assertThat(stream.inputs()).containsOnlyKeys("x");
            assertThat(stream.outputs()).containsOnlyKeys("y");
            float[][][] expected = whole(model, x);
            requireSame(streamed(stream, x, UNITS, 5, 1, 3), expected);
            stream.reset();
            requireSame(stream.chunk(Column.sequences("x", x)).get("y").sequences(), expected);

            stream.reset();
            stream.chunk(flat(x, 0, 7), new float[2 * 7 * UNITS]);
            assertThatThrownBy(() -> stream.chunk(flat(x, 7, STEPS), new float[3]))
                    .hasMessage("output: expected 40 numbers, got 3");
            other.restore(stream.save());
            float[] rest = new float[2 * 5 * UNITS];
            other.chunk(flat(x, 7, STEPS), rest);
            assertThat(Arrays.copyOfRange(rest, 0, UNITS)).containsExactly(expected[0][7], within(2e-6f));
            assertThat(Arrays.copyOfRange(rest, 9 * UNITS, 10 * UNITS))
                    .containsExactly(expected[1][STEPS - 1], within(2e-6f));
        }
    }

    @Test
    void carriesStatesThatAreNamed() throws IOException {
        Path file = withStates("first", "second", "third", "fourth");
        float[][][] x = series(1, STEPS, FEATURES);
        Path saved = folder.resolve("saved.safetensors");
        try (Device device = Devices.cpu();
                Model plain = OnnxModels.load(device, file);
                Model model = OnnxModels.of(file)
                        .state("first", "third")
                        .state("second", "fourth")
                        .load(device)) {
            assertThatThrownBy(() -> plain.stream(1))
                    .hasMessageContaining("starts from states that the graph gives")
                    .hasMessageContaining("OnnxModels.of(file).state(input, output)");
            ModelFile.save(model, saved, Map.of());
            try (Model again = ModelFile.load(device, saved);
                    ModelStream stream = model.stream(1);
                    ModelStream same = again.stream(1)) {
                float[][][] expected = streamed(stream, x, UNITS, STEPS);
                requireSame(streamed(same, x, UNITS, 1), expected);
                assertThat(expected[0][0]).isNotEqualTo(expected[0][1]);
            }
        }
    }

    /** In chunks, a model gives for x what it gives for {@code whole} at once. */
    private static void requireStreamed(OnnxSource source, float[][][] x, float[][][] whole, int... chunks) {
        try (Device device = Devices.cpu();
                Model model = source.load(device);
                ModelStream stream = model.stream(x.length)) {
            float[][][] expected =
                    model.predict(Column.sequences("x", whole)).get("y").sequences();
            requireSame(streamed(stream, x, UNITS, chunks), expected);
        }
    }

    @Test
    void carriesStatesOfLayers() throws IOException {
        Path file = new OnnxFiles(14, 1)
                .input("x", "time", "batch", String.valueOf(FEATURES))
                .weights("w", 1, 3 * UNITS, FEATURES)
                .weights("r", 1, 3 * UNITS, UNITS)
                .node("GRU", "x,w,r", "all", OnnxFiles.of("hidden_size", UNITS))
                .wholes("axes", 1)
                .node("Squeeze", "all,axes", "y")
                .output("y", "time", "batch", String.valueOf(UNITS))
                .write(folder);
        float[][][] x = series(3, STEPS, FEATURES);
        requireStreamed(OnnxModels.of(file), x, x, 4, 1);
    }

    @Test
    void putsTheEndOfAChunkInFrontOfTheNext() throws IOException {
        Path file = new OnnxFiles(14, 1)
                .input("x", "batch", "2", "time")
                .weights("w", UNITS, 2, 3)
                .node("Conv", "x,w", "y", OnnxFiles.wholes("kernel_shape", java.util.List.of(3)))
                .output("y", "batch", String.valueOf(UNITS), "out")
                .write(folder);
        float[][][] x = series(2, STEPS, 2);
        float[][][] padded = new float[2][STEPS + 2][2];
        for (int row = 0; row < 2; row++) {
            System.arraycopy(x[row], 0, padded[row], 2, STEPS);
        }
        requireStreamed(OnnxModels.of(file).overlap("x", 2), x, padded, 1, 4);
    }

    @Test
    void refusesWhatIsNoState() throws IOException {
        Path file = withStates("h0", "c0", "hn", "cn");
        assertThatThrownBy(() -> OnnxModels.of(file).state("x", "y").network())
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("state 'x': expected an output of the same fixed dimensions but for rows");
        assertThatThrownBy(() -> OnnxModels.of(file).state("h0", "nothing").network())
                .hasMessageContaining("state 'h0': expected an output of [y, hn, cn], got 'nothing'");
        assertThatThrownBy(() -> OnnxModels.of(file).state("h", "hn").network())
                .hasMessageContaining("state 'h': expected an input of [x, h0, c0]");
        assertThatThrownBy(() -> OnnxModels.of(file).overlap("h0", 2).network())
                .hasMessageContaining("overlap 'h0': expected at least one step of an input of numbers");
        assertThatThrownBy(() -> OnnxModels.of(file).state("h0", "hn").state("c0", "hn"))
                .hasMessage("state 'c0': output 'hn' is that of another");
    }
}
