package org.gatefold.exchange.onnx;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.gatefold.exchange.onnx.graph.OnnxTensor;
import org.gatefold.exchange.onnx.proto.AttributeProto;
import org.gatefold.exchange.onnx.proto.AttributeProto.AttributeType;
import org.gatefold.exchange.onnx.proto.GraphProto;
import org.gatefold.exchange.onnx.proto.ModelProto;
import org.gatefold.exchange.onnx.proto.NodeProto;
import org.gatefold.exchange.onnx.proto.OperatorSetIdProto;
import org.gatefold.exchange.onnx.proto.TensorProto;
import org.gatefold.exchange.onnx.writing.OnnxMessages;

/** Builds small ONNX files for tests. */
final class OnnxFiles {
    private final GraphProto.Builder graph = GraphProto.newBuilder().setName("test");
    private final Random random;
    private final int opset;

    OnnxFiles(int opset, long seed) {
        this.opset = opset;
        random = new Random(seed);
    }

    OnnxFiles input(String name, String... dims) {
        graph.addInput(OnnxMessages.value(name, TensorProto.DataType.FLOAT_VALUE, List.of(dims)));
        return this;
    }

    OnnxFiles wholeInput(String name, int type, String... dims) {
        graph.addInput(OnnxMessages.value(name, type, List.of(dims)));
        return this;
    }

    OnnxFiles output(String name, String... dims) {
        graph.addOutput(OnnxMessages.value(name, TensorProto.DataType.FLOAT_VALUE, List.of(dims)));
        return this;
    }

    /** Weights within ±0.5, as raw bytes. */
    OnnxFiles weights(String name, int... dims) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * OnnxTensor.count(dims)).order(ByteOrder.LITTLE_ENDIAN);
        TensorProto.Builder tensor = tensor(name, TensorProto.DataType.FLOAT, dims);
        while (bytes.hasRemaining()) {
            bytes.putFloat(random.nextFloat() - 0.5f);
        }
        graph.addInitializer(tensor.setRawData(ByteString.copyFrom(bytes.flip())));
        return this;
    }

    static TensorProto.Builder tensor(String name, TensorProto.DataType type, int... dims) {
        TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(type.getNumber());
        for (int dim : dims) {
            tensor.addDims(dim);
        }
        return tensor;
    }

    OnnxFiles tensor(TensorProto.Builder tensor) {
        graph.addInitializer(tensor);
        return this;
    }

    OnnxFiles wholes(String name, long... values) {
        TensorProto.Builder tensor = tensor(name, TensorProto.DataType.INT64, values.length);
        for (long value : values) {
            tensor.addInt64Data(value);
        }
        return tensor(tensor);
    }

    OnnxFiles node(String operator, String inputs, String outputs, AttributeProto... attributes) {
        graph.addNode(NodeProto.newBuilder()
                .setOpType(operator)
                .setName(operator + graph.getNodeCount())
                .addAllInput(names(inputs))
                .addAllOutput(names(outputs))
                .addAllAttribute(List.of(attributes)));
        return this;
    }

    private static List<String> names(String text) {
        return List.of(text.split(",", -1)).stream().map(String::strip).toList();
    }

    static AttributeProto of(String name, long value) {
        return attribute(name, AttributeType.INT).setI(value).build();
    }

    static AttributeProto of(String name, float value) {
        return attribute(name, AttributeType.FLOAT).setF(value).build();
    }

    static AttributeProto of(String name, String value) {
        return attribute(name, AttributeType.STRING)
                .setS(ByteString.copyFromUtf8(value))
                .build();
    }

    static AttributeProto of(String name, List<String> values) {
        AttributeProto.Builder made = attribute(name, AttributeType.STRINGS);
        values.forEach(value -> made.addStrings(ByteString.copyFromUtf8(value)));
        return made.build();
    }

    static AttributeProto wholes(String name, List<Integer> values) {
        AttributeProto.Builder made = attribute(name, AttributeType.INTS);
        values.forEach(made::addInts);
        return made.build();
    }

    static AttributeProto reals(String name, List<Float> values) {
        return attribute(name, AttributeType.FLOATS).addAllFloats(values).build();
    }

    private static AttributeProto.Builder attribute(String name, AttributeType type) {
        return AttributeProto.newBuilder().setName(name).setType(type);
    }

    ModelProto build() {
        return ModelProto.newBuilder()
                .setIrVersion(7)
                .setProducerName("test")
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(opset))
                .setGraph(graph)
                .build();
    }

    Path write(Path folder) throws IOException {
        return Files.write(folder.resolve("model.onnx"), build().toByteArray());
    }
}
