package org.gatefold.exchange.keras;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.exchange.StoredTensor;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.attention.AdditiveAttention;
import org.gatefold.layer.attention.AttentionPooling;
import org.gatefold.layer.attention.GeneralAttention;
import org.gatefold.layer.attention.MultiHeadAttention;
import org.gatefold.layer.recurrent.Bidirectional;
import org.gatefold.layer.recurrent.RecurrentLayer;
import org.gatefold.layer.recurrent.WeightLayout;
import org.gatefold.tensor.Shape;

/**
 * The weights of a layer of Keras' in a layer here: matrices {@code [in, out]} there and {@code [out, in]} here, kernels of convolutions with
 * channels last there, gates z, r, h of a GRU there. Arrays of CuDNNLSTM and CuDNNGRU are known by their two biases. Stateless.
 */
final class KerasArrays {
    /** Weights of attention with several heads. */
    private static final List<String> HEADS =
            List.of("query.w", "query.b", "key.w", "key.b", "value.w", "value.b", "output.w", "output.b");

    private KerasArrays() {}

    /** Whether a layer takes weights of Keras' at all. */
    static boolean hasWeights(Layer layer, ParameterStore parameters) {
        return !owned(layer, parameters).isEmpty();
    }

    private static Map<String, Parameter> owned(Layer layer, ParameterStore parameters) {
        String prefix = layer.name() + ".";
        Map<String, Parameter> owned = new LinkedHashMap<>();
        for (Parameter parameter : parameters.list()) {
            if (parameter.name().startsWith(prefix)) {
                owned.put(parameter.name().substring(prefix.length()), parameter);
            }
        }
        return owned;
    }

    /**
     * Prepares the writing of weights: whatever does not fit is found before anything is written.
     *
     * @return writes them
     * @throws CheckpointException naming what is expected and what there is
     */
    static Runnable prepare(String source, Layer layer, ParameterStore parameters, List<StoredTensor> arrays)
            throws IOException {
        if (layer instanceof RecurrentLayer<?> recurrent) {
            return recurrent(source, layer, recurrent, parameters, arrays);
        }
        if (layer instanceof Bidirectional both
                && both.wrapped().size() == 1
                && both.wrapped().get(0) instanceof RecurrentLayer<?> inner) {
            return recurrent(source, layer, inner, parameters, arrays);
        }
        if (layer instanceof Bidirectional both
                && both.wrapped().get(0) instanceof RecurrentLayer<?> forward
                && both.wrapped().get(1) instanceof RecurrentLayer<?> backward) {
            int border = Math.min(owned(forward, parameters).size(), arrays.size());
            Runnable first = recurrent(source, forward, forward, parameters, arrays.subList(0, border));
            Runnable second = recurrent(source, backward, backward, parameters, arrays.subList(border, arrays.size()));
            return () -> {
                first.run();
                second.run();
            };
        }
        if (layer instanceof AdditiveAttention || layer instanceof GeneralAttention) {
            return scaledScores(source, layer, owned(layer, parameters), arrays);
        }
        List<String> names = parts(layer.type());
        if (names.isEmpty()) {
            throw new CheckpointException(
                    source + ": layer '" + layer.name() + "': Keras has no layer with the weights of " + layer.type());
        }
        Map<String, Parameter> owned = owned(layer, parameters);
        names = names.stream().filter(owned::containsKey).toList();
        List<Parameter> targets = names.stream().map(owned::get).toList();
        if (targets.size() != arrays.size()) {
            throw unfit(source, layer, targets, arrays);
        }
        List<float[]> values = new ArrayList<>();
        for (int i = 0; i < targets.size(); i++) {
            Shape shape = targets.get(i).shape();
            boolean matrix = isMatrix(layer, shape);
            boolean column = layer instanceof AttentionPooling;
            Shape theirs = layer instanceof MultiHeadAttention attention
                    ? ofHeads(names.get(i), shape, attention.heads())
                    : matrix ? channelsLast(shape) : column ? Shape.of(shape.dim(0), 1) : shape;
            if (!arrays.get(i).has(theirs) && !(matrix && isColumn(arrays.get(i), theirs))) {
                throw unfit(source, layer, targets, arrays);
            }
            float[] array = arrays.get(i).values().get();
            values.add(matrix ? moved(array, shape, true) : column ? scaled(array) : array);
        }
        return () -> {
            for (int i = 0; i < values.size(); i++) {
                targets.get(i).set(values.get(i));
            }
        };
    }

