package org.gatefold.exchange.deeplearning4j;

import java.util.Arrays;
import java.util.function.BiConsumer;
import org.gatefold.layer.Layer;
import org.gatefold.layer.recurrent.Bidirectional;
import org.gatefold.layer.recurrent.RecurrentLayer;
import org.gatefold.layer.recurrent.WeightLayout;
import org.gatefold.model.Model;

/**
 * What a layer takes of the flat vector of a model's numbers, and how it gets there. Matrices lie there by columns, {@code [in, out]}, which
 * is as {@code [out, in]} does here; kernels of convolutions lie by rows, behind their biases. Immutable.
 *
 * @param name of the layer, for messages
 * @param count numbers that it takes
 * @param write writes them to the parameters of a model
 */
record LayerWeights(String name, long count, BiConsumer<Model, float[]> write) {
    private static final int LSTM_GATES = 4;

    /** A matrix and a bias, as of a dense layer; numbers behind them, such as centres of classes, are passed over. */
    static LayerWeights linear(String name, int in, int out, boolean biased, long more) {
        long matrix = (long) in * out;
        return new LayerWeights(name, matrix + (biased ? out : 0) + more, (model, values) -> {
            set(model, name + ".w", Arrays.copyOf(values, (int) matrix));
            if (biased) {
                set(model, name + ".b", Arrays.copyOfRange(values, (int) matrix, (int) matrix + out));
            }
        });
    }

    /** A table {@code [out, words]}, whose bias is a part of each vector here. */
    static LayerWeights table(String name, int words, int out, boolean biased) {
        long matrix = (long) words * out;
        return new LayerWeights(name, matrix + (biased ? out : 0), (model, values) -> {
            float[] table = new float[(int) matrix];
            for (int word = 0; word < words; word++) {
                for (int i = 0; i < out; i++) {
                    float bias = biased ? values[(int) matrix + i] : 0f;
                    table[word * out + i] = values[i * words + word] + bias;
                }
            }
            set(model, name + ".w", table);
        });
    }

    /** @param places of the kernel */
    static LayerWeights kernel(String name, int in, int out, int places, boolean biased) {
        long kernel = (long) in * out * places;
        int bias = biased ? out : 0;
        return new LayerWeights(name, kernel + bias, (model, values) -> {
            if (biased) {
                set(model, name + ".b", Arrays.copyOf(values, out));
            }
            set(model, name + ".w", Arrays.copyOfRange(values, bias, values.length));
        });
    }

    /**
     * A kernel over steps. From 1.0.0-M1 on it lies by steps, numbers in and numbers out: what is declared as {@code [out, in, steps]} is
     * taken, in the same memory, for {@code [steps, in, out]}.
     *
     * @param bySteps whether it lies so
     */
    static LayerWeights steps(String name, int in, int out, int steps, boolean biased, boolean bySteps) {
        LayerWeights plain = kernel(name, in, out, steps, biased);
        int bias = biased ? out : 0;
        return !bySteps
                ? plain
                : new LayerWeights(name, plain.count(), (model, values) -> {
                    float[] turned = values.clone();
                    for (int step = 0; step < steps; step++) {
                        for (int i = 0; i < in; i++) {
                            for (int o = 0; o < out; o++) {
                                turned[bias + (o * in + i) * steps + step] = values[bias + (step * in + i) * out + o];
                            }
                        }
                    }
                    plain.write().accept(model, turned);
                });
    }

    /**
     * Gamma, beta, mean, and the variance or the logarithm of its root.
     *
     * @param fixed gamma and beta, where they are no parameters; null where they are
     */
    static LayerWeights norm(String name, int channels, boolean logarithm, float[] fixed) {
        int first = fixed == null ? 2 * channels : 0;
        return new LayerWeights(name, first + 2L * channels, (model, values) -> {
            float[] gamma = new float[channels];
            float[] beta = new float[channels];
            float[] variance = new float[channels];
            for (int i = 0; i < channels; i++) {
                gamma[i] = fixed == null ? values[i] : fixed[0];
                beta[i] = fixed == null ? values[channels + i] : fixed[1];
                double spread = values[first + channels + i];
                variance[i] = (float) (logarithm ? Math.pow(10, 2 * spread) : spread);
            }
            set(model, name + ".gamma", gamma);
            set(model, name + ".beta", beta);
            set(model, name + ".mean", Arrays.copyOfRange(values, first, first + channels));
            set(model, name + ".variance", variance);
        });
    }

    /**
     * The weights of a recurrent layer, one direction after the other. Gates of an LSTM stand as candidate, forget, output, input, and behind
     * the matrix of the state the peepholes of forget, output, input: in the reverse order of ONNX.
     *
     * @param gates 4 of an LSTM, 1 of a plain cell
     */
    static LayerWeights recurrent(String name, int in, int units, int gates, boolean peepholes, int directions) {
        long rows = (long) gates * units;
        long state = (rows + (peepholes ? LSTM_GATES - 1 : 0)) * units;
        long each = rows * in + state + rows;
        return new LayerWeights(name, each * directions, (model, values) -> {
            float[] w = new float[(int) (rows * in * directions)];
            float[] r = new float[(int) (rows * units * directions)];
            float[] b = new float[(int) (2 * rows * directions)];
            float[] p = new float[peepholes ? (LSTM_GATES - 1) * units * directions : 0];
            for (int direction = 0; direction < directions; direction++) {
                int at = (int) each * direction;
                reversed(values, at, gates, units * in, w, direction * (int) rows * in);
                at += (int) rows * in;
                reversed(values, at, gates, units * units, r, direction * (int) rows * units);
                if (peepholes) {
                    int three = (LSTM_GATES - 1) * units;
                    reversed(values, at + (int) rows * units, LSTM_GATES - 1, units, p, direction * three);
                }
                reversed(values, at + (int) state, gates, units, b, 2 * direction * (int) rows);
            }
            float[][] arrays = peepholes ? new float[][] {w, r, b, p} : new float[][] {w, r, b};
            cell(model, name).setWeights(WeightLayout.ONNX, arrays);
        });
    }

    private static RecurrentLayer<?> cell(Model model, String name) {
        Layer layer = model.layer(name);
        return (RecurrentLayer<?>)
                (layer instanceof Bidirectional both ? both.wrapped().get(0) : layer);
    }

    /** Blocks in the other order. */
    private static void reversed(float[] from, int at, int blocks, int size, float[] to, int start) {
        for (int block = 0; block < blocks; block++) {
            System.arraycopy(from, at + block * size, to, start + (blocks - 1 - block) * size, size);
        }
    }

    /** The same factor for each feature, in the file of none. */
    static LayerWeights diagonal(String name, int features, float factor) {
        return new LayerWeights(name, 0, (model, values) -> {
            float[] w = new float[features * features];
            for (int i = 0; i < features; i++) {
                w[i * features + i] = factor;
            }
            set(model, name + ".w", w);
            model.parameters().freeze(name + ".");
        });
    }

    /** The same without training. */
    LayerWeights frozen() {
        return new LayerWeights(name, count, (model, values) -> {
            write.accept(model, values);
            model.parameters().freeze(name + ".");
        });
    }

    private static void set(Model model, String name, float[] values) {
        model.parameters().get(name).set(values);
    }
}
