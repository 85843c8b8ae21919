package org.gatefold.exchange.onnx.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.gatefold.autograd.Variable;
import org.gatefold.exchange.onnx.graph.FoldedGraph;
import org.gatefold.exchange.onnx.graph.HostOperators;
import org.gatefold.exchange.onnx.graph.Move;
import org.gatefold.exchange.onnx.graph.Moves;
import org.gatefold.exchange.onnx.graph.OnnxFolder;
import org.gatefold.exchange.onnx.graph.OnnxGraph;
import org.gatefold.exchange.onnx.graph.OnnxNode;
import org.gatefold.exchange.onnx.graph.OnnxTensor;

/**
 * Makes an {@link OnnxPlan} of a graph for inputs of given sizes: follows the nodes with the dimensions of their values, computes at once
 * what follows from those, and notes the rest as steps. One use.
 */
public final class PlanBuilder {
    /** A value while a plan is made: known, learned, or computed into a slot. */
    static final class Value {
        private final OnnxTensor.Type type;
        private final int[] dims;
        private final OnnxTensor constant;
        private final String parameter;
        private int slot = -1;
        private Value base;
        private int[] order;

        private Value(OnnxTensor.Type type, int[] dims, OnnxTensor constant, String parameter) {
            this.type = type;
            this.dims = dims;
            this.constant = constant;
            this.parameter = parameter;
        }

        int[] dims() {
            return dims;
        }

        int rank() {
            return dims.length;
        }

        int count() {
            return OnnxTensor.count(dims);
        }

        /** What it is, if that is known; else null. */
        OnnxTensor constant() {
            return constant;
        }

        /** The name of what is learned; null if nothing is. */
        String parameter() {
            return parameter;
        }

        boolean isReal() {
            return type == OnnxTensor.Type.FLOAT;
        }

        int slot() {
            return slot;
        }
    }

    /** Gives the value that a step reads. */
    interface Source {
        Variable of(OnnxRun run);
    }

    private final FoldedGraph graph;
    private final List<OnnxPlan.Step> steps = new ArrayList<>();
    private final Map<String, Value> values = new HashMap<>();
    private final Map<String, Integer> inputs = new LinkedHashMap<>();
    private final List<Map.Entry<String, Boolean>> fromZero = new ArrayList<>();
    private int slots;
    private long elements;

    private PlanBuilder(FoldedGraph graph) {
        this.graph = graph;
    }

    /**
     * The plan for inputs of some sizes.
     *
     * @param sizes dimensions in the graph, by the name of the input
     * @throws IllegalArgumentException naming the node that does not fit, or that is not supported
     */
    public static OnnxPlan build(FoldedGraph graph, Map<String, int[]> sizes) {
        return new PlanBuilder(graph).build(sizes);
    }

    private OnnxPlan build(Map<String, int[]> sizes) {
        graph.constants()
                .forEach((name, tensor) -> values.put(name, new Value(tensor.type(), tensor.dims(), tensor, null)));
        graph.parameters()
                .forEach((name, dims) -> values.put(name, new Value(OnnxTensor.Type.FLOAT, dims, null, name)));
        for (FoldedGraph.Port port : graph.inputs()) {
            Value value = slotted(port.type(), sizes.get(port.name()));
            inputs.put(port.value(), value.slot);
            values.put(port.value(), value);
        }
        follow(graph.nodes());
        Map<String, Integer> outputs = new LinkedHashMap<>();
        Map<String, int[]> dims = new LinkedHashMap<>();
        for (FoldedGraph.Port port : graph.outputs()) {
            Value value = values.get(port.value());
            if (value == null) {
                throw new IllegalArgumentException(
                        "output '" + port.name() + "': its operator gives no such output here");
            }
            if (!value.isReal()) {
                Value whole = value;
                value = real(whole.dims, run -> DeviceOperators.constant(run.context(), onHost(run, whole)));
            }
            outputs.put(port.name(), slotOf(value));
            dims.put(port.name(), value.dims);
        }
        return new OnnxPlan(List.copyOf(steps), slots, inputs, outputs, dims, List.copyOf(fromZero), elements);
    }

    private void follow(List<OnnxNode> nodes) {
        for (OnnxNode node : nodes) {
            try {
                follow(node);
            } catch (IllegalArgumentException | ArithmeticException | IndexOutOfBoundsException e) {
                throw e.getMessage() != null && e.getMessage().startsWith("node '")
                        ? e
                        : new IllegalArgumentException(node.label() + ": " + e.getMessage(), e);
            }
        }
    }

