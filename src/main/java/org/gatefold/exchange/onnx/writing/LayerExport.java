package org.gatefold.exchange.onnx.writing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.gatefold.exchange.onnx.proto.AttributeProto;
import org.gatefold.layer.Layers;
import org.gatefold.layer.ParameterStore;
import org.gatefold.tensor.Form;

/**
 * Writes layers as operators, those within others too. Values are as here: sequences {@code [time, batch, …]}, rows {@code [batch, …]}. One
 * thread.
 */
public final class LayerExport {
    private final OnnxMessages out;
    private final ExportedWeights weights;
    private final boolean lengths;
    private final boolean states;
    private final List<RecurrentExport> recurrent = new ArrayList<>();

    /** The operators whose states are those of the layer that gave a value. */
    private final Map<String, List<RecurrentExport>> stated = new HashMap<>();

    private final WindowExport windows;
    private final AttentionExport attention;

    /**
     * A layer to be written.
     *
     * @param name its own, which those of its parameters begin with
     * @param options that describe it
     * @param in what it takes
     */
    public record Place(String name, String type, Map<String, Object> options, Form in) {
        int whole(String option) {
            return ((Number) options.get(option)).intValue();
        }

        float real(String option) {
            return ((Number) options.get(option)).floatValue();
        }

        boolean flag(String option) {
            return Boolean.TRUE.equals(options.get(option));
        }

        String text(String option) {
            return String.valueOf(options.get(option));
        }

        /** The dimensions in front of those of a row or step: rows, or steps and rows. */
        int lead() {
            return in.sequence() ? 2 : 1;
        }

        /** The layer that this one wraps. */
        Place inner(String option, String innerName, Form innerIn) {
            return inner((Map<?, ?>) options.get(option), innerName, innerIn);
        }

        @SuppressWarnings("unchecked") // as Layers.wrapping writes it
        Place inner(Map<?, ?> wrapped, String innerName, Form innerIn) {
            return new Place(
                    innerName,
                    String.valueOf(wrapped.get("type")),
                    (Map<String, Object>) wrapped.get("options"),
                    innerIn);
        }

        IllegalArgumentException refusal(String why) {
            return new IllegalArgumentException("layer '" + name + "': " + why);
        }
    }

    public LayerExport(OnnxMessages out, ExportedWeights weights, boolean lengths, boolean states) {
        this.out = out;
        this.weights = weights;
        this.lengths = lengths;
        this.states = states;
        this.windows = new WindowExport(out, weights);
        this.attention = new AttentionExport(out, weights, this);
    }

    /** Writes the states of all recurrent layers at the end as outputs. */
    public void writeStates() {
        recurrent.forEach(RecurrentExport::states);
    }

    /**
     * Writes a layer that may read more than its input.
     *
     * @param x the value that it takes
     * @param further the states that it begins with, or the source that it attends to; none if there is nothing of the kind
     * @return the value that it gives
     * @throws IllegalArgumentException naming the layer that the format cannot say, with the reason
     */
    public String write(Place layer, String x, List<String> further) {
        if (further.isEmpty()) {
            return write(layer, x);
        }
        return switch (layer.type()) {
            case "Lstm", "Gru", "Rnn" -> recurrent(layer, x, further);
            case "Bidirectional" -> bidirectional(layer, x, further);
            case "DotAttention", "GeneralAttention", "AdditiveAttention", "MultiHeadAttention" -> {
                requireNoLengths(layer);
                yield attention.toSource(layer, x, further.get(0));
            }
            default -> throw layer.refusal("a " + layer.type() + " that reads another sequence is not written");
        };
    }

    /**
     * A state that a layer ends with.
     *
     * @param value what the layer gave
     * @param number of the state, as the layer orders them
     */
    public String state(String value, int number) {
        int left = number;
        for (RecurrentExport export : stated.get(value)) {
            if (left < export.stateCount()) {
                return export.state(left);
            }
            left -= export.stateCount();
        }
        throw new IndexOutOfBoundsException(number);
    }

