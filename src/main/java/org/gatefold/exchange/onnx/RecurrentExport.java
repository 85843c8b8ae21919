package org.gatefold.exchange.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.gatefold.exchange.onnx.proto.AttributeProto;
import org.gatefold.exchange.onnx.proto.TensorProto;
import org.gatefold.layer.LayerDescription;
import org.gatefold.layer.recurrent.RecurrentLayer;
import org.gatefold.layer.recurrent.WeightLayout;
import org.gatefold.op.recurrent.GateActivation;

/** Writes one recurrent layer, an operator for each of the stacked ones. One use. */
final class RecurrentExport {
    /** Options that change what is computed in inference, and that the operators lack. */
    private static final Set<String> BEYOND =
            Set.of("projection", "skipInput", "zoneoutH", "zoneoutC", "learnedInitialState", "readingOrder");

    private final OnnxMessages out;
    private final String name;
    private final String operator;
    private final Map<String, Object> options;
    private final RecurrentLayer<?> layer;
    private final boolean withStates;
    private final int size;
    private final int layers;
    private final int directions;
    private final List<String> lastH = new ArrayList<>();
    private final List<String> lastC = new ArrayList<>();

    RecurrentExport(OnnxMessages out, LayerDescription description, RecurrentLayer<?> layer, boolean withStates) {
        this.out = out;
        this.name = description.name();
        this.operator = description.type().toUpperCase(java.util.Locale.ROOT);
        this.options = description.options();
        this.layer = layer;
        this.withStates = withStates;
        size = whole("units");
        layers = whole("layers");
        directions = direction().equals("bidirectional") ? 2 : 1;
        for (String option : BEYOND) {
            Object value = options.get(option);
            if (value != null && !Boolean.FALSE.equals(value)) {
                throw new IllegalArgumentException(
                        "layer '" + name + "': the format's " + operator + " has no " + option + ", which is " + value);
            }
        }
        if (real("cellClip") > 0) {
            throw new IllegalArgumentException("layer '" + name + "': the format's " + operator
                    + " bounds sums, not cell states; cellClip is " + real("cellClip"));
        }
        if (layers > 1 && flag("peepholes")) {
            throw new IllegalArgumentException("layer '" + name + "': peepholes of stacked layers are not written");
        }
    }

    String name() {
        return name;
    }

    private int whole(String option) {
        return ((Number) options.get(option)).intValue();
    }

    private float real(String option) {
        return options.get(option) instanceof Number number ? number.floatValue() : 0f;
    }

    private boolean flag(String option) {
        return Boolean.TRUE.equals(options.get(option));
    }

    private String direction() {
        return String.valueOf(options.get("direction"));
    }

    private boolean lstm() {
        return operator.equals("LSTM");
    }

    /**
     * Writes the operators.
     *
     * @param again whether the weights are written already
     * @return the value that the layer gives
     */
    String write(String x, String lengths, boolean again) {
        List<String> firstH = withStates ? first("h0") : List.of();
        List<String> firstC = withStates && lstm() ? first("c0") : List.of();
        String y = x;
        for (int index = 0; index < layers; index++) {
            List<String> inputs = new ArrayList<>(List.of(y));
            inputs.addAll(weights(index, again));
            inputs.add(lengths);
            inputs.add(withStates ? firstH.get(index) : "");
            if (lstm()) {
                inputs.add(withStates ? firstC.get(index) : "");
                inputs.add(flag("peepholes") ? initialiser(index, "p") : "");
            }
            List<String> outputs = new ArrayList<>(List.of(out.name(name), out.name(name + ".h")));
            lastH.add(outputs.get(1));
            if (lstm()) {
                outputs.add(out.name(name + ".c"));
                lastC.add(outputs.get(2));
            }
            out.node(operator, inputs, outputs, attributes());
            y = sideBySide(outputs.get(0), List.of(0L, 2L, 1L, 3L), 0, 0, -1);
        }
        return flag("returnSequences") ? y : sideBySide(lastH.get(layers - 1), List.of(1L, 0L, 2L), 0, -1);
    }

    /** The directions behind each other on the last axis. */
    private String sideBySide(String value, List<Long> order, long... shape) {
        String moved = out.node("Transpose", name, List.of(value), OnnxMessages.wholes("perm", order));
        return out.node("Reshape", name, List.of(moved, out.wholes(name + ".shape", shape)));
    }

    private String initialiser(int index, String part) {
        return name + "." + index + "." + part;
    }

    /** Names of W, R and B, which are empty if there is none. */
    private List<String> weights(int index, boolean again) {
        boolean biased = !flag("withoutBias");
        List<String> names =
                List.of(initialiser(index, "w"), initialiser(index, "r"), biased ? initialiser(index, "b") : "");
        if (again) {
            return names;
        }
        List<float[]> arrays = layers == 1 ? layer.getWeights(WeightLayout.ONNX) : stacked(index, biased);
        int gates = lstm() ? 4 : operator.equals("GRU") ? 3 : 1;
        int rows = gates * size;
        out.reals(names.get(0), arrays.get(0), directions, rows, arrays.get(0).length / directions / rows);
        out.reals(names.get(1), arrays.get(1), directions, rows, size);
        if (biased) {
            out.reals(names.get(2), arrays.get(2), directions, 2 * rows);
        }
        if (flag("peepholes")) {
            out.reals(initialiser(index, "p"), arrays.get(3), directions, 3 * size);
        }
        return names;
    }

