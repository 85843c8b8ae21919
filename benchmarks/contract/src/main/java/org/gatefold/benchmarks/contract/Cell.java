package org.gatefold.benchmarks.contract;

/**
 * The recurrent cells that are compared. Weights of a layer and direction are {@code Wx [gates·H, in]}, {@code Wh [gates·H, H]} and
 * {@code b [4H]}.
 */
public enum Cell {
    /** Gates i, f, g, o: {@code c = f c' + i g, h = o tanh(c)}. */
    LSTM(4),
    /**
     * Gates r, z, n in the form of cuDNN and PyTorch: {@code n = tanh(Wx x + b + r (Wh h' + b')), h = (1 - z) n + z h'}; the biases are r,
     * z, n and b'.
     */
    GRU(3);

    /** Blocks of H in b, of either cell. */
    public static final int BIASES = 4;

    private final int gates;

    Cell(int gates) {
        this.gates = gates;
    }

    /** Row blocks of H in Wx and Wh. */
    public int gates() {
        return gates;
    }
}
