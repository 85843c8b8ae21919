package org.gatefold.train;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Repetition;
import org.gatefold.device.Scope;
import org.gatefold.layer.Context;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.model.Model;
import org.gatefold.model.ModelInputs;
import org.gatefold.op.optimizer.OptimizerOp;
import org.gatefold.op.optimizer.OptimizerPlan;
import org.gatefold.op.optimizer.OptimizerSpec;
import org.gatefold.op.optimizer.Segments;
import org.gatefold.tensor.Tensor;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.loss.Outputs;
import org.gatefold.train.optimizer.GradientClip;
import org.gatefold.train.optimizer.GradientNoise;
import org.gatefold.train.optimizer.ParameterGroup;

/**
 * One update after another: forward, loss, backward, clipping, a look at what came out, and only then the change of the
 * weights.
 *
 * <p>The device looks and decides by itself; losses and gradient norm are copied to the host together, once per update, where {@link
 * #settle} finds them. Till then one more update can be submitted: the device makes none behind one that it has not made. The gradients in the flat buffer are those
 * of the scaled loss, summed over the update's batches; the factor by which the optimiser multiplies them undoes both, and
 * clips them. Owns a training context and the optimiser's plan. One thread.
 */
final class TrainingStep implements AutoCloseable {
    private final Model model;
    private final Loss loss;
    private final GradientClip clip;
    private final GradientNoise noise;
    private final LossScale lossScale;
    private final ParameterStore parameters;
    private final Context context;
    private final OptimizerPlan optimizer;
    private final Optional<Repetition> repetition;
    private final UpdateResults results;
    private final Map<Integer, Parameter> byRows = new LinkedHashMap<>();
    private final double[] weights;
    private UpdateResults.Turn turn;
    private long begun;
    private int unsettled;
    private int passes;
    private double weight;
    private double unitWeight;
    private final Replicas replicas;
    private final boolean alone;
    private final GradientSum gradientSum;
    private final long seed;

    /** @param replicas null if there are no others, or if each makes updates by itself */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the fields are closed by close()
    TrainingStep(Trainer trainer, Scope scope, long seed, Replicas replicas) {
        this.seed = seed;
        this.alone = replicas == null;
        this.replicas = replicas == null || replicas.averages() ? null : replicas;
        model = trainer.model;
        loss = trainer.loss;
        clip = trainer.clip;
        noise = trainer.noise;
        lossScale = new LossScale(trainer.lossScaling());
        parameters = model.parameters();
        gradientSum = this.replicas == null ? null : this.replicas.gradientSum(trainer, scope);
        repetition = model.device().service(Repetition.class);
        repetition.ifPresent(Repetition::lookAnew);
        results = new UpdateResults(scope, trainer.accumulated);
        weights = new double[trainer.accumulated];
        Segments segments = ParameterGroup.apply(trainer.groups, parameters.segments());
        for (int i = 0; i < parameters.list().size(); i++) {
            if (parameters.list().get(i).touchedRows() != null) {
                byRows.put(i, parameters.list().get(i));
            }
        }
        OptimizerSpec spec = new OptimizerSpec(trainer.optimizer.rule(), trainer.optimizer.penalty(), segments);
        optimizer = model.device()
                .operation(OptimizerOp.class)
                .plan(scope, spec, parameters.values(), parameters.gradients());
        context = Context.training(model.device(), replicas == null ? seed : replicas.ownSeed(seed));
    }

    /** Begins an update. */
    void begin() {
        repetition.ifPresent(Repetition::begin);
        parameters.zeroGradients();
        turn = results.turn(begun++);
        passes = 0;
        weight = 0;
        unitWeight = 0;
    }

    /**
     * Adds the gradients of a batch.
     *
     * @param number of the pass since the beginning of training, from which dropout masks follow
     * @param last whether {@link #update} follows
     */
    void accumulate(BatchUploads.Uploaded batch, long number, boolean last) {
        context.begin(number);
        if (!batch.continues()) {
            context.clearCarriedStates();
        }
        weights[passes] = batch.weight();
        weight += weights[passes];
        if (unitWeight == 0) {
            unitWeight = weights[passes];
        }
        if (last && gradientSum != null) {
            gradientSum.begin(context, (float) unitWeight);
        }
        Map<String, Variable> outputs = model.forward(context, ModelInputs.of(model, batch.values()));
        // The mean of a batch counts by the batch's weight beside the first one's.
        float scale = (float) (lossScale.value() * share(weights[passes]));
        loss.compute(Outputs.of(context, outputs).times(scale), batch.values(), turn.loss(passes));
        context.tape().backward();
        passes++;
    }

    /** A weight in units of the first batch's that counts. */
    private double share(double ofWeight) {
        return unitWeight > 0 ? ofWeight / unitWeight : 1;
    }

