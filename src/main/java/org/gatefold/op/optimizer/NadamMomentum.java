package org.gatefold.op.optimizer;

/**
 * The factors of {@link UpdateRule.NAdam} that change from update to update, of which one is a product over all updates so
 * far. The same bits whether updates were counted one by one or training goes on from a checkpoint. One thread at a time.
 */
public final class NadamMomentum {
    private static final double BASE = 0.96;

    private final UpdateRule.NAdam rule;
    private long counted;
    private double product = 1;

    public NadamMomentum(UpdateRule.NAdam rule) {
        this.rule = rule;
    }

    /** Goes to an update, counted from 1; fastest where it is the next one. */
    public void at(long step) {
        if (step < counted) {
            counted = 0;
            product = 1;
        }
        // Once the product has vanished, it stays so.
        while (counted < step && product > 0) {
            product *= coefficient(++counted);
        }
        counted = step;
    }

    private double coefficient(long step) {
        return rule.beta1() * (1 - 0.5 * Math.pow(BASE, step * (double) rule.momentumDecay()));
    }

    /** What m is multiplied with. */
    public double ofMean() {
        double next = coefficient(counted + 1);
        return next / (1 - product * next);
    }

    /** What the gradient is multiplied with. */
    public double ofGradient() {
        return (1 - coefficient(counted)) / (1 - product);
    }
}
