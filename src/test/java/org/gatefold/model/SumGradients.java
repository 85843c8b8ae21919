package org.gatefold.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.function.Function;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Parameter;

/** For tests: the gradients of a model's parameters, against differences of the sum of all outputs. */
final class SumGradients {
    private static final float STEP = 1e-2f;

    private SumGradients() {}

    /**
     * @param inputs makes the same values in each pass
     * @param samples numbers of each parameter that are looked at, or as many as there are
     */
    static void assertRight(
            Model model,
            Context context,
            Function<Context, Map<String, Variable>> inputs,
            int samples,
            double tolerance) {
        context.begin(0);
        model.parameters().zeroGradients();
        model.forward(context, inputs.apply(context)).values().forEach(y -> y.gradient()
                .fill(1f));
        context.tape().backward();
        for (Parameter parameter : model.parameters().list()) {
            float[] gradient = parameter.gradient().toFloats();
            for (int i = 0; i < gradient.length; i += Math.max(1, gradient.length / samples)) {
                double up = sum(model, context, inputs, parameter, i, STEP);
                double down = sum(model, context, inputs, parameter, i, -STEP);
                assertThat((double) gradient[i])
                        .as(parameter.name() + "[" + i + "]")
                        .isCloseTo((up - down) / (2 * STEP), within(tolerance));
            }
        }
    }

    /** With one number of a parameter moved. */
    private static double sum(
            Model model,
            Context context,
            Function<Context, Map<String, Variable>> inputs,
            Parameter parameter,
            int i,
            float step) {
        float[] values = parameter.value().toFloats();
        float[] moved = values.clone();
        moved[i] += step;
        parameter.value().write(moved);
        model.parameters().changed();
        context.begin(1);
        double sum = 0;
        for (Variable y : model.forward(context, inputs.apply(context)).values()) {
            for (float value : y.value().toFloats()) {
                sum += value;
            }
        }
        parameter.value().write(values);
        model.parameters().changed();
        return sum;
    }
}