    /** Whether a kernel over steps is one over images of one column, {@code [k, in, out]} to {@code [k, 1, in, out]}. */
    private static boolean isColumn(StoredTensor kernel, Shape images) {
        return images.rank() == 4
                && images.dim(1) == 1
                && kernel.has(Shape.of(images.dim(0), images.dim(2), images.dim(3)));
    }

    /** What weights a layer has, in the order in which Keras lists them. */
    private static List<String> parts(String type) {
        return switch (type) {
            case "Linear", "Conv1d", "Conv2d" -> List.of("w", "b");
            case "Embedding" -> List.of("w");
            case "LayerNorm" -> List.of("gamma", "beta");
            case "BatchNorm" -> List.of("gamma", "beta", "mean", "variance");
            case "AttentionPooling" -> List.of("query");
            case "MultiHeadAttention" -> HEADS;
            default -> List.of();
        };
    }

    /** Weights of attention with several heads, for which Keras has an axis. */
    private static Shape ofHeads(String part, Shape shape, int heads) {
        return switch (part) {
            case "output.w" -> Shape.of(heads, shape.dim(1) / heads, shape.dim(0));
            case "output.b" -> shape;
            default ->
                shape.rank() == 2
                        ? Shape.of(shape.dim(1), heads, shape.dim(0) / heads)
                        : Shape.of(heads, shape.dim(0) / heads);
        };
    }

    private static boolean isMatrix(Layer layer, Shape shape) {
        return shape.rank() > 1 && !layer.type().equals("Embedding");
    }

    /** The weights of a layer, in the order and shape of Keras', but for recurrent ones. */
    static List<WrittenLayer.Array> written(Layer layer, ParameterStore parameters) {
        Map<String, Parameter> owned = owned(layer, parameters);
        List<WrittenLayer.Array> arrays = new ArrayList<>();
        for (String name : parts(layer.type())) {
            Parameter parameter = owned.get(name);
            if (parameter != null) {
                Shape shape = parameter.shape();
                float[] values = parameter.value().toFloats();
                boolean matrix = isMatrix(layer, shape);
                Shape theirs = layer instanceof MultiHeadAttention attention
                        ? ofHeads(name, shape, attention.heads())
                        : matrix ? channelsLast(shape) : shape;
                arrays.add(new WrittenLayer.Array(theirs, matrix ? moved(values, shape, false) : values));
            }
        }
        return arrays;
    }

    private static CheckpointException unfit(
            String source, Layer layer, List<Parameter> targets, List<StoredTensor> arrays) {
        return new CheckpointException(
                source + ": layer '" + layer.name() + "' (" + layer.type() + "): expected weights for "
                        + targets.stream()
                                .map(target -> target.name() + " " + target.shape())
                                .toList() + ", got " + arrays);
    }

    /** {@code [out, in, k…]} as Keras has it: {@code [k…, in, out]}. */
    private static Shape channelsLast(Shape shape) {
        int[] theirs = new int[shape.rank()];
        for (int axis = 2; axis < theirs.length; axis++) {
            theirs[axis - 2] = shape.dim(axis);
        }
        theirs[theirs.length - 2] = shape.dim(1);
        theirs[theirs.length - 1] = shape.dim(0);
        return Shape.of(theirs);
    }

    /** Between {@code [out, in, k…]} and {@code [k…, in, out]}. */
    private static float[] moved(float[] values, Shape shape, boolean toOutFirst) {
        int out = shape.dim(0);
        int in = shape.dim(1);
        int places = values.length / out / in;
        float[] moved = new float[values.length];
        for (int place = 0; place < places; place++) {
            for (int i = 0; i < in; i++) {
                for (int o = 0; o < out; o++) {
                    int first = (o * in + i) * places + place;
                    int last = (place * in + i) * out + o;
                    moved[toOutFirst ? first : last] = values[toOutFirst ? last : first];
                }
            }
        }
        return moved;
    }

    /** Attention of Keras' that scales scores has no other weights: maps of queries and keys are the identity, or its scale on the diagonal. */
    private static Runnable scaledScores(
            String source, Layer layer, Map<String, Parameter> owned, List<StoredTensor> arrays) throws IOException {
        List<Parameter> targets = List.copyOf(owned.values());
        Parameter score = owned.get("score.w");
        List<Long> theirs =
                score == null ? List.of() : List.of((long) score.shape().last());
        boolean fits = arrays.isEmpty()
                ? score != null
                : arrays.size() == 1 && arrays.get(0).shape().equals(theirs);
        if (!fits) {
            throw unfit(source, layer, targets, arrays);
        }
        float[] scale = arrays.isEmpty()
                ? ones(score.shape().last())
                : arrays.get(0).values().get();
        return () -> {
            for (Parameter target : targets) {
                target.set(target == score ? scale : diagonal(target.shape(), score == null ? scale[0] : 1f));
            }
        };
    }

