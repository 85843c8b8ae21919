package org.gatefold.benchmarks.reference;

/**
 * A GRU with the reset gate behind the recurrent product: {@code r, z = σ(·), n = tanh(Wx x + b + r (Wh h' + b')), h = (1 - z) n + z
 * h'}, gates in the order r, z, n; the bias is r, z, n, then b'.
 */
final class GruDirection extends DirectionPass {
    /** The recurrent part of n, {@code [T, B, H]}, by the index of the state behind its step. */
    private double[] reset;

    /** Gradients of the sums that the recurrent product enters, {@code [T, B, G·H]}. */
    private double[] products;

    GruDirection(Size size, double[] wx, double[] wh, double[] bias) {
        super(size, 3, wx, wh, bias);
    }

    @Override
    void forward(double[] input, double[] h0, double[] c0) {
        reset = new double[(size.steps() + 1) * size.batch() * size.hidden()];
        super.forward(input, h0, c0);
    }

    @Override
    void forward(double[] recurrent, int gate, int product, int before, int after) {
        int hidden = size.hidden();
        double r = sigmoid(gates[gate] + recurrent[product]);
        double z = sigmoid(gates[gate + hidden] + recurrent[product + hidden]);
        reset[after] = recurrent[product + 2 * hidden] + bias[3 * hidden + after % hidden];
        double n = Math.tanh(gates[gate + 2 * hidden] + r * reset[after]);
        gates[gate] = r;
        gates[gate + hidden] = z;
        gates[gate + 2 * hidden] = n;
        h[after] = (1 - z) * n + z * h[before];
    }

    @Override
    void backward(double[] dy, int columns, int offset, double[] dx, double[] dWx, double[] dWh, double[] db) {
        products = new double[gates.length];
        super.backward(dy, columns, offset, dx, dWx, dWh, db);
    }

    @Override
    void backward(int gate, int before, int after, double[] dh, double[] dc, int index) {
        int hidden = size.hidden();
        double r = gates[gate];
        double z = gates[gate + hidden];
        double n = gates[gate + 2 * hidden];
        double dn = dh[index] * (1 - z) * (1 - n * n);
        gates[gate] = dn * reset[after] * r * (1 - r);
        gates[gate + hidden] = dh[index] * (h[before] - n) * z * (1 - z);
        gates[gate + 2 * hidden] = dn;
        products[gate] = gates[gate];
        products[gate + hidden] = gates[gate + hidden];
        products[gate + 2 * hidden] = dn * r;
        dh[index] *= z;
    }

    @Override
    double[] recurrentGradients() {
        return products;
    }

    @Override
    void addFurtherBias(double[] db) {
        int hidden = size.hidden();
        for (int row = 0; row < size.steps() * size.batch(); row++) {
            for (int unit = 0; unit < hidden; unit++) {
                db[3 * hidden + unit] += products[row * 3 * hidden + 2 * hidden + unit];
            }
        }
    }
}
