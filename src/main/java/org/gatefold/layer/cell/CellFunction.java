package org.gatefold.layer.cell;

import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Functional;
import org.gatefold.layer.Options;
import org.gatefold.layer.StepMemory;
import org.gatefold.op.Precision;

/**
 * A recurrent cell of a program's own: parameters, states, and one step on {@link Functional} and layers. {@link CellLoop} makes a
 * layer of it, which runs on every device and gets its gradients from the tape; Keras' cells for {@code RNN(cell)}.
 *
 * <pre>{@code
 * final class Minimal extends CellFunction { // h = tanh(W x + U h' + b)
 *     private final int units;
 *     private Parameter w, u, b;
 *
 *     protected int declare(CellParts parts, int features) {
 *         w = parts.parameter("w", Shape.of(units, features), Initializer.GLOROT_UNIFORM);
 *         u = parts.parameter("u", Shape.of(units, units), Initializer.ORTHOGONAL);
 *         b = parts.parameter("b", Shape.of(units), Initializer.ZEROS);
 *         parts.state(units);
 *         return units;
 *     }
 *
 *     protected Variable prepare(Context context, Variable x) {
 *         return Functional.linear(context, x, w, b); // for all steps at once
 *     }
 *
 *     protected Variable step(Context context, Variable x, CellStates states) {
 *         Variable sum = Functional.add(context, x, Functional.linear(context, states.get(0), u, null));
 *         return states.set(0, Functional.activate(context, Activation.TANH, sum));
 *     }
 * }
 * }</pre>
 *
 * <p>A step sees only the rows that have not ended, in an order of its own. A cell belongs to one layer;
 * once that is built, several threads may run it, each in a context of its own. To be loaded from a model file, its class has a public
 * method {@code static MyCell described(Options options)} ({@link Options}), or its type is registered with {@link Cells}.
 */
public abstract class CellFunction {
    /**
     * Declares parameters, layers and states; called once.
     *
     * @param features of a step of the layer's input
     * @return features of a step's output
     */
    protected abstract int declare(CellParts parts, int features);

    /**
     * What the steps read in place of x: for what does not depend on states and is better computed for all steps at once. By default x
     * itself.
     *
     * @param x {@code [T, B, features]}, 0 behind the lengths of its rows
     * @return {@code [T, B, any number]}
     */
    protected Variable prepare(Context context, Variable x) {
        return x;
    }

    /**
     * One step.
     *
     * @param x what {@link #prepare} gave for it, {@code [N, …]}, N being the rows that have not ended
     * @param states before the step, each {@code [N, size]}; to be set to those after it
     * @return the output {@code [N, features]}
     */
    protected abstract Variable step(Context context, Variable x, CellStates states);

    /**
     * Reports what {@link #prepare} and all steps take from the step's arena; by default nothing, so that the footprint of a model
     * leaves this cell out.
     */
    protected void account(StepMemory memory, int steps, int batch) {}

    /** The type in descriptions; by default the name of the class. */
    public String type() {
        return getClass().getName();
    }

    /** The options that make this cell again: strings, numbers, booleans or maps of such; none by default. */
    protected Map<String, Object> options() {
        return Map.of();
    }

    /**
     * Whether a step depends on its number, {@link CellStates#step}; no by default. Such a cell runs neither in a stream nor in a stateful
     * layer, which go on in the middle of a sequence.
     */
    protected boolean countsSteps() {
        return false;
    }

    /** Whether any matrix product is computed in the given precision. */
    public boolean computesIn(Precision precision) {
        return precision == Precision.F32;
    }
}
