package org.gatefold.recipe.field.series;

import java.util.function.DoubleUnaryOperator;

/** How many deviations to either side of their middle hold a share of what distributions give. Stateless. */
public final class Deviations {
    private static final int PANELS = 20_000;

    private Deviations() {}

    /** Of the normal distribution: by {@code x = tan θ}, of density {@code exp(-x²/2) / cos² θ}. */
    public static double normal(double share) {
        return Math.tan(angle(share, angle -> {
            double x = Math.tan(angle);
            return Math.exp(-x * x / 2) * (1 + x * x);
        }));
    }

    /**
     * Of Student's t: by {@code t = √n tan θ}, of density {@code cosⁿ⁻¹ θ}.
     *
     * @param freedom degrees of freedom n, at least 1
     */
    public static double student(double share, int freedom) {
        return Math.sqrt(freedom) * Math.tan(angle(share, angle -> Math.pow(Math.cos(angle), freedom - 1.0)));
    }

    /** The angle up to which a density from 0 to a quarter turn has a share of its whole. */
    private static double angle(double share, DoubleUnaryOperator density) {
        double step = Math.PI / 2 / PANELS;
        double[] until = new double[PANELS + 1];
        for (int i = 0; i < PANELS; i++) {
            until[i + 1] = until[i] + density.applyAsDouble((i + 0.5) * step);
        }
        double wanted = share * until[PANELS];
        int panel = 0;
        while (until[panel + 1] < wanted) {
            panel++;
        }
        return step * (panel + (wanted - until[panel]) / (until[panel + 1] - until[panel]));
    }
}
