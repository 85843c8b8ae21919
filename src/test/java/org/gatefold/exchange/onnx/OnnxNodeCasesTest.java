package org.gatefold.exchange.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.onnx.graph.OnnxFile;
import org.gatefold.exchange.onnx.graph.OnnxTensor;
import org.gatefold.exchange.onnx.proto.ModelProto;
import org.gatefold.exchange.onnx.proto.TensorProto;
import org.gatefold.exchange.onnx.proto.ValueInfoProto;
import org.gatefold.layer.Context;
import org.gatefold.model.Model;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The format's own test cases for operators, one folder each: {@code model.onnx} and {@code test_data_set_0} with inputs and outputs, as
 * Debian's libonnx-testdata has them. Every input but the first becomes an initialiser, as exporters write weights.
 */
class OnnxNodeCasesTest {
    private static final Path CASES =
            Path.of(System.getProperty("gatefold.onnx.cases", "/usr/share/libonnx-testdata/data/node"));

    /** Beginnings of the names of cases that must pass. */
    private static final List<String> WANTED = List.of("lstm_", "gru_", "rnn_", "simple_rnn_");

    @TempDir
    private Path folder;

    @TestFactory
    Stream<DynamicTest> cases() throws IOException {
        assumeTrue(Files.isDirectory(CASES), () -> "no cases of operators in " + CASES);
        List<Path> folders = new ArrayList<>();
        try (Stream<Path> all = Files.list(CASES)) {
            all.filter(path -> WANTED.stream()
                            .anyMatch(start -> path.getFileName().toString().startsWith("test_" + start)))
                    .sorted()
                    .forEach(folders::add);
        }
        assertThat(folders).isNotEmpty();
        return folders.stream()
                .map(path -> DynamicTest.dynamicTest(path.getFileName().toString(), () -> passes(path)));
    }

    private void passes(Path given) throws IOException {
        ModelProto model = ModelProto.parseFrom(Files.readAllBytes(given.resolve("model.onnx")));
        Path data = given.resolve("test_data_set_0");
        ModelProto.Builder changed = model.toBuilder();
        changed.getGraphBuilder().clearInput();
        Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
        for (int i = 0; i < model.getGraph().getInputCount(); i++) {
            ValueInfoProto input = model.getGraph().getInput(i);
            Path file = data.resolve("input_" + i + ".pb");
            if (i == 0) {
                changed.getGraphBuilder().addInput(input);
                inputs.put(input.getName(), OnnxFile.readTensor(file));
            } else {
                changed.getGraphBuilder()
                        .addInitializer(TensorProto.parseFrom(Files.readAllBytes(file)).toBuilder()
                                .setName(input.getName()));
            }
        }
        Path file = Files.write(
                folder.resolve(given.getFileName() + ".onnx"), changed.build().toByteArray());
        Map<String, OnnxTensor> expected = new LinkedHashMap<>();
        for (int i = 0; i < model.getGraph().getOutputCount(); i++) {
            expected.put(
                    model.getGraph().getOutput(i).getName(), OnnxFile.readTensor(data.resolve("output_" + i + ".pb")));
        }
        OnnxOracle.assertNear(given.getFileName().toString(), OnnxOracle.gatefold("cpu", file, inputs), expected, 1e-5);
        try (Device device = Devices.named("cpu");
                Model loaded = OnnxModels.load(device, file);
                Context context = Context.inference(device)) {
            OnnxOracle.assertNear(
                    given.getFileName().toString(), OnnxOracle.run(loaded, context, inputs), expected, 1e-5);
        }
    }
}
