package org.gatefold.conformance;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;

/**
 * The operators LSTM, GRU and RNN of ONNX (opset 14) in doubles, written from the operators' definition and from nothing else:
 * attributes, inputs as the definition orders them, and their outputs. Activations by the names that ONNX gives them.
 */
final class OnnxRecurrent {
    /** An activation with its alpha and beta; NaN where the operator's default stands. */
    record Function(String name, double alpha, double beta) {
        static Function of(String name) {
            return new Function(name, Double.NaN, Double.NaN);
        }

        double a() {
            return !Double.isNaN(alpha)
                    ? alpha
                    : switch (name) {
                        case "HardSigmoid" -> 0.2;
                        case "LeakyRelu" -> 0.01;
                        default -> 1;
                    };
        }

        double b() {
            return !Double.isNaN(beta) ? beta : name.equals("HardSigmoid") ? 0.5 : name.equals("Affine") ? 0 : 1;
        }

        double of(double x) {
            return switch (name) {
                case "Relu" -> Math.max(0, x);
                case "Tanh" -> Math.tanh(x);
                case "Sigmoid" -> 1 / (1 + Math.exp(-x));
                case "Affine" -> a() * x + b();
                case "LeakyRelu" -> x >= 0 ? x : a() * x;
                case "ThresholdedRelu" -> x >= a() ? x : 0;
                case "ScaledTanh" -> a() * Math.tanh(b() * x);
                case "HardSigmoid" -> Math.min(Math.max(a() * x + b(), 0), 1);
                case "Elu" -> x >= 0 ? x : a() * (Math.exp(x) - 1);
                case "Softsign" -> x / (1 + Math.abs(x));
                case "Softplus" -> Math.log(1 + Math.exp(x));
                default -> throw new IllegalArgumentException(name);
            };
        }
    }

    final String operator;
    final String direction;
    final int steps;
    final int batch;
    final int features;
    final int size;
    int[] sequenceLengths;
    List<Function> functions;
    double clip;
    boolean inputForget;
    boolean linearBeforeReset;
    boolean biased = true;
    boolean peepholes;
    boolean initial;

    double[] x;
    double[] w;
    double[] r;
    double[] b;
    double[] p;
    double[] initialH;
    double[] initialC;

    /** {@code [steps, directions, batch, size]}, and {@code [directions, batch, size]}. */
    double[] y;

    double[] lastH;
    double[] lastC;

    OnnxRecurrent(String operator, String direction, int steps, int batch, int features, int size) {
        this.operator = operator;
        this.direction = direction;
        this.steps = steps;
        this.batch = batch;
        this.features = features;
        this.size = size;
        this.functions = defaults(operator, direction);
    }

    static List<Function> defaults(String operator, String direction) {
        List<Function> one =
                switch (operator) {
                    case "LSTM" -> List.of(Function.of("Sigmoid"), Function.of("Tanh"), Function.of("Tanh"));
                    case "GRU" -> List.of(Function.of("Sigmoid"), Function.of("Tanh"));
                    default -> List.of(Function.of("Tanh"));
                };
        return direction.equals("bidirectional")
                ? Stream.concat(one.stream(), one.stream()).toList()
                : one;
    }

    int directions() {
        return direction.equals("bidirectional") ? 2 : 1;
    }

    int gates() {
        return operator.equals("LSTM") ? 4 : operator.equals("GRU") ? 3 : 1;
    }

    /** Draws all inputs and computes the outputs. */
    OnnxRecurrent compute(long seed) {
        Random random = new Random(seed);
        int d = directions();
        x = drawn(random, steps * batch * features, 1);
        w = drawn(random, d * gates() * size * features, 0.6);
        r = drawn(random, d * gates() * size * size, 0.5);
        b = biased ? drawn(random, d * 2 * gates() * size, 0.4) : new double[d * 2 * gates() * size];
        p = peepholes ? drawn(random, d * 3 * size, 0.5) : new double[d * 3 * size];
        initialH = initial ? drawn(random, d * batch * size, 0.6) : new double[d * batch * size];
        initialC = initial ? drawn(random, d * batch * size, 0.8) : new double[d * batch * size];
        y = new double[steps * d * batch * size];
        lastH = initialH.clone();
        lastC = initialC.clone();
        for (int direction = 0; direction < d; direction++) {
            for (int row = 0; row < batch; row++) {
                run(direction, row);
            }
        }
        return this;
    }

