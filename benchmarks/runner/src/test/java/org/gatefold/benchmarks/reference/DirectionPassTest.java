package org.gatefold.benchmarks.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.gatefold.benchmarks.contract.Cell;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The reference's gradients against central differences: whoever checks others must be right. */
class DirectionPassTest {
    private static final int STEPS = 4;
    private static final int BATCH = 3;
    private static final int IN = 5;
    private static final int HIDDEN = 6;
    private static final double STEP = 1e-5;

    private final SplittableRandom random = new SplittableRandom(7);
    private final double[] wx = uniform(4 * HIDDEN * IN);
    private final double[] wh = uniform(4 * HIDDEN * HIDDEN);
    private final double[] bias = uniform(4 * HIDDEN);
    private final double[] x = uniform(STEPS * BATCH * IN);
    private final double[] h0 = uniform(BATCH * HIDDEN);
    private final double[] c0 = uniform(BATCH * HIDDEN);
    private final double[] dy = uniform(STEPS * BATCH * HIDDEN);

    private double[] uniform(int length) {
        return random.doubles(length, -1, 1).toArray();
    }

    private DirectionPass pass(Cell cell, boolean reverse) {
        DirectionPass.Size size = new DirectionPass.Size(STEPS, BATCH, IN, HIDDEN, reverse);
        // Of four blocks of rows a GRU takes three.
        int rows = cell.gates() * HIDDEN;
        return DirectionPass.of(cell, size, Arrays.copyOf(wx, rows * IN), Arrays.copyOf(wh, rows * HIDDEN), bias);
    }

    private double objective(Cell cell, boolean reverse) {
        DirectionPass pass = pass(cell, reverse);
        pass.forward(x, h0, c0);
        double[] y = new double[dy.length];
        pass.copyOutput(y, HIDDEN, 0);
        double sum = 0;
        for (int i = 0; i < y.length; i++) {
            sum += y[i] * dy[i];
        }
        return sum;
    }

    @ParameterizedTest
    @CsvSource({"LSTM, false", "LSTM, true", "GRU, false", "GRU, true"})
    void gradientsEqualCentralDifferences(Cell cell, boolean reverse) {
        DirectionPass pass = pass(cell, reverse);
        pass.forward(x, h0, c0);
        double[] dx = new double[x.length];
        double[] dWx = new double[cell.gates() * HIDDEN * IN];
        double[] dWh = new double[cell.gates() * HIDDEN * HIDDEN];
        double[] db = new double[bias.length];
        pass.backward(dy, HIDDEN, 0, dx, dWx, dWh, db);
        requireDifferences(x, dx, cell, reverse);
        requireDifferences(wx, dWx, cell, reverse);
        requireDifferences(wh, dWh, cell, reverse);
        requireDifferences(bias, db, cell, reverse);
    }

    private void requireDifferences(double[] values, double[] gradient, Cell cell, boolean reverse) {
        for (int i = 0; i < gradient.length; i++) {
            double value = values[i];
            values[i] = value + STEP;
            double above = objective(cell, reverse);
            values[i] = value - STEP;
            double below = objective(cell, reverse);
            values[i] = value;
            assertEquals((above - below) / (2 * STEP), gradient[i], 1e-8);
        }
    }

    /** One unit and one step, worked out by hand from the equations. */
    @Test
    void oneStepFollowsTheEquations() {
        DirectionPass pass = DirectionPass.of(
                Cell.LSTM,
                new DirectionPass.Size(1, 1, 1, 1, false),
                new double[] {0.1, 0.2, 0.3, 0.4},
                new double[] {0.5, 0.6, 0.7, 0.8},
                new double[] {0.01, 0.02, 0.03, 0.04});
        pass.forward(new double[] {2}, new double[] {-1}, new double[] {3});
        double i = 1 / (1 + Math.exp(-(0.1 * 2 - 0.5 + 0.01)));
        double f = 1 / (1 + Math.exp(-(0.2 * 2 - 0.6 + 0.02)));
        double g = Math.tanh(0.3 * 2 - 0.7 + 0.03);
        double o = 1 / (1 + Math.exp(-(0.4 * 2 - 0.8 + 0.04)));
        double[] hn = new double[1];
        double[] cn = new double[1];
        pass.copyFinalState(hn, cn, 0);
        assertEquals(f * 3 + i * g, cn[0], 1e-15);
        assertEquals(o * Math.tanh(cn[0]), hn[0], 1e-15);
    }

    @Test
    void oneStepOfAGruFollowsTheEquations() {
        DirectionPass pass = DirectionPass.of(
                Cell.GRU,
                new DirectionPass.Size(1, 1, 1, 1, false),
                new double[] {0.1, 0.2, 0.3},
                new double[] {0.5, 0.6, 0.7},
                new double[] {0.01, 0.02, 0.03, 0.04});
        pass.forward(new double[] {2}, new double[] {-1}, new double[] {0});
        double r = 1 / (1 + Math.exp(-(0.1 * 2 - 0.5 + 0.01)));
        double z = 1 / (1 + Math.exp(-(0.2 * 2 - 0.6 + 0.02)));
        double n = Math.tanh(0.3 * 2 + 0.03 + r * (-0.7 + 0.04));
        double[] hn = new double[1];
        pass.copyFinalState(hn, new double[1], 0);
        assertEquals((1 - z) * n - z, hn[0], 1e-15);
    }
}
