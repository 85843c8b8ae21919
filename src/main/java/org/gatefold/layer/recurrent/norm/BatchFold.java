package org.gatefold.layer.recurrent.norm;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Scope;
import org.gatefold.layer.Context;
import org.gatefold.layer.StepMemory;
import org.gatefold.op.elementwise.Activation;
import org.gatefold.op.elementwise.ElementwiseOp;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.op.norm.NormOp;
import org.gatefold.tensor.Tensor;

/**
 * The statistics of a batch's input products in the weights, and the way back through them.
 *
 * <p>With x̃ = x - mean x, over the N real steps of all rows, the products of a row w of Wx have the variance {@code w C wᵀ}, where
 * {@code C = Σ x̃ x̃ᵀ / N}. So they follow from products of weights, {@code P = Wx C}, and none of a batch is kept; where x has more features
 * than there are gates, C would be the greater, and {@code P = Σ z x̃ᵀ / N} of {@code z = Wx x̃} is taken. With {@code s = γ / √(v + epsilon)},
 * of a gradient dW' of {@code W' = s ⊙ Wx}:
 *
 * <pre>
 * dγ = Σ dW' ⊙ Wx / √(v + epsilon)      k = -dγ ⊙ γ / (v + epsilon)      sums over the features
 * dWx = s ⊙ dW' + k ⊙ P                 dx̃ = dx̃ of the cell + x̃ Wxᵀ (k ⊙ Wx) / N
 * </pre>
 *
 * For one pass, one thread.
 */
final class BatchFold {
    private final Context context;
    private final List<InputNorm.Gains> directions;
    private final float epsilon;
    private final NormOp norm;
    private final LinearOp linear;
    private final ElementwiseOp elementwise;
    private final long count;
    private final boolean ofFeatures;
    private final boolean differentiable;
    private final Tensor mean;
    private final Tensor featureZeros;
    private final Tensor gateZeros;
    private final Variable centred;

    /** C, and later what multiplies x̃ on the way back; null where products of the batch are taken. */
    private final Tensor covariance;

    private final Tensor square;
    private final List<Moments> moments = new ArrayList<>();

    /**
     * Of a direction.
     *
     * @param weights W'
     * @param covariances P
     * @param products z; null where C is taken
     * @param scratch of the form of the weights
     */
    private record Moments(
            InputNorm.Gains gains,
            Variable weights,
            Tensor covariances,
            Tensor variance,
            Tensor products,
            Tensor scratch) {}

    /** @param trainable whether weights want gradients */
    BatchFold(Context context, List<InputNorm.Gains> directions, float epsilon, Variable x, boolean trainable) {
        this.context = context;
        this.directions = directions;
        this.epsilon = epsilon;
        norm = context.op(NormOp.class);
        linear = context.op(LinearOp.class);
        elementwise = context.op(ElementwiseOp.class);
        Scope scope = context.scope();
        int features = x.shape().last();
        int gates = directions.get(0).rows();
        long steps = x.shape().rows();
        count = Math.max(1, x.lengths() == null ? steps : x.lengths().total());
        ofFeatures = features <= gates;
        mean = scope.f32("mean", features);
        featureZeros = scope.f32("zeros", features);
        gateZeros = scope.zeros("zeros", gates);
        differentiable = trainable || x.requiresGradient();
        centred = context.output("centred", x.requiresGradient(), x.lengths(), x.shape());
        centre(x, x.value(), mean, centred.value());
        if (centred.requiresGradient()) {
            context.tape().record(centred, () -> {
                Tensor dx = x.contribution();
                centre(x, centred.gradient(), scope.f32("mean", features), dx);
                x.contributed(dx);
            });
        }
        covariance = ofFeatures ? scope.zeros("covariance", features, features) : null;
        square = ofFeatures ? scope.f32("square", features, features) : null;
        if (ofFeatures) {
            Tensor rows = centred.value().matrix();
            linear.backward(rows, square, rows, null, covariance, null);
            elementwise.scale(1f / count, covariance, covariance);
        }
    }

    /** Takes the mean of real steps away. */
    private void centre(Variable x, Tensor from, Tensor average, Tensor to) {
        Tensor channels = channels(from);
        norm.batchStatistics(channels, x.lengths(), 0f, average, featureZeros, null, null);
        featureZeros.fill(0f);
        norm.batchNorm(channels, x.lengths(), average, featureZeros, null, null, 1f, channels(to));
    }

    private static Tensor channels(Tensor sequence) {
        int features = sequence.shape().last();
        return sequence.reshape(Math.toIntExact(sequence.elements() / features), features, 1);
    }

    /** The input without its mean. */
    Variable centred() {
        return centred;
    }

    /**
     * The weights of each direction.
     *
     * @param share of this batch in the running statistics
     */
    List<Variable> fold(float share) {
        List<Variable> folded = new ArrayList<>();
        for (InputNorm.Gains gains : directions) {
            Moments found = moments(gains);
            moments.add(found);
            normalise(
                    found,
                    gains.wx().value(),
                    gains.gamma().value(),
                    found.weights().value());
            approach(gains, found.variance(), share);
            folded.add(found.weights());
        }
        if (folded.get(0).requiresGradient()) {
            context.tape().record(folded.get(0), this::back);
        }
        return folded;
    }