    /**
     * Ends an update: has the weights changed, unless something is not finite or the update before, of which {@link #settle} has not been
     * told yet, is not made. Up to {@link #settle} the loss scale is what it is if the update is made.
     *
     * @param epoch for messages
     * @param batch for messages
     * @param number of this update, counted from 1
     */
    SubmittedUpdate update(int epoch, int batch, long number, float learningRate) {
        Double known = exchange();
        float gradientScale = (float) (lossScale.value() * share(weight));
        limitRows();
        List<Segments.Segment> parts = optimizer.table().list();
        Tensor squares = turn.squares(parts.size());
        // Where nothing counts, no loss does; those of replicas are looked at here.
        int judged = known == null && weight > 0 ? passes : 0;
        Tensor required = turn.required(judged, unsettled > 0);
        UpdateResults.Result result = turn.result();
        if (clip.limitsValues()) {
            // Infinite gradients must be seen before they are limited.
            optimizer.gradientNorm(Float.POSITIVE_INFINITY, gradientScale, required, squares, result.both());
            optimizer.clipValue(Math.min(clip.maxValue() * gradientScale, Float.MAX_VALUE));
            optimizer.gradientNorm(
                    clip.maxNorm(),
                    gradientScale,
                    result.factor(),
                    turn.limitedSquares(parts.size()),
                    turn.limited().both());
        } else {
            optimizer.gradientNorm(clip.maxNorm(), gradientScale, required, squares, result.both());
        }
        turn.submit();
        SubmittedUpdate submitted = new SubmittedUpdate(
                epoch,
                batch,
                number,
                turn,
                Arrays.copyOf(weights, passes),
                weight,
                known,
                lossScale.position(),
                parts,
                squares);
        if (known != null && !Double.isFinite(known)) {
            // The device does not know the losses of other replicas.
            throw notFinite(submitted, known, norm(turn.take()));
        }
        Tensor factor = (clip.limitsValues() ? turn.limited() : result).factor();
        float deviation = noise.deviation(number);
        if (deviation > 0) {
            optimizer.addNoise(deviation, seed, number, factor);
        }
        optimizer.update(learningRate, number, factor);
        parameters.changed();
        lossScale.updated();
        unsettled++;
        repetition.ifPresent(Repetition::end);
        return submitted;
    }

    /** Ends what {@link #begin} began, of which {@code failure} came. */
    void abandon(RuntimeException failure) {
        try {
            repetition.ifPresent(Repetition::end);
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    private static float norm(float[] told) {
        return told[told.length - 1];
    }

    /**
     * Waits for what came of the update that was submitted first of those not settled. If it was not made, none that was submitted later
     * was either: they are void, and the loss scale is that of an update in their place.
     *
     * @throws NotFiniteException if something is not finite that no smaller loss scale can mend
     */
    SubmittedUpdate.Outcome settle(SubmittedUpdate update) {
        float[] told = update.turn().take();
        double loss = update.meanLoss(told);
        float gradientNorm = norm(told);
        unsettled--;
        if (Double.isFinite(loss) && Float.isFinite(gradientNorm)) {
            return new SubmittedUpdate.Outcome(true, loss, gradientNorm);
        }
        unsettled = 0;
        lossScale.returnTo(update.lossScale());
        // A smaller scale cannot mend a loss that is not finite.
        if (Double.isFinite(loss) && lossScale.backOff()) {
            return new SubmittedUpdate.Outcome(false, loss, gradientNorm);
        }
        throw notFinite(update, loss, gradientNorm);
    }

    /** Whether {@link #settle} waits for the device, which could be given another update meanwhile. */
    boolean isLate() {
        return results.areLate() && alone;
    }

    /** Makes gradients, touched rows and weight those of all replicas, of which each update takes the same; gives the mean loss of all. */
    private Double exchange() {
        if (replicas == null) {
            return null;
        }
        double mean = SubmittedUpdate.mean(turn.losses(passes), weights, passes, weight);
        if (passes == 0) {
            gradientSum.begin(context, 0f);
        }
        gradientSum.sum(context, (float) unitWeight, lossScale.value());
        Replicas.Share all = replicas.add(new Replicas.Share(weight, weight * mean));
        replicas.mergeTouchedRows();
        weight = all.weight();
        unitWeight = weight > 0 ? 1 : 0;
        return all.mean();
    }

    /** Tells the optimiser which rows were touched, of parameters that are updated by rows. */
    private void limitRows() {
        byRows.forEach((segment, parameter) -> optimizer.limit(
                segment,
                parameter.shape().last(),
                parameter.touchedRows().rows(),
                parameter.touchedRows().count()));
    }

    private static NotFiniteException notFinite(SubmittedUpdate update, double loss, float gradientNorm) {
        String parameter = Float.isFinite(gradientNorm) ? "" : update.firstNotFinite();
        String gradient = parameter.isEmpty()
                ? "gradient norm is " + gradientNorm
                : "gradient of parameter '" + parameter + "' is not finite";
        String what = Double.isFinite(loss) ? gradient : "loss is " + loss + " and " + gradient;
        float scale = update.lossScale().value();
        long number = update.number();
        return new NotFiniteException(
                what + " at step " + number + " (epoch " + update.epoch() + ", batch " + update.batch()
                        + (scale == 1f ? "" : ", loss scale " + scale)
                        + "); the update was not made, the weights are as after step " + (number - 1),
                number,
                parameter);
    }

    /** Sum of the weights that the loss of the update submitted last is a mean over. */
    double weight() {
        return weight;
    }

    LossScale lossScale() {
        return lossScale;
    }

    /** How the gradients become those of all replicas; null if there are no others. */
    GradientSum gradientSum() {
        return gradientSum;
    }

    /** The optimiser's state, each of the layout of the parameters. */
    List<Tensor> optimizerStates() {
        return optimizer.states();
    }

    @Override
    public void close() {
        try (optimizer;
                context;
                gradientSum) {
            repetition.ifPresent(Repetition::end);
        }
    }
}
