package org.gatefold.contract;

import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.gatefold.op.attention.AttentionOp;
import org.gatefold.op.attention.AttentionSpec;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every implementation of attention is held to: values of Keras 3.15 ({@code keras.ops.dot_product_attention}, gradients by
 * JAX), and central differences of the equations in double precision.
 */
abstract class AttentionContract extends OperationContract<AttentionOp> {
    AttentionContract() {
        super(AttentionOp.class);
    }

    /** The numbers of the run of Keras, quarters from -5 to 5: batch-first there, {@code [steps, 2, 4]} here. */
    private static float[] quarters(int steps, int shift) {
        float[] values = new float[steps * 8];
        for (int i = 0; i < values.length; i++) {
            int row = i / 4 / steps;
            int step = i / 4 % steps;
            values[(step * 2 + row) * 4 + i % 4] = ((i * 7 + shift) % 11 - 5) / 4f;
        }
        return values;
    }

    /** Two rows of three queries and four keys, of which two count in the second; two heads of two; causal; scale 0.5. */
    @Test
    void agreesWithKeras() {
        AttentionSpec spec = new AttentionSpec(2, 0.5f, true);
        Tensor q = guarded.input("q", quarters(3, 0), 3, 2, 4);
        Tensor k = guarded.input("k", quarters(4, 1), 4, 2, 4);
        Tensor v = guarded.input("v", quarters(4, 2), 4, 2, 4);
        Lengths lengths = scope.lengths(4, 4, 2);
        Tensor p = guarded.output("p", 2, 2, 3, 4);
        Tensor y = guarded.output("y", 3, 2, 4);
        op.forward(spec, q, k, v, lengths, p, y);
        Compare.assertClose(
                "y",
                y.toFloats(),
                new double[] {
                    -0.75,
                    1.0,
                    0.0,
                    -1.0,
                    -0.25,
                    -1.25,
                    0.5,
                    -0.5,
                    0.2376263,
                    0.1769781,
                    -0.8489734,
                    0.018768,
                    0.1005596,
                    -0.8994404,
                    0.0989734,
                    -0.018768,
                    -0.447237,
                    0.9438409,
                    -0.0921948,
                    -0.6776515,
                    0.7584976,
                    -0.2415025,
                    -0.4508134,
                    0.640976
                },
                1e-6);
        Tensor dq = guarded.output("dq", 3, 2, 4);
        Tensor dk = guarded.output("dk", 4, 2, 4);
        Tensor dv = guarded.output("dv", 4, 2, 4);
        op.backward(spec, q, k, v, lengths, p, guarded.input("dy", quarters(3, 3), 3, 2, 4), dq, dk, dv);
        Compare.assertClose(
                "dq",
                dq.toFloats(),
                new double[] {
                    0.0,
                    0.0,
                    0.0,
                    0.0,
                    0.0,
                    0.0,
                    0.0,
                    0.0,
                    0.2530169,
                    -0.2108474,
                    0.3881254,
                    0.3881255,
                    -0.2014737,
                    0.1678947,
                    0.178742,
                    -0.2144904,
                    0.0970131,
                    -0.1170825,
                    -0.1220469,
                    -0.1220469,
                    -0.1858796,
                    0.1548997,
                    -0.2844707,
                    0.3413648
                },
                2e-6);
        Compare.assertClose(
                "dk",
                dk.toFloats(),
                new double[] {
                    -0.0433819,
                    0.1274178,
                    -0.2707804,
                    -0.0601504,
                    -0.007797,
                    0.1033358,
                    0.2844707,
                    -0.2567819,
                    -0.0356834,
                    -0.0681188,
                    0.2807536,
                    0.1100168,
                    0.007797,
                    -0.1033358,
                    -0.2844706,
                    0.2567818,
                    0.0790654,
                    -0.059299,
                    -0.0099733,
                    -0.0498664,
                    0.0,
                    0.0,
                    0.0,
                    0.0,
                    0.0,
                    0.0,
                    0.0,
                    0.0,
                    0.0,
                    0.0,
                    0.0,
                    0.0
                },
                2e-6);
        Compare.assertClose(
                "dv",
                dv.toFloats(),
                new double[] {
                    -0.2688009,
                    0.6980828,
                    0.1613393,
                    -0.7415446,
                    0.8404146,
                    -0.3524595,
                    -0.3602906,
                    1.129392,
                    0.6257882,
                    -0.1631464,
                    -0.6038072,
                    0.4340126,
                    -0.8404146,
                    0.1024595,
                    -0.1397094,
                    0.870608,
                    -0.1069873,
                    -0.5349364,
                    0.1924679,
                    -0.1924679,
                    0.0,
                    0.0,
                    0.0,
                    0.0,
                    0.0,
                    0.0,
                    0.0,
                    0.0,
                    0.0,
                    0.0,
                    0.0,
                    0.0
                },
                2e-6);
        guarded.check();
    }

