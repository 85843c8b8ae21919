package org.gatefold.recipe.baseline.series;

/** Linear least squares in double precision by Householder reflections. Stateless. */
final class LeastSquares {
    /** A column of which less than this share is left, once those before it are taken away, depends on them. */
    private static final double DEPENDENT = 1e-12;

    private LeastSquares() {}

    /**
     * Minimises {@code |sum_j x_j columns_j - right|}. A column that depends on those before it gets weight 0. Overwrites its arguments.
     *
     * @param columns {@code [unknown][equation]}
     * @param right {@code [equation]}
     * @return {@code x}
     */
    static double[] solve(double[][] columns, double[] right) {
        int unknowns = columns.length;
        int rows = right.length;
        double[] diagonal = new double[unknowns];
        boolean[] dependent = new boolean[unknowns];
        int pivot = 0;
        int[] pivots = new int[unknowns];
        for (int j = 0; j < unknowns; j++) {
            double[] column = columns[j];
            double whole = norm(column, 0);
            double rest = norm(column, pivot);
            if (pivot >= rows || rest <= DEPENDENT * whole || rest == 0) {
                dependent[j] = true;
                continue;
            }
            diagonal[j] = column[pivot] > 0 ? -rest : rest;
            column[pivot] -= diagonal[j];
            double squares = norm(column, pivot);
            squares *= squares;
            for (int k = j + 1; k < unknowns; k++) {
                reflect(column, squares, pivot, columns[k]);
            }
            reflect(column, squares, pivot, right);
            pivots[j] = pivot++;
        }
        double[] solution = new double[unknowns];
        for (int j = unknowns - 1; j >= 0; j--) {
            if (dependent[j]) {
                continue;
            }
            double value = right[pivots[j]];
            for (int k = j + 1; k < unknowns; k++) {
                value -= columns[k][pivots[j]] * solution[k];
            }
            solution[j] = value / diagonal[j];
        }
        return solution;
    }

    private static double norm(double[] column, int from) {
        double squares = 0;
        for (int i = from; i < column.length; i++) {
            squares += column[i] * column[i];
        }
        return Math.sqrt(squares);
    }

    private static void reflect(double[] normal, double squares, int from, double[] column) {
        double product = 0;
        for (int i = from; i < column.length; i++) {
            product += normal[i] * column[i];
        }
        double factor = 2 * product / squares;
        for (int i = from; i < column.length; i++) {
            column[i] -= factor * normal[i];
        }
    }
}
