package org.gatefold.exchange.onnx.writing;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.gatefold.exchange.onnx.proto.TensorProto;
import org.gatefold.exchange.onnx.writing.LayerExport.Place;

/** Writes attention of a sequence to itself or another, and what Transformers are made of. One thread. */
record AttentionExport(OnnxMessages out, ExportedWeights weights, LayerExport layers) {
    /** The layers that it writes. */
    static final Set<String> TYPES = Set.of(
            "DotAttention",
            "GeneralAttention",
            "AdditiveAttention",
            "MultiHeadAttention",
            "TransformerEncoderLayer",
            "TransformerEncoder",
            "PositionalEmbedding",
            "SinusoidalPositions");

    /** Added to scores of later steps. */
    private static final float NEVER = -1e9f;

    String write(Place layer, String x) {
        return switch (layer.type()) {
            case "DotAttention", "GeneralAttention", "AdditiveAttention", "MultiHeadAttention" -> toSource(layer, x, x);
            case "TransformerEncoderLayer" -> encoderLayer(layer, x);
            case "TransformerEncoder" -> encoder(layer, x);
            case "PositionalEmbedding" -> {
                String places = out.node(
                        "Slice",
                        layer.name(),
                        List.of(
                                weights.of(layer.name() + ".w"),
                                out.wholes(layer.name(), 0),
                                steps(layer.name(), x),
                                out.wholes(layer.name(), 0)));
                yield added(layer.name(), x, places);
            }
            default -> added(layer.name(), x, waves(layer, x));
        };
    }

    /** The number of steps, {@code [1]}. */
    private String steps(String name, String x) {
        return out.slice(name, out.node("Shape", name, List.of(x)), 0, 1, 1);
    }

    /** Vectors of places {@code [T, F]} added to those of every row. */
    private String added(String name, String x, String places) {
        return out.node("Add", name, List.of(x, out.node("Unsqueeze", name, List.of(places, out.wholes(name, 1)))));
    }

    private String waves(Place layer, String x) {
        String name = layer.name();
        int features = layer.in().last();
        float[] frequencies = new float[features];
        float[] shifts = new float[features];
        for (int f = 0; f < features; f++) {
            frequencies[f] = (float) (1 / Math.pow(10_000, (double) (f - f % 2) / features));
            shifts[f] = f % 2;
        }
        String count = out.node("Squeeze", name, List.of(steps(name, x), out.wholes(name, 0)));
        String range = out.node("Range", name, List.of(out.scalar(name, 0), count, out.scalar(name, 1)));
        String places =
                out.node("Cast", name, List.of(range), OnnxMessages.whole("to", TensorProto.DataType.FLOAT_VALUE));
        String column = out.node("Unsqueeze", name, List.of(places, out.wholes(name, 1)));
        String angles =
                out.node("Mul", name, List.of(column, weights.given(name + ".frequencies", frequencies, 1, features)));
        String odd = weights.given(name + ".odd", shifts, 1, features);
        String even = out.node("Sub", name, List.of(layers.number(name, 1f), odd));
        String sines = out.node("Mul", name, List.of(out.node("Sin", name, List.of(angles)), even));
        String cosines = out.node("Mul", name, List.of(out.node("Cos", name, List.of(angles)), odd));
        return out.node("Add", name, List.of(sines, cosines));
    }

    /** Attention of several heads to a source. */
    private String heads(String name, Place layer, String x, String source) {
        long heads = layer.whole("heads");
        boolean biased = !layer.options().containsKey("withoutBias");
        long size = layer.options().containsKey("headSize")
                ? layer.whole("headSize")
                : layer.in().last() / heads;
        String q = parted(name + ".query", x, heads, size, biased, List.of(1L, 2L, 0L, 3L));
        String k = parted(name + ".key", source, heads, size, biased, List.of(1L, 2L, 3L, 0L));
        String v = parted(name + ".value", source, heads, size, biased, List.of(1L, 2L, 0L, 3L));
        String products = out.node("MatMul", name, List.of(q, k));
        String scores =
                out.node("Mul", name, List.of(products, layers.number(name, (float) (1 / Math.sqrt((double) size)))));
        if (layer.flag("causal")) {
            scores = out.node("Add", name, List.of(scores, laterSteps(name, x, source)));
        }
        String shares = out.node("Softmax", name, List.of(scores), OnnxMessages.whole("axis", -1));
        String y = out.node("MatMul", name, List.of(shares, v));
        String moved = out.node("Transpose", name, List.of(y), OnnxMessages.wholes("perm", List.of(2L, 0L, 1L, 3L)));
        return layers.linear(name + ".output", out.reshape(name, moved, List.of(0L, 0L, heads * size)), biased);
    }

