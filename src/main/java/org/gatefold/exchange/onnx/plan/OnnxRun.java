package org.gatefold.exchange.onnx.plan;

import java.util.Arrays;
import java.util.function.Function;
import org.gatefold.autograd.Variable;
import org.gatefold.exchange.onnx.graph.OnnxTensor;
import org.gatefold.layer.Context;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.recurrent.RecurrentLayer;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/** One pass through a {@link OnnxPlan}: its context, and the values computed so far. One thread. */
public final class OnnxRun {
    private final Context context;
    private final Function<String, Parameter> parameters;
    private final Function<String, RecurrentLayer<?>> layers;
    private final Variable[] reals;
    private final OnnxTensor[] wholes;
    private final Lengths lengths;

    public OnnxRun(
            Context context,
            Function<String, Parameter> parameters,
            Function<String, RecurrentLayer<?>> layers,
            int slots,
            Lengths lengths) {
        this.context = context;
        this.parameters = parameters;
        this.layers = layers;
        this.reals = new Variable[slots];
        this.wholes = new OnnxTensor[slots];
        this.lengths = lengths;
    }

    public Context context() {
        return context;
    }

    Parameter parameter(String name) {
        return parameters.apply(name);
    }

    RecurrentLayer<?> layer(String name) {
        return layers.apply(name);
    }

    public Variable real(int slot) {
        return reals[slot];
    }

    public void set(int slot, Variable value) {
        reals[slot] = value;
    }

    OnnxTensor whole(int slot) {
        return wholes[slot];
    }

    public void set(int slot, OnnxTensor value) {
        wholes[slot] = value;
    }

    /** Valid steps of the rows, as the inputs came with them; null if all are. */
    Lengths lengths() {
        return lengths;
    }

    /** Lengths of so many steps, or null where all rows are of full length. */
    Lengths lengths(int steps, int... rows) {
        if (Arrays.stream(rows).allMatch(length -> length == steps)) {
            return null;
        }
        Tensor device = context.scope().i32("lengths", rows.length);
        device.write(rows);
        return new Lengths(steps, rows, device);
    }
}
