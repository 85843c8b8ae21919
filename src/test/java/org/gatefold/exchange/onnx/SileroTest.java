package org.gatefold.exchange.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.model.Model;
import org.gatefold.model.ModelStream;
import org.junit.jupiter.api.Test;

/** A speech detector of other people's, chunk by chunk over a recording, its state carried along, beside ONNX Runtime. */
class SileroTest {
    private static final int CHUNK = 512;
    private static final int CONTEXT = 64;
    private static final int STATE = 128;

    private static Path models() {
        String data = System.getProperty("gatefold.data");
        assumeTrue(data != null, "real data: give -Dgatefold.data=FOLDER");
        Path models = Path.of(data).resolve("models");
        assumeTrue(Files.exists(models.resolve("silero_vad_16k_op15.onnx")), () -> "no speech detector in " + models);
        return models;
    }

    /** Chunks of the recording, each with the end of the one before in front. */
    private static float[][] chunks(Path wav) throws IOException {
        byte[] bytes = Files.readAllBytes(wav);
        ShortBuffer samples = ByteBuffer.wrap(bytes, 44, bytes.length - 44)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asShortBuffer();
        float[][] chunks = new float[samples.remaining() / CHUNK][CONTEXT + CHUNK];
        for (int i = 0; i < chunks.length; i++) {
            for (int k = 0; k < CHUNK; k++) {
                chunks[i][CONTEXT + k] = samples.get(i * CHUNK + k) / 32768f;
            }
            if (i > 0) {
                System.arraycopy(chunks[i - 1], CHUNK, chunks[i], 0, CONTEXT);
            }
        }
        return chunks;
    }

    @Test
    void detectsSpeechInAStream() throws IOException, OrtException {
        Path models = models();
        Path file = models.resolve("silero_vad_16k_op15.onnx");
        float[][] chunks = chunks(models.resolve("silero_test.wav"));
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        int speech = 0;
        try (OrtSession session = environment.createSession(file.toString());
                Device device = Devices.cpu();
                Model model = OnnxModels.of(file).overlap("input", CONTEXT).load(device);
                ModelStream stream = model.stream(1);
                ModelStream later = model.stream(1)) {
            assertThat(model.inputs()).containsOnlyKeys("input", "state");
            assertThat(stream.inputs()).containsOnlyKeys("input");
            assertThat(stream.outputs()).containsOnlyKeys("output");
            float[][][] state = new float[2][1][STATE];
            float[] actual = new float[1];
            ModelStream now = stream;
            for (int i = 0; i < chunks.length; i++) {
                float expected;
                try (ai.onnxruntime.OnnxTensor x = ai.onnxruntime.OnnxTensor.createTensor(
                                environment, FloatBuffer.wrap(chunks[i]), new long[] {1, CONTEXT + CHUNK});
                        ai.onnxruntime.OnnxTensor before = ai.onnxruntime.OnnxTensor.createTensor(environment, state);
                        ai.onnxruntime.OnnxTensor rate = ai.onnxruntime.OnnxTensor.createTensor(
                                environment, LongBuffer.wrap(new long[] {16_000}), new long[0]);
                        OrtSession.Result result = session.run(Map.of("input", x, "state", before, "sr", rate))) {
                    expected = ((float[][]) result.get(0).getValue())[0][0];
                    state = (float[][][]) result.get(1).getValue();
                }
                now.chunk(Arrays.copyOfRange(chunks[i], CONTEXT, CONTEXT + CHUNK), actual);
                assertThat(actual[0]).as("chunk %d", i).isCloseTo(expected, within(1e-4f));
                speech += actual[0] > 0.5f ? 1 : 0;
                if (i == chunks.length / 2) {
                    later.restore(stream.save());
                    now = later;
                }
            }
        }
        assertThat(speech).isBetween(chunks.length / 10, chunks.length - 1);
    }
}
