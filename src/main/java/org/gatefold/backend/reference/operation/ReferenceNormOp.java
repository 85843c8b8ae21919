package org.gatefold.backend.reference.operation;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import org.gatefold.backend.reference.math.Floats;
import org.gatefold.op.norm.NormOp;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/** Normalisation in plain Java, in double precision. Stateless and thread-safe. */
public final class ReferenceNormOp extends ReferenceOperation implements NormOp {
    /** Numbers that are normalised together: a row's features, or a channel's valid rows and places. */
    private static final class Group {
        private final int[] at;
        private final IntUnaryOperator parameter;
        private double mean;
        private double deviation;

        /**
         * @param at where they stand
         * @param parameter which gamma and beta each of them has, by where it stands
         */
        Group(int[] at, IntUnaryOperator parameter) {
            this.at = at;
            this.parameter = parameter;
        }

        /** Mean and biased variance of its numbers; zeros if there are none. */
        double[] moments(FloatBuffer x) {
            double sum = 0;
            for (int i : at) {
                sum += x.get(i);
            }
            double average = at.length == 0 ? 0 : sum / at.length;
            double squares = 0;
            for (int i : at) {
                squares += (x.get(i) - average) * (x.get(i) - average);
            }
            return new double[] {average, at.length == 0 ? 0 : squares / at.length};
        }

        Group by(double average, double variance, float epsilon) {
            mean = average;
            deviation = Math.sqrt(variance + epsilon);
            return this;
        }

        private double normalized(FloatBuffer x, int i) {
            return (x.get(i) - mean) / deviation;
        }

        void forward(FloatBuffer x, FloatBuffer gamma, FloatBuffer beta, FloatBuffer y) {
            for (int i : at) {
                int p = parameter.applyAsInt(i);
                double shift = beta == null ? 0 : beta.get(p);
                y.put(i, (float) (normalized(x, i) * factor(gamma, p) + shift));
            }
        }

        private static double factor(FloatBuffer gamma, int p) {
            return gamma == null ? 1 : gamma.get(p);
        }
    }

    /** The way back of one group after the other. */
    private static final class Backward {
        private final FloatBuffer x;
        private final FloatBuffer gamma;
        private final FloatBuffer dy;
        private final FloatBuffer dx;
        private final double[] gammaSums;
        private final double[] betaSums;

        /** @param dx null if it is not wanted */
        Backward(Tensor x, Tensor gamma, Tensor dy, Tensor dx) {
            this.x = Floats.of(x);
            this.gamma = Floats.orNull(gamma);
            this.dy = Floats.of(dy);
            this.dx = Floats.orNull(dx);
            this.gammaSums = new double[x.shape().dim(1)];
            this.betaSums = new double[x.shape().dim(1)];
        }

        void group(Group group, boolean throughMoments) {
            double sum = 0;
            double inner = 0;
            for (int i : group.at) {
                int p = group.parameter.applyAsInt(i);
                double normalized = group.normalized(x, i);
                gammaSums[p] += dy.get(i) * normalized;
                betaSums[p] += dy.get(i);
                sum += ofNormalized(group, i);
                inner += ofNormalized(group, i) * normalized;
            }
            if (dx == null) {
                return;
            }
            for (int i : group.at) {
                double through = throughMoments ? (sum + group.normalized(x, i) * inner) / group.at.length : 0;
                dx.put(i, (float) ((ofNormalized(group, i) - through) / group.deviation));
            }
        }

        private double ofNormalized(Group group, int i) {
            return dy.get(i) * Group.factor(gamma, group.parameter.applyAsInt(i));
        }

        void addTo(Tensor dgamma, Tensor dbeta) {
            add(gammaSums, dgamma);
            add(betaSums, dbeta);
        }

        private static void add(double[] sums, Tensor to) {
            if (to != null) {
                FloatBuffer values = Floats.of(to);
                for (int i = 0; i < sums.length; i++) {
                    values.put(i, values.get(i) + (float) sums[i]);
                }
            }
        }
    }

