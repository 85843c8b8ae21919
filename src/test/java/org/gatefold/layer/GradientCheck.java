package org.gatefold.layer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Device;
import org.gatefold.device.Scope;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * Compares the gradients of recorded passes with central differences of the five-point formula.
 *
 * <p>The loss is a fixed random combination of all outputs, summed in double. With a step of 2^-5 the formula's own error
 * is of order h^4 = 1e-6, and the rounding of outputs to float adds about 1e-7 / h = 4e-6, both relative to values of
 * order 1; a tolerance of 1e-3 of a tensor's largest gradient leaves room for cancellation and is far below what a wrong
 * term would cause.
 */
final class GradientCheck {
    private static final float STEP = 0x1p-5f;
    private static final double TOLERANCE = 1e-3;

    private final Device device;
    private final ParameterStore store;
    private final int[] lengths;
    private final Pass pass;
    private final List<float[]> inputs = new ArrayList<>();
    private final List<Shape> shapes;
    private final Set<String> vanishing = new HashSet<>();

    /** A pass from variables that require gradients to outputs. */
    interface Pass {
        List<Variable> run(Context context, List<Variable> inputs);
    }

    /**
     * @param lengths of the first input, if it is a padded sequence; else null
     * @param shapes of the inputs
     */
    GradientCheck(Device device, ParameterStore store, int[] lengths, List<Shape> shapes, Pass pass) {
        this.device = device;
        this.store = store;
        this.lengths = lengths;
        this.shapes = shapes;
        this.pass = pass;
        Random random = new Random(17);
        for (Shape shape : shapes) {
            inputs.add(awayFromZero(random, (int) shape.elements()));
        }
    }

    /**
     * A check of a layer of one input, which it builds.
     *
     * @param scope of the device, for the parameters
     * @param lengths of the input, or null
     */
    static GradientCheck of(Device device, Scope scope, Layer layer, Form form, int[] lengths, Shape shape) {
        ParameterStore store = build(scope, layer, form, 11);
        return new GradientCheck(
                device,
                store,
                lengths,
                List.of(shape),
                (context, inputs) -> List.of(layer.forward(context, inputs.get(0))));
    }

    /** Builds a layer, and gives what its parameters are in, which have values. */
    static ParameterStore build(Scope scope, Layer layer, Form form, long seed) {
        ParameterStore store = new ParameterStore();
        layer.build(store, layer.defaultName(), form);
        store.allocate(scope, seed);
        return store;
    }

    /**
     * Names a parameter on which no output depends, by mathematics: its gradient is compared with 0, beside gradients of about 1,
     * for of a difference nothing but rounding would be left.
     */
    GradientCheck without(String parameter) {
        vanishing.add(parameter);
        return this;
    }

    /** Sets the values of an input. */
    GradientCheck input(int index, float[] values) {
        inputs.set(index, values.clone());
        return this;
    }

    /** Numbers of magnitude 0.2 to 1, so that no difference crosses the kink of a rectifier. */
    private static float[] awayFromZero(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (random.nextBoolean() ? 1 : -1) * (0.2f + 0.8f * random.nextFloat());
        }
        return values;
    }

    void run() {
        List<float[]> inputGradients = new ArrayList<>();
        List<float[]> parameterGradients = new ArrayList<>();
        try (Context context = Context.training(device, 5)) {
            if (!store.list().isEmpty()) {
                store.zeroGradients();
            }
            List<Variable> variables = begin(context);
            List<Variable> outputs = pass.run(context, variables);
            for (int i = 0; i < outputs.size(); i++) {
                Tensor contribution = outputs.get(i).contribution();
                contribution.write(weights(i, (int) contribution.elements()));
                outputs.get(i).contributed(contribution);
            }
            context.tape().backward();
            variables.forEach(variable -> inputGradients.add(variable.gradient().toFloats()));
            store.list().forEach(p -> parameterGradients.add(p.gradient().toFloats()));

            for (int i = 0; i < inputs.size(); i++) {
                compare(context, "input " + i, inputs.get(i), inputGradients.get(i), null);
            }
            for (int i = 0; i < parameterGradients.size(); i++) {
                Parameter parameter = store.list().get(i);
                if (vanishing.contains(parameter.name())) {
                    for (float element : parameterGradients.get(i)) {
                        assertThat(Math.abs(element))
                                .as("gradient of %s", parameter.name())
                                .isLessThan(1e-6f);
                    }
                    continue;
                }
                float[] values = parameter.value().toFloats();
                compare(context, parameter.name(), values, parameterGradients.get(i), parameter);
            }
        }
    }

    private void compare(Context context, String name, float[] values, float[] gradient, Parameter parameter) {
        double largest = 1e-3;
        double difference = 0;
        for (int i = 0; i < values.length; i++) {
            double numeric = derivative(context, values, i, parameter);
            largest = Math.max(largest, Math.abs(numeric));
            difference = Math.max(difference, Math.abs(numeric - gradient[i]));
        }
        assertThat(difference / largest)
                .as("normalised gradient error of %s", name)
                .isLessThan(TOLERANCE);
    }

    private double derivative(Context context, float[] values, int at, Parameter parameter) {
        double[] losses = new double[5];
        float kept = values[at];
        for (int offset = -2; offset <= 2; offset++) {
            if (offset != 0) {
                values[at] = kept + offset * STEP;
                put(parameter, values);
                losses[offset + 2] = loss(context);
            }
        }
        values[at] = kept;
        put(parameter, values);
        return (losses[0] - 8 * losses[1] + 8 * losses[3] - losses[4]) / (12 * STEP);
    }

    private void put(Parameter parameter, float[] values) {
        if (parameter != null) {
            parameter.value().write(values);
            store.changed();
        }
    }

    private double loss(Context context) {
        List<Variable> outputs = pass.run(context, begin(context));
        double sum = 0;
        for (int i = 0; i < outputs.size(); i++) {
            float[] y = outputs.get(i).value().toFloats();
            float[] weights = weights(i, y.length);
            for (int k = 0; k < y.length; k++) {
                sum += (double) y[k] * weights[k];
            }
        }
        return sum;
    }

    private List<Variable> begin(Context context) {
        context.begin(3);
        List<Variable> variables = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            Tensor x = context.scope().f32("input", shapes.get(i));
            x.write(inputs.get(i));
            Lengths rows = i == 0 && lengths != null
                    ? context.scope().lengths(shapes.get(i).dim(0), lengths)
                    : null;
            variables.add(Variable.of(x, rows, context.scope()));
        }
        return variables;
    }

    private static float[] weights(int output, int count) {
        return awayFromZero(new Random(100 + output), count);
    }
}
