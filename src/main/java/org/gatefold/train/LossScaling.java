package org.gatefold.train;

/**
 * By what the loss is multiplied before the backward pass, so that gradients too small for binary16 are not lost; they are
 * divided by it again before they are clipped and used (Micikevicius et al. 2018, Mixed Precision Training). Definitions
 * and default values are those of PyTorch's GradScaler.
 *
 * @param initialScale the first scale, above 0
 * @param growthFactor multiplies the scale after {@code growthInterval} updates in a row, at least 1
 * @param backoffFactor multiplies the scale when a gradient is not finite, in which case the update is skipped, above 0 and
 *     at most 1; 1 for no skipping: training then ends with a {@link NotFiniteException}
 * @param growthInterval updates in a row after which the scale grows, at least 1
 */
public record LossScaling(float initialScale, float growthFactor, float backoffFactor, int growthInterval) {
    private static final LossScaling NONE = fixed(1f);

    public LossScaling {
        requirePositive("initialScale", initialScale);
        requirePositive("growthFactor", growthFactor);
        requirePositive("backoffFactor", backoffFactor);
        if (growthFactor < 1f) {
            throw new IllegalArgumentException("growthFactor: expected at least 1, got " + growthFactor);
        }
        if (backoffFactor > 1f) {
            throw new IllegalArgumentException("backoffFactor: expected at most 1, got " + backoffFactor);
        }
        if (growthInterval < 1) {
            throw new IllegalArgumentException("growthInterval: expected at least 1, got " + growthInterval);
        }
    }

    /** Begins with 65536, doubles after 2000 updates in a row, halves when a gradient is not finite. */
    public static LossScaling dynamic() {
        return new LossScaling(65536f, 2f, 0.5f, 2000);
    }

    /** Always the same scale; a power of two changes nothing but the range. */
    public static LossScaling fixed(float scale) {
        return new LossScaling(scale, 1f, 1f, Integer.MAX_VALUE);
    }

    /** The loss as it is. */
    public static LossScaling none() {
        return NONE;
    }

    /** True if updates with gradients that are not finite are skipped and the scale backs off. */
    public boolean backsOff() {
        return backoffFactor < 1f;
    }

    private static void requirePositive(String name, float value) {
        if (!(value > 0f) || Float.isInfinite(value)) {
            throw new IllegalArgumentException(name + ": expected a finite value > 0, got " + value);
        }
    }
}
