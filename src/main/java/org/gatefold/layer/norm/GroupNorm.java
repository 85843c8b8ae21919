package org.gatefold.layer.norm;

import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Options;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.StreamStates;
import org.gatefold.op.Arguments;
import org.gatefold.op.norm.NormOp;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * Group normalisation (Wu and He 2018): {@code (x - mean) / sqrt(variance + epsilon) * gamma + beta} with the moments of each group of
 * channels of each row or step; PyTorch's GroupNorm, but that steps are normalised apart from each other. Channels are the first
 * dimension: features {@code [B, F]}, images {@code [B, C, H, W]}, or steps of these. Epsilon is 1e-5 unless set.
 *
 * <p>Parameters {@code NAME.gamma [C]}, at first 1, and {@code NAME.beta [C]}, at first 0.
 */
public final class GroupNorm extends ChannelNorm {
    private static final float EPSILON = 1e-5f;

    private final int groups;
    private float epsilon = EPSILON;
    private Parameter gamma;
    private Parameter beta;

    private GroupNorm(int groups) {
        this.groups = Arguments.requireAtLeast("groups", 1, groups);
    }

    /** So many groups, a divisor of the channels. */
    public static GroupNorm of(int groups) {
        return new GroupNorm(groups);
    }

    static GroupNorm described(Options options) {
        return of(options.integer("groups")).epsilon(options.real("epsilon"));
    }

    /** Added to variances; greater than 0. */
    public GroupNorm epsilon(float value) {
        requireNotBuilt();
        epsilon = Arguments.requirePositive("epsilon", value);
        return this;
    }

    @Override
    public GroupNorm named(String newName) {
        super.named(newName);
        return this;
    }

    @Override
    protected Map<String, Object> options() {
        return Options.written("groups", groups, "epsilon", epsilon);
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        Form out = measured(in);
        if (channels() % groups != 0) {
            throw new IllegalArgumentException(
                    "layer '" + name() + "': expected groups that divide " + channels() + " channels, got " + groups);
        }
        gamma = parameters.declare(name() + ".gamma", Shape.of(channels()), Initializer.constant(1f));
        beta = parameters.declare(name() + ".beta", Shape.of(channels()), Initializer.ZEROS);
        return out;
    }

    /** Each step stands for itself. */
    @Override
    protected void stream(StreamStates states) {}

    /** Groups as rows, normalised; then gamma and beta as of a batch norm whose moments are 0 and 1. */
    @Override
    protected Variable apply(Context context, Variable x) {
        NormOp op = context.op(NormOp.class);
        boolean trains = !gamma.isFrozen() || !beta.isFrozen();
        boolean differentiable = trains || x.requiresGradient();
        Tensor mean = context.scope().zeros("mean", channels());
        Tensor variance = context.scope().f32("variance", channels());
        variance.fill(1f - EPSILON);
        Tensor normal = context.scope().f32("normalised", x.shape());
        Variable y = context.output("y", differentiable, x.lengths(), x.shape());
        op.layerNorm(groups(x.value()), null, null, epsilon, groups(normal));
        op.batchNorm(channels(normal), null, mean, variance, gamma.value(), beta.value(), EPSILON, channels(y.value()));
        if (y.requiresGradient()) {
            context.tape().record(y, () -> {
                Tensor ofNormal = x.requiresGradient() ? context.scope().f32("dnormalised", x.shape()) : null;
                op.batchNormBackward(
                        false,
                        channels(normal),
                        null,
                        mean,
                        variance,
                        gamma.value(),
                        EPSILON,
                        channels(y.gradient()),
                        ofNormal == null ? null : channels(ofNormal),
                        gamma.isFrozen() ? null : gamma.gradient(),
                        beta.isFrozen() ? null : beta.gradient());
                if (ofNormal != null) {
                    Tensor dx = x.contribution();
                    op.layerNormBackward(groups(x.value()), null, epsilon, groups(ofNormal), groups(dx), null, null);
                    x.contributed(dx);
                }
            });
        }
        return y;
    }

    private Tensor groups(Tensor tensor) {
        int size = channels() / groups * places();
        return tensor.reshape(Math.toIntExact(tensor.elements() / size), size);
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        memory.tensor(channels());
        memory.tensor(channels());
        memory.differentiable(output().elements(steps, batch));
        memory.differentiable(output().elements(steps, batch));
    }
}
