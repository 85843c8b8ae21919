package org.gatefold.layer.recurrent;

import java.util.List;
import java.util.function.Supplier;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Options;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.StreamStates;
import org.gatefold.layer.recurrent.state.LayerState;
import org.gatefold.op.recurrent.Direction;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

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

    /** The output of the last step before a pass, {@code [1, B, P]}, if steps that are left out repeat it; else null. */
    static Tensor shown(StreamStates states, Layer layer, Recurrent core) {
        return states.leavesOutSteps() && core.repeatsOutput() ? states.before(layer, shown(core)) : null;
    }

    /** Keeps the output of the last step of a pass. */
    static void show(StreamStates states, Layer layer, Recurrent core, Tensor y) {
        Shape step = Shape.of(1, y.shape().dim(1), y.shape().dim(2));
        long last = (y.shape().dim(0) - 1) * step.elements();
        states.after(layer, shown(core), y.part("last output", last, step));
    }

    /** The number of that state, behind h and c. */
    private static int shown(Recurrent core) {
        return core.form().cell().hasCellState() ? 2 : 1;
    }

    /** Keeps the states after a pass. */
    static void after(StreamStates states, Layer layer, LayerState last) {
        states.after(layer, 0, last.h().value());
        if (last.c() != null) {
            states.after(layer, 1, last.c().value());
        }
    }
}
