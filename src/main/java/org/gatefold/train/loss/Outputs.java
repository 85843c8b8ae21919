package org.gatefold.train.loss;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.model.Model;
import org.gatefold.op.elementwise.ElementwiseOp;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * What a model gave for a batch, by name, and the way of a loss to the gradients.
 *
 * <p>Valid during the step that it was made in. Immutable but for the gradients; one thread at a time.
 */
public final class Outputs {
    private final Context context;
    private final List<String> names;
    private final List<Variable> values;
    private final float scale;

    private Outputs(Context context, List<String> names, List<Variable> values, float scale) {
        this.context = context;
        this.names = names;
        this.values = values;
        this.scale = scale;
    }

    /** The only output of a model, called {@value Model#OUTPUT}. */
    public static Outputs of(Context context, Variable output) {
        return new Outputs(context, List.of(Model.OUTPUT), List.of(output), 1f);
    }

    /** The outputs of a model by name, in the order of the map. */
    public static Outputs of(Context context, Map<String, Variable> outputs) {
        return new Outputs(context, List.copyOf(outputs.keySet()), List.copyOf(outputs.values()), 1f);
    }

    /** What the step runs in: device, operations, memory for intermediate results. */
    public Context context() {
        return context;
    }

    public List<String> names() {
        return names;
    }

    /**
     * The only output.
     *
     * @throws IllegalArgumentException if there are several
     */
    public Variable only() {
        if (values.size() != 1) {
            throw new IllegalArgumentException(
                    "output: expected a loss of one of the outputs " + names + "; choose with on(output, target)");
        }
        return values.get(0);
    }

    /**
     * The output of a name.
     *
     * @throws IllegalArgumentException naming those there are if it is none of them
     */
    public Variable get(String name) {
        int index = names.indexOf(name);
        if (index < 0) {
            throw new IllegalArgumentException("output: expected one of " + names + ", got '" + name + "'");
        }
        return values.get(index);
    }

    /** One of these outputs alone. */
    public Outputs only(String name) {
        return new Outputs(context, List.of(name), List.of(get(name)), scale);
    }

    /** The same outputs, with every contribution to a gradient multiplied by a factor. */
    public Outputs times(float factor) {
        return factor == 1f ? this : new Outputs(context, names, values, scale * factor);
    }

    /**
     * Adds the gradient of a loss to an output, or to another variable that the loss depends on. The loss writes the
     * gradient of its mean; what it is to be multiplied by, since losses may be weighted, scaled and accumulated, is seen to
     * here.
     *
     * @param to what the gradient is of
     * @param as the shape under which the gradient is written, of as many elements
     * @param write writes all of the tensor that it is given; it is given null if no gradient is wanted
     */
    public void contribute(Variable to, Shape as, Consumer<Tensor> write) {
        if (!to.requiresGradient()) {
            write.accept(null);
            return;
        }
        Tensor gradient = to.contribution();
        write.accept(gradient.reshape(as.toArray()));
        if (scale != 1f) {
            context.op(ElementwiseOp.class).scale(scale, gradient, gradient);
        }
        to.contributed(gradient);
    }

    @Override
    public String toString() {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            texts.add(names.get(i) + " " + values.get(i).shape());
        }
        return "outputs " + texts;
    }
}
