package org.gatefold.exchange.keras;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.List;
import org.gatefold.layer.Layer;
import org.gatefold.layer.attention.AdditiveAttention;
import org.gatefold.layer.attention.DotAttention;
import org.gatefold.layer.attention.GeneralAttention;
import org.gatefold.layer.attention.MultiHeadAttention;
import org.gatefold.layer.basic.ActivationLayer;
import org.gatefold.layer.basic.AllSteps;
import org.gatefold.layer.basic.Dropout;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.basic.Masking;
import org.gatefold.layer.basic.Softmax;
import org.gatefold.layer.convolution.Conv1d;
import org.gatefold.layer.convolution.Conv2d;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.form.Flatten;
import org.gatefold.layer.form.Permute;
import org.gatefold.layer.form.RepeatVector;
import org.gatefold.layer.form.Reshape;
import org.gatefold.layer.norm.BatchNorm;
import org.gatefold.layer.norm.LayerNorm;
import org.gatefold.layer.pooling.AvgPool1d;
import org.gatefold.layer.pooling.AvgPool2d;
import org.gatefold.layer.pooling.GlobalPooling;
import org.gatefold.layer.pooling.MaxPool1d;
import org.gatefold.layer.pooling.MaxPool2d;
import org.gatefold.layer.pooling.TimePooling;
import org.gatefold.layer.recurrent.Bidirectional;
import org.gatefold.layer.recurrent.Gru;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.layer.recurrent.RecurrentLayer;
import org.gatefold.layer.recurrent.Rnn;
import org.gatefold.op.elementwise.Activation;
import org.gatefold.op.recurrent.GateActivation;
import org.gatefold.tensor.Form;

/** Layers of Keras' as layers here, without the activation that follows them. Stateless. */
final class KerasLayers {
    private KerasLayers() {}

    /**
     * Where a layer stands.
     *
     * @param in what it takes, with channels first where it is an image
     * @param each whether it is applied to each step
     * @param keras3 whether it is of Keras 3, whose hard sigmoid is another
     * @param padding by zeros before it, before and behind the steps, or the rows and then the columns; empty for none
     * @param steps that it reads, where it is known how many; else 0
     */
    record Place(Form in, boolean each, boolean keras3, List<Integer> padding, int steps) {}

