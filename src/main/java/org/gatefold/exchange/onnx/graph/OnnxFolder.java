package org.gatefold.exchange.onnx.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Computes what follows from initialisers and constants alone, takes branches whose condition is known, and turns recurrent operators and
 * products with weights into {@link #RECURRENT} and {@link #LINEAR} nodes. One use.
 */
public final class OnnxFolder {
    /** A recurrent layer: inputs x, lengths, first h, first c; attribute {@code layer} is its name. */
    public static final String RECURRENT = "Gatefold.Recurrent";

    /** {@code x Wᵀ + b}: inputs x, W, b. */
    public static final String LINEAR = "Gatefold.Linear";

    /** Inputs that are weights whoever computed them, by operator. */
    private static final Map<String, List<Integer>> WEIGHTS = Map.of(
            LINEAR,
            List.of(1, 2),
            "Conv",
            List.of(1, 2),
            "BatchNormalization",
            List.of(1, 2, 3, 4),
            "LayerNormalization",
            List.of(1, 2),
            "InstanceNormalization",
            List.of(1, 2),
            "GroupNormalization",
            List.of(1, 2),
            "PRelu",
            List.of(1));

    private final Map<String, OnnxTensor> known = new HashMap<>();
    private final Set<String> learned = new HashSet<>();
    private final Map<String, String> aliases = new HashMap<>();
    private final Map<String, OnnxGraph.Input> inputs = new LinkedHashMap<>();
    private final Map<String, RecurrentNode> layers = new LinkedHashMap<>();
    private final int opset;
    private List<OnnxNode> nodes = List.of();
    private Map<String, String> outputs = Map.of();

    private OnnxFolder(OnnxGraph graph) {
        opset = graph.opset();
    }

    /**
     * Folds a graph.
     *
     * @throws IllegalArgumentException naming the node that cannot be what it says
     */
    public static OnnxFolder fold(OnnxGraph graph) {
        OnnxFolder folder = new OnnxFolder(graph);
        graph.inputs().forEach(input -> folder.inputs.put(input.name(), input));
        folder.outputs = new LinkedHashMap<>();
        List<OnnxNode> folded = folder.folded(graph);
        for (String output : graph.outputs()) {
            folder.outputs.put(output, folder.resolved(output));
        }
        folder.nodes = new LinearBias(folder.known, folder.outputs.values()).joined(folded);
        folder.dropUnused();
        return folder;
    }

    /** The nodes that are left. */
    public List<OnnxNode> nodes() {
        return nodes;
    }

    /** By the name of each output the value that it is. */
    public Map<String, String> outputs() {
        return outputs;
    }

    /** The recurrent layers by name, with their weights. */
    public Map<String, RecurrentNode> layers() {
        return layers;
    }

    /** The inputs that something depends on. */
    public List<OnnxGraph.Input> inputs() {
        Set<String> read = read();
        return inputs.values().stream()
                .filter(input -> read.contains(input.name()))
                .toList();
    }

    /** What is learned, by name. */
    public Map<String, OnnxTensor> parameters() {
        Map<String, OnnxTensor> parameters = new LinkedHashMap<>();
        for (OnnxNode node : FoldedGraph.all(nodes)) {
            for (int i = 0; i < node.inputs().size(); i++) {
                String name = node.input(i);
                OnnxTensor tensor = known.get(name);
                boolean weight =
                        WEIGHTS.getOrDefault(node.operator(), List.of()).contains(i);
                if (tensor != null && tensor.isFloat() && (weight || (learned.contains(name) && tensor.count() > 1))) {
                    parameters.put(name, tensor);
                }
            }
        }
        return parameters;
    }

    /** What is read and not learned, by name. */
    public Map<String, OnnxTensor> constants() {
        Map<String, OnnxTensor> constants = new LinkedHashMap<>();
        Set<String> parameters = parameters().keySet();
        for (String name : read()) {
            if (known.containsKey(name) && !parameters.contains(name)) {
                constants.put(name, known.get(name));
            }
        }
        return constants;
    }

    private Set<String> read() {
        Set<String> read = new LinkedHashSet<>(outputs.values());
        for (OnnxNode node : FoldedGraph.all(nodes)) {
            read.addAll(node.inputs());
            node.attributes().values().stream()
                    .filter(OnnxGraph.class::isInstance)
                    .forEach(branch -> read.addAll(((OnnxGraph) branch).outputs()));
        }
        return read;
    }

    private String resolved(String name) {
        return aliases.getOrDefault(name, name);
    }

    private List<OnnxNode> folded(OnnxGraph graph) {
        graph.tensors().forEach((name, tensor) -> {
            known.put(name, tensor);
            if (tensor.isFloat()) {
                learned.add(name);
            }
        });
        List<OnnxNode> left = new ArrayList<>();
        for (OnnxNode node : graph.nodes()) {
            List<String> of = node.inputs().stream().map(this::resolved).toList();
            OnnxNode resolved = new OnnxNode(node.operator(), node.name(), of, node.outputs(), node.attributes());
            try {
                fold(resolved, left);
            } catch (IllegalArgumentException e) {
                throw e.getMessage().startsWith("node '")
                        ? e
                        : new IllegalArgumentException(node.label() + ": " + e.getMessage(), e);
            }
        }
        return left;
    }

    private void fold(OnnxNode node, List<OnnxNode> left) {
        switch (node.operator()) {
            case "Constant" -> known.put(node.outputs().get(0), constant(node));
            case "If" -> branch(node, left);
            case "Identity", "Dropout" -> {
                if (known.containsKey(node.input(0))) {
                    remember(node, List.of(known.get(node.input(0))));
                } else {
                    alias(node, node.input(0));
                }
            }
            case "LSTM", "GRU", "RNN" -> left.add(recurrent(node));
            case "Gemm" -> left.addAll(gemm(node));
            default -> {
                if (computed(node) || nothing(node)) {
                    return;
                }
                if (node.operator().equals("MatMul")) {
                    left.add(product(node));
                } else if (node.operator().endsWith("oftmax") && opset < 13) {
                    left.add(with(node, "flattens", 1L));
                } else {
                    left.add(node);
                }
            }
        }
    }

    private void alias(OnnxNode node, String value) {
        aliases.put(node.outputs().get(0), value);
    }

    static OnnxNode with(OnnxNode node, String attribute, Object value) {
        Map<String, Object> attributes = new HashMap<>(node.attributes());
        attributes.put(attribute, value);
        return new OnnxNode(node.operator(), node.name(), node.inputs(), node.outputs(), attributes);
    }

    private static OnnxTensor constant(OnnxNode node) {
        for (Map.Entry<String, Object> attribute : node.attributes().entrySet()) {
            Object value = attribute.getValue();
            if (value instanceof OnnxTensor tensor) {
                return tensor;
            } else if (value instanceof Float real) {
                return OnnxTensor.of(new float[] {real});
            } else if (value instanceof Long whole) {
                return OnnxTensor.of(new long[] {whole});
            } else if (value instanceof float[] reals) {
                return OnnxTensor.of(reals, reals.length);
            } else if (value instanceof long[] wholes) {
                return OnnxTensor.of(wholes, wholes.length);
            }
        }
        throw new IllegalArgumentException(
                "value: expected numbers, got " + node.attributes().keySet());
    }

    /** Computes a node all of whose inputs are known. */
    private boolean computed(OnnxNode node) {
        List<OnnxTensor> in = new ArrayList<>();
        for (String input : node.inputs()) {
            if (!input.isEmpty() && !known.containsKey(input)) {
                return false;
            }
            in.add(known.get(input));
        }
        List<OnnxTensor> out = HostOperators.evaluate(node, in);
        if (out != null) {
            remember(node, out);
        }
        return out != null;
    }

    private void remember(OnnxNode node, List<OnnxTensor> out) {
        boolean fromLearned = node.inputs().stream().anyMatch(learned::contains);
        for (int i = 0; i < Math.min(out.size(), node.outputs().size()); i++) {
            String name = node.outputs().get(i);
            known.put(name, out.get(i));
            if (fromLearned && out.get(i).isFloat()) {
                learned.add(name);
            }
        }
    }

    /** Takes note of products with the whole number 0 and sums with 0, which exporters use to keep inputs that nothing needs. */
    private boolean nothing(OnnxNode node) {
        boolean product = node.operator().equals("Mul");
        if (node.inputs().size() != 2 || !(product || node.operator().equals("Add"))) {
            return false;
        }
        for (int i = 0; i < 2; i++) {
            OnnxTensor zero = known.get(node.input(i));
            OnnxGraph.Input other = inputs.get(node.input(1 - i));
            if (zero == null || zero.rank() > 0 || zero.item() != 0) {
                continue;
            }
            if (product && other != null && other.rank() == 0 && other.type() == OnnxTensor.Type.INT) {
                known.put(node.outputs().get(0), zero);
                return true;
            }
            if (!product && !learned.contains(node.input(i))) {
                alias(node, node.input(1 - i));
                return true;
            }
        }
        return false;
    }

    private void branch(OnnxNode node, List<OnnxNode> left) {
        OnnxTensor condition = known.get(node.input(0));
        if (condition == null) {
            OnnxNode folded = node;
            for (String side : List.of("then_branch", "else_branch")) {
                OnnxGraph graph = node.graph(side);
                List<OnnxNode> inner = folded(graph);
                List<String> given =
                        graph.outputs().stream().map(this::resolved).toList();
                folded = with(folded, side, new OnnxGraph(List.of(), given, inner, Map.of(), opset));
            }
            left.add(folded);
            return;
        }
        OnnxGraph taken = node.graph(condition.item() != 0 ? "then_branch" : "else_branch");
        left.addAll(folded(taken));
        for (int i = 0; i < node.outputs().size(); i++) {
            String given = resolved(taken.outputs().get(i));
            if (known.containsKey(given)) {
                known.put(node.outputs().get(i), known.get(given));
                if (learned.contains(given)) {
                    learned.add(node.outputs().get(i));
                }
            } else {
                aliases.put(node.outputs().get(i), given);
            }
        }
    }

    private OnnxNode recurrent(OnnxNode node) {
        RecurrentNode layer = RecurrentNode.of(node, known);
        for (Map.Entry<String, RecurrentNode> other : layers.entrySet()) {
            if (other.getValue().sameAs(layer)) {
                return layer.node(node, other.getKey());
            }
        }
        String plain = node.name().replaceAll("[./]+", "_").replaceAll("^_+", "");
        String name = plain.isEmpty() ? node.operator().toLowerCase(java.util.Locale.ROOT) : plain;
        String free = name;
        for (int i = 2; layers.containsKey(free); i++) {
            free = name + i;
        }
        layers.put(free, layer);
        return layer.node(node, free);
    }

    /** A product with known weights as a linear layer. */
    private OnnxNode product(OnnxNode node) {
        OnnxTensor w = known.get(node.input(1));
        if (w == null || w.rank() != 2 || !w.isFloat()) {
            return node;
        }
        return new OnnxNode(
                LINEAR, node.name(), List.of(node.input(0), transposed(node.input(1))), node.outputs(), Map.of());
    }

    private String transposed(String name) {
        return derived(name, name + ".transposed", tensor -> tensor.moved(Move.transpose(tensor.dims(), 1, 0)));
    }

    private String derived(String name, String result, java.util.function.UnaryOperator<OnnxTensor> function) {
        known.computeIfAbsent(result, made -> function.apply(known.get(name)));
        if (learned.contains(name)) {
            learned.add(result);
        }
        return result;
    }

    private List<OnnxNode> gemm(OnnxNode node) {
        List<OnnxNode> made = new ArrayList<>();
        String x = node.input(0);
        String w = node.input(1);
        String c = node.input(2);
        float alpha = node.real("alpha", 1f);
        float beta = node.real("beta", 1f);
        if (node.integer("transA", 0) != 0) {
            made.add(new OnnxNode("Transpose", node.name(), List.of(x), List.of(node.name() + ".a"), Map.of()));
            x = node.name() + ".a";
        }
        boolean turned = node.integer("transB", 0) != 0;
        OnnxTensor weights = known.get(w);
        if (weights == null) {
            throw new IllegalArgumentException("B: expected known weights, got what depends on inputs");
        }
        if (weights.rank() != 2) {
            throw new IllegalArgumentException("B: expected a matrix, got " + weights);
        }
        w = turned ? w : transposed(w);
        w = alpha == 1f ? w : scaled(w, alpha);
        int width = known.get(w).dims()[0];
        OnnxTensor bias = known.get(c);
        String product = c.isEmpty() ? node.outputs().get(0) : node.name() + ".product";
        if (bias != null && (bias.count() == 1 || bias.count() == width) && bias.rank() <= 2) {
            String b = beta == 1f ? c : scaled(c, beta);
            b = derived(
                    b,
                    b + ".b",
                    tensor -> tensor.count() == 1 && width > 1
                            ? tensor.reshape(1).moved(Move.expand(new int[] {1}, width))
                            : tensor.reshape(width));
            b = bias.rank() == 1 && bias.count() == width && beta == 1f ? c : b;
            made.add(new OnnxNode(LINEAR, node.name(), List.of(x, w, b), node.outputs(), Map.of()));
            return made;
        }
        made.add(new OnnxNode(LINEAR, node.name(), List.of(x, w), List.of(product), Map.of()));
        if (!c.isEmpty()) {
            if (beta != 1f) {
                throw new IllegalArgumentException("beta: expected 1 where C is no bias, got " + beta);
            }
            made.add(new OnnxNode("Add", node.name(), List.of(product, c), node.outputs(), Map.of()));
        }
        return made;
    }

    private String scaled(String name, float factor) {
        return derived(name, name + ".scaled", tensor -> {
            float[] values = tensor.floats().clone();
            for (int i = 0; i < values.length; i++) {
                values[i] *= factor;
            }
            return OnnxTensor.of(values, tensor.dims());
        });
    }

    private void dropUnused() {
        Set<String> needed = new HashSet<>(outputs.values());
        List<OnnxNode> kept = new ArrayList<>();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            OnnxNode node = nodes.get(i);
            if (node.outputs().stream().anyMatch(needed::contains)) {
                kept.add(0, node);
                needed.addAll(node.inputs());
                for (OnnxNode inner : FoldedGraph.all(List.of(node))) {
                    needed.addAll(inner.inputs());
                    inner.attributes().values().stream()
                            .filter(OnnxGraph.class::isInstance)
                            .forEach(branch -> needed.addAll(((OnnxGraph) branch).outputs()));
                }
            }
        }
        nodes = kept;
        Set<String> used = new HashSet<>();
        FoldedGraph.all(kept).forEach(node -> used.add(node.text("layer", "")));
        layers.keySet().retainAll(used);
    }

    /** Joins products with the sums of a bias behind them. */
    private record LinearBias(Map<String, OnnxTensor> known, java.util.Collection<String> outputs) {
        List<OnnxNode> joined(List<OnnxNode> nodes) {
            Map<String, Integer> uses = new HashMap<>();
            outputs.forEach(name -> uses.merge(name, 2, Integer::sum));
            for (OnnxNode node : FoldedGraph.all(nodes)) {
                node.inputs().forEach(name -> uses.merge(name, 1, Integer::sum));
                node.attributes().values().stream()
                        .filter(OnnxGraph.class::isInstance)
                        .forEach(branch ->
                                ((OnnxGraph) branch).outputs().forEach(name -> uses.merge(name, 2, Integer::sum)));
            }
            Map<String, OnnxNode> products = new HashMap<>();
            List<OnnxNode> result = new ArrayList<>();
            for (OnnxNode node : nodes) {
                if (node.operator().equals(LINEAR) && node.inputs().size() == 2) {
                    products.put(node.outputs().get(0), node);
                }
                OnnxNode joined = node.operator().equals("Add") ? joined(node, products, uses) : null;
                if (joined == null) {
                    result.add(node);
                } else {
                    result.remove(
                            products.get(node.input(0)) == null
                                    ? products.get(node.input(1))
                                    : products.get(node.input(0)));
                    result.add(joined);
                }
            }
            return result;
        }

        private OnnxNode joined(OnnxNode sum, Map<String, OnnxNode> products, Map<String, Integer> uses) {
            for (int i = 0; i < 2; i++) {
                OnnxNode product = products.get(sum.input(i));
                OnnxTensor bias = known.get(sum.input(1 - i));
                if (product == null || bias == null || uses.get(sum.input(i)) != 1) {
                    continue;
                }
                int width = known.get(product.input(1)).dims()[0];
                if (Arrays.equals(bias.dims(), new int[] {width}) && bias.isFloat()) {
                    return new OnnxNode(
                            LINEAR,
                            product.name(),
                            List.of(product.input(0), product.input(1), sum.input(1 - i)),
                            sum.outputs(),
                            Map.of());
                }
            }
            return null;
        }
    }
}
