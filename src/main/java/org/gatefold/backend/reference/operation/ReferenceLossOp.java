package org.gatefold.backend.reference.operation;

import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import org.gatefold.backend.reference.math.Floats;
import org.gatefold.backend.reference.math.ReferenceName;
import org.gatefold.op.loss.LossOp;

/** Losses in plain Java. Stateless. */
public final class ReferenceLossOp implements LossOp {
    @Override
    public String name() {
        return ReferenceName.NAME;
    }

    @Override
    public void computeRegression(RegressionArguments given) {
        int rows = given.prediction().shape().dim(0);
        int width = given.prediction().shape().dim(1);
        FloatBuffer predicted = Floats.of(given.prediction());
        FloatBuffer wanted = Floats.of(given.target());
        FloatBuffer rowWeights = Floats.orNull(given.weights());
        FloatBuffer gradient = Floats.orNull(given.dPrediction());
        double count = 0;
        for (int row = 0; row < rows; row++) {
            count += weight(rowWeights, row) * width;
        }
        double sum = 0;
        for (int row = 0; row < rows; row++) {
            double weight = weight(rowWeights, row);
            for (int at = row * width; at < (row + 1) * width; at++) {
                double slope = 0;
                if (weight != 0) {
                    double d = (double) predicted.get(at) - wanted.get(at);
                    sum += weight * value(given.kind(), given.delta(), d);
                    slope = weight * slope(given.kind(), given.delta(), d) / count;
                }
                if (gradient != null) {
                    gradient.put(at, (float) slope);
                }
            }
        }
        Floats.of(given.loss()).put(0, count == 0 ? 0f : (float) (sum / count));
    }

    private static double value(Regression kind, double delta, double d) {
        return switch (kind) {
            case MSE -> d * d;
            case MAE -> Math.abs(d);
            case HUBER -> Math.abs(d) <= delta ? d * d / 2 : delta * (Math.abs(d) - delta / 2);
        };
    }

    private static double slope(Regression kind, double delta, double d) {
        return switch (kind) {
            case MSE -> 2 * d;
            case MAE -> Math.signum(d);
            case HUBER -> Math.max(-delta, Math.min(delta, d));
        };
    }

    @Override
    public void computeCrossEntropy(CrossEntropyArguments given) {
        int rows = given.logits().shape().dim(0);
        int classes = given.logits().shape().dim(1);
        FloatBuffer scores = Floats.of(given.logits());
        IntBuffer wanted = Floats.ints(given.labels());
        FloatBuffer rowWeights = Floats.orNull(given.weights());
        FloatBuffer gradient = Floats.orNull(given.dLogits());
        double count = 0;
        for (int row = 0; row < rows; row++) {
            count += wanted.get(row) == given.ignoreIndex() ? 0 : weight(rowWeights, row);
        }
        double sum = 0;
        for (int row = 0; row < rows; row++) {
            int label = wanted.get(row);
            double weight = label == given.ignoreIndex() ? 0 : weight(rowWeights, row);
            int from = row * classes;
            if (weight == 0) {
                fill(gradient, from, classes, 0f);
            } else if (label < 0 || label >= classes) {
                sum = Double.NaN;
                fill(gradient, from, classes, Float.NaN);
            } else {
                double largest = ReferenceSoftmaxOp.largest(scores, from, classes);
                double logSum = ReferenceSoftmaxOp.logSum(scores, from, classes, largest);
                sum += weight * crossEntropy(scores, from, classes, label, given.smoothing(), largest, logSum);
                for (int j = 0; j < classes && gradient != null; j++) {
                    double probability = Math.exp(scores.get(from + j) - largest - logSum);
                    double share =
                            (double) given.smoothing() / classes + (j == label ? 1 - (double) given.smoothing() : 0);
                    gradient.put(from + j, (float) (weight * (probability - share) / count));
                }
            }
        }
        Floats.of(given.loss()).put(0, count == 0 ? 0f : (float) (sum / count));
    }

    private static double crossEntropy(
            FloatBuffer scores, int from, int classes, int label, double smoothing, double largest, double logSum) {
        double own = largest - scores.get(from + label) + logSum;
        if (smoothing == 0) {
            return own;
        }
        double all = 0;
        for (int j = 0; j < classes; j++) {
            all += largest - scores.get(from + j) + logSum;
        }
        return (1 - smoothing) * own + smoothing / classes * all;
    }

    private static void fill(FloatBuffer gradient, int from, int count, float value) {
        for (int j = from; j < from + count && gradient != null; j++) {
            gradient.put(j, value);
        }
    }

    private static double weight(FloatBuffer weights, int row) {
        return weights == null ? 1 : weights.get(row);
    }
}
