package org.gatefold.train.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.gatefold.data.Batches;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.junit.jupiter.api.Test;

class MetricTest {
    /** Runs a metric over a set in batches; {@code outputs} are per target row of the set. */
    private static double measure(Metric metric, Dataset data, float[][] outputs, int batchSize) {
        Metric.Accumulator accumulator = metric.start().get();
        Batches.Epoch epoch = Batches.of(data, batchSize).inOrder();
        Predictions predictions = new Predictions();
        for (int i = 0; i < epoch.count(); i++) {
            int[] rows = epoch.rows(i);
            int width = outputs[0].length;
            float[] buffer = new float[rows.length * width];
            for (int n = 0; n < rows.length; n++) {
                System.arraycopy(outputs[rows[n]], 0, buffer, n * width, width);
            }
            predictions.set(buffer, width);
            predictions.compareWith(epoch.batch(i), null);
            accumulator.add(predictions);
        }
        return accumulator.value();
    }

    private static Dataset rows(int count) {
        return Dataset.of(new float[count][1][1]);
    }

    /** A class as an output that is largest there. */
    private static float[][] chosen(int classes, int... predicted) {
        float[][] outputs = new float[predicted.length][classes];
        for (int n = 0; n < predicted.length; n++) {
            outputs[n][predicted[n]] = 1f;
        }
        return outputs;
    }

    @Test
    void regressionMetricsFollowTheirFormulas() {
        Dataset data = rows(3).withTargets(new float[][] {{1, 2}, {3, 4}, {5, 6}});
        float[][] outputs = {{2, 2}, {3, 1}, {5, 10}};
        assertThat(measure(Metric.rmse(), data, outputs, 3)).isCloseTo(Math.sqrt(26 / 6.0), within(1e-12));
        assertThat(measure(Metric.mse(), data, outputs, 3)).isCloseTo(26 / 6.0, within(1e-12));
        assertThat(measure(Metric.mae(), data, outputs, 3)).isCloseTo(8 / 6.0, within(1e-12));
        Dataset weighted = data.withWeights(1, 0, 0.5f);
        assertThat(measure(Metric.mse(), weighted, outputs, 3)).isCloseTo((1 + 0.5 * 16) / (2 * 1.5), within(1e-12));
    }

    @Test
    void batchSizesDoNotMatter() {
        Random random = new Random(3);
        float[][] targets = new float[23][2];
        float[][] outputs = new float[23][2];
        int[] labels = new int[23];
        for (int n = 0; n < 23; n++) {
            for (int i = 0; i < 2; i++) {
                targets[n][i] = random.nextFloat();
                outputs[n][i] = random.nextFloat();
            }
            labels[n] = random.nextInt(2);
        }
        for (Metric metric : List.of(Metric.rmse(), Metric.mae())) {
            Dataset data = rows(23).withTargets(targets);
            assertThat(measure(metric, data, outputs, 5)).isCloseTo(measure(metric, data, outputs, 23), within(1e-12));
        }
        for (Metric metric : List.of(Metric.accuracy(), Metric.macroF1(), Metric.perplexity())) {
            Dataset data = rows(23).withLabels(labels);
            assertThat(measure(metric, data, outputs, 5)).isCloseTo(measure(metric, data, outputs, 23), within(1e-12));
        }
    }

    /** Classes 0 (3 rows), 1 (2 rows), 2 (1 row); precision and recall counted by hand. */
    @Test
    void classificationMetricsFollowTheirFormulas() {
        Dataset data = rows(6).withLabels(0, 0, 0, 1, 1, 2);
        float[][] outputs = chosen(4, 0, 0, 1, 1, 2, 2);
        assertThat(measure(Metric.accuracy(), data, outputs, 4)).isCloseTo(4 / 6.0, within(1e-12));
        double f0 = 2 * 2 / (3.0 + 2);
        double f1 = 2 * 1 / (2.0 + 2);
        double f2 = 2 * 1 / (1.0 + 2);
        assertThat(measure(Metric.macroF1(), data, outputs, 4)).isCloseTo((f0 + f1 + f2) / 3, within(1e-12));
        assertThat(measure(Metric.microF1(-1, 0), data, outputs, 4)).isCloseTo(2 * 2 / (3.0 + 4), within(1e-12));
        assertThat(measure(Metric.accuracy(2), data, outputs, 4)).isCloseTo(3 / 5.0, within(1e-12));
        Dataset weighted = data.withWeights(1, 1, 0, 1, 0, 1);
        assertThat(measure(Metric.accuracy(), weighted, outputs, 4)).isEqualTo(1);
    }

