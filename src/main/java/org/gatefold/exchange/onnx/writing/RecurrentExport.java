package org.gatefold.exchange.onnx.writing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.gatefold.exchange.onnx.proto.AttributeProto;
import org.gatefold.exchange.onnx.proto.TensorProto;
import org.gatefold.op.recurrent.GateActivation;

/** Writes one recurrent layer, an operator for each of the stacked ones. One use. */
final class RecurrentExport {
    /** Options that change what is computed in inference, and that the operators lack. */
    private static final Set<String> BEYOND = Set.of("projection", "skipInput", "zoneoutH", "zoneoutC");

    /** Block g here is block {@code ORDER[g]} of the format. */
    private static final Map<String, int[]> ORDERS =
            Map.of("LSTM", new int[] {0, 2, 3, 1}, "GRU", new int[] {1, 0, 2}, "RNN", new int[] {0});

    private static final int[] PEEPHOLE_ORDER = {0, 2, 1};

    private final OnnxMessages out;
    private final ExportedWeights weights;
    private final LayerExport.Place place;
    private final String name;
    private final String operator;
    private final Map<String, Object> options;
    private final boolean withStates;
    private final int size;
    private final int layers;
    private final int directions;
    private final List<String> lastH = new ArrayList<>();
    private final List<String> lastC = new ArrayList<>();

