package org.gatefold.benchmarks.models;

import org.gatefold.benchmarks.models.architecture.Examples;
import org.gatefold.benchmarks.models.architecture.Wanted;
import org.gatefold.benchmarks.models.architecture.WholeModel;
import org.gatefold.data.Batches;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.Parameter;
import org.gatefold.model.Model;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Adam;
import org.gatefold.train.report.TrainingListener;

/** A model in Gatefold's own training loop: batches, loss, clipping, Adam. Owns its memory until closed; for one thread. */
final class GatefoldTraining implements AutoCloseable {
    private final WholeModel shape;
    private final Device device;
    private final Model model;

    @SuppressWarnings("MustBeClosedChecker") // both are closed by close()
    GatefoldTraining(WholeModel shape, int threads) {
        this.shape = shape;
        device = Devices.cpu(threads);
        model = shape.architecture()
                .network()
                .on(device)
                .weights(parameters -> parameters.initialize(1))
                .build();
    }

    /** With the values of the moment. */
    Iterable<Parameter> parameters() {
        return model.parameters().list();
    }

    /** Trains on all examples in their order, over and over. */
    void train(int epochs, TrainingListener listener) {
        Examples examples = shape.examples();
        Trainer.of(model)
                .loss(
                        examples.wanted() == Wanted.NUMBER
                                ? Loss.mse()
                                : Loss.crossEntropy().smoothing((float) shape.smoothing()))
                .optimizer(Adam.of((float) shape.rate()))
                .clipNorm(WholeModel.MAX_NORM)
                .listener(listener)
                .fit(Batches.of(examples.dataset(), shape.batch()), epochs);
    }

    @Override
    public void close() {
        model.close();
        device.close();
    }
}
