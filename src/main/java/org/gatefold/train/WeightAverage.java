package org.gatefold.train;

import java.util.Locale;
import org.gatefold.op.Arguments;

/**
 * An average of the weights over the course of training, by which a model is validated, and which it holds in the end: an exponential one,
 * {@code a = d a + (1 - d) w}, or the mean of stochastic weight averaging (Izmailov et al. 2018), {@code a = a + (w - a) / n}. Given to {@link
 * Trainer#average}. Immutable.
 *
 * <p>The first average is the weights themselves. All parameters are averaged, frozen ones too, so that the running statistics of batch
 * normalisation are averages of those after each update. These are not the statistics that the averaged weights would give; where the two
 * differ much, as in stochastic weight averaging at a large learning rate, {@link #withBatchStatistics} computes them anew by a pass over the
 * training data, as PyTorch's {@code update_bn}.
 *
 * @param exponential whether old weights count less and less; else all count alike
 * @param decay d, of exponential averages
 * @param warmUp whether d is at most {@code (1 + n) / (10 + n)} for the n-th average, as TensorFlow's with {@code num_updates}, so that
 *     the first weights are soon forgotten
 * @param byEpochs whether weights are taken after epochs, else after updates
 * @param from the first update, counted from 1, or the first epoch, counted from 0, whose weights count
 * @param every so many updates or epochs weights are taken
 * @param recomputesStatistics whether running statistics are those of the averaged weights
 */
public record WeightAverage(
        boolean exponential,
        double decay,
        boolean warmUp,
        boolean byEpochs,
        long from,
        long every,
        boolean recomputesStatistics) {
    private static final double WARM_UP = 10;

    public WeightAverage {
        if (exponential && !(decay > 0 && decay < 1)) {
            throw new IllegalArgumentException("decay: expected 0 < decay < 1, got " + decay);
        }
        if (from < 0) {
            throw new IllegalArgumentException("from: expected at least 0, got " + from);
        }
        if (every < 1) {
            throw new IllegalArgumentException("every: expected at least 1, got " + every);
        }
    }

    /** An exponential average over all updates; 0.999 and 0.9999 are usual decays. */
    public static WeightAverage exponential(double decay) {
        return new WeightAverage(true, decay, false, false, 1, 1, false);
    }

    /**
     * Stochastic weight averaging: the mean of the weights after epochs, best with a learning rate that stays large.
     *
     * @param fromEpoch the first epoch that counts, from 0; PyTorch's {@code swa_start}
     */
    public static WeightAverage stochastic(int fromEpoch) {
        return new WeightAverage(false, 0, false, true, fromEpoch, 1, false);
    }

    /** The same with a decay that grows to its value. */
    public WeightAverage withWarmUp() {
        return new WeightAverage(exponential, decay, true, byEpochs, from, every, recomputesStatistics);
    }

    /** The same of the weights after every so many updates, beginning with that of a number. */
    public WeightAverage ofUpdates(long firstUpdate, int period) {
        return new WeightAverage(
                exponential,
                decay,
                warmUp,
                false,
                firstUpdate,
                Arguments.requireAtLeast("period", 1, period),
                recomputesStatistics);
    }

    /** The same of the weights after every so many epochs, beginning with that of a number. */
    public WeightAverage ofEpochs(int firstEpoch, int period) {
        return new WeightAverage(
                exponential,
                decay,
                warmUp,
                true,
                firstEpoch,
                Arguments.requireAtLeast("period", 1, period),
                recomputesStatistics);
    }

    /**
     * The same, with running statistics of batch normalisation that are those of the averaged weights: {@link BatchStatistics#recompute} on
     * the training data, before each validation by an average that has changed and when training ends. It costs a pass over that data,
     * without a way back, each time.
     */
    public WeightAverage withBatchStatistics() {
        return new WeightAverage(exponential, decay, warmUp, byEpochs, from, every, true);
    }

    /** Whether the weights after an update or epoch count. */
    boolean takes(long number) {
        return number >= from && (number - from) % every == 0;
    }

    /**
     * What the average before counts.
     *
     * @param averaged how many weights it is of, at least 1
     */
    double share(long averaged) {
        if (!exponential) {
            return averaged / (averaged + 1.0);
        }
        return warmUp ? Math.min(decay, (1 + averaged) / (WARM_UP + averaged)) : decay;
    }

    /** For checkpoints: equal where averages are. */
    String description() {
        return String.format(
                Locale.ROOT,
                "%s from %s %d, every %d%s",
                exponential ? "exponential(" + decay + (warmUp ? ", warm-up)" : ")") : "stochastic",
                byEpochs ? "epoch" : "update",
                from,
                every,
                recomputesStatistics ? ", batch statistics anew" : "");
    }
}