    RecurrentExport(OnnxMessages out, ExportedWeights weights, LayerExport.Place layer, boolean withStates) {
        this.out = out;
        this.weights = weights;
        this.place = layer;
        this.name = layer.name();
        this.operator = layer.type().toUpperCase(java.util.Locale.ROOT);
        this.options = layer.options();
        this.withStates = withStates;
        size = whole("units");
        layers = whole("layers");
        directions = direction().equals("bidirectional") ? 2 : 1;
        for (String option : BEYOND) {
            Object value = options.get(option);
            if (value != null && !Boolean.FALSE.equals(value)) {
                throw place.refusal("the format's " + operator + " has no " + option + ", which is " + value);
            }
        }
        if (real("cellClip") > 0) {
            throw place.refusal(
                    "the format's " + operator + " bounds sums, not cell states; cellClip is " + real("cellClip"));
        }
        if (flag("layerNorm")) {
            throw place.refusal("the format's " + operator + " has no layer normalisation");
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
     * @param given states {@code [batch, units]} to begin with, for each layer and direction h and, where there is one, c; none to begin as
     *     the layer does by itself
     * @return the value that the layer gives
     */
    String write(String x, String lengths, List<String> given) {
        boolean turned = flag("readingOrder") && flag("returnSequences");
        if (turned && !lengths.isEmpty()) {
            throw place.refusal("outputs in the order of reading take no lengths in a file");
        }
        List<String> firstH = given.isEmpty() ? first("h0", x) : first(given, 0);
        List<String> firstC = !lstm() ? firstH : given.isEmpty() ? first("c0", x) : first(given, 1);
        String y = x;
        for (int index = 0; index < layers; index++) {
            List<String> inputs = new ArrayList<>(List.of(y));
            inputs.addAll(weights(index));
            inputs.add(lengths);
            inputs.add(firstH.get(index));
            if (lstm()) {
                inputs.add(firstC.get(index));
                inputs.add(flag("peepholes") ? peepholes(index) : "");
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
        if (!flag("returnSequences")) {
            return sideBySide(lastH.get(layers - 1), List.of(1L, 0L, 2L), 0, -1);
        }
        return turned ? out.slice(name, y, -1, -Integer.MAX_VALUE, -1) : y;
    }

    /** The directions behind each other on the last axis. */
    private String sideBySide(String value, List<Long> order, long... shape) {
        String moved = out.node("Transpose", name, List.of(value), OnnxMessages.wholes("perm", order));
        return out.node("Reshape", name, List.of(moved, out.wholes(name + ".shape", shape)));
    }

    /** A part of the weights of both directions, which are called so in the model. */
    private List<float[]> parts(int index, String part) {
        List<String> of =
                switch (direction()) {
                    case "bidirectional" -> List.of("forward", "reverse");
                    case "reverse" -> List.of("reverse");
                    default -> List.of("forward");
                };
        return of.stream()
                .map(way -> weights.values(name + "." + index + "." + way + "." + part))
                .toList();
    }

    private String initialiser(int index, String part) {
        return name + "." + index + "." + part;
    }

    /** Names of W, R and B, which is empty if there is none. */
    private List<String> weights(int index) {
        int[] order = ORDERS.get(operator);
        int rows = order.length * size;
        float[] w = {};
        float[] r = {};
        float[] b = {};
        for (int d = 0; d < directions; d++) {
            float[] wx = parts(index, "wx").get(d);
            float[] bias =
                    flag("withoutBias") ? new float[0] : parts(index, "b").get(d);
            if (flag("batchNorm")) {
                bias = bias.length == 0 ? new float[rows] : bias.clone();
                wx = normalised(wx, bias, index, d);
            }
            w = joined(w, reordered(wx, order));
            r = joined(r, reordered(parts(index, "wh").get(d), order));
            if (bias.length > 0) {
                float[] ofState = new float[rows];
                if (bias.length > rows) {
                    // What the reset gate of a GRU multiplies has a bias of its own.
                    System.arraycopy(bias, rows, ofState, rows - size, size);
                }
                b = joined(joined(b, reordered(Arrays.copyOf(bias, rows), order)), reordered(ofState, order));
            }
        }
        return List.of(
                weights.given(initialiser(index, "w"), w, directions, rows, w.length / directions / rows),
                weights.given(initialiser(index, "r"), r, directions, rows, size),
                b.length == 0 ? "" : weights.given(initialiser(index, "b"), b, directions, 2 * rows));
    }

    /**
     * The input weights with the running statistics of their product in them.
     *
     * @param bias gets the mean subtracted
     */
    private float[] normalised(float[] wx, float[] bias, int index, int d) {
        float[] gamma = parts(index, "gamma").get(d);
        float[] mean = parts(index, "mean").get(d);
        float[] variance = parts(index, "variance").get(d);
        float[] folded = new float[wx.length];
        int columns = wx.length / gamma.length;
        for (int row = 0; row < gamma.length; row++) {
            double scale = gamma[row] / Math.sqrt((double) variance[row] + real("epsilon"));
            for (int i = row * columns; i < (row + 1) * columns; i++) {
                folded[i] = (float) (scale * wx[i]);
            }
            bias[row] = (float) (bias[row] - scale * mean[row]);
        }
        return folded;
    }

    private String peepholes(int index) {
        float[] p = {};
        for (float[] of : parts(index, "p")) {
            p = joined(p, reordered(of, PEEPHOLE_ORDER));
        }
        return weights.given(initialiser(index, "p"), p, directions, 3 * size);
    }

    /** Blocks in the order of the format. */
    private static float[] reordered(float[] values, int... order) {
        float[] result = new float[values.length];
        int block = values.length / order.length;
        for (int i = 0; i < order.length; i++) {
            System.arraycopy(values, i * block, result, order[i] * block, block);
        }
        return result;
    }

    private static float[] joined(float[] a, float[] b) {
        float[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    /** States before the first step of each of the stacked layers: an input, what was learned, or none. */
    private List<String> first(String state, String x) {
        if (!withStates && !flag("learnedInitialState")) {
            return Collections.nCopies(layers, "");
        }
        String all = withStates ? name + "." + state : learned(state, x);
        if (withStates) {
            out.input(all, TensorProto.DataType.FLOAT_VALUE, stateDims());
        }
        if (layers == 1) {
            return List.of(all);
        }
        List<String> parts =
                IntStream.range(0, layers).mapToObj(i -> out.name(name)).toList();
        out.node("Split", List.of(all), parts, List.of(OnnxMessages.whole("axis", 0)));
        return parts;
    }

    private int kinds() {
        return lstm() ? 2 : 1;
    }

    /** States of a kind before the first step of each of the stacked layers, {@code [directions, batch, units]}, of given rows. */
    private List<String> first(List<String> given, int kind) {
        List<String> all = new ArrayList<>();
        for (int index = 0; index < layers; index++) {
            List<String> ways = new ArrayList<>();
            for (int d = 0; d < directions; d++) {
                String rows = given.get((index * directions + d) * kinds() + kind);
                ways.add(out.reshape(name, rows, List.of(1L, -1L, (long) size)));
            }
            all.add(directions == 1 ? ways.get(0) : out.node("Concat", name, ways, OnnxMessages.whole("axis", 0)));
        }
        return all;
    }

    /** How many states the layer ends with. */
    int stateCount() {
        return layers * directions * kinds();
    }

    /** A state at the end, {@code [batch, units]}, in the order of those that may be given. */
    String state(int number) {
        int set = number / kinds();
        String both = (number % kinds() == 0 ? lastH : lastC).get(set / directions);
        int way = set % directions;
        String one = directions == 1 ? both : out.slice(name, both, way, way + 1, 1);
        return out.reshape(name, one, List.of(-1L, (long) size));
    }

    /** {@code [layers x directions, batch, units]} of what was learned for any row. */
    private String learned(String state, String x) {
        int sets = layers * directions;
        String one = weights.of(name + "." + state, sets, 1, size);
        String batch = out.slice(name, out.node("Shape", name, List.of(x)), 1, 2, 1);
        String shape = out.node(
                "Concat",
                name,
                List.of(out.wholes(name, sets), batch, out.wholes(name, size)),
                OnnxMessages.whole("axis", 0));
        return out.node("Expand", name, List.of(one, shape));
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
            attributes.add(OnnxMessages.texts("activations", Collections.nCopies(directions, "Relu")));
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
