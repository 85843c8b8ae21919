package org.gatefold.benchmarks.reference;

import static org.gatefold.benchmarks.reference.Matrices.multiplyAdd;
import static org.gatefold.benchmarks.reference.Matrices.transposed;

/**
 * One direction of one LSTM layer in double precision, straight from the equations: {@code i, f, o = σ(·), g = tanh(·), c
 * = f c' + i g, h = o tanh(c)}, gates in the order i, f, g, o. For one thread.
 */
final class DirectionPass {
    private final int steps;
    private final int batch;
    private final int in;
    private final int hidden;
    private final boolean reverse;

    /** {@code Wx [4H, in]}, {@code Wh [4H, H]}, {@code b [4H]}: the caller's arrays, which it may update in between. */
    private final double[] wx;

    private final double[] wh;
    private final double[] bias;

    /** Activated gates {@code [T, B, 4H]}; backward turns them into the gradients of their sums. */
    private double[] gates;

    /** States {@code [T + 1, B, H]} in the order of computation, the initial state first. */
    private double[] h;

    private double[] c;
    private double[] x;

    DirectionPass(int steps, int batch, int in, int hidden, boolean reverse, double[] wx, double[] wh, double[] bias) {
        this.steps = steps;
        this.batch = batch;
        this.in = in;
        this.hidden = hidden;
        this.reverse = reverse;
        this.wx = wx;
        this.wh = wh;
        this.bias = bias;
    }

    private int time(int order) {
        return reverse ? steps - 1 - order : order;
    }

    /**
     * @param input {@code [T, B, in]}, kept until backward
     * @param h0 {@code [B, H]}, read
     * @param c0 {@code [B, H]}, read
     */
    void forward(double[] input, double[] h0, double[] c0) {
        x = input;
        int state = batch * hidden;
        int step = batch * 4 * hidden;
        h = new double[(steps + 1) * state];
        c = new double[(steps + 1) * state];
        System.arraycopy(h0, 0, h, 0, state);
        System.arraycopy(c0, 0, c, 0, state);
        gates = new double[steps * step];
        for (int row = 0; row < steps * batch; row++) {
            System.arraycopy(bias, 0, gates, row * 4 * hidden, 4 * hidden);
        }
        multiplyAdd(x, 0, transposed(wx, 4 * hidden, in), gates, 0, steps * batch, in, 4 * hidden);
        double[] whTransposed = transposed(wh, 4 * hidden, hidden);
        for (int order = 0; order < steps; order++) {
            int at = time(order) * step;
            multiplyAdd(h, order * state, whTransposed, gates, at, batch, hidden, 4 * hidden);
            for (int row = 0; row < batch; row++) {
                for (int unit = 0; unit < hidden; unit++) {
                    int gate = at + row * 4 * hidden + unit;
                    int before = order * state + row * hidden + unit;
                    double i = sigmoid(gates[gate]);
                    double f = sigmoid(gates[gate + hidden]);
                    double g = Math.tanh(gates[gate + 2 * hidden]);
                    double o = sigmoid(gates[gate + 3 * hidden]);
                    gates[gate] = i;
                    gates[gate + hidden] = f;
                    gates[gate + 2 * hidden] = g;
                    gates[gate + 3 * hidden] = o;
                    c[before + state] = f * c[before] + i * g;
                    h[before + state] = o * Math.tanh(c[before + state]);
                }
            }
        }
    }

    private static double sigmoid(double value) {
        return 1 / (1 + Math.exp(-value));
    }

    /** Adds the outputs to columns {@code offset …} of {@code y [T, B, width]}. */
    void copyOutput(double[] y, int width, int offset) {
        for (int order = 0; order < steps; order++) {
            for (int row = 0; row < batch; row++) {
                System.arraycopy(
                        h,
                        ((order + 1) * batch + row) * hidden,
                        y,
                        (time(order) * batch + row) * width + offset,
                        hidden);
            }
        }
    }

    /** Copies the final states to {@code hn} and {@code cn} from {@code offset}. */
    void copyFinalState(double[] hn, double[] cn, int offset) {
        System.arraycopy(h, steps * batch * hidden, hn, offset, batch * hidden);
        System.arraycopy(c, steps * batch * hidden, cn, offset, batch * hidden);
    }

    /**
     * Uses up what forward kept.
     *
     * @param dy {@code [T, B, width]}, of which columns {@code offset … offset + H} are read
     * @param dx {@code [T, B, in]}, accumulated
     * @param dWx {@code [4H, in]}, accumulated
     * @param dWh {@code [4H, H]}, accumulated
     * @param db {@code [4H]}, accumulated
     */
    void backward(double[] dy, int width, int offset, double[] dx, double[] dWx, double[] dWh, double[] db) {
        int state = batch * hidden;
        int step = batch * 4 * hidden;
        double[] dh = new double[state];
        double[] dc = new double[state];
        double[] previousHidden = new double[steps * state];
        for (int order = steps - 1; order >= 0; order--) {
            int at = time(order) * step;
            for (int row = 0; row < batch; row++) {
                for (int unit = 0; unit < hidden; unit++) {
                    int gate = at + row * 4 * hidden + unit;
                    int index = row * hidden + unit;
                    double i = gates[gate];
                    double f = gates[gate + hidden];
                    double g = gates[gate + 2 * hidden];
                    double o = gates[gate + 3 * hidden];
                    double tanhC = Math.tanh(c[(order + 1) * state + index]);
                    double dhHere = dh[index] + dy[(time(order) * batch + row) * width + offset + unit];
                    double dcHere = dc[index] + dhHere * o * (1 - tanhC * tanhC);
                    gates[gate] = dcHere * g * i * (1 - i);
                    gates[gate + hidden] = dcHere * c[order * state + index] * f * (1 - f);
                    gates[gate + 2 * hidden] = dcHere * i * (1 - g * g);
                    gates[gate + 3 * hidden] = dhHere * tanhC * o * (1 - o);
                    dc[index] = dcHere * f;
                    dh[index] = 0;
                }
            }
            multiplyAdd(gates, at, wh, dh, 0, batch, 4 * hidden, hidden);
            System.arraycopy(h, order * state, previousHidden, time(order) * state, state);
        }
        int rows = steps * batch;
        multiplyAdd(gates, 0, wx, dx, 0, rows, 4 * hidden, in);
        double[] gatesTransposed = transposed(gates, rows, 4 * hidden);
        multiplyAdd(gatesTransposed, 0, x, dWx, 0, 4 * hidden, rows, in);
        multiplyAdd(gatesTransposed, 0, previousHidden, dWh, 0, 4 * hidden, rows, hidden);
        for (int gate = 0; gate < 4 * hidden; gate++) {
            for (int row = 0; row < rows; row++) {
                db[gate] += gatesTransposed[gate * rows + row];
            }
        }
    }
}