    @Test
    void perplexityIsTheExponentialOfTheCrossEntropy() {
        Dataset data = rows(3).withLabels(0, 1, 7);
        float[][] outputs = {{0, (float) Math.log(3)}, {1000, 1000}, {0, 0}};
        double expected = Math.exp((Math.log(4) + Math.log(2)) / 2);
        assertThat(measure(Metric.perplexity(7), data, outputs, 2)).isCloseTo(expected, within(1e-6));
    }

    @Test
    void paddingDoesNotCount() {
        Dataset data = Dataset.of(new float[][][] {{{0}, {0}, {0}}, {{0}}})
                .withStepTargets(new float[][][] {{{1}, {2}, {3}}, {{4}}});
        Predictions predictions = new Predictions();
        float[] outputs = {1, 4, 2, Float.NaN, 5, Float.NaN};
        predictions.set(outputs, 1);
        predictions.compareWith(data.batch(), null);
        Metric.Accumulator accumulator = Metric.mse().start().get();
        accumulator.add(predictions);
        assertThat(accumulator.value()).isCloseTo(1.0, within(1e-12));
    }

    @Test
    void metricsNameWhatIsMissing() {
        List<Metric> needLabels = List.of(Metric.accuracy(), Metric.perplexity());
        for (Metric metric : new ArrayList<>(needLabels)) {
            assertThatThrownBy(() -> measure(metric, rows(1).withTargets(new float[1][1]), new float[1][1], 1))
                    .hasMessage("batch: expected labels for this metric, got none");
        }
        assertThatThrownBy(() -> measure(Metric.rmse(), rows(1).withLabels(0), new float[1][1], 1))
                .hasMessage("batch: expected numeric targets for this metric, got none");
        assertThatThrownBy(() -> measure(Metric.accuracy(), rows(1).withLabels(5), new float[1][2], 1))
                .hasMessage("label of row 0: expected 0 to 1, got 5");
    }

    @Test
    void oneOfSeveralTargetsIsChosenByName() {
        Dataset data = Dataset.of(new float[2][1][1])
                .withTarget(Column.numbers("price", 1, 2))
                .withTarget(Column.labels("kind", 0, 1));
        Predictions predictions = new Predictions();
        predictions.set(new float[] {3, 2}, 1);
        Metric metric = Metric.mae().on("price", "price");
        assertThat(metric.name()).isEqualTo("price.mae");
        assertThat(metric.named("error").target()).isEqualTo("price");
        predictions.compareWith(data.batch(), metric.target());
        Metric.Accumulator accumulator = metric.start().get();
        accumulator.add(predictions);
        assertThat(accumulator.value()).isEqualTo(1);
        assertThatThrownBy(() -> predictions.compareWith(data.batch(), null))
                .hasMessage("batch: expected one target for this metric, got 2; choose with on(output, target)");
        assertThatThrownBy(() -> predictions.compareWith(data.batch(), "cost"))
                .hasMessage("target: expected one of [price, kind], got 'cost'");
    }

    @Test
    void outputsThatDoNotFitTheTargetsAreNamed() {
        Predictions predictions = new Predictions();
        predictions.set(new float[6], 2);
        predictions.compareWith(rows(3).withTargets(new float[3][1]).batch(), null);
        assertThatThrownBy(() -> Metric.mse().start().get().add(predictions))
                .hasMessage("output: expected 1 values per row as the targets, got 2");
        predictions.compareWith(rows(2).withLabels(0, 1).batch(), null);
        assertThatThrownBy(() -> Metric.accuracy().start().get().add(predictions))
                .hasMessage("output: expected 2 rows as the targets, got 3");
    }
}