    /**
     * Writes a layer.
     *
     * @param x the value that it takes
     * @return the value that it gives
     * @throws IllegalArgumentException naming the layer that the format cannot say, with the reason
     */
    public String write(Place layer, String x) {
        return switch (layer.type()) {
            case "Lstm", "Gru", "Rnn" -> recurrent(layer, x, List.of());
            case "Bidirectional" -> bidirectional(layer, x, List.of());
            case "Linear" -> linear(layer.name(), x, layer.flag("biased"));
            case "Embedding" -> embedding(layer, x);
            case "Dropout" -> x;
            case "Softmax" ->
                out.node(
                        layer.flag("logarithm") ? "LogSoftmax" : "Softmax",
                        layer.name(),
                        List.of(x),
                        OnnxMessages.whole("axis", -1));
            case "Activation" -> activation(layer, layer.text("function"), x);
            case "LayerNorm" ->
                layerNorm(layer.name(), layer.in().last(), layer.real("epsilon"), layer.flag("affine"), x);
            case "BatchNorm" -> batchNorm(layer, x);
            case "GroupNorm" -> groupNorm(layer, x);
            case "Residual" -> out.node("Add", layer.name(), List.of(x, inner(layer, x)));
            case "Highway" -> highway(layer, x);
            case "Flatten" ->
                reshape(layer, x, List.of(Math.toIntExact(layer.in().size())));
            case "Reshape" -> reshape(layer, x, numbers(layer, "dimensions"));
            case "Permute" -> permute(layer, x);
            default -> acrossSteps(layer, x);
        };
    }

    private void requireNoLengths(Place layer) {
        if (lengths) {
            throw layer.refusal("a " + layer.type() + " looks at several steps, and takes no lengths in a file");
        }
    }

    /** Layers that look at several steps, or make them. */
    private String acrossSteps(Place layer, String x) {
        boolean known = WindowExport.TYPES.contains(layer.type()) || AttentionExport.TYPES.contains(layer.type());
        boolean images = layer.type().endsWith("2d") || layer.type().equals("GlobalPooling");
        if (known && !images) {
            requireNoLengths(layer);
        }
        if (AttentionExport.TYPES.contains(layer.type())) {
            return attention.write(layer, x);
        }
        return switch (layer.type()) {
            case "RepeatVector" -> repeated(layer, x);
            case "ToSequence" -> swapped(layer, x);
            case "TimeDistributed" -> distributed(layer, x);
            case "ToRows" -> rows(layer, x);
            case "AllSteps" -> {
                if (lengths) {
                    throw layer.refusal("reads steps behind the lengths that a file would take");
                }
                yield x;
            }
            case "Masking" -> throw layer.refusal("the format has no masks; give lengths, by withLengths()");
            default -> {
                if (!known) {
                    throw layer.refusal("a layer of type " + layer.type() + " is not written to ONNX");
                }
                yield windows.write(layer, x);
            }
        };
    }

    private String recurrent(Place layer, String x, List<String> given) {
        boolean again = recurrent.stream().anyMatch(other -> other.name().equals(layer.name()));
        if (states && again) {
            throw layer.refusal("is applied twice, and has states for one");
        }
        RecurrentExport export = new RecurrentExport(out, weights, layer, states && !again && given.isEmpty());
        String y = export.write(x, lengths ? "lengths" : "", given);
        recurrent.add(export);
        stated.put(y, List.of(export));
        return y;
    }

    private String inner(Place layer, String x) {
        return write(layer.inner("layer", layer.name() + ".layer", layer.in()), x);
    }

