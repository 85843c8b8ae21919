package org.gatefold.backend.reference.math;

/** A matrix within an array, which it shares. Immutable but for the array. */
public final class Matrix {
    final double[] values;
    final int at;
    final int rowStride;
    final int columnStride;

    /**
     * @param at where element (0, 0) stands
     * @param rowStride from a row to the next
     * @param columnStride from a column to the next
     */
    Matrix(double[] values, int at, int rowStride, int columnStride) {
        this.values = values;
        this.at = at;
        this.rowStride = rowStride;
        this.columnStride = columnStride;
    }

    /** Rows one after the other, from the array's start. */
    public static Matrix rows(double[] values, int columns) {
        return new Matrix(values, 0, columns, 1);
    }

    /** The same rows from a column on. */
    public Matrix fromColumn(int column) {
        return new Matrix(values, at + column * columnStride, rowStride, columnStride);
    }

    /** The same columns from a row on. */
    public Matrix fromRow(int row) {
        return new Matrix(values, at + row * rowStride, rowStride, columnStride);
    }

    /** Rows and columns change places. */
    public Matrix transposed() {
        return new Matrix(values, at, columnStride, rowStride);
    }
}
