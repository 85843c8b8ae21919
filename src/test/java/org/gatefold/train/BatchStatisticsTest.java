package org.gatefold.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.errorprone.annotations.MustBeClosed;
import java.nio.file.Path;
import java.util.List;
import org.gatefold.data.Batches;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.basic.Dropout;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.norm.BatchNorm;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Sequential;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Sgd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Running statistics that are computed anew, against means over batches in double precision. */
class BatchStatisticsTest {
    private static final int ROWS = 10;
    private static final int BATCH = 4;
    private static final int STEPS = 3;

    @TempDir
    Path folder;

    private static Dataset data() {
        float[][][] x = new float[ROWS][STEPS][2];
        float[][] y = new float[ROWS][1];
        for (int row = 0; row < ROWS; row++) {
            for (int t = 0; t < STEPS; t++) {
                x[row][t] = new float[] {(float) Math.sin(7 * row + t), 3 + (float) Math.cos(5 * row * t)};
            }
            y[row][0] = row % 3;
        }
        return Dataset.of(x).withTargets(y);
    }

    /** Feature f of the mean over batches of their means and unbiased variances. */
    private static double[] expected(int f) {
        double[] all = new double[2];
        int batches = 0;
        for (int from = 0; from < ROWS; from += BATCH, batches++) {
            int rows = Math.min(BATCH, ROWS - from);
            double sum = 0;
            double squares = 0;
            int count = rows * STEPS;
            for (int n = 0; n < 2 * count; n++) {
                int row = from + n % count / STEPS;
                int t = n % STEPS;
                double x = f == 0 ? (float) Math.sin(7 * row + t) : 3 + (float) Math.cos(5 * row * t);
                sum += n < count ? x / count : 0;
                squares += n < count ? 0 : (x - sum) * (x - sum) / (count - 1);
            }
            all[0] += sum;
            all[1] += squares;
        }
        return new double[] {all[0] / batches, all[1] / batches};
    }

    @MustBeClosed
    private static Sequential model(Device device) {
        return Sequential.on(device)
                .seed(3)
                .add(BatchNorm.create().named("outer"))
                .add(Dropout.of(0.5f))
                .add(BatchNorm.create().named("inner"))
                .add(Lstm.of(3))
                .add(Linear.of(1))
                .build(2);
    }

    private static float[] values(Sequential model, String parameter) {
        return model.parameters().get(parameter).value().toFloats();
    }

    @Test
    void areMeansOverBatches() {
        for (String name : List.of("reference", "cpu")) {
            try (Device device = Devices.named(name);
                    Sequential model = model(device)) {
                float[] before = values(model, "outer.gamma");
                BatchStatistics.recompute(model, Batches.of(data(), BATCH));
                for (int f = 0; f < 2; f++) {
                    double[] wanted = expected(f);
                    assertThat((double) values(model, "outer.mean")[f]).isCloseTo(wanted[0], within(1e-5));
                    assertThat((double) values(model, "outer.variance")[f]).isCloseTo(wanted[1], within(1e-5));
                    // What comes in there is normalised by each batch, and nothing is dropped of it.
                    assertThat((double) values(model, "inner.mean")[f]).isCloseTo(0, within(1e-5));
                    double unbiased = (2 * 12 / 11.0 + 6 / 5.0) / 3;
                    assertThat((double) values(model, "inner.variance")[f]).isCloseTo(unbiased, within(1e-3));
                }
                assertThat(values(model, "outer.gamma")).isEqualTo(before);
            }
        }
    }

    @Test
    void averagesHaveTheirOwn() {
        Batches training = Batches.of(data(), BATCH).shuffled(5);
        for (boolean anew : new boolean[] {true, false}) {
            WeightAverage average = WeightAverage.stochastic(0);
            try (Device device = Devices.cpu();
                    Sequential model = model(device)) {
                trainer(model, anew ? average.withBatchStatistics() : average).fit(training, 3);
                float[] after = model.parameters().values().toFloats();
                BatchStatistics.recompute(model, training);
                if (anew) {
                    assertThat(model.parameters().values().toFloats()).isEqualTo(after);
                } else {
                    assertThat(model.parameters().values().toFloats()).isNotEqualTo(after);
                }
            }
        }
    }

    @Test
    void areTheSameAfterResuming() {
        WeightAverage average = WeightAverage.exponential(0.5).withBatchStatistics();
        Batches training = Batches.of(data(), BATCH).shuffled(5);
        try (Device device = Devices.cpu();
                Sequential straight = model(device);
                Sequential first = model(device);
                Sequential second = model(device)) {
            trainer(straight, average).fit(training, 4);
            trainer(first, average).checkpoints(folder).fit(training, 2);
            trainer(second, average).checkpoints(folder).resume(true).fit(training, 4);
            assertThat(second.parameters().values().toFloats())
                    .isEqualTo(straight.parameters().values().toFloats());
        }
    }

    @Test
    void modelsWithoutThemStayAsTheyAre() {
        try (Device device = Devices.cpu();
                Sequential model = Problems.regressor(device, 3, 0f)) {
            float[] before = model.parameters().values().toFloats();
            BatchStatistics.recompute(model, Batches.of(Problems.sums(8, 1), 4));
            assertThat(model.parameters().values().toFloats()).isEqualTo(before);
        }
    }

    private static Trainer trainer(Sequential model, WeightAverage average) {
        return Trainer.of(model)
                .loss(Loss.mse())
                .optimizer(Sgd.of(0.2f))
                .average(average)
                .validate(Batches.of(data(), ROWS));
    }
}