    private String bidirectional(Place layer, String x, List<String> given) {
        String merge = layer.text("merge");
        String name = layer.name();
        if (layer.options().containsKey("backward")) {
            // Two layers of one direction have as many states where states may be given.
            int own = given.size() / 2;
            String forward = write(layer.inner("layer", name + ".forward", layer.in()), x, given.subList(0, own));
            String backward =
                    write(layer.inner("backward", name + ".backward", layer.in()), x, given.subList(own, given.size()));
            return withStates(
                    merge.equals("concatenate")
                            ? out.node("Concat", name, List.of(forward, backward), OnnxMessages.whole("axis", -1))
                            : merged(layer, merge, List.of(forward, backward)),
                    forward,
                    backward);
        }
        String both = write(layer.inner("layer", name, layer.in()), x, given);
        if (merge.equals("concatenate")) {
            return both;
        }
        List<String> halves = List.of(out.name(name), out.name(name));
        out.node("Split", List.of(both), halves, List.of(OnnxMessages.whole("axis", -1)));
        return withStates(merged(layer, merge, halves), both);
    }

    /** A value whose states are those of the values that it is made of. */
    private String withStates(String value, String... of) {
        stated.put(
                value,
                Arrays.stream(of)
                        .flatMap(part -> stated.getOrDefault(part, List.of()).stream())
                        .toList());
        return value;
    }

    private String merged(Place layer, String merge, List<String> both) {
        String name = layer.name();
        return switch (merge) {
            case "sum" -> out.node("Add", name, both);
            case "multiply" -> out.node("Mul", name, both);
            case "average" -> out.node("Mul", name, List.of(out.node("Add", name, both), number(name, 0.5f)));
            default -> throw layer.refusal("the merge '" + merge + "' is not written to ONNX");
        };
    }

    /** A constant of one number. */
    String number(String named, float value) {
        return out.reals(out.name(named), new float[] {value}, 1);
    }

    private String scalar(String named, float value) {
        return out.reals(out.name(named), new float[] {value});
    }

    /** An affine map by the parameters {@code NAME.w [out, in]} and {@code NAME.b}. */
    String linear(String name, String x, boolean biased) {
        String product = out.node("Transpose", name, List.of(weights.of(name + ".w")));
        String y = out.node("MatMul", name, List.of(x, product));
        return biased ? out.node("Add", name, List.of(y, weights.of(name + ".b"))) : y;
    }

    private String embedding(Place layer, String x) {
        if (layer.real("maxNorm") > 0) {
            throw layer.refusal("the format has no maxNorm of embeddings");
        }
        return out.node("Gather", layer.name(), List.of(weights.of(layer.name() + ".w"), x));
    }

    /** A function whose numbers are the layer's options alpha and beta. */
    String activation(Place layer, String function, String x) {
        String name = layer.name();
        AttributeProto alpha = OnnxMessages.real("alpha", layer.real("alpha"));
        return switch (function.toLowerCase(Locale.ROOT)) {
            case "sigmoid" -> out.node("Sigmoid", name, List.of(x));
            case "tanh" -> out.node("Tanh", name, List.of(x));
            case "relu" -> out.node("Relu", name, List.of(x));
            case "softplus" -> out.node("Softplus", name, List.of(x));
            case "exp" -> out.node("Exp", name, List.of(x));
            case "leaky_relu" -> out.node("LeakyRelu", name, List.of(x), alpha);
            case "elu" -> out.node("Elu", name, List.of(x), alpha);
            case "hard_sigmoid" ->
                out.node("HardSigmoid", name, List.of(x), alpha, OnnxMessages.real("beta", layer.real("beta")));
            case "softsign" -> out.node("Softsign", name, List.of(x));
            case "clip" ->
                out.node("Clip", name, List.of(x, scalar(name, layer.real("alpha")), scalar(name, layer.real("beta"))));
            case "selu" -> out.node("Selu", name, List.of(x), alpha, OnnxMessages.real("gamma", layer.real("beta")));
            case "hard_swish" -> out.node("HardSwish", name, List.of(x));
            case "thresholded_relu" -> out.node("ThresholdedRelu", name, List.of(x), alpha);
            case "mish" -> {
                String soft = out.node("Softplus", name, List.of(x));
                yield out.node("Mul", name, List.of(x, out.node("Tanh", name, List.of(soft))));
            }
            case "gelu_tanh" -> geluTanh(name, x);
            case "silu" -> out.node("Mul", name, List.of(x, out.node("Sigmoid", name, List.of(x))));
            case "gelu" -> {
                String scaled = out.node("Mul", name, List.of(x, number(name, (float) Math.sqrt(0.5))));
                String share = out.node("Add", name, List.of(out.node("Erf", name, List.of(scaled)), number(name, 1f)));
                String half = out.node("Mul", name, List.of(x, number(name, 0.5f)));
                yield out.node("Mul", name, List.of(half, share));
            }
            default -> throw layer.refusal("the format has no function " + function);
        };
    }

