package org.gatefold.exchange.keras;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.gatefold.layer.Layer;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.attention.MultiHeadAttention;
import org.gatefold.layer.basic.ActivationLayer;
import org.gatefold.layer.recurrent.Bidirectional;
import org.gatefold.layer.recurrent.RecurrentLayer;
import org.gatefold.tensor.Form;

/** Layers as Keras has them, without what they are applied to: most are one there, some a few in a row. For one model, one thread. */
final class LayerWriter {
    private final ParameterStore parameters;
    private final UnaryOperator<String> unused;

    /** @param unused makes names of layers that are not taken */
    LayerWriter(ParameterStore parameters, UnaryOperator<String> unused) {
        this.parameters = parameters;
        this.unused = unused;
    }

    /**
     * The layers, one after the other, images with channels last.
     *
     * @param layer the layer, or one within {@link org.gatefold.layer.form.TimeDistributed}, which says nothing of itself
     * @param description type and options of it
     * @param name what it is to be called
     * @throws IllegalArgumentException with what Keras has not
     */
    List<WrittenLayer> of(Layer layer, Described description, String name, Form in) {
        return switch (description.type()) {
            case "Lstm", "Gru", "Rnn" ->
                new RecurrentWriter(description.type(), name, description.options(), unused)
                        .layers((RecurrentLayer<?>) layer, in.features(), "concat");
            case "Bidirectional" -> bidirectional((Bidirectional) layer, description, name, in);
            case "TimeSlice", "AttentionPooling" -> throw unknown(description.type());
            case "TimePooling" -> List.of(new WrittenLayer(timePooling(description.text("pooling")), name));
            case "Conv1d" -> conv1d(layer, description, name);
            case "Conv2d" -> conv2d(layer, description, name);
            case "MaxPool1d", "AvgPool1d" -> pool1d(description, name);
            case "MaxPool2d", "AvgPool2d" -> pool2d(description, name);
            default -> List.of(one(layer, description, name, in));
        };
    }

    /** A layer as plain data. */
    record Described(String type, Map<String, Object> options) {
        String text(String option) {
            return String.valueOf(options.get(option));
        }

        boolean flag(String option) {
            return Boolean.TRUE.equals(options.get(option));
        }

        int integer(String option) {
            return number(option).intValue();
        }

        Number number(String option) {
            return (Number) options.get(option);
        }

        List<Integer> integers(String option) {
            List<Integer> numbers = new ArrayList<>();
            ((Map<?, ?>) options.get(option)).values().forEach(number -> numbers.add(((Number) number).intValue()));
            return numbers;
        }

        /** The layer in it. */
        @SuppressWarnings("unchecked") // as Layers.wrapping wrote it
        static Described of(Object wrapped) {
            Map<String, Object> values = (Map<String, Object>) wrapped;
            return new Described(String.valueOf(values.get("type")), (Map<String, Object>) values.get("options"));
        }
    }

    private static IllegalArgumentException unknown(String type) {
        return new IllegalArgumentException("Keras has no layer such as " + type);
    }

    private static String timePooling(String pooling) {
        return switch (pooling) {
            case "mean" -> "GlobalAveragePooling1D";
            case "max" -> "GlobalMaxPooling1D";
            default -> throw new IllegalArgumentException("Keras has no layer that takes the last step");
        };
    }

    private WrittenLayer one(Layer layer, Described of, String name, Form in) {
        return switch (of.type()) {
            case "Linear" ->
                weights(
                        layer,
                        new WrittenLayer("Dense", name)
                                .with("units", of.number("units"))
                                .with("use_bias", of.flag("biased")));
            case "Embedding" -> embedding(layer, of, name);
            case "Activation" -> KerasActivations.written(name, ((ActivationLayer) layer).function());
            case "Softmax" -> KerasActivations.written(name, of.flag("logarithm") ? "log_softmax" : "softmax");
            case "Dropout" -> dropout(of, name, in);
            case "Masking" -> new WrittenLayer("Masking", name).with("mask_value", of.number("value"));
            case "Flatten" -> new WrittenLayer("Flatten", name);
            case "Reshape" -> new WrittenLayer("Reshape", name).with("target_shape", of.integers("dimensions"));
            // Which changes nothing but that Keras' Reshape knows no masks.
            case "AllSteps" -> new WrittenLayer("Reshape", name).with("target_shape", List.of(-1, in.features()));
            case "Permute" -> new WrittenLayer("Permute", name).with("dims", of.integers("order"));
            case "RepeatVector" -> new WrittenLayer("RepeatVector", name).with("n", of.number("count"));
            case "GlobalPooling" ->
                new WrittenLayer(
                        of.text("pooling").equals("max") ? "GlobalMaxPooling2D" : "GlobalAveragePooling2D", name);
            case "BatchNorm" ->
                weights(
                        layer,
                        normal("BatchNormalization", of, name)
                                .with(
                                        "momentum",
                                        1
                                                - Double.parseDouble(
                                                        of.number("momentum").toString())));
            case "LayerNorm" -> weights(layer, normal("LayerNormalization", of, name));
            case "DotAttention" -> {
                if (of.flag("scaled")) {
                    throw new IllegalArgumentException(
                            "divides scores by a number of its own, which Keras' Attention does not");
                }
                yield new WrittenLayer("Attention", name)
                        .with("use_scale", false)
                        .with("score_mode", "dot")
                        .called("use_causal_mask", of.flag("causal"));
            }
            case "MultiHeadAttention" -> multiHeadAttention((MultiHeadAttention) layer, of, name);
            default -> throw unknown(of.type());
        };
    }