    private void follow(OnnxNode node) {
        if (node.operator().equals("If")) {
            branch(node);
            return;
        }
        List<Value> in = new ArrayList<>();
        for (String name : node.inputs()) {
            Value value = name.isEmpty() ? null : values.get(name);
            if (!name.isEmpty() && value == null) {
                throw new IllegalArgumentException("inputs: '" + name + "' is given by no operator that is supported");
            }
            in.add(value);
        }
        boolean open = in.stream().anyMatch(value -> value != null && value.constant == null);
        boolean reals = in.stream().anyMatch(value -> value != null && value.constant == null && value.isReal());
        if (node.operator().equals("Shape") || node.operator().equals("Size")) {
            int[] dims = in.get(0).dims;
            put(
                    node,
                    0,
                    known(
                            node.operator().equals("Shape")
                                    ? HostOperators.shape(node, dims)
                                    : OnnxTensor.of(new long[] {OnnxTensor.count(dims)})));
        } else if (!open && computed(node, in)) {
            return;
        } else if (reals
                ? HostOperators.leavesReals(node.operator()) || castsToWhole(node, in)
                : open && onHost(node)) {
            host(node, in);
        } else {
            new DeviceNode(this, node, in).follow();
        }
    }

    private static boolean castsToWhole(OnnxNode node, List<Value> in) {
        return node.operator().equals("Cast")
                && in.get(0).isReal()
                && HostOperators.castType(node.integer("to", 0)) != OnnxTensor.Type.FLOAT;
    }

    /** Whole numbers stay on the host, but where they say what is taken of real ones. */
    private static boolean onHost(OnnxNode node) {
        return !node.operator().equals(OnnxFolder.RECURRENT);
    }

    private boolean computed(OnnxNode node, List<Value> in) {
        List<OnnxTensor> out = HostOperators.evaluate(node, knownOf(in));
        if (out == null) {
            return false;
        }
        for (int i = 0; i < Math.min(out.size(), node.outputs().size()); i++) {
            put(node, i, known(out.get(i)));
        }
        return true;
    }

    /** What of inputs is known; null where nothing is. */
    static List<OnnxTensor> knownOf(List<Value> in) {
        List<OnnxTensor> known = new ArrayList<>();
        in.forEach(value -> known.add(value == null ? null : value.constant));
        return known;
    }

    private void branch(OnnxNode node) {
        Value condition = values.get(node.input(0));
        if (condition == null || condition.constant == null) {
            throw new IllegalArgumentException(
                    "cond: expected a condition that follows from constants and shapes, got one that depends on data");
        }
        OnnxGraph taken = node.graph(condition.constant.item() != 0 ? "then_branch" : "else_branch");
        follow(taken.nodes());
        for (int i = 0; i < node.outputs().size(); i++) {
            values.put(node.outputs().get(i), values.get(taken.outputs().get(i)));
        }
    }

    /** An operator on the host with inputs that are known in a pass only. */
    private void host(OnnxNode node, List<Value> in) {
        List<OnnxTensor> sample = new ArrayList<>();
        for (int i = 0; i < in.size(); i++) {
            Value value = in.get(i);
            if (i > 0 && value != null && value.constant == null && Moves.readsShape(node)) {
                throw new IllegalArgumentException("inputs: expected number " + i
                        + " to follow from constants and shapes, but it depends on data");
            }
            sample.add(value == null ? null : value.constant != null ? value.constant : ones(value));
        }
        if (Moves.givesShapeByValue(node)) {
            throw new IllegalArgumentException("inputs: expected ones that follow from constants and shapes");
        }
        List<OnnxTensor> example = HostOperators.evaluate(node, sample);
        if (example == null) {
            throw new IllegalArgumentException(
                    "the operator is not supported" + (sample.isEmpty() ? "" : " for whole numbers"));
        }
        int first = slots;
        List<Value> made = new ArrayList<>();
        for (OnnxTensor one : example) {
            made.add(slotted(one.type(), one.dims()));
        }
        List<Value> read = new ArrayList<>();
        in.forEach(
                value -> read.add(value == null || !value.isReal() || value.constant != null ? value : settled(value)));
        steps.add(run -> {
            List<OnnxTensor> given = new ArrayList<>();
            read.forEach(value -> given.add(value == null ? null : onHost(run, value)));
            List<OnnxTensor> out = HostOperators.evaluate(node, given);
            for (int i = 0; i < out.size(); i++) {
                run.set(first + i, out.get(i));
            }
        });
        for (int i = 0; i < Math.min(made.size(), node.outputs().size()); i++) {
            Value value = made.get(i);
            put(
                    node,
                    i,
                    value.isReal()
                            ? real(value.dims, run -> DeviceOperators.constant(run.context(), run.whole(value.slot)))
                            : value);
        }
    }

    private static OnnxTensor ones(Value value) {
        OnnxTensor one = value.type == OnnxTensor.Type.FLOAT
                ? OnnxTensor.of(new float[] {1f})
                : value.type == OnnxTensor.Type.INT
                        ? OnnxTensor.of(new long[] {1})
                        : OnnxTensor.ofFlags(new long[] {1});
        return one.moved(Move.expand(new int[0], value.dims));
    }

