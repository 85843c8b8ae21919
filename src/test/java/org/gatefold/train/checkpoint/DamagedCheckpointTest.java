package org.gatefold.train.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.gatefold.data.Batches;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.file.Mutations;
import org.gatefold.model.Sequential;
import org.gatefold.train.Problems;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.metric.Metric;
import org.gatefold.train.optimizer.Adam;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is in a checkpoint, resuming goes on from it or says in one line of one kind what is wrong with it. */
class DamagedCheckpointTest {
    private static final int ROUNDS = 500;

    @TempDir
    private Path directory;

    private static Trainer trainer(Sequential model, Path checkpoints) {
        return Trainer.of(model)
                .loss(Loss.mse())
                .optimizer(Adam.of(0.02f))
                .validate(Batches.of(Problems.sums(8, 2), 8), Metric.mae())
                .earlyStopping(100)
                .data("numbers", "44 sums")
                .metadata("purpose", "test")
                .checkpoints(checkpoints)
                .resume(true);
    }

    @Test
    void everyOutcomeIsSuccessOrOneKindOfError() throws IOException {
        Path folder = directory.resolve("sound");
        Batches data = Batches.of(Problems.sums(12, 1), 4);
        try (Device device = Devices.named("reference");
                Sequential model = Problems.regressor(device, 3, 0.1f)) {
            trainer(model, folder).fit(data, 2);
            float[] trained = model.parameters().values().toFloats();
            long before = device.bytesInUse();
            Path state = folder.resolve("checkpoint.json");
            Path weights;
            try (Stream<Path> files = Files.list(folder)) {
                weights = files.filter(file -> file.toString().endsWith(".safetensors"))
                        .findFirst()
                        .orElseThrow();
            }
            byte[] soundState = Files.readAllBytes(state);
            byte[] soundWeights = Files.readAllBytes(weights);
            int refused = 0;
            for (int seed = 0; seed < ROUNDS; seed++) {
                damage(new Mutations(seed), state, soundState, weights, soundWeights);
                model.parameters().values().fill(0f);
                if (resumes(model, folder, data, seed)) {
                    assertThat(model.parameters().values().toFloats()).hasSameSizeAs(trained);
                } else {
                    refused++;
                    assertThat(model.parameters().values().toFloats())
                            .as("seed " + seed)
                            .containsOnly(0f);
                }
                assertThat(device.bytesInUse()).isEqualTo(before);
                Files.write(state, soundState);
                Files.write(weights, soundWeights);
            }
            assertThat(refused).isBetween(ROUNDS / 4, ROUNDS - 1);
            assertThat(resumes(model, folder, data, -1)).isTrue();
            assertThat(model.parameters().values().toFloats()).isEqualTo(trained);
        }
    }

    private static void damage(Mutations mutations, Path state, byte[] soundState, Path weights, byte[] soundWeights)
            throws IOException {
        switch (mutations.draw(4)) {
            case 0 -> Files.write(weights, mutations.bytes(soundWeights));
            case 1 -> Files.write(state, mutations.bytes(soundState));
            default -> {
                String text = new String(soundState, StandardCharsets.UTF_8);
                Files.writeString(
                        state,
                        mutations
                                .json(JsonParser.parseString(text).getAsJsonObject())
                                .toString());
            }
        }
    }

    /** The run had ended, so that resuming reads all and trains nothing. */
    private static boolean resumes(Sequential model, Path folder, Batches data, int seed) {
        try {
            trainer(model, folder).fit(data, 2);
            return true;
        } catch (CheckpointException e) {
            assertThat(e)
                    .as("seed " + seed)
                    .hasMessageStartingWith("checkpoint " + folder)
                    .hasMessageNotContainingAny("Exception", "\n");
            assertThat(e.getMessage()).hasSizeLessThan(1_200 + folder.toString().length());
            return false;
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            throw new AssertionError("seed " + seed + " is resumed with " + e, e);
        }
    }
}