    private WrittenLayer multiHeadAttention(MultiHeadAttention layer, Described of, String name) {
        boolean biased = !of.options().containsKey("withoutBias");
        WrittenLayer written = new WrittenLayer("MultiHeadAttention", name)
                .with("num_heads", layer.heads())
                .with("key_dim", layer.headSize())
                .with("value_dim", layer.headSize())
                .with("use_bias", biased)
                .called("use_causal_mask", of.flag("causal"));
        List<WrittenLayer.Array> arrays = KerasArrays.written(layer, parameters);
        int each = biased ? 2 : 1;
        for (int i = 0; i < arrays.size(); i++) {
            String map = List.of("query", "key", "value", "output").get(i / each);
            written.array(map + "_dense/vars/" + i % each, arrays.get(i));
        }
        return written;
    }

    private static WrittenLayer normal(String type, Described of, String name) {
        return new WrittenLayer(type, name)
                .with("axis", -1)
                .with("epsilon", of.number("epsilon"))
                .with("center", of.flag("affine"))
                .with("scale", of.flag("affine"));
    }

    private WrittenLayer embedding(Layer layer, Described of, String name) {
        if (of.number("maxNorm").floatValue() > 0f) {
            throw new IllegalArgumentException(
                    "bounds the length of vectors (maxNorm), which Keras' Embedding does not");
        }
        return weights(
                layer,
                new WrittenLayer("Embedding", name)
                        .with("input_dim", of.number("vocabulary"))
                        .with("output_dim", of.number("features"))
                        .with("trainable", !of.flag("frozen")));
    }

    private static WrittenLayer dropout(Described of, String name, Form in) {
        boolean locked = of.flag("locked") && in.sequence();
        boolean features = in.dimensions().size() == 1;
        if ((locked || of.flag("wholeSteps")) && !features) {
            throw new IllegalArgumentException("drops the same of all steps, or whole steps, of more than features");
        }
        WrittenLayer layer =
                new WrittenLayer(locked ? "SpatialDropout1D" : "Dropout", name).with("rate", of.number("p"));
        if (of.flag("wholeSteps")) {
            JsonArray noise = new JsonArray();
            noise.add(JsonNull.INSTANCE);
            noise.add(JsonNull.INSTANCE);
            noise.add(new JsonPrimitive(1));
            layer.with("noise_shape", noise);
        }
        return layer;
    }

    private WrittenLayer weights(Layer layer, WrittenLayer to) {
        List<WrittenLayer.Array> arrays = KerasArrays.written(layer, parameters);
        for (int i = 0; i < arrays.size(); i++) {
            to.array("vars/" + i, arrays.get(i));
        }
        return to;
    }

    private List<WrittenLayer> bidirectional(Bidirectional layer, Described of, String name, Form in) {
        String merge =
                switch (of.text("merge")) {
                    case "concatenate" -> "concat";
                    case "sum" -> "sum";
                    case "average" -> "ave";
                    default -> "mul";
                };
        Described wrapped = Described.of(of.options().get("layer"));
        if (!of.options().containsKey("backward")) {
            RecurrentLayer<?> inner = (RecurrentLayer<?>) layer.wrapped().get(0);
            return new RecurrentWriter(wrapped.type(), name, wrapped.options(), unused)
                    .layers(inner, in.features(), merge);
        }
        WrittenLayer forward = oneWay(layer.wrapped().get(0), wrapped, "forward", in);
        Described other = Described.of(of.options().get("backward"));
        WrittenLayer backward = oneWay(layer.wrapped().get(1), other, "reverse", in);
        WrittenLayer both = new WrittenLayer("Bidirectional", name).with("merge_mode", merge);
        return List.of(
                backward.within(forward.within(both, "layer", "forward_layer"), "backward_layer", "backward_layer"));
    }