    private static float[] ones(int count) {
        float[] ones = new float[count];
        Arrays.fill(ones, 1f);
        return ones;
    }

    private static float[] diagonal(Shape shape, float value) {
        float[] matrix = new float[Math.toIntExact(shape.elements())];
        for (int i = 0; i < shape.dim(0); i++) {
            matrix[i * shape.dim(1) + i] = value;
        }
        return matrix;
    }

    /** {@link AttentionPooling} divides by the root of the features, the layers of that kind for Keras do not. */
    private static float[] scaled(float[] values) {
        float[] scaled = values.clone();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] *= (float) Math.sqrt(scaled.length);
        }
        return scaled;
    }

    private static Runnable recurrent(
            String source,
            Layer layer,
            RecurrentLayer<?> recurrent,
            ParameterStore parameters,
            List<StoredTensor> arrays)
            throws IOException {
        Map<String, Parameter> owned = owned(layer, parameters);
        List<Parameter> inputs = owned.entrySet().stream()
                .filter(entry -> entry.getKey().endsWith(".wx"))
                .map(Map.Entry::getValue)
                .toList();
        List<Parameter> states = owned.entrySet().stream()
                .filter(entry -> entry.getKey().endsWith(".wh"))
                .map(Map.Entry::getValue)
                .toList();
        int sets = inputs.size();
        boolean biased = owned.keySet().stream().anyMatch(name -> name.endsWith(".b"));
        int each = biased ? 3 : 2;
        if (arrays.size() != sets * each) {
            throw unfit(source, layer, List.copyOf(owned.values()), arrays);
        }
        List<float[]> values = new ArrayList<>();
        for (int set = 0; set < sets; set++) {
            Shape wx = inputs.get(set).shape();
            Shape wh = states.get(set).shape();
            int rows = wx.dim(0);
            int units = wh.dim(1);
            StoredTensor kernel = arrays.get(set * each);
            StoredTensor state = arrays.get(set * each + 1);
            if (!kernel.has(Shape.of(wx.dim(1), rows)) || !state.has(Shape.of(units, rows))) {
                throw unfit(source, layer, List.copyOf(owned.values()), arrays);
            }
            float[] w = kernel.values().get();
            float[] r = state.values().get();
            if (!biased) {
                values.addAll(List.of(w, r));
                continue;
            }
            StoredTensor bias = arrays.get(set * each + 2);
            boolean gru = rows == 3 * units;
            boolean resetsAfter = gru
                    && owned.get(name(inputs.get(set), layer) + ".b").shape().dim(0) > rows;
            float[] b = bias.values().get();
            boolean cudnn = bias.shape().size() == 1 && b.length == 2 * rows && rows > units;
            if (cudnn) {
                values.add(perGate(w, wx.dim(1), units, true));
                values.add(perGate(r, units, units, false));
                values.add(gru ? b : sum(b));
            } else if (b.length == (resetsAfter ? 2 : 1) * rows) {
                values.addAll(List.of(w, r, b));
            } else {
                throw unfit(source, layer, List.copyOf(owned.values()), arrays);
            }
        }
        return () -> recurrent.setWeights(WeightLayout.KERAS, values.toArray(float[][]::new));
    }

    /** Layer, direction: what stands before the last dot, without the name of the layer. */
    private static String name(Parameter parameter, Layer layer) {
        String name = parameter.name().substring(layer.name().length() + 1);
        return name.substring(0, name.lastIndexOf('.'));
    }

    private static float[] sum(float[] biases) {
        float[] sum = new float[biases.length / 2];
        for (int i = 0; i < sum.length; i++) {
            sum[i] = biases[i] + biases[i + sum.length];
        }
        return sum;
    }

    /**
     * The matrix of each gate as CuDNNLSTM keeps it, {@code [in, units]}, as LSTM does: what cuDNN holds is {@code [units, in]}, row by row.
     * Keras writes the memory of the input's matrices under the other shape, and transposes those of the state.
     */
    private static float[] perGate(float[] values, int in, int units, boolean reshaped) {
        int columns = values.length / in;
        float[] turned = new float[values.length];
        for (int gate = 0; gate < columns / units; gate++) {
            for (int unit = 0; unit < units; unit++) {
                for (int i = 0; i < in; i++) {
                    int memory = unit * in + i;
                    int row = reshaped ? memory / units : unit;
                    int column = reshaped ? memory % units : i;
                    turned[i * columns + gate * units + unit] = values[row * columns + gate * units + column];
                }
            }
        }
        return turned;
    }
}
