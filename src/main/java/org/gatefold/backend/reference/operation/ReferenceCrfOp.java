package org.gatefold.backend.reference.operation;

import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;
import org.gatefold.backend.reference.math.Floats;
import org.gatefold.op.crf.CrfOp;
import org.gatefold.op.crf.CrfScores;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/** Conditional random fields in plain Java, by the recurrences over logarithms in double precision. Stateless and thread-safe. */
public final class ReferenceCrfOp extends ReferenceOperation implements CrfOp {
    private static final int NONE = -1;

    /** One row of a batch. */
    private static final class Row {
        private final FloatBuffer transitions;
        private final FloatBuffer start;
        private final FloatBuffer end;
        private final FloatBuffer emissions;
        private final int batch;
        private final int b;
        private final int steps;
        private final int labels;

        Row(CrfScores scores, Tensor emissions, Lengths lengths, int b) {
            this.transitions = Floats.of(scores.transitions());
            this.start = Floats.of(scores.start());
            this.end = Floats.of(scores.end());
            this.emissions = Floats.of(emissions);
            this.batch = emissions.shape().dim(1);
            this.b = b;
            this.steps = lengths == null ? emissions.shape().dim(0) : lengths.of(b);
            this.labels = emissions.shape().dim(2);
        }

        double emission(int t, int k) {
            return emissions.get((t * batch + b) * labels + k);
        }

        double transition(int from, int to) {
            return transitions.get(from * labels + to);
        }

        /** {@code [t][k]}: the logarithm of the sum over all beginnings that end with label k at step t. */
        double[][] beginnings() {
            double[][] alpha = new double[steps][labels];
            for (int t = 0; t < steps; t++) {
                for (int k = 0; k < labels; k++) {
                    double[] all = {start.get(k)};
                    if (t > 0) {
                        all = new double[labels];
                        for (int from = 0; from < labels; from++) {
                            all[from] = alpha[t - 1][from] + transition(from, k);
                        }
                    }
                    alpha[t][k] = emission(t, k) + logSumExp(all);
                }
            }
            return alpha;
        }

        /** {@code [t][k]}: the logarithm of the sum over all continuations of label k at step t. */
        double[][] endings() {
            double[][] beta = new double[steps][labels];
            for (int t = steps - 1; t >= 0; t--) {
                for (int k = 0; k < labels; k++) {
                    double[] all = {end.get(k)};
                    if (t < steps - 1) {
                        all = new double[labels];
                        for (int to = 0; to < labels; to++) {
                            all[to] = transition(k, to) + emission(t + 1, to) + beta[t + 1][to];
                        }
                    }
                    beta[t][k] = logSumExp(all);
                }
            }
            return beta;
        }

        double partition(double... lastAlpha) {
            double[] all = new double[labels];
            Arrays.setAll(all, k -> lastAlpha[k] + end.get(k));
            return logSumExp(all);
        }

        /** NaN for a label that there is not. */
        double score(IntBuffer given) {
            double sum = 0;
            for (int t = 0; t < steps; t++) {
                int label = given.get(t * batch + b);
                if (label < 0 || label >= labels) {
                    return Double.NaN;
                }
                sum += (t == 0 ? start.get(label) : transition(given.get((t - 1) * batch + b), label))
                        + emission(t, label);
            }
            return sum + end.get(given.get((steps - 1) * batch + b));
        }
    }

    private static double logSumExp(double... values) {
        double most = Double.NEGATIVE_INFINITY;
        for (double value : values) {
            most = Math.max(most, value);
        }
        if (most == Double.NEGATIVE_INFINITY || Double.isNaN(most)) {
            return most;
        }
        double sum = 0;
        for (double value : values) {
            sum += Math.exp(value - most);
        }
        return most + Math.log(sum);
    }

    @Override
    public void computeLogLikelihood(LikelihoodArguments given) {
        FloatBuffer y = Floats.of(given.y());
        IntBuffer right = Floats.ints(given.labels());
        for (int b = 0; b < y.capacity(); b++) {
            Row row = new Row(given.scores(), given.emissions(), given.lengths(), b);
            y.put(b, row.steps == 0 ? 0f : (float) (row.score(right) - row.partition(row.beginnings()[row.steps - 1])));
        }
    }

