package org.gatefold.train;

import java.util.Arrays;
import java.util.List;

/**
 * A factor on the learning rate as a function of how far training has come.
 *
 * <p>Schedules hold no state: what they depend on is in the {@link Moment}, so a resumed run goes on exactly. Rules by epoch
 * change between epochs; cosine and warm-up change with every update. Immutable and safe for many threads.
 */
@FunctionalInterface
public interface Schedule {
    /** The factor on the optimiser's learning rate, at least 0. */
    double factor(Moment moment);

    /**
     * Where training stands before an update.
     *
     * @param epoch epochs done so far
     * @param update updates of the current epoch done so far
     * @param updates updates in an epoch
     * @param monitored for each finished epoch the validation loss, the training loss if there is no validation, or the metric
     *     that is monitored, its sign turned if higher is better; the lowest is the best
     */
    record Moment(int epoch, int update, int updates, List<Double> monitored) {
        /** Epochs done, with the part of the current one. */
        public double position() {
            return epoch + (double) update / updates;
        }
    }

    /** Always 1. */
    static Schedule constant() {
        return new Constant();
    }

    /** Multiplies by {@code gamma} after every {@code epochs} epochs, as PyTorch's StepLR. */
    static Schedule step(int epochs, double gamma) {
        return new Step(epochs, gamma);
    }

    /** Multiplies by {@code gamma} at each of the given epochs, as PyTorch's MultiStepLR. */
    static Schedule multiStep(double gamma, int... epochs) {
        return new MultiStep(gamma, Arrays.stream(epochs).boxed().toList());
    }

    /** Multiplies by {@code gamma} after every epoch, as PyTorch's ExponentialLR. */
    static Schedule exponential(double gamma) {
        return new Exponential(gamma);
    }

    /** Falls from 1 to {@code least} along half a cosine over {@code epochs} epochs and stays there. */
    static Schedule cosine(double epochs, double least) {
        return new Cosine(epochs, 0, least);
    }

    /**
     * Cosine annealing with warm restarts (Loshchilov and Hutter 2017): the first fall takes {@code epochs} epochs, each
     * further one {@code growth} times as long as the one before.
     */
    static Schedule cosineRestarts(double epochs, double growth, double least) {
        return new Cosine(epochs, growth, least);
    }

    /**
     * {@code next} times a factor that rises linearly to 1 over the first {@code epochs} epochs, which may be a fraction:
     * update k of n makes k/n. The clock of {@code next} runs from the beginning.
     */
    static Schedule warmUp(double epochs, Schedule next) {
        return new WarmUp(epochs, next);
    }

    /**
     * Multiplies by {@code gamma} whenever the monitored loss or metric did not improve by more than {@code threshold} (relative to the
     * best) for more than {@code patience} epochs, but not below {@code least}; as PyTorch's ReduceLROnPlateau.
     */
    static Schedule onPlateau(double gamma, int patience, double threshold, double least) {
        return new OnPlateau(gamma, patience, threshold, least);
    }

    /** See {@link #onPlateau(double, int, double, double)}; PyTorch's threshold 1e-4 and no least factor. */
    static Schedule onPlateau(double gamma, int patience) {
        return new OnPlateau(gamma, patience, 1e-4, 0);
    }

    /** See {@link #constant()}. */
    record Constant() implements Schedule {
        @Override
        public double factor(Moment moment) {
            return 1;
        }
    }

    /** See {@link #step}. */
    record Step(int epochs, double gamma) implements Schedule {
        public Step {
            requireAtLeast("epochs", 1, epochs);
            requireGamma(gamma);
        }

        @Override
        public double factor(Moment moment) {
            int falls = moment.epoch() / epochs;
            return Math.pow(gamma, falls);
        }
    }

    /** See {@link #multiStep}. */
    record MultiStep(double gamma, List<Integer> epochs) implements Schedule {
        public MultiStep {
            requireGamma(gamma);
            epochs = List.copyOf(epochs);
        }

        @Override
        public double factor(Moment moment) {
            int passed = 0;
            for (int epoch : epochs) {
                passed += moment.epoch() >= epoch ? 1 : 0;
            }
            return Math.pow(gamma, passed);
        }
    }

    /** See {@link #exponential}. */
    record Exponential(double gamma) implements Schedule {
        public Exponential {
            requireGamma(gamma);
        }

        @Override
        public double factor(Moment moment) {
            return Math.pow(gamma, moment.epoch());
        }
    }

    /**
     * {@code least + (1 - least) * (1 + cos(pi * t / epochs)) / 2}; see {@link #cosine} and {@link #cosineRestarts}.
     *
     * @param growth factor on the length of each further fall, at least 1; 0 for no restarts
     */
    record Cosine(double epochs, double growth, double least) implements Schedule {
        public Cosine {
            requirePositive("epochs", epochs);
            requireFactor("least", least);
            if (growth != 0 && !(growth >= 1 && growth < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("growth: expected 0 or at least 1, got " + growth);
            }
        }

        @Override
        public double factor(Moment moment) {
            double since = moment.position();
            double length = epochs;
            while (growth != 0 && since >= length) {
                since -= length;
                length *= growth;
            }
            double part = Math.min(1, since / length);
            return least + (1 - least) * (1 + Math.cos(Math.PI * part)) / 2;
        }
    }

    /** See {@link #warmUp}. */
    record WarmUp(double epochs, Schedule next) implements Schedule {
        public WarmUp {
            requirePositive("epochs", epochs);
        }

        @Override
        public double factor(Moment moment) {
            double afterUpdate = moment.epoch() + (moment.update() + 1.0) / moment.updates();
            return Math.min(1, afterUpdate / epochs) * next.factor(moment);
        }
    }

    /** See {@link #onPlateau(double, int, double, double)}. */
    record OnPlateau(double gamma, int patience, double threshold, double least) implements Schedule {
        public OnPlateau {
            requireGamma(gamma);
            requireAtLeast("patience", 0, patience);
            requireFactor("least", least);
            if (!(threshold >= 0 && threshold < 1)) {
                throw new IllegalArgumentException("threshold: expected 0 <= threshold < 1, got " + threshold);
            }
        }

        @Override
        public double factor(Moment moment) {
            double factor = 1;
            double best = Double.POSITIVE_INFINITY;
            int bad = 0;
            for (int epoch = 0; epoch < moment.monitored().size(); epoch++) {
                double value = moment.monitored().get(epoch);
                boolean first = best == Double.POSITIVE_INFINITY;
                if (value < (first ? best : best - Math.abs(best) * threshold)) {
                    best = value;
                    bad = 0;
                } else if (++bad > patience) {
                    factor = Math.max(least, factor * gamma);
                    bad = 0;
                }
            }
            return factor;
        }
    }

    private static void requireAtLeast(String argument, int least, int actual) {
        if (actual < least) {
            throw new IllegalArgumentException(argument + ": expected at least " + least + ", got " + actual);
        }
    }

    private static void requirePositive(String argument, double actual) {
        if (!(actual > 0 && actual < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(argument + ": expected a finite value > 0, got " + actual);
        }
    }

    private static void requireGamma(double gamma) {
        if (!(gamma > 0 && gamma <= 1)) {
            throw new IllegalArgumentException("gamma: expected 0 < gamma <= 1, got " + gamma);
        }
    }

    private static void requireFactor(String argument, double actual) {
        if (!(actual >= 0 && actual <= 1)) {
            throw new IllegalArgumentException(argument + ": expected 0 to 1, got " + actual);
        }
    }
}
