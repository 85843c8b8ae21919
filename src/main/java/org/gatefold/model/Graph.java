package org.gatefold.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.GradientProgress;
import org.gatefold.layer.Layer;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.Sourced;
import org.gatefold.layer.Stated;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.StreamStates;
import org.gatefold.layer.basic.Masking;
import org.gatefold.tensor.Form;

/**
 * Layers and how values flow through them: any number of inputs and outputs, values that are read several times, layers
 * that are applied several times with the same weights, values that are merged. Keras' functional API, in other words.
 *
 * <pre>{@code
 * Graph.Builder graph = Graph.builder();
 * Graph.Node x = graph.input("x", Form.sequences(8));
 * Graph.Node h = graph.layer(Lstm.of(32), x);
 * graph.output("y", graph.layer(Linear.of(1), h));
 * Network network = graph.build();
 * }</pre>
 */
public final class Graph extends Module {
    private final List<Step> steps;
    private final List<String> values;
    private final Map<String, Integer> results;

    /** The values whose layers tell states. */
    private final Set<Integer> told = new HashSet<>();

    /**
     * One value from others, which are told by their numbers: inputs first, then steps. A layer is applied to the first, from states
     * that the others are, or with a source that the second is; or values are merged; or the value is a state that the application of a layer ends with.
     *
     * @param state its number among those of the layer; -1 if the value is no state
     * @param firstOffset of the parameters that this and all later steps brought along: no earlier one reads them
     */
    private record Step(Layer layer, Merge merge, int state, List<Integer> of, long firstOffset) {
        boolean attends() {
            return layer instanceof Sourced && of.size() > 1;
        }

        boolean beginsWithStates() {
            return layer instanceof Stated && of.size() > 1;
        }
    }

    private Graph(ParameterStore parameters, List<Step> steps, List<String> values, Map<String, Integer> results) {
        super(parameters);
        this.steps = steps;
        this.values = values;
        this.results = results;
    }

    /** Begins a graph. */
    public static Builder builder() {
        return new Builder(new ParameterStore());
    }

    /** A value within a graph that is being built. */
    public static final class Node {
        private final Builder graph;
        private final int number;
        private final Form form;

        private Node(Builder graph, int number, Form form) {
            this.graph = graph;
            this.number = number;
            this.form = form;
        }

        /** What it will be like. */
        public Form form() {
            return form;
        }
    }

    /** Collects inputs, layers and outputs; each call says at once if something does not fit. One thread at a time. */
    public static final class Builder {
        private final List<Step> steps = new ArrayList<>();
        private final List<Node> nodes = new ArrayList<>();
        private final List<String> names = new ArrayList<>();
        private final Set<String> taken = new HashSet<>();
        private final Map<String, Integer> uses = new HashMap<>();
        private final Map<String, Integer> results = new LinkedHashMap<>();
        private final Graph graph;
        private boolean built;

        Builder(ParameterStore parameters) {
            graph = new Graph(parameters, steps, names, results);
        }

        /** An input; all of them come before the first layer. */
        public Node input(String name, Form form) {
            requireNotBuilt();
            if (!steps.isEmpty()) {
                throw new IllegalStateException("input '" + name + "': comes after a layer; declare inputs first");
            }
            graph.input(name, form);
            return node(name, form);
        }

        /**
         * Applies a layer. A layer that was applied before is applied again, with the same weights.
         *
         * @param further what it reads beside x, if anything: the states that a recurrent layer begins with, rows, as {@link Stated#states}
         *     orders them, h and, where the cell has one, c; or the {@link Sourced source} that queries attend to
         * @throws IllegalArgumentException if the layer does not take the values
         */
        public Node layer(Layer layer, Node x, Node... further) {
            requireOurs(x);
            if (layer == null) {
                throw new IllegalArgumentException("layer: expected a layer, got null");
            }
            long firstOffset = graph.parameters().nextOffset();
            if (graph.layers().get(layer.name()) != layer) {
                graph.layer(layer, x.form);
            } else if (!layer.input().equals(x.form)) {
                throw new IllegalArgumentException(
                        "layer '" + layer.name() + "': expected " + layer.input() + " as before, got " + x.form);
            }
            List<Integer> of = new ArrayList<>(List.of(x.number));
            if (further.length > 0) {
                requireFurther(layer, further);
                Arrays.stream(further).forEach(node -> of.add(node.number));
            }
            steps.add(new Step(layer, null, GraphDescription.Step.NO_STATE, List.copyOf(of), firstOffset));
            return node(unused(layer.name()), layer.output());
        }

