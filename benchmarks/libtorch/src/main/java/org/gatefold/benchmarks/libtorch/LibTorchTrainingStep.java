package org.gatefold.benchmarks.libtorch;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.gatefold.benchmarks.contract.PreparedTraining;
import org.gatefold.benchmarks.contract.TrainingStep;
import org.gatefold.benchmarks.contract.Workload;

/** A training step with the library's own loss, clipping and Adam. Owns the model. */
final class LibTorchTrainingStep implements PreparedTraining {
    private final LibTorchModel model;
    private final TensorVector trained;
    private final Tensor target;
    private final Adam adam;

    LibTorchTrainingStep(LibTorchModel model, Workload workload) {
        this.model = model;
        model.module().train(true);
        trained = model.trained();
        target = Tensor.create(
                workload.target(),
                workload.shape().steps(),
                workload.shape().batch(),
                workload.shape().outputSize());
        AdamOptions options = new AdamOptions(TrainingStep.LEARNING_RATE);
        // The pointer is to a std::tuple, which GCC's library lays out last element first.
        options.betas().put(TrainingStep.BETA2, TrainingStep.BETA1);
        options.eps().put(TrainingStep.EPSILON);
        adam = new Adam(trained, options);
    }

    @Override
    public float step() {
        try (PointerScope scope = new PointerScope()) {
            adam.zero_grad();
            Tensor loss = torch.mse_loss(model.forward().get0(), target);
            loss.backward();
            torch.clip_grad_norm_(trained, TrainingStep.MAX_NORM);
            adam.step();
            return loss.item_float();
        }
    }

    @Override
    public void close() {
        adam.close();
        target.close();
        trained.close();
        model.close();
    }
}
