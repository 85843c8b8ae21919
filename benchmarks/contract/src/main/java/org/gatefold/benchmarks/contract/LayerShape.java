package org.gatefold.benchmarks.contract;

/**
 * The cell and the sizes of one benchmarked stack of layers. Immutable.
 *
 * <p>Sequences are time-major: the input is {@code [steps, batch, inputSize]}, the output {@code [steps, batch,
 * directions * hiddenSize]}.
 *
 * @param carriesState whether the initial state is given and not zero, as in streaming
 */
public record LayerShape(
        Cell cell,
        int steps,
        int batch,
        int inputSize,
        int hiddenSize,
        int layers,
        int directions,
        boolean carriesState) {

    private static final String LETTERS = "TBIHLDS";

    public LayerShape {
        if (steps < 1 || batch < 1 || inputSize < 1 || hiddenSize < 1 || layers < 1) {
            throw new IllegalArgumentException("sizes must be positive: T" + steps + " B" + batch + " I" + inputSize
                    + " H" + hiddenSize + " L" + layers);
        }
        if (directions != 1 && directions != 2) {
            throw new IllegalArgumentException("directions must be 1 or 2, got " + directions);
        }
    }

    /** An LSTM. */
    public LayerShape(
            int steps, int batch, int inputSize, int hiddenSize, int layers, int directions, boolean carriesState) {
        this(Cell.LSTM, steps, batch, inputSize, hiddenSize, layers, directions, carriesState);
    }

    /** Reads what {@link #toString} writes, for instance {@code T64,B32,I128,H256,L2,D2,S0} or {@code T1,B4,I512,H512,L1,D1,S0,GRU}. */
    public static LayerShape parse(String text) {
        String[] parts = text.split(",");
        int[] values = new int[LETTERS.length()];
        boolean gru = parts.length == values.length + 1 && parts[values.length].equals(Cell.GRU.name());
        boolean wellFormed = gru || parts.length == values.length;
        for (int i = 0; i < values.length && wellFormed; i++) {
            wellFormed = parts[i].matches(LETTERS.charAt(i) + "\\d{1,9}");
            values[i] = wellFormed ? Integer.parseInt(parts[i].substring(1)) : 0;
        }
        if (!wellFormed) {
            throw new IllegalArgumentException(
                    "shape must look like T64,B32,I128,H256,L1,D1,S0, with ,GRU behind it for a GRU, got " + text);
        }
        return new LayerShape(
                gru ? Cell.GRU : Cell.LSTM,
                values[0],
                values[1],
                values[2],
                values[3],
                values[4],
                values[5],
                values[6] != 0);
    }

    /** The same with another number of steps. */
    public LayerShape withSteps(int count) {
        return new LayerShape(cell, count, batch, inputSize, hiddenSize, layers, directions, carriesState);
    }

    /** Width of a layer's input: the model's input for layer 0, the outputs of the layer below above it. */
    public int layerInput(int layer) {
        return layer == 0 ? inputSize : directions * hiddenSize;
    }

    /** Rows of Wx and Wh. */
    public int gateRows() {
        return cell.gates() * hiddenSize;
    }

    public int outputSize() {
        return directions * hiddenSize;
    }

    /** Multiplications and additions of the matrix products of one forward pass; backward has twice as many. */
    public double forwardFlops() {
        double flops = 0;
        for (int layer = 0; layer < layers; layer++) {
            flops += 2.0 * gateRows() * (layerInput(layer) + hiddenSize) * batch * steps * directions;
        }
        return flops;
    }

    @Override
    public String toString() {
        return "T" + steps + ",B" + batch + ",I" + inputSize + ",H" + hiddenSize + ",L" + layers + ",D" + directions
                + ",S" + (carriesState ? 1 : 0) + (cell == Cell.LSTM ? "" : "," + cell);
    }
}