    @Override
    public void computeLogLikelihoodBackward(LikelihoodGradients given) {
        int batch = given.emissions().shape().dim(1);
        int labels = given.emissions().shape().dim(2);
        FloatBuffer dy = Floats.of(given.dy());
        IntBuffer right = Floats.ints(given.labels());
        FloatBuffer dEmissions = Floats.of(given.dEmissions());
        for (int i = 0; i < dEmissions.capacity(); i++) {
            dEmissions.put(i, 0f);
        }
        double[] dTransitions = new double[labels * labels];
        double[] dStart = new double[labels];
        double[] dEnd = new double[labels];
        for (int b = 0; b < batch; b++) {
            Row row = new Row(given.scores(), given.emissions(), given.lengths(), b);
            double weight = dy.get(b);
            if (weight == 0 || row.steps == 0) {
                continue;
            }
            double[][] alpha = row.beginnings();
            double[][] beta = row.endings();
            double partition = row.partition(alpha[row.steps - 1]);
            if (!Double.isFinite(row.score(right) - partition)) {
                weight = Double.NaN;
            }
            for (int t = 0; t < row.steps; t++) {
                int label = right.get(t * batch + b);
                int before = t == 0 ? NONE : right.get((t - 1) * batch + b);
                for (int k = 0; k < labels; k++) {
                    double share = weight * ((k == label ? 1 : 0) - Math.exp(alpha[t][k] + beta[t][k] - partition));
                    dEmissions.put((t * batch + b) * labels + k, (float) share);
                    dStart[k] += t == 0 ? share : 0;
                    dEnd[k] += t == row.steps - 1 ? share : 0;
                    for (int from = 0; from < labels && t > 0; from++) {
                        double pair = Math.exp(alpha[t - 1][from]
                                + row.transition(from, k)
                                + row.emission(t, k)
                                + beta[t][k]
                                - partition);
                        dTransitions[from * labels + k] += weight * ((k == label && from == before ? 1 : 0) - pair);
                    }
                }
            }
        }
        add(dTransitions, given.dScores().transitions());
        add(dStart, given.dScores().start());
        add(dEnd, given.dScores().end());
    }

    private static void add(double[] sums, Tensor tensor) {
        FloatBuffer to = Floats.of(tensor);
        for (int i = 0; i < sums.length; i++) {
            to.put(i, (float) (to.get(i) + sums[i]));
        }
    }

    @Override
    public void computeDecode(DecodeArguments given) {
        int batch = given.emissions().shape().dim(1);
        IntBuffer path = Floats.ints(given.path());
        FloatBuffer best = Floats.of(given.best());
        for (int i = 0; i < path.capacity(); i++) {
            path.put(i, NONE);
        }
        for (int b = 0; b < batch; b++) {
            Row row = new Row(given.scores(), given.emissions(), given.lengths(), b);
            best.put(b, row.steps == 0 ? 0f : (float) decode(row, path, batch, b));
        }
    }

    private static double decode(Row row, IntBuffer path, int batch, int b) {
        int[][] from = new int[row.steps][row.labels];
        double[] score = new double[row.labels];
        for (int k = 0; k < row.labels; k++) {
            score[k] = row.start.get(k) + row.emission(0, k);
        }
        for (int t = 1; t < row.steps; t++) {
            double[] next = new double[row.labels];
            for (int k = 0; k < row.labels; k++) {
                double most = Double.NEGATIVE_INFINITY;
                for (int i = 0; i < row.labels; i++) {
                    double sum = score[i] + row.transition(i, k);
                    if (sum > most) {
                        most = sum;
                        from[t][k] = i;
                    }
                }
                next[k] = most + row.emission(t, k);
            }
            score = next;
        }
        double most = Double.NEGATIVE_INFINITY;
        int last = NONE;
        for (int k = 0; k < row.labels; k++) {
            if (score[k] + row.end.get(k) > most) {
                most = score[k] + row.end.get(k);
                last = k;
            }
        }
        for (int t = row.steps - 1; t >= 0 && last != NONE; t--) {
            path.put(t * batch + b, last);
            last = from[t][last];
        }
        return most;
    }
}
