package org.gatefold.exchange.onnx.plan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.gatefold.exchange.onnx.graph.FoldedGraph;
import org.gatefold.exchange.onnx.graph.FoldedGraph.Port;
import org.gatefold.exchange.onnx.graph.OnnxFolder;
import org.gatefold.exchange.onnx.graph.OnnxGraph;
import org.gatefold.exchange.onnx.graph.OnnxNode;
import org.gatefold.exchange.onnx.graph.OnnxStates;
import org.gatefold.exchange.onnx.graph.OnnxTensor;
import org.gatefold.tensor.ElementType;
import org.gatefold.tensor.Form;

/**
 * Which axes of a graph's inputs and outputs are rows and steps. For inputs: what the file says by names and sizes, and what reads them;
 * for outputs: what their sizes do when rows and steps of the inputs become more. Stateless.
 */
public final class OnnxPorts {
    /** Rows and steps that are tried; steps beyond the first few are for graphs with windows. */
    private static final int[] ROWS = {3, 5};

    private static final int[] STEPS = {7, 11, 64, 96, 256, 576, 1000, 1009, 16_000};

    private OnnxPorts() {}

    /** The graph between its inputs and outputs as seen from outside. */
    public static FoldedGraph of(OnnxFolder folded, Map<String, Integer> sizes, OnnxStates states) {
        List<Port> inputs = new ArrayList<>();
        for (OnnxGraph.Input input : folded.inputs()) {
            inputs.add(input(resized(input, sizes), folded.nodes()));
        }
        if (inputs.isEmpty()) {
            throw new IllegalArgumentException("expected a graph whose outputs depend on an input");
        }
        Map<String, int[]> parameters = new LinkedHashMap<>();
        folded.parameters().forEach((name, tensor) -> parameters.put(name, tensor.dims()));
        List<Port> unknown = new ArrayList<>();
        folded.outputs()
                .forEach((name, value) ->
                        unknown.add(new Port(name, value, OnnxTensor.Type.FLOAT, Form.rows(), List.of(), List.of())));
        FoldedGraph open =
                new FoldedGraph(inputs, unknown, folded.nodes(), folded.constants(), parameters, OnnxStates.NONE);
        Trials trials = trials(open);
        OnnxStates named = states.withNamedPairs(
                inputs.stream().map(Port::name).toList(), folded.outputs().keySet());
        OnnxStates carried = named.fitting(
                inputs,
                sizes(open, trials.one().rows(), trials.one().steps()),
                trials.one().dims(),
                states);
        return new FoldedGraph(
                inputs, outputs(open, trials, carried), folded.nodes(), folded.constants(), parameters, carried);
    }

    private static OnnxGraph.Input resized(OnnxGraph.Input input, Map<String, Integer> sizes) {
        List<String> dimensions = new ArrayList<>();
        for (String dimension : input.dimensions()) {
            Integer size = sizes.get(dimension);
            dimensions.add(size == null || dimension.isEmpty() ? dimension : String.valueOf(size));
        }
        return new OnnxGraph.Input(input.name(), input.type(), dimensions);
    }

    private static Port input(OnnxGraph.Input input, List<OnnxNode> nodes) {
        int rank = input.rank();
        boolean whole = input.type() != OnnxTensor.Type.FLOAT;
        List<Integer> fixed = IntStream.range(0, rank).mapToObj(input::fixed).toList();
        if (whole && rank > 2) {
            throw new IllegalArgumentException("input '" + input.name()
                    + "': expected whole numbers for rows or steps, got " + rank + " dimensions");
        }
        if (rank == 0) {
            return new Port(
                    input.name(), input.name(), input.type(), whole ? Form.ids() : Form.rows(), List.of(), List.of());
        }
        int rows = rows(input, nodes);
        int steps = steps(input, nodes, rows);
        List<Integer> axes = axes(rank, rows, steps);
        List<Integer> dimensions = new ArrayList<>();
        for (int axis : axes.subList(steps < 0 ? 1 : 2, rank)) {
            if (fixed.get(axis) == 0) {
                throw new IllegalArgumentException("input '" + input.name() + "': expected a fixed size of axis " + axis
                        + ", got '" + input.dimensions().get(axis) + "' of " + input.dimensions()
                        + "; give it a size by its name");
            }
            dimensions.add(fixed.get(axis));
        }
        List<Integer> open = new ArrayList<>(fixed);
        // A batch of one that was written into the file is no reason to refuse others, if operators do not.
        if (fixed.get(rows) == 1) {
            open.set(rows, 0);
        }
        return new Port(
                input.name(),
                input.name(),
                input.type(),
                new Form(whole ? ElementType.I32 : ElementType.F32, steps >= 0, dimensions),
                axes,
                open);
    }

