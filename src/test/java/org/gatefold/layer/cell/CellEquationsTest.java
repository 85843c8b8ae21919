package org.gatefold.layer.cell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.gatefold.layer.cell.CellMath.product;
import static org.gatefold.layer.cell.CellMath.sigmoid;

import java.util.Random;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.layer.Context;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** The cells of this package against their papers' equations, computed one number after the other in double precision. */
class CellEquationsTest {
    private static final int STEPS = 6;
    private static final int FEATURES = 3;
    private static final int UNITS = 4;

    private final double[][] x = new double[STEPS][FEATURES];
    private final double[][] expected = new double[STEPS][UNITS];
    private ParameterStore store;

    /** Runs the layer from random parameters and inputs; then the equations, which read the same. */
    private void compare(CellFunction cell, Runnable equations) {
        compare(cell, 1f, equations);
    }

    private void compare(CellFunction cell, float scale, Runnable equations) {
        Random random = new Random(5);
        try (Device device = Devices.named("reference");
                Scope scope = device.openScope("model");
                Context context = Context.inference(device)) {
            CellLoop layer = CellLoop.of(cell).returnSequences();
            store = new ParameterStore();
            layer.build(store, "c", Form.sequences(FEATURES));
            store.allocate(scope, 1);
            for (Parameter parameter : store.list()) {
                float[] values = new float[Math.toIntExact(parameter.shape().elements())];
                for (int i = 0; i < values.length; i++) {
                    values[i] = scale * (2 * random.nextFloat() - 1);
                }
                parameter.set(values);
            }
            Tensor input = context.scope().f32("x", STEPS, 1, FEATURES);
            float[] numbers = new float[STEPS * FEATURES];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = 2 * random.nextFloat() - 1;
                x[i / FEATURES][i % FEATURES] = numbers[i];
            }
            input.write(numbers);
            float[] y = layer.forward(context, Variable.constant(input)).value().toFloats();
            equations.run();
            for (int i = 0; i < y.length; i++) {
                double wanted = expected[i / UNITS][i % UNITS];
                assertThat((double) y[i])
                        .as("step %s, unit %s", i / UNITS, i % UNITS)
                        .isCloseTo(wanted, within(2e-6 * Math.max(1, Math.abs(wanted))));
            }
        }
    }

    private double[] of(String name) {
        float[] values = store.get("c." + name).value().toFloats();
        double[] doubles = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }

    @Test
    void indRnn() {
        compare(IndRnn.of(UNITS), () -> {
            double[] h = new double[UNITS];
            for (int t = 0; t < STEPS; t++) {
                double[] wx = product(of("w"), x[t]);
                for (int j = 0; j < UNITS; j++) {
                    h[j] = Math.max(0, wx[j] + of("u")[j] * h[j] + of("b")[j]);
                    expected[t][j] = h[j];
                }
            }
        });
    }

    @Test
    void sru() {
        compare(Sru.of(UNITS), () -> {
            double[] c = new double[UNITS];
            for (int t = 0; t < STEPS; t++) {
                double[] p = product(of("w"), x[t]);
                for (int i = 0; i < p.length; i++) {
                    p[i] += of("b")[i];
                }
                for (int j = 0; j < UNITS; j++) {
                    double f = sigmoid(p[UNITS + j] + of("vf")[j] * c[j]);
                    double r = sigmoid(p[2 * UNITS + j] + of("vr")[j] * c[j]);
                    c[j] = f * c[j] + (1 - f) * p[j];
                    expected[t][j] = r * c[j] + (1 - r) * p[3 * UNITS + j];
                }
            }
        });
    }

    /** By the equations without a stabiliser, which double precision bears. */
    @Test
    void slstm() {
        compare(Slstm.of(UNITS), () -> equationsOfSlstm());
    }

    /** With gates so large that exponentials of theirs would overflow a float. */
    @Test
    void slstmWithLargeGates() {
        compare(Slstm.of(UNITS), 60f, () -> equationsOfSlstm());
    }

    private void equationsOfSlstm() {
        double[] h = new double[UNITS];
        double[] c = new double[UNITS];
        double[] n = new double[UNITS];
        for (int t = 0; t < STEPS; t++) {
            double[] wx = product(of("w"), x[t]);
            double[] rh = product(of("r"), h);
            for (int j = 0; j < UNITS; j++) {
                double[] sum = new double[4];
                for (int g = 0; g < 4; g++) {
                    int k = g * UNITS + j;
                    sum[g] = wx[k] + rh[k] + of("b")[k];
                }
                double i = Math.exp(sum[0]);
                double f = sigmoid(sum[1]);
                c[j] = f * c[j] + i * Math.tanh(sum[2]);
                n[j] = f * n[j] + i;
                expected[t][j] = sigmoid(sum[3]) * c[j] / n[j];
            }
            h = expected[t];
        }
    }

    @Test
    void layerNormLstm() {
        compare(LayerNormLstm.of(UNITS), () -> {
            double[] h = new double[UNITS];
            double[] c = new double[UNITS];
            for (int t = 0; t < STEPS; t++) {
                double[] ofX = normed("normx", product(of("wx"), x[t]));
                double[] ofH = normed("normh", product(of("wh"), h));
                double[] sum = new double[4 * UNITS];
                for (int k = 0; k < sum.length; k++) {
                    sum[k] = ofX[k] + ofH[k] + of("b")[k];
                }
                for (int j = 0; j < UNITS; j++) {
                    c[j] = sigmoid(sum[UNITS + j]) * c[j] + sigmoid(sum[j]) * Math.tanh(sum[2 * UNITS + j]);
                }
                double[] ofC = normed("normc", c);
                for (int j = 0; j < UNITS; j++) {
                    expected[t][j] = sigmoid(sum[3 * UNITS + j]) * Math.tanh(ofC[j]);
                }
                h = expected[t];
            }
        });
    }

    /** The order of gates is that of the built-in GRU. */
    @Test
    void layerNormGru() {
        compare(LayerNormGru.of(UNITS), () -> {
            double[] h = new double[UNITS];
            for (int t = 0; t < STEPS; t++) {
                double[] ofX = normed("normx", product(of("wx"), x[t]));
                double[] ofH = normed("normh", product(of("wh"), h));
                for (int j = 0; j < UNITS; j++) {
                    double r = sigmoid(ofX[j] + ofH[j]);
                    double z = sigmoid(ofX[UNITS + j] + ofH[UNITS + j]);
                    double n = Math.tanh(ofX[2 * UNITS + j] + r * ofH[2 * UNITS + j]);
                    expected[t][j] = (1 - z) * n + z * h[j];
                }
                h = expected[t];
            }
        });
    }

    private double[] normed(String name, double[] v) {
        double mean = 0;
        for (double one : v) {
            mean += one / v.length;
        }
        double variance = 0;
        for (double one : v) {
            variance += (one - mean) * (one - mean) / v.length;
        }
        double[] y = new double[v.length];
        for (int i = 0; i < v.length; i++) {
            y[i] = (v[i] - mean) / Math.sqrt(variance + 1e-5) * of(name + ".gamma")[i] + of(name + ".beta")[i];
        }
        return y;
    }
}
