package org.gatefold.seq2seq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.gatefold.contract.Subject;
import org.gatefold.data.Batches;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.model.Model;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Adam;
import org.gatefold.train.report.EpochReport;

/** How small models that write sequences are trained. */
final class SmallTraining {
    private SmallTraining() {}

    static Trainer trainer(Model model) {
        return Trainer.of(model)
                .loss(Loss.crossEntropy().smoothing(0.02f))
                .optimizer(Adam.of(0.02f))
                .clipNorm(1f)
                .seed(3);
    }

    /** Trains for two epochs of batches of 5 rows, here and on the reference: losses are the same to 1e-4. */
    static void assertFollowsReference(
            String device, String implementation, EncoderDecoder.Builder described, Dataset data) {
        List<Double> expected;
        try (Device reference = Devices.named("reference")) {
            expected = losses(reference, described, data);
        }
        try (Subject subject = Subject.open(device, implementation, LinearOp.class)) {
            List<Double> actual = losses(subject.device(), described, data);
            for (int epoch = 0; epoch < expected.size(); epoch++) {
                assertThat(actual.get(epoch)).isCloseTo(expected.get(epoch), within(1e-4));
            }
        }
    }

    private static List<Double> losses(Device device, EncoderDecoder.Builder described, Dataset data) {
        try (Model model = described.network().on(device).seed(5).build()) {
            return trainer(model).fit(Batches.of(data, 5).shuffled(2), 2).epochs().stream()
                    .map(EpochReport::trainingLoss)
                    .toList();
        }
    }
}
