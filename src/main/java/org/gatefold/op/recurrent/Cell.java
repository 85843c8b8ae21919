package org.gatefold.op.recurrent;

/**
 * The recurrent cells. Weights of one layer and direction are {@code Wx [gates·H, in]}, {@code Wh [gates·H, H]} and
 * {@code b [biases·H]}; the order of their row blocks is the cell's.
 */
public enum Cell {
    /**
     * Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000): gates i, f, g,
     * o; {@code c = f*c' + i*g}, {@code h = o*tanh(c)}.
     */
    LSTM(0, 4, 4, true),
    /**
     * Gated recurrent unit in the form of cuDNN, PyTorch and Keras' {@code reset_after} (Cho et al. 2014): gates r, z, n;
     * {@code n = tanh(Wx x + b + r*(Wh h' + b'))}, {@code h = (1-z)*n + z*h'}; biases r, z, n of the input, n of the
     * recurrence.
     */
    GRU(1, 3, 4, false),
    /** Elman network: {@code h = tanh(Wx x + Wh h' + b)}. */
    RNN_TANH(2, 1, 1, false),
    /** Elman network with a rectifier: {@code h = max(0, Wx x + Wh h' + b)}. */
    RNN_RELU(3, 1, 1, false);

    private final int code;
    private final int gates;
    private final int biases;
    private final boolean cellState;

    Cell(int code, int gates, int biases, boolean cellState) {
        this.code = code;
        this.gates = gates;
        this.biases = biases;
        this.cellState = cellState;
    }

    /** The number by which kernels know it. */
    public int code() {
        return code;
    }

    /** Row blocks of H in Wx and Wh. */
    public int gates() {
        return gates;
    }

    /** Blocks of H in b. */
    public int biases() {
        return biases;
    }

    /** True if the cell carries a cell state c beside h. */
    public boolean hasCellState() {
        return cellState;
    }
}
