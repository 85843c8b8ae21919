package org.gatefold.exchange.onnx.writing;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.gatefold.exchange.onnx.proto.AttributeProto;
import org.gatefold.exchange.onnx.proto.AttributeProto.AttributeType;
import org.gatefold.exchange.onnx.proto.GraphProto;
import org.gatefold.exchange.onnx.proto.ModelProto;
import org.gatefold.exchange.onnx.proto.NodeProto;
import org.gatefold.exchange.onnx.proto.OperatorSetIdProto;
import org.gatefold.exchange.onnx.proto.TensorProto;
import org.gatefold.exchange.onnx.proto.TypeProto;
import org.gatefold.exchange.onnx.proto.ValueInfoProto;
import org.gatefold.tensor.Form;

/** Builds the messages of a file, with names that are not taken twice. One thread. */
public final class OnnxMessages {
    private static final int OPSET = 17;

    /** The version of the format that came with {@link #OPSET}. */
    private static final int VERSION = 8;

    private final GraphProto.Builder graph = GraphProto.newBuilder().setName("gatefold");
    private int made;

    /** A new name for a value. */
    String name(String of) {
        return of + "/" + made++;
    }

    /** Declares an input. */
    public void input(String name, int type, List<String> dims) {
        graph.addInput(value(name, type, dims));
    }

    /** Gives a value the name of an output. */
    public void output(String name, String value, List<String> dims) {
        node("Identity", List.of(value), List.of(name), List.of());
        graph.addOutput(value(name, TensorProto.DataType.FLOAT_VALUE, dims));
    }

    /** A value by element type and dimensions, numbers or names of open ones. */
    public static ValueInfoProto value(String name, int type, List<String> dims) {
        TypeProto.Tensor.Builder tensor = TypeProto.Tensor.newBuilder().setElemType(type);
        tensor.getShapeBuilder();
        for (String dim : dims) {
            if (Character.isDigit(dim.charAt(0))) {
                tensor.getShapeBuilder().addDimBuilder().setDimValue(Long.parseLong(dim));
            } else {
                tensor.getShapeBuilder().addDimBuilder().setDimParam(dim);
            }
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder().setTensorType(tensor))
                .build();
    }

    /** A node with one output, and the name of that. */
    public String node(String operator, String named, List<String> inputs, AttributeProto... attributes) {
        String output = name(named);
        node(operator, inputs, List.of(output), List.of(attributes));
        return output;
    }

    /** A node with outputs of given names. */
    public void node(String operator, List<String> inputs, List<String> outputs, List<AttributeProto> attributes) {
        graph.addNode(NodeProto.newBuilder()
                .setOpType(operator)
                .setName(outputs.get(0))
                .addAllInput(inputs)
                .addAllOutput(outputs)
                .addAllAttribute(attributes));
    }

    /** Real numbers as an initialiser. */
    String reals(String name, float[] values, int... dims) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(Float.BYTES, values.length))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return tensor(name, TensorProto.DataType.FLOAT_VALUE, bytes, dims);
    }

    /** Whole numbers as an initialiser. */
    String wholes(String named, long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(values);
        return tensor(name(named), TensorProto.DataType.INT64_VALUE, bytes, values.length);
    }

    /** One whole number without dimensions. */
    String scalar(String named, long value) {
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(value);
        return tensor(name(named), TensorProto.DataType.INT64_VALUE, bytes);
    }

    /** The same numbers under other dimensions; 0 leaves a dimension as it is. */
    String reshape(String named, String x, List<Long> dims) {
        return node(
                "Reshape",
                named,
                List.of(
                        x,
                        wholes(named, dims.stream().mapToLong(Long::longValue).toArray())));
    }

    /** A part of the first axis. */
    String slice(String named, String x, long start, long end, long step) {
        return node(
                "Slice",
                named,
                List.of(x, wholes(named, start), wholes(named, end), wholes(named, 0), wholes(named, step)));
    }

    /** Sequences {@code [T, B, …]} as rows {@code [T * B, …]} of a form. */
    String mergedSteps(String named, String x, Form form) {
        List<Long> dims = new ArrayList<>(List.of(-1L));
        form.dimensions().forEach(dim -> dims.add((long) dim));
        return reshape(named, x, dims);
    }

    /**
     * Rows {@code [T * B, …]} as sequences again.
     *
     * @param like has the steps and rows
     * @param rank dimensions of a row
     */
    String restoredSteps(String named, String rows, String like, int rank) {
        String lead = slice(named, node("Shape", named, List.of(like)), 0, 2, 1);
        String shape = node("Shape", named, List.of(rows));
        String rest = slice(named, shape, 1, 1L + rank, 1);
        return node("Reshape", named, List.of(rows, node("Concat", named, List.of(lead, rest), whole("axis", 0))));
    }

    private String tensor(String name, int type, ByteBuffer bytes, int... dims) {
        TensorProto.Builder tensor =
                TensorProto.newBuilder().setName(name).setDataType(type).setRawData(ByteString.copyFrom(bytes));
        for (int dim : dims) {
            tensor.addDims(dim);
        }
        graph.addInitializer(tensor);
        return name;
    }

    /** An attribute of one whole number. */
    public static AttributeProto whole(String name, long value) {
        return attribute(name, AttributeType.INT).setI(value).build();
    }

    static AttributeProto wholes(String name, List<Long> values) {
        return attribute(name, AttributeType.INTS).addAllInts(values).build();
    }

    static AttributeProto real(String name, float value) {
        return attribute(name, AttributeType.FLOAT).setF(value).build();
    }

    static AttributeProto reals(String name, List<Float> values) {
        return attribute(name, AttributeType.FLOATS).addAllFloats(values).build();
    }

    static AttributeProto text(String name, String value) {
        return attribute(name, AttributeType.STRING)
                .setS(ByteString.copyFromUtf8(value))
                .build();
    }

    static AttributeProto texts(String name, List<String> values) {
        AttributeProto.Builder attribute = attribute(name, AttributeType.STRINGS);
        values.forEach(value -> attribute.addStrings(ByteString.copyFromUtf8(value)));
        return attribute.build();
    }

    private static AttributeProto.Builder attribute(String name, AttributeType type) {
        return AttributeProto.newBuilder().setName(name).setType(type);
    }

    /** The whole file. */
    public ModelProto model() {
        return ModelProto.newBuilder()
                .setIrVersion(VERSION)
                .setProducerName("gatefold")
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPSET))
                .setGraph(graph)
                .build();
    }
}
