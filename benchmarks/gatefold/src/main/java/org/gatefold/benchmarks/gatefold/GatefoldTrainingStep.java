package org.gatefold.benchmarks.gatefold;

import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.PreparedTraining;
import org.gatefold.benchmarks.contract.TrainingStep;
import org.gatefold.benchmarks.contract.Workload;
import org.gatefold.device.Scope;
import org.gatefold.op.loss.LossOp;
import org.gatefold.op.loss.PointwiseLoss;
import org.gatefold.op.optimizer.OptimizerOp;
import org.gatefold.op.optimizer.OptimizerPlan;
import org.gatefold.op.optimizer.OptimizerSpec;
import org.gatefold.op.optimizer.UpdateRule;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/** A training step on the operations that layers and trainers stand on. */
final class GatefoldTrainingStep extends GatefoldPass implements PreparedTraining {
    private final LossOp lossOp;
    private final OptimizerPlan optimizer;
    private final Tensor prediction;
    private final Tensor target;
    private final Tensor dPrediction;
    private final Tensor dy;
    private final Tensor loss;
    private final Tensor squares;
    private final Tensor norm;
    private final Tensor scale;
    private long step;

    @SuppressWarnings("MustBeClosedChecker") // the model's scope closes the optimiser
    GatefoldTrainingStep(GatefoldModel model, Workload workload) {
        super(model);
        LayerShape shape = workload.shape();
        int rows = shape.steps() * shape.batch();
        Scope scope = model.scope();
        lossOp = model.device().operation(LossOp.class);
        UpdateRule rule = new UpdateRule.Adam(
                (float) TrainingStep.BETA1, (float) TrainingStep.BETA2, (float) TrainingStep.EPSILON);
        OptimizerSpec spec = new OptimizerSpec(rule, UpdateRule.Penalty.NONE, model.segments());
        optimizer = scope.own(
                model.device().operation(OptimizerOp.class).plan(scope, spec, model.parameters(), model.gradients()));
        prediction = model.y().reshape(rows, shape.outputSize());
        target = scope.f32("target", rows, shape.outputSize());
        target.write(workload.target());
        dPrediction = scope.f32("dPrediction", rows, shape.outputSize());
        dy = dPrediction.reshape(shape.steps(), shape.batch(), shape.outputSize());
        loss = scope.f32("loss", 1);
        squares = scope.f32("squares", model.segments().count());
        norm = scope.f32("norm", 2);
        scale = norm.part("scale", 1, Shape.of(1));
    }

    @Override
    protected void submit() {
        step();
    }

    @Override
    public float step() {
        step++;
        model.forward();
        lossOp.pointwise(PointwiseLoss.mse(), null, prediction, target, null, loss, dPrediction);
        model.backward(dy, null);
        optimizer.gradientNorm((float) TrainingStep.MAX_NORM, squares, norm);
        optimizer.update((float) TrainingStep.LEARNING_RATE, step, scale);
        return loss.item();
    }
}
