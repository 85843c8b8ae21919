import java.util.ArrayList;
import java.util.List;
import org.gatefold.data.Batches;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Bidirectional;
import org.gatefold.layer.recurrent.Gru;
import org.gatefold.model.Sequential;
import org.gatefold.train.Evaluation;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.metric.Metric;
import org.gatefold.train.optimizer.Adam;

/** Tells made-up pen strokes apart by sequences of as many points as each has: a bidirectional GRU on rows of any length. */
public final class ClassifyStrokes {
    private static final String[] CLASSES = {"left", "right", "zigzag"};

    public static void main(String[] args) throws Exception {
        List<float[][]> strokes = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        int kinds = CLASSES.length;
        for (int i = 0; i < 240; i++) {
            int kind = i % kinds;
            int points = 12 + (i * 7) % 14;
            float[][] stroke = new float[points][2];
            for (int t = 0; t < points; t++) {
                double angle = 2 * Math.PI * t / points + i * 0.37;
                double noise = 0.2 * Math.sin(12.9898 * (i + 1) * (t + 1));
                switch (kind) {
                    case 0 -> stroke[t] = point(Math.cos(angle) + noise, Math.sin(angle) - noise);
                    case 1 -> stroke[t] = point(Math.cos(angle) + noise, -Math.sin(angle) - noise);
                    default -> stroke[t] = point(2.0 * t / points - 1 + noise, (t % 4 < 2 ? 0.5 : -0.5) - noise);
                }
            }
            strokes.add(stroke);
            labels.add(kind);
        }
        Dataset all = Dataset.of(strokes.toArray(float[][][]::new))
                .withLabels(labels.stream().mapToInt(Integer::intValue).toArray());
        Dataset test = all.slice(180, 240);

        try (Device device = Devices.cpu();
                Sequential model = Sequential.on(device)
                        .seed(2)
                        .add(Bidirectional.of(Gru.of(16)))
                        .add(Linear.of(CLASSES.length))
                        .build(2)) {
            Trainer.of(model)
                    .loss(Loss.crossEntropy())
                    .optimizer(Adam.of(0.01f))
                    .fit(Batches.of(all.slice(0, 180), 16).shuffled(1).bucketed(), 15);
            Evaluation result = Evaluation.of(model, Batches.of(test, 60), Loss.crossEntropy(), Metric.accuracy());
            System.out.printf("accuracy %.3f of %d strokes%n", result.metrics().get("accuracy"), test.size());
        }
    }

    private static float[] point(double x, double y) {
        return new float[] {(float) x, (float) y};
    }
}
