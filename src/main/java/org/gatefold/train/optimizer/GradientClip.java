package org.gatefold.train.optimizer;

/**
 * How gradients are limited before an update.
 *
 * @param maxNorm scales all gradients together so that their Euclidean norm is at most this; infinity for no limit
 * @param maxValue limits every single gradient to {@code -maxValue..maxValue}, before the norm is taken; infinity for no
 *     limit
 */
public record GradientClip(float maxNorm, float maxValue) {
    public static final GradientClip NONE = new GradientClip(Float.POSITIVE_INFINITY, Float.POSITIVE_INFINITY);

    public GradientClip {
        if (!(maxNorm > 0f)) {
            throw new IllegalArgumentException("maxNorm: expected a value > 0, got " + maxNorm);
        }
        if (!(maxValue > 0f)) {
            throw new IllegalArgumentException("maxValue: expected a value > 0, got " + maxValue);
        }
    }

    public static GradientClip byNorm(float maxNorm) {
        return new GradientClip(maxNorm, Float.POSITIVE_INFINITY);
    }

    public static GradientClip byValue(float maxValue) {
        return new GradientClip(Float.POSITIVE_INFINITY, maxValue);
    }

    public boolean limitsValues() {
        return maxValue < Float.POSITIVE_INFINITY;
    }
}
