package org.gatefold.exchange.deeplearning4j;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.tensor.Form;

/**
 * What the inputs of a model are like, by what reads them: Deeplearning4j writes down no shapes of inputs. The height and width of images are
 * counted back from where they become vectors, of all that lead there those that windows and strides divide without a rest. Immutable.
 */
final class InputForms {
    private static final Set<String> OF_STEPS = Set.of(
            "lstm",
            "graveslstm",
            "gravesbidirectionallstm",
            "simplernn",
            "bidirectional",
            "lasttimestep",
            "convolution1d",
            "rnnoutput",
            "timedistributed");

    private static final Set<String> WRAPPERS =
            Set.of("frozen", "frozenlayerwithbackprop", "timedistributed", "lasttimestep", "bidirectional");

    private final JsonObject vertices;
    private final JsonObject sources;

    /** Of a graph. */
    InputForms(JsonObject vertices, JsonObject sources) {
        this.vertices = vertices;
        this.sources = sources;
    }

    /** Of layers one after the other. */
    static Form of(List<LayerConfig> layers, List<LayerConfig> before) {
        LayerConfig first = layers.get(0);
        LayerConfig core = core(first, 0);
        if (!isImage(core) || before.get(0) != null) {
            return form(first, before.get(0));
        }
        for (int i = 1; i < layers.size(); i++) {
            LayerConfig processor = before.get(i);
            if (processor != null && processor.kind().equals("cnntofeedforward")) {
                int height = processor.size("inputHeight");
                int width = processor.size("inputWidth");
                for (int k = i - 1; k >= 0; k--) {
                    height = before(layers.get(k), 0, height);
                    width = before(layers.get(k), 1, width);
                }
                return Form.rows(core.size("nin"), height, width);
            }
        }
        throw first.refused("reads images, of which the file says no size; say the form of the input");
    }

    private static boolean isImage(LayerConfig core) {
        return core.kind().equals("convolution") || core.kind().equals("convolution2d");
    }

    /** Rows or columns that give so many, without a rest. */
    private static int before(LayerConfig wrapped, int axis, int outputs) {
        LayerConfig layer = core(wrapped, 0);
        if (layer.kind().equals("zeropadding")) {
            List<Integer> sides = layer.integers("padding", 4, 0);
            return outputs - sides.get(2 * axis) - sides.get(2 * axis + 1);
        }
        if (!isImage(layer) && !layer.kind().equals("subsampling")) {
            return outputs;
        }
        int usual = isImage(layer) ? 1 : 2;
        int stride = layer.integers("stride", 2, usual).get(axis);
        if (layer.text("convolutionMode", "Truncate").equals("Same")) {
            return Math.multiplyExact(outputs, stride);
        }
        int kernel = layer.integers("kernelSize", 2, isImage(layer) ? 5 : 1).get(axis);
        int span = layer.integers("dilation", 2, 1).get(axis) * (kernel - 1) + 1;
        return Math.addExact(Math.multiplyExact(outputs - 1, stride), span)
                - 2 * layer.integers("padding", 2, 0).get(axis);
    }

    private static LayerConfig core(LayerConfig layer, int depth) {
        String inner =
                switch (layer.kind()) {
                    case "frozen" -> "layer";
                    case "frozenlayerwithbackprop", "timedistributed", "lasttimestep" -> "underlying";
                    case "bidirectional" -> "fwd";
                    default -> "";
                };
        return inner.isEmpty() || depth > WRAPPERS.size() ? layer : core(layer.inner(inner), depth + 1);
    }

    private static Form form(LayerConfig layer, LayerConfig before) {
        LayerConfig core = core(layer, 0);
        String changed = before == null ? "" : before.kind();
        if (changed.equals("feedforwardtocnn")) {
            return Form.rows(Math.multiplyExact(
                    before.size("numChannels"),
                    Math.multiplyExact(before.size("inputHeight"), before.size("inputWidth"))));
        }
        boolean steps =
                OF_STEPS.contains(layer.kind()) || OF_STEPS.contains(core.kind()) || changed.equals("rnntofeedforward");
        if (core.kind().equals("embeddingsequence")) {
            return Form.tokens();
        }
        if (core.kind().equals("embedding")) {
            return steps ? Form.tokens() : Form.ids();
        }
        if (changed.equals("rnntocnn")) {
            return Form.sequences(before.size("numChannels") * before.size("inputHeight") * before.size("inputWidth"));
        }
        if (!changed.isEmpty() && !changed.equals("rnntofeedforward") && !changed.equals("feedforwardtornn")) {
            throw before.refused("changes an input whose form the file does not say; say the form of the input");
        }
        if (!core.has("nin") || core.integer("nin") < 1) {
            throw layer.refused("reads an input whose size the file does not say; say the form of the input");
        }
        int size = core.size("nin");
        return steps && !changed.equals("feedforwardtornn") ? Form.sequences(size) : Form.rows(size);
    }

    /** Of an input of a graph. */
    Form of(String input) {
        for (Map.Entry<String, JsonElement> entry : vertices.entrySet()) {
            boolean reads = sources.get(entry.getKey()) instanceof JsonArray names
                    && names.asList().stream()
                            .anyMatch(name -> name.getAsString().equals(input));
            LayerConfig vertex = reads ? LayerConfig.of(entry.getValue(), entry.getKey()) : null;
            if (vertex != null && vertex.type().equals("LayerVertex")) {
                JsonElement before = vertex.values().get("preProcessor");
                LayerConfig layer = LayerConfig.of(
                        vertex.values().getAsJsonObject("layerConf").get("layer"), entry.getKey());
                if (isImage(core(layer, 0)) && (before == null || before.isJsonNull())) {
                    throw layer.refused("reads images, of which the file says no size; say the form of the input");
                }
                return form(
                        layer, before == null || before.isJsonNull() ? null : LayerConfig.of(before, entry.getKey()));
            }
        }
        throw new CheckpointException(
                "input '" + input + "': no layer reads it, and the file says no size; say its form");
    }
}
