package org.gatefold.benchmarks.onnxruntime;

/**
 * A graph of the Open Neural Network Exchange format under construction. Field numbers are those of onnx.proto3. Mutable;
 * for one thread.
 */
final class OnnxGraph {
    private static final int IR_VERSION = 8;
    private static final int OPSET = 14;
    private static final int FLOAT = 1;
    private static final int INT64 = 7;
    private static final int ATTRIBUTE_INT = 2;
    private static final int ATTRIBUTE_STRING = 3;
    private static final int ATTRIBUTE_INTS = 7;

    private final ProtoWriter graph = new ProtoWriter();

    OnnxGraph(String name) {
        graph.text(2, name);
    }

    /** A node; an empty input name leaves that input out. */
    void node(String operation, String[] inputs, String[] outputs, ProtoWriter... attributes) {
        ProtoWriter node = new ProtoWriter();
        for (String input : inputs) {
            node.text(1, input);
        }
        for (String output : outputs) {
            node.text(2, output);
        }
        node.text(4, operation);
        for (ProtoWriter attribute : attributes) {
            node.message(5, attribute);
        }
        graph.message(1, node);
    }

    static ProtoWriter attribute(String name, long value) {
        return new ProtoWriter().text(1, name).integer(3, value).integer(20, ATTRIBUTE_INT);
    }

    static ProtoWriter attribute(String name, String value) {
        return new ProtoWriter().text(1, name).text(4, value).integer(20, ATTRIBUTE_STRING);
    }

    static ProtoWriter attribute(String name, long... values) {
        ProtoWriter attribute = new ProtoWriter().text(1, name);
        for (long value : values) {
            attribute.integer(8, value);
        }
        return attribute.integer(20, ATTRIBUTE_INTS);
    }

    void constant(String name, float[] values, long... dims) {
        graph.message(5, tensor(name, FLOAT, dims).floats(9, values));
    }

    void constant(String name, long... values) {
        graph.message(5, tensor(name, INT64, values.length).longs(9, values));
    }

    private static ProtoWriter tensor(String name, int type, long... dims) {
        ProtoWriter tensor = new ProtoWriter();
        for (long dim : dims) {
            tensor.integer(1, dim);
        }
        return tensor.integer(2, type).text(8, name);
    }

    void input(String name, long... dims) {
        graph.message(11, valueInfo(name, dims));
    }

    void output(String name, long... dims) {
        graph.message(12, valueInfo(name, dims));
    }

    private static ProtoWriter valueInfo(String name, long... dims) {
        ProtoWriter shape = new ProtoWriter();
        for (long dim : dims) {
            shape.message(1, new ProtoWriter().integer(1, dim));
        }
        ProtoWriter tensor = new ProtoWriter().integer(1, FLOAT).message(2, shape);
        return new ProtoWriter().text(1, name).message(2, new ProtoWriter().message(1, tensor));
    }

    byte[] toModel() {
        return new ProtoWriter()
                .integer(1, IR_VERSION)
                .text(2, "gatefold-benchmarks")
                .message(7, graph)
                .message(8, new ProtoWriter().text(1, "").integer(2, OPSET))
                .toBytes();
    }
}
