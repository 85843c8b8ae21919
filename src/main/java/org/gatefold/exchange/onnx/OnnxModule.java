package org.gatefold.exchange.onnx;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.gatefold.autograd.Variable;
import org.gatefold.exchange.onnx.graph.FoldedGraph;
import org.gatefold.exchange.onnx.graph.Move;
import org.gatefold.exchange.onnx.graph.OnnxFolder;
import org.gatefold.exchange.onnx.graph.OnnxGraphText;
import org.gatefold.exchange.onnx.graph.OnnxNode;
import org.gatefold.exchange.onnx.graph.OnnxStates;
import org.gatefold.exchange.onnx.graph.OnnxTensor;
import org.gatefold.exchange.onnx.graph.RecurrentNode;
import org.gatefold.exchange.onnx.plan.DeviceOperators;
import org.gatefold.exchange.onnx.plan.OnnxPlan;
import org.gatefold.exchange.onnx.plan.OnnxPorts;
import org.gatefold.exchange.onnx.plan.OnnxRun;
import org.gatefold.exchange.onnx.plan.PlanBuilder;
import org.gatefold.layer.Context;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Options;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.StreamStates;
import org.gatefold.layer.recurrent.RecurrentLayer;
import org.gatefold.model.Module;
import org.gatefold.tensor.ElementType;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Lengths;

/**
 * A graph of ONNX as a module: recurrent operators are layers, other weights are parameters by the names that they have in the file. It is
 * trained, saved and loaded like any other.
 *
 * <p>Sequences come in and go out time-major, whatever order the graph has. A recurrent operator without {@code sequence_lens} takes the
 * lengths of the batch; where other operators look beyond a step, rows of unequal length are refused.
 */
public final class OnnxModule extends Module {
    /** Plans for as many sizes of batches are kept. */
    private static final int MOST_PLANS = 16;

    /** Operators that treat each step by itself, so that padding stays padding. */
    private static final Set<String> STEPWISE = Set.of(
            OnnxFolder.LINEAR,
            OnnxFolder.RECURRENT,
            "Relu",
            "Sigmoid",
            "Tanh",
            "Elu",
            "LeakyRelu",
            "Gelu",
            "HardSigmoid",
            "HardSwish",
            "Mish",
            "Selu",
            "Softsign",
            "Clip",
            "Transpose",
            "Squeeze",
            "Unsqueeze",
            "Reshape",
            "Shape",
            "Cast",
            "Gather",
            "Concat",
            "Add",
            "Mul");

    private final FoldedGraph graph;
    private final Map<String, Parameter> weights = new HashMap<>();
    private final Map<String, RecurrentLayer<?>> recurrent = new HashMap<>();

    private final Map<String, FoldedGraph.Port> ports = new HashMap<>();
    private final Map<String, Form> streamInputs;
    private final Map<String, Form> streamOutputs;

    /** Guarded by itself; in the order of use. */
    private final Map<String, OnnxPlan> plans = new LinkedHashMap<>(16, 0.75f, true);

    OnnxModule(FoldedGraph graph) {
        this.graph = graph;
        graph.inputs().forEach(port -> input(port.name(), port.form()));
        for (OnnxNode node : FoldedGraph.all(graph.nodes())) {
            String name = node.text("layer", "");
            if (node.operator().equals(OnnxFolder.RECURRENT) && !recurrent.containsKey(name)) {
                recurrent.put(name, layer(RecurrentNode.layer(node), Form.sequences(node.integer("features", 0))));
            }
        }
        graph.parameters()
                .forEach((name, dims) -> weights.put(
                        name, parameter(name, DeviceOperators.shape(dims), Initializer.UNIFORM_INVERSE_SQRT)));
        graph.outputs().forEach(port -> output(port.name(), port.form()));
        graph.inputs().forEach(port -> ports.put(port.name(), port));
        streamInputs = OnnxStates.without(inputs(), graph.states().pairs().keySet());
        streamOutputs = OnnxStates.without(outputs(), graph.states().pairs().values());
    }

    /** The module that {@link #options} describe. */
    public static OnnxModule described(Options options) {
        return new OnnxModule(OnnxGraphText.read(options.asMap()));
    }

    @Override
    protected Map<String, Object> options() {
        return OnnxGraphText.write(graph);
    }

    @Override
    protected Map<String, Variable> forward(Context context, Map<String, Variable> inputs) {
        Map<String, int[]> sizes = new LinkedHashMap<>();
        Lengths lengths = null;
        for (FoldedGraph.Port port : graph.inputs()) {
            Variable x = inputs.get(port.name());
            sizes.put(port.name(), sizes(port, x.shape().toArray()));
            lengths = x.lengths() == null ? lengths : x.lengths();
        }
        if (lengths != null) {
            requireStepwise();
        }
        OnnxPlan plan = plan(sizes);
        OnnxRun run = new OnnxRun(context, weights::get, recurrent::get, plan.slots(), lengths);
        for (FoldedGraph.Port port : graph.inputs()) {
            enter(run, port, plan.inputs().get(port.value()), inputs.get(port.name()), sizes.get(port.name()));
        }
        plan.steps().forEach(step -> step.run(run));
        Map<String, Variable> outputs = new LinkedHashMap<>();
        for (FoldedGraph.Port port : graph.outputs()) {
            Variable value = run.real(plan.outputs().get(port.name()));
            outputs.put(port.name(), leave(context, port, value, plan.dims().get(port.name()), lengths));
        }
        return outputs;
    }

