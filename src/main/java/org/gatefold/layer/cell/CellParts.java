package org.gatefold.layer.cell;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.op.Arguments;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;

/** Where a {@link CellFunction} declares what it is made of. Used while the layer is built, by its thread. */
public final class CellParts {
    private final ParameterStore store;
    private final String prefix;
    private final List<State> states = new ArrayList<>();

    /** A state's features, and what it is before the first step. */
    record State(int size, float first) {}

    CellParts(ParameterStore store, String prefix) {
        this.store = store;
        this.prefix = prefix;
    }

    /**
     * A parameter, called {@code LAYER.name}.
     *
     * @param name unique within the cell
     */
    public Parameter parameter(String name, Shape shape, Initializer first) {
        return store.declare(prefix + name, shape, first);
    }

    /** As {@link #parameter(String, Shape, Initializer)}, with first values of the cell's own. */
    public Parameter parameter(String name, Shape shape, Parameter.Filling first) {
        return store.declare(prefix + name, shape, first);
    }

    /**
     * A layer within the cell, whose parameters are called {@code LAYER.name.…}.
     *
     * @param in what it will get: {@code Form.rows(…)} in steps, {@code Form.sequences(…)} where all steps are prepared
     */
    public <L extends Layer> L layer(String name, L layer, Form in) {
        layer.build(store, prefix + name, in);
        return layer;
    }

    /** The next state, of so many features, at first zeros. */
    public void state(int size) {
        state(size, 0f);
    }

    /**
     * The next state.
     *
     * @param size features, at least 1
     * @param first what all of them are before the first step
     */
    public void state(int size, float first) {
        Arguments.requireAtLeast("size", 1, size);
        states.add(new State(size, first));
    }

    List<State> states() {
        return states;
    }
}
