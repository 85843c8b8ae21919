package org.gatefold.recipe.field.distribution;

import java.util.Arrays;
import org.gatefold.recipe.field.series.Deviations;
import org.gatefold.train.loss.Loss;

/** What a network puts out for each number that it forecasts. Implementations are immutable and thread-safe. */
public sealed interface Head {
    /** How many outputs there are for a number. */
    int parts();

    /** What they cost. */
    Loss loss();

    /** The middle of what outputs say: that which half is below. */
    double middle(double... parts);

    /**
     * What a share is below.
     *
     * @param share above 0 and below 1, one of those that are known
     */
    double quantile(double share, double... parts);

    /** Outputs that say a number, to which those of a network are added that say what is left over. */
    float[] around(float number);

    /**
     * Outputs for what is left over, of which less is taken, added to those of a number: the middle moves by the share, what lies round it
     * stays as wide.
     */
    float[] joined(float number, double share, float... rest);

    /**
     * Quantiles, learnt by the pinball loss (Koenker and Bassett 1978). Those that cross are put in order.
     *
     * @param levels rising, above 0 and below 1
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Quantiles(double... levels) implements Head {
        @Override
        public int parts() {
            return levels.length;
        }

        @Override
        public Loss loss() {
            float[] floats = new float[levels.length];
            for (int i = 0; i < floats.length; i++) {
                floats[i] = (float) levels[i];
            }
            return Loss.quantiles(floats);
        }

        /** Between the two that are nearest, or the one that is nearest. */
        @Override
        public double middle(double... parts) {
            return between(0.5, parts);
        }

        private double between(double share, double... parts) {
            double[] sorted = parts.clone();
            Arrays.sort(sorted);
            int above = 0;
            while (above < levels.length && levels[above] < share) {
                above++;
            }
            if (above == levels.length || above == 0) {
                return sorted[Math.min(above, levels.length - 1)];
            }
            double part = (share - levels[above - 1]) / (levels[above] - levels[above - 1]);
            return sorted[above - 1] * (1 - part) + sorted[above] * part;
        }

        @Override
        public double quantile(double share, double... parts) {
            return between(share, parts);
        }

        @Override
        public float[] around(float number) {
            float[] all = new float[levels.length];
            Arrays.fill(all, number);
            return all;
        }

        @Override
        public float[] joined(float number, double share, float... rest) {
            double[] parts = new double[rest.length];
            Arrays.setAll(parts, i -> rest[i]);
            double moved = number - (1 - share) * middle(parts);
            float[] all = new float[rest.length];
            for (int i = 0; i < all.length; i++) {
                all[i] = (float) (moved + rest[i]);
            }
            return all;
        }
    }

    /** A location and, by its logarithm, a spread. */
    sealed interface Located extends Head {
        @Override
        default int parts() {
            return 2;
        }

        @Override
        default double middle(double... parts) {
            return parts[0];
        }

        /** What half of the share that is not in the middle is above, in spreads. */
        double deviations(double within);

        /** The spread of which outputs tell the logarithm. */
        double spread(double logarithm);

        @Override
        default double quantile(double share, double... parts) {
            double side = Math.signum(share - 0.5);
            return parts[0] + (side == 0 ? 0 : side * deviations(Math.abs(2 * share - 1)) * spread(parts[1]));
        }

        @Override
        default float[] around(float number) {
            return new float[] {number, 0};
        }

        @Override
        default float[] joined(float number, double share, float... rest) {
            return new float[] {(float) (number + share * rest[0]), rest[1]};
        }
    }

    /** A normal distribution: its mean, and the logarithm of its variance. */
    record Gaussian() implements Located {
        @Override
        public Loss loss() {
            return Loss.gaussianNll();
        }

        @Override
        public double deviations(double within) {
            return Deviations.normal(within);
        }

        @Override
        public double spread(double logarithm) {
            return Math.exp(logarithm / 2);
        }
    }

    /**
     * Student's t: its location, and the logarithm of its scale.
     *
     * @param freedom degrees of freedom, at least 1
     */
    record StudentT(int freedom) implements Located {
        @Override
        public Loss loss() {
            return Loss.studentTNll(freedom);
        }

        @Override
        public double deviations(double within) {
            return Deviations.student(within, freedom);
        }

        @Override
        public double spread(double logarithm) {
            return Math.exp(logarithm);
        }
    }
}
