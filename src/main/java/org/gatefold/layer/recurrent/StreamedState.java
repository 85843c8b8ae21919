package org.gatefold.layer.recurrent;

import java.util.List;
import java.util.function.Supplier;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Options;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.StreamStates;
import org.gatefold.op.recurrent.Direction;
import org.gatefold.op.recurrent.RecurrentSpec;

/** The states of recurrent layers among those of a stream. Stateless. */
final class StreamedState {
    private StreamedState() {}

    /**
     * Declares h and, of cells with a cell state, c.
     *
     * @param learned what they start from, in that order; none for zeros
     */
    static void declare(StreamStates states, Layer layer, RecurrentSpec form, List<Parameter> learned) {
        if (form.direction() != Direction.FORWARD) {
            throw states.refusal(
                    layer,
                    "reads later steps before earlier ones, its direction being " + Options.text(form.direction()));
        }
        states.declare(layer, "h", form.weightSets(), form.projectionSize(), first(learned, 0));
        if (form.cell().hasCellState()) {
            states.declare(layer, "c", form.weightSets(), form.hiddenSize(), first(learned, 1));
        }
    }

    private static Supplier<float[]> first(List<Parameter> learned, int number) {
        return learned.isEmpty() ? null : () -> learned.get(number).value().toFloats();
    }

    /** The states before a pass. */
    static LayerState before(StreamStates states, Layer layer, RecurrentSpec form) {
        Variable h = Variable.constant(states.before(layer, 0));
        return new LayerState(h, form.cell().hasCellState() ? Variable.constant(states.before(layer, 1)) : null);
    }

    /** Keeps the states after a pass. */
    static void after(StreamStates states, Layer layer, LayerState last) {
        states.after(layer, 0, last.h().value());
        if (last.c() != null) {
            states.after(layer, 1, last.c().value());
        }
    }
}
