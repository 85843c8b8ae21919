package org.gatefold.benchmarks.models;

import org.gatefold.data.Batches;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.pooling.TimePooling;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.seq2seq.EncoderDecoder;
import org.gatefold.tensor.Form;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Adam;

/** Gatefold's own training loop: batches, loss, clipping, Adam. */
final class GatefoldTraining implements ModelTraining {
    private final ModelShape shape;
    private final Device device;
    private final Model model;
    private final Batches batches;

    @SuppressWarnings("MustBeClosedChecker") // both are closed by close()
    GatefoldTraining(ModelShape shape, int threads) {
        this.shape = shape;
        device = Devices.cpu(threads);
        model = network(shape)
                .on(device)
                .weights(parameters -> parameters.initialize(1))
                .build();
        batches = Batches.of(dataset(shape), shape.batch());
    }

    private static Network network(ModelShape shape) {
        if (shape == ModelShape.TRANSLATION) {
            return EncoderDecoder.of(shape.vocabulary(), shape.classes())
                    .embedding(shape.embedding())
                    .units(shape.units(), 2 * shape.units())
                    .bidirectional()
                    .attention(EncoderDecoder.Attention.GENERAL)
                    .tied()
                    .network();
        }
        Network.Builder builder =
                Network.sequential(Form.tokens()).add(Embedding.of(shape.vocabulary(), shape.embedding()));
        if (shape == ModelShape.CLASSIFIER) {
            builder.add(Lstm.of(shape.units()).bidirectional().returnSequences())
                    .add(TimePooling.max());
        } else {
            builder.add(Lstm.of(shape.units()).layers(2).returnSequences());
        }
        return builder.add(Linear.of(shape.classes())).build();
    }

    private static Dataset dataset(ModelShape shape) {
        TokenData data = shape.data();
        if (shape == ModelShape.TRANSLATION) {
            return EncoderDecoder.pairs(data.inputs(), data.others());
        }
        Dataset inputs = Dataset.of(Column.tokens(Dataset.INPUT, data.inputs()));
        return shape == ModelShape.CLASSIFIER
                ? inputs.withLabels(data.classes())
                : inputs.withStepLabels(data.others());
    }

    @Override
    public double epoch() {
        return Trainer.of(model)
                .loss(Loss.crossEntropy())
                .optimizer(Adam.of((float) shape.rate()))
                .clipNorm(ModelShape.MAX_NORM)
                .fit(batches, 1)
                .last()
                .trainingLoss();
    }

    @Override
    public void close() {
        model.close();
        device.close();
    }
}
