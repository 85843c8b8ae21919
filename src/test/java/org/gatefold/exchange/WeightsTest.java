package org.gatefold.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.gatefold.device.Copies;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.file.FileException;
import org.gatefold.file.Safetensors;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Sequential;
import org.gatefold.simulator.SimulatedDevice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightsTest {
    @TempDir
    private Path directory;

    private Path write(Weights.Entries entries) throws IOException {
        Path file = directory.resolve("weights");
        try (var out = Files.newOutputStream(file)) {
            Safetensors.write(out, Map.of(), entries.list());
        }
        return file;
    }

    @Test
    void everyFlatTensorIsDownloadedAndUploadedInOneCopy() throws IOException {
        assumeTrue(SimulatedDevice.isBuilt(), "the CPU copies nothing");
        SimulatedDevice.load();
        try (Device device = Devices.named("cuda:0");
                Sequential model = Sequential.on(device)
                        .add(Lstm.of(5).layers(2).bidirectional())
                        .add(Linear.of(2))
                        .build(3)) {
            ParameterStore parameters = model.parameters();
            parameters.gradients().fill(0.5f);
            float[] values = parameters.values().toFloats();
            Copies before = device.copies();
            Path file = write(new Weights.Entries(parameters)
                    .add("model.", parameters.values())
                    .add("state.", parameters.gradients()));
            Copies saved = device.copies().since(before);
            assertThat(saved.downloads()).isEqualTo(2);
            assertThat(saved.downloadedBytes()).isEqualTo(2 * parameters.bytes());

            parameters.values().fill(0f);
            before = device.copies();
            try (Safetensors tensors = Safetensors.open(file)) {
                Weights.restore(tensors, "model.", parameters, parameters.values());
                Weights.restore(tensors, "state.", parameters, parameters.gradients());
            }
            assertThat(device.copies().since(before).uploads()).isEqualTo(2);
            assertThat(parameters.values().toFloats()).isEqualTo(values);
            Parameter bias = parameters.get("linear.b");
            assertThat(bias.gradient().toFloats()).containsOnly(0.5f);
        }
    }

    @Test
    void nothingIsWrittenIfOneIsMissing() throws IOException {
        try (Device device = Devices.named("reference");
                Sequential small = Sequential.on(device).add(Lstm.of(4)).build(3);
                Sequential large =
                        Sequential.on(device).add(Lstm.of(4)).add(Linear.of(1)).build(3)) {
            Path file = write(new Weights.Entries(small.parameters())
                    .add("", small.parameters().values()));
            float[] values = large.parameters().values().toFloats();
            try (Safetensors tensors = Safetensors.open(file)) {
                assertThatThrownBy(() -> Weights.restore(
                                tensors,
                                "",
                                large.parameters(),
                                large.parameters().values()))
                        .isInstanceOf(FileException.class)
                        .hasMessage(file + ": expected a tensor 'linear.w', found none");
            }
            assertThat(large.parameters().values().toFloats()).isEqualTo(values);
        }
    }
}
