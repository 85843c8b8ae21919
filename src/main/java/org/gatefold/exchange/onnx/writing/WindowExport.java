package org.gatefold.exchange.onnx.writing;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.gatefold.exchange.onnx.proto.AttributeProto;
import org.gatefold.exchange.onnx.writing.LayerExport.Place;
import org.gatefold.tensor.Form;

/** Writes convolutions, pooling and parts of sequences. One thread. */
final class WindowExport {
    /** The layers that it writes. */
    static final Set<String> TYPES = Set.of(
            "Conv1d",
            "Conv2d",
            "MaxPool1d",
            "AvgPool1d",
            "MaxPool2d",
            "AvgPool2d",
            "GlobalPooling",
            "TimePooling",
            "TimeSlice");

    private final OnnxMessages out;
    private final ExportedWeights weights;

    WindowExport(OnnxMessages out, ExportedWeights weights) {
        this.out = out;
        this.weights = weights;
    }

    String write(Place layer, String x) {
        return switch (layer.type()) {
            case "Conv1d", "MaxPool1d", "AvgPool1d" -> steps(layer, x);
            case "Conv2d", "MaxPool2d", "AvgPool2d" -> images(layer, x);
            case "GlobalPooling" ->
                out.node(
                        layer.text("pooling").equals("max") ? "ReduceMax" : "ReduceMean",
                        layer.name(),
                        List.of(x),
                        OnnxMessages.wholes("axes", List.of(-2L, -1L)),
                        OnnxMessages.whole("keepdims", 0));
            case "TimePooling" -> timePooling(layer, x);
            default -> timeSlice(layer, x);
        };
    }

    /** {@code [T, B, F]} as lines {@code [B, F, T]}, and back. */
    private String steps(Place layer, String x) {
        String name = layer.name();
        String lines = out.node("Transpose", name, List.of(x), OnnxMessages.wholes("perm", List.of(1L, 2L, 0L)));
        List<AttributeProto> attributes = new ArrayList<>();
        attributes.add(OnnxMessages.wholes("kernel_shape", List.of((long) layer.whole("kernel"))));
        attributes.add(OnnxMessages.wholes("strides", List.of((long) layer.whole("stride"))));
        int dilation = layer.type().equals("Conv1d") ? layer.whole("dilation") : 1;
        int around = dilation * (layer.whole("kernel") - 1);
        List<Long> pads =
                switch (layer.text("padding")) {
                    case "same" -> List.of((long) around / 2, (long) around - around / 2);
                    case "causal" -> List.of((long) around, 0L);
                    default -> List.of((long) layer.whole("before"), (long) layer.whole("after"));
                };
        attributes.add(OnnxMessages.wholes("pads", pads));
        String y = windows(layer, lines, attributes, List.of((long) dilation));
        return out.node("Transpose", name, List.of(y), OnnxMessages.wholes("perm", List.of(2L, 0L, 1L)));
    }

    private String images(Place layer, String x) {
        Form form = layer.in().withSequence(false);
        String given = layer.in().sequence() ? out.mergedSteps(layer.name(), x, form) : x;
        boolean convolves = layer.type().equals("Conv2d");
        long dilationHeight = convolves ? layer.whole("dilationHeight") : 1;
        long dilationWidth = convolves ? layer.whole("dilationWidth") : 1;
        long height = layer.whole("kernelHeight");
        long width = layer.whole("kernelWidth");
        List<Long> pads;
        if (layer.flag("same")) {
            long ofHeight = dilationHeight * (height - 1);
            long ofWidth = dilationWidth * (width - 1);
            pads = List.of(ofHeight / 2, ofWidth / 2, ofHeight - ofHeight / 2, ofWidth - ofWidth / 2);
        } else {
            long ofHeight = layer.whole("paddingHeight");
            long ofWidth = layer.whole("paddingWidth");
            pads = List.of(ofHeight, ofWidth, ofHeight, ofWidth);
        }
        List<AttributeProto> attributes = new ArrayList<>();
        attributes.add(OnnxMessages.wholes("kernel_shape", List.of(height, width)));
        attributes.add(OnnxMessages.wholes(
                "strides", List.of((long) layer.whole("strideHeight"), (long) layer.whole("strideWidth"))));
        attributes.add(OnnxMessages.wholes("pads", pads));
        String y = windows(layer, given, attributes, List.of(dilationHeight, dilationWidth));
        return layer.in().sequence() ? out.restoredSteps(layer.name(), y, x, 3) : y;
    }

    private String windows(Place layer, String x, List<AttributeProto> attributes, List<Long> dilations) {
        String name = layer.name();
        List<String> inputs = new ArrayList<>(List.of(x));
        String operator =
                layer.type().startsWith("Conv") ? "Conv" : layer.type().startsWith("Max") ? "MaxPool" : "AveragePool";
        if (operator.equals("Conv")) {
            attributes.add(OnnxMessages.wholes("dilations", dilations));
            attributes.add(OnnxMessages.whole("group", layer.whole("groups")));
            inputs.add(weights.of(name + ".w"));
            if (layer.flag("biased")) {
                inputs.add(weights.of(name + ".b"));
            }
        } else if (operator.equals("AveragePool")) {
            attributes.add(OnnxMessages.whole("count_include_pad", layer.flag("countPadding") ? 1 : 0));
        }
        return out.node(operator, name, inputs, attributes.toArray(AttributeProto[]::new));
    }

    private String timePooling(Place layer, String x) {
        String name = layer.name();
        return switch (layer.text("pooling")) {
            case "last" -> out.node("Gather", name, List.of(x, out.scalar(name, -1)), OnnxMessages.whole("axis", 0));
            case "max", "mean" ->
                out.node(
                        layer.text("pooling").equals("max") ? "ReduceMax" : "ReduceMean",
                        name,
                        List.of(x),
                        OnnxMessages.wholes("axes", List.of(0L)),
                        OnnxMessages.whole("keepdims", 0));
            default -> throw layer.refusal("the pooling '" + layer.text("pooling") + "' is not written to ONNX");
        };
    }

    private String timeSlice(Place layer, String x) {
        long count = layer.whole("count");
        return switch (layer.text("part")) {
            case "first" -> out.slice(layer.name(), x, 0, count, 1);
            case "last" -> out.slice(layer.name(), x, -count, Integer.MAX_VALUE, 1);
            default -> out.slice(layer.name(), x, 0, Integer.MAX_VALUE, count);
        };
    }
}
