package org.gatefold.layer.form;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Options;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.StreamStates;
import org.gatefold.op.Arguments;
import org.gatefold.tensor.Form;

/**
 * The numbers of each row or step under other dimensions, in their order; Keras' Reshape. Copies nothing, keeps lengths, has no
 * parameters.
 */
public final class Reshape extends Layer {
    private final List<Integer> dimensions;

    private Reshape(List<Integer> dimensions) {
        this.dimensions = dimensions;
    }

    /**
     * Dimensions of a row or step, outermost first.
     *
     * @param dimensions of as many numbers in all as come in
     */
    public static Reshape of(int... dimensions) {
        for (int dimension : dimensions) {
            Arguments.requireAtLeast("dimensions", 1, dimension);
        }
        return new Reshape(Arrays.stream(dimensions).boxed().toList());
    }

    static Reshape described(Options options) {
        return of(Numbers.read(options.map("dimensions")));
    }

    @Override
    public String type() {
        return "Reshape";
    }

    @Override
    protected Map<String, Object> options() {
        Map<String, Object> options = new LinkedHashMap<>();
        options.put("dimensions", Numbers.written(dimensions));
        return options;
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        Form out = new Form(in.type(), in.sequence(), dimensions);
        if (out.size() != in.size()) {
            throw new IllegalArgumentException(
                    "layer '" + name() + "': expected " + in.size() + " numbers, as in " + in + ", got " + dimensions);
        }
        return out;
    }

    /** Each step stands for itself. */
    @Override
    protected void stream(StreamStates states) {}

    @Override
    protected Variable apply(Context context, Variable x) {
        return Views.of(x, output());
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {}
}
