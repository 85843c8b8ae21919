package org.gatefold.op.loss;

import java.util.Locale;
import org.gatefold.op.Arguments;

/**
 * A loss l of each target t by itself, given the numbers that are predicted for it: usually one, x. Those of one target stand
 * side by side: where there are P of a target, the i-th of target f is in column {@code f*P + i}. Immutable.
 *
 * @param kind the function
 * @param first a constant of the function
 * @param second another constant of the function
 */
public record PointwiseLoss(Kind kind, double first, double second) {
    /** The functions; σ is the logistic one. */
    public enum Kind {
        /** {@code (x-t)²}. */
        MSE(0, 1),
        /** {@code |x-t|}. */
        MAE(1, 1),
        /** {@code d²/2} for {@code |d| <= delta}, else {@code delta * (|d| - delta/2)}, of d = x-t (Huber 1964; PyTorch HuberLoss). */
        HUBER(2, 1),
        /** {@code log cosh(x-t)} (Keras LogCosh). */
        LOG_COSH(3, 1),
        /**
         * {@code -w t log σ(x) - (1-t) log(1-σ(x))}, x being a logit and w the weight of positive targets, which the table holds
         * for each column (PyTorch BCEWithLogitsLoss).
         */
        BINARY_CROSS_ENTROPY(4, 1),
        /**
         * {@code -alpha t (1-p)^gamma log p - (1-alpha) (1-t) p^gamma log(1-p)}, p = σ(x) (Lin 2017; torchvision
         * sigmoid_focal_loss).
         */
        FOCAL(5, 1),
        /** {@code max(0, 1 - y x)}, y being 1 for targets above 0, else -1 (Keras Hinge). */
        HINGE(6, 1),
        /** The square of HINGE (Keras SquaredHinge). */
        SQUARED_HINGE(7, 1),
        /** {@code max(q (t-x), (q-1) (t-x))} for each quantile q of the table, of a prediction each (Koenker 1978). */
        QUANTILE(8, 0),
        /** {@code (s + (t-m)² exp(-s) + log 2π) / 2} of a mean m and the logarithm s of a variance. */
        GAUSSIAN_NLL(9, 2),
        /**
         * The negative logarithm of Student's density with {@code nu} degrees of freedom, of a location m and the logarithm s of a
         * scale: {@code s + (nu+1)/2 log(1 + z²/nu) - log Γ((nu+1)/2) + log Γ(nu/2) + log(nu π)/2}, {@code z = (t-m) exp(-s)}.
         */
        STUDENT_T_NLL(10, 2),
        /**
         * {@code t (log t - x)}, 0 where t is 0, x being the logarithm of a probability; summed over the columns of a row (PyTorch
         * KLDivLoss with reduction "batchmean").
         */
        KL_DIVERGENCE(11, 1);

        private final int code;
        private final int parts;

        Kind(int code, int parts) {
            this.code = code;
            this.parts = parts;
        }

        /** The number by which kernels know it. */
        public int code() {
            return code;
        }
    }

    public PointwiseLoss {
        Arguments.requireGiven("kind", kind);
    }

    private static PointwiseLoss of(Kind kind) {
        return new PointwiseLoss(kind, 0, 0);
    }

    public static PointwiseLoss mse() {
        return of(Kind.MSE);
    }

    public static PointwiseLoss mae() {
        return of(Kind.MAE);
    }

    /** @param delta where it turns linear, greater than 0 */
    public static PointwiseLoss huber(float delta) {
        return new PointwiseLoss(Kind.HUBER, Arguments.requirePositive("delta", delta), 0);
    }

    public static PointwiseLoss logCosh() {
        return of(Kind.LOG_COSH);
    }

    public static PointwiseLoss binaryCrossEntropy() {
        return of(Kind.BINARY_CROSS_ENTROPY);
    }

    /**
     * @param gamma how much less examples count that are well classified, at least 0
     * @param alpha weight of targets 1, 0 to 1; that of targets 0 is {@code 1 - alpha}
     */
    public static PointwiseLoss focal(float gamma, float alpha) {
        if (!(alpha >= 0f && alpha <= 1f)) {
            throw new IllegalArgumentException("alpha: expected 0 <= alpha <= 1, got " + alpha);
        }
        return new PointwiseLoss(Kind.FOCAL, Arguments.requireNotNegative("gamma", gamma), alpha);
    }

    public static PointwiseLoss hinge() {
        return of(Kind.HINGE);
    }

    public static PointwiseLoss squaredHinge() {
        return of(Kind.SQUARED_HINGE);
    }

    public static PointwiseLoss quantile() {
        return of(Kind.QUANTILE);
    }

    public static PointwiseLoss gaussianNll() {
        return of(Kind.GAUSSIAN_NLL);
    }

    /** @param nu degrees of freedom, greater than 0 */
    public static PointwiseLoss studentTNll(float nu) {
        Arguments.requirePositive("nu", nu);
        double constant = logGamma(nu / 2.0) - logGamma((nu + 1.0) / 2.0) + Math.log(nu * Math.PI) / 2;
        return new PointwiseLoss(Kind.STUDENT_T_NLL, nu, constant);
    }

    public static PointwiseLoss klDivergence() {
        return of(Kind.KL_DIVERGENCE);
    }

    /** Stirling's series, for x moved up to where it is exact. */
    private static double logGamma(double x) {
        double shift = 0;
        double at = x;
        while (at < 12) {
            shift += Math.log(at);
            at++;
        }
        double inverse = 1 / (at * at);
        double series = (1.0 / 12 - inverse * (1.0 / 360 - inverse * (1.0 / 1260 - inverse / 1680))) / at;
        return (at - 0.5) * Math.log(at) - at + Math.log(2 * Math.PI) / 2 + series - shift;
    }

    /**
     * How many numbers are predicted for each target.
     *
     * @param quantiles how many there are; looked at for {@link Kind#QUANTILE} alone
     */
    public int parts(int quantiles) {
        return kind == Kind.QUANTILE ? quantiles : kind.parts;
    }

    /**
     * What the sum over a row is divided by: how many terms it has, or 1 where rows are not averaged.
     *
     * @param targets columns of the target
     * @param quantiles as in {@link #parts}
     */
    public long terms(int targets, int quantiles) {
        return switch (kind) {
            case KL_DIVERGENCE -> 1;
            case QUANTILE -> (long) targets * quantiles;
            default -> targets;
        };
    }

    /** Its name and constants, for instance {@code "huber(0.5)"}. */
    public String description() {
        String name = kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
        return switch (kind) {
            case HUBER, STUDENT_T_NLL -> name + "(" + (float) first + ")";
            case FOCAL -> name + "(" + (float) first + ", " + (float) second + ")";
            default -> name;
        };
    }
}
