package org.gatefold.benchmarks.models;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.gatefold.benchmarks.libtorch.FusedAdam;
import org.gatefold.benchmarks.models.architecture.Examples;
import org.gatefold.benchmarks.models.architecture.TorchWeights;
import org.gatefold.benchmarks.models.architecture.Wanted;
import org.gatefold.benchmarks.models.architecture.WholeModel;
import org.gatefold.layer.Parameter;

/**
 * The same model in libtorch, with its loss, clipping and fused Adam, on batches that lie ready in its memory. Owns its memory until closed;
 * for one thread, on which what is made later is closed before.
 */
final class LibTorchTraining implements AutoCloseable {
    private static final long MEAN = 1;
    private static final long NO_IGNORED_CLASS = -100;

    private final WholeModel shape;
    /** Of all that lasts; open until this is closed. */
    private final PointerScope scope = new PointerScope();

    private final TorchWeights weights;
    private final TensorVector trained;
    private final FusedAdam adam;
    private final Wanted wanted;
    private final List<List<Tensor>> inputs = new ArrayList<>();
    private final List<Tensor> answers = new ArrayList<>();

    /**
     * Copies the weights.
     *
     * @param layout of images and of the weights of convolutions
     */
    LibTorchTraining(WholeModel shape, Iterable<Parameter> parameters, torch.MemoryFormat layout, int threads) {
        torch.set_num_threads(threads);
        this.shape = shape;
        weights = new TorchWeights(parameters, layout);
        trained = new TensorVector(weights.trained().toArray(Tensor[]::new));
        adam = new FusedAdam(weights.trained(), shape.rate());
        Examples examples = shape.examples();
        wanted = examples.wanted();
        for (int i = 0; i < WholeModel.UPDATES; i++) {
            int from = i * shape.batch();
            inputs.add(examples.inputs().stream()
                    .map(input -> input.tensor(from, shape.batch(), layout))
                    .toList());
            answers.add(examples.answers(from, shape.batch()));
        }
    }

    /** Trains on each batch once: the losses before the updates. */
    float[] epoch() {
        float[] losses = new float[WholeModel.UPDATES];
        weights.forgetStates();
        for (int i = 0; i < losses.length; i++) {
            try (PointerScope pointers = new PointerScope()) {
                weights.dropGradients();
                Tensor loss = loss(shape.architecture().forward(inputs.get(i), weights), answers.get(i));
                loss.backward();
                torch.clip_grad_norm_(trained, WholeModel.MAX_NORM);
                adam.step();
                losses[i] = loss.item_float();
            }
        }
        return losses;
    }

    private Tensor loss(Tensor outputs, Tensor answer) {
        if (wanted == Wanted.NUMBER) {
            return torch.mse_loss(outputs, answer);
        }
        return torch.cross_entropy_loss(
                outputs.reshape(-1, outputs.size(-1)),
                answer,
                new TensorOptional(),
                MEAN,
                NO_IGNORED_CLASS,
                shape.smoothing());
    }

    @Override
    public void close() {
        scope.close();
    }
}
