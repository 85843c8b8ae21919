package org.gatefold.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.errorprone.annotations.MustBeClosed;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.gatefold.contract.Subject;
import org.gatefold.data.Batches;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.ModelFile;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.embedding.TiedLinear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Model;
import org.gatefold.model.Sequential;
import org.gatefold.tensor.Form;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Adam;
import org.gatefold.train.optimizer.Lamb;
import org.gatefold.train.optimizer.Optimizer;
import org.gatefold.train.optimizer.RmsProp;
import org.gatefold.train.optimizer.Sgd;
import org.gatefold.train.report.StepReport;
import org.gatefold.train.report.TrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Updates by rows: where no state moves what is not looked up, they are those of the whole table; elsewhere other rows stay. */
class LazyEmbeddingTest {
    private static final int VOCABULARY = 50;
    private static final int FEATURES = 5;
    private static final String TABLE = "embedding.w";

    @MustBeClosed
    private static Sequential model(Device device, boolean lazy) {
        Embedding embedding = Embedding.of(VOCABULARY, FEATURES).paddingId(0);
        return Sequential.on(device)
                .seed(4)
                .add(lazy ? embedding.lazy() : embedding)
                .add(Lstm.of(6))
                .add(Linear.of(1))
                .build(Form.tokens());
    }

    /** Sequences of unequal length, of ids below 40. */
    private static Dataset data(int rows) {
        Random random = new Random(7);
        int[][] ids = new int[rows][];
        float[][] targets = new float[rows][1];
        for (int row = 0; row < rows; row++) {
            ids[row] = random.ints(2 + random.nextInt(4), 0, 40).toArray();
            targets[row][0] = random.nextFloat();
        }
        return Dataset.of(Column.tokens("ids", ids)).withTargets(targets);
    }

    private static Trainer trainer(Model model, Optimizer optimizer) {
        return Trainer.of(model).loss(Loss.mse()).optimizer(optimizer).clipNorm(0.05f);
    }

    private static float[] values(Model model) {
        return model.parameters().values().toFloats();
    }

