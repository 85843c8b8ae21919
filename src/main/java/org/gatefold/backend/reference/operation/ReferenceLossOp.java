package org.gatefold.backend.reference.operation;

import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import org.gatefold.backend.reference.math.Floats;
import org.gatefold.op.loss.LossOp;

/** Losses in plain Java. Stateless. */
public final class ReferenceLossOp extends ReferenceOperation implements LossOp {
    private static final double COSINE_EPSILON = 1e-12;

    @Override
    public void computePointwise(PointwiseArguments given) {
        int rows = given.target().shape().dim(0);
        int width = given.target().shape().dim(1);
        int parts = given.parts();
        FloatBuffer predicted = Floats.of(given.prediction());
        FloatBuffer wanted = Floats.of(given.target());
        FloatBuffer rowWeights = Floats.orNull(given.weights());
        FloatBuffer gradient = Floats.orNull(given.dPrediction());
        PointwiseTerm term = new PointwiseTerm(given.function(), parts, Floats.orNull(given.table()));
        double count = total(rowWeights, rows) * given.terms();
        double sum = 0;
        for (int row = 0; row < rows; row++) {
            double weight = weight(rowWeights, row);
            for (int f = 0; f < width; f++) {
                int at = row * width + f;
                if (weight == 0) {
                    fill(gradient, at * parts, parts, 0f);
                    continue;
                }
                sum += weight * term.of(predicted, at * parts, wanted.get(at), f);
                for (int i = 0; i < parts && gradient != null; i++) {
                    gradient.put(at * parts + i, (float) (weight * term.slopes[i] / count));
                }
            }
        }
        Floats.of(given.loss()).put(0, count == 0 ? 0f : (float) (sum / count));
    }

    @Override
    public void computeCrossEntropy(CrossEntropyArguments given) {
        int rows = given.logits().shape().dim(0);
        int classes = given.logits().shape().dim(1);
        FloatBuffer scores = Floats.of(given.logits());
        IntBuffer wanted = Floats.ints(given.labels());
        FloatBuffer classWeights = Floats.orNull(given.classWeights());
        FloatBuffer rowWeights = Floats.orNull(given.weights());
        FloatBuffer gradient = Floats.orNull(given.dLogits());
        double[] targets = new double[classes];
        double count = 0;
        double sum = 0;
        for (int row = 0; row < rows; row++) {
            int label = wanted.get(row);
            if (label != given.ignoreIndex()) {
                count += weight(rowWeights, row) * (label < 0 || label >= classes ? 1 : weight(classWeights, label));
            }
        }
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
                double smoothing = given.smoothing();
                double all = 0;
                for (int j = 0; j < classes; j++) {
                    targets[j] = weight(classWeights, j) * (smoothing / classes + (j == label ? 1 - smoothing : 0));
                    all += targets[j];
                }
                double largest = ReferenceSoftmaxOp.largest(scores, from, classes);
                double logSum = ReferenceSoftmaxOp.logSum(scores, from, classes, largest);
                for (int j = 0; j < classes; j++) {
                    double logarithm = scores.get(from + j) - largest - logSum;
                    sum -= targets[j] == 0 ? 0 : weight * targets[j] * logarithm;
                    if (gradient != null) {
                        double slope = weight * (all * Math.exp(logarithm) - targets[j]);
                        gradient.put(from + j, count == 0 ? 0f : (float) (slope / count));
                    }
                }
            }
        }
        Floats.of(given.loss()).put(0, count == 0 ? 0f : (float) (sum / count));
    }

    @Override
    public void computeCosineEmbedding(CosineEmbeddingArguments given) {
        int rows = given.a().shape().dim(0);
        int width = given.a().shape().dim(1);
        FloatBuffer a = Floats.of(given.a());
        FloatBuffer b = Floats.of(given.b());
        FloatBuffer together = Floats.orNull(given.together());
        FloatBuffer rowWeights = Floats.orNull(given.weights());
        FloatBuffer da = Floats.orNull(given.dA());
        FloatBuffer db = Floats.orNull(given.dB());
        double count = total(rowWeights, rows);
        double sum = 0;
        for (int row = 0; row < rows; row++) {
            double weight = weight(rowWeights, row);
            int from = row * width;
            if (weight == 0) {
                fill(da, from, width, 0f);
                fill(db, from, width, 0f);
                continue;
            }
            double ab = 0;
            double aa = COSINE_EPSILON;
            double bb = COSINE_EPSILON;
            for (int at = from; at < from + width; at++) {
                ab += (double) a.get(at) * b.get(at);
                aa += (double) a.get(at) * a.get(at);
                bb += (double) b.get(at) * b.get(at);
            }
            double size = Math.sqrt(aa * bb);
            double cosine = ab / size;
            boolean pair = together == null || together.get(row) > 0;
            sum += weight * (pair ? 1 - cosine : Math.max(0, cosine - given.margin()));
            double slope = weight / count * (pair ? -1 : cosine > given.margin() ? 1 : 0);
            for (int at = from; at < from + width; at++) {
                put(da, at, slope * (b.get(at) / size - cosine * a.get(at) / aa));
                put(db, at, slope * (a.get(at) / size - cosine * b.get(at) / bb));
            }
        }
        Floats.of(given.loss()).put(0, count == 0 ? 0f : (float) (sum / count));
    }

    private static void put(FloatBuffer gradient, int at, double value) {
        if (gradient != null) {
            gradient.put(at, (float) value);
        }
    }

    private static void fill(FloatBuffer gradient, int from, int count, float value) {
        for (int j = from; j < from + count && gradient != null; j++) {
            gradient.put(j, value);
        }
    }

    private static double total(FloatBuffer weights, int rows) {
        double total = 0;
        for (int row = 0; row < rows; row++) {
            total += weight(weights, row);
        }
        return total;
    }

    private static double weight(FloatBuffer weights, int index) {
        return weights == null ? 1 : weights.get(index);
    }
}