        private void requireFurther(Layer layer, Node... further) {
            boolean attends = layer instanceof Sourced;
            List<Form> expected =
                    attends ? List.of(layer.input()) : stated(layer).states();
            List<Form> actual = new ArrayList<>();
            for (Node node : further) {
                requireOurs(node);
                actual.add(node.form);
            }
            if (!actual.equals(expected)) {
                throw new IllegalArgumentException((attends ? "source" : "initial") + ": expected " + expected
                        + " for layer '" + layer.name() + "', got " + actual);
            }
        }

        /** The layer of a name that was applied before; null if none was. */
        Layer applied(String name) {
            return graph.layers().get(name);
        }

        private static Stated stated(Layer layer) {
            if (!(layer instanceof Stated stated)) {
                throw new IllegalArgumentException(
                        "layer '" + layer.name() + "': expected one that has states, got " + layer.type());
            }
            if (layer.carriesStates()) {
                throw new IllegalArgumentException(
                        "layer '" + layer.name() + "': is stateful, and carries its states from batch to batch itself");
            }
            return stated;
        }

        /**
         * A state that a recurrent layer ends with, of each row behind its last valid step: Keras' {@code return_state}.
         *
         * @param applied what {@link #layer} gave
         * @param number as {@link Stated#states} orders them
         */
        public Node state(Node applied, int number) {
            requireOurs(applied);
            int step = applied.number - graph.inputs().size();
            Layer layer = step < 0 ? null : steps.get(step).layer();
            if (layer == null) {
                throw new IllegalArgumentException(
                        "applied: expected what a layer gives, got '" + names.get(applied.number) + "'");
            }
            List<Form> states = stated(layer).states();
            Objects.checkIndex(number, states.size());
            graph.told.add(applied.number);
            steps.add(new Step(
                    null,
                    null,
                    number,
                    List.of(applied.number),
                    graph.parameters().nextOffset()));
            return node(unused(names.get(applied.number) + ".state" + number), states.get(number));
        }

        /** The sum of values of one form. */
        public Node add(Node... x) {
            return merge(Merge.ADD, x);
        }

        /** The product of values of one form, element by element. */
        public Node multiply(Node... x) {
            return merge(Merge.MULTIPLY, x);
        }

        /** One value less another of its form, element by element. */
        public Node subtract(Node x, Node y) {
            return merge(Merge.SUBTRACT, x, y);
        }

        /** The mean of values of one form, element by element. */
        public Node average(Node... x) {
            return merge(Merge.AVERAGE, x);
        }

        /** The largest of values of one form, element by element. */
        public Node maximum(Node... x) {
            return merge(Merge.MAXIMUM, x);
        }

        /** The smallest of values of one form, element by element. */
        public Node minimum(Node... x) {
            return merge(Merge.MINIMUM, x);
        }

        /** Values side by side, the last dimension growing. */
        public Node concatenate(Node... x) {
            return merge(Merge.CONCATENATE, x);
        }

        /** Steps of a sequence by their places, which tokens tell: {@link Merge#GATHER}. */
        public Node gather(Node x, Node places) {
            return merge(Merge.GATHER, x, places);
        }

        /**
         * Merges values.
         *
         * @param x at least two
         */
        public Node merge(Merge merge, Node... x) {
            List<Integer> of = new ArrayList<>();
            List<Form> forms = new ArrayList<>();
            for (Node node : x) {
                requireOurs(node);
                of.add(node.number);
                forms.add(node.form);
            }
            Form form = merge.form(forms);
            steps.add(new Step(
                    null,
                    merge,
                    GraphDescription.Step.NO_STATE,
                    List.copyOf(of),
                    graph.parameters().nextOffset()));
            return node(unused(merge.name().toLowerCase(Locale.ROOT)), form);
        }

        /** Says that a value is an output. */
        public Builder output(String name, Node x) {
            requireOurs(x);
            graph.output(name, x.form);
            results.put(name, x.number);
            return this;
        }

        /**
         * The network; the builder has done its work then.
         *
         * @throws IllegalArgumentException if there is no output, or if a value leads to none
         */
        public Network build() {
            return Network.of(graph());
        }

        /** The graph itself, to become a model's. */
        Graph graph() {
            requireNotBuilt();
            graph.requireComplete();
            requireAllUsed();
            built = true;
            return graph;
        }

