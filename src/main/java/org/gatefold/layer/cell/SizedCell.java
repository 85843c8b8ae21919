package org.gatefold.layer.cell;

import java.util.Map;
import org.gatefold.layer.Options;
import org.gatefold.layer.StepMemory;
import org.gatefold.op.Arguments;

/** A cell of this package, which has a number of units and is described by its simple name. */
abstract class SizedCell extends CellFunction {
    private final int units;

    SizedCell(int units) {
        this.units = Arguments.requireAtLeast("units", 1, units);
    }

    final int units() {
        return units;
    }

    /**
     * Reports what gradients take that have several contributions, beyond the first of each, which is the gradient itself.
     *
     * @param gates parts of H numbers that a step reads of what was prepared: a contribution in every step but one
     * @param each contributions of H numbers a row, in every step
     * @param later those to states that the step before set
     */
    static void accountContributions(StepMemory memory, int steps, long values, int gates, int each, int later) {
        for (int t = 0; t < steps; t++) {
            int count = t == 0 ? each : each + later;
            for (int i = 0; i < count; i++) {
                memory.tensor(values);
            }
            if (t > 0) {
                memory.tensor(gates * values);
            }
        }
    }

    @Override
    public final String type() {
        return getClass().getSimpleName();
    }

    @Override
    protected Map<String, Object> options() {
        return Options.written("units", units);
    }
}