    /** @return null for layers that do nothing outside training */
    static Layer of(KerasConfig config, Place place) {
        Form in = place.in();
        boolean each = place.each();
        boolean keras3 = place.keras3();
        return switch (config.type()) {
            case "LSTM", "CuDNNLSTM", "GRU", "CuDNNGRU", "SimpleRNN" -> recurrent(config, keras3);
            case "Bidirectional" -> bidirectional(config, keras3);
            case "Embedding" -> {
                Embedding table = Embedding.of(config.integer("input_dim"), config.integer("output_dim"));
                yield config.flag("trainable", true) ? table : table.frozen();
            }
            case "Dense" ->
                biased(config)
                        ? Linear.of(config.integer("units"))
                        : Linear.of(config.integer("units")).withoutBias();
            case "Conv1D" -> conv1d(config, place);
            case "Conv2D" -> conv2d(config, place);
            case "MaxPooling1D" -> {
                int window = window1d(config);
                int stride = stride1d(config);
                MaxPool1d pool = MaxPool1d.of(window).stride(stride);
                if (isSame(config) && stride > 1) {
                    List<Integer> sides = sides(config, place, window, stride);
                    yield pool.padding(sides.get(0), sides.get(1));
                }
                yield isSame(config) ? pool.same() : pool;
            }
            case "AveragePooling1D" -> {
                int window = window1d(config);
                int stride = stride1d(config);
                AvgPool1d pool = AvgPool1d.of(window).stride(stride);
                if (isSame(config) && stride > 1) {
                    List<Integer> sides = sides(config, place, window, stride);
                    yield pool.withoutPadding().padding(sides.get(0), sides.get(1));
                }
                if (!place.padding().isEmpty()) {
                    yield pool.padding(place.padding().get(0), place.padding().get(1));
                }
                yield isSame(config) ? pool.withoutPadding().same() : pool;
            }
            case "MaxPooling2D" -> {
                List<Integer> window = config.integers("pool_size", 2, 2);
                List<Integer> stride = stride2d(config, window);
                MaxPool2d pool = MaxPool2d.of(window.get(0), window.get(1)).stride(stride.get(0), stride.get(1));
                yield isSame(config) ? pool.same() : pool;
            }
            case "AveragePooling2D" -> {
                List<Integer> window = config.integers("pool_size", 2, 2);
                List<Integer> stride = stride2d(config, window);
                AvgPool2d pool = AvgPool2d.of(window.get(0), window.get(1)).stride(stride.get(0), stride.get(1));
                if (!place.padding().isEmpty()) {
                    requireEven(config, place.padding());
                    yield pool.padding(place.padding().get(0), place.padding().get(2));
                }
                yield isSame(config) ? pool.withoutPadding().same() : pool;
            }
            case "GlobalAveragePooling1D" -> TimePooling.mean();
            case "GlobalMaxPooling1D" -> TimePooling.max();
            case "GlobalAveragePooling2D" -> GlobalPooling.mean();
            case "GlobalMaxPooling2D" -> GlobalPooling.max();
            case "BatchNormalization" -> batchNorm(config, in);
            case "LayerNormalization" -> layerNorm(config);
            case "Flatten" -> Flatten.create();
            case "Reshape" -> !place.each() && leavesSteps(config, in) ? AllSteps.create() : reshape(config, in);
            case "Permute" -> permute(config, in, each);
            case "RepeatVector" -> RepeatVector.of(config.integer("n"));
            case "Masking" -> Masking.of(config.real("mask_value", 0f));
            case "Dropout", "SpatialDropout1D", "SpatialDropout2D" -> dropout(config);
            case "GaussianNoise", "GaussianDropout", "ActivityRegularization" -> null;
            case "Activation" -> KerasActivations.layer(config, config.text("activation", "linear"), keras3);
            case "ReLU" -> KerasActivations.rectifier(config);
            case "ThresholdedReLU" -> ActivationLayer.of(Activation.thresholdedRelu(config.real("theta", 1f)));
            case "LeakyReLU" -> ActivationLayer.leakyRelu(config.real("negative_slope", config.real("alpha", 0.3f)));
            case "ELU" -> ActivationLayer.elu(config.real("alpha", 1f));
            case "Softmax" -> Softmax.probabilities();
            case "Attention" -> attention(config);
            case "AdditiveAttention" -> additiveAttention(config, in);
            case "MultiHeadAttention" -> multiHeadAttention(config);
            default -> throw config.refused("layers of this class are not known");
        };
    }

    /** Keras 1 called the rate p. */
    private static Layer dropout(KerasConfig config) {
        float rate = config.real("rate", config.real("p", 0f));
        if (rate == 0f) {
            return null;
        }
        if (config.type().equals("SpatialDropout1D")) {
            return Dropout.of(rate).locked();
        }
        return config.has("noise_shape")
                        && config.values().get("noise_shape").toString().equals("[null,null,1]")
                ? Dropout.of(rate).wholeSteps()
                : Dropout.of(rate);
    }

    private static Layer reshape(KerasConfig config, Form in) {
        int[] sizes = config.integers("target_shape", 0, null).stream()
                .mapToInt(Integer::intValue)
                .toArray();
        long known = 1;
        for (int size : sizes) {
            known *= size == -1 ? 1 : size;
        }
        for (int i = 0; i < sizes.length; i++) {
            if (sizes[i] == -1 && known > 0) {
                sizes[i] = Math.toIntExact(in.size() / known);
            }
        }
        return Reshape.of(sizes);
    }

    private static Layer permute(KerasConfig config, Form in, boolean each) {
        List<Integer> dims = config.integers("dims", 0, null);
        if (!each && in.sequence()) {
            dims = dims.stream().skip(1).map(axis -> axis - 1).toList();
        }
        return Permute.of(dims.stream().mapToInt(Integer::intValue).toArray());
    }

    /** Whether a layer of sequences puts steps among features. */
    static boolean joinsSteps(KerasConfig config, Form in) {
        return switch (config.type()) {
            case "Flatten" -> true;
            case "Reshape" -> !leavesSteps(config, in);
            case "Permute" -> config.integers("dims", 0, null).get(0) != 1;
            default -> false;
        };
    }

    /** Whether a Reshape gives sequences as they are, of which Keras forgets the mask. */
    private static boolean leavesSteps(KerasConfig config, Form in) {
        return in.sequence()
                && in.dimensions().size() == 1
                && config.integers("target_shape", 0, null).equals(List.of(-1, in.features()));
    }

