package org.gatefold.layer.norm;

import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Options;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.StepwiseLayer;
import org.gatefold.op.Arguments;
import org.gatefold.op.norm.NormOp;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * Layer normalisation over the last dimension of rows or steps: {@code (x - mean) / sqrt(variance + epsilon) * gamma + beta}
 * (Ba et al. 2016); PyTorch's LayerNorm, Keras' LayerNormalization. Epsilon is 1e-5 unless set.
 *
 * <p>Parameters {@code NAME.gamma [F]}, at first 1, and {@code NAME.beta [F]}, at first 0.
 */
public final class LayerNorm extends StepwiseLayer {
    private static final float EPSILON = 1e-5f;

    private float epsilon = EPSILON;
    private boolean affine = true;
    private Parameter gamma;
    private Parameter beta;

    private LayerNorm() {}

    /** A layer with gamma and beta. */
    public static LayerNorm create() {
        return new LayerNorm();
    }

    static LayerNorm described(Options options) {
        LayerNorm norm = create().epsilon(options.real("epsilon"));
        return options.flag("affine") ? norm : norm.withoutAffine();
    }

    /** Added to variances; greater than 0. Keras' default is 1e-3. */
    public LayerNorm epsilon(float value) {
        requireNotBuilt();
        epsilon = Arguments.requirePositive("epsilon", value);
        return this;
    }

    /** Leaves gamma and beta out. */
    public LayerNorm withoutAffine() {
        requireNotBuilt();
        affine = false;
        return this;
    }

    @Override
    public LayerNorm named(String newName) {
        super.named(newName);
        return this;
    }

    @Override
    protected Map<String, Object> options() {
        return Options.written("epsilon", epsilon, "affine", affine);
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        Form out = in.withFeatures(in.last()); // refuses forms without a dimension
        if (affine) {
            gamma = parameters.declare(name() + ".gamma", Shape.of(in.last()), Initializer.constant(1f));
            beta = parameters.declare(name() + ".beta", Shape.of(in.last()), Initializer.ZEROS);
        }
        return out;
    }

    @Override
    protected Variable apply(Context context, Variable x) {
        NormOp op = context.op(NormOp.class);
        boolean trainsGamma = affine && !gamma.isFrozen();
        boolean trainsBeta = affine && !beta.isFrozen();
        Variable y = context.output("y", trainsGamma || trainsBeta || x.requiresGradient(), x.lengths(), x.shape());
        Tensor rows = rows(x.value());
        op.layerNorm(rows, affine ? gamma.value() : null, affine ? beta.value() : null, epsilon, rows(y.value()));
        if (y.requiresGradient()) {
            context.tape().record(y, () -> {
                Tensor dx = x.requiresGradient() ? x.contribution() : null;
                op.layerNormBackward(
                        rows,
                        affine ? gamma.value() : null,
                        epsilon,
                        rows(y.gradient()),
                        dx == null ? null : rows(dx),
                        trainsGamma ? gamma.gradient() : null,
                        trainsBeta ? beta.gradient() : null);
                if (dx != null) {
                    x.contributed(dx);
                }
            });
        }
        return y;
    }

    private static Tensor rows(Tensor tensor) {
        return tensor.reshape(
                Math.toIntExact(tensor.shape().rows()), tensor.shape().last());
    }
}