    private record Sizes(
            int queries, int keys, int batch, int heads, int size, int valueSize, boolean causal, boolean ragged) {
        int valid(int row) {
            return ragged ? new int[] {keys, 0, (keys + 1) / 2}[row % 3] : keys;
        }

        int at(int step, int row, int head, int width, int d) {
            return ((step * batch + row) * heads + head) * width + d;
        }
    }

    static Stream<Sizes> sizes() {
        return Stream.of(
                new Sizes(1, 1, 1, 1, 1, 1, false, false),
                new Sizes(5, 7, 3, 2, 3, 5, false, true),
                new Sizes(7, 7, 3, 3, 5, 4, true, true),
                new Sizes(4, 150, 2, 1, 5, 3, false, false),
                new Sizes(12, 12, 4, 2, 5, 5, true, true));
    }

    /** y in double precision, step by step from the equations. */
    private static double[] outputs(Sizes s, AttentionSpec spec, double[] q, double[] k, double[] v) {
        double[] y = new double[s.queries() * s.batch() * s.heads() * s.valueSize()];
        for (int row = 0; row < s.batch(); row++) {
            for (int head = 0; head < s.heads(); head++) {
                for (int i = 0; i < s.queries(); i++) {
                    int count = spec.causal() ? Math.min(i + 1, s.valid(row)) : s.valid(row);
                    double[] weights = new double[count];
                    double total = 0;
                    for (int j = 0; j < count; j++) {
                        double score = 0;
                        for (int d = 0; d < s.size(); d++) {
                            score += q[s.at(i, row, head, s.size(), d)] * k[s.at(j, row, head, s.size(), d)];
                        }
                        weights[j] = Math.exp(spec.scale() * score);
                        total += weights[j];
                    }
                    for (int j = 0; j < count; j++) {
                        for (int d = 0; d < s.valueSize(); d++) {
                            y[s.at(i, row, head, s.valueSize(), d)] +=
                                    weights[j] / total * v[s.at(j, row, head, s.valueSize(), d)];
                        }
                    }
                }
            }
        }
        return y;
    }