    private static List<Integer> axes(int rank, int rows, int steps) {
        List<Integer> axes = new ArrayList<>();
        if (steps >= 0) {
            axes.add(steps);
        }
        axes.add(rows);
        IntStream.range(0, rank).filter(axis -> axis != rows && axis != steps).forEach(axes::add);
        return axes;
    }

    private static int rows(OnnxGraph.Input input, List<OnnxNode> nodes) {
        int rank = input.rank();
        for (int axis = 0; axis < rank; axis++) {
            String name = input.dimensions().get(axis).toLowerCase(Locale.ROOT);
            if (name.contains("batch") || name.equals("n") || name.equals("b")) {
                return axis;
            }
        }
        OnnxNode reader = reader(input.name(), nodes);
        if (rank == 3 && reader != null && reader.operator().equals(OnnxFolder.RECURRENT)) {
            boolean state = !reader.input(0).equals(input.name());
            return state ? (reader.integer("layout", 0) == 0 ? 1 : 0) : reader.integer("layout", 0) == 0 ? 1 : 0;
        }
        return 0;
    }

    /** The axis of steps; -1 for none. */
    private static int steps(OnnxGraph.Input input, List<OnnxNode> nodes, int rows) {
        int rank = input.rank();
        if (rank == 1) {
            return -1;
        }
        if (rows > 0) {
            return 0;
        }
        OnnxNode reader = reader(input.name(), nodes);
        boolean windows = reader != null
                && (reader.operator().equals("Conv") || reader.operator().endsWith("Pool"));
        if (input.type() != OnnxTensor.Type.FLOAT) {
            return 1;
        }
        if (rank == 2) {
            return input.fixed(1) == 0 ? 1 : -1;
        }
        if (windows && rank == 3) {
            return input.fixed(2) == 0 ? 2 : -1;
        }
        return rank == 3 || (rank > 3 && input.fixed(1) == 0) ? 1 : -1;
    }

    /** The first node that reads a value and does more than to compute each number by itself. */
    private static OnnxNode reader(String value, List<OnnxNode> nodes) {
        for (OnnxNode node : FoldedGraph.all(nodes)) {
            if (node.inputs().contains(value)) {
                return node;
            }
        }
        return null;
    }

    /** What a trial gave: dimensions of the outputs for so many rows and steps. */
    private record Trial(int rows, int steps, Map<String, int[]> dims) {}

    /** Two trials whose sizes differ, as far as the graph takes others, tell which axes are open. */
    private record Trials(Trial one, Trial other) {}

    private static Trials trials(FoldedGraph graph) {
        List<IllegalArgumentException> refusals = new ArrayList<>();
        Trial one = trial(graph, ROWS, STEPS, refusals);
        if (one == null) {
            one = trial(graph, new int[] {1}, STEPS, refusals);
        }
        if (one == null) {
            throw refusals.get(0);
        }
        int first = one.steps();
        int[] others = IntStream.of(STEPS).filter(steps -> steps != first).toArray();
        int[] more = {one.rows() == ROWS[0] ? ROWS[1] : ROWS[0]};
        Trial other = trial(graph, more, others, refusals);
        other = other != null ? other : trial(graph, more, new int[] {first}, refusals);
        other = other != null ? other : trial(graph, new int[] {one.rows()}, others, refusals);
        return new Trials(one, other == null ? one : other);
    }

    private static List<Port> outputs(FoldedGraph graph, Trials trials, OnnxStates states) {
        List<Port> outputs = new ArrayList<>();
        for (Port port : graph.outputs()) {
            outputs.add(graph.inputs().stream()
                    .filter(input -> port.name().equals(states.pairs().get(input.name())))
                    .map(state -> asState(port, state))
                    .findFirst()
                    .orElseGet(() -> output(port, trials.one(), trials.other())));
        }
        return outputs;
    }

