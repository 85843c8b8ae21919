package org.gatefold.exchange.onnx.graph;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.gatefold.exchange.onnx.proto.AttributeProto;
import org.gatefold.exchange.onnx.proto.GraphProto;
import org.gatefold.exchange.onnx.proto.ModelProto;
import org.gatefold.exchange.onnx.proto.NodeProto;
import org.gatefold.exchange.onnx.proto.OperatorSetIdProto;
import org.gatefold.exchange.onnx.proto.StringStringEntryProto;
import org.gatefold.exchange.onnx.proto.TensorProto;
import org.gatefold.exchange.onnx.proto.TensorShapeProto;
import org.gatefold.exchange.onnx.proto.ValueInfoProto;

/**
 * Reads a file's messages into an {@link OnnxGraph}; what the file claims is compared with what it holds before memory is taken for it.
 * One thread; holds nothing open.
 */
public final class OnnxFile {
    /** Nested graphs and their messages; the libraries' own limit is 100. */
    private static final int MOST_NESTED = 64;

    private static final int OLDEST_OPSET = 7;
    private static final int NEWEST_OPSET = 22;

    private final Path file;
    private int opset;

    private OnnxFile(Path file) {
        this.file = file;
    }

    /**
     * The graph of a file.
     *
     * @throws IllegalArgumentException if the file contradicts itself or has what is not supported
     */
    public static OnnxGraph read(Path file) throws IOException {
        long size = Files.size(file);
        if (size > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException(
                    "expected less than 2 GiB, as messages have at most, with larger weights in external files, got "
                            + size + " bytes");
        }
        ModelProto model;
        try {
            CodedInputStream in = CodedInputStream.newInstance(ByteBuffer.wrap(Files.readAllBytes(file)));
            in.setRecursionLimit(MOST_NESTED);
            model = ModelProto.parseFrom(in);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("is no ONNX model, or damaged: " + e.getMessage(), e);
        }
        return new OnnxFile(file).model(model);
    }

    /** A tensor of a file of its own, as test data have. */
    public static OnnxTensor readTensor(Path file) throws IOException {
        return new OnnxFile(file).tensor(TensorProto.parseFrom(Files.readAllBytes(file)));
    }

    private OnnxGraph model(ModelProto model) {
        if (!model.hasGraph()) {
            throw new IllegalArgumentException("is no ONNX model: it has no graph");
        }
        if (model.getFunctionsCount() > 0) {
            throw new IllegalArgumentException(
                    "function '" + model.getFunctions(0).getName() + "': functions of a model's own are not supported");
        }
        opset = model.getOpsetImportList().stream()
                .filter(set -> set.getDomain().isEmpty() || set.getDomain().equals("ai.onnx"))
                .mapToLong(OperatorSetIdProto::getVersion)
                .mapToInt(version -> (int) Math.min(Integer.MAX_VALUE, version))
                .max()
                .orElse(1);
        if (opset < OLDEST_OPSET || opset > NEWEST_OPSET) {
            throw new IllegalArgumentException(
                    "opset: expected " + OLDEST_OPSET + " to " + NEWEST_OPSET + ", got " + opset);
        }
        return graph(model.getGraph(), Set.of());
    }

    private OnnxGraph graph(GraphProto graph, Set<String> outer) {
        if (graph.getSparseInitializerCount() > 0) {
            throw new IllegalArgumentException("sparse initialisers are not supported");
        }
        Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
        Set<String> known = new HashSet<>(outer);
        for (TensorProto tensor : graph.getInitializerList()) {
            requireNew(known, "initialiser", tensor.getName());
            try {
                tensors.put(tensor.getName(), tensor(tensor));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("initialiser '" + tensor.getName() + "': " + e.getMessage(), e);
            }
        }
        List<OnnxGraph.Input> inputs = new ArrayList<>();
        for (ValueInfoProto input : graph.getInputList()) {
            // Files of early versions list initialisers as inputs too.
            if (!tensors.containsKey(input.getName())) {
                requireNew(known, "input", input.getName());
                inputs.add(input(input));
            }
        }
        List<OnnxNode> nodes = ordered(graph.getNodeList(), known);
        List<String> outputs =
                graph.getOutputList().stream().map(ValueInfoProto::getName).toList();
        for (String output : outputs) {
            if (!known.contains(output)) {
                throw new IllegalArgumentException("output '" + output + "': is computed by no node");
            }
        }
        return new OnnxGraph(inputs, outputs, nodes, tensors, opset);
    }