    /** {@code x sigmoid(2 u)} with {@code u = √(2/π) x (1 + 0.044715 x²)}, which is {@code x/2 (1 + tanh u)}. */
    private String geluTanh(String name, String x) {
        String square = out.node("Mul", name, List.of(x, x));
        String cubic = out.node("Mul", name, List.of(square, number(name, 0.044715f)));
        String inner = out.node("Add", name, List.of(cubic, number(name, 1f)));
        String doubled = out.node("Mul", name, List.of(x, number(name, (float) (2 * Math.sqrt(2 / Math.PI)))));
        String share = out.node("Sigmoid", name, List.of(out.node("Mul", name, List.of(doubled, inner))));
        return out.node("Mul", name, List.of(x, share));
    }

    String layerNorm(String name, int features, float epsilon, boolean affine, String x) {
        List<String> inputs = new ArrayList<>(List.of(x));
        if (affine) {
            inputs.addAll(List.of(weights.of(name + ".gamma"), weights.of(name + ".beta")));
        } else {
            inputs.add(weights.given(name + ".ones", filled(features, 1f), features));
        }
        return out.node(
                "LayerNormalization",
                name,
                inputs,
                OnnxMessages.whole("axis", -1),
                OnnxMessages.real("epsilon", epsilon));
    }

    private static float[] filled(int count, float value) {
        float[] values = new float[count];
        Arrays.fill(values, value);
        return values;
    }

    /** By running statistics; the operator has channels behind rows, so that steps are multiplied and moved by numbers made of them. */
    private String batchNorm(Place layer, String x) {
        String name = layer.name();
        int channels = layer.in().dimensions().get(0);
        boolean affine = layer.flag("affine");
        if (!layer.in().sequence()) {
            String gamma = affine
                    ? weights.of(name + ".gamma")
                    : weights.given(name + ".ones", filled(channels, 1f), channels);
            String beta = affine
                    ? weights.of(name + ".beta")
                    : weights.given(name + ".zeros", filled(channels, 0f), channels);
            return out.node(
                    "BatchNormalization",
                    name,
                    List.of(x, gamma, beta, weights.of(name + ".mean"), weights.of(name + ".variance")),
                    OnnxMessages.real("epsilon", layer.real("epsilon")));
        }
        float[] scale = affine ? weights.values(name + ".gamma").clone() : filled(channels, 1f);
        float[] shift = affine ? weights.values(name + ".beta").clone() : filled(channels, 0f);
        float[] mean = weights.values(name + ".mean");
        float[] variance = weights.values(name + ".variance");
        for (int c = 0; c < channels; c++) {
            scale[c] = (float) (scale[c] / Math.sqrt(variance[c] + layer.real("epsilon")));
            shift[c] -= scale[c] * mean[c];
        }
        int[] dims = perChannel(layer.in());
        String scaled = out.node("Mul", name, List.of(x, weights.given(name + ".scale", scale, dims)));
        return out.node("Add", name, List.of(scaled, weights.given(name + ".shift", shift, dims)));
    }

    /** {@code [C, 1, …]}, for numbers of the first dimension of a row or step. */
    private static int[] perChannel(Form form) {
        int[] dims = new int[form.dimensions().size()];
        Arrays.fill(dims, 1);
        dims[0] = form.dimensions().get(0);
        return dims;
    }

