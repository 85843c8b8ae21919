package org.gatefold.layer.cell;

import java.util.Arrays;

/** What cells with four gates have in common. Stateless. */
final class Gates {
    private Gates() {}

    /** Biases of four gates, zero but for one gate's, which are one (Jozefowicz et al. 2015, of a forget gate). */
    static float[] biases(int units, int gate) {
        float[] values = new float[4 * units];
        Arrays.fill(values, gate * units, (gate + 1) * units, 1f);
        return values;
    }
}
