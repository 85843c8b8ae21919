package org.gatefold.benchmarks.reference;

import java.util.stream.IntStream;

/** Dense row-major products in double precision on all cores. Stateless. */
final class Matrices {
    private static final int ROWS_PER_TASK = 8;

    /** Columns of one pass over the summands, so that they stay in the first-level cache. */
    private static final int COLUMNS = 512;

    private Matrices() {}

    /**
     * {@code c += a b}.
     *
     * @param a {@code [m, k]} from {@code aOffset}, read
     * @param b {@code [k, n]}, read
     * @param c {@code [m, n]} from {@code cOffset}, accumulated
     */
    static void multiplyAdd(double[] a, int aOffset, double[] b, double[] c, int cOffset, int m, int k, int n) {
        int tasks = (m + ROWS_PER_TASK - 1) / ROWS_PER_TASK;
        IntStream.range(0, tasks).parallel().forEach(task -> {
            int end = Math.min(m, (task + 1) * ROWS_PER_TASK);
            for (int column = 0; column < n; column += COLUMNS) {
                int width = Math.min(COLUMNS, n - column);
                for (int p = 0; p < k; p += 4) {
                    for (int row = task * ROWS_PER_TASK; row < end; row++) {
                        int left = aOffset + row * k + p;
                        int sum = cOffset + row * n + column;
                        int right = p * n + column;
                        if (p + 4 <= k) {
                            addFour(a, left, b, right, n, c, sum, width);
                        } else {
                            for (int i = 0; i < k - p; i++) {
                                addOne(a[left + i], b, right + i * n, c, sum, width);
                            }
                        }
                    }
                }
            }
        });
    }

    private static void addFour(double[] a, int left, double[] b, int right, int n, double[] c, int sum, int width) {
        double a0 = a[left];
        double a1 = a[left + 1];
        double a2 = a[left + 2];
        double a3 = a[left + 3];
        int row1 = right + n;
        int row2 = row1 + n;
        int row3 = row2 + n;
        for (int j = 0; j < width; j++) {
            c[sum + j] += a0 * b[right + j] + a1 * b[row1 + j] + a2 * b[row2 + j] + a3 * b[row3 + j];
        }
    }

    private static void addOne(double factor, double[] b, int right, double[] c, int sum, int width) {
        for (int j = 0; j < width; j++) {
            c[sum + j] += factor * b[right + j];
        }
    }

    /** The transpose {@code [columns, rows]} of {@code a [rows, columns]}. */
    static double[] transposed(double[] a, int rows, int columns) {
        double[] result = new double[a.length];
        IntStream.range(0, rows).parallel().forEach(row -> {
            for (int column = 0; column < columns; column++) {
                result[column * rows + row] = a[row * columns + column];
            }
        });
        return result;
    }

    static double[] doubles(float[] values) {
        double[] result = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i] = values[i];
        }
        return result;
    }

    static float[] floats(double[] values) {
        float[] result = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i] = (float) values[i];
        }
        return result;
    }
}
