package org.gatefold.layer.recurrent.state;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.PickedRows;
import org.gatefold.layer.StepMemory;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.tensor.Shape;

/** The states that a recurrent layer has learned to start from, the same for every row. Immutable. */
public final class LearnedState {
    private final RecurrentSpec form;
    private final List<Parameter> parameters = new ArrayList<>();

    /** Declares {@code LAYER.h0} and, of a cell with a state, {@code LAYER.c0}, zeros at first. */
    public LearnedState(ParameterStore store, String layer, RecurrentSpec form) {
        this.form = form;
        Shape ofH = Shape.of(form.weightSets(), form.projectionSize());
        parameters.add(store.declare(layer + ".h0", ofH, Initializer.ZEROS));
        if (form.cell().hasCellState()) {
            parameters.add(store.declare(layer + ".c0", ofH.withLast(form.hiddenSize()), Initializer.ZEROS));
        }
    }

    /** h and, where there is one, c. */
    public List<Parameter> parameters() {
        return List.copyOf(parameters);
    }

    /** The states for so many rows. */
    public LayerState of(Context context, int batch) {
        int[] from = new int[form.weightSets() * batch];
        for (int i = 0; i < from.length; i++) {
            from[i] = i / batch;
        }
        List<Variable> states = new ArrayList<>();
        for (Parameter parameter : parameters) {
            Shape shape =
                    Shape.of(form.weightSets(), batch, parameter.value().shape().last());
            Variable state = context.output("initial state", !parameter.isFrozen(), null, shape);
            PickedRows.of(context, parameter, from, state);
            states.add(state);
        }
        return new LayerState(states.get(0), states.size() > 1 ? states.get(1) : null);
    }

    /** Reports what {@link #of} and its way back take from the step's arena. */
    public void account(StepMemory memory, int batch) {
        long rows = (long) form.weightSets() * batch;
        for (Parameter parameter : parameters) {
            memory.differentiable(rows * parameter.shape().last());
            PickedRows.account(memory, rows);
        }
    }
}
