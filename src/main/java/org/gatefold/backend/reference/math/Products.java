package org.gatefold.backend.reference.math;

/** Matrix products in double precision, in an order of summation that does not depend on the number of rows. */
public final class Products {
    private Products() {}

    /** As the other, of matrices that stand one after the other in their arrays; a by its strides. */
    public static void multiplyAdd(
            int m, int n, int k, double[] a, int rowStride, int columnStride, double[] b, double[] c) {
        multiplyAdd(m, n, k, new Matrix(a, 0, rowStride, columnStride), Matrix.rows(b, n), Matrix.rows(c, n));
    }

    /**
     * {@code c += a b}, row by row; four products are added to an element at a time, so that the inner loop runs along
     * contiguous rows of b and c.
     *
     * @param left a, m x k
     * @param right b, k x n, with a column stride of 1
     * @param sums c, m x n, with a column stride of 1, accumulated
     */
    public static void multiplyAdd(int m, int n, int k, Matrix left, Matrix right, Matrix sums) {
        double[] a = left.values;
        double[] b = right.values;
        double[] c = sums.values;
        int columnStride = left.columnStride;
        int down = right.rowStride;
        for (int i = 0; i < m; i++) {
            int row = left.at + i * left.rowStride;
            int to = sums.at + i * sums.rowStride;
            int p = 0;
            for (; p + 4 <= k; p += 4) {
                int at = row + p * columnStride;
                double a0 = a[at];
                double a1 = a[at + columnStride];
                double a2 = a[at + 2 * columnStride];
                double a3 = a[at + 3 * columnStride];
                int b0 = right.at + p * down;
                int b1 = b0 + down;
                int b2 = b1 + down;
                int b3 = b2 + down;
                for (int j = 0; j < n; j++) {
                    c[to + j] += a0 * b[b0 + j] + a1 * b[b1 + j] + a2 * b[b2 + j] + a3 * b[b3 + j];
                }
            }
            for (; p < k; p++) {
                double a0 = a[row + p * columnStride];
                int b0 = right.at + p * down;
                for (int j = 0; j < n; j++) {
                    c[to + j] += a0 * b[b0 + j];
                }
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