    private static void close(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], within(2e-6f));
        }
    }

    /** Without momentum and penalties, a gradient of 0 changes nothing. Norms are summed in another order, hence the tolerance. */
    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu", "cuda:0"})
    void plainDescentIsThatOfTheWholeTable(String name) {
        try (Device device = Subject.openDevice(name);
                Sequential dense = model(device, false);
                Sequential lazy = model(device, true)) {
            Batches batches = Batches.of(data(21), 4).shuffled(2);
            trainer(dense, Sgd.of(0.5f)).accumulate(2).clipValue(0.01f).fit(batches, 3);
            trainer(lazy, Sgd.of(0.5f)).accumulate(2).clipValue(0.01f).fit(batches, 3);
            close(values(lazy), values(dense));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "cuda:0"})
    void agreesWithTheReference(String name) {
        for (Optimizer optimizer : List.of(
                Adam.of(0.02f).l2(0.01f).epsilon(1e-4f),
                RmsProp.of(0.01f).momentum(0.5f).epsilon(1e-2f))) {
            try (Device reference = Devices.named("reference");
                    Device device = Subject.openDevice(name);
                    Sequential expected = model(reference, true);
                    Sequential actual = model(device, true)) {
                Batches batches = Batches.of(data(21), 4).shuffled(2);
                trainer(expected, optimizer).fit(batches, 3);
                trainer(actual, optimizer).fit(batches, 3);
                float[] values = values(expected);
                for (int i = 0; i < values.length; i++) {
                    assertThat(values(actual)[i]).isCloseTo(values[i], within(1e-4f));
                }
            }
        }
    }

    /** The first batch touches some rows; the second update, of others, leaves these where they are, though Adam has moments of them. */
    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu", "cuda:0"})
    void rowsThatAreNotLookedUpStay(String name) {
        try (Device device = Subject.openDevice(name);
                Sequential lazy = model(device, true);
                Sequential dense = model(device, false)) {
            Dataset data = Dataset.of(Column.tokens("ids", new int[][] {{3, 9, 3}, {7, 0, 49}}))
                    .withTargets(new float[][] {{1f}, {-1f}});
            for (Sequential model : List.of(lazy, dense)) {
                float[] first = table(model);
                float[][] after = new float[2][];
                int[] updates = new int[1];
                trainer(model, Adam.of(0.1f).weightDecay(0.01f))
                        .listener(new TrainingListener() {
                            @Override
                            public void stepped(StepReport report) {
                                after[updates[0]++] = table(model);
                            }

                            @Override
                            public boolean seesEachUpdate() {
                                return true;
                            }
                        })
                        .fit(Batches.of(data, 1), 1);
                if (model == lazy) {
                    assertThat(changed(first, after[0])).containsExactly(3, 9);
                    assertThat(changed(after[0], after[1])).containsExactly(7, 49);
                } else {
                    assertThat(changed(after[0], after[1])).contains(3, 7, 9, 49);
                }
            }
        }
    }

    private static float[] table(Model model) {
        return model.parameters().get(TABLE).value().toFloats();
    }

    private static Set<Integer> changed(float[] before, float[] after) {
        Set<Integer> rows = new TreeSet<>();
        for (int i = 0; i < before.length; i++) {
            if (before[i] != after[i]) {
                rows.add(i / FEATURES);
            }
        }
        return rows;
    }

    @Test
    void resumesAndLoadsBitForBit(@TempDir Path directory) {
        try (Device device = Devices.named("cpu");
                Sequential straight = model(device, true);
                Sequential first = model(device, true);
                Sequential second = model(device, true)) {
            Batches batches = Batches.of(data(21), 4).shuffled(2);
            trainer(straight, Adam.of(0.01f)).fit(batches, 4);
            trainer(first, Adam.of(0.01f)).checkpoints(directory).fit(batches, 2);
            trainer(second, Adam.of(0.01f)).checkpoints(directory).resume(true).fit(batches, 4);
            assertThat(values(second)).isEqualTo(values(straight)).isNotEqualTo(values(first));
            Path file = directory.resolve("model");
            ModelFile.save(straight, file, Map.of());
            try (Model loaded = ModelFile.load(device, file)) {
                assertThat(values(loaded)).isEqualTo(values(straight));
                assertThat(loaded.parameters().get(TABLE).touchedRows()).isNotNull();
                assertThat(loaded.network().description())
                        .isEqualTo(straight.network().description());
            }
        }
    }

    @Test
    void gradientsAreZeroedWhereTheyWereWritten() {
        try (Device device = Devices.named("cpu");
                Sequential lazy = model(device, true)) {
            trainer(lazy, Adam.of(0.01f)).fit(Batches.of(data(9), 4), 2);
            lazy.parameters().zeroGradients();
            assertThat(lazy.parameters().gradients().toFloats()).containsOnly(0f);
        }
    }

    @Test
    void whatLooksAtAllRowsIsRefused() {
        try (Device device = Devices.named("reference");
                Sequential lazy = model(device, true)) {
            Batches batches = Batches.of(data(4), 4);
            assertThatThrownBy(() -> trainer(lazy, Lamb.of(0.01f)).fit(batches, 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("'embedding.w' is to be updated by rows");
            assertThatThrownBy(() -> Sequential.on(device)
                            .add(Embedding.of(9, 4).lazy())
                            .add(TiedLinear.to("embedding"))
                            .build(Form.tokens())
                            .close())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected an embedding that is not lazy");
        }
    }

    @Test
    void notFiniteRowsAreNamed() {
        try (Device device = Devices.named("cpu");
                Sequential lazy = model(device, true)) {
            float[] table = table(lazy);
            Arrays.fill(table, 3 * FEATURES, 4 * FEATURES, Float.NaN);
            lazy.parameters().get(TABLE).set(table);
            Dataset data =
                    Dataset.of(Column.tokens("ids", new int[][] {{3, 9, 3}})).withTargets(new float[][] {{1f}});
            assertThatThrownBy(() -> trainer(lazy, Adam.of(0.01f)).fit(Batches.of(data, 1), 1))
                    .isInstanceOf(NotFiniteException.class);
        }
    }
}
