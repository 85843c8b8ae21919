package org.gatefold.train;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.autograd.Variable;
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
import org.gatefold.tensor.Shape;
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
 * <p>Losses and gradient norm are copied to the host together, once per update. The gradients in the flat buffer are those
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
    private final Tensor scalars;
    private final Scope scope;
    private Tensor squaresRoom;
    private final Map<Integer, Parameter> byRows = new LinkedHashMap<>();
    private Tensor squares;
    private Tensor limitedSquares;
    private final Tensor[] losses;
    private final Tensor norm;
    private final Tensor limitedNorm;
    private final float[] read;
    private final double[] weights;
    private int passes;
    private double meanLoss;
    private double weight;
    private double unitWeight;
    private final Replicas replicas;
    private final GradientSum gradientSum;
    private final long seed;

    /** @param replicas null if there are no others, or if each makes updates by itself */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the fields are closed by close()
    TrainingStep(Trainer trainer, Scope scope, long seed, Replicas replicas) {
        this.scope = scope;
        this.seed = seed;
        this.replicas = replicas == null || replicas.averages() ? null : replicas;
        model = trainer.model;
        loss = trainer.loss;
        clip = trainer.clip;
        noise = trainer.noise;
        lossScale = new LossScale(trainer.lossScaling());
        parameters = model.parameters();
        gradientSum = this.replicas == null ? null : this.replicas.gradientSum(trainer, scope);
        int most = trainer.accumulated;
        scalars = scope.zeros("losses and gradient norms", most + 4);
        losses = new Tensor[most];
        for (int i = 0; i < most; i++) {
            losses[i] = scalars.part("loss", i, Shape.of(1));
        }
        norm = scalars.part("gradient norm", most, Shape.of(2));
        limitedNorm = scalars.part("norm of limited gradients", most + 2L, Shape.of(2));
        read = new float[most + 4];
        weights = new double[most];
        Segments segments = ParameterGroup.apply(trainer.groups, parameters.segments());
        squaresRoom = scope.zeros("squared gradient norms", 2 * segments.count());
        squares = squaresRoom.part("squared gradient norms", 0, Shape.of(segments.count()));
        limitedSquares =
                squaresRoom.part("squared norms of limited gradients", segments.count(), Shape.of(segments.count()));
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
        parameters.zeroGradients();
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
        loss.compute(Outputs.of(context, outputs).times(scale), batch.values(), losses[passes]);
        context.tape().backward();
        passes++;
    }

    /** A weight in units of the first batch's that counts. */
    private double share(double ofWeight) {
        return unitWeight > 0 ? ofWeight / unitWeight : 1;
    }

    /**
     * Ends an update: changes the weights, unless something is not finite.
     *
     * @param epoch for messages
     * @param batch for messages
     * @param number of this update, counted from 1
     * @return false if the update was skipped because gradients were not finite, and the loss scale made smaller
     */
    boolean update(int epoch, int batch, long number, float learningRate) {
        exchange();
        float gradientScale = (float) (lossScale.value() * share(weight));
        limitRows();
        Tensor scale = norm;
        if (clip.limitsValues()) {
            // Infinite gradients must be seen before they are limited.
            optimizer.gradientNorm(Float.POSITIVE_INFINITY, gradientScale, null, squares, norm);
            optimizer.clipValue(Math.min(clip.maxValue() * gradientScale, Float.MAX_VALUE));
            optimizer.gradientNorm(clip.maxNorm(), gradientScale, null, limitedSquares, limitedNorm);
            scale = limitedNorm;
        } else {
            optimizer.gradientNorm(clip.maxNorm(), gradientScale, null, squares, norm);
        }
        scalars.read(0, read, 0, read.length);
        if (replicas == null) {
            meanLoss = mean();
        }
        // A smaller scale cannot mend a loss that is not finite.
        if (Double.isFinite(meanLoss) && !Float.isFinite(gradientNorm()) && lossScale.backOff()) {
            return false;
        }
        requireFinite(epoch, batch, number);
        Tensor factor = scale.part("scale", 1, Shape.of(1));
        float deviation = noise.deviation(number);
        if (deviation > 0) {
            optimizer.addNoise(deviation, seed, number, factor);
        }
        optimizer.update(learningRate, number, factor);
        parameters.changed();
        lossScale.updated();
        return true;
    }

    /** Makes gradients, touched rows, weight and loss those of all replicas, of which each update takes the same. */
    private void exchange() {
        if (replicas == null) {
            return;
        }
        if (passes > 0) {
            scalars.read(0, read, 0, passes);
        } else {
            gradientSum.begin(context, 0f);
        }
        gradientSum.sum(context, (float) unitWeight, lossScale.value());
        Replicas.Share all = replicas.add(new Replicas.Share(weight, weight * mean()));
        replicas.mergeTouchedRows();
        weight = all.weight();
        unitWeight = weight > 0 ? 1 : 0;
        meanLoss = all.mean();
    }

    /** Tells the optimiser which rows were touched, of parameters that are updated by rows. */
    private void limitRows() {
        if (byRows.isEmpty()) {
            return;
        }
        byRows.forEach((segment, parameter) -> optimizer.limit(
                segment,
                parameter.shape().last(),
                parameter.touchedRows().rows(),
                parameter.touchedRows().count()));
        int parts = optimizer.table().count();
        if (squaresRoom.elements() < 2L * parts) {
            squaresRoom = scope.f32("squared gradient norms", 4 * parts);
        }
        squares = squaresRoom.part("squared gradient norms", 0, Shape.of(parts));
        limitedSquares = squaresRoom.part("squared norms of limited gradients", parts, Shape.of(parts));
    }

    private double mean() {
        double sum = 0;
        for (int i = 0; i < passes; i++) {
            sum += weights[i] * read[i];
        }
        return weight > 0 ? sum / weight : 0;
    }

    private void requireFinite(int epoch, int batch, long number) {
        float gradientNorm = gradientNorm();
        if (Double.isFinite(meanLoss) && Float.isFinite(gradientNorm)) {
            return;
        }
        String parameter = Float.isFinite(gradientNorm) ? "" : firstNotFinite();
        String gradient = parameter.isEmpty()
                ? "gradient norm is " + gradientNorm
                : "gradient of parameter '" + parameter + "' is not finite";
        String what = Double.isFinite(meanLoss) ? gradient : "loss is " + meanLoss + " and " + gradient;
        throw new NotFiniteException(
                what + " at step " + number + " (epoch " + epoch + ", batch " + batch
                        + (lossScale.value() == 1f ? "" : ", loss scale " + lossScale.value())
                        + "); the update was not made, the weights are as after step " + (number - 1),
                number,
                parameter);
    }

    /** The first parameter whose gradient has a value that is not finite, or a norm too large for a float. */
    private String firstNotFinite() {
        float[] sums = squares.toFloats();
        for (int i = 0; i < sums.length; i++) {
            if (!Float.isFinite(sums[i])) {
                return parameters.list().get(optimizer.table().owner(i)).name();
            }
        }
        return "";
    }

    /** Mean loss of the update's batches, before the change. */
    double loss() {
        return meanLoss;
    }

    /** Sum of the weights that the loss is a mean over. */
    double weight() {
        return weight;
    }

    LossScale lossScale() {
        return lossScale;
    }

    /** Euclidean norm of all gradients before clipping, without the loss scale. */
    float gradientNorm() {
        return read[losses.length];
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
        if (gradientSum != null) {
            gradientSum.close();
        }
        context.close();
        optimizer.close();
    }
}
