package org.gatefold.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.Stream;
import org.gatefold.op.loss.LossOp;
import org.gatefold.op.loss.PointwiseLoss;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every implementation of pointwise losses is held to: their equations, and central differences of these. */
abstract class PointwiseLossContract extends OperationContract<LossOp> {
    private static final int ROWS = 23;
    private static final int WIDTH = 7;
    private static final float DELTA = 0.8f;
    private static final float[] QUANTILES = {0.05f, 0.5f, 0.9f};
    private static final float[] POSITIVE = {1, 2, 0.5f, 3, 0, 1.5f, 4};

    PointwiseLossContract() {
        super(LossOp.class);
    }

    /** Numbers predicted for one target, the target, its column. */
    private interface Exact {
        double of(double[] predicted, double target, int column);
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Case(PointwiseLoss function, float[] table, int parts, boolean probabilities, Exact exact) {
        @Override
        public String toString() {
            return function.description() + (table == null ? "" : ", table");
        }
    }

    private static Case of(PointwiseLoss function, Exact exact) {
        return new Case(function, null, 1, false, exact);
    }

    private static Case ofProbabilities(PointwiseLoss function, float[] table, Exact exact) {
        return new Case(function, table, 1, true, exact);
    }

    private static double logistic(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private static double sign(double target) {
        return target > 0 ? 1 : -1;
    }

    private static double binary(double logit, double target, double positive) {
        return -positive * target * Math.log(logistic(logit)) - (1 - target) * Math.log(1 - logistic(logit));
    }

    private static double huber(double d) {
        return Math.abs(d) <= DELTA ? d * d / 2 : DELTA * (Math.abs(d) - DELTA / 2.0);
    }

    /** torchvision's sigmoid_focal_loss at targets 0 and 1, the mixture of both between them. */
    private static double focal(double logit, double target) {
        double p = logistic(logit);
        double one = 0.25 * Math.pow(1 - p, 2.5) * -Math.log(p);
        double zero = 0.75 * Math.pow(p, 2.5) * -Math.log(1 - p);
        return target * one + (1 - target) * zero;
    }

    private static double quantiles(double[] predicted, double target) {
        double sum = 0;
        for (int i = 0; i < predicted.length; i++) {
            double missing = target - predicted[i];
            sum += missing > 0 ? QUANTILES[i] * missing : (1 - (double) QUANTILES[i]) * -missing;
        }
        return sum;
    }

    static Stream<Case> cases() {
        return Stream.of(
                of(PointwiseLoss.mse(), (x, t, f) -> (x[0] - t) * (x[0] - t)),
                of(PointwiseLoss.mae(), (x, t, f) -> Math.abs(x[0] - t)),
                of(PointwiseLoss.huber(DELTA), (x, t, f) -> huber(x[0] - t)),
                of(PointwiseLoss.logCosh(), (x, t, f) -> Math.log(Math.cosh(x[0] - t))),
                of(PointwiseLoss.hinge(), (x, t, f) -> Math.max(0, 1 - sign(t) * x[0])),
                of(PointwiseLoss.squaredHinge(), (x, t, f) -> Math.pow(Math.max(0, 1 - sign(t) * x[0]), 2)),
                ofProbabilities(PointwiseLoss.binaryCrossEntropy(), null, (x, t, f) -> binary(x[0], t, 1)),
                ofProbabilities(
                        PointwiseLoss.binaryCrossEntropy(), POSITIVE, (x, t, f) -> binary(x[0], t, POSITIVE[f])),
                ofProbabilities(PointwiseLoss.focal(2.5f, 0.25f), null, (x, t, f) -> focal(x[0], t)),
                ofProbabilities(
                        PointwiseLoss.klDivergence(),
                        null,
                        (x, t, f) -> WIDTH * (t == 0 ? 0 : t * (Math.log(t) - x[0]))),
                new Case(
                        PointwiseLoss.quantile(),
                        QUANTILES,
                        QUANTILES.length,
                        false,
                        (x, t, f) -> quantiles(x, t) / QUANTILES.length),
                new Case(
                        PointwiseLoss.gaussianNll(),
                        null,
                        2,
                        false,
                        (x, t, f) -> -Math.log(Math.exp(-(t - x[0]) * (t - x[0]) / (2 * Math.exp(x[1])))
                                / Math.sqrt(2 * Math.PI * Math.exp(x[1])))),
                // The density of 4 degrees of freedom is 3/8 (1 + z²/4)^(-5/2).
                new Case(
                        PointwiseLoss.studentTNll(4f),
                        null,
                        2,
                        false,
                        (x, t, f) -> -Math.log(0.375
                                * Math.pow(1 + Math.pow((t - x[0]) / Math.exp(x[1]), 2) / 4, -2.5)
                                / Math.exp(x[1]))));
    }

    private static float[] rowWeights() {
        float[] weights = new float[ROWS];
        for (int row = 0; row < ROWS; row++) {
            weights[row] = row % 4 == 1 ? 0f : 0.5f + row % 3;
        }
        return weights;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithItsEquation(Case given) {
        requireExact(given, rowWeights());
        requireExact(given, null);
    }

    private static float[] targets(boolean probabilities) {
        float[] targets = gaussian(2, ROWS * WIDTH);
        for (int i = 0; i < targets.length && probabilities; i++) {
            targets[i] = i % 3 == 0 ? 0f : i % 3 == 1 ? 1f : Math.abs(targets[i] % 1);
        }
        return targets;
    }

    private void requireExact(Case given, float[] weights) {
        int parts = given.parts();
        float[] prediction = gaussian(1, ROWS * WIDTH * parts);
        float[] target = targets(given.probabilities());
        if (parts == 1) {
            prediction[3] = target[3];
        }
        double sum = 0;
        double count = 0;
        double[] gradient = new double[prediction.length];
        for (int i = 0; i < target.length; i++) {
            double weight = weights == null ? 1 : weights[i / WIDTH];
            double[] predicted = new double[parts];
            for (int p = 0; p < parts; p++) {
                predicted[p] = prediction[i * parts + p];
            }
            sum += weight * given.exact().of(predicted, target[i], i % WIDTH);
            count += weight;
            for (int p = 0; p < parts; p++) {
                gradient[i * parts + p] = weight * slope(given.exact(), predicted, target[i], i % WIDTH, p);
            }
        }
        for (int i = 0; i < gradient.length; i++) {
            gradient[i] /= count;
            if (weights != null && weights[i / WIDTH / parts] == 0) {
                prediction[i] = Float.NaN;
                target[i / parts] = Float.POSITIVE_INFINITY;
            }
        }
        Tensor tp = guarded.input("prediction", prediction, ROWS, WIDTH * parts);
        Tensor tt = guarded.input("target", target, ROWS, WIDTH);
        Tensor tw = guarded.inputOrNull("weights", weights, ROWS);
        float[] table = given.table();
        Tensor constants = table == null ? null : guarded.input("table", table, table.length);
        Tensor loss = guarded.output("loss", 1);
        Tensor actual = guarded.output("dPrediction", ROWS, WIDTH * parts);
        op.pointwise(given.function(), constants, tp, tt, tw, loss, actual);
        assertThat(Math.abs(loss.item() - sum / count) / Math.abs(sum / count)).isLessThan(1e-6);
        Compare.assertClose("dPrediction", actual.toFloats(), gradient, 1e-6);
        float with = loss.item();
        op.pointwise(given.function(), constants, tp, tt, tw, loss, null);
        assertThat(loss.item()).isEqualTo(with);
        guarded.check();
    }

    private static double slope(Exact exact, double[] predicted, double target, int column, int p) {
        double kept = predicted[p];
        double h = 1e-6;
        predicted[p] = kept + h;
        double above = exact.of(predicted, target, column);
        predicted[p] = kept - h;
        double below = exact.of(predicted, target, column);
        predicted[p] = kept;
        return (above - below) / (2 * h);
    }

    private double value(PointwiseLoss function, float[] table, float[] prediction, float... target) {
        Tensor loss = guarded.output("loss", 1);
        op.pointwise(
                function,
                guarded.inputOrNull("table", table, table == null ? 0 : table.length),
                guarded.input("prediction", prediction, 1, prediction.length),
                guarded.input("target", target, 1, target.length),
                null,
                loss,
                guarded.output("dPrediction", 1, prediction.length));
        guarded.check();
        return loss.item();
    }

    private static float[] of(float... values) {
        return values;
    }

    /** From SciPy 1.17: stats.norm, stats.t, special.rel_entr and special.log_expit in double precision. */
    @Test
    void agreesWithValuesOfAnotherSystem() {
        assertThat(value(PointwiseLoss.gaussianNll(), null, of(0.3f, 0.4f), -1.2f))
                .isCloseTo(1.873048584994767, within(1e-6));
        assertThat(value(PointwiseLoss.studentTNll(5f), null, of(0.3f, -0.7f), 1.7f))
                .isCloseTo(3.1231743301930255, within(1e-6));
        assertThat(value(PointwiseLoss.studentTNll(2.5f), null, of(0.3f, 0.6f), 40f))
                .isCloseTo(10.807051955374284, within(5e-6));
        assertThat(value(PointwiseLoss.studentTNll(3.5f), null, of(0f, 0f), 0f))
                .isCloseTo(0.9894735912595019, within(1e-6));
        float third = (float) Math.log(0.3);
        assertThat(value(
                        PointwiseLoss.klDivergence(),
                        null,
                        of(third, third, third, (float) Math.log(0.1)),
                        0.1f,
                        0.2f,
                        0.7f,
                        0f))
                .isCloseTo(0.40215425178259867, within(1e-6));
        assertThat(value(PointwiseLoss.binaryCrossEntropy(), of(3f), of(-1.5f), 0.25f))
                .isCloseTo(1.4271199169741287, within(1e-6));
        assertThat(value(PointwiseLoss.focal(2f, 0.25f), null, of(2f, -1f), 0f, 1f))
                .isCloseTo(0.7065128552094514, within(1e-6));
    }

    @Test
    void extremeLogitsGiveFiniteLosses() {
        assertThat(value(PointwiseLoss.binaryCrossEntropy(), null, of(1e4f, -1e4f), 0f, 0f))
                .isEqualTo(5e3);
        assertThat(value(PointwiseLoss.focal(2f, 0.25f), null, of(1e4f, -1e4f), 0f, 0f))
                .isEqualTo(3750);
        assertThat(value(PointwiseLoss.logCosh(), null, of(1e4f), 0f)).isCloseTo(1e4 - Math.log(2), within(1e-3));
    }

    @Test
    void whatIsNotANumberShows() {
        for (Case each : cases().toList()) {
            float[] prediction = new float[WIDTH * each.parts()];
            prediction[each.parts()] = Float.NaN;
            float[] target = new float[WIDTH];
            target[1] = 0.5f;
            assertThat(value(each.function(), each.table(), prediction, target))
                    .as("%s", each)
                    .isNaN();
        }
    }

    @Test
    void nothingThatCountsGivesZero() {
        for (Case each : cases().toList()) {
            int columns = WIDTH * each.parts();
            float[] nan = new float[columns];
            nan[0] = Float.NaN;
            float[] table = each.table();
            Tensor loss = guarded.output("loss", 1);
            Tensor gradient = guarded.output("gradient", 1, columns);
            op.pointwise(
                    each.function(),
                    guarded.inputOrNull("table", table, table == null ? 0 : table.length),
                    guarded.input("prediction", nan, 1, columns),
                    guarded.input("target", new float[WIDTH], 1, WIDTH),
                    guarded.input("weights", new float[1], 1),
                    loss,
                    gradient);
            assertThat(loss.item()).as("%s", each).isZero();
            assertThat(gradient.toFloats()).as("%s", each).containsOnly(0f);
        }
        guarded.check();
    }

    @Test
    void badArgumentsGiveTheSameMessagesEverywhere() {
        Tensor x = scope.zeros("x", 3, 4);
        Tensor y = scope.zeros("y", 3, 4);
        Tensor loss = scope.zeros("loss", 1);
        PointwiseLoss mse = PointwiseLoss.mse();
        refused("prediction: expected shape [3, 4], got [1]", () -> op.pointwise(mse, null, loss, x, null, loss, null));
        refused(
                "prediction: expected shape [3, 8], got [3, 4]",
                () -> op.pointwise(PointwiseLoss.gaussianNll(), null, x, y, null, loss, null));
        refused(
                "prediction: expected shape [3, 12], got [3, 4]",
                () -> op.pointwise(PointwiseLoss.quantile(), scope.zeros("q", 3), x, y, null, loss, null));
        refused(
                "table: expected a tensor, got null",
                () -> op.pointwise(PointwiseLoss.quantile(), null, x, y, null, loss, null));
        refused(
                "table: expected shape [4], got [1]",
                () -> op.pointwise(PointwiseLoss.binaryCrossEntropy(), scope.zeros("w", 1), x, y, null, loss, null));
        refused("table: expected none for mse, got [1]", () -> op.pointwise(mse, loss, x, y, null, loss, null));
        refused("function: expected a value, got null", () -> op.pointwise(null, null, x, y, null, loss, null));
        refused(
                "weights: expected shape [3], got [1]",
                () -> op.pointwise(PointwiseLoss.mae(), null, x, y, loss, scope.zeros("l", 1), null));
        refused("dPrediction: given twice in one call", () -> op.pointwise(mse, null, x, y, null, loss, x));
        refused("delta: expected a finite value > 0, got 0.0", () -> PointwiseLoss.huber(0f));
        refused("alpha: expected 0 <= alpha <= 1, got 2.0", () -> PointwiseLoss.focal(2f, 2f));
        refused("gamma: expected a finite value >= 0, got -1.0", () -> PointwiseLoss.focal(-1f, 0f));
        refused("nu: expected a finite value > 0, got 0.0", () -> PointwiseLoss.studentTNll(0f));
    }
}
