package org.gatefold.train.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.gatefold.data.Batches;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.ModelFile;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Model;
import org.gatefold.model.Sequential;
import org.gatefold.train.Problems;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Adam;
import org.gatefold.train.report.History;
import org.gatefold.train.report.StepReport;
import org.gatefold.train.report.TrainingListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An interrupt of the thread that trains, as by {@code ExecutorService.shutdownNow()}, ends training as {@code stop()} does. */
class InterruptedTrainingTest {
    private static final int EPOCHS = 4;
    private static final int UPDATES_OF_AN_EPOCH = 6;
    private static final Dataset DATA = Problems.sums(44, 1);

    private final Device device = Devices.named("reference");

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        Thread.interrupted();
        device.close();
    }

    private static History fit(Sequential model, Path checkpoints, long interruptedAt) {
        return Trainer.of(model)
                .loss(Loss.mse())
                .optimizer(Adam.of(0.02f))
                .seed(9)
                .checkpoints(checkpoints)
                .resume(true)
                .listener(new TrainingListener() {
                    @Override
                    public void stepped(StepReport report) {
                        if (report.step() == interruptedAt) {
                            Thread.currentThread().interrupt();
                        }
                    }
                })
                .fit(Batches.of(DATA, 8).shuffled(6), EPOCHS);
    }

    private float[] trained(Path checkpoints, long... interrupts) {
        try (Sequential model = Sequential.on(device)
                .seed(3)
                .add(Lstm.of(4).dropout(0))
                .add(Linear.of(1))
                .build(1)) {
            for (long interrupt : interrupts) {
                History history = fit(model, checkpoints, interrupt);
                assertThat(history.end()).isEqualTo(History.End.INTERRUPTED);
                assertThat(history.epochs()).hasSize((int) (interrupt / UPDATES_OF_AN_EPOCH));
                assertThat(Thread.interrupted()).as("is still interrupted").isTrue();
                assertThat(Checkpoint.summary(checkpoints).step()).isEqualTo(interrupt);
            }
            assertThat(fit(model, checkpoints, -1).end()).isEqualTo(History.End.FINISHED);
            return model.parameters().values().toFloats();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 3, UPDATES_OF_AN_EPOCH, 2 * UPDATES_OF_AN_EPOCH + 2})
    void savesTheUpdateItIsAtAndGoesOnBitForBit(long interrupt) {
        float[] whole = trained(folder.resolve("whole"));
        assertThat(trained(folder.resolve("interrupted"), interrupt)).containsExactly(whole);
    }

    @Test
    void aThreadInterruptedBeforeTrainsOneUpdate() {
        try (Sequential model =
                Sequential.on(device).add(Lstm.of(4)).add(Linear.of(1)).build(1)) {
            Thread.currentThread().interrupt();
            assertThat(fit(model, folder, -1).end()).isEqualTo(History.End.INTERRUPTED);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(Checkpoint.summary(folder).step()).isEqualTo(1);

            Thread.currentThread().interrupt();
            assertThat(fit(model, folder, -1).end()).as("loads and saves").isEqualTo(History.End.INTERRUPTED);
            assertThat(Checkpoint.summary(folder).step()).isEqualTo(2);
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void interruptedThreadsSaveAndLoadModels() {
        Path file = folder.resolve("model.safetensors");
        try (Sequential model =
                Sequential.on(device).add(Lstm.of(40)).add(Linear.of(1)).build(1)) {
            Thread.currentThread().interrupt();
            ModelFile.save(model, file, Map.of());
            try (Model loaded = ModelFile.load(device, file)) {
                assertThat(loaded.parameters().values().toFloats())
                        .containsExactly(model.parameters().values().toFloats());
            }
            assertThat(Thread.interrupted()).isTrue();
        }
    }
}
