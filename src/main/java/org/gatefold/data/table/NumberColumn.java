package org.gatefold.data.table;

import java.util.Arrays;

/** Numbers that were computed. Immutable as long as nobody writes its array. */
final class NumberColumn implements TableColumn {
    private final double[] values;

    NumberColumn(double... values) {
        this.values = values;
    }

    double[] values() {
        return values;
    }

    @Override
    public int rows() {
        return values.length;
    }

    @Override
    public String text(int row) {
        double value = values[row];
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }

    @Override
    public NumberColumn rows(int... rows) {
        return new NumberColumn(
                Arrays.stream(rows).mapToDouble(row -> values[row]).toArray());
    }
}