    /** A value as it is known in a pass. */
    OnnxTensor onHost(OnnxRun run, Value value) {
        if (value.constant != null) {
            return value.constant;
        }
        return value.isReal()
                ? OnnxTensor.of(source(value).of(run).value().toFloats(), value.dims)
                : run.whole(value.slot);
    }

    /** A known value. */
    Value known(OnnxTensor tensor) {
        return new Value(tensor.type(), tensor.dims(), tensor, null);
    }

    private Value slotted(OnnxTensor.Type type, int... dims) {
        Value value = new Value(type, dims, null, null);
        value.slot = slots++;
        return value;
    }

    /** A value that a step computes on the device. */
    Value real(int[] dims, Source source) {
        DeviceOperators.shape(dims);
        Value value = slotted(OnnxTensor.Type.FLOAT, dims);
        steps.add(run -> run.set(value.slot, source.of(run)));
        elements += OnnxTensor.count(dims);
        return value;
    }

    /** Notes a recurrent operator, and whether it reads whole rows from states of zero on. */
    void recurrent(String layer, boolean zero) {
        fromZero.add(Map.entry(layer, zero));
    }

    /** A step that computes several values, or none of them. */
    void step(OnnxPlan.Step step) {
        steps.add(step);
    }

    /** A value that a {@link #step} computes. */
    Value ofStep(int... dims) {
        elements += OnnxTensor.count(dims);
        return slotted(OnnxTensor.Type.FLOAT, dims);
    }

    /** Another order of a value's axes, which is computed when somebody needs it. */
    Value transposed(Value x, int... order) {
        Value base = x.base == null ? x : x.base;
        int[] all = x.base == null
                ? order
                : IntStream.of(order).map(axis -> x.order[axis]).toArray();
        boolean same = true;
        for (int i = 0; i < all.length; i++) {
            same &= all[i] == i;
        }
        if (same) {
            return base;
        }
        Value value =
                new Value(x.type, IntStream.of(all).map(axis -> base.dims[axis]).toArray(), null, null);
        value.base = base;
        value.order = all;
        return value;
    }

    /** The value in a slot, transposed now if it was put off. */
    private Value settled(Value value) {
        if (value.slot < 0 && value.base != null) {
            Source of = source(value.base);
            int[] from = value.base.dims;
            Move move = Move.transpose(from, value.order);
            Source source = move.from() == null
                    ? run -> DeviceOperators.view(of.of(run), value.dims)
                    : swapped(of, from, value);
            Value computed = real(value.dims, source == null ? picked(of, move, from) : source);
            value.slot = computed.slot;
        }
        return value;
    }

    private static Source picked(Source of, Move move, int... from) {
        DeviceOperators.Pick pick = new DeviceOperators.Pick(move, OnnxTensor.count(from));
        return run -> pick.of(run.context(), of.of(run));
    }

    /** Two neighbouring blocks of axes in front that change places; null if it is another order. */
    private static Source swapped(Source of, int[] from, Value to) {
        int[] order = to.order;
        int left = order[0];
        int end = order.length;
        while (end > 0 && order[end - 1] == end - 1) {
            end--;
        }
        for (int i = 0; i < end; i++) {
            if (order[i] != (i + left) % end) {
                return null;
            }
        }
        int first = OnnxTensor.count(Arrays.copyOf(from, left));
        int second = OnnxTensor.count(Arrays.copyOfRange(from, left, end));
        int inner = OnnxTensor.count(Arrays.copyOfRange(from, end, from.length));
        return run -> DeviceOperators.swap(run.context(), of.of(run), first, second, inner, to.dims);
    }

    /** Where a step reads a value. */
    Source source(Value value) {
        if (value.constant != null) {
            OnnxTensor constant = value.constant;
            return run -> DeviceOperators.constant(run.context(), constant);
        }
        if (value.parameter != null) {
            String name = value.parameter;
            return run -> DeviceOperators.value(run.context(), run.parameter(name));
        }
        if (!value.isReal()) {
            return run -> DeviceOperators.constant(run.context(), run.whole(value.slot));
        }
        int slot = settled(value).slot;
        return run -> run.real(slot);
    }

    private int slotOf(Value value) {
        if (value.constant == null && value.parameter == null) {
            return settled(value).slot;
        }
        Source source = source(value);
        return real(value.dims, source).slot;
    }

    /** Numbers of a value in other places. */
    Value moved(Value x, Move move) {
        Source source = source(x);
        return move.from() == null
                ? real(move.dims(), run -> DeviceOperators.view(source.of(run), move.dims()))
                : real(move.dims(), picked(source, move, x.dims));
    }

    /** As many numbers as dimensions that are broadcast to have. */
    Value expanded(Value x, int... dims) {
        return Arrays.equals(x.dims, dims) ? x : moved(x, Move.expand(x.dims, dims));
    }

    /** Says what an output of a node is; names of none are passed over. */
    void put(OnnxNode node, int output, Value value) {
        if (output < node.outputs().size() && !node.outputs().get(output).isEmpty()) {
            values.put(node.outputs().get(output), value);
        }
    }
}
