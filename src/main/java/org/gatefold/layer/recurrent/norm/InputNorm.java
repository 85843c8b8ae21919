package org.gatefold.layer.recurrent.norm;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.norm.StatisticsPass;
import org.gatefold.op.Arguments;
import org.gatefold.op.norm.NormOp;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.op.recurrent.RecurrentWeights;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * Batch normalisation of the input product of one layer (Laurent et al. 2016), {@code γ ⊙ (Wx x - mean) / √(variance + epsilon)}, in all
 * directions.
 *
 * <p>A product is linear, so that what it is normalised by goes into its weights: {@code Wx' = γ / √(variance + epsilon) ⊙ Wx}, and the mean
 * into its bias. Whatever implementation computes the cell has not to know of it. One thread at a time trains.
 */
public final class InputNorm {
    /** First value of the gains, as Cooijmans et al. 2017 advise. */
    private static final float GAIN = 0.1f;

    /** Tells passes apart, which have weights of their own: below zero, where versions of parameters are not. */
    private static final AtomicLong PASSES = new AtomicLong();

    /**
     * How statistics are taken.
     *
     * @param momentum the share of each batch in the running statistics, 0 to 1
     * @param epsilon added to variances, greater than 0
     */
    public record Settings(float momentum, float epsilon) {
        public Settings {
            if (!(momentum >= 0f && momentum <= 1f)) {
                throw new IllegalArgumentException("momentum: expected 0 <= momentum <= 1, got " + momentum);
            }
            Arguments.requirePositive("epsilon", epsilon);
        }
    }

    /**
     * Of one direction.
     *
     * @param b null without a bias
     * @param gamma {@code [G·H]}, gains
     * @param mean {@code [G·H]}, the running one of the products
     * @param variance {@code [G·H]}, likewise
     */
    public record Gains(Parameter wx, Parameter b, Parameter gamma, Parameter mean, Parameter variance) {
        /** Declares {@code gamma}, {@code mean} and {@code variance} beside the weights. */
        public static Gains declare(ParameterStore store, String prefix, Map<RecurrentWeights.Part, Parameter> set) {
            Parameter wx = set.get(RecurrentWeights.Part.WX);
            Shape rows = Shape.of(wx.shape().dim(0));
            Parameter gamma = store.declare(prefix + "gamma", rows, Initializer.constant(GAIN));
            Parameter mean = store.statistic(prefix + "mean", rows, Initializer.ZEROS);
            Parameter variance = store.statistic(prefix + "variance", rows, Initializer.constant(1f));
            return new Gains(wx, set.get(RecurrentWeights.Part.B), gamma, mean, variance);
        }

        int rows() {
            return wx.shape().dim(0);
        }
    }

    /**
     * What a pass computes with.
     *
     * @param x in the place of the layer's input
     * @param wx in the place of the input weights of each direction
     * @param b in the place of the biases; empty for the layer's own
     * @param version tells them from those of other passes
     */
    public record Folded(Variable x, List<Variable> wx, List<Variable> b, long version) {
        public boolean requiresGradient() {
            return wx.stream().anyMatch(Variable::requiresGradient);
        }

        public RecurrentWeights of(RecurrentWeights weights) {
            return replaced(weights, false);
        }

        public RecurrentWeights gradients(RecurrentWeights gradients) {
            return replaced(gradients, true);
        }

        private RecurrentWeights replaced(RecurrentWeights weights, boolean gradients) {
            List<RecurrentWeights.Set> sets = new ArrayList<>();
            for (int i = 0; i < wx.size(); i++) {
                RecurrentWeights.Set set = weights.sets().get(i);
                sets.add(set.withInput(
                        gradients ? wx.get(i).gradient() : wx.get(i).value(),
                        b.isEmpty() ? set.b() : of(b.get(i), gradients)));
            }
            return new RecurrentWeights(sets);
        }

        private static Tensor of(Variable variable, boolean gradient) {
            return gradient ? variable.gradient() : variable.value();
        }
    }

    private final Settings settings;
    private final Shape biasShape;
    private final List<Gains> directions;

    /** @param form of the cell, which has a bias where a layer has none */
    public InputNorm(Settings settings, RecurrentSpec form, List<Gains> directions) {
        this.settings = settings;
        this.biasShape = Shape.of(form.biasSize());
        this.directions = List.copyOf(directions);
    }

    /** Whether a pass takes the running statistics, and not those of its batch. */
    public static boolean takesRunning(Context context) {
        return !context.isTraining() && context.attached(StatisticsPass.class) == null;
    }

    /**
     * Normalises a pass, by the statistics of its batch or by the running ones.
     *
     * @param trainable whether weights want gradients
     */
    public Folded fold(Context context, Variable x, boolean trainable) {
        if (takesRunning(context)) {
            return byRunning(context, x, trainable);
        }
        StatisticsPass anew = context.attached(StatisticsPass.class);
        float share = anew == null ? settings.momentum() : anew.share(this);
        BatchFold batch = new BatchFold(context, directions, settings.epsilon(), x, trainable);
        return new Folded(batch.centred(), batch.fold(share), List.of(), -PASSES.incrementAndGet());
    }

    /** With the way back to the parameters, for which statistics are given numbers. */
    private Folded byRunning(Context context, Variable x, boolean trainable) {
        NormOp op = context.op(NormOp.class);
        List<Variable> weights = new ArrayList<>();
        List<Variable> biases = new ArrayList<>();
        for (Gains gains : directions) {
            Variable wx =
                    context.output("folded wx", trainable, null, gains.wx().shape());
            Variable b = context.output("folded b", trainable, null, biasShape);
            RunningFold fold = fold(op, gains, context.scope().zeros("zeros", gains.rows()));
            fold.write(wx.value(), b.value());
            if (wx.requiresGradient()) {
                context.tape().record(wx, () -> fold.back(wx.gradient(), b.gradient(), context.scope()));
            }
            weights.add(wx);
            biases.add(b);
        }
        return new Folded(x, weights, biases, -PASSES.incrementAndGet());
    }

    private RunningFold fold(NormOp op, Gains gains, Tensor zeros) {
        return new RunningFold(op, gains, zeros, settings.epsilon());
    }

    /**
     * Writes input weights and biases with the running statistics in them.
     *
     * @param zeros {@code [G·H]}
     * @param sets of the directions
     */
    public void write(NormOp op, Tensor zeros, List<RecurrentWeights.Set> sets) {
        for (int i = 0; i < sets.size(); i++) {
            fold(op, directions.get(i), zeros)
                    .write(sets.get(i).wx(), sets.get(i).b());
        }
    }

    /** Whether a gain is not frozen. */
    public boolean hasTrainableGains() {
        return directions.stream().anyMatch(gains -> !gains.gamma().isFrozen());
    }

    /** Reports what a pass with the statistics of its batch, and its way back, take. */
    public void account(StepMemory memory, int features, long steps) {
        BatchFold.account(memory, directions, features, steps);
    }
}
