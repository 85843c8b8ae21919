import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Gru;
import org.gatefold.model.Predictor;
import org.gatefold.model.Sequential;

/** Feeds a series to a stateful model one step at a time, as it arrives, and gets what the whole series would give. */
public final class StepByStep {
    public static void main(String[] args) {
        int steps = 50;
        float[][][] series = new float[1][steps][1];
        for (int t = 0; t < steps; t++) {
            series[0][t][0] = (float) Math.sin(0.2 * t);
        }
        try (Device device = Devices.cpu();
                Sequential model = Sequential.on(device)
                        .seed(4)
                        .add(Gru.of(16).returnSequences().stateful())
                        .add(Linear.of(1))
                        .build(1)) {
            float[][] whole;
            try (Predictor predictor = model.predictor()) {
                whole = predictor.predictSequences(series, new int[] {steps})[0];
            }
            float worst = 0;
            try (Predictor predictor = model.predictor()) {
                for (int t = 0; t < steps; t++) {
                    float[][][] arrived = {{series[0][t]}};
                    float[] y = predictor.predictSequences(arrived, new int[] {1})[0][0];
                    worst = Math.max(worst, Math.abs(y[0] - whole[t][0]));
                }
            }
            System.out.printf("largest difference %.1e over %d steps%n", worst, steps);
        }
    }
}
