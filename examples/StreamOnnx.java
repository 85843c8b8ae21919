import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.onnx.OnnxExport;
import org.gatefold.exchange.onnx.OnnxModels;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Gru;
import org.gatefold.model.Model;
import org.gatefold.model.ModelStream;
import org.gatefold.model.Sequential;
import org.gatefold.tensor.Form;

/**
 * Runs a recurrent network of an ONNX file chunk by chunk, as a service does with sound that comes in: the file's states go from chunk to
 * chunk, are saved in between, and the outputs are those of the whole.
 */
public final class StreamOnnx {
    private static final int STEPS = 48;

    public static void main(String[] args) throws IOException {
        Path file = Files.createTempFile("counter", ".onnx");
        float[] sound = new float[STEPS];
        for (int t = 0; t < STEPS; t++) {
            sound[t] = (float) Math.sin(0.3 * t);
        }
        try (Device device = Devices.cpu(1)) {
            try (Sequential network = Sequential.on(device)
                    .seed(2)
                    .add(Gru.of(8).returnSequences())
                    .add(Linear.of(1))
                    .build(Form.sequences(1))) {
                OnnxExport.of(network).withStates().write(file);
            }
            try (Model model = OnnxModels.load(device, file);
                    ModelStream whole = model.stream(1);
                    ModelStream first = model.stream(1);
                    ModelStream second = model.stream(1)) {
                float[] expected = new float[STEPS];
                whole.chunk(sound, expected);

                float[] begin = new float[20];
                first.chunk(Arrays.copyOf(sound, 20), begin);
                byte[] saved = first.save(); // to a file, a database, another machine
                second.restore(saved);
                float[] rest = new float[STEPS - 20];
                second.chunk(Arrays.copyOfRange(sound, 20, STEPS), rest);

                float worst = 0;
                for (int t = 0; t < STEPS; t++) {
                    worst = Math.max(worst, Math.abs(expected[t] - (t < 20 ? begin[t] : rest[t - 20])));
                }
                System.out.printf("largest difference %.1e, %d bytes of state%n", worst, saved.length);
            }
        } finally {
            Files.delete(file);
        }
    }
}