    private String groupNorm(Place layer, String x) {
        String name = layer.name();
        int groups = layer.whole("groups");
        int size = Math.toIntExact(layer.in().size()) / groups;
        String grouped = reshape(layer, x, List.of(groups, size));
        String normed = out.node(
                "LayerNormalization",
                name,
                List.of(grouped, weights.given(name + ".ones", filled(size, 1f), size)),
                OnnxMessages.whole("axis", -1),
                OnnxMessages.real("epsilon", layer.real("epsilon")));
        int[] dims = perChannel(layer.in());
        String scaled = out.node(
                "Mul",
                name,
                List.of(reshape(layer, normed, layer.in().dimensions()), weights.of(name + ".gamma", dims)));
        return out.node("Add", name, List.of(scaled, weights.of(name + ".beta", dims)));
    }

    /** {@code x + t (h - x)}. */
    private String highway(Place layer, String x) {
        String name = layer.name();
        String h = inner(layer, x);
        String t = out.node("Sigmoid", name, List.of(linear(name + ".gate", x, true)));
        String change = out.node("Mul", name, List.of(t, out.node("Sub", name, List.of(h, x))));
        return out.node("Add", name, List.of(x, change));
    }

    private static List<Integer> numbers(Place layer, String option) {
        Map<?, ?> numbers = (Map<?, ?>) layer.options().get(option);
        return IntStream.range(0, numbers.size())
                .mapToObj(i -> ((Number) numbers.get(String.valueOf(i))).intValue())
                .toList();
    }

    /** Other dimensions of rows or steps; 0 leaves a dimension in front as it is. */
    private String reshape(Place layer, String x, List<Integer> dimensions) {
        List<Long> dims = new ArrayList<>(Collections.nCopies(layer.lead(), 0L));
        dimensions.forEach(dim -> dims.add((long) dim));
        return out.reshape(layer.name(), x, dims);
    }

    private String permute(Place layer, String x) {
        List<Long> order = new ArrayList<>();
        IntStream.range(0, layer.lead()).forEach(axis -> order.add((long) axis));
        numbers(layer, "order").forEach(axis -> order.add((long) axis + layer.lead() - 1));
        return out.node("Transpose", layer.name(), List.of(x), OnnxMessages.wholes("perm", order));
    }

    private String repeated(Place layer, String x) {
        String name = layer.name();
        long[] repeats = new long[layer.in().dimensions().size() + 2];
        Arrays.fill(repeats, 1);
        repeats[0] = layer.whole("count");
        String one = out.node("Unsqueeze", name, List.of(x, out.wholes(name, 0)));
        return out.node("Tile", name, List.of(one, out.wholes(name, repeats)));
    }

    /** Rows and steps in each other's place. */
    private String swapped(Place layer, String x) {
        List<Long> order = new ArrayList<>(List.of(1L, 0L));
        int rank = layer.in().dimensions().size() + (layer.in().sequence() ? 2 : 1);
        for (long axis = 2; axis < rank; axis++) {
            order.add(axis);
        }
        return out.node("Transpose", layer.name(), List.of(x), OnnxMessages.wholes("perm", order));
    }

    private String rows(Place layer, String x) {
        if (lengths) {
            throw layer.refusal("a ToRows reads all steps, and takes no lengths in a file");
        }
        return swapped(layer, x);
    }

    /** Rows of all steps at once. */
    private String distributed(Place layer, String x) {
        Form form = layer.in().withSequence(false);
        String y = out.mergedSteps(layer.name(), x, form);
        Map<?, ?> layers = (Map<?, ?>) layer.options().get("layers");
        for (int i = 0; i < layers.size(); i++) {
            Place inner = layer.inner((Map<?, ?>) layers.get(String.valueOf(i)), layer.name() + "." + i, form);
            y = write(inner, y);
            form = Layers.of(inner.type(), inner.options()).build(new ParameterStore(), inner.name(), form);
        }
        return out.restoredSteps(layer.name(), y, x, form.dimensions().size());
    }
}
