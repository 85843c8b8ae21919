package org.gatefold.benchmarks.libtorch;

import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.gatefold.benchmarks.contract.PreparedTraining;
import org.gatefold.benchmarks.contract.TrainingStep;
import org.gatefold.benchmarks.contract.Workload;

/** A training step with the library's own loss, clipping and fused Adam. Owns the model. */
final class LibTorchTrainingStep implements PreparedTraining {
    private final LibTorchModel model;
    private final TensorVector trained;
    private final Tensor target;
    private final FusedAdam adam;

    LibTorchTrainingStep(LibTorchModel model, Workload workload) {
        this.model = model;
        model.module().train(true);
        trained = model.trained();
        target = Tensor.create(
                workload.target(),
                workload.shape().steps(),
                workload.shape().batch(),
                workload.shape().outputSize());
        adam = new FusedAdam(Arrays.asList(trained.get()), TrainingStep.LEARNING_RATE, TrainingStep.EPSILON);
    }

    @Override
    public float step() {
        try (PointerScope scope = new PointerScope()) {
            LibTorchModel.dropGradients(trained);
            Tensor loss = torch.mse_loss(model.forward().get0(), target);
            loss.backward();
            torch.clip_grad_norm_(trained, TrainingStep.MAX_NORM);
            adam.step();
            return loss.item_float();
        }
    }

    @Override
    public void close() {
        target.close();
        trained.close();
        model.close();
    }
}
