package org.gatefold.exchange.onnx;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.exchange.onnx.proto.ModelProto;
import org.gatefold.exchange.onnx.proto.TensorProto;
import org.gatefold.exchange.onnx.writing.ExportedWeights;
import org.gatefold.exchange.onnx.writing.LayerExport;
import org.gatefold.exchange.onnx.writing.OnnxMessages;
import org.gatefold.file.AtomicFile;
import org.gatefold.layer.LayerDescription;
import org.gatefold.model.GraphDescription;
import org.gatefold.model.Model;
import org.gatefold.tensor.ElementType;
import org.gatefold.tensor.Form;

/**
 * Writes models to ONNX files of opset 17: networks of layers that the format can say, for any number of rows and steps. Sequences are
 * time-major, {@code [time, batch, features]}, as here and in the format's recurrent operators. One use; one thread.
 *
 * <p>A layer that only trains otherwise, such as dropout, is written as what it does in inference. What the format cannot say is refused with
 * layer and reason.
 */
public final class OnnxExport {
    private static final String ROWS = "batch";
    private static final String STEPS = "time";

    private final Model model;
    private final OnnxMessages out = new OnnxMessages();
    private boolean lengths;
    private boolean states;

    private OnnxExport(Model model) {
        this.model = model;
    }

    /** Begins the export of a model. */
    public static OnnxExport of(Model model) {
        return new OnnxExport(model);
    }

    /** Adds an input {@code lengths [batch]} of 32-bit numbers: valid steps of each row, for all recurrent layers. */
    public OnnxExport withLengths() {
        lengths = true;
        return this;
    }

    /**
     * Adds states to the recurrent layers: inputs {@code NAME.h0} and, of an LSTM, {@code NAME.c0}, outputs {@code NAME.h} and {@code
     * NAME.c}, each {@code [layers x directions, batch, units]}.
     */
    public OnnxExport withStates() {
        states = true;
        return this;
    }

    /**
     * Writes the file, which is replaced as a whole.
     *
     * @throws CheckpointException if it cannot be written, or naming the layer that the format cannot say, with the reason
     */
    public void write(Path file) {
        try {
            ModelProto message = message();
            AtomicFile.write(file, message::writeTo);
        } catch (NoClassDefFoundError e) {
            throw OnnxModels.missing(file, e);
        } catch (IllegalArgumentException | IOException e) {
            throw new CheckpointException("model " + file + ": cannot be written: " + e.getMessage(), e);
        }
    }

    private ModelProto message() {
        if (!(model.network().description() instanceof GraphDescription graph)) {
            throw new IllegalArgumentException(
                    "expected a network of layers, got a module, whose forward pass no file describes");
        }
        // Where layers read states or a source, sequences may have different numbers of steps.
        boolean alike = graph.steps().stream().allMatch(step -> step.layer() == null || step.appliesToOne());
        Map<String, String> values = new HashMap<>();
        graph.inputs().forEach((name, form) -> {
            boolean ids = form.type() == ElementType.I32;
            out.input(
                    name,
                    ids ? TensorProto.DataType.INT32_VALUE : TensorProto.DataType.FLOAT_VALUE,
                    dims(form, alike ? STEPS : name + "." + STEPS));
            values.put(name, name);
        });
        if (lengths) {
            out.input("lengths", TensorProto.DataType.INT32_VALUE, List.of(ROWS));
        }
        Map<String, LayerDescription> layers = new HashMap<>();
        graph.layers().forEach(layer -> layers.put(layer.name(), layer));
        LayerExport export = new LayerExport(out, new ExportedWeights(out, model.parameters()), lengths, states);
        for (GraphDescription.Step step : graph.steps()) {
            List<String> of = step.of().stream().map(values::get).toList();
            String value = step.merge() != null
                    ? merged(step, of)
                    : step.layer() == null
                            ? export.state(of.get(0), step.state())
                            : export.write(place(layers.get(step.layer())), of.get(0), of.subList(1, of.size()));
            values.put(step.name(), value);
        }
        graph.outputs()
                .forEach((name, value) -> out.output(
                        name, values.get(value), dims(model.outputs().get(name), alike ? STEPS : name + "." + STEPS)));
        export.writeStates();
        return out.model();
    }

    private String merged(GraphDescription.Step step, List<String> of) {
        return switch (step.merge()) {
            case ADD -> chained("Add", step.name(), of);
            case MULTIPLY -> chained("Mul", step.name(), of);
            case SUBTRACT -> out.node("Sub", step.name(), of);
            case AVERAGE -> out.node("Mean", step.name(), of);
            case MAXIMUM -> out.node("Max", step.name(), of);
            case MINIMUM -> out.node("Min", step.name(), of);
            case GATHER, REPEAT ->
                throw new CheckpointException("'" + step.name() + "': "
                        + step.merge().name().toLowerCase(Locale.ROOT) + "s steps, which is not written");
            case CONCATENATE -> out.node("Concat", step.name(), of, OnnxMessages.whole("axis", -1));
        };
    }

    private LayerExport.Place place(LayerDescription layer) {
        return new LayerExport.Place(
                layer.name(),
                layer.type(),
                layer.options(),
                model.layer(layer.name()).input());
    }

    private String chained(String operator, String name, List<String> of) {
        String value = of.get(0);
        for (String next : of.subList(1, of.size())) {
            value = out.node(operator, name, List.of(value, next));
        }
        return value;
    }

    private static List<String> dims(Form form, String steps) {
        List<String> dims = new ArrayList<>();
        if (form.sequence()) {
            dims.add(steps);
        }
        dims.add(ROWS);
        form.dimensions().forEach(dim -> dims.add(String.valueOf(dim)));
        return dims;
    }
}