    private static boolean biased(KerasConfig config) {
        return config.flag("use_bias", true);
    }

    /** Whether a layer gives its states behind its output. */
    static boolean returnsStates(KerasConfig config) {
        return config.type().equals("Bidirectional")
                ? config.inner("layer").flag("return_state", false)
                : config.flag("return_state", false);
    }

    private static RecurrentLayer<?> recurrent(KerasConfig config, boolean keras3) {
        boolean fast = config.type().startsWith("CuDNN");
        int units = config.integer("units");
        String activation = config.text("activation", "tanh");
        RecurrentLayer<?> layer =
                switch (config.type()) {
                    case "LSTM", "CuDNNLSTM" -> {
                        Lstm lstm = Lstm.of(units).forgetBias(config.flag("unit_forget_bias", true) ? 1f : 0f);
                        String gates = config.text("recurrent_activation", keras3 || fast ? "sigmoid" : "hard_sigmoid");
                        if (!gates.equals("sigmoid")) {
                            lstm.recurrentActivation(gate(config, gates, keras3));
                        }
                        yield activation.equals("tanh") ? lstm : lstm.activation(gate(config, activation, keras3));
                    }
                    case "GRU", "CuDNNGRU" -> {
                        Gru gru = Gru.of(units);
                        if (!fast && !config.flag("reset_after", keras3)) {
                            gru.resetBefore();
                        }
                        String gates = config.text("recurrent_activation", keras3 || fast ? "sigmoid" : "hard_sigmoid");
                        if (!gates.equals("sigmoid")) {
                            gru.recurrentActivation(gate(config, gates, keras3));
                        }
                        yield activation.equals("tanh") ? gru : gru.activation(gate(config, activation, keras3));
                    }
                    default -> {
                        Rnn rnn = Rnn.of(units);
                        yield switch (activation) {
                            case "tanh" -> rnn;
                            case "relu" -> rnn.relu();
                            default -> rnn.activation(gate(config, activation, keras3));
                        };
                    }
                };
        if (!biased(config)) {
            layer.withoutBias();
        }
        if (config.flag("return_sequences", false)) {
            layer.returnSequences();
        }
        if (config.flag("go_backwards", false)) {
            layer.goBackwards();
        }
        if (config.flag("stateful", false)) {
            layer.stateful();
        }
        if (config.flag("zero_output_for_mask", false)) {
            layer.zeroOutputForMask();
        }
        float dropped = config.real("recurrent_dropout", 0f);
        return dropped == 0f ? layer : layer.recurrentDropout(dropped);
    }

    private static GateActivation gate(KerasConfig config, String name, boolean keras3) {
        GateActivation gate = KerasActivations.gate(name, keras3);
        if (gate == null) {
            throw config.refused("the activation '" + name + "' is not known in a cell");
        }
        return gate;
    }

    private static Layer bidirectional(KerasConfig config, boolean keras3) {
        KerasConfig inner = wrapped(config, "layer", false);
        Bidirectional.Merge merge =
                switch (config.text("merge_mode", "null")) {
                    case "concat" -> Bidirectional.Merge.CONCATENATE;
                    case "sum" -> Bidirectional.Merge.SUM;
                    case "ave" -> Bidirectional.Merge.AVERAGE;
                    case "mul" -> Bidirectional.Merge.MULTIPLY;
                    default -> throw config.refused("does not merge its directions, and gives two outputs");
                };
        RecurrentLayer<?> forward = recurrent(inner, keras3);
        if (config.has("backward_layer")) {
            KerasConfig other = wrapped(config, "backward_layer", true);
            JsonObject values = other.values().deepCopy();
            values.addProperty("go_backwards", false);
            RecurrentLayer<?> backward = recurrent(new KerasConfig(other.type(), other.name(), values), keras3);
            if (!backward.description().equals(forward.description())) {
                return Bidirectional.of(forward, backward.reverse()).merge(merge);
            }
        }
        return Bidirectional.of(forward).merge(merge);
    }

    private static KerasConfig wrapped(KerasConfig config, String option, boolean backwards) {
        KerasConfig inner = config.inner(option);
        if (!List.of("LSTM", "CuDNNLSTM", "GRU", "CuDNNGRU", "SimpleRNN").contains(inner.type())) {
            throw config.refused("expected LSTM, GRU or SimpleRNN in it, got " + inner.type());
        }
        if (inner.flag("go_backwards", false) != backwards) {
            throw config.refused(
                    backwards ? "its second layer goes forward as well" : "wraps a layer that goes backwards itself");
        }
        return inner;
    }

