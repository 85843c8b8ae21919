package org.gatefold.exchange;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.file.Json;
import org.gatefold.file.Safetensors;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.model.Model;
import org.gatefold.model.Sequential;
import org.gatefold.tensor.Tensor;

/** Parameters, and flat tensors laid out like them, as entries of a safetensors file. Stateless. */
public final class Weights {
    private Weights() {}

    /** The model without its weights, as far as it can tell; its seed does not matter once there are weights. */
    public static JsonObject description(Model model) {
        if (!(model instanceof Sequential sequential)) {
            return new JsonObject();
        }
        JsonObject description = Json.tree(sequential.description()).getAsJsonObject();
        description.remove("seed");
        return description;
    }

    /** Adds one entry per parameter, taken from a flat tensor of the store's layout. */
    public static void add(List<Safetensors.Source> sources, String prefix, ParameterStore parameters, Tensor flat) {
        for (Parameter parameter : parameters.list()) {
            sources.add(new Safetensors.Source(prefix + parameter.name(), parameter.shape(), () -> part(parameter, flat)
                    .toFloats()));
        }
    }

    /** Writes all entries of a prefix to a flat tensor; nothing is written if one is missing or of another shape. */
    public static void restore(Safetensors file, String prefix, ParameterStore parameters, Tensor flat)
            throws IOException {
        List<float[]> values = new ArrayList<>();
        for (Parameter parameter : parameters.list()) {
            values.add(file.floats(prefix + parameter.name(), parameter.shape()));
        }
        for (int i = 0; i < values.size(); i++) {
            part(parameters.list().get(i), flat).write(values.get(i));
        }
    }

    private static Tensor part(Parameter parameter, Tensor flat) {
        return flat.part(parameter.name(), parameter.offset(), parameter.shape());
    }

    /**
     * Checks that a file is of the model.
     *
     * @param where names the file in the message
     * @param ours description of the model
     * @param saved description in the file
     * @throws CheckpointException naming the first difference
     */
    public static void requireSameModel(
            String where,
            JsonElement ours,
            JsonElement saved,
            ParameterStore parameters,
            Safetensors file,
            String prefix) {
        String difference = Json.firstDifference("model", ours, saved);
        if (difference == null) {
            difference = firstDifference(parameters, shapes(file, prefix));
        }
        if (difference != null) {
            throw new CheckpointException(where + ": is of another model: " + difference);
        }
    }

    private static String firstDifference(ParameterStore parameters, Map<String, String> saved) {
        Iterator<Map.Entry<String, String>> others = saved.entrySet().iterator();
        for (Parameter parameter : parameters.list()) {
            String ours = "'" + parameter.name() + "' " + parameter.shape();
            if (!others.hasNext()) {
                return "expected parameter " + ours + ", found none";
            }
            Map.Entry<String, String> other = others.next();
            String theirs = "'" + other.getKey() + "' " + other.getValue();
            if (!ours.equals(theirs)) {
                return "expected parameter " + ours + ", got " + theirs;
            }
        }
        return others.hasNext() ? "has a further parameter '" + others.next().getKey() + "'" : null;
    }

    /** Shapes by the names of the parameters, in the order of the file. */
    private static Map<String, String> shapes(Safetensors file, String prefix) {
        Map<String, String> shapes = new LinkedHashMap<>();
        for (Safetensors.Entry entry : file.entries()) {
            if (entry.name().startsWith(prefix)) {
                shapes.put(
                        entry.name().substring(prefix.length()), entry.shape().toString());
            }
        }
        return shapes;
    }
}