    /** The sum of dy times y. */
    private static double along(float[] dy, double[] y) {
        double sum = 0;
        for (int i = 0; i < dy.length; i++) {
            sum += dy[i] * y[i];
        }
        return sum;
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void agreesWithTheEquationsAndTheirDifferences(Sizes s) {
        AttentionSpec spec = new AttentionSpec(s.heads(), 0.3f, s.causal());
        int width = s.heads() * s.size();
        int valueWidth = s.heads() * s.valueSize();
        float[] q = gaussian(1, s.queries() * s.batch() * width);
        float[] k = gaussian(2, s.keys() * s.batch() * width);
        float[] v = gaussian(3, s.keys() * s.batch() * valueWidth);
        float[] dy = gaussian(4, s.queries() * s.batch() * valueWidth);
        double[] exactQ = Compare.doubles(q);
        double[] exactK = Compare.doubles(k);
        double[] exactV = Compare.doubles(v);
        double[] y = outputs(s, spec, exactQ, exactK, exactV);
        double[] dq = CentralDifference.gradient(q, point -> along(dy, outputs(s, spec, point, exactK, exactV)));
        double[] dk = CentralDifference.gradient(k, point -> along(dy, outputs(s, spec, exactQ, point, exactV)));
        double[] dv = CentralDifference.gradient(v, point -> along(dy, outputs(s, spec, exactQ, exactK, point)));
        int[] rows = IntStream.range(0, s.batch()).map(s::valid).toArray();
        spoilPadding(k, width, rows);
        spoilPadding(v, valueWidth, rows);
        Lengths lengths = s.ragged() ? scope.lengths(s.keys(), rows) : null;
        Tensor tq = guarded.input("q", q, s.queries(), s.batch(), width);
        Tensor tk = guarded.input("k", k, s.keys(), s.batch(), width);
        Tensor tv = guarded.input("v", v, s.keys(), s.batch(), valueWidth);
        Tensor p = guarded.output("p", s.batch(), s.heads(), s.queries(), s.keys());
        Tensor ty = guarded.output("y", s.queries(), s.batch(), valueWidth);
        op.forward(spec, tq, tk, tv, lengths, p, ty);
        Compare.assertClose("y", ty.toFloats(), y, TOLERANCE);
        Tensor tdq = guarded.output("dq", s.queries(), s.batch(), width);
        Tensor tdk = guarded.output("dk", s.keys(), s.batch(), width);
        Tensor tdv = guarded.output("dv", s.keys(), s.batch(), valueWidth);
        Tensor gradient = guarded.input("dy", dy, s.queries(), s.batch(), valueWidth);
        op.backward(spec, tq, tk, tv, lengths, p, gradient, tdq, tdk, tdv);
        if (s.keys() > 1) {
            Compare.assertClose("dq", tdq.toFloats(), dq, 2e-5);
            Compare.assertClose("dk", tdk.toFloats(), dk, 2e-5);
        }
        Compare.assertClose("dv", tdv.toFloats(), dv, 2e-5);
        guarded.check();
    }

    @Test
    void badArgumentsGiveTheSameMessagesEverywhere() {
        AttentionSpec spec = new AttentionSpec(2, 1f, false);
        Tensor q = scope.zeros("q", 3, 2, 4);
        Tensor k = scope.zeros("k", 5, 2, 4);
        Tensor v = scope.zeros("v", 5, 2, 4);
        Tensor p = scope.zeros("p", 2, 2, 3, 5);
        Tensor y = scope.zeros("y", 3, 2, 4);
        refused("heads: expected at least 1, got 0", () -> new AttentionSpec(0, 1f, false));
        refused("scale: expected a finite value > 0, got 0.0", () -> new AttentionSpec(1, 0f, false));
        refused(
                "k: expected shape [5, 2, 4], got [5, 2, 6]",
                () -> op.forward(spec, q, scope.zeros("k", 5, 2, 6), v, null, p, y));
        refused(
                "heads: expected a divisor of 4 features and 4 of values, got 3",
                () -> op.forward(new AttentionSpec(3, 1f, false), q, k, v, null, p, y));
        refused("p: expected shape [2, 2, 3, 5], got [3, 2, 4]", () -> op.forward(spec, q, k, v, null, y, y));
        refused(
                "lengths: expected 2 rows of at most 5 steps, got 2 rows of at most 3",
                () -> op.forward(spec, q, k, v, scope.lengths(3, 1, 2), p, y));
        refused("y: given twice in one call", () -> op.forward(spec, q, k, v, null, p, q));
        refused(
                "dk: expected shape [5, 2, 4], got [3, 2, 4]",
                () -> op.backward(spec, q, k, v, null, p, y, scope.zeros("dq", 3, 2, 4), q, v));
    }
}
