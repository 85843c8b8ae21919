package org.gatefold.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.ModelFile;
import org.gatefold.exchange.bert.BertTest;
import org.gatefold.file.NumpyArray;
import org.gatefold.layer.basic.Linear;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.tensor.Form;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Gatefold's own files; arrays by {@code ci/interop/numpy_files.py}, of {@code 0.5 a - 1.5 b + 0.25}. */
class ConvertCommandTest {
    @TempDir
    private Path folder;

    private static String array(String name) {
        try {
            return Path.of(NumpyArray.class.getResource(name).toURI()).toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private String model(Form form, String name) {
        Path file = folder.resolve(name);
        try (Device device = Devices.named("reference");
                Model model = Network.sequential(form)
                        .add(Linear.of(1).named("linear"))
                        .build()
                        .on(device)
                        .build()) {
            model.parameters().get("linear.w").value().write(new float[] {0.5f, -1.5f});
            model.parameters().get("linear.b").value().write(new float[] {0.25f});
            model.parameters().changed();
            ModelFile.save(model, file, Map.of("note", "kept"));
        }
        return file.toString();
    }

    /** Writes a model again, and compares what it gives for inputs. */
    private CommandLineRun verified(String in, String inputs, String expected) {
        String out = folder.resolve("out.safetensors").toString();
        return CommandLineRun.of("convert", in, out, "--verify", array(inputs), array(expected));
    }

    @Test
    void aModelIsWrittenAgainWithItsTexts() throws IOException {
        String in = model(Form.rows(2), "in.safetensors");
        Path out = folder.resolve("out.safetensors");

        CommandLineRun run = CommandLineRun.of("convert", in, out.toString(), "--device", "reference");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).isEqualTo(out + ": a Gatefold model of 3 parameters, from a Gatefold model\n");
        assertThat(Files.readAllBytes(out)).isEqualTo(Files.readAllBytes(Path.of(in)));
    }

    @Test
    void outputsAreComparedWithGivenOnes() {
        String in = model(Form.rows(2), "in.safetensors");
        CommandLineRun run = verified(in, "inputs.npz", "expected.npz");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .startsWith("output 'output': largest error 0.00, mean error 0.00, of 3 numbers within ±7.750\n");
    }

    @Test
    void stepsBehindTheLengthOfARowAreNotCompared() {
        String in = model(Form.sequences(2), "in.safetensors");
        CommandLineRun run = verified(in, "steps.npz", "steps_expected.npz");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).startsWith("output 'output': largest error 0.00, mean error 0.00, of 3 numbers");
    }

    @Test
    void aDifferenceIsPrinted() {
        String in = model(Form.rows(2), "in.safetensors");
        CommandLineRun run = verified(in, "inputs.npz", "inputs.npz");

        assertThat(run.complaint()).contains("output 'output': expected [B, 1] of 3 rows, got [3, 2]");
    }

    /** Their weights are called as a run calls its model. */
    @ParameterizedTest
    @ValueSource(strings = {"bert", "distilbert", "electra"})
    void foldersOfEncodersAreModels(String kind) throws URISyntaxException {
        Path encoder = Path.of(BertTest.class.getResource(kind).toURI());
        Path out = folder.resolve("out.safetensors");
        CommandLineRun run = CommandLineRun.of("convert", encoder.toString(), out.toString(), "--device", "reference");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(CommandLineRun.of("info", out.toString()).out()).contains("TransformerEncoder");
        assertThat(CommandLineRun.of("info", encoder.toString()).out()).contains("an encoder of the BERT family");
    }

    @Test
    void whatCannotBeIsSaidInOneLine() throws IOException {
        String in = model(Form.rows(2), "in.safetensors");
        String out = folder.resolve("out.safetensors").toString();
        Path text = Files.writeString(folder.resolve("text"), "no model");

        assertThat(CommandLineRun.of("convert", text.toString(), out).complaint())
                .contains("text: is no model of a kind known here; expected one of a Gatefold model");
        assertThat(CommandLineRun.of("convert", in, folder.resolve("out.doc").toString())
                        .complaint())
                .contains("out.doc: expected a name that ends in one of [.safetensors");
        assertThat(CommandLineRun.of("convert", in, out, "--to", "paper").complaint())
                .contains("--to: format: expected one of [gatefold");
        assertThat(CommandLineRun.of("convert", folder.resolve("none").toString(), out)
                        .complaint())
                .contains("none: no such file or folder");
        assertThat(Files.exists(Path.of(out))).isFalse();
    }
}
