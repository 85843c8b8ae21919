package org.gatefold.model;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.gatefold.layer.Layer;
import org.gatefold.layer.LayerDescription;
import org.gatefold.layer.Layers;
import org.gatefold.layer.ParameterStore;
import org.gatefold.tensor.Shape;

/** Builds a {@link Graph} as a {@link GraphDescription} says, and names the place in it where it contradicts itself. One thread. */
final class DescribedGraph {
    private static final int MOST_SHOWN = 20;

    private final GraphDescription description;
    private final Graph.Builder builder;
    private final Map<String, Integer> layers = new HashMap<>();
    private final Map<String, Graph.Node> values = new HashMap<>();

    private DescribedGraph(GraphDescription description, BiConsumer<String, Shape> declared) {
        this.description = description;
        builder = new Graph.Builder(new ParameterStore(declared));
    }

    /**
     * A new graph as described.
     *
     * @param declared is told name and shape of each parameter before it is declared, and may refuse it
     * @throws IllegalArgumentException if the description contradicts itself
     */
    static Graph of(GraphDescription description, BiConsumer<String, Shape> declared) {
        return new DescribedGraph(description, declared).build();
    }

    private Graph build() {
        description.inputs().forEach((name, form) -> values.put(name, builder.input(name, form)));
        for (LayerDescription layer : description.layers()) {
            if (layers.put(layer.name(), layers.size()) != null) {
                throw new IllegalArgumentException("layer '" + layer.name() + "': is described twice");
            }
        }
        for (int i = 0; i < description.steps().size(); i++) {
            GraphDescription.Step step = description.steps().get(i);
            if (values.putIfAbsent(step.name(), made("steps[" + i + "]", step)) != null) {
                throw new IllegalArgumentException("steps[" + i + "].name: '" + step.name() + "' is taken");
            }
        }
        layers.forEach((name, index) -> {
            if (builder.applied(name) == null) {
                throw new IllegalArgumentException("layers[" + index + "]: '" + name + "' is applied by no step");
            }
        });
        description.outputs().forEach((name, value) -> builder.output(name, require("outputs." + name, values, value)));
        return builder.graph();
    }

    /** The value of a step, whose place in the description messages name. */
    private Graph.Node made(String place, GraphDescription.Step step) {
        Graph.Node[] of = new Graph.Node[step.of().size()];
        for (int k = 0; k < of.length; k++) {
            of[k] = require(place + ".of[" + k + "]", values, step.of().get(k));
        }
        if (step.merge() != null) {
            return builder.merge(step.merge(), of);
        }
        if (of.length == 0) {
            throw new IllegalArgumentException(place + ".of: expected at least one value, got none");
        }
        if (step.layer() == null) {
            return builder.state(of[0], step.state());
        }
        Layer applied = builder.applied(step.layer());
        Layer layer = applied == null ? layer(require(place + ".layer", layers, step.layer())) : applied;
        return builder.layer(layer, of[0], Arrays.copyOfRange(of, 1, of.length));
    }

    private Layer layer(int index) {
        try {
            return Layers.of(description.layers().get(index));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("layers[" + index + "]: " + e.getMessage(), e);
        }
    }

    private static <V> V require(String field, Map<String, V> known, String name) {
        V found = known.get(name);
        if (found == null) {
            throw new IllegalArgumentException(
                    field + ": expected one of " + some(known.keySet()) + ", got '" + name + "'");
        }
        return found;
    }

    private static String some(Set<String> names) {
        return names.size() <= MOST_SHOWN
                ? names.toString()
                : names.stream().limit(MOST_SHOWN).collect(Collectors.joining(", ", "[", ", …]"));
    }
}
