package org.gatefold.benchmarks.contract;

/**
 * The sizes of one benchmarked LSTM. Immutable.
 *
 * <p>Sequences are time-major: the input is {@code [steps, batch, inputSize]}, the output {@code [steps, batch,
 * directions * hiddenSize]}.
 *
 * @param carriesState whether the initial state is given and not zero, as in streaming
 */
public record LstmShape(
        int steps, int batch, int inputSize, int hiddenSize, int layers, int directions, boolean carriesState) {

    public LstmShape {
        if (steps < 1 || batch < 1 || inputSize < 1 || hiddenSize < 1 || layers < 1) {
            throw new IllegalArgumentException("sizes must be positive: T" + steps + " B" + batch + " I" + inputSize
                    + " H" + hiddenSize + " L" + layers);
        }
        if (directions != 1 && directions != 2) {
            throw new IllegalArgumentException("directions must be 1 or 2, got " + directions);
        }
    }

    /** Reads what {@link #toString} writes, for instance {@code T64,B32,I128,H256,L2,D2,S0}. */
    public static LstmShape parse(String text) {
        String[] parts = text.split(",");
        String letters = "TBIHLDS";
        if (parts.length != letters.length()) {
            throw new IllegalArgumentException("shape must look like T64,B32,I128,H256,L1,D1,S0, got " + text);
        }
        int[] values = new int[parts.length];
        for (int i = 0; i < parts.length; i++) {
            if (parts[i].isEmpty() || parts[i].charAt(0) != letters.charAt(i)) {
                throw new IllegalArgumentException("shape must look like T64,B32,I128,H256,L1,D1,S0, got " + text);
            }
            values[i] = Integer.parseInt(parts[i].substring(1));
        }
        return new LstmShape(values[0], values[1], values[2], values[3], values[4], values[5], values[6] != 0);
    }

    /** Width of a layer's input: the model's input for layer 0, the outputs of the layer below above it. */
    public int layerInput(int layer) {
        return layer == 0 ? inputSize : directions * hiddenSize;
    }

    public int outputSize() {
        return directions * hiddenSize;
    }

    /** Multiplications and additions of the matrix products of one forward pass; backward has twice as many. */
    public double forwardFlops() {
        double flops = 0;
        for (int layer = 0; layer < layers; layer++) {
            flops += 2.0 * 4 * hiddenSize * (layerInput(layer) + hiddenSize) * batch * steps * directions;
        }
        return flops;
    }

    @Override
    public String toString() {
        return "T" + steps + ",B" + batch + ",I" + inputSize + ",H" + hiddenSize + ",L" + layers + ",D" + directions
                + ",S" + (carriesState ? 1 : 0);
    }
}
