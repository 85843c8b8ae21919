package org.gatefold.benchmarks.models.architecture;

/**
 * A model and how it is trained on both sides: by Adam, gradients clipped to a norm of {@value #MAX_NORM}, without dropout. Immutable.
 *
 * @param batch rows of an update
 * @param smoothing of labels
 * @param rate of learning
 */
public record WholeModel(String title, int batch, Architecture architecture, double smoothing, double rate) {
    public static final float MAX_NORM = 1;

    /** Updates of an epoch, which a turn consists of. */
    public static final int UPDATES = 12;

    WholeModel(String title, int batch, double rate, Architecture architecture) {
        this(title, batch, architecture, 0, rate);
    }

    /** The rows of an epoch. */
    public Examples examples() {
        return architecture.examples(UPDATES * batch);
    }

    /** Floating-point operations of the products that an update needs. */
    public double flops() {
        return 2 * batch * architecture.products();
    }
}