        /**
         * Leaves out what leads to no output: values, and layers without parameters that give nothing else. Inputs stay. Nothing can be
         * applied to values of before any more.
         *
         * @throws IllegalArgumentException if a layer that has parameters leads to none
         */
        public Builder prune() {
            requireNotBuilt();
            boolean[] used = used();
            int inputs = graph.inputs().size();
            int[] numbers = IntStream.range(0, used.length).toArray();
            List<Step> kept = new ArrayList<>();
            List<String> called = new ArrayList<>(names.subList(0, inputs));
            for (int i = 0; i < used.length; i++) {
                if (i >= inputs && used[i]) {
                    numbers[i] = called.size();
                    Step step = steps.get(i - inputs);
                    List<Integer> of =
                            step.of().stream().map(number -> numbers[number]).toList();
                    kept.add(new Step(step.layer(), step.merge(), step.state(), of, step.firstOffset()));
                    called.add(names.get(i));
                }
            }
            forgetUnread(kept);
            Set<Integer> states = new HashSet<>();
            graph.told.stream().filter(number -> used[number]).forEach(number -> states.add(numbers[number]));
            graph.told.clear();
            graph.told.addAll(states);
            results.replaceAll((name, number) -> numbers[number]);
            names.clear();
            names.addAll(called);
            steps.clear();
            steps.addAll(kept);
            nodes.subList(called.size(), nodes.size()).clear();
            return this;
        }

        private void forgetUnread(List<Step> kept) {
            for (Layer layer : List.copyOf(graph.layers().values())) {
                if (kept.stream().noneMatch(step -> step.layer() == layer)) {
                    if (layer.parameterCount() > 0) {
                        throw unread(layer.name());
                    }
                    graph.forget(layer);
                }
            }
        }

        private void requireAllUsed() {
            boolean[] used = used();
            for (int i = nodes.size() - 1; i >= 0; i--) {
                if (!used[i]) {
                    throw unread(names.get(i));
                }
            }
        }

        private static IllegalArgumentException unread(String name) {
            return new IllegalArgumentException("graph: '" + name + "' leads to no output");
        }

        /** Which values outputs are made of, or are. */
        private boolean[] used() {
            boolean[] used = new boolean[nodes.size()];
            results.values().forEach(number -> used[number] = true);
            int inputs = graph.inputs().size();
            for (int i = nodes.size() - 1; i >= inputs; i--) {
                if (used[i]) {
                    steps.get(i - inputs).of().forEach(number -> used[number] = true);
                }
            }
            return used;
        }

        private Node node(String name, Form form) {
            if (!taken.add(name)) {
                throw new IllegalArgumentException(
                        "graph: two values are called '" + name + "'; name layers otherwise");
            }
            Node node = new Node(this, nodes.size(), form);
            nodes.add(node);
            names.add(name);
            return node;
        }

        private String unused(String name) {
            String free = name;
            while (taken.contains(free)) {
                free = name + "#" + uses.merge(name, 2, (times, more) -> times + 1);
            }
            return free;
        }

        private void requireOurs(Node x) {
            requireNotBuilt();
            if (x == null || x.graph != this) {
                throw new IllegalArgumentException(
                        "graph: expected a value of this graph, got " + (x == null ? "null" : "one of another"));
            }
        }

        private void requireNotBuilt() {
            if (built) {
                throw new IllegalStateException("graph: is built already");
            }
        }
    }

    /** Layers one after the other, with input and output of the usual names. */
    static Graph chain(Form input, List<Layer> layers) {
        if (layers.isEmpty()) {
            throw new IllegalArgumentException("layers: expected at least one, got none");
        }
        Builder builder = builder();
        Node x = builder.input(Model.INPUT, input);
        for (Layer layer : layers) {
            x = builder.layer(layer, x);
        }
        return builder.output(Model.OUTPUT, x).graph();
    }

    @Override
    protected Map<String, Variable> forward(Context context, Map<String, Variable> inputs) {
        Variable[] computed = new Variable[values.size()];
        int next = 0;
        for (String input : inputs().keySet()) {
            computed[next++] = inputs.get(input);
        }
        GradientProgress progress = context.attached(GradientProgress.class);
        Map<Integer, List<Variable>> states = told.isEmpty() ? Map.of() : new HashMap<>();
        for (Step step : steps) {
            if (progress != null) {
                context.tape().record(() -> progress.finishedFrom(step.firstOffset()));
            }
            computed[next] = compute(context, step, next, computed, states);
            next++;
        }
        Map<String, Variable> outputs = new LinkedHashMap<>();
        results.forEach((name, number) -> outputs.put(name, computed[number]));
        return outputs;
    }

