package org.gatefold.exchange.onnx.graph;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.gatefold.autograd.Variable;
import org.gatefold.exchange.onnx.graph.FoldedGraph.Port;
import org.gatefold.layer.Context;
import org.gatefold.layer.StreamStates;
import org.gatefold.tensor.ElementType;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * What a graph carries from chunk to chunk of a stream by its inputs and outputs. Immutable by agreement.
 *
 * @param pairs for the name of an input the name of the output whose value of the chunk before it takes; zeros at first
 * @param overlaps for the name of an input how many of the last steps of a chunk stand in front of the next one; zeros at first
 */
public record OnnxStates(Map<String, String> pairs, Map<String, Integer> overlaps) {
    /** Nothing is carried. */
    public static final OnnxStates NONE = new OnnxStates(Map.of(), Map.of());

    /** The last word of what states are called, without the words for before and after. */
    private static final Set<String> STATES = Set.of(
            "h", "c", "hx", "cx", "state", "states", "hidden", "cell", "context", "cache", "memory", "mem", "carry",
            "buffer");

    public boolean isEmpty() {
        return pairs.isEmpty() && overlaps.isEmpty();
    }

    /**
     * With pairs that names tell: such as {@code h0} and {@code hn}, {@code state} and {@code stateN}, {@code c_in} and {@code c_out}.
     *
     * @param outputs names
     */
    public OnnxStates withNamedPairs(List<String> inputs, Set<String> outputs) {
        Map<String, String> all = new LinkedHashMap<>(pairs);
        for (String input : inputs) {
            String stem = stem(input, "in|input|prev|previous|past|initial|init|0");
            List<String> fitting = outputs.stream()
                    .filter(output -> !all.containsValue(output))
                    .filter(output -> stem(output, "out|output|next|new|final|present|n|1")
                            .equals(stem))
                    .toList();
            boolean named = STATES.contains(stem.replaceAll("[0-9]+$", "").replaceAll("^.*_", ""));
            if (named && fitting.size() == 1 && !all.containsKey(input) && !overlaps.containsKey(input)) {
                all.put(input, fitting.get(0));
            }
        }
        return new OnnxStates(all, overlaps);
    }

    /** A name without the words for before or after at its ends. */
    private static String stem(String name, String words) {
        String lower = name.toLowerCase(Locale.ROOT).replaceAll("[._/:-]+", "_");
        return lower.replaceAll("^(" + words + ")_|_?(" + words + ")$", "");
    }

    /**
     * Checks what was said against the inputs of a graph, and against how large its outputs are.
     *
     * @param sizes of inputs in a trial, by name
     * @param dims of outputs in the same trial, by name
     * @param given pairs that were said; others are left out where they do not fit
     */
    public OnnxStates fitting(List<Port> inputs, Map<String, int[]> sizes, Map<String, int[]> dims, OnnxStates given) {
        Map<String, String> kept = new LinkedHashMap<>();
        pairs.forEach((input, output) -> {
            Port port = port(inputs, "state", input);
            int[] out = dims.get(output);
            if (out == null) {
                throw new IllegalArgumentException(
                        "state '" + input + "': expected an output of " + dims.keySet() + ", got '" + output + "'");
            }
            boolean fits = port.form().type() == ElementType.F32
                    && (!port.form().sequence() || port.fixed().get(port.axes().get(0)) > 0)
                    && Arrays.equals(sizes.get(input), out);
            if (fits) {
                kept.put(input, output);
            } else if (given.pairs().containsKey(input)) {
                throw new IllegalArgumentException("state '" + input
                        + "': expected an output of the same fixed dimensions but for rows, got "
                        + OnnxTensor.text(sizes.get(input)) + " and, for '" + output + "', " + OnnxTensor.text(out));
            }
        });
        overlaps.forEach((input, steps) -> {
            Port port = port(inputs, "overlap", input);
            if (port.form().type() != ElementType.F32
                    || !port.form().sequence()
                    || port.fixed().get(port.axes().get(0)) > 0
                    || kept.containsKey(input)
                    || steps < 1) {
                throw new IllegalArgumentException("overlap '" + input
                        + "': expected at least one step of an input of numbers whose steps are open, got " + steps
                        + " of " + port.form());
            }
        });
        return kept.size() == inputs.size() ? new OnnxStates(given.pairs(), overlaps) : new OnnxStates(kept, overlaps);
    }

    private static Port port(List<Port> inputs, String what, String name) {
        return inputs.stream()
                .filter(port -> port.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(what + " '" + name + "': expected an input of "
                        + inputs.stream().map(Port::name).toList()));
    }

    /** Forms without those of states. */
    public static Map<String, Form> without(Map<String, Form> forms, Iterable<String> states) {
        Map<String, Form> rest = new LinkedHashMap<>(forms);
        states.forEach(rest::remove);
        return rest;
    }

    /** Declares what is carried: pairs, then overlaps. */
    public void declare(Object owner, Map<String, Port> inputs, StreamStates states) {
        pairs.keySet().forEach(input -> {
            Port port = inputs.get(input);
            int parts = port.form().sequence() ? port.fixed().get(port.axes().get(0)) : 1;
            states.declareOwn(owner, input, parts, Math.toIntExact(port.form().size()), null);
        });
        overlaps.forEach((input, steps) -> states.declareOwn(
                owner,
                input + " before",
                steps,
                Math.toIntExact(inputs.get(input).form().size()),
                null));
    }

    /** The inputs of a pass: states as they are, and chunks with the end of the one before in front. */
    public Map<String, Variable> enter(
            Object owner, Map<String, Port> inputs, Context context, StreamStates states, Map<String, Variable> given) {
        Map<String, Variable> all = new LinkedHashMap<>(given);
        int number = 0;
        for (String input : pairs.keySet()) {
            Tensor state = states.before(owner, number++);
            Shape shape = inputs.get(input).form().shape(state.shape().dim(0), states.rows());
            all.put(input, Variable.constant(state.reshape(shape.toArray())));
        }
        for (Map.Entry<String, Integer> overlap : overlaps.entrySet()) {
            Variable x = given.get(overlap.getKey());
            if (x != null) {
                Form form = inputs.get(overlap.getKey()).form();
                all.put(overlap.getKey(), behind(owner, number, context, states, form, x));
            }
            number++;
        }
        return all;
    }

    private static Variable behind(
            Object owner, int number, Context context, StreamStates states, Form form, Variable x) {
        Tensor before = states.before(owner, number);
        int steps = x.shape().dim(0);
        Tensor all = context.scope().f32("x", form.shape(before.shape().dim(0) + steps, states.rows()));
        long kept = before.elements();
        long chunk = x.value().elements();
        all.part("before", 0, before.shape()).copyFrom(before);
        all.part("chunk", kept, x.shape()).copyFrom(x.value());
        states.after(owner, number, all.part("end", chunk, before.shape()));
        return Variable.constant(all);
    }

    /** Keeps the states that a pass gave. */
    public void leave(Object owner, StreamStates states, Map<String, Variable> outputs) {
        int number = 0;
        for (String output : pairs.values()) {
            states.after(owner, number++, outputs.get(output).value());
        }
    }
}