    private Moments moments(InputNorm.Gains gains) {
        Scope scope = context.scope();
        Tensor wx = gains.wx().value();
        Tensor covariances = ofFeatures ? scope.f32("covariances", wx.shape()) : scope.zeros("covariances", wx.shape());
        Tensor scratch = scope.f32("scratch", wx.shape());
        Tensor products = null;
        if (ofFeatures) {
            linear.forward(wx, covariance, null, covariances);
        } else {
            Tensor rows = centred.value().matrix();
            products = scope.f32("products", rows.shape().dim(0), gains.rows());
            linear.forward(rows, wx, null, products);
            linear.backward(rows, wx, products, null, covariances, null);
            elementwise.scale(1f / count, covariances, covariances);
        }
        Tensor variance = scope.zeros("variance", gains.rows());
        sumRows(wx, covariances, variance);
        elementwise.activate(Activation.RELU, variance, variance);
        Variable weights = context.output("folded wx", differentiable, null, wx.shape());
        return new Moments(gains, weights, covariances, variance, products, scratch);
    }

    /** {@code sums += Σ a ⊙ b}, of each row. */
    private void sumRows(Tensor a, Tensor b, Tensor sums) {
        norm.batchNormBackward(
                false,
                RunningFold.rows(a),
                null,
                gateZeros,
                gateZeros,
                null,
                1f,
                RunningFold.rows(b),
                null,
                sums,
                null);
    }

    /** {@code to = factor ⊙ from / √(v + epsilon)}, of each row; no factor if null. */
    private void normalise(Moments by, Tensor from, Tensor factor, Tensor to) {
        norm.batchNorm(
                RunningFold.rows(from), null, gateZeros, by.variance(), factor, null, epsilon, RunningFold.rows(to));
    }

    private void approach(InputNorm.Gains gains, Tensor variance, float share) {
        if (count < 2) {
            return;
        }
        Tensor products = context.scope().f32("mean of products", 1, gains.rows());
        linear.forward(mean.reshape(1, mean.shape().dim(0)), gains.wx().value(), null, products);
        approach(gains.mean().value(), products.reshape(gains.rows()), share, 1f);
        approach(gains.variance().value(), variance, share, (float) (count / (count - 1.0)));
        gains.mean().changed();
    }

    private void approach(Tensor running, Tensor found, float share, float factor) {
        elementwise.scale(1f - share, running, running);
        elementwise.addScaled(share * factor, found, running);
    }

    private void back() {
        boolean ofInput = centred.requiresGradient();
        if (ofInput && ofFeatures) {
            covariance.fill(0f);
        }
        for (Moments of : moments) {
            Tensor factors = ofWeights(of);
            if (ofInput) {
                elementwise.scale(1f / count, factors, factors);
                ofInput(of, factors);
            }
        }
        if (ofInput && ofFeatures) {
            Tensor dx = centred.contribution();
            // What multiplies x̃ is symmetric, so that it is its own transpose.
            linear.forward(centred.value().matrix(), covariance, null, dx.matrix());
            centred.contributed(dx);
        }
    }

    /** Gradients of gains and weights; gives k. */
    private Tensor ofWeights(Moments of) {
        Scope scope = context.scope();
        InputNorm.Gains gains = of.gains();
        Tensor wx = gains.wx().value();
        Tensor gamma = gains.gamma().value();
        Tensor dgamma = scope.zeros("dgamma", gains.rows());
        Tensor own = of.scratch();
        norm.batchNormBackward(
                false,
                RunningFold.rows(wx),
                null,
                gateZeros,
                of.variance(),
                gamma,
                epsilon,
                RunningFold.rows(of.weights().gradient()),
                RunningFold.rows(own),
                dgamma,
                null);
        if (!gains.gamma().isFrozen()) {
            elementwise.addScaled(1f, dgamma, gains.gamma().gradient());
        }
        Tensor once = scope.f32("dgamma once", gains.rows());
        Tensor twice = scope.f32("dgamma twice", gains.rows());
        normalise(of, dgamma, gamma, once);
        normalise(of, once, null, twice);
        elementwise.scale(-1f, twice, twice);
        if (!gains.wx().isFrozen()) {
            elementwise.addScaled(1f, own, gains.wx().gradient());
            multiplyRows(twice, of.covariances(), own);
            elementwise.addScaled(1f, own, gains.wx().gradient());
        }
        return twice;
    }

    /** What flows through the variances to x̃. */
    private void ofInput(Moments of, Tensor factors) {
        Tensor wx = of.gains().wx().value();
        Tensor scaled = of.scratch();
        multiplyRows(factors, wx, scaled);
        if (ofFeatures) {
            linear.backward(wx, square, scaled, null, covariance, null);
        } else {
            Tensor dx = centred.contribution();
            linear.backward(centred.value().matrix(), scaled, of.products(), dx.matrix(), null, null);
            centred.contributed(dx);
        }
    }

    /** {@code to = factors ⊙ from}, of each row. */
    private void multiplyRows(Tensor factors, Tensor from, Tensor to) {
        norm.batchNorm(RunningFold.rows(from), null, gateZeros, gateZeros, factors, null, 1f, RunningFold.rows(to));
    }

    /** Reports what a pass and its way back take. */
    static void account(StepMemory memory, List<InputNorm.Gains> directions, int features, long steps) {
        int gates = directions.get(0).rows();
        boolean ofFeatures = features <= gates;
        for (int i = 0; i < 3; i++) {
            memory.tensor(features); // means, there and back, and zeros
        }
        memory.tensor(gates);
        memory.differentiable(steps * features);
        if (ofFeatures) {
            memory.tensor((long) features * features);
            memory.tensor((long) features * features);
            memory.tensor(steps * features);
        }
        for (InputNorm.Gains gains : directions) {
            long weights = gains.wx().shape().elements();
            memory.differentiable(weights);
            memory.tensor(weights);
            memory.tensor(weights);
            for (int i = 0; i < 5; i++) {
                memory.tensor(gates);
            }
            if (!ofFeatures) {
                memory.tensor(steps * gates);
                memory.tensor(steps * features);
            }
        }
    }
}
