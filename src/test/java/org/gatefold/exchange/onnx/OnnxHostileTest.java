package org.gatefold.exchange.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.exchange.onnx.graph.OnnxTensor;
import org.gatefold.exchange.onnx.proto.StringStringEntryProto;
import org.gatefold.exchange.onnx.proto.TensorProto;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are damaged or lie: one clear message, and no memory for what they only claim. */
class OnnxHostileTest {
    @TempDir
    private Path folder;

    private static OnnxFiles small() {
        return new OnnxFiles(14, 1)
                .input("x", "time", "batch", "3")
                .weights("w", 1, 8, 3)
                .weights("r", 1, 8, 2)
                .node("LSTM", "x,w,r", "y,h", OnnxFiles.of("hidden_size", 2L))
                .wholes("axis", 0)
                .node("Squeeze", "h,axis", "row")
                .output("row", "batch", "2");
    }

    /** Either it is read, or the message is a line that names the file. */
    private void readOrRefuse(byte[] bytes) throws IOException {
        Path file = Files.write(folder.resolve("fuzzed.onnx"), bytes);
        try {
            OnnxModels.network(file);
        } catch (CheckpointException e) {
            assertThat(e.getMessage()).contains("fuzzed.onnx");
        }
    }

    @Test
    void readsOrRefusesWhatIsFuzzed() throws IOException {
        byte[] whole = small().build().toByteArray();
        Random random = new Random(1);
        for (int i = 0; i < whole.length; i += 3) {
            readOrRefuse(java.util.Arrays.copyOf(whole, i));
        }
        for (int i = 0; i < 1500; i++) {
            byte[] changed = whole.clone();
            for (int k = 0; k <= random.nextInt(3); k++) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
            }
            readOrRefuse(changed);
        }
    }

    private void refused(OnnxFiles file, String... parts) throws IOException {
        Path written = file.write(folder);
        assertThatThrownBy(() -> OnnxModels.network(written))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll(parts);
    }

    @Test
    void refusesCycles() throws IOException {
        refused(
                new OnnxFiles(14, 1)
                        .input("x", "batch", "2")
                        .node("Add", "x,b", "a")
                        .node("Relu", "a", "b")
                        .output("b", "batch", "2"),
                "depends on its own output");
    }

    @Test
    void refusesSizesThatAreNotThere() throws IOException {
        refused(
                small().tensor(OnnxFiles.tensor(
                        "huge", TensorProto.DataType.FLOAT, Integer.MAX_VALUE, Integer.MAX_VALUE)),
                "huge",
                "at most");
        refused(
                small().tensor(OnnxFiles.tensor("large", TensorProto.DataType.FLOAT, 1 << 30)
                        .setRawData(ByteString.copyFromUtf8("abcd"))),
                "large",
                "4294967296 bytes",
                "got 4");
        refused(
                new OnnxFiles(14, 1)
                        .input("x", "batch", "2")
                        .wholes("dims", 1 << 20, 1 << 20)
                        .node("ConstantOfShape", "dims", "zeros")
                        .node("Add", "x,zeros", "y")
                        .output("y", "batch", "2"),
                "ConstantOfShape",
                "at most");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../secret.bin", "/etc/passwd", "a/../../secret.bin", "missing.bin", ""})
    void refusesOtherFoldersData(String location) throws IOException {
        Path inner = Files.createDirectories(folder.resolve("inner"));
        Files.write(folder.resolve("secret.bin"), new byte[8]);
        Path file = Files.write(
                inner.resolve("model.onnx"),
                small().tensor(external(location)).build().toByteArray());
        assertThatThrownBy(() -> OnnxModels.network(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("external data");
    }

    private static TensorProto.Builder external(String location) {
        return OnnxFiles.tensor("outside", TensorProto.DataType.FLOAT, 2)
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(
                        StringStringEntryProto.newBuilder().setKey("location").setValue(location));
    }

    @Test
    void readsDataBesideTheModel() throws Exception {
        Files.write(folder.resolve("weights.bin"), new byte[] {0, 0, 0, 0, 0, 0, -128, 63, 0, 0, 0, 64});
        TensorProto.Builder tensor = external("weights.bin")
                .addExternalData(
                        StringStringEntryProto.newBuilder().setKey("offset").setValue("4"));
        Path file = new OnnxFiles(14, 1)
                .input("x", "batch", "2")
                .tensor(tensor)
                .node("Mul", "x,outside", "y")
                .output("y", "batch", "2")
                .write(folder);
        OnnxTensor x = OnnxTensor.of(new float[] {3, 4}, 1, 2);
        assertThat(OnnxOracle.gatefold("cpu", file, java.util.Map.of("x", x))
                        .get("y")
                        .floats())
                .containsExactly(3f, 8f);
    }

    @Test
    void refusesOutputsThatAreNotComputed() throws IOException {
        refused(
                new OnnxFiles(17, 1)
                        .input("x", "batch", "2")
                        .weights("gamma", 2)
                        .node("LayerNormalization", "x,gamma,", "y,mean")
                        .output("y", "batch", "2")
                        .output("mean", "batch", "1"),
                "output 'mean'");
        refused(
                new OnnxFiles(14, 1)
                        .wholeInput("ids", TensorProto.DataType.INT64_VALUE, "batch")
                        .wholes("by", 3)
                        .node("Mod", "ids,by", "y", OnnxFiles.of("fmod", 1L))
                        .output("y", "batch"),
                "operator Mod");
    }

    @Test
    void refusesOtherOpsets() throws IOException {
        for (int opset : List.of(6, 23)) {
            refused(new OnnxFiles(opset, 1).input("x", "batch", "2").output("x", "batch", "2"), "opset", "7 to 22");
        }
    }
}