    /** W, R and B of one of the stacked layers, from PyTorch's lists, which name each. */
    private List<float[]> stacked(int index, boolean biased) {
        List<float[]> all = layer.getWeights(WeightLayout.PYTORCH);
        int each = biased ? 4 : 2;
        float[] w = {};
        float[] r = {};
        float[] b = {};
        for (int d = 0; d < directions; d++) {
            int at = (index * directions + d) * each;
            w = joined(w, reordered(all.get(at)));
            r = joined(r, reordered(all.get(at + 1)));
            if (biased) {
                b = joined(joined(b, reordered(all.get(at + 2))), reordered(all.get(at + 3)));
            }
        }
        return List.of(w, r, b);
    }

    /** Blocks of gates from PyTorch's order to that of the format. */
    private float[] reordered(float[] values) {
        int[] order = lstm() ? new int[] {0, 3, 1, 2} : operator.equals("GRU") ? new int[] {1, 0, 2} : new int[] {0};
        float[] result = new float[values.length];
        int block = values.length / order.length;
        for (int i = 0; i < order.length; i++) {
            System.arraycopy(values, order[i] * block, result, i * block, block);
        }
        return result;
    }

    private static float[] joined(float[] a, float[] b) {
        float[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    private List<String> first(String state) {
        String input = name + "." + state;
        out.input(input, TensorProto.DataType.FLOAT_VALUE, stateDims());
        if (layers == 1) {
            return List.of(input);
        }
        List<String> parts =
                IntStream.range(0, layers).mapToObj(i -> out.name(input)).toList();
        out.node("Split", List.of(input), parts, List.of(OnnxMessages.whole("axis", 0)));
        return parts;
    }

    private List<String> stateDims() {
        return List.of(String.valueOf(layers * directions), "batch", String.valueOf(size));
    }

    /** Writes the states at the end as outputs. */
    void states() {
        if (withStates) {
            state("h", lastH);
            if (lstm()) {
                state("c", lastC);
            }
        }
    }

    private void state(String state, List<String> parts) {
        String all = parts.size() == 1 ? parts.get(0) : out.node("Concat", name, parts, OnnxMessages.whole("axis", 0));
        out.output(name + "." + state, all, stateDims());
    }

    private List<AttributeProto> attributes() {
        List<AttributeProto> attributes = new ArrayList<>();
        attributes.add(OnnxMessages.whole("hidden_size", size));
        attributes.add(OnnxMessages.text("direction", direction()));
        if (real("gateClip") > 0) {
            attributes.add(OnnxMessages.real("clip", real("gateClip")));
        }
        if (flag("coupledGates")) {
            attributes.add(OnnxMessages.whole("input_forget", 1));
        }
        if (operator.equals("GRU")) {
            attributes.add(OnnxMessages.whole("linear_before_reset", flag("resetBefore") ? 0 : 1));
        }
        if (options.get("activations") instanceof String functions) {
            activations(functions, attributes);
        } else if (flag("relu")) {
            attributes.add(OnnxMessages.texts("activations", java.util.Collections.nCopies(directions, "Relu")));
        }
        return attributes;
    }

    private void activations(String described, List<AttributeProto> attributes) {
        List<String> given = List.of(described.split(" "));
        List<Integer> places = lstm() ? List.of(0, 1, 2) : operator.equals("GRU") ? List.of(0, 1) : List.of(1);
        List<String> names = new ArrayList<>();
        List<Float> alphas = new ArrayList<>();
        List<Float> betas = new ArrayList<>();
        for (int d = 0; d < directions; d++) {
            int at = given.size() > 3 ? 3 * d : 0;
            for (int place : places) {
                GateActivation function = GateActivation.parse(given.get(at + place));
                names.add(word(function.kind()));
                if (function.kind().numbers() > 0) {
                    alphas.add(function.alpha());
                }
                if (function.kind().numbers() > 1) {
                    betas.add(function.beta());
                }
            }
        }
        attributes.add(OnnxMessages.texts("activations", names));
        attributes.add(OnnxMessages.reals("activation_alpha", alphas));
        attributes.add(OnnxMessages.reals("activation_beta", betas));
    }

    private static String word(GateActivation.Kind kind) {
        return switch (kind) {
            case SIGMOID -> "Sigmoid";
            case TANH -> "Tanh";
            case RELU -> "Relu";
            case HARD_SIGMOID -> "HardSigmoid";
            case SOFTSIGN -> "Softsign";
            case SOFTPLUS -> "Softplus";
            case ELU -> "Elu";
            case AFFINE -> "Affine";
            case LEAKY_RELU -> "LeakyRelu";
            case THRESHOLDED_RELU -> "ThresholdedRelu";
            case SCALED_TANH -> "ScaledTanh";
        };
    }
}