    /** A row of a matrix by its own moments. */
    private static Group row(Tensor x, int row, float epsilon) {
        int width = x.shape().dim(1);
        int[] at = new int[width];
        for (int d = 0; d < width; d++) {
            at[d] = row * width + d;
        }
        Group group = new Group(at, i -> i % width);
        double[] moments = group.moments(Floats.of(x));
        return group.by(moments[0], moments[1], epsilon);
    }

    private static Group channel(Tensor x, Lengths lengths, int channel) {
        int channels = x.shape().dim(1);
        int places = x.shape().dim(2);
        int[] at = new int[Math.multiplyExact(x.shape().dim(0), places)];
        int count = 0;
        for (int n = 0; n < x.shape().dim(0); n++) {
            for (int s = 0; s < places && isValid(lengths, n); s++) {
                at[count++] = (n * channels + channel) * places + s;
            }
        }
        return new Group(Arrays.copyOf(at, count), i -> channel);
    }

    private static boolean isValid(Lengths lengths, int n) {
        return lengths == null || n / lengths.batch() < lengths.of(n % lengths.batch());
    }

    @Override
    public void computeLayerNorm(LayerNormArguments given) {
        FloatBuffer from = Floats.of(given.x());
        FloatBuffer gamma = Floats.orNull(given.gamma());
        FloatBuffer beta = Floats.orNull(given.beta());
        for (int n = 0; n < given.x().shape().dim(0); n++) {
            row(given.x(), n, given.epsilon()).forward(from, gamma, beta, Floats.of(given.y()));
        }
    }

    @Override
    public void computeLayerNormBackward(LayerNormGradients given) {
        Backward backward = new Backward(given.x(), given.gamma(), given.dy(), given.dx());
        for (int n = 0; n < given.x().shape().dim(0); n++) {
            backward.group(row(given.x(), n, given.epsilon()), true);
        }
        backward.addTo(given.dgamma(), given.dbeta());
    }

    @Override
    public void computeBatchStatistics(BatchStatisticsArguments given) {
        FloatBuffer from = Floats.of(given.x());
        for (int c = 0; c < given.x().shape().dim(1); c++) {
            Group channel = channel(given.x(), given.lengths(), c);
            double[] moments = channel.moments(from);
            int count = channel.at.length;
            Floats.of(given.mean()).put(c, (float) moments[0]);
            Floats.of(given.variance()).put(c, (float) moments[1]);
            if (count > 1) {
                approach(given.runningMean(), c, given.momentum(), moments[0]);
                approach(given.runningVariance(), c, given.momentum(), moments[1] * count / (count - 1));
            }
        }
    }

    private static void approach(Tensor running, int c, double momentum, double value) {
        if (running != null) {
            FloatBuffer to = Floats.of(running);
            to.put(c, (float) (to.get(c) + momentum * (value - to.get(c))));
        }
    }

    @Override
    public void computeBatchNorm(BatchNormArguments given) {
        FloatBuffer from = Floats.of(given.x());
        FloatBuffer gamma = Floats.orNull(given.gamma());
        FloatBuffer beta = Floats.orNull(given.beta());
        FloatBuffer to = Floats.of(given.y());
        clear(to);
        for (int c = 0; c < given.x().shape().dim(1); c++) {
            channel(given.x(), given.lengths(), c)
                    .by(at(given.mean(), c), at(given.variance(), c), given.epsilon())
                    .forward(from, gamma, beta, to);
        }
    }

    @Override
    public void computeBatchNormBackward(BatchNormGradients given) {
        if (given.dx() != null) {
            clear(Floats.of(given.dx()));
        }
        Backward backward = new Backward(given.x(), given.gamma(), given.dy(), given.dx());
        for (int c = 0; c < given.x().shape().dim(1); c++) {
            Group channel = channel(given.x(), given.lengths(), c)
                    .by(at(given.mean(), c), at(given.variance(), c), given.epsilon());
            backward.group(channel, given.ofBatch());
        }
        backward.addTo(given.dgamma(), given.dbeta());
    }

    private static float at(Tensor tensor, int c) {
        return Floats.of(tensor).get(c);
    }

    private static void clear(FloatBuffer to) {
        for (int i = 0; i < to.capacity(); i++) {
            to.put(i, 0f);
        }
    }
}