    /** An affine map, cut into heads, axes in an order. */
    private String parted(String name, String x, long heads, long size, boolean biased, List<Long> order) {
        String y = out.reshape(name, layers.linear(name, x, biased), List.of(0L, 0L, heads, size));
        return out.node("Transpose", name, List.of(y), OnnxMessages.wholes("perm", order));
    }

    /** Attention to the steps of a source. */
    String toSource(Place layer, String x, String source) {
        String name = layer.name();
        if (layer.type().equals("MultiHeadAttention")) {
            return heads(name, layer, x, source);
        }
        String v = rowsFirst(name, source);
        String scores =
                switch (layer.type()) {
                    case "GeneralAttention" -> products(name, x, layers.linear(name, source, false));
                    case "AdditiveAttention" -> additiveScores(name, x, source);
                    default -> products(name, x, source);
                };
        if (layer.type().equals("DotAttention") && layer.flag("scaled")) {
            float scale = (float) (1 / Math.sqrt((double) layer.in().last()));
            scores = out.node("Mul", name, List.of(scores, layers.number(name, scale)));
        }
        if (layer.flag("causal")) {
            scores = out.node("Add", name, List.of(scores, laterSteps(name, x, source)));
        }
        String shares = out.node("Softmax", name, List.of(scores), OnnxMessages.whole("axis", -1));
        String y = out.node("MatMul", name, List.of(shares, v));
        return out.node("Transpose", name, List.of(y), OnnxMessages.wholes("perm", List.of(1L, 0L, 2L)));
    }

    /** {@code [B, T, F]}. */
    private String rowsFirst(String name, String sequence) {
        return out.node("Transpose", name, List.of(sequence), OnnxMessages.wholes("perm", List.of(1L, 0L, 2L)));
    }

    /** {@code [B, T, S]}: products of queries {@code [T, B, F]} with keys {@code [S, B, F]}. */
    private String products(String name, String queries, String keys) {
        String turned = out.node("Transpose", name, List.of(keys), OnnxMessages.wholes("perm", List.of(1L, 2L, 0L)));
        return out.node("MatMul", name, List.of(rowsFirst(name, queries), turned));
    }

    /** {@code [B, T, S]}, by the units of each pair of steps. */
    private String additiveScores(String name, String x, String source) {
        String q = rowsFirst(name, layers.linear(name + ".query", x, false));
        String k = rowsFirst(name, layers.linear(name + ".key", source, false));
        String pairs = out.node(
                "Add",
                name,
                List.of(
                        out.node("Unsqueeze", name, List.of(q, out.wholes(name, 2))),
                        out.node("Unsqueeze", name, List.of(k, out.wholes(name, 1)))));
        String scores = layers.linear(name + ".score", out.node("Tanh", name, List.of(pairs)), false);
        return out.node("Squeeze", name, List.of(scores, out.wholes(name, 3)));
    }

    /** {@code [T, S]}: what is added to scores of T queries for S steps, so that no query attends to a later one. */
    private String laterSteps(String name, String x, String source) {
        List<String> sizes = List.of(steps(name, x), steps(name, source));
        String square = out.node("Concat", name, sizes, OnnxMessages.whole("axis", 0));
        String full = out.node("Expand", name, List.of(layers.number(name, NEVER), square));
        return out.node("Trilu", name, List.of(full, out.scalar(name, 1)), OnnxMessages.whole("upper", 1));
    }

    private String encoderLayer(Place layer, String x) {
        String name = layer.name();
        if (layer.flag("preNorm")) {
            String a = out.node("Add", name, List.of(x, selfAttention(layer, norm(layer, 1, x))));
            return out.node("Add", name, List.of(a, mapped(layer, norm(layer, 2, a))));
        }
        String a = norm(layer, 1, out.node("Add", name, List.of(x, selfAttention(layer, x))));
        return norm(layer, 2, out.node("Add", name, List.of(a, mapped(layer, a))));
    }

    private String selfAttention(Place layer, String x) {
        return heads(layer.name() + ".attention", layer, x, x);
    }

    private String norm(Place layer, int number, String x) {
        return layers.layerNorm(layer.name() + ".norm" + number, layer.in().last(), layer.real("epsilon"), true, x);
    }

    private String mapped(Place layer, String x) {
        String wide =
                layers.activation(layer, layer.text("activation"), layers.linear(layer.name() + ".linear1", x, true));
        return layers.linear(layer.name() + ".linear2", wide, true);
    }

    private String encoder(Place layer, String x) {
        String y = x;
        @SuppressWarnings("unchecked") // as the layer describes itself
        Map<String, Object> pattern = (Map<String, Object>) layer.options().get("layer");
        for (int i = 0; i < layer.whole("count"); i++) {
            y = encoderLayer(new Place(layer.name() + "." + i, "TransformerEncoderLayer", pattern, layer.in()), y);
        }
        return layer.flag("finalNorm")
                ? layers.layerNorm(layer.name() + ".norm", layer.in().last(), 1e-5f, true, y)
                : y;
    }
}
