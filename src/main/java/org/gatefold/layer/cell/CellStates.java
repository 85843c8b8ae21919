package org.gatefold.layer.cell;

import java.util.Arrays;
import java.util.List;
import org.gatefold.autograd.Variable;
import org.gatefold.tensor.Shape;

/** The states of a cell in the course of a pass, by their numbers in the order of declaration. Belongs to the pass's thread. */
public final class CellStates {
    private final Variable[] values;
    private int step;

    CellStates(Variable[] values) {
        this.values = values.clone();
    }

    /** A state, {@code [N, size]}. */
    public Variable get(int number) {
        return values[number];
    }

    /**
     * Sets a state to its value after the step.
     *
     * @param value {@code [N, size]}
     * @return the value
     */
    public Variable set(int number, Variable value) {
        Shape expected = values[number].shape();
        if (!value.shape().equals(expected)) {
            throw Shape.mismatch("state " + number, expected.toString(), value.shape());
        }
        values[number] = value;
        return value;
    }

    /** The number of the step at hand, from 0 on, in the order in which steps are read. */
    public int step() {
        return step;
    }

    /** Goes on to a step, with the first of the rows. */
    void begin(int number, int rows) {
        step = number;
        for (int i = 0; i < values.length; i++) {
            if (values[i].shape().dim(0) != rows) {
                values[i] = values[i].part(
                        "state", 0, Shape.of(rows, values[i].shape().last()));
            }
        }
    }

    List<Variable> all() {
        return Arrays.asList(values.clone());
    }
}
