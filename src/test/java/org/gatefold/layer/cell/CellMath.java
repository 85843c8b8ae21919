package org.gatefold.layer.cell;

/** What equations of cells are made of, in double precision. Stateless. */
final class CellMath {
    private CellMath() {}

    /** Of a matrix, row by row, and a vector. */
    static double[] product(double[] w, double[] v) {
        double[] y = new double[w.length / v.length];
        for (int i = 0; i < w.length; i++) {
            y[i / v.length] += w[i] * v[i % v.length];
        }
        return y;
    }

    static double sigmoid(double v) {
        return 1 / (1 + Math.exp(-v));
    }
}
