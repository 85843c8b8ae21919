package org.gatefold.layer;

import java.util.List;
import org.gatefold.autograd.Variable;
import org.gatefold.tensor.Form;

/**
 * A layer whose pass over a sequence may begin with given states and tells those that it ends with, Keras' {@code initial_state} and
 * {@code return_state}. Built when it is asked.
 */
public interface Stated {
    /** What a pass gives. */
    record Outcome(Variable output, List<Variable> states) {
        public Outcome {
            states = List.copyOf(states);
        }
    }

    /**
     * The forms of the states, rows: for every layer and direction in turn h and, where the cell has one, c; as Keras orders them.
     */
    List<Form> states();

    /**
     * A pass from given states to those at the end, with gradients through both.
     *
     * @param x as the layer reads it
     * @param initial {@code [B, features]} as {@link #states} says; empty to begin as the layer does by itself
     * @return output, and states {@code [B, features]} behind the last valid step of each row
     */
    Outcome outcome(Context context, Variable x, List<Variable> initial);

    /**
     * Adds what a training step takes to {@code memory}, in the place of {@link Layer#footprint}.
     *
     * @param given whether the pass begins with given states
     * @param told whether states at the end are read
     */
    void footprint(StepMemory memory, int steps, int batch, boolean given, boolean told);
}
