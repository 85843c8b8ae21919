package org.gatefold.backend.reference.math;

/** Matrix products in double precision, in an order of summation that does not depend on the number of rows. */
public final class Products {
    private Products() {}

    /**
     * {@code c += a b} as the other, of matrices that stand one after the other in their arrays.
     *
     * @param a m x k, element (i, p) at {@code a[i * rowStride + p * columnStride]}
     * @param b k x n, row-major
     * @param c m x n, row-major, accumulated
     */
    public static void multiplyAdd(
            int m, int n, int k, double[] a, int rowStride, int columnStride, double[] b, double[] c) {
        for (int i = 0; i < m; i++) {
            addRow(n, k, a, i * rowStride, columnStride, b, 0, n, c, i * n);
        }
    }

    /**
     * {@code c += a b}, row by row.
     *
     * @param a m x k
     * @param b k x n, with a column stride of 1
     * @param c m x n, with a column stride of 1, accumulated
     */
    public static void multiplyAdd(int m, int n, int k, Matrix a, Matrix b, Matrix c) {
        for (int i = 0; i < m; i++) {
            addRow(
                    n,
                    k,
                    a.values,
                    a.at + i * a.rowStride,
                    a.columnStride,
                    b.values,
                    b.at,
                    b.rowStride,
                    c.values,
                    c.at + i * c.rowStride);
        }
    }

    /**
     * One row of c; four products are added to an element at a time, so that the inner loop runs along contiguous rows of b and
     * c.
     */
    private static void addRow(
            int n, int k, double[] a, int row, int columnStride, double[] b, int top, int down, double[] c, int to) {
        int p = 0;
        for (; p + 4 <= k; p += 4) {
            int at = row + p * columnStride;
            double a0 = a[at];
            double a1 = a[at + columnStride];
            double a2 = a[at + 2 * columnStride];
            double a3 = a[at + 3 * columnStride];
            int b0 = top + p * down;
            int b1 = b0 + down;
            int b2 = b1 + down;
            int b3 = b2 + down;
            for (int j = 0; j < n; j++) {
                c[to + j] += a0 * b[b0 + j] + a1 * b[b1 + j] + a2 * b[b2 + j] + a3 * b[b3 + j];
            }
        }
        for (; p < k; p++) {
            double a0 = a[row + p * columnStride];
            int b0 = top + p * down;
            for (int j = 0; j < n; j++) {
                c[to + j] += a0 * b[b0 + j];
            }
        }
    }

    /** The transpose of a row-major matrix of {@code rows} rows. */
    public static double[] transpose(double[] matrix, int rows) {
        int columns = matrix.length / rows;
        double[] result = new double[matrix.length];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                result[j * rows + i] = matrix[i * columns + j];
            }
        }
        return result;
    }
}
