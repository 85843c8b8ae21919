package org.gatefold.backend.reference.operation;

import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import org.gatefold.backend.reference.math.Floats;
import org.gatefold.op.ctc.CtcOp;
import org.gatefold.op.ctc.CtcSpec;
import org.gatefold.tensor.Lengths;

/** Connectionist temporal classification in plain Java. Stateless. */
public final class ReferenceCtcOp extends ReferenceOperation implements CtcOp {
    @Override
    public void computeLoss(LossArguments given) {
        int batch = given.logits().shape().dim(1);
        FloatBuffer weights = Floats.orNull(given.weights());
        FloatBuffer gradient = Floats.orNull(given.dLogits());
        for (int i = 0; gradient != null && i < gradient.capacity(); i++) {
            gradient.put(i, 0f);
        }
        double all = 0;
        for (int row = 0; row < batch; row++) {
            all += weights == null ? 1 : weights.get(row);
        }
        double sum = 0;
        for (int row = 0; row < batch; row++) {
            double weight = weights == null ? 1 : weights.get(row);
            if (weight != 0) {
                sum += row(given, row, share(given, row, weight, all), gradient);
            }
        }
        Floats.of(given.loss()).put(0, (float) sum);
    }

    /** By what a row's loss is multiplied. */
    private static double share(LossArguments given, int row, double weight, double all) {
        if (given.spec().reduction() == CtcSpec.Reduction.SUM) {
            return weight;
        }
        boolean byLabels = given.spec().reduction() == CtcSpec.Reduction.LABEL_MEAN;
        int labels = length(given.counts(), given.labels().shape().dim(0), row);
        return weight / all / (byLabels ? Math.max(1, labels) : 1);
    }

    private static int length(Lengths lengths, int whole, int row) {
        return lengths == null ? whole : lengths.of(row);
    }

    /** Writes a row's gradient, and gives its part of the loss. */
    private static double row(LossArguments given, int row, double share, FloatBuffer gradient) {
        int batch = given.logits().shape().dim(1);
        int classes = given.logits().shape().dim(2);
        double[][] logProbabilities =
                new double[length(given.steps(), given.logits().shape().dim(0), row)][classes];
        FloatBuffer logits = Floats.of(given.logits());
        for (int t = 0; t < logProbabilities.length; t++) {
            int from = (t * batch + row) * classes;
            double largest = ReferenceSoftmaxOp.largest(logits, from, classes);
            double logSum = ReferenceSoftmaxOp.logSum(logits, from, classes, largest);
            for (int c = 0; c < classes; c++) {
                logProbabilities[t][c] = logits.get(from + c) - largest - logSum;
            }
        }
        int[] labels = new int[length(given.counts(), given.labels().shape().dim(0), row)];
        IntBuffer names = Floats.ints(given.labels());
        double loss = 0;
        for (int i = 0; i < labels.length; i++) {
            labels[i] = names.get(i * batch + row);
            if (labels[i] < 0
                    || labels[i] >= classes
                    || labels[i] == given.spec().blank()) {
                loss = Double.NaN;
            }
        }
        CtcPaths paths = null;
        if (loss == 0) {
            paths = new CtcPaths(labels, given.spec().blank(), logProbabilities);
            loss = -paths.total();
        }
        if (loss == Double.POSITIVE_INFINITY && given.spec().zeroInfinity()) {
            return 0;
        }
        for (int t = 0; gradient != null && t < logProbabilities.length; t++) {
            double[] shares = new double[classes];
            if (Double.isFinite(loss)) {
                paths.addShares(t, shares);
            }
            for (int c = 0; c < classes; c++) {
                double slope = Double.isFinite(loss) ? Math.exp(logProbabilities[t][c]) - shares[c] : Double.NaN;
                gradient.put((t * batch + row) * classes + c, (float) (share * slope));
            }
        }
        return share * loss;
    }
}
