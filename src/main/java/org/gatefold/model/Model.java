package org.gatefold.model;

import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Device;
import org.gatefold.layer.Context;
import org.gatefold.layer.ParameterStore;
import org.gatefold.op.Precision;
import org.gatefold.tensor.Form;

/**
 * Parameters on a device and a forward pass. Owns the parameters; contexts belong to whoever runs it.
 *
 * <p>Several threads may run forward passes, each in a context of its own, while none trains.
 */
public interface Model extends AutoCloseable {
    /** The name of an input that was given none. */
    String INPUT = "input";

    /** The name of an output that was given none. */
    String OUTPUT = "output";

    Device device();

    /** All parameters, in one flat buffer. */
    ParameterStore parameters();

    /** What {@link #forward} takes. */
    Form input();

    /** What {@link #forward} gives. */
    Form output();

    /**
     * The forward pass; recorded if the context has a tape.
     *
     * @param x of the form {@link #input()}, time-major if a sequence
     */
    Variable forward(Context context, Variable x);

    /** What {@link #forward(Context, Map)} takes, by name. */
    default Map<String, Form> inputs() {
        return Map.of(INPUT, input());
    }

    /** What {@link #forward(Context, Map)} gives, by name. */
    default Map<String, Form> outputs() {
        return Map.of(OUTPUT, output());
    }

    /**
     * The forward pass of a model with any number of inputs and outputs; recorded if the context has a tape.
     *
     * @param inputs by name, of the forms {@link #inputs()}, time-major where sequences; further ones are passed over
     * @return by name, of the forms {@link #outputs()}
     * @throws IllegalArgumentException if an input is missing or has another form
     */
    default Map<String, Variable> forward(Context context, Map<String, Variable> inputs) {
        Variable x = inputs.get(INPUT);
        if (x == null) {
            throw new IllegalArgumentException("inputs: expected " + inputs().keySet() + ", got " + inputs.keySet());
        }
        return Map.of(OUTPUT, forward(context, x));
    }

    /** Whether any of its matrix products is computed in the given precision; trainers scale the loss of F16 models. */
    default boolean computesIn(Precision precision) {
        return precision == Precision.F32;
    }

    /** Whether a batch may go on, row by row, with the states of the batch before; if so, predictors split no batches. */
    default boolean carriesStates() {
        return true;
    }

    /** Memory of a training step, computed without running one. */
    TrainingFootprint footprint(int batch, int steps);

    /** Frees the parameters. */
    @Override
    void close();
}
