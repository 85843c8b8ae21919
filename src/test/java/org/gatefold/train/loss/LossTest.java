package org.gatefold.train.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleBiFunction;
import org.gatefold.autograd.Variable;
import org.gatefold.data.Batch;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.data.DeviceBatch;
import org.gatefold.data.DeviceColumn;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.layer.Context;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Losses against their equations in double precision; gradients against central differences of these equations. */
class LossTest {
    /** A loss in double precision, of outputs {@code [n][i]}. */
    private interface Exact {
        double of(double[][] outputs);
    }

    private static double regression(double[][] outputs, Batch batch, DoubleUnaryOperator each) {
        double sum = 0;
        double weight = 0;
        for (int n = 0; n < outputs.length; n++) {
            if (batch.weight(n) > 0) {
                for (int i = 0; i < outputs[n].length; i++) {
                    sum += batch.weight(n) * each.applyAsDouble(outputs[n][i] - batch.target(n, i));
                }
                weight += batch.weight(n) * outputs[n].length;
            }
        }
        return sum / weight;
    }

    private static double crossEntropy(double[][] outputs, Batch batch, int ignoreIndex, double smoothing) {
        double sum = 0;
        double weight = 0;
        for (int n = 0; n < outputs.length; n++) {
            if (batch.weight(n) == 0 || batch.label(n) == ignoreIndex) {
                continue;
            }
            double total = 0;
            for (double output : outputs[n]) {
                total += Math.exp(output);
            }
            int classes = outputs[n].length;
            double row = 0;
            for (int i = 0; i < classes; i++) {
                double p = smoothing / classes + (i == batch.label(n) ? 1 - smoothing : 0);
                row -= p * (outputs[n][i] - Math.log(total));
            }
            sum += batch.weight(n) * row;
            weight += batch.weight(n);
        }
        return sum / weight;
    }

    private static void check(String device, Loss loss, Dataset data, int width, Exact exact) {
        Batch batch = data.batch();
        int rows = batch.targetRows();
        Random random = new Random(9);
        float[] outputs = new float[rows * width];
        double[][] values = new double[rows][width];
        for (int n = 0; n < rows; n++) {
            for (int i = 0; i < width; i++) {
                outputs[n * width + i] = batch.weight(n) == 0 ? Float.NaN : (float) random.nextGaussian();
                values[n][i] = outputs[n * width + i];
            }
        }
        try (Device opened = Devices.named(device);
                Context context = Context.training(opened, 0)) {
            Scope scope = context.scope();
            DeviceBatch uploaded = batch.upload(scope);
            Lengths lengths = uploaded.inputs().get(0).lengths();
            Tensor tensor = batch.perStep()
                    ? scope.f32("output", batch.steps(), batch.rows(), width)
                    : scope.f32("output", rows, width);
            tensor.write(outputs);
            Variable output = Variable.of(tensor, batch.perStep() ? lengths : null, scope);
            Tensor result = scope.f32("loss", 1);
            loss.compute(Outputs.of(context, output), uploaded, result);
            assertThat((double) result.item()).isCloseTo(exact.of(values), within(2e-6 * Math.abs(exact.of(values))));
            float[] gradient = output.gradient().toFloats();
            for (int n = 0; n < rows; n++) {
                for (int i = 0; i < width; i++) {
                    double expected = batch.weight(n) == 0 ? 0 : slope(exact, values, n, i);
                    assertThat((double) gradient[n * width + i]).isCloseTo(expected, within(1e-6));
                }
            }
            Tensor again = scope.f32("loss", 1);
            loss.compute(Outputs.of(context, output.detached()), uploaded, again);
            assertThat(again.item()).isEqualTo(result.item());
        }
    }

    private static double slope(Exact exact, double[][] values, int n, int i) {
        double kept = values[n][i];
        double h = 1e-5;
        values[n][i] = kept + h;
        double above = exact.of(values);
        values[n][i] = kept - h;
        double below = exact.of(values);
        values[n][i] = kept;
        return (above - below) / (2 * h);
    }

    private static Dataset rowTargets() {
        float[][] targets = {{0.5f, -1}, {2, 0}, {-0.3f, 0.7f}, {3, 3}};
        return Dataset.of(new float[4][3][1]).withTargets(targets);
    }

