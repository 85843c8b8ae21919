package org.gatefold.benchmarks.streams;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.onnx.OnnxModels;
import org.gatefold.model.Model;
import org.gatefold.model.ModelStream;

/**
 * Silero's speech detector over a recording, chunk by chunk as it arrives, in Gatefold and in ONNX Runtime: one thread each, in turns, both
 * from samples to probability with the state carried along. ONNX Runtime gets direct buffers that stay, in and out, which is the fastest that
 * its Java binding offers. Prints processor time per chunk for each round, the best of all and their ratio, and the largest difference of outputs.
 */
public final class SpeechDetector {
    private static final int CHUNK = 512;
    private static final int CONTEXT = 64;
    private static final int STATE = 2 * 128;

    private static final ThreadMXBean CLOCK = ManagementFactory.getThreadMXBean();

    private SpeechDetector() {}

    /** Probabilities of speech, one for each chunk of samples. */
    private interface Detector {
        void detect(float[][] chunks, float[] probabilities) throws OrtException;
    }

    /**
     * Measures.
     *
     * @param arguments model, recording of 16 kHz in one channel of 16 bits, and, if not 10, the number of rounds
     */
    public static void main(String[] arguments) throws IOException, OrtException {
        if (arguments.length < 2) {
            System.err.println("expected: MODEL.onnx RECORDING.wav [ROUNDS]");
            System.exit(2);
        }
        Path file = Path.of(arguments[0]);
        float[][] chunks = chunks(Path.of(arguments[1]));
        int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 10;
        float[] ours = new float[chunks.length];
        float[] theirs = new float[chunks.length];
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
            try (OrtSession session = OrtEnvironment.getEnvironment().createSession(file.toString(), options);
                    WithOnnxRuntime runtime = new WithOnnxRuntime(session);
                    Device device = Devices.cpu(1);
                    Model model = OnnxModels.of(file).overlap("input", CONTEXT).load(device);
                    ModelStream stream = model.stream(1)) {
                Detector gatefold = (in, out) -> stream(stream, in, out);
                for (int i = 0; i < 2; i++) {
                    time(gatefold, chunks, ours);
                    time(runtime, chunks, theirs);
                }
                double best = Double.MAX_VALUE;
                double bestOfTheirs = Double.MAX_VALUE;
                for (int round = 0; round < rounds; round++) {
                    double a = time(gatefold, chunks, ours);
                    double b = time(runtime, chunks, theirs);
                    best = Math.min(best, a);
                    bestOfTheirs = Math.min(bestOfTheirs, b);
                    System.out.printf(
                            Locale.ROOT, "round %2d: Gatefold %6.1f us, ONNX Runtime %6.1f us a chunk%n", round, a, b);
                }
                System.out.printf(
                        Locale.ROOT,
                        "best: Gatefold %.1f us, ONNX Runtime %.1f us a chunk, ratio %.2f; largest difference %.1e%n",
                        best,
                        bestOfTheirs,
                        bestOfTheirs / best,
                        difference(ours, theirs));
            }
        }
    }

    private static float[][] chunks(Path wav) throws IOException {
        byte[] bytes = Files.readAllBytes(wav);
        int header = 44;
        ShortBuffer samples = ByteBuffer.wrap(bytes, header, bytes.length - header)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asShortBuffer();
        float[][] chunks = new float[samples.remaining() / CHUNK][CHUNK];
        for (float[] chunk : chunks) {
            for (int i = 0; i < CHUNK; i++) {
                chunk[i] = samples.get() / 32768f;
            }
        }
        return chunks;
    }

    /** Microseconds of the processor for a chunk. With one thread, both compute on the one that calls; others' work is not counted. */
    private static double time(Detector detector, float[][] chunks, float[] probabilities) throws OrtException {
        long start = CLOCK.getCurrentThreadCpuTime();
        detector.detect(chunks, probabilities);
        return (CLOCK.getCurrentThreadCpuTime() - start) / 1e3 / chunks.length;
    }

    private static void stream(ModelStream stream, float[][] chunks, float[] probabilities) {
        stream.reset();
        float[] probability = new float[1];
        for (int i = 0; i < chunks.length; i++) {
            stream.chunk(chunks[i], probability);
            probabilities[i] = probability[0];
        }
    }

    private static double difference(float[] a, float[] b) {
        double largest = 0;
        for (int i = 0; i < a.length; i++) {
            largest = Math.max(largest, Math.abs(a[i] - b[i]));
        }
        return largest;
    }

    /** ONNX Runtime with buffers that stay. Owns them. */
    private static final class WithOnnxRuntime implements Detector, AutoCloseable {
        private final OrtSession session;
        private final FloatBuffer input = direct(CONTEXT + CHUNK);
        private final FloatBuffer before = direct(STATE);
        private final FloatBuffer after = direct(STATE);
        private final FloatBuffer output = direct(1);
        private final Map<String, OnnxTensor> inputs;
        private final Map<String, OnnxTensor> outputs;

        WithOnnxRuntime(OrtSession session) throws OrtException {
            this.session = session;
            inputs = Map.of(
                    "input", tensor(input, 1, CONTEXT + CHUNK),
                    "state", tensor(before, 2, 1, STATE / 2),
                    "sr",
                            OnnxTensor.createTensor(
                                    OrtEnvironment.getEnvironment(),
                                    LongBuffer.wrap(new long[] {16_000}),
                                    new long[0]));
            outputs = Map.of("output", tensor(output, 1, 1), "stateN", tensor(after, 2, 1, STATE / 2));
        }

        private static FloatBuffer direct(int count) {
            return ByteBuffer.allocateDirect(Float.BYTES * count)
                    .order(ByteOrder.nativeOrder())
                    .asFloatBuffer();
        }

        private static OnnxTensor tensor(FloatBuffer values, long... dims) throws OrtException {
            return OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), values, dims);
        }

        @Override
        public void detect(float[][] chunks, float[] probabilities) throws OrtException {
            before.put(0, new float[STATE]);
            float[] context = new float[CONTEXT];
            for (int i = 0; i < chunks.length; i++) {
                input.put(0, context);
                input.put(CONTEXT, chunks[i]);
                try (OrtSession.Result result = session.run(inputs, outputs)) {
                    probabilities[i] = output.get(0);
                }
                before.put(0, after, 0, STATE);
                context = Arrays.copyOfRange(chunks[i], CHUNK - CONTEXT, CHUNK);
            }
        }

        @Override
        public void close() {
            inputs.values().forEach(OnnxTensor::close);
            outputs.values().forEach(OnnxTensor::close);
        }
    }
}