    private static int groups(KerasConfig config) {
        requireChannelsLast(config);
        return config.has("groups") ? config.integer("groups") : 1;
    }

    private static void requireChannelsLast(KerasConfig config) {
        if (!config.text("data_format", "channels_last").equals("channels_last")) {
            throw config.refused("has channels first, which is not read");
        }
    }

    private static void requireEven(KerasConfig config, List<Integer> padding) {
        if (!padding.get(0).equals(padding.get(1)) || !padding.get(2).equals(padding.get(3))) {
            throw config.refused("is padded by " + padding + " rows and columns, not as many before as behind");
        }
    }

    /** Steps of padding before and behind, where Keras pads to as many outputs as there are begun strides. */
    private static List<Integer> sides(KerasConfig config, Place place, int span, int stride) {
        if (place.steps() == 0) {
            throw config.refused("pads steps to 'same' with a stride above 1, how many depends on the length");
        }
        int outputs = (place.steps() + stride - 1) / stride;
        int total = Math.max(0, (outputs - 1) * stride + span - place.steps());
        return List.of(total / 2, total - total / 2);
    }

    private static Layer conv1d(KerasConfig config, Place place) {
        List<Integer> padding = place.padding();
        int stride = config.integers("strides", 1, 1).get(0);
        Conv1d made = Conv1d.of(
                        config.integer("filters"),
                        config.integers("kernel_size", 1, null).get(0))
                .groups(groups(config))
                .stride(stride)
                .dilation(config.integers("dilation_rate", 1, 1).get(0));
        if (!biased(config)) {
            made.withoutBias();
        }
        return switch (config.text("padding", "valid")) {
            case "valid" -> padding.isEmpty() ? made : made.padding(padding.get(0), padding.get(1));
            case "causal" -> made.causal();
            default -> {
                if (stride == 1) {
                    yield made.same();
                }
                int kernel = config.integers("kernel_size", 1, null).get(0);
                int span = config.integers("dilation_rate", 1, 1).get(0) * (kernel - 1) + 1;
                List<Integer> sides = sides(config, place, span, stride);
                yield made.padding(sides.get(0), sides.get(1));
            }
        };
    }

    private static Layer conv2d(KerasConfig config, Place place) {
        Form in = place.in();
        List<Integer> kernel = config.integers("kernel_size", 2, null);
        List<Integer> stride = config.integers("strides", 2, 1);
        List<Integer> dilation = config.integers("dilation_rate", 2, 1);
        Conv2d made = Conv2d.of(config.integer("filters"), kernel.get(0), kernel.get(1))
                .groups(groups(config))
                .stride(stride.get(0), stride.get(1))
                .dilation(dilation.get(0), dilation.get(1));
        if (!biased(config)) {
            made.withoutBias();
        }
        if (!place.padding().isEmpty()) {
            requireEven(config, place.padding());
            return made.padding(place.padding().get(0), place.padding().get(2));
        }
        if (!isSame(config)) {
            return made;
        }
        if (stride.equals(List.of(1, 1))) {
            return made.same();
        }
        int[] padding = new int[2];
        for (int axis = 0; axis < 2; axis++) {
            int size = in.dimensions().get(axis + 1);
            int span = dilation.get(axis) * (kernel.get(axis) - 1) + 1;
            int outputs = (size + stride.get(axis) - 1) / stride.get(axis);
            int total = Math.max(0, (outputs - 1) * stride.get(axis) + span - size);
            if (total % 2 != 0) {
                throw config.refused("pads to 'same' with " + total + " rows or columns, not as many before as behind");
            }
            padding[axis] = total / 2;
        }
        return made.padding(padding[0], padding[1]);
    }

    /** Whether a layer takes zeros that were put round what it reads. */
    static boolean takesPadding(KerasConfig config) {
        return List.of("Conv1D", "Conv2D", "AveragePooling1D", "AveragePooling2D")
                        .contains(config.type())
                && config.text("padding", "valid").equals("valid");
    }