    private static Dataset stepTargets() {
        Random random = new Random(4);
        float[][][] targets = {new float[4][2], new float[0][], new float[2][2]};
        for (float[][] row : targets) {
            for (float[] step : row) {
                step[0] = random.nextFloat();
                step[1] = random.nextFloat();
            }
        }
        return Dataset.of(new float[][][] {new float[4][3], new float[0][], new float[2][3]})
                .withStepTargets(targets);
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void regressionFollowsItsEquations(String device) {
        for (Dataset data : new Dataset[] {
            rowTargets(),
            rowTargets().withWeights(1, 0, 0.25f, 2),
            stepTargets(),
            stepTargets().withWeights(1, 1, 3)
        }) {
            Batch batch = data.batch();
            check(device, Loss.mse(), data, 2, v -> regression(v, batch, d -> d * d));
            check(device, Loss.mae(), data, 2, v -> regression(v, batch, Math::abs));
            check(
                    device,
                    Loss.huber(0.8f),
                    data,
                    2,
                    v -> regression(v, batch, d -> Math.abs(d) <= 0.8f ? d * d / 2 : 0.8f * (Math.abs(d) - 0.8f / 2)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void crossEntropyFollowsItsEquation(String device) {
        Dataset rows = Dataset.of(new float[5][2][1]).withLabels(2, 0, 1, -100, 2);
        Dataset steps = Dataset.of(new float[][][] {new float[3][1], new float[1][1]})
                .withStepLabels(new int[][] {{0, 2, -100}, {1}});
        for (Dataset data : new Dataset[] {rows, rows.withWeights(1, 0.5f, 0, 1, 2), steps}) {
            Batch batch = data.batch();
            check(device, Loss.crossEntropy().ignoring(-100), data, 3, v -> crossEntropy(v, batch, -100, 0));
            check(
                    device,
                    Loss.crossEntropy().ignoring(-100).smoothing(0.1f),
                    data,
                    3,
                    v -> crossEntropy(v, batch, -100, 0.1f));
        }
    }

    /** The mean over weighted target rows of the mean over columns. */
    private static double rows(double[][] outputs, Batch batch, ToDoubleBiFunction<double[], double[]> each) {
        double sum = 0;
        double weight = 0;
        for (int n = 0; n < outputs.length; n++) {
            if (batch.weight(n) > 0) {
                double[] targets = new double[batch.targetSize()];
                for (int i = 0; i < targets.length; i++) {
                    targets[i] = batch.target(n, i);
                }
                sum += batch.weight(n) * each.applyAsDouble(outputs[n], targets);
                weight += batch.weight(n);
            }
        }
        return sum / weight;
    }

    private static double binary(double logit, double target, double positive) {
        double p = 1 / (1 + Math.exp(-logit));
        return -positive * target * Math.log(p) - (1 - target) * Math.log(1 - p);
    }

    private static double pinball(double missing, double quantile) {
        return missing > 0 ? quantile * missing : (quantile - 1) * missing;
    }

    private static double gaussian(double mean, double logVariance, double target) {
        double d = target - mean;
        return (logVariance + d * d / Math.exp(logVariance) + Math.log(2 * Math.PI)) / 2;
    }

    private static double cosine(double[] x, double[] t) {
        return (x[0] * t[0] + x[1] * t[1]) / Math.hypot(x[0], x[1]) / Math.hypot(t[0], t[1]);
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void pointwiseLossesFollowTheirEquations(String device) {
        for (Dataset data : new Dataset[] {rowTargets().withWeights(1, 0, 0.25f, 2), stepTargets()}) {
            Batch b = data.batch();
            check(
                    device,
                    Loss.binaryCrossEntropy(),
                    data,
                    2,
                    v -> rows(v, b, (x, t) -> (binary(x[0], t[0], 1) + binary(x[1], t[1], 1)) / 2));
            check(
                    device,
                    Loss.binaryCrossEntropy(3f, 0.5f),
                    data,
                    2,
                    v -> rows(v, b, (x, t) -> (binary(x[0], t[0], 3) + binary(x[1], t[1], 0.5)) / 2));
            check(
                    device,
                    Loss.quantiles(0.25f, 0.75f),
                    data,
                    4,
                    v -> rows(
                            v,
                            b,
                            (x, t) -> (pinball(t[0] - x[0], 0.25)
                                            + pinball(t[0] - x[1], 0.75)
                                            + pinball(t[1] - x[2], 0.25)
                                            + pinball(t[1] - x[3], 0.75))
                                    / 4));
            check(
                    device,
                    Loss.gaussianNll(),
                    data,
                    4,
                    v -> rows(v, b, (x, t) -> (gaussian(x[0], x[1], t[0]) + gaussian(x[2], x[3], t[1])) / 2));
            check(device, Loss.cosine(), data, 2, v -> rows(v, b, (x, t) -> 1 - cosine(x, t)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void divergenceIsSummedOverColumns(String device) {
        Dataset data = Dataset.of(new float[2][3][1]).withTargets(new float[][] {{0.25f, 0.75f}, {1, 0}});
        Batch b = data.batch();
        double entropy = 0.25 * Math.log(0.25) + 0.75 * Math.log(0.75);
        check(
                device,
                Loss.klDivergence(),
                data,
                2,
                v -> rows(v, b, (x, t) -> (t[1] == 0 ? 0 : entropy) - t[0] * x[0] - t[1] * x[1]));
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void classesCountByTheirWeights(String device) {
        Dataset data =
                Dataset.of(new float[5][2][1]).withLabels(2, 0, 1, -100, 2).withWeights(1, 0.5f, 0, 1, 2);
        double[] classes = {3, 1, 0.5};
        Loss loss = Loss.crossEntropy().ignoring(-100).classWeights(3, 1, 0.5f);
        Batch batch = data.batch();
        check(device, loss, data, 3, v -> {
            double sum = 0;
            double weight = 0;
            for (int n = 0; n < v.length; n++) {
                if (batch.weight(n) > 0 && batch.label(n) >= 0) {
                    double total = Math.exp(v[n][0]) + Math.exp(v[n][1]) + Math.exp(v[n][2]);
                    double own = batch.weight(n) * classes[batch.label(n)];
                    sum -= own * (v[n][batch.label(n)] - Math.log(total));
                    weight += own;
                }
            }
            return sum / weight;
        });
        assertThat(loss.weight(batch)).isEqualTo(0.5 + 1.5 + 1);
    }

    @Test
    void twoOutputsBelongTogetherOrNot() {
        Dataset data = Dataset.of(new float[3][1][1]).withTargets(new float[][] {{1}, {-1}, {-1}});
        try (Device device = Devices.named("reference");
                Context context = Context.training(device, 0)) {
            Scope scope = context.scope();
            Tensor a = scope.f32("a", 3, 2);
            a.write(3f, 4f, 3f, 4f, 3f, 4f);
            Tensor b = scope.f32("b", 3, 2);
            b.write(5f, 0f, 0f, 5f, -1f, 0f);
            Map<String, Variable> outputs = new LinkedHashMap<>();
            outputs.put("left", Variable.of(a, null, scope));
            outputs.put("right", Variable.of(b, null, scope));
            Tensor result = scope.f32("loss", 1);
            Loss loss = Loss.cosineEmbedding("left", "right", 0.5f);
            loss.compute(Outputs.of(context, outputs), data.batch().upload(scope), result);
            assertThat((double) result.item()).isCloseTo((0.4 + 0.3) / 3, within(1e-7));
            float[] left = outputs.get("left").gradient().toFloats();
            float[] right = outputs.get("right").gradient().toFloats();
            assertThat(left).containsExactly(new float[] {-0.128f / 3, 0.032f, -0.032f, 0.024f, 0, 0}, within(1e-7f));
            assertThat(right).containsExactly(new float[] {0, -0.16f / 3, 0.04f, 0, 0, 0}, within(1e-7f));
            assertThat(loss.weight(data.batch())).isEqualTo(3);
        }
    }

    @Test
    void constantsThatMakeNoSenseAreRefused() {
        assertThatThrownBy(() -> Loss.quantiles()).hasMessage("quantiles: expected at least one, got none");
        assertThatThrownBy(() -> Loss.quantiles(0.5f, 1f))
                .hasMessage("quantiles: expected numbers between 0 and 1, got 1.0");
        assertThatThrownBy(() -> Loss.binaryCrossEntropy(1f, -1f))
                .hasMessage("positiveWeights: expected finite numbers >= 0, got -1.0");
        assertThatThrownBy(() -> Loss.crossEntropy().classWeights(Float.NaN))
                .hasMessage("classWeights: expected finite numbers >= 0, got NaN");
        assertThatThrownBy(() -> Loss.cosineEmbedding("a", "a", 0))
                .hasMessage("second: expected the name of another output than 'a', got 'a'");
        refused(
                Loss.crossEntropy().classWeights(1, 2),
                Dataset.of(new float[1][1][1]).withLabels(0),
                "classWeights: expected 3 of them, one for each class, got 2",
                1,
                3);
        refused(
                Loss.binaryCrossEntropy(1f),
                rowTargets(),
                "positiveWeights: expected 2 of them, one for each column of the target, got 1",
                4,
                2);
        refused(Loss.gaussianNll(), rowTargets(), "output as rows of values: expected shape [4, 4], got [4, 2]", 4, 2);
    }

    @Test
    void weightsAreWhatTheMeanIsTakenOver() {
        assertThat(Loss.mse().weight(rowTargets().withWeights(1, 0, 0.25f, 2).batch()))
                .isEqualTo(3.25);
        assertThat(Loss.mse().weight(stepTargets().batch())).isEqualTo(6);
        Dataset labels = Dataset.of(new float[3][2][1]).withLabels(0, 9, 1);
        assertThat(Loss.crossEntropy().weight(labels.batch())).isEqualTo(3);
        assertThat(Loss.crossEntropy().ignoring(9).weight(labels.batch())).isEqualTo(2);
    }

    private static void refused(Loss loss, Dataset data, String message, int... shape) {
        try (Device device = Devices.named("reference");
                Context context = Context.inference(device)) {
            Scope scope = context.scope();
            DeviceBatch batch = data.batch().upload(scope);
            Variable output = Variable.constant(scope.zeros("output", Shape.of(shape)));
            Tensor result = scope.f32("loss", 1);
            assertThatThrownBy(() -> loss.compute(Outputs.of(context, output), batch, result))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(message);
        }
    }

    @Test
    void outputsThatDoNotFitAreNamed() {
        refused(
                Loss.mse(),
                rowTargets(),
                "output: expected shape [B, F] because targets are given per row, got [3, 4, 2]",
                3,
                4,
                2);
        refused(
                Loss.mse(),
                stepTargets(),
                "output: expected shape [T, B, F] because targets are given per step, got [3, 2]",
                3,
                2);
        refused(Loss.mse(), rowTargets(), "output as rows of values: expected shape [4, 2], got [4, 3]", 4, 3);
        refused(Loss.mse(), rowTargets(), "output: expected shape of 4 rows as the targets, got [5, 2]", 5, 2);
        refused(Loss.crossEntropy(), rowTargets(), "batch: expected labels for cross-entropy, got none", 4, 2);
        refused(
                Loss.mse(),
                Dataset.of(new float[1][1][1]).withLabels(0),
                "batch: expected numeric targets for mse, got none",
                1,
                1);
    }

    /** Two outputs, two targets of different forms, rows that count differently. */
    private static Dataset house() {
        return Dataset.of(new float[4][2][1])
                .withTarget(Column.rows("price", new float[][] {{0.5f}, {2}, {-0.3f}, {3}}))
                .withTarget(Column.labels("kind", 2, 0, 1, 1))
                .withWeights(1, 0.5f, 2, 0.25f);
    }

    private record Computed(double loss, List<Float> price, List<Float> kind) {}

    private static Computed computed(Loss loss, float scale) {
        try (Device device = Devices.named("reference");
                Context context = Context.training(device, 0)) {
            DeviceBatch batch = house().batch().upload(context.scope());
            Tensor price = context.scope().f32("price", 4, 1);
            price.write(1f, -1f, 0.5f, 2f);
            Tensor kind = context.scope().f32("kind", 4, 3);
            kind.write(0.5f, 1, -1, 2, 0, 0, 0.3f, 0.2f, 0.1f, -1, -2, -3);
            Variable first = Variable.of(price, null, context.scope());
            Variable second = Variable.of(kind, null, context.scope());
            Map<String, Variable> outputs = new LinkedHashMap<>();
            outputs.put("price", first);
            outputs.put("kind", second);
            Tensor result = context.scope().f32("loss", 1);
            loss.compute(Outputs.of(context, outputs).times(scale), batch, result);
            return new Computed(result.item(), list(first.gradient()), list(second.gradient()));
        }
    }

    private static List<Float> list(Tensor tensor) {
        List<Float> list = new ArrayList<>();
        for (float value : tensor.toFloats()) {
            list.add(value);
        }
        return list;
    }

    private static void assertSame(List<Float> actual, double factor, List<Float> expected) {
        for (int i = 0; i < expected.size(); i++) {
            assertThat((double) actual.get(i)).isCloseTo(factor * expected.get(i), within(1e-6));
        }
    }

    @Test
    void severalOutputsAddUp() {
        Loss price = Loss.mse().on("price", "price");
        Loss kind = Loss.crossEntropy().on("kind", "kind");
        Computed first = computed(price, 1);
        Computed second = computed(kind, 1);
        assertThat(first.kind()).containsOnly(0f);
        assertThat(second.price()).containsOnly(0f);
        Loss sum =
                Loss.sum(Map.of("price", Loss.mse(), "kind", Loss.crossEntropy().times(0.3f)));
        Computed both = computed(sum, 1);
        assertThat(both.loss()).isCloseTo(first.loss() + 0.3f * second.loss(), within(1e-6));
        assertSame(both.price(), 1, first.price());
        assertSame(both.kind(), 0.3f, second.kind());
        Computed scaled = computed(sum, 8);
        assertThat(scaled.loss()).isEqualTo(both.loss());
        assertSame(scaled.price(), 8, both.price());
        assertSame(scaled.kind(), 8, both.kind());
        Computed twice = computed(Loss.sum(price, Loss.mae().on("price", "price"), price), 1);
        Computed mae = computed(Loss.mae().on("price", "price"), 1);
        for (int i = 0; i < 4; i++) {
            assertThat(twice.price().get(i))
                    .isCloseTo(2 * first.price().get(i) + mae.price().get(i), within(1e-6f));
        }
        assertThat(sum.weight(house().batch())).isEqualTo(2 * 3.75);
        assertThat(price.weight(house().batch())).isEqualTo(3.75);
    }

    @Test
    void descriptionsTellLossesApart() {
        assertThat(Loss.mse().description()).isEqualTo("mse");
        assertThat(Loss.huber(0.5f).description()).isEqualTo("huber(0.5)");
        assertThat(Loss.crossEntropy().description()).isEqualTo("cross-entropy");
        assertThat(Loss.crossEntropy().ignoring(-1).smoothing(0.1f).description())
                .isEqualTo("cross-entropy ignoring -1 smoothing 0.1");
        assertThat(Loss.crossEntropy().classWeights(1, 0.5f).description())
                .isEqualTo("cross-entropy class weights [1.0, 0.5]");
        assertThat(Loss.quantiles(0.1f, 0.9f).description()).isEqualTo("quantile of [0.1, 0.9]");
        assertThat(Loss.focal(2, 0.25f).description()).isEqualTo("focal(2.0, 0.25)");
        assertThat(Loss.studentTNll(4).description()).isEqualTo("student-t-nll(4.0)");
        assertThat(Loss.cosineEmbedding("a", "b", 0.5f).description()).isEqualTo("cosine-embedding(a, b, 0.5)");
        assertThat(Loss.sum(Map.of("b", Loss.mae(), "a", Loss.mse().times(2))).description())
                .isEqualTo("sum(2.0 * mse on a, mae on b)");
        assertThat(Loss.mse().on("y", "price").description()).isEqualTo("mse on y against price");
    }

    /** What a loss with lengths on both sides needs, such as CTC. */
    @Test
    void aBatchCarriesLengthsAndWeightsOfItsTargets() {
        Dataset data = Dataset.of(Column.sequences("sound", new float[][][] {{{1}, {2}, {3}}, {{5}, {6}}}))
                .withTarget(Column.tokens("text", new int[][] {{8}, {4, 9}}))
                .withTarget(Column.tokens("frames", new int[][] {{1, 2, 3}, {4, 5}}))
                .withWeights(3, 2);
        try (Device device = Devices.named("reference");
                Scope scope = device.openScope("test")) {
            DeviceBatch batch = data.batch().upload(scope);
            DeviceColumn text = batch.target("text");
            assertThat(text.value().shape()).isEqualTo(Shape.of(2, 2));
            assertThat(text.value().toInts()).containsExactly(8, 4, 0, 9);
            assertThat(text.lengths().toArray()).containsExactly(1, 2);
            assertThat(text.rowWeights().toFloats()).containsExactly(3, 2);
            assertThat(text.weights().toFloats()).containsExactly(3, 2, 0, 2);
            assertThat(batch.input("sound").lengths().toArray()).containsExactly(3, 2);
            assertThat(batch.target("frames").lengths())
                    .isSameAs(batch.input("sound").lengths());
            assertThat(batch.only("text").targets()).containsExactly(text);
            assertThatThrownBy(() -> batch.target("words"))
                    .hasMessage("target: expected one of [text, frames], got 'words'");
        }
    }

    @Test
    void choicesThatAreMissingAreNamed() {
        assertThatThrownBy(() -> computed(Loss.mse(), 1))
                .hasMessage("output: expected a loss of one of the outputs [price, kind];"
                        + " choose with on(output, target)");
        assertThatThrownBy(() -> computed(Loss.mse().on("cost", "price"), 1))
                .hasMessage("output: expected one of [price, kind], got 'cost'");
        assertThatThrownBy(() -> computed(Loss.mse().on("price", "cost"), 1))
                .hasMessage("target: expected one of [price, kind], got 'cost'");
        assertThatThrownBy(() -> Loss.mse().weight(house().batch()))
                .hasMessage("batch: expected one target for mse, got 2; choose with on(output, target)");
        assertThatThrownBy(() -> Loss.sum()).hasMessage("terms: expected at least one loss, got none");
        assertThatThrownBy(() -> Loss.mse().times(Float.NaN)).hasMessage("factor: expected a finite number, got NaN");
    }
}
