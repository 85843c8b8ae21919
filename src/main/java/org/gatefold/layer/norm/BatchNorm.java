package org.gatefold.layer.norm;

import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Options;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.RealSteps;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.StreamStates;
import org.gatefold.op.Arguments;
import org.gatefold.op.norm.NormOp;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * Batch normalisation (Ioffe and Szegedy 2015) of each feature {@code [F]}, or of each channel of {@code [C, …]}: by mean and
 * variance of the batch in training, by running ones in inference; PyTorch's BatchNorm1d and BatchNorm2d, Keras'
 * BatchNormalization. Steps behind the length of a row do not count, and come out as 0.
 *
 * <p>Parameters {@code NAME.gamma [C]}, at first 1, {@code NAME.beta [C]}, at first 0, and, written in training and never
 * trained, {@code NAME.mean [C]}, at first 0, and {@code NAME.variance [C]}, at first 1. Momentum is 0.1 and epsilon 1e-5
 * unless set, as in PyTorch.
 */
public final class BatchNorm extends ChannelNorm {
    private static final float EPSILON = 1e-5f;
    private static final float MOMENTUM = 0.1f;

    private float epsilon = EPSILON;
    private float momentum = MOMENTUM;
    private boolean affine = true;
    private Parameter gamma;
    private Parameter beta;
    private Parameter mean;
    private Parameter variance;

    private BatchNorm() {}

    /** A layer with gamma and beta. */
    public static BatchNorm create() {
        return new BatchNorm();
    }

    static BatchNorm described(Options options) {
        BatchNorm norm = create().epsilon(options.real("epsilon")).momentum(options.real("momentum"));
        return options.flag("affine") ? norm : norm.withoutAffine();
    }

    /** Added to variances; greater than 0. Keras' default is 1e-3. */
    public BatchNorm epsilon(float value) {
        requireNotBuilt();
        epsilon = Arguments.requirePositive("epsilon", value);
        return this;
    }

    /** The share of each batch in the running statistics, 0 to 1: PyTorch's; 1 minus Keras'. */
    public BatchNorm momentum(float value) {
        requireNotBuilt();
        if (!(value >= 0f && value <= 1f)) {
            throw new IllegalArgumentException("momentum: expected 0 <= momentum <= 1, got " + value);
        }
        momentum = value;
        return this;
    }

    /** Leaves gamma and beta out. */
    public BatchNorm withoutAffine() {
        requireNotBuilt();
        affine = false;
        return this;
    }

    @Override
    public BatchNorm named(String newName) {
        super.named(newName);
        return this;
    }

    @Override
    protected Map<String, Object> options() {
        return Options.written("epsilon", epsilon, "momentum", momentum, "affine", affine);
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        Form out = measured(in);
        Shape shape = Shape.of(channels());
        if (affine) {
            gamma = parameters.declare(name() + ".gamma", shape, Initializer.constant(1f));
            beta = parameters.declare(name() + ".beta", shape, Initializer.ZEROS);
        }
        mean = parameters.statistic(name() + ".mean", shape, Initializer.ZEROS);
        variance = parameters.statistic(name() + ".variance", shape, Initializer.constant(1f));
        return out;
    }

    /** Each step stands for itself. */
    @Override
    protected void stream(StreamStates states) {
        states.requireAllSteps(this);
    }

    @Override
    protected Variable apply(Context context, Variable masked) {
        if (masked.shape().rank() != 3) {
            return normalised(context, masked);
        }
        Variable x = RealSteps.gather(context, masked);
        Variable y = normalised(context, x);
        return x == masked ? y : RealSteps.scatter(context, y, masked.lengths(), new boolean[1], false);
    }

    /** Of sequences whose real steps stand at the beginning of their rows, or of rows. */
    private Variable normalised(Context context, Variable x) {
        NormOp op = context.op(NormOp.class);
        boolean trainsGamma = affine && !gamma.isFrozen();
        boolean trainsBeta = affine && !beta.isFrozen();
        StatisticsPass anew = context.attached(StatisticsPass.class);
        boolean ofBatch = context.isTraining() || anew != null;
        Tensor numbers = channels(x.value());
        Tensor average = ofBatch ? context.scope().f32("mean", channels()) : mean.value();
        Tensor spread = ofBatch ? context.scope().f32("variance", channels()) : variance.value();
        if (ofBatch) {
            float share = anew == null ? momentum : anew.share(this);
            op.batchStatistics(numbers, x.lengths(), share, average, spread, mean.value(), variance.value());
            mean.changed();
        }
        Tensor factor = affine ? gamma.value() : null;
        Variable y = context.output("y", trainsGamma || trainsBeta || x.requiresGradient(), x.lengths(), x.shape());
        op.batchNorm(
                numbers,
                x.lengths(),
                average,
                spread,
                factor,
                affine ? beta.value() : null,
                epsilon,
                channels(y.value()));
        if (y.requiresGradient()) {
            context.tape().record(y, () -> {
                Tensor dx = x.requiresGradient() ? x.contribution() : null;
                op.batchNormBackward(
                        ofBatch,
                        numbers,
                        x.lengths(),
                        average,
                        spread,
                        factor,
                        epsilon,
                        channels(y.gradient()),
                        dx == null ? null : channels(dx),
                        trainsGamma ? gamma.gradient() : null,
                        trainsBeta ? beta.gradient() : null);
                if (dx != null) {
                    x.contributed(dx);
                }
            });
        }
        return y;
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        memory.differentiable(output().elements(steps, batch));
        memory.tensor(channels());
        memory.tensor(channels());
    }
}