    /** The output of a state is outside as its input is. */
    private static Port asState(Port output, Port input) {
        return new Port(
                output.name(),
                output.value(),
                output.type(),
                input.form(),
                input.axes(),
                input.axes().stream().map(axis -> 0).toList());
    }

    /**
     * The plan for so many rows, and for as many steps as the graph takes.
     *
     * @throws IllegalArgumentException if it takes none, with what refuses them
     */
    public static OnnxPlan plan(FoldedGraph graph, int rows) {
        List<IllegalArgumentException> refusals = new ArrayList<>();
        for (int steps : STEPS) {
            try {
                return PlanBuilder.build(graph, sizes(graph, rows, steps));
            } catch (IllegalArgumentException e) {
                refusals.add(e);
            }
        }
        throw refusals.get(0);
    }

    /** The first that the graph takes; null if it takes none. */
    private static Trial trial(FoldedGraph graph, int[] rows, int[] steps, List<IllegalArgumentException> refusals) {
        for (int s : steps) {
            for (int r : rows) {
                try {
                    return new Trial(
                            r, s, PlanBuilder.build(graph, sizes(graph, r, s)).dims());
                } catch (IllegalArgumentException e) {
                    refusals.add(e);
                }
            }
        }
        return null;
    }

    private static Map<String, int[]> sizes(FoldedGraph graph, int rows, int steps) {
        Map<String, int[]> sizes = new LinkedHashMap<>();
        for (Port port : graph.inputs()) {
            int rank = port.axes().size();
            int[] dims = new int[rank];
            for (int axis = 0; axis < rank; axis++) {
                dims[axis] = port.fixed().get(axis);
            }
            if (rank > 0) {
                int rowAxis = port.axes().get(port.form().sequence() ? 1 : 0);
                dims[rowAxis] = dims[rowAxis] == 0 ? rows : dims[rowAxis];
                int stepAxis = port.axes().get(0);
                dims[stepAxis] = dims[stepAxis] == 0 ? steps : dims[stepAxis];
            }
            sizes.put(port.name(), dims);
        }
        return sizes;
    }

    private static Port output(Port port, Trial first, Trial second) {
        int[] one = first.dims().get(port.name());
        int[] other = second.dims().get(port.name());
        int rank = one.length;
        int rows = -1;
        int steps = -1;
        for (int axis = 0; axis < rank; axis++) {
            if (one[axis] == first.rows() && other[axis] == second.rows() && rows < 0) {
                rows = axis;
            } else if (one[axis] != other[axis] && steps < 0) {
                steps = axis;
            }
        }
        if (rank == 0) {
            return new Port(port.name(), port.value(), port.type(), Form.rows(), List.of(), List.of());
        }
        rows = Math.max(0, rows);
        if (steps < 0 && rank == 3 && rows == 1) {
            steps = 0;
        }
        List<Integer> axes = axes(rank, rows, steps);
        List<Integer> dimensions = new ArrayList<>();
        for (int axis : axes.subList(steps < 0 ? 1 : 2, rank)) {
            if (one[axis] != other[axis]) {
                throw new IllegalArgumentException(
                        "output '" + port.name() + "': expected one axis that grows with steps, got "
                                + OnnxTensor.text(one) + " and " + OnnxTensor.text(other));
            }
            dimensions.add(one[axis]);
        }
        return new Port(
                port.name(),
                port.value(),
                port.type(),
                new Form(ElementType.F32, steps >= 0, dimensions),
                axes,
                IntStream.range(0, rank).mapToObj(axis -> 0).toList());
    }

    /** The names that sizes may be given for. */
    public static void requireKnown(OnnxGraph graph, Map<String, Integer> sizes) {
        for (Map.Entry<String, Integer> size : sizes.entrySet()) {
            boolean known =
                    graph.inputs().stream().anyMatch(input -> input.dimensions().contains(size.getKey()));
            if (!known || size.getValue() < 1) {
                throw new IllegalArgumentException(
                        "sizes: expected sizes of at least 1 for the open dimensions " + open(graph) + ", got " + size);
            }
        }
    }

    private static Set<String> open(OnnxGraph graph) {
        Set<String> names = new java.util.TreeSet<>();
        graph.inputs().forEach(input -> input.dimensions().stream()
                .filter(name -> !name.isEmpty() && !Character.isDigit(name.charAt(0)))
                .forEach(names::add));
        return names;
    }
}
