package org.gatefold.readme;

import org.gatefold.data.Batches;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Sequential;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Adam;

/** The example of the README, which {@link ReadmeTest} compares with it and runs. */
final class SineExample {
    private SineExample() {}

    /** Learns to continue a sine and forecasts the next value of 50 windows; also returns what is right. */
    static float[][][] run() {
        float[][][] windows = new float[500][24][1]; // rows, steps, features
        float[][] next = new float[500][1];
        for (int row = 0; row < 500; row++) {
            for (int step = 0; step < 24; step++) {
                windows[row][step][0] = (float) Math.sin(0.3 * (row + step));
            }
            next[row][0] = (float) Math.sin(0.3 * (row + 24));
        }
        Dataset all = Dataset.of(windows).withTargets(next);

        // README begins
        try (Device device = Devices.cpu();
                Sequential model = Sequential.on(device)
                        .seed(42)
                        .add(Lstm.of(32))
                        .add(Linear.of(1))
                        .build(1)) {
            Trainer.of(model)
                    .loss(Loss.mse())
                    .optimizer(Adam.of(1e-2f))
                    .clipNorm(1f)
                    .validate(Batches.of(all.slice(400, 450), 50))
                    .earlyStopping(5)
                    .fit(Batches.of(all.slice(0, 400), 32).shuffled(1), 20);
            float[][] forecast = model.predict(windows);
            // README ends
            return new float[][][] {forecast, next};
        }
    }
}
