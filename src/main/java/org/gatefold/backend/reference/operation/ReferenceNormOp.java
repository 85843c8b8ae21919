package org.gatefold.backend.reference.operation;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.gatefold.backend.reference.math.Floats;
import org.gatefold.backend.reference.math.ReferenceName;
import org.gatefold.op.norm.NormOp;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/** Normalisation in plain Java, in double precision. Stateless and thread-safe. */
public final class ReferenceNormOp implements NormOp {
    @Override
    public String name() {
        return ReferenceName.NAME;
    }

    /** Numbers that are normalised together: a row's features, or a channel's valid rows and places. */
    private static final class Group {
        private final int[] at;
        private double mean;
        private double deviation;

        Group(int... at) {
            this.at = at;
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

        double normalized(FloatBuffer x, int i) {
            return (x.get(i) - mean) / deviation;
        }

        /** Writes dx from the gradients of the normalised numbers. */
        void backward(FloatBuffer x, boolean throughMoments, Gradient gradient, FloatBuffer dx) {
            double sum = 0;
            double inner = 0;
            for (int i : at) {
                sum += gradient.at(i);
                inner += gradient.at(i) * normalized(x, i);
            }
            for (int i : at) {
                double through = throughMoments ? (sum + normalized(x, i) * inner) / at.length : 0;
                dx.put(i, (float) ((gradient.at(i) - through) / deviation));
            }
        }
    }

    private interface Gradient {
        double at(int i);
    }

    private static Group row(int row, int width) {
        int[] at = new int[width];
        for (int d = 0; d < width; d++) {
            at[d] = row * width + d;
        }
        return new Group(at);
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
        return new Group(Arrays.copyOf(at, count));
    }

    private static boolean isValid(Lengths lengths, int n) {
        return lengths == null || n / lengths.batch() < lengths.of(n % lengths.batch());
    }

    private static double factor(FloatBuffer gamma, int i) {
        return gamma == null ? 1 : gamma.get(i);
    }

    private static double shift(FloatBuffer beta, int i) {
        return beta == null ? 0 : beta.get(i);
    }

    @Override
    public void computeLayerNorm(LayerNormArguments given) {
        FloatBuffer from = Floats.of(given.x());
        FloatBuffer factors = Floats.orNull(given.gamma());
        FloatBuffer shifts = Floats.orNull(given.beta());
        FloatBuffer to = Floats.of(given.y());
        int width = given.x().shape().dim(1);
        for (int n = 0; n < given.x().shape().dim(0); n++) {
            Group row = row(n, width);
            double[] moments = row.moments(from);
            row.by(moments[0], moments[1], given.epsilon());
            for (int i : row.at) {
                int d = i % width;
                to.put(i, (float) (row.normalized(from, i) * factor(factors, d) + shift(shifts, d)));
            }
        }
    }

    @Override
    public void computeLayerNormBackward(LayerNormGradients given) {
        FloatBuffer from = Floats.of(given.x());
        FloatBuffer factors = Floats.orNull(given.gamma());
        FloatBuffer gradient = Floats.of(given.dy());
        int width = given.x().shape().dim(1);
        double[] gammaSums = new double[width];
        double[] betaSums = new double[width];
        for (int n = 0; n < given.x().shape().dim(0); n++) {
            Group row = row(n, width);
            double[] moments = row.moments(from);
            row.by(moments[0], moments[1], given.epsilon());
            for (int i : row.at) {
                gammaSums[i % width] += gradient.get(i) * row.normalized(from, i);
                betaSums[i % width] += gradient.get(i);
            }
            if (given.dx() != null) {
                row.backward(from, true, i -> gradient.get(i) * factor(factors, i % width), Floats.of(given.dx()));
            }
        }
        add(gammaSums, given.dgamma());
        add(betaSums, given.dbeta());
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
        FloatBuffer factors = Floats.orNull(given.gamma());
        FloatBuffer shifts = Floats.orNull(given.beta());
        FloatBuffer to = Floats.of(given.y());
        clear(to);
        for (int c = 0; c < given.x().shape().dim(1); c++) {
            Group channel = channel(given.x(), given.lengths(), c)
                    .by(
                            Floats.of(given.mean()).get(c),
                            Floats.of(given.variance()).get(c),
                            given.epsilon());
            for (int i : channel.at) {
                to.put(i, (float) (channel.normalized(from, i) * factor(factors, c) + shift(shifts, c)));
            }
        }
    }

    @Override
    public void computeBatchNormBackward(BatchNormGradients given) {
        FloatBuffer from = Floats.of(given.x());
        FloatBuffer factors = Floats.orNull(given.gamma());
        FloatBuffer gradient = Floats.of(given.dy());
        FloatBuffer to = Floats.orNull(given.dx());
        if (to != null) {
            clear(to);
        }
        int channels = given.x().shape().dim(1);
        double[] gammaSums = new double[channels];
        double[] betaSums = new double[channels];
        for (int c = 0; c < channels; c++) {
            Group channel = channel(given.x(), given.lengths(), c)
                    .by(
                            Floats.of(given.mean()).get(c),
                            Floats.of(given.variance()).get(c),
                            given.epsilon());
            for (int i : channel.at) {
                gammaSums[c] += gradient.get(i) * channel.normalized(from, i);
                betaSums[c] += gradient.get(i);
            }
            if (to != null) {
                double scale = factor(factors, c);
                channel.backward(from, given.ofBatch(), i -> gradient.get(i) * scale, to);
            }
        }
        add(gammaSums, given.dgamma());
        add(betaSums, given.dbeta());
    }

    private static void clear(FloatBuffer to) {
        for (int i = 0; i < to.capacity(); i++) {
            to.put(i, 0f);
        }
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
