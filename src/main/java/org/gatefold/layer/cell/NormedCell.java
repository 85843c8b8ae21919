package org.gatefold.layer.cell;

import java.util.Map;
import org.gatefold.op.Arguments;

/**
 * A cell that divides by deviations, to whose variances an epsilon is added.
 *
 * @param <C> the cell itself
 */
public abstract class NormedCell<C extends NormedCell<C>> extends SizedCell {
    private float epsilon = 1e-5f;

    NormedCell(int units) {
        super(units);
    }

    abstract C self();

    /** Added to variances; greater than 0. By default 1e-5. */
    public C epsilon(float value) {
        epsilon = Arguments.requirePositive("epsilon", value);
        return self();
    }

    final float epsilon() {
        return epsilon;
    }

    @Override
    protected Map<String, Object> options() {
        Map<String, Object> options = super.options();
        options.put("epsilon", epsilon);
        return options;
    }
}
