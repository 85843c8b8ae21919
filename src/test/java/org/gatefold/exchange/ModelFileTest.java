package org.gatefold.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.gatefold.data.Batches;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.file.AtomicFile;
import org.gatefold.file.Safetensors;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Model;
import org.gatefold.model.Sequential;
import org.gatefold.tensor.Shape;
import org.gatefold.train.Problems;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Sgd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFileTest {
    @TempDir
    Path directory;

    private final float[][][] inputs = {{{0.5f}, {-1f}, {2f}}, {{1f}, {0.25f}, {0f}}};

    @Test
    void aLoadedModelPredictsBitForBit() {
        Path file = directory.resolve("model.safetensors");
        try (Device device = Devices.named("reference");
                Sequential model = Problems.regressor(device, 5, 0.4f)) {
            ModelFile.save(model, file, Map.of("column", "sunspots", "gatefold.model", "mine"));
            try (Model loaded = ModelFile.load(device, file)) {
                assertThat(loaded.network().description())
                        .isEqualTo(model.network().description());
                assertThat(loaded.predict(inputs)).isDeepEqualTo(model.predict(inputs));
            }
            assertThat(ModelFile.metadata(file))
                    .containsExactlyInAnyOrderEntriesOf(Map.of("column", "sunspots", "gatefold.model", "mine"));
        }
    }

    @Test
    void weightsGoIntoAModelOfTheSameLayersOnly() {
        Path file = directory.resolve("model.safetensors");
        try (Device device = Devices.named("reference");
                Sequential model = Problems.regressor(device, 5, 0f);
                Sequential same = Sequential.on(device)
                        .seed(77)
                        .add(Lstm.of(5))
                        .add(Linear.of(1))
                        .build(1);
                Sequential other = Sequential.on(device)
                        .add(Lstm.of(5).bidirectional())
                        .add(Linear.of(1))
                        .build(1)) {
            ModelFile.save(model, file, Map.of());
            ModelFile.loadWeights(same, file);
            assertThat(same.predict(inputs)).isDeepEqualTo(model.predict(inputs));
            assertThatThrownBy(() -> ModelFile.loadWeights(other, file))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageStartingWith(
                            "model " + file + ": is of another model: model.layers[0].options.direction");
        }
    }

    @Test
    void filesThatAreNoModelsAreNamed() throws IOException {
        Path missing = directory.resolve("missing");
        Path text = Files.writeString(directory.resolve("text"), "hello, this is not a model");
        Path tensors = directory.resolve("tensors");
        AtomicFile.write(
                tensors,
                out -> Safetensors.write(
                        out, Map.of(), List.of(new Safetensors.Source("w", Shape.of(1), () -> new float[1]))));
        Path damaged = directory.resolve("damaged");
        AtomicFile.write(
                damaged, out -> Safetensors.write(out, Map.of("gatefold.model", "{\"layers\": 3}"), List.of()));
        try (Device device = Devices.named("reference")) {
            assertThatThrownBy(() -> load(device, missing)).hasMessage("model " + missing + ": no such file");
            assertThatThrownBy(() -> load(device, text)).hasMessageStartingWith("model " + text + ": cannot be read: ");
            assertThatThrownBy(() -> load(device, tensors))
                    .hasMessage("model " + tensors + ": holds tensors, but no description of a Gatefold model");
            assertThatThrownBy(() -> load(device, damaged))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageStartingWith("model " + damaged + ": is damaged: input: is missing");
            assertThat(device.bytesInUse()).isZero();
        }
    }

    /** A layer of a program's own is trained without more, but what could not be read is not written. */
    @Test
    void whatCouldNotBeReadIsNotWritten() throws IOException {
        Path file = Files.writeString(directory.resolve("model.safetensors"), "before");
        Path checkpoints = directory.resolve("checkpoints");
        Batches data = Batches.of(Problems.sums(4, 1), 4);
        try (Device device = Devices.named("reference");
                Sequential model = Sequential.on(device)
                        .add(new ListedLayer())
                        .add(Lstm.of(2))
                        .add(Linear.of(1))
                        .build(1)) {
            Trainer trainer = Trainer.of(model).loss(Loss.mse()).optimizer(Sgd.of(0.1f));
            trainer.fit(data, 1);
            String problem = "layers[0].options.sizes: expected a text, a number, true, false or an object, got [1,2]";
            assertThatThrownBy(() -> ModelFile.save(model, file, Map.of()))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessage("model " + file + ": cannot be written: " + problem);
            assertThat(file).hasContent("before");
            assertThatThrownBy(() -> trainer.checkpoints(checkpoints).fit(data, 1))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessage("checkpoint " + checkpoints + ": cannot be written: " + problem);
            assertThat(checkpoints).doesNotExist();
        }
    }

    private static void load(Device device, Path file) {
        try (Model model = ModelFile.load(device, file)) {
            throw new AssertionError("loaded " + model.network().description());
        }
    }
}