    /** Floats, as a file would hold them. */
    private static double[] drawn(Random random, int count, double scale) {
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (random.nextGaussian() * scale);
        }
        return values;
    }

    private boolean reverse(int d) {
        return direction.equals("reverse") || d == 1;
    }

    private void run(int d, int row) {
        int length = sequenceLengths == null ? steps : sequenceLengths[row];
        for (int k = 0; k < length; k++) {
            int t = reverse(d) ? length - 1 - k : k;
            int state = (d * batch + row) * size;
            double[] h = Arrays.copyOfRange(lastH, state, state + size);
            double[] c = Arrays.copyOfRange(lastC, state, state + size);
            double[] next =
                    switch (operator) {
                        case "LSTM" -> lstm(d, row, t, h, c);
                        case "GRU" -> gru(d, row, t, h);
                        default -> rnn(d, row, t, h);
                    };
            System.arraycopy(next, 0, lastH, state, size);
            System.arraycopy(c, 0, lastC, state, size);
            System.arraycopy(next, 0, y, ((t * directions() + d) * batch + row) * size, size);
        }
    }

    private Function function(int d, int index) {
        return functions.get(d * functions.size() / directions() + index);
    }

    private double bounded(double value) {
        return clip > 0 ? Math.max(-clip, Math.min(clip, value)) : value;
    }

    /** X_t W_g^T + Wb_g of a unit. */
    private double ofInput(int d, int row, int t, int gate, int unit) {
        int line = (d * gates() + gate) * size + unit;
        double sum = b[(d * 2 * gates() + gate) * size + unit];
        for (int i = 0; i < features; i++) {
            sum += w[line * features + i] * x[(t * batch + row) * features + i];
        }
        return sum;
    }

    /** H R_g^T of a unit, and Rb_g. */
    private double ofState(int d, double[] h, int gate, int unit) {
        int line = (d * gates() + gate) * size + unit;
        double sum = 0;
        for (int i = 0; i < size; i++) {
            sum += r[line * size + i] * h[i];
        }
        return sum;
    }

    private double stateBias(int d, int gate, int unit) {
        return b[(d * 2 * gates() + gates() + gate) * size + unit];
    }

    private double sum(int d, int row, int t, double[] h, int gate, int unit) {
        return ofInput(d, row, t, gate, unit) + ofState(d, h, gate, unit) + stateBias(d, gate, unit);
    }

    /** Gates i, o, f, c; peepholes i, o, f. */
    private double[] lstm(int d, int row, int t, double[] h, double[] c) {
        double[] next = new double[size];
        for (int u = 0; u < size; u++) {
            double pi = p[(d * 3) * size + u];
            double po = p[(d * 3 + 1) * size + u];
            double pf = p[(d * 3 + 2) * size + u];
            double i = function(d, 0).of(bounded(sum(d, row, t, h, 0, u) + pi * c[u]));
            double f = inputForget ? 1 - i : function(d, 0).of(bounded(sum(d, row, t, h, 2, u) + pf * c[u]));
            double candidate = function(d, 1).of(bounded(sum(d, row, t, h, 3, u)));
            c[u] = f * c[u] + i * candidate;
            double o = function(d, 0).of(bounded(sum(d, row, t, h, 1, u) + po * c[u]));
            next[u] = o * function(d, 2).of(c[u]);
        }
        return next;
    }

    /** Gates z, r, h. */
    private double[] gru(int d, int row, int t, double[] h) {
        double[] reset = new double[size];
        double[] scaled = new double[size];
        for (int u = 0; u < size; u++) {
            reset[u] = function(d, 0).of(bounded(sum(d, row, t, h, 1, u)));
            scaled[u] = reset[u] * h[u];
        }
        double[] next = new double[size];
        for (int u = 0; u < size; u++) {
            double z = function(d, 0).of(bounded(sum(d, row, t, h, 0, u)));
            double recurrent = linearBeforeReset
                    ? reset[u] * (ofState(d, h, 2, u) + stateBias(d, 2, u))
                    : ofState(d, scaled, 2, u) + stateBias(d, 2, u);
            double candidate = function(d, 1).of(bounded(ofInput(d, row, t, 2, u) + recurrent));
            next[u] = (1 - z) * candidate + z * h[u];
        }
        return next;
    }

    private double[] rnn(int d, int row, int t, double[] h) {
        double[] next = new double[size];
        for (int u = 0; u < size; u++) {
            next[u] = function(d, 0).of(bounded(sum(d, row, t, h, 0, u)));
        }
        return next;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s %s T%d B%d I%d H%d %s%s%s%s%s%s%s%s",
                operator,
                direction,
                steps,
                batch,
                features,
                size,
                functions.stream().map(f -> f.name()).toList(),
                clip > 0 ? " clip " + clip : "",
                inputForget ? " input_forget" : "",
                linearBeforeReset ? " linear_before_reset" : "",
                peepholes ? " peepholes" : "",
                initial ? " initial states" : "",
                biased ? "" : " no bias",
                sequenceLengths == null ? "" : " lengths " + Arrays.toString(sequenceLengths));
    }
}