    /** One of two layers that read one way each, as Keras has them. */
    private WrittenLayer oneWay(Layer layer, Described of, String direction, Form in) {
        if (!(layer instanceof RecurrentLayer<?> inner)
                || !of.text("direction").equals(direction)
                || of.integer("layers") != 1
                || of.options().containsKey("readingOrder")) {
            throw new IllegalArgumentException(
                    "reads both ways by layers other than one that reads forward and one in reverse,"
                            + " which Keras' Bidirectional has");
        }
        return new RecurrentWriter(of.type(), direction, of.options(), unused).oneWay(inner, in.features());
    }

    private List<WrittenLayer> conv1d(Layer layer, Described of, String name) {
        List<WrittenLayer> layers = new ArrayList<>();
        String padding = of.text("padding");
        if (padding.equals("explicit")) {
            layers.add(padded1d(of, name));
            padding = "valid";
        }
        layers.add(weights(
                layer,
                convolution("Conv1D", of, name)
                        .with("kernel_size", List.of(of.integer("kernel")))
                        .with("strides", List.of(of.integer("stride")))
                        .with("dilation_rate", List.of(of.integer("dilation")))
                        .with("padding", padding)));
        return layers;
    }

    private static WrittenLayer convolution(String type, Described of, String name) {
        return new WrittenLayer(type, name)
                .with("filters", of.number("filters"))
                .with("groups", of.number("groups"))
                .with("use_bias", of.flag("biased"))
                .with("data_format", "channels_last");
    }

    private WrittenLayer padded1d(Described of, String name) {
        return new WrittenLayer("ZeroPadding1D", unused.apply(name + "_padding"))
                .with("padding", List.of(of.integer("before"), of.integer("after")));
    }

    private static List<Integer> pair(Described of, String option) {
        return List.of(of.integer(option + "Height"), of.integer(option + "Width"));
    }

    private List<WrittenLayer> conv2d(Layer layer, Described of, String name) {
        List<WrittenLayer> layers = new ArrayList<>(padded2d(of, name));
        layers.add(weights(
                layer,
                convolution("Conv2D", of, name)
                        .with("kernel_size", pair(of, "kernel"))
                        .with("strides", pair(of, "stride"))
                        .with("dilation_rate", pair(of, "dilation"))
                        .with("padding", of.flag("same") ? "same" : "valid")));
        return layers;
    }

    private List<WrittenLayer> padded2d(Described of, String name) {
        List<Integer> sides = pair(of, "padding");
        return sides.equals(List.of(0, 0))
                ? List.of()
                : List.of(new WrittenLayer("ZeroPadding2D", unused.apply(name + "_padding"))
                        .with("padding", sides)
                        .with("data_format", "channels_last"));
    }

    private List<WrittenLayer> pool1d(Described of, String name) {
        List<WrittenLayer> layers = new ArrayList<>();
        boolean max = of.type().startsWith("Max");
        String padding = of.text("padding");
        if (!padding.equals("valid")) {
            requirePoolPadding(of, max, padding.equals("same"));
        }
        if (padding.equals("explicit")) {
            layers.add(padded1d(of, name));
            padding = "valid";
        } else if (padding.equals("causal")) {
            throw new IllegalArgumentException("pads before the first step (causal), which Keras' pooling does not");
        }
        layers.add(new WrittenLayer(max ? "MaxPooling1D" : "AveragePooling1D", name)
                .with("pool_size", List.of(of.integer("kernel")))
                .with("strides", List.of(of.integer("stride")))
                .with("padding", padding));
        return layers;
    }

    private List<WrittenLayer> pool2d(Described of, String name) {
        boolean max = of.type().startsWith("Max");
        List<WrittenLayer> layers = new ArrayList<>(padded2d(of, name));
        if (of.flag("same") || !layers.isEmpty()) {
            requirePoolPadding(of, max, of.flag("same"));
        }
        layers.add(new WrittenLayer(max ? "MaxPooling2D" : "AveragePooling2D", name)
                .with("pool_size", pair(of, "kernel"))
                .with("strides", pair(of, "stride"))
                .with("padding", of.flag("same") ? "same" : "valid"));
        return layers;
    }

    /** Keras pads for means without counting the padding, or by zeros that count, which no maximum takes for nothing. */
    private static void requirePoolPadding(Described of, boolean max, boolean same) {
        if (max ? !same : of.flag("countPadding") == same) {
            throw new IllegalArgumentException(
                    max
                            ? "pads for maxima by numbers of steps or rows, which Keras' pooling does not"
                            : "counts padding otherwise than Keras does");
        }
    }
}
