package org.gatefold.exchange.onnx.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.gatefold.tensor.ElementType;
import org.gatefold.tensor.Form;

/** A {@link FoldedGraph} as maps of strings, as descriptions of modules consist of. Stateless. */
public final class OnnxGraphText {
    private static final String SEPARATOR = "\n";

    private OnnxGraphText() {}

    public static Map<String, Object> write(FoldedGraph graph) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("inputs", numbered(graph.inputs(), OnnxGraphText::write));
        all.put("outputs", numbered(graph.outputs(), OnnxGraphText::write));
        all.put("nodes", numbered(graph.nodes(), OnnxGraphText::write));
        Map<String, Object> constants = new LinkedHashMap<>();
        graph.constants().forEach((name, tensor) -> constants.put(name, write(tensor)));
        all.put("constants", constants);
        Map<String, Object> parameters = new LinkedHashMap<>();
        graph.parameters().forEach((name, dims) -> parameters.put(name, numbers(dims)));
        all.put("parameters", parameters);
        if (!graph.states().isEmpty()) {
            all.put("states", new LinkedHashMap<>(graph.states().pairs()));
            all.put("overlaps", new LinkedHashMap<>(graph.states().overlaps()));
        }
        return all;
    }

    private interface Writer<V> {
        Object write(V value);
    }

    private static <V> Map<String, Object> numbered(List<V> values, Writer<V> writer) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < values.size(); i++) {
            map.put(String.valueOf(i), writer.write(values.get(i)));
        }
        return map;
    }

    private static Map<String, Object> write(FoldedGraph.Port port) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", port.name());
        map.put("value", port.value());
        map.put("type", port.type().name());
        map.put("element", port.form().type().name());
        map.put("sequence", port.form().sequence());
        map.put("dimensions", numbers(port.form().dimensions()));
        map.put("axes", numbers(port.axes()));
        map.put("fixed", numbers(port.fixed()));
        return map;
    }

    private static String numbers(List<Integer> values) {
        return values.stream().map(String::valueOf).collect(Collectors.joining(" "));
    }

    private static String numbers(int... values) {
        return Arrays.stream(values).mapToObj(String::valueOf).collect(Collectors.joining(" "));
    }

    private static Map<String, Object> write(OnnxNode node) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("operator", node.operator());
        map.put("name", node.name());
        map.put("inputs", names(node.inputs()));
        map.put("outputs", names(node.outputs()));
        map.put("attributes", write(node.attributes()));
        return map;
    }

    private static String names(List<String> names) {
        for (String name : names) {
            if (name.contains(SEPARATOR)) {
                throw new IllegalArgumentException("value '" + name + "': expected a name on one line");
            }
        }
        return String.join(SEPARATOR, names);
    }

    /** Attributes by name, in the order of their names. */
    public static Map<String, Object> write(Map<String, Object> attributes) {
        Map<String, Object> map = new TreeMap<>();
        attributes.forEach((name, value) -> map.put(name, writeAttribute(value)));
        return map;
    }

    private static Object writeAttribute(Object value) {
        if (value instanceof OnnxTensor tensor) {
            return write(tensor);
        }
        if (value instanceof OnnxGraph graph) {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("graph", numbered(graph.nodes(), OnnxGraphText::write));
            map.put("outputs", names(graph.outputs()));
            return map;
        }
        if (value instanceof Long whole) {
            return "i:" + whole;
        }
        if (value instanceof Float real) {
            return "f:" + real;
        }
        if (value instanceof long[] wholes) {
            return "I:" + Arrays.stream(wholes).mapToObj(String::valueOf).collect(Collectors.joining(" "));
        }
        if (value instanceof float[] reals) {
            return "F:" + floats(reals);
        }
        if (value instanceof List<?> texts) {
            return "S:" + texts.stream().map(String::valueOf).collect(Collectors.joining(SEPARATOR));
        }
        return "s:" + value;
    }

    private static String floats(float... values) {
        StringBuilder text = new StringBuilder();
        for (float value : values) {
            text.append(text.isEmpty() ? "" : " ").append(value);
        }
        return text.toString();
    }

    private static Map<String, Object> write(OnnxTensor tensor) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("type", tensor.type().name());
        map.put("dims", numbers(tensor.dims()));
        map.put(
                "values",
                tensor.isFloat()
                        ? floats(tensor.floats())
                        : Arrays.stream(tensor.longs())
                                .mapToObj(String::valueOf)
                                .collect(Collectors.joining(" ")));
        return map;
    }

    /**
     * The graph that {@link #write(FoldedGraph)} wrote.
     *
     * @throws IllegalArgumentException if something is missing or cannot be
     */
    public static FoldedGraph read(Map<String, ?> options) {
        Map<String, OnnxTensor> constants = new LinkedHashMap<>();
        map(options, "constants").forEach((name, value) -> constants.put(name, readTensor(asMap(name, value))));
        Map<String, int[]> parameters = new LinkedHashMap<>();
        map(options, "parameters").forEach((name, value) -> parameters.put(name, ints(String.valueOf(value))));
        return new FoldedGraph(
                map(options, "inputs").values().stream()
                        .map(value -> readPort(asMap("inputs", value)))
                        .toList(),
                map(options, "outputs").values().stream()
                        .map(value -> readPort(asMap("outputs", value)))
                        .toList(),
                nodes(map(options, "nodes")),
                constants,
                parameters,
                readStates(options));
    }

    private static OnnxStates readStates(Map<String, ?> options) {
        if (!options.containsKey("states")) {
            return OnnxStates.NONE;
        }
        Map<String, String> pairs = new LinkedHashMap<>();
        map(options, "states").forEach((input, output) -> pairs.put(input, String.valueOf(output)));
        Map<String, Integer> overlaps = new LinkedHashMap<>();
        map(options, "overlaps").forEach((input, steps) -> overlaps.put(input, ints(String.valueOf(steps))[0]));
        return new OnnxStates(pairs, overlaps);
    }

    private static List<OnnxNode> nodes(Map<String, Object> numbered) {
        return numbered.values().stream()
                .map(value -> readNode(asMap("nodes", value)))
                .toList();
    }

    private static Map<String, Object> map(Map<String, ?> of, String field) {
        return asMap(field, of.get(field));
    }

    private static Map<String, Object> asMap(String field, Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            throw new IllegalArgumentException(field + ": expected a map, got " + value);
        }
        Map<String, Object> named = new LinkedHashMap<>();
        map.forEach((key, entry) -> named.put(String.valueOf(key), entry));
        return named;
    }

    private static String text(Map<String, Object> of, String field) {
        Object value = of.get(field);
        if (value == null) {
            throw new IllegalArgumentException(field + ": is missing; there are " + of.keySet());
        }
        return String.valueOf(value);
    }

    private static int[] ints(String text) {
        return text.isEmpty()
                ? new int[0]
                : Arrays.stream(text.split(" ")).mapToInt(Integer::parseInt).toArray();
    }

    private static List<Integer> list(String text) {
        return Arrays.stream(ints(text)).boxed().toList();
    }

    private static long[] longs(String text) {
        return text.isEmpty()
                ? new long[0]
                : Arrays.stream(text.split(" ")).mapToLong(Long::parseLong).toArray();
    }

    private static float[] reals(String text) {
        String[] parts = text.isEmpty() ? new String[0] : text.split(" ");
        float[] values = new float[parts.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.parseFloat(parts[i]);
        }
        return values;
    }

    private static FoldedGraph.Port readPort(Map<String, Object> map) {
        Form form = new Form(
                ElementType.valueOf(text(map, "element")),
                Boolean.parseBoolean(text(map, "sequence")),
                list(text(map, "dimensions")));
        List<Integer> axes = list(text(map, "axes"));
        List<Integer> fixed = list(text(map, "fixed"));
        boolean permutes = axes.stream()
                .sorted()
                .toList()
                .equals(java.util.stream.IntStream.range(0, axes.size()).boxed().toList());
        if (!permutes || fixed.size() != axes.size()) {
            throw new IllegalArgumentException("axes: expected each axis once, got " + axes + " with sizes " + fixed);
        }
        return new FoldedGraph.Port(
                text(map, "name"), text(map, "value"), OnnxTensor.Type.valueOf(text(map, "type")), form, axes, fixed);
    }

    private static OnnxNode readNode(Map<String, Object> map) {
        Map<String, Object> attributes = new LinkedHashMap<>();
        map(map, "attributes").forEach((name, value) -> attributes.put(name, readAttribute(name, value)));
        return new OnnxNode(
                text(map, "operator"),
                text(map, "name"),
                readNames(text(map, "inputs")),
                readNames(text(map, "outputs")),
                attributes);
    }

    private static List<String> readNames(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split(SEPARATOR, -1));
    }

    private static Object readAttribute(String name, Object value) {
        if (value instanceof Map<?, ?>) {
            Map<String, Object> map = asMap(name, value);
            return map.containsKey("graph")
                    ? new OnnxGraph(List.of(), readNames(text(map, "outputs")), nodes(map(map, "graph")), Map.of(), 0)
                    : readTensor(map);
        }
        String text = String.valueOf(value);
        if (text.length() < 2 || text.charAt(1) != ':') {
            throw new IllegalArgumentException(name + ": expected an attribute, got '" + text + "'");
        }
        String content = text.substring(2);
        return switch (text.charAt(0)) {
            case 'i' -> Long.valueOf(content);
            case 'f' -> Float.valueOf(content);
            case 'I' -> longs(content);
            case 'F' -> reals(content);
            case 'S' -> new ArrayList<>(readNames(content));
            default -> content;
        };
    }

    private static OnnxTensor readTensor(Map<String, Object> map) {
        int[] dims = ints(text(map, "dims"));
        return switch (OnnxTensor.Type.valueOf(text(map, "type"))) {
            case FLOAT -> OnnxTensor.of(reals(text(map, "values")), dims);
            case INT -> OnnxTensor.of(longs(text(map, "values")), dims);
            case BOOL -> OnnxTensor.ofFlags(longs(text(map, "values")), dims);
        };
    }
}