    /**
     * One value from those before.
     *
     * @param number of the value
     * @param states of the values whose layers tell them; written
     */
    private Variable compute(
            Context context, Step step, int number, Variable[] computed, Map<Integer, List<Variable>> states) {
        Variable first = computed[step.of().get(0)];
        if (step.layer() == null) {
            return step.merge() == null
                    ? states.get(step.of().get(0)).get(step.state())
                    : step.merge().of(context, all(step, computed).toArray(Variable[]::new));
        }
        if (isStated(step, number)) {
            List<Variable> of = all(step, computed);
            Stated.Outcome outcome = ((Stated) step.layer()).outcome(context, first, of.subList(1, of.size()));
            if (told.contains(number)) {
                states.put(number, outcome.states());
            }
            return outcome.output();
        }
        return step.attends()
                ? ((Sourced) step.layer())
                        .forward(context, first, computed[step.of().get(1)])
                : step.layer().forward(context, first);
    }

    private static List<Variable> all(Step step, Variable... computed) {
        return step.of().stream().map(number -> computed[number]).toList();
    }

    /** Whether a layer's states are read or given. */
    private boolean isStated(Step step, int number) {
        return step.beginsWithStates() || told.contains(number);
    }

    @Override
    protected void stream(StreamStates states) {
        Set<Layer> applied = new HashSet<>();
        for (Step step : steps) {
            if (step.beginsWithStates()) {
                throw states.refusal(step.layer(), "begins with states that the model gives it, for a whole sequence");
            }
            if (step.layer() != null) {
                states.add(step.layer());
                if (!applied.add(step.layer()) && states.has(step.layer())) {
                    throw states.refusal(
                            step.layer(), "is applied more than once in a step, and carries states for one");
                }
            }
        }
    }

    @Override
    protected List<Layer> lookUps(String input) {
        Set<Integer> same = new HashSet<>(Set.of(List.copyOf(inputs().keySet()).indexOf(input)));
        for (int i = 0; i < steps.size(); i++) {
            if (steps.get(i).layer() instanceof Masking
                    && same.contains(steps.get(i).of().get(0))) {
                same.add(inputs().size() + i);
            }
        }
        return steps.stream()
                .filter(step -> step.layer() != null && same.contains(step.of().get(0)))
                .map(Step::layer)
                .filter(layer -> layer.knownIds() > 0)
                .toList();
    }

    /** What is known of a value before anything runs: its form, its steps if it is a sequence, and whether it has lengths. */
    private record Foreseen(Form form, int steps, boolean lengths) {}

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        List<Foreseen> all = new ArrayList<>();
        inputs().values().forEach(form -> all.add(new Foreseen(form, steps, form.sequence())));
        for (Step step : this.steps) {
            List<Foreseen> of = step.of().stream().map(all::get).toList();
            Foreseen first = of.get(0);
            if (step.merge() != null) {
                List<Form> forms = of.stream().map(Foreseen::form).toList();
                // Of steps that are picked there are as many as places.
                Foreseen like = of.get(of.size() - 1);
                step.merge().account(memory, forms, like.steps(), batch);
                all.add(new Foreseen(step.merge().form(forms), like.steps(), like.lengths()));
            } else if (step.layer() == null) {
                Layer told = this.steps.get(step.of().get(0) - inputs().size()).layer();
                all.add(new Foreseen(((Stated) told).states().get(step.state()), 1, false));
            } else {
                memory.withLengths(first.lengths());
                if (isStated(step, all.size())) {
                    ((Stated) step.layer())
                            .footprint(
                                    memory, first.steps(), batch, step.beginsWithStates(), told.contains(all.size()));
                } else if (step.attends()) {
                    ((Sourced) step.layer())
                            .footprint(memory, first.steps(), of.get(1).steps(), batch);
                } else {
                    step.layer().footprint(memory, first.steps(), batch);
                }
                Form form = step.layer().output();
                all.add(new Foreseen(
                        form, step.layer().outputSteps(first.steps()), first.lengths() && form.sequence()));
            }
        }
    }

    @Override
    public GraphDescription description() {
        List<GraphDescription.Step> described = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            described.add(new GraphDescription.Step(
                    values.get(inputs().size() + i),
                    step.layer() == null ? null : step.layer().name(),
                    step.merge(),
                    step.state(),
                    step.of().stream().map(values::get).toList()));
        }
        Map<String, String> outputs = new LinkedHashMap<>();
        results.forEach((name, number) -> outputs.put(name, values.get(number)));
        return new GraphDescription(
                inputs(), layers().values().stream().map(Layer::description).toList(), described, outputs);
    }
}
