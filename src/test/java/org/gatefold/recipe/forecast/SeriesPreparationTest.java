package org.gatefold.recipe.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.gatefold.data.Scaler;
import org.gatefold.data.SeriesTransform;
import org.gatefold.data.SeriesTransform.Difference;
import org.gatefold.data.TransformChain;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** What never changed in the training part must not be blown up in the test part. */
class SeriesPreparationTest {
    private static final int ROWS = 80;
    private static final int TRAINING = 64;

    private static SeriesPreparation fit(Scaler.Kind scaling, Series series, boolean change, SeriesTransform... steps) {
        ForecastTask task = new ForecastTask(6, 1, TransformChain.of(steps), scaling, false, change);
        return SeriesPreparation.fit(task, series, TRAINING);
    }

    @ParameterizedTest
    @EnumSource(value = Scaler.Kind.class, mode = Mode.EXCLUDE, names = "NONE")
    void aFeatureThatNeverChangedIsNotScaled(Scaler.Kind scaling) {
        double[] values = new double[ROWS];
        double[] flag = new double[ROWS];
        for (int row = 0; row < ROWS; row++) {
            values[row] = 100 + 20 * Math.sin(row);
            flag[row] = row < TRAINING ? 14.62 : 14.63;
        }
        Series series = new Series("test", "value", values, List.of("flag"), new double[][] {flag}, null, null, null);
        float[][][] inputs = fit(scaling, series, true).prepare(series).inputs(TRAINING, ROWS);
        assertThat(inputs[0][5][1]).isZero();
        assertThat(inputs[1][5][1]).isEqualTo(0.01f, within(1e-6f));
    }

    @ParameterizedTest
    @EnumSource(value = Scaler.Kind.class, mode = Mode.EXCLUDE, names = "NONE")
    void aSteadyRiseStaysOneWhenItEnds(Scaler.Kind scaling) {
        double[] values = new double[ROWS];
        for (int row = 0; row < ROWS; row++) {
            values[row] =
                    Double.parseDouble("1000" + Math.min(row, TRAINING) / 10 + "." + Math.min(row, TRAINING) % 10);
        }
        Series series = Series.of("value", values);
        float[][][] differences =
                fit(scaling, series, false, new Difference(1)).prepare(series).inputs(ROWS);
        assertThat(differences[0][5][0]).as("no longer 0.1 a row").isEqualTo(-0.1f, within(1e-6f));
        assertThat(fit(scaling, series, true).answerScale()).isEqualTo(1);
    }

    @Test
    void whatChangesIsScaledByItsChange() {
        double[] values = new double[ROWS];
        Arrays.setAll(values, row -> row % 2 == 0 ? 1e6 : 1e6 + 1e-3);
        assertThat(fit(Scaler.Kind.STANDARD, Series.of("value", values), true)
                        .targetScaler()
                        .scale())
                .isEqualTo(5e-4, within(1e-9));
    }
}
