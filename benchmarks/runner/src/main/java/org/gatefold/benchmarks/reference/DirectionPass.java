package org.gatefold.benchmarks.reference;

import static org.gatefold.benchmarks.reference.Matrices.multiplyAdd;
import static org.gatefold.benchmarks.reference.Matrices.transposed;

import java.util.Arrays;
import org.gatefold.benchmarks.contract.Cell;

/**
 * One direction of one layer in double precision, straight from the equations: the products and the order of steps, which all cells
 * share; what a cell makes of its sums is a subclass's. G is the cell's number of gates. For one thread.
 */
abstract class DirectionPass {
    /** What fixes a direction: time steps, rows, features of its input, units, and whether it reads backwards. */
    record Size(int steps, int batch, int in, int hidden, boolean reverse) {}

    final Size size;
    private final int width;

    /** {@code Wx [G·H, in]}, {@code Wh [G·H, H]}, {@code b [4H]}: the caller's arrays, which it may update in between. */
    private final double[] wx;

    private final double[] wh;
    final double[] bias;

    /** Activated gates {@code [T, B, G·H]}; backward turns them into the gradients of the sums that the input enters. */
    double[] gates;

    /** States {@code [T + 1, B, H]} in the order of computation, the initial state first. */
    double[] h;

    double[] c;
    private double[] x;

    DirectionPass(Size size, int gateCount, double[] wx, double[] wh, double[] bias) {
        this.size = size;
        width = gateCount * size.hidden();
        this.wx = wx;
        this.wh = wh;
        this.bias = bias;
    }

    static DirectionPass of(Cell cell, Size size, double[] wx, double[] wh, double[] bias) {
        return switch (cell) {
            case LSTM -> new LstmDirection(size, wx, wh, bias);
            case GRU -> new GruDirection(size, wx, wh, bias);
        };
    }

    /**
     * One unit of one row.
     *
     * @param recurrent the product of the state before and Wh, read
     * @param gate of the first sum of the unit, which is input product and bias; it is activated
     * @param product of the same in the recurrent product
     * @param before of the unit's state before the step in h and c
     * @param after of the one behind it, written
     */
    abstract void forward(double[] recurrent, int gate, int product, int before, int after);

    /**
     * The way back through one unit of one row: turns its gates into the gradients of their sums.
     *
     * @param dh the gradient of the state behind the step; left is what reaches the state before other than through the products
     * @param dc the same of the cell state
     * @param index of the unit in dh and dc
     */
    abstract void backward(int gate, int before, int after, double[] dh, double[] dc, int index);

    /** Gradients of the sums that the recurrent product enters, {@code [T, B, G·H]}; those of the input's where there is no difference. */
    double[] recurrentGradients() {
        return gates;
    }

    /** Adds the gradient of what is in the bias beside a block for each gate. */
    void addFurtherBias(double[] db) {}

    static double sigmoid(double value) {
        return 1 / (1 + Math.exp(-value));
    }

    private int time(int order) {
        return size.reverse() ? size.steps() - 1 - order : order;
    }

    /**
     * @param input {@code [T, B, in]}, kept until backward
     * @param h0 {@code [B, H]}, read
     * @param c0 {@code [B, H]}, read
     */
    void forward(double[] input, double[] h0, double[] c0) {
        x = input;
        int hidden = size.hidden();
        int state = size.batch() * hidden;
        int step = size.batch() * width;
        h = new double[(size.steps() + 1) * state];
        c = new double[(size.steps() + 1) * state];
        System.arraycopy(h0, 0, h, 0, state);
        System.arraycopy(c0, 0, c, 0, state);
        gates = new double[size.steps() * step];
        for (int row = 0; row < size.steps() * size.batch(); row++) {
            System.arraycopy(bias, 0, gates, row * width, width);
        }
        multiplyAdd(x, 0, transposed(wx, width, size.in()), gates, 0, size.steps() * size.batch(), size.in(), width);
        double[] whTransposed = transposed(wh, width, hidden);
        double[] recurrent = new double[step];
        for (int order = 0; order < size.steps(); order++) {
            Arrays.fill(recurrent, 0);
            multiplyAdd(h, order * state, whTransposed, recurrent, 0, size.batch(), hidden, width);
            for (int row = 0; row < size.batch(); row++) {
                for (int unit = 0; unit < hidden; unit++) {
                    int before = order * state + row * hidden + unit;
                    int product = row * width + unit;
                    forward(recurrent, time(order) * step + product, product, before, before + state);
                }
            }
        }
    }

    /** Adds the outputs to columns {@code offset …} of {@code y [T, B, columns]}. */
    void copyOutput(double[] y, int columns, int offset) {
        for (int order = 0; order < size.steps(); order++) {
            for (int row = 0; row < size.batch(); row++) {
                System.arraycopy(
                        h,
                        ((order + 1) * size.batch() + row) * size.hidden(),
                        y,
                        (time(order) * size.batch() + row) * columns + offset,
                        size.hidden());
            }
        }
    }

    /** Copies the final states to {@code hn} and {@code cn} from {@code offset}. */
    void copyFinalState(double[] hn, double[] cn, int offset) {
        int state = size.batch() * size.hidden();
        System.arraycopy(h, size.steps() * state, hn, offset, state);
        System.arraycopy(c, size.steps() * state, cn, offset, state);
    }

    /**
     * Uses up what forward kept.
     *
     * @param dy {@code [T, B, columns]}, of which columns {@code offset … offset + H} are read
     * @param dx {@code [T, B, in]}, accumulated
     * @param dWx {@code [G·H, in]}, accumulated
     * @param dWh {@code [G·H, H]}, accumulated
     * @param db {@code [4H]}, accumulated
     */
    void backward(double[] dy, int columns, int offset, double[] dx, double[] dWx, double[] dWh, double[] db) {
        int hidden = size.hidden();
        int state = size.batch() * hidden;
        int step = size.batch() * width;
        double[] dh = new double[state];
        double[] dc = new double[state];
        double[] previousHidden = new double[size.steps() * state];
        for (int order = size.steps() - 1; order >= 0; order--) {
            int at = time(order) * step;
            for (int row = 0; row < size.batch(); row++) {
                for (int unit = 0; unit < hidden; unit++) {
                    int index = row * hidden + unit;
                    dh[index] += dy[(time(order) * size.batch() + row) * columns + offset + unit];
                    backward(
                            at + row * width + unit, order * state + index, (order + 1) * state + index, dh, dc, index);
                }
            }
            multiplyAdd(recurrentGradients(), at, wh, dh, 0, size.batch(), width, hidden);
            System.arraycopy(h, order * state, previousHidden, time(order) * state, state);
        }
        int rows = size.steps() * size.batch();
        multiplyAdd(gates, 0, wx, dx, 0, rows, width, size.in());
        double[] gatesTransposed = transposed(gates, rows, width);
        multiplyAdd(gatesTransposed, 0, x, dWx, 0, width, rows, size.in());
        for (int gate = 0; gate < width; gate++) {
            for (int row = 0; row < rows; row++) {
                db[gate] += gatesTransposed[gate * rows + row];
            }
        }
        if (recurrentGradients() != gates) {
            gatesTransposed = transposed(recurrentGradients(), rows, width);
        }
        multiplyAdd(gatesTransposed, 0, previousHidden, dWh, 0, width, rows, hidden);
        addFurtherBias(db);
    }
}
