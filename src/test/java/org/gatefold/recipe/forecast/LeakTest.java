package org.gatefold.recipe.forecast;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.gatefold.data.Batch;
import org.gatefold.data.Dataset;
import org.gatefold.data.Scaler;
import org.gatefold.data.SeriesTransform.Difference;
import org.gatefold.data.SeriesTransform.SquareRoot;
import org.gatefold.data.TransformChain;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.recipe.ModelTraining;
import org.gatefold.recipe.NetworkOptions;
import org.gatefold.recipe.TrainingOptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Nothing of the test part may reach scaling, training or the fit of a baseline. */
class LeakTest {
    private static final int ROWS = 90;
    private static final int TRAINING = 60;

    /** Two series that agree on the training part alone. */
    private static Series series(boolean otherTestPart) {
        Random random = new Random(4);
        double[] values = new double[ROWS];
        double[] feature = new double[ROWS];
        for (int row = 0; row < ROWS; row++) {
            values[row] = 20 + 5 * Math.sin(row) + random.nextDouble();
            feature[row] = random.nextGaussian();
        }
        if (otherTestPart) {
            Arrays.fill(values, TRAINING, ROWS, 1e6);
            Arrays.fill(feature, TRAINING, ROWS, -1e6);
        }
        return new Series("test", "value", values, List.of("feature"), new double[][] {feature}, null, null, null);
    }

    private static SeriesPreparation preparation(Scaler.Kind scaling, Series series) {
        ForecastTask task =
                new ForecastTask(7, 2, TransformChain.of(new SquareRoot(), new Difference(1)), scaling, false, true);
        return SeriesPreparation.fit(task, series, TRAINING);
    }

    @ParameterizedTest
    @EnumSource(Scaler.Kind.class)
    void scalersDoNotKnowTheTestPart(Scaler.Kind scaling) {
        assertThat(preparation(scaling, series(true))).isEqualTo(preparation(scaling, series(false)));
    }

    @ParameterizedTest
    @EnumSource(Scaler.Kind.class)
    void trainingWindowsDoNotReachIntoTheTestPart(Scaler.Kind scaling) {
        float[][] seen = new float[2][];
        for (boolean other : new boolean[] {false, true}) {
            Series series = series(other);
            PreparedSeries prepared = preparation(scaling, series).prepare(series);
            int[] origins = prepared.origins(0, TRAINING);
            // The last window's targets are the last rows of the training part: one more would be one too many.
            assertThat(origins[origins.length - 1] + 2).isEqualTo(TRAINING);
            assertThat(origins[0]).isEqualTo(1 + 7);
            seen[other ? 1 : 0] = numbers(prepared.withTargets(origins));
        }
        assertThat(seen[1]).containsExactly(seen[0]);
    }

    private static float[] numbers(Dataset data) {
        Batch batch = data.batch();
        float[] all = new float[batch.rows() * (batch.steps() * batch.features() + batch.targetSize())];
        int at = 0;
        for (int row = 0; row < batch.rows(); row++) {
            for (int step = 0; step < batch.steps(); step++) {
                for (int feature = 0; feature < batch.features(); feature++) {
                    all[at++] = batch.input(row, step, feature);
                }
            }
            for (int output = 0; output < batch.targetSize(); output++) {
                all[at++] = batch.target(row, output);
            }
        }
        return all;
    }

    @ParameterizedTest
    @EnumSource(Scaler.Kind.class)
    void trainedWeightsDoNotKnowTheTestPart(Scaler.Kind scaling) {
        float[][] weights = new float[2][];
        for (boolean other : new boolean[] {false, true}) {
            Series series = series(other);
            try (Device device = Devices.named("reference");
                    Forecaster forecaster =
                            Forecaster.create(device, preparation(scaling, series), new NetworkOptions(3, 1, 0), 1)) {
                forecaster.train(
                        series, TRAINING, new ModelTraining(new TrainingOptions(2, 8, 0.01f, 0, 1, 0.2, 5, 1)));
                weights[other ? 1 : 0] =
                        forecaster.model().parameters().values().toFloats();
            }
        }
        assertThat(weights[1]).containsExactly(weights[0]);
    }

    @ParameterizedTest
    @EnumSource(Scaler.Kind.class)
    void firstForecastOfTheTestPartDoesNotKnowIt(Scaler.Kind scaling) {
        double[][] forecasts = new double[2][];
        for (boolean other : new boolean[] {false, true}) {
            Series series = series(other);
            try (Device device = Devices.named("reference");
                    Forecaster forecaster =
                            Forecaster.create(device, preparation(scaling, series), new NetworkOptions(3, 1, 0), 1)) {
                forecasts[other ? 1 : 0] = forecaster.forecast(series, TRAINING)[0];
            }
        }
        assertThat(forecasts[1]).containsExactly(forecasts[0]);
    }
}
