package org.gatefold.layer.form;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.gatefold.layer.Options;
import org.gatefold.layer.ParameterStore;
import org.gatefold.op.Arguments;
import org.gatefold.tensor.Form;

/**
 * The numbers of each row or step under other dimensions, in their order; Keras' Reshape. Copies nothing, keeps lengths, has no
 * parameters.
 */
public final class Reshape extends View {
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
    protected Map<String, Object> options() {
        return Options.written("dimensions", Numbers.written(dimensions));
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
}