    private static void requireNew(Set<String> known, String what, String name) {
        if (name.isEmpty() || !known.add(name)) {
            throw new IllegalArgumentException(what + " '" + name + "': expected a name that no other value has");
        }
    }

    /** The nodes, each behind those that it reads, also if the file has them in another order. */
    private List<OnnxNode> ordered(List<NodeProto> given, Set<String> known) {
        List<OnnxNode> nodes = new ArrayList<>();
        Map<String, Integer> makers = new HashMap<>();
        for (int i = 0; i < given.size(); i++) {
            for (String output : given.get(i).getOutputList()) {
                if (!output.isEmpty() && (known.contains(output) || makers.put(output, i) != null)) {
                    throw new IllegalArgumentException("value '" + output + "': is computed twice");
                }
            }
        }
        Map<Integer, Integer> missing = new HashMap<>();
        Map<Integer, List<Integer>> readers = new HashMap<>();
        List<Integer> ready = new ArrayList<>();
        for (int i = 0; i < given.size(); i++) {
            Set<Integer> before = reads(given.get(i)).stream()
                    .filter(makers::containsKey)
                    .map(makers::get)
                    .collect(Collectors.toSet());
            missing.put(i, before.size());
            int node = i;
            before.forEach(maker ->
                    readers.computeIfAbsent(maker, m -> new ArrayList<>()).add(node));
            if (before.isEmpty()) {
                ready.add(i);
            }
        }
        for (int next = 0; next < ready.size(); next++) {
            int index = ready.get(next);
            nodes.add(node(given.get(index), known));
            for (int reader : readers.getOrDefault(index, List.of())) {
                if (missing.merge(reader, -1, Integer::sum) == 0) {
                    ready.add(reader);
                }
            }
        }
        if (nodes.size() < given.size()) {
            NodeProto stuck = given.stream()
                    .filter(node -> node.getOutputList().stream().noneMatch(known::contains))
                    .findFirst()
                    .orElseThrow();
            throw new IllegalArgumentException(
                    "node '" + label(stuck) + "' (operator " + stuck.getOpType() + "): depends on its own output");
        }
        return nodes;
    }

    private static List<String> reads(NodeProto node) {
        List<String> names = new ArrayList<>(node.getInputList());
        for (AttributeProto attribute : node.getAttributeList()) {
            if (attribute.hasG()) {
                attribute.getG().getNodeList().forEach(inner -> names.addAll(reads(inner)));
                attribute.getG().getOutputList().forEach(output -> names.add(output.getName()));
            }
        }
        return names;
    }

    private static String label(NodeProto node) {
        return !node.getName().isEmpty() || node.getOutputCount() == 0 ? node.getName() : node.getOutput(0);
    }

    private OnnxNode node(NodeProto node, Set<String> known) {
        String label = "node '" + label(node) + "' (operator " + node.getOpType() + ")";
        if (!node.getDomain().isEmpty() && !node.getDomain().equals("ai.onnx")) {
            throw new IllegalArgumentException(
                    label + ": operators of domain '" + node.getDomain() + "' are not supported");
        }
        for (String input : node.getInputList()) {
            if (!input.isEmpty() && !known.contains(input)) {
                throw new IllegalArgumentException(label + ": reads '" + input + "', which nothing computes");
            }
        }
        Map<String, Object> attributes = new LinkedHashMap<>();
        for (AttributeProto attribute : node.getAttributeList()) {
            try {
                attributes.put(attribute.getName(), attribute(attribute, known));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(label + ": " + attribute.getName() + ": " + e.getMessage(), e);
            }
        }
        node.getOutputList().stream().filter(output -> !output.isEmpty()).forEach(known::add);
        return new OnnxNode(node.getOpType(), label(node), node.getInputList(), node.getOutputList(), attributes);
    }

    private Object attribute(AttributeProto attribute, Set<String> known) {
        if (!attribute.getRefAttrName().isEmpty()) {
            throw new IllegalArgumentException("refers to an attribute of a function, which there is none of");
        }
        return switch (attribute.getType()) {
            case FLOAT -> attribute.getF();
            case INT -> attribute.getI();
            case STRING -> attribute.getS().toStringUtf8();
            case TENSOR -> tensor(attribute.getT());
            case GRAPH -> graph(attribute.getG(), known);
            case FLOATS -> {
                float[] values = new float[attribute.getFloatsCount()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = attribute.getFloats(i);
                }
                yield values;
            }
            case INTS ->
                attribute.getIntsList().stream().mapToLong(Long::longValue).toArray();
            case STRINGS ->
                attribute.getStringsList().stream()
                        .map(ByteString::toStringUtf8)
                        .toList();
            default ->
                throw new IllegalArgumentException(
                        "attributes of type " + attribute.getTypeValue() + " are not supported");
        };
    }

