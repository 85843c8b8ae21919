package org.gatefold.layer.cell;

import java.util.LinkedHashMap;
import java.util.Map;
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

    @Override
    public final String type() {
        return getClass().getSimpleName();
    }

    @Override
    protected Map<String, Object> options() {
        Map<String, Object> options = new LinkedHashMap<>();
        options.put("units", units);
        return options;
    }
}
