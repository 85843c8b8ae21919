package org.gatefold.train.user;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.gatefold.contract.OnEveryDevice;
import org.gatefold.contract.Subject;
import org.gatefold.data.Batches;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.exchange.ModelFile;
import org.gatefold.layer.Layer;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.pooling.TimePooling;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Model;
import org.gatefold.model.Sequential;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.simulator.SimulatedDevice;
import org.gatefold.tensor.Form;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Adam;
import org.gatefold.train.report.EpochReport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Ids of tokens from a set through a whole life: trained, saved, loaded, with the same bits, on every device. */
class TokensTest {
    private static final int VOCABULARY = 12;

    @TempDir
    Path folder;

    @BeforeAll
    static void load() {
        SimulatedDevice.loadIfBuilt();
    }

    /** Rows of unequal length whose class says whether token 3 occurs more often than token 4. */
    private static Dataset texts(int count) {
        Random random = new Random(4);
        int[][] tokens = new int[count][];
        int[] labels = new int[count];
        for (int row = 0; row < count; row++) {
            tokens[row] = random.ints(2 + random.nextInt(6), 1, VOCABULARY).toArray();
            tokens[row][random.nextInt(tokens[row].length)] = 3 + row % 2;
            int sign = 0;
            for (int token : tokens[row]) {
                sign += token == 3 ? 1 : token == 4 ? -1 : 0;
            }
            labels[row] = sign > 0 ? 1 : 0;
        }
        return Dataset.of(Column.tokens("text", tokens)).withTarget(Column.labels("label", labels));
    }

    private record Trained(List<Double> losses, List<Float> answers) {}

    private Trained train(Device device, Layer embedding, String file) throws IOException {
        Dataset data = texts(48);
        try (Model model = Sequential.on(device)
                .seed(11)
                .add(embedding)
                .add(Lstm.of(6).returnSequences())
                .add(TimePooling.max())
                .add(Linear.of(2))
                .build(Form.tokens())) {
            List<Double> losses = Trainer.of(model)
                    .loss(Loss.crossEntropy())
                    .optimizer(Adam.of(0.02f))
                    .seed(1)
                    .fit(Batches.of(data, 8).shuffled(2), 8)
                    .epochs()
                    .stream()
                    .map(EpochReport::trainingLoss)
                    .toList();
            List<Float> answers = answers(model, data);
            Path saved = folder.resolve(file);
            ModelFile.save(model, saved, Map.of());
            try (Model loaded = ModelFile.load(device, saved)) {
                assertThat(answers(loaded, data)).isEqualTo(answers);
                assertThat(loaded.network().description())
                        .isEqualTo(model.network().description());
            }
            return new Trained(losses, answers);
        }
    }

    private static List<Float> answers(Model model, Dataset data) {
        List<Float> flat = new ArrayList<>();
        for (float[] row : model.predict(data).values().iterator().next().rows()) {
            flat.add(row[0]);
            flat.add(row[1]);
        }
        return flat;
    }

    @OnEveryDevice
    void areLearnedSavedAndLoadedToTheBit(String name, String implementation) throws IOException {
        try (Subject subject = Subject.open(name, implementation, LinearOp.class)) {
            Trained first = train(subject.device(), embedding(), "first");
            Trained second = train(subject.device(), embedding(), "second");
            assertThat(second.losses()).isEqualTo(first.losses());
            assertThat(second.answers()).isEqualTo(first.answers());
            assertThat(first.losses().get(7)).isLessThan(0.6 * first.losses().get(0));
        }
    }

    private static Embedding embedding() {
        return Embedding.of(VOCABULARY, 5).paddingId(0);
    }
}
