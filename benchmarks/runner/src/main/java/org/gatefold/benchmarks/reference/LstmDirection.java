package org.gatefold.benchmarks.reference;

/** An LSTM: {@code i, f, o = σ(·), g = tanh(·), c = f c' + i g, h = o tanh(c)}, gates in the order i, f, g, o. */
final class LstmDirection extends DirectionPass {
    LstmDirection(Size size, double[] wx, double[] wh, double[] bias) {
        super(size, 4, wx, wh, bias);
    }

    @Override
    void forward(double[] recurrent, int gate, int product, int before, int after) {
        int hidden = size.hidden();
        double i = sigmoid(gates[gate] + recurrent[product]);
        double f = sigmoid(gates[gate + hidden] + recurrent[product + hidden]);
        double g = Math.tanh(gates[gate + 2 * hidden] + recurrent[product + 2 * hidden]);
        double o = sigmoid(gates[gate + 3 * hidden] + recurrent[product + 3 * hidden]);
        gates[gate] = i;
        gates[gate + hidden] = f;
        gates[gate + 2 * hidden] = g;
        gates[gate + 3 * hidden] = o;
        c[after] = f * c[before] + i * g;
        h[after] = o * Math.tanh(c[after]);
    }

    @Override
    void backward(int gate, int before, int after, double[] dh, double[] dc, int index) {
        int hidden = size.hidden();
        double i = gates[gate];
        double f = gates[gate + hidden];
        double g = gates[gate + 2 * hidden];
        double o = gates[gate + 3 * hidden];
        double tanhC = Math.tanh(c[after]);
        double dcHere = dc[index] + dh[index] * o * (1 - tanhC * tanhC);
        gates[gate] = dcHere * g * i * (1 - i);
        gates[gate + hidden] = dcHere * c[before] * f * (1 - f);
        gates[gate + 2 * hidden] = dcHere * i * (1 - g * g);
        gates[gate + 3 * hidden] = dh[index] * tanhC * o * (1 - o);
        dc[index] = dcHere * f;
        dh[index] = 0;
    }
}
