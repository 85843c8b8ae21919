package org.gatefold.layer.recurrent;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Consumer;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.op.recurrent.RecurrentWeights;
import org.gatefold.tensor.Shape;

/** How the weights of a recurrent layer begin. One thread at a time. */
final class FirstWeights {
    Initializer input = Initializer.GLOROT_UNIFORM;
    Initializer recurrent = Initializer.ORTHOGONAL;
    Initializer bias = Initializer.ZEROS;
    Initializer peepholes = Initializer.ZEROS;

    /**
     * Declares a part of the weights of a layer and direction.
     *
     * @param adjustBias changes a bias once it was drawn
     */
    Parameter declare(
            ParameterStore parameters,
            String name,
            RecurrentSpec form,
            RecurrentWeights.Part part,
            int layer,
            Consumer<float[]> adjustBias) {
        Shape shape = form.shape(part, layer);
        int units = form.hiddenSize();
        return switch (part) {
            case WX, WR -> parameters.declare(name, shape, input, units);
            case WH -> parameters.declare(name, shape, recurrent, units);
            case B ->
                parameters.declare(name, shape, (of, seed) -> {
                    float[] values = bias.values(of.dim(0), 1, units, seed);
                    adjustBias.accept(values);
                    return values;
                });
            case PEEPHOLES ->
                parameters.declare(name, shape, (of, seed) -> peepholes.values(of.dim(0), 1, units, seed));
            case NORM -> parameters.declare(name, shape, (of, seed) -> gains(form, of.dim(0)));
        };
    }

    /** Gains of one, and shifts of a cell state, which come last, of zero. */
    private static float[] gains(RecurrentSpec form, int count) {
        float[] values = new float[count];
        Arrays.fill(values, 0, form.cell().hasCellState() ? count - form.hiddenSize() : count, 1f);
        return values;
    }

    void put(Map<String, Object> options, boolean withPeepholes) {
        options.put("inputWeights", input.toString());
        options.put("recurrentWeights", recurrent.toString());
        options.put("bias", bias.toString());
        if (withPeepholes) {
            options.put("peepholeWeights", peepholes.toString());
        }
    }
}
