import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.gatefold.data.Batches;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.ModelFile;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Model;
import org.gatefold.model.Sequential;
import org.gatefold.train.Schedule;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.AdamW;

/** Stops training half-way, goes on from the checkpoint as if nothing had been, and loads the model from its file. */
public final class SaveAndResume {
    public static void main(String[] args) throws Exception {
        Path folder = Files.createTempDirectory("gatefold-example");
        try (Device device = Devices.cpu();
                Sequential straight = model(device);
                Sequential first = model(device);
                Sequential second = model(device)) {
            Batches batches = Batches.of(sums(), 16).shuffled(1);
            trainer(straight).fit(batches, 6);

            trainer(first).checkpoints(folder).fit(batches, 3);
            trainer(second).checkpoints(folder).resume(true).fit(batches, 6);
            boolean same = Arrays.equals(weights(straight), weights(second));

            Path file = folder.resolve("sums.safetensors");
            ModelFile.save(second, file, Map.of("what", "sums of four numbers"));
            try (Model loaded = ModelFile.load(device, file)) {
                float[][][] row = {{{0.1f}, {0.2f}, {0.3f}, {0.4f}}};
                boolean alike = Arrays.equals(second.predict(row)[0], loaded.predict(row)[0]);
                System.out.printf("resumed to the same weights: %s; loaded to the same prediction: %s%n", same, alike);
            }
        }
    }

    private static Sequential model(Device device) {
        return Sequential.on(device).seed(3).add(Lstm.of(8)).add(Linear.of(1)).build(1);
    }

    private static Trainer trainer(Model model) {
        return Trainer.of(model).loss(Loss.mse()).optimizer(AdamW.of(0.01f)).schedule(Schedule.cosine(6, 0.1));
    }

    private static float[] weights(Model model) {
        return model.parameters().values().toFloats();
    }

    private static Dataset sums() {
        float[][][] rows = new float[64][4][1];
        float[][] targets = new float[64][1];
        for (int row = 0; row < rows.length; row++) {
            for (int step = 0; step < 4; step++) {
                rows[row][step][0] = (row * 7 + step * 3) % 11 / 11f;
                targets[row][0] += rows[row][step][0];
            }
        }
        return Dataset.of(rows).withTargets(targets);
    }
}
