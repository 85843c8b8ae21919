package org.gatefold.layer.basic;

import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Functional;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Options;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.StepwiseLayer;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;

/**
 * The affine map {@code y = x Wᵀ + b} on rows, or on every step of sequences; PyTorch's Linear, Keras' Dense.
 *
 * <p>Parameters {@code NAME.w [O, I]}, at first Glorot uniform, and {@code NAME.b [O]}, at first zero, as in Keras. In
 * padding of sequences it gives b plus what stands there, which must be finite.
 */
public final class Linear extends StepwiseLayer {
    private final int units;
    private boolean biased = true;
    private Initializer weights = Initializer.GLOROT_UNIFORM;
    private Initializer bias = Initializer.ZEROS;
    private Parameter w;
    private Parameter b;

    private Linear(int units) {
        if (units < 1) {
            throw new IllegalArgumentException("units: expected at least 1, got " + units);
        }
        this.units = units;
    }

    /** A layer of so many outputs. */
    public static Linear of(int units) {
        return new Linear(units);
    }

    static Linear described(Options options) {
        Linear linear = of(options.integer("units"))
                .weights(options.initializer("weights"))
                .bias(options.initializer("bias"));
        return options.flag("biased") ? linear : linear.withoutBias();
    }

    /** Leaves b out. */
    public Linear withoutBias() {
        requireNotBuilt();
        biased = false;
        return this;
    }

    /** First values of W. */
    public Linear weights(Initializer initializer) {
        weights = option("weights", initializer);
        return this;
    }

    /** First values of b. */
    public Linear bias(Initializer initializer) {
        bias = option("bias", initializer);
        return this;
    }

    @Override
    public Linear named(String newName) {
        super.named(newName);
        return this;
    }

    @Override
    protected Map<String, Object> options() {
        return Options.written(
                "units", units, "biased", biased, "weights", weights.toString(), "bias", bias.toString());
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        Shape.requireProduct("layer '" + name() + "': units x features", Integer.MAX_VALUE, units, in.last());
        w = parameters.declare(name() + ".w", Shape.of(units, in.last()), weights);
        b = biased ? parameters.declare(name() + ".b", Shape.of(units), bias, in.last()) : null;
        return in.withFeatures(units);
    }

    @Override
    protected Variable apply(Context context, Variable x) {
        return Functional.linear(context, x, w, b);
    }
}