    private static OnnxGraph.Input input(ValueInfoProto input) {
        if (!input.getType().hasTensorType()) {
            throw new IllegalArgumentException("input '" + input.getName() + "': expected a tensor");
        }
        List<String> dimensions = new ArrayList<>();
        if (!input.getType().getTensorType().hasShape()) {
            throw new IllegalArgumentException(
                    "input '" + input.getName() + "': expected to be told how many dimensions it has");
        }
        for (TensorShapeProto.Dimension dim :
                input.getType().getTensorType().getShape().getDimList()) {
            if (dim.hasDimValue() && dim.getDimValue() > 0) {
                dimensions.add(String.valueOf(intOf("input '" + input.getName() + "'", dim.getDimValue())));
            } else {
                String name = dim.getDimParam();
                dimensions.add(!name.isEmpty() && Character.isDigit(name.charAt(0)) ? "_" + name : name);
            }
        }
        try {
            return new OnnxGraph.Input(
                    input.getName(),
                    HostOperators.castType(input.getType().getTensorType().getElemType()),
                    dimensions);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("input '" + input.getName() + "': " + e.getMessage(), e);
        }
    }

    private static int intOf(String what, long dim) {
        if (dim < 0 || dim > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    what + ": expected a size of 0 to " + Integer.MAX_VALUE + ", got " + dim);
        }
        return (int) dim;
    }

    private OnnxTensor tensor(TensorProto tensor) {
        int[] dims = tensor.getDimsList().stream()
                .mapToInt(dim -> intOf("dims", dim))
                .toArray();
        int count = OnnxTensor.count(dims);
        TensorProto.DataType type = TensorProto.DataType.forNumber(tensor.getDataType());
        if (type == null) {
            throw new IllegalArgumentException("numbers of type " + tensor.getDataType() + " are not supported");
        }
        if (tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
            return raw(type, external(tensor, (long) count * bytes(type)), dims);
        }
        if (!tensor.getRawData().isEmpty()) {
            return raw(type, tensor.getRawData().asReadOnlyByteBuffer(), dims);
        }
        return switch (type) {
            case FLOAT -> floats(dims, tensor.getFloatDataCount(), tensor::getFloatData);
            case DOUBLE -> floats(dims, tensor.getDoubleDataCount(), i -> (float) tensor.getDoubleData(i));
            case FLOAT16 -> floats(dims, tensor.getInt32DataCount(), i -> half((short) tensor.getInt32Data(i)));
            case BFLOAT16 ->
                floats(dims, tensor.getInt32DataCount(), i -> Float.intBitsToFloat(tensor.getInt32Data(i) << 16));
            case INT64 -> longs(dims, tensor.getInt64DataCount(), tensor::getInt64Data);
            case UINT32, UINT64 -> longs(dims, tensor.getUint64DataCount(), tensor::getUint64Data);
            case INT8, UINT8, INT16, UINT16, INT32 ->
                longs(dims, tensor.getInt32DataCount(), i -> (long) tensor.getInt32Data(i));
            case BOOL -> {
                OnnxTensor flags = longs(dims, tensor.getInt32DataCount(), i -> tensor.getInt32Data(i) == 0 ? 0L : 1L);
                yield OnnxTensor.ofFlags(flags.longs(), dims);
            }
            default -> throw new IllegalArgumentException("numbers of type " + type + " are not supported");
        };
    }

    private static OnnxTensor floats(int[] dims, int given, IntFunction<Float> source) {
        requireGiven(dims, given);
        float[] values = new float[given];
        for (int i = 0; i < given; i++) {
            values[i] = source.apply(i);
        }
        return OnnxTensor.of(values, dims);
    }

    private static OnnxTensor longs(int[] dims, int given, IntFunction<Long> source) {
        requireGiven(dims, given);
        long[] values = new long[given];
        for (int i = 0; i < given; i++) {
            values[i] = source.apply(i);
        }
        return OnnxTensor.of(values, dims);
    }

    private static void requireGiven(int[] dims, int given) {
        if (OnnxTensor.count(dims) != given) {
            throw new IllegalArgumentException(
                    "expected " + OnnxTensor.count(dims) + " numbers for " + OnnxTensor.text(dims) + ", got " + given);
        }
    }

    private static int bytes(TensorProto.DataType type) {
        return switch (type) {
            case BOOL, INT8, UINT8 -> 1;
            case FLOAT16, BFLOAT16, INT16, UINT16 -> 2;
            case FLOAT, INT32, UINT32 -> 4;
            case DOUBLE, INT64, UINT64 -> 8;
            default -> throw new IllegalArgumentException("numbers of type " + type + " are not supported");
        };
    }

    private static OnnxTensor raw(TensorProto.DataType type, ByteBuffer data, int... dims) {
        ByteBuffer in = data.order(ByteOrder.LITTLE_ENDIAN);
        int size = bytes(type);
        int count = OnnxTensor.count(dims);
        if ((long) count * size != in.remaining()) {
            throw new IllegalArgumentException("expected " + (long) count * size + " bytes for " + type + " "
                    + OnnxTensor.text(dims) + ", got " + in.remaining());
        }
        int start = in.position();
        return switch (type) {
            case FLOAT -> floats(dims, count, i -> in.getFloat(start + 4 * i));
            case DOUBLE -> floats(dims, count, i -> (float) in.getDouble(start + 8 * i));
            case FLOAT16 -> floats(dims, count, i -> half(in.getShort(start + 2 * i)));
            case BFLOAT16 -> floats(dims, count, i -> Float.intBitsToFloat(in.getShort(start + 2 * i) << 16));
            case INT64, UINT64 -> longs(dims, count, i -> in.getLong(start + 8 * i));
            case INT32 -> longs(dims, count, i -> (long) in.getInt(start + 4 * i));
            case UINT32 -> longs(dims, count, i -> Integer.toUnsignedLong(in.getInt(start + 4 * i)));
            case INT16 -> longs(dims, count, i -> (long) in.getShort(start + 2 * i));
            case UINT16 -> longs(dims, count, i -> (long) Short.toUnsignedInt(in.getShort(start + 2 * i)));
            case INT8 -> longs(dims, count, i -> (long) in.get(start + i));
            case UINT8 -> longs(dims, count, i -> (long) Byte.toUnsignedInt(in.get(start + i)));
            default ->
                OnnxTensor.ofFlags(
                        longs(dims, count, i -> in.get(start + i) == 0 ? 0L : 1L)
                                .longs(),
                        dims);
        };
    }

    /** IEEE 754 half precision. */
    private static float half(short bits) {
        int exponent = bits >> 10 & 0x1f;
        int mantissa = bits & 0x3ff;
        float size = exponent == 0
                ? mantissa * 0x1p-24f
                : exponent == 0x1f
                        ? (mantissa == 0 ? Float.POSITIVE_INFINITY : Float.NaN)
                        : (1024 + mantissa) * (float) Math.scalb(1.0, exponent - 25);
        return bits < 0 ? -size : size;
    }

    /** Numbers in a file beside the model's, which may be no other than one in the same folder or below. */
    private ByteBuffer external(TensorProto tensor, long bytes) {
        Map<String, String> where = new HashMap<>();
        for (StringStringEntryProto entry : tensor.getExternalDataList()) {
            where.put(entry.getKey(), entry.getValue());
        }
        String location = where.getOrDefault("location", "");
        try {
            Path folder = file.toAbsolutePath().getParent().toRealPath();
            Path data = folder.resolve(location);
            boolean inside = !location.isEmpty()
                    && !Path.of(location).isAbsolute()
                    && data.normalize().startsWith(folder)
                    && !location.contains("..")
                    && data.toRealPath().startsWith(folder);
            if (!inside) {
                throw new IllegalArgumentException(
                        "external data: expected a file in the model's folder, got '" + location + "'");
            }
            long offset = Long.parseLong(where.getOrDefault("offset", "0"));
            long length = Long.parseLong(where.getOrDefault("length", String.valueOf(bytes)));
            long size = Files.size(data);
            if (offset < 0 || length != bytes || offset > size - length) {
                throw new IllegalArgumentException("external data: expected " + bytes + " bytes within the " + size
                        + " of '" + location + "', got " + length + " from " + offset + " on");
            }
            ByteBuffer buffer = ByteBuffer.allocate(Math.toIntExact(bytes));
            try (FileChannel channel = FileChannel.open(data, StandardOpenOption.READ)) {
                int read = 0;
                while (read >= 0 && buffer.hasRemaining()) {
                    read = channel.read(buffer, offset + buffer.position());
                }
            }
            return buffer.flip();
        } catch (IOException | NumberFormatException | ArithmeticException | java.nio.file.InvalidPathException e) {
            throw new IllegalArgumentException(
                    "external data: '" + location + "' cannot be read: " + e.getMessage(), e);
        }
    }
}