    /** What a layer of zeros puts round: before and behind the steps, or the rows and then the columns. */
    static List<Integer> padding(KerasConfig config) {
        boolean image = config.type().equals("ZeroPadding2D");
        requireChannelsLast(config);
        List<Integer> sides = new ArrayList<>();
        JsonElement given = config.has("padding") ? config.values().get("padding") : new JsonPrimitive(1);
        for (int axis = 0; axis < (image ? 2 : 1); axis++) {
            JsonElement one = image && given instanceof JsonArray axes ? axes.get(axis) : given;
            boolean two = one.isJsonArray();
            sides.add(two ? one.getAsJsonArray().get(0).getAsInt() : one.getAsInt());
            sides.add(two ? one.getAsJsonArray().get(1).getAsInt() : one.getAsInt());
        }
        return sides;
    }

    private static boolean isSame(KerasConfig config) {
        return config.text("padding", "valid").equals("same");
    }

    private static int window1d(KerasConfig config) {
        requireChannelsLast(config);
        return config.integers("pool_size", 1, 2).get(0);
    }

    private static int stride1d(KerasConfig config) {
        return config.has("strides") ? config.integers("strides", 1, null).get(0) : window1d(config);
    }

    private static List<Integer> stride2d(KerasConfig config, List<Integer> window) {
        requireChannelsLast(config);
        return config.has("strides") ? config.integers("strides", 2, null) : window;
    }

    private static Layer batchNorm(KerasConfig config, Form in) {
        requireLastAxis(config, in);
        if (config.flag("scale", true) != config.flag("center", true)) {
            throw config.refused("scales without a shift, or shifts without a scale");
        }
        double momentum =
                config.has("momentum") ? config.values().get("momentum").getAsDouble() : 0.99;
        BatchNorm norm =
                BatchNorm.create().epsilon(config.real("epsilon", 1e-3f)).momentum((float) (1 - momentum));
        return config.flag("scale", true) ? norm : norm.withoutAffine();
    }

    private static Layer layerNorm(KerasConfig config) {
        requireLastAxis(config, null);
        if (config.flag("scale", true) != config.flag("center", true)) {
            throw config.refused("scales without a shift, or shifts without a scale");
        }
        LayerNorm norm = LayerNorm.create().epsilon(config.real("epsilon", 1e-3f));
        return config.flag("scale", true) ? norm : norm.withoutAffine();
    }

    /** Axes are counted with the rows, and the steps, before. */
    private static void requireLastAxis(KerasConfig config, Form in) {
        List<Integer> axis = config.integers("axis", 0, null);
        if (!config.has("axis")) {
            return;
        }
        if (axis.isEmpty()) {
            axis = List.of(config.integer("axis"));
        }
        int last = in == null ? -1 : in.dimensions().size() + (in.sequence() ? 1 : 0);
        if (axis.size() != 1 || (axis.get(0) != -1 && in != null && axis.get(0) != last)) {
            throw config.refused("normalises along axis " + axis + "; expected the last");
        }
    }

    private static Layer multiHeadAttention(KerasConfig config) {
        int size = config.integer("key_dim");
        if (config.has("value_dim") && config.integer("value_dim") != size) {
            throw config.refused("has values of other sizes than keys");
        }
        if (config.has("output_shape")
                || !List.of(List.of(), List.of(1)).contains(config.integers("attention_axes", 0, null))) {
            throw config.refused("gives other features than it takes, or attends along other axes than that of steps");
        }
        if (config.flag("use_gate", false) || config.flag("return_attention_scores", false)) {
            throw config.refused("has a gate, or gives its scores");
        }
        if (config.has("sliding_window")) {
            throw config.refused("attends to the steps of a window alone");
        }
        MultiHeadAttention made =
                MultiHeadAttention.of(config.integer("num_heads")).headSize(size);
        MultiHeadAttention mapped = config.flag("use_bias", true) ? made : made.withoutBias();
        return config.flag("causal", false) ? mapped.causal() : mapped;
    }

    private static Layer attention(KerasConfig config) {
        if (!config.text("score_mode", "dot").equals("dot")) {
            throw config.refused("has no dot products");
        }
        boolean causal = config.flag("causal", false);
        if (config.flag("use_scale", false)) {
            return causal ? GeneralAttention.create().causal() : GeneralAttention.create();
        }
        return causal ? DotAttention.create().causal() : DotAttention.create();
    }

    private static Layer additiveAttention(KerasConfig config, Form in) {
        AdditiveAttention made = AdditiveAttention.of(in.features());
        return config.flag("causal", false) ? made.causal() : made;
    }
}