    /** The sizes of a value in the graph, from those outside. */
    private static int[] sizes(FoldedGraph.Port port, int... outside) {
        int rank = port.axes().size();
        int[] sizes = new int[rank];
        for (int i = 0; i < rank; i++) {
            int axis = port.axes().get(i);
            sizes[axis] = outside[i];
            int fixed = port.fixed().get(axis);
            if (fixed != 0 && fixed != sizes[axis]) {
                throw new IllegalArgumentException("input '" + port.name() + "': expected " + fixed + " on axis " + axis
                        + " of the graph's value, got " + sizes[axis]);
            }
        }
        return sizes;
    }

    private void requireStepwise() {
        for (OnnxNode node : FoldedGraph.all(graph.nodes())) {
            if (!STEPWISE.contains(node.operator())) {
                throw new IllegalArgumentException(
                        node.label()
                                + ": may look beyond a step; expected rows of equal length, or a graph with an input for lengths");
            }
        }
    }

    private OnnxPlan plan(Map<String, int[]> sizes) {
        StringBuilder key = new StringBuilder();
        sizes.values().forEach(dims -> key.append(OnnxTensor.text(dims)));
        synchronized (plans) {
            OnnxPlan plan = plans.get(key.toString());
            if (plan == null) {
                plan = PlanBuilder.build(graph, sizes);
                plans.put(key.toString(), plan);
                if (plans.size() > MOST_PLANS) {
                    plans.remove(plans.keySet().iterator().next());
                }
            }
            return plan;
        }
    }

    private static void enter(OnnxRun run, FoldedGraph.Port port, int slot, Variable x, int... sizes) {
        Move move = port.isMoved() ? Move.transpose(x.shape().toArray(), port.inwards()) : null;
        if (port.form().type() == ElementType.I32) {
            int[] values = x.value().toInts();
            long[] longs = new long[OnnxTensor.count(sizes)];
            for (int i = 0; i < longs.length; i++) {
                longs[i] = values[i];
            }
            OnnxTensor given =
                    OnnxTensor.of(longs, sizes.length == 0 ? sizes : x.shape().toArray());
            run.set(slot, (move == null ? given : given.moved(move)).as(port.type()));
            return;
        }
        run.set(slot, move == null ? DeviceOperators.view(x, sizes) : moved(run.context(), x, move));
    }

    private static Variable moved(Context context, Variable x, Move move) {
        return move.from() == null
                ? DeviceOperators.view(x, move.dims())
                : new DeviceOperators.Pick(move, Math.toIntExact(x.value().elements())).of(context, x);
    }

    private static Variable leave(Context context, FoldedGraph.Port port, Variable value, int[] dims, Lengths lengths) {
        Variable y = port.isMoved() ? moved(context, value, Move.transpose(dims, port.outwards())) : value;
        int[] outside = y.shape().toArray();
        boolean fits = lengths != null
                && port.form().sequence()
                && outside[0] == lengths.steps()
                && outside[1] == lengths.batch();
        return fits ? y.reshape(lengths, outside) : y;
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        super.account(memory, steps, batch);
        Map<String, int[]> sizes = new LinkedHashMap<>();
        for (FoldedGraph.Port port : graph.inputs()) {
            int[] dims = sizes(port, port.form().shape(steps, batch).toArray());
            sizes.put(port.name(), dims);
        }
        memory.differentiable(plan(sizes).elements());
    }

    @Override
    protected void stream(StreamStates states) {
        if (!graph.states().isEmpty()) {
            graph.states().declare(this, ports, states);
            return;
        }
        for (OnnxNode node : FoldedGraph.all(graph.nodes())) {
            if (!STEPWISE.contains(node.operator())) {
                throw new IllegalArgumentException(
                        "stream: " + node.label()
                                + " may look beyond a step, and no input is a state; say which are, by OnnxModels.of(file).state(input, output)");
            }
        }
        Set<String> layers = new HashSet<>();
        for (Map.Entry<String, Boolean> read :
                OnnxPorts.plan(graph, states.rows()).fromZero()) {
            if (!read.getValue() || !layers.add(read.getKey())) {
                throw new IllegalArgumentException("stream: layer '" + read.getKey()
                        + "' starts from states that the graph gives, or has several sequences; say which inputs are states, by"
                        + " OnnxModels.of(file).state(input, output)");
            }
            states.add(recurrent.get(read.getKey()));
        }
    }

    @Override
    protected Map<String, Form> streamInputs() {
        return streamInputs;
    }

    @Override
    protected Map<String, Form> streamOutputs() {
        return streamOutputs;
    }

    @Override
    protected Map<String, Variable> fromStates(Context context, StreamStates states, Map<String, Variable> given) {
        return graph.states().enter(this, ports, context, states, given);
    }

    @Override
    protected void toStates(StreamStates states, Map<String, Variable> outputs) {
        graph.states().leave(this, states, outputs);
    }

    /** What it was made of. */
    FoldedGraph graph() {
        return graph;
    }
}
