package org.gatefold.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.basic.ActivationLayer;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.convolution.Conv1d;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.tensor.Form;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetworkFormatTest {
    @TempDir
    private Path folder;

    private Network read(String json) throws IOException {
        Path file = Files.writeString(folder.resolve("net.json"), json);
        assertThat(ModelFormats.of(file)).isInstanceOf(NetworkFormat.class);
        return ModelFormats.of(file).network(file);
    }

    @Test
    void whatIsNotSaidIsAsUsual() throws IOException {
        Network network = read(
                "{\"input\": {\"sequences\": [14]}, \"layers\": [{\"type\": \"Lstm\", \"units\": 8, \"layers\": 3},"
                        + " {\"type\": \"Linear\", \"units\": 4}, {\"type\": \"Activation\", \"function\": \"hard_sigmoid\"},"
                        + " {\"type\": \"Linear\", \"units\": 1, \"biased\": false}]}");
        Network made = ForeignFiles.network(
                Form.sequences(14),
                Lstm.of(8).layers(3),
                Linear.of(4),
                ActivationLayer.hardSigmoid(),
                Linear.of(1).withoutBias());
        assertThat(network.description()).isEqualTo(made.description());
    }

    @Test
    void tokensAndOptionsThatMayBeLeftOutAreRead() throws IOException {
        Network network = read(
                "{\"input\": \"tokens\", \"layers\": [{\"type\": \"Embedding\", \"vocabulary\": 9, \"features\": 4},"
                        + " {\"type\": \"Conv1d\", \"filters\": 5, \"kernel\": 3, \"padding\": \"same\"},"
                        + " {\"type\": \"Lstm\", \"name\": \"reader\", \"units\": 2, \"direction\": \"bidirectional\","
                        + " \"withoutBias\": true, \"readingOrder\": false}]}");
        Network made = ForeignFiles.network(
                Form.tokens(),
                Embedding.of(9, 4),
                Conv1d.of(5, 3).same(),
                Lstm.of(2).bidirectional().withoutBias().named("reader"));
        assertThat(network.description()).isEqualTo(made.description());
    }

    @Test
    void whatIsWrittenIsRead() throws IOException {
        Path file = folder.resolve("written.json");
        Network network = ForeignFiles.network(Form.rows(3), Linear.of(2), ActivationLayer.gelu());
        try (Device device = Devices.named("reference");
                Model model = network.on(device).build()) {
            ModelFormats.byEnding(file).save(model, file, Map.of());
            assertThat(ModelFormats.of(file).network(file).description()).isEqualTo(network.description());
            assertThatThrownBy(() -> ModelFormats.of(file).load(device, file).close())
                    .isInstanceOf(CheckpointException.class)
                    .hasMessage(
                            file + ": a description of a network holds no weights; it says which layers take those of"
                                    + " another file");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"rows\": [3] | {'type': 'Linear'} | layers[0].units: is missing; Linear needs [units]",
                "\"rows\": [3] | {'type': 'Linear', 'unit': 2, 'units': 2} | layers[0].unit: is no option of Linear; it has [units",
                "\"rows\": [3] | {'type': 'Linear', 'units': 'x'} | layers[0].type: Linear.units: expected a number, got x",
                "\"rows\": [3] | {'type': 'Dense', 'units': 2} | layers[0].type: ",
                "\"rows\": [0] | {'type': 'Linear', 'units': 2} | input.rows[0]: expected a whole number of 1",
                "\"steps\": [3] | {'type': 'Linear', 'units': 2} | input.rows: is missing",
                "\"rows\": [3] | {'type': 'Lstm', 'units': 2} | layer 'lstm'",
                "\"rows\": [3] | {'type': 'Linear', 'name': 'a', 'units': 2}, {'type': 'Linear', 'name': 'a', 'units': 2} | layers[1].name: expected another",
                "\"rows\": [3] | {'type': 'Linear', 'units': 2}], 'seed': [1 | seed: expected input and layers alone",
                "\"rows\": [3] | {'units': 2} | layers[0].type: is missing",
            })
    void namesWhatIsWrong(String input, String layers, String message) {
        assertThatThrownBy(() -> read("{\"input\": {" + input + "}, \"layers\": [" + layers.replace('\'', '"') + "]}"))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(folder.resolve("net.json").toString())
                .hasMessageContaining(message);
    }
}
